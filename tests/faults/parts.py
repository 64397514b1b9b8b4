"""The parts of an installation as processes that can be killed: a vendor, a gateway, and Redis beside them."""

import contextlib
import json
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from emulators.registry import load
from gateway.callers import hash_key
from tests.cache.redis_server import RedisServer
from tests.cli.processes import COMMAND, ROOT, Running, environment, free_port, started
from tests.faults.lasting import bodies

KEY: Final = "test-key-of-a-patient-writer"
VENDOR: Final = "noxus"
LASTING_REDIS: Final = ("--appendonly", "yes")
"""What is written outlives the process: the log is appended before the answer is given."""


class Part:
    """One process; started again it is at the same address."""

    def __init__(self, command: tuple[str, ...], ready: str, env: dict[str, str] | None = None) -> None:
        self._command = command
        self._ready = ready
        self._env = env
        self._stack = ExitStack()
        self.running: Running

    def start(self) -> None:
        """Start it and wait until it answers."""
        self.running = self._stack.enter_context(
            started(self._command, ROOT, environment(**(self._env or {})))
        )
        self.running.wait_for(self._ready)

    def kill(self) -> None:
        """End it as the system does when memory runs out: at once."""
        self.running.process.kill()
        self.running.process.wait(20)

    def close(self) -> None:
        """End it, however it is."""
        self._stack.close()


class GatewayPart(Part):
    """A gateway of one process or of several workers."""

    def workers(self) -> list[int]:
        """Return the process ids of the workers that were started so far."""
        events = (json.loads(line) for line in self.running.lines if '"worker started"' in line)
        return [event["process"] for event in events if event["event"] == "worker started"]

    def kill_worker(self, number: int) -> None:
        """Kill one worker and wait until another one stands in its place."""
        os.kill(self.workers()[number], signal.SIGKILL)
        self.running.wait_for("worker died")
        self.running.wait_for("worker started")


@dataclass(frozen=True)
class Installation:
    """What runs.

    Attributes:
        vendor: an emulator that keeps what it changed.
        gateway: in front of it.
        redis: where idempotency keys are remembered.
        url: of the gateway.
        vendor_url: of the emulator.
        ledger: what the vendor changed.
    """

    vendor: Part
    gateway: GatewayPart
    redis: RedisServer
    url: str
    vendor_url: str
    ledger: Path

    @property
    def flows(self) -> str:
        """The path of the workflows."""
        return "/v1/connections/flows/workflows"

    def made(self) -> list[str]:
        """Return the names of the workflows that the vendor made, one for each time it made one."""
        return [body["name"] for body in bodies(self.ledger) if body is not None and "name" in body]


@contextlib.contextmanager
def installed(folder: Path, *, workers: int) -> Iterator[Installation]:
    """Run a vendor, Redis and a gateway."""
    vendor_port, port = free_port(), free_port()
    ledger, config = folder / "ledger", folder / "gateway.yaml"
    lasting = ("-m", "tests.faults.lasting", VENDOR, str(vendor_port), str(ledger))
    vendor = Part((sys.executable, *lasting), "serving")
    serve = (*COMMAND, "serve", "--config", str(config), "--workers", str(workers))
    gateway = GatewayPart(serve, '"event": "listening"', {"FLOWS_KEY": load(VENDOR).default_key})
    with RedisServer(folder, LASTING_REDIS) as redis, contextlib.ExitStack() as stack:
        config.write_text(json.dumps(_settings(port, vendor_port, redis.url)), encoding="utf-8")
        for part in (vendor, gateway):
            stack.callback(part.close)
            part.start()
        yield Installation(
            vendor,
            gateway,
            redis,
            f"http://127.0.0.1:{port}",
            f"http://127.0.0.1:{vendor_port}",
            ledger,
        )


def _settings(port: int, vendor_port: int, redis_url: str) -> dict[str, Any]:
    caller = {"name": "writer", "key_hashes": [hash_key(KEY)], "rights": ["read", "write"]}
    flows = {
        "vendor": VENDOR,
        "base_url": f"http://127.0.0.1:{vendor_port}",
        "credential": "env:FLOWS_KEY",
        "limits": {"timeout_seconds": 5},
    }
    return {
        "server": {"port": port, "log_format": "json"},
        "cache": {"shared": {"url": redis_url}},
        "callers": [caller],
        "connections": {"flows": flows},
    }
