"""The whole house for tests: an emulator per vendor and the gateway, over real sockets on loopback, in one thread."""

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from adapters.registry import load_all
from emulators.control import build
from emulators.registry import load_all as load_emulators
from emulators.server import server as emulator_server
from gateway import main
from gateway.callers import hash_key
from gateway.environment import DEFAULT_CONFIG, Secret
from gateway.settings import (
    CacheTimes,
    CallerSettings,
    ConnectionSettings,
    LimitSettings,
    ServerSettings,
    Settings,
    vendors_beside,
)
from gateway.settings.models import BreakerSettings, RetrySettings

HOST = "127.0.0.1"
KEY = "test-key-for-everything"
NARROW_KEY = "test-key-for-one-connection"
UNCACHED = CacheTimes(listing=0, workflow=0, label=0, version=0, pinned=0, versions=0, labels=0, not_found=0)


@dataclass
class House:
    """Where everything listens."""

    gateway: str = ""
    emulators: dict[str, str] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)
    _control: httpx.Client = field(
        default_factory=lambda: httpx.Client(timeout=5, trust_env=False, verify=False)
    )

    def client(self, key: str | None = KEY) -> httpx.Client:
        headers = {} if key is None else {"x-api-key": key}
        return httpx.Client(base_url=self.gateway, headers=headers, timeout=10, trust_env=False, verify=False)

    def control(self, vendor: str, method: str, path: str, body: Any = None) -> Any:
        if method != "GET":
            self.touched.add(vendor)
        url = f"{self.emulators[vendor]}/__emulator__/{path}"
        response = self._control.request(method, url, json=body)
        response.raise_for_status()
        return response.json()

    def reset(self) -> None:
        """Put the emulators back to their start that a test has touched."""
        for vendor in sorted(self.touched):
            self.control(vendor, "POST", "reset")
        self.touched.clear()


def settings_for(
    emulators: dict[str, str], cache: CacheTimes, hasty: bool
) -> tuple[Settings, dict[str, Secret]]:
    connections = {
        f"{name}-test": ConnectionSettings(
            vendor=name,
            base_url=url,
            credential="env:UNUSED",
            cache=cache,
            # One house serves many tests: no failure of one may be felt in the next.
            limits=LimitSettings(
                timeout_seconds=2.0 if hasty else 10.0,
                retries=RetrySettings(attempts=1),
                breaker=BreakerSettings(failures=0),
            ),
        )
        for name, url in emulators.items()
    }
    callers = (
        CallerSettings(name="everything", key_hashes=(hash_key(KEY),)),
        CallerSettings(name="narrow", key_hashes=(hash_key(NARROW_KEY),), connections=("noxus-test",)),
    )
    settings = Settings(
        source=Path("test.yaml"),
        server=ServerSettings(
            port=0, log_level="error", log_format="json", listing_patience_seconds=4.0 if hasty else 10.0
        ),
        callers=callers,
        connections=connections,
    )
    keys = load_emulators()
    return settings, {f"{name}-test": Secret(keys[name].default_key) for name in emulators}


def _socket() -> socket.socket:
    listening = socket.socket()
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # asyncio only sees to its own sockets
    listening.bind((HOST, 0))
    return listening


def _address(listening: socket.socket) -> str:
    return f"http://{HOST}:{listening.getsockname()[1]}"


@contextlib.contextmanager
def running_house(
    cache: CacheTimes = UNCACHED,
    *,
    hasty: bool = False,
    change: Callable[[Settings], Settings] = lambda settings: settings,
) -> Iterator[House]:
    """Start everything in a thread of its own, and stop it again.

    `hasty` gives up on vendors after two seconds; `change` has the last word on the settings.
    """
    house = House()
    ready = threading.Event()
    stop = threading.Event()
    failures: list[BaseException] = []

    async def live() -> None:
        servers = []
        for name, emulator in load_emulators().items():
            listening = _socket()
            house.emulators[name] = _address(listening)
            servers.append((emulator_server(build(emulator)), listening))
        settings, secrets = settings_for(house.emulators, cache, hasty)
        listening = _socket()
        house.gateway = _address(listening)
        vendors = vendors_beside(DEFAULT_CONFIG, load_all())
        servers.append((main.server(main.build(change(settings), vendors, secrets), HOST, 0), listening))
        for running, _ in servers:
            running.capture_signals = contextlib.nullcontext  # type: ignore[method-assign, assignment]
        tasks = [asyncio.create_task(running.serve(sockets=[bound])) for running, bound in servers]
        while not all(running.started for running, _ in servers):  # noqa: ASYNC110 - a flag, no event
            await asyncio.sleep(0.005)
        ready.set()
        await asyncio.to_thread(stop.wait)
        for running, _ in reversed(servers):
            running.should_exit = True
        await asyncio.gather(*tasks)

    def run() -> None:
        try:
            asyncio.run(live())
        except BaseException as error:  # noqa: BLE001 - handed to the test
            failures.append(error)
        finally:
            ready.set()

    thread = threading.Thread(target=run, name="house", daemon=True)
    thread.start()
    ready.wait(30)
    try:
        if failures:
            raise failures[0]
        yield house
    finally:
        stop.set()
        thread.join(20)
        house._control.close()
    if failures:
        raise failures[0]


@contextlib.contextmanager
def serving(application: Any) -> Iterator[str]:
    """Serve a gateway's application over a real socket in a thread of its own; gives its URL."""
    listening = _socket()
    server = main.server(application, HOST, 0)
    server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign, assignment]
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listening])), daemon=True)
    thread.start()
    try:
        for _ in range(2000):
            if server.started:
                break
            time.sleep(0.005)
        assert server.started
        yield _address(listening)
    finally:
        server.should_exit = True
        thread.join(20)
