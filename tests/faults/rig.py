"""The gateway in front of every emulator, over real sockets, with what is held open counted."""

import asyncio
import contextlib
import os
import threading
import time
from collections.abc import Coroutine, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar

import httpx
import uvicorn

from adapters.registry import load_all
from emulators.control import build
from emulators.registry import load_all as load_emulators
from emulators.server import server as emulator_server
from gateway import main
from gateway.callers import hash_key
from gateway.environment import Secret
from gateway.settings import Settings
from tests.faults.expected import MIB
from tests.faults.gates import HOST, RELAY, Gate

Result = TypeVar("Result")

KEY: Final = "test-key-for-every-fault"
SECONDS: Final = 1.2
"""How long a hasty connection gives a vendor call."""
SLACK_SECONDS: Final = 20.0
"""What a request may take beyond its vendor calls' limits on a machine that has other things to do."""
CONCURRENCY: Final = 16
GATES: Final = ("refused", "full", "silent")
PASSES: Final = ("reads", "writes", "reads-again", "writes-again")
ALONE: Final[Mapping[str, Any]] = {"retries": {"attempts": 1}, "breaker": {"failures": 0}}
"""Limits that have each call made once, and none refused for what came of others: a cell is to show one fault alone."""
AGAIN: Final[Mapping[str, Any]] = {
    "timeout_seconds": 6.0,
    "retries": {"attempts": 10, "base_seconds": 0.2, "cap_seconds": 1.0, "budget": 10.0},
    "breaker": {"failures": 0},
}
"""Limits that have a call made again, in less time than any `Retry-After` of the faults asks for."""
AGAIN_IN_TIME: Final[Mapping[str, Any]] = {**AGAIN, "timeout_seconds": 20.0, "attempt_seconds": SECONDS}
"""The same for faults that take an attempt to its own limit."""
NOTHING_KEPT: Final = dict.fromkeys(
    (
        "listing",
        "workflow",
        "label",
        "version",
        "pinned",
        "versions",
        "labels",
        "not_found",
        "passthrough",
    ),
    0,
)


@dataclass
class Rig:
    """Where everything is, and what happens in the loop of the thread it runs in."""

    loop: asyncio.AbstractEventLoop
    gateway: str = ""
    emulators: dict[str, str] = field(default_factory=dict)
    gates: dict[str, Gate] = field(default_factory=dict)
    servers: list[uvicorn.Server] = field(default_factory=list)
    tasks: int = 0
    control: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=10, trust_env=False))

    def client(self, seconds: float = 60) -> httpx.AsyncClient:
        """Return a caller that may do everything."""
        headers = {"x-api-key": KEY}
        return httpx.AsyncClient(base_url=self.gateway, headers=headers, timeout=seconds, trust_env=False)

    def emulator(self, vendor: str, method: str, path: str, body: Any = None) -> Any:
        """Ask an emulator's own routes."""
        reply = self.control.request(method, f"{self.emulators[vendor]}/__emulator__/{path}", json=body)
        reply.raise_for_status()
        return reply.json()

    def seen(self, vendor: str) -> list[dict[str, Any]]:
        """Return the vendor's requests since its journal was emptied."""
        found: list[dict[str, Any]] = self.emulator(vendor, "GET", "requests")
        return found

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Carry something out in the loop of the servers."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(30)

    def held(self) -> tuple[int, int]:
        """Return how many requests the servers have under way, and how many tasks there are beyond the first ones."""

        async def count() -> tuple[int, int]:
            under_way = sum(len(server.server_state.tasks) for server in self.servers)
            tasks = [task for task in asyncio.all_tasks() if task.get_name() != RELAY]
            return under_way, len(tasks) - 1 - self.tasks

        return self.run(count())

    def settled(self) -> None:
        """Wait until nothing is held any more; fails when something stays."""
        until = time.monotonic() + SLACK_SECONDS
        while (held := self.held()) != (0, 0) and time.monotonic() < until:
            time.sleep(0.02)
        assert held == (0, 0), f"{held[0]} requests and {held[1]} tasks are left over"


def open_sockets() -> set[str] | None:
    """Return the sockets that this process has open; None where the system does not tell."""
    folder = Path("/proc/self/fd")
    if not folder.is_dir():
        return None
    found = set()
    for entry in folder.iterdir():
        with contextlib.suppress(OSError):
            found.add(os.readlink(entry))  # noqa: PTH115 - it names no path
    return {name for name in found if name.startswith("socket:")}


