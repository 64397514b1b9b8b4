"""What is soaked: an emulator of every vendor, a gateway in front of them, and Redis where it has several workers."""

import contextlib
import json
import os
import random
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import httpx

from bench.processes import memory_bytes
from emulators.registry import load_all
from gateway.callers import hash_key
from tests.cache.redis_server import RedisServer
from tests.cli.processes import COMMAND, free_port
from tests.faults.parts import LASTING_REDIS, GatewayPart, Part

KEY = "test-key-of-the-soak"
PATIENT: Final = MappingProxyType({"patience_seconds": 1, "call_seconds": 5})
"""A busy machine makes Redis late; left alone, it is told of writes only when it answers again."""


@dataclass
class Installation:
    """What runs.

    Attributes:
        url: of the gateway.
        gateway: its process, with its workers.
        emulators: address of each, by vendor.
        control: asks the emulators' own routes.
        kills: workers are killed, all but the eldest.
        killed: the processes that were.
    """

    url: str
    gateway: GatewayPart
    workers: int
    emulators: dict[str, str]
    control: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=10, trust_env=False))
    kills: bool = False
    killed: set[int] = field(default_factory=set)

    def emulator(self, vendor: str, method: str, path: str, body: Any = None) -> Any:
        """Ask an emulator's own routes."""
        reply = self.control.request(method, f"{self.emulators[vendor]}/__emulator__/{path}", json=body)
        reply.raise_for_status()
        return reply.json()

    def processes(self) -> list[int]:
        """Return the processes of the gateway that answer, the eldest first."""
        living = [process for process in self.gateway.workers() if process not in self.killed]
        return living or [self.gateway.running.process.pid]

    def kill(self, chance: random.Random) -> None:
        """Kill a worker at once, and wait until another one stands in its place. The eldest is left: it grows old."""
        process = chance.choice(self.processes()[1:])
        self.killed.add(process)
        os.kill(process, signal.SIGKILL)
        for event in ("worker died", "worker started"):
            self.gateway.running.wait_for(event)

    def memory(self) -> int:
        """Return the bytes that the gateway's processes hold; where some are killed, the one that lives through all."""
        return sum(map(memory_bytes, self.processes()[: 1 if self.kills else None]))

    def descriptors(self) -> int | None:
        """Return how many files and sockets they hold; None where the system does not tell."""
        folders = [Path(f"/proc/{process}/fd") for process in self.processes()]
        if not all(folder.is_dir() for folder in folders):
            return None
        return sum(len(list(folder.iterdir())) for folder in folders)


@contextlib.contextmanager
def installed(folder: Path, workers: int, *, kills: bool) -> Iterator[Installation]:
    """Run everything until the block ends; workers that are alone are not killed."""
    with contextlib.ExitStack() as stack:
        emulators, env = {}, {}
        for vendor, emulator in load_all().items():
            port = free_port()
            part = Part(
                (sys.executable, "-m", "emulators", vendor, "--port", str(port)), "faults and journal"
            )
            stack.callback(part.close)
            part.start()
            emulators[vendor] = f"http://127.0.0.1:{port}"
            env[f"SOAK_{vendor.upper()}"] = emulator.default_key
        shared = None
        if workers > 1:
            shared = stack.enter_context(RedisServer(folder, LASTING_REDIS)).url
        port, config = free_port(), folder / "gateway.yaml"
        config.write_text(json.dumps(_settings(port, emulators, shared)), encoding="utf-8")
        command = (*COMMAND, "serve", "--config", str(config), "--workers", str(workers))
        gateway = GatewayPart(command, '"event": "listening"', env)
        stack.callback(gateway.close)
        gateway.start()
        yield Installation(
            f"http://127.0.0.1:{port}", gateway, workers, emulators, kills=kills and workers > 1
        )


def _settings(port: int, emulators: dict[str, str], shared: str | None) -> dict[str, Any]:
    rights = ["read", "write", "run", "passthrough"]
    connections = {
        f"{vendor}-soak": {
            "vendor": vendor,
            "base_url": url,
            "credential": f"env:SOAK_{vendor.upper()}",
            "limits": {"timeout_seconds": 3, "idle_seconds": 1, "breaker": {"rest_seconds": 1}},
            "passthrough": {"enabled": True},
            # Short, so that in minutes everything becomes old many times.
            "cache": {"listing": 2, "workflow": 2, "versions": 2, "not_found": 1},
        }
        for vendor, url in emulators.items()
    }
    return {
        # Little may be kept, so that it is full long before the second half, in which memory has to stay as it is.
        "server": {"port": port, "log_format": "json", "log_level": "info", "idempotency_bytes": "1 MiB"},
        "cache": {"max_bytes": "8 MiB", **({"shared": {"url": shared, **PATIENT}} if shared else {})},
        "callers": [{"name": "soak", "key_hashes": [hash_key(KEY)], "rights": rights}],
        "connections": connections,
    }