def connection_settings(
    vendor: str, url: str, seconds: float = 20.0, again: Mapping[str, Any] = ALONE
) -> dict[str, Any]:
    """Return the settings of a connection of which nothing is kept, and that gives up after some seconds."""
    limits = {
        "timeout_seconds": seconds,
        "connect_seconds": seconds / 2,
        "idle_seconds": seconds / 2,
        "response_bytes": MIB,
        "concurrency": CONCURRENCY,
        **again,
    }
    passthrough = {"enabled": True, "response_bytes": MIB}
    return {
        "vendor": vendor,
        "base_url": url,
        "credential": "env:UNUSED",
        "limits": limits,
        "cache": NOTHING_KEPT,
        "passthrough": passthrough,
    }


def settings_of(connections: Mapping[str, Any], **changes: Any) -> Settings:
    """Return settings with one caller, who has every right."""
    rights = ["read", "write", "run", "passthrough", "admin"]
    caller = {"name": "everything", "key_hashes": [hash_key(KEY)], "rights": rights}
    given = {
        "source": __file__,
        "server": {"port": 0, "log_level": "error", "log_format": "json", "listing_patience_seconds": 30.0},
        "callers": [caller],
        "connections": dict(connections),
        **changes,
    }
    return Settings.model_validate(given, strict=False)


async def _start(rig: Rig, running: uvicorn.Server) -> int:
    """Let a server serve on a free port and return the port."""
    running.capture_signals = contextlib.nullcontext  # type: ignore[method-assign, assignment]
    # Longer than the gateway keeps a line: nobody is to close one while the other end sends on it.
    running.config.timeout_keep_alive = 120
    rig.servers.append(running)
    serving = asyncio.create_task(running.serve())
    while not running.started:
        if serving.done():
            await serving
        await asyncio.sleep(0.005)
    port: int = running.servers[0].sockets[0].getsockname()[1]
    return port


async def _build(rig: Rig) -> None:
    connections: dict[str, Any] = {}
    for name, emulator in load_emulators().items():
        port = await _start(rig, emulator_server(build(emulator)))
        rig.emulators[name] = f"http://{HOST}:{port}"
        connections[f"{name}-patient"] = connection_settings(name, rig.emulators[name])
        connections[f"{name}-hasty"] = connection_settings(name, rig.emulators[name], SECONDS)
        connections[f"{name}-again"] = connection_settings(name, rig.emulators[name], again=AGAIN)
        connections[f"{name}-again-in-time"] = connection_settings(
            name, rig.emulators[name], SECONDS, AGAIN_IN_TIME
        )
        for way in GATES:
            for part in PASSES:
                gate = rig.gates[f"{name}-{way}-{part}"] = Gate(way, port)
                again = AGAIN_IN_TIME if part.endswith("again") else ALONE
                connections[f"{name}-{way}-{part}"] = connection_settings(name, gate.url, SECONDS, again)
    secrets = {
        name: Secret(load_emulators()[settings["vendor"]].default_key)
        for name, settings in connections.items()
    }
    application = main.build(settings_of(connections), load_all(), secrets)
    rig.gateway = f"http://{HOST}:{await _start(rig, main.server(application, HOST, 0))}"


@contextlib.contextmanager
def running_rig() -> Iterator[Rig]:
    """Start everything in a thread of its own, and stop it again; nothing may be left over of it."""
    before = open_sockets()
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="rig", daemon=True)
    thread.start()
    rig = Rig(loop)
    try:
        rig.run(_build(rig))
        rig.tasks = rig.held()[1]
        yield rig
    finally:
        with contextlib.suppress(TimeoutError):
            rig.run(_end(rig))
        loop.call_soon_threadsafe(loop.stop)
        thread.join(20)
        loop.close()
        rig.control.close()
    if before is not None:
        # Servers of other tests in this process may have closed some of theirs meanwhile.
        assert not (open_sockets() or set()) - before, "sockets are left over"


async def _end(rig: Rig) -> None:
    for gate in rig.gates.values():
        await gate.close()
    for server in reversed(rig.servers):
        server.should_exit = True
    others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    if others:
        await asyncio.wait(others, timeout=15)
    await asyncio.get_running_loop().shutdown_default_executor()
