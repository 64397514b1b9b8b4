"""One suite over every vendor: parametrised from the registry, fed from `tests/vendors/<vendor>/`."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapters.contract import Vendor
from adapters.limits import Limits
from adapters.registry import load_all
from adapters.transport import Transport
from emulators.contract import EmulatorOptions
from emulators.control import build
from emulators.registry import load as load_emulator
from emulators.server import server

FOLDER = Path(__file__).resolve().parents[1] / "vendors"
SECRET = "canary-credential-5f1c"


@cache
def vendors() -> dict[str, Vendor]:
    return dict(load_all())


@dataclass(frozen=True)
class Recording:
    """A vendor's answer kept as test data."""

    vendor: str
    name: str

    @property
    def document(self) -> Any:
        return json.loads((FOLDER / self.vendor / "recordings" / f"{self.name}.json").read_bytes())

    @property
    def expected(self) -> Any:
        return json.loads((FOLDER / self.vendor / "expected" / f"{self.name}.json").read_bytes())


def recordings(pattern: str) -> list[Any]:
    found = [
        pytest.param(Recording(vendor, path.stem), id=f"{vendor}-{path.stem}")
        for vendor in vendors()
        for path in sorted((FOLDER / vendor / "recordings").glob(pattern))
    ]
    assert found, f"no recording named {pattern}"
    return found


@pytest.fixture(params=sorted(load_all()))
def vendor(request: pytest.FixtureRequest) -> Vendor:
    """Every vendor that the registry finds."""
    return vendors()[request.param]


Answering = Callable[[httpx.Request], httpx.Response]


@contextlib.asynccontextmanager
async def answering(
    vendor: Vendor, answer: Answering, limits: Limits | None = None
) -> AsyncIterator[Transport]:
    """A transport whose vendor answers as the function says."""
    client = httpx.AsyncClient(transport=httpx.MockTransport(answer))
    async with Transport(vendor, "http://vendor.test/base", SECRET, limits, client) as transport:
        yield transport


@contextlib.asynccontextmanager
async def emulated(vendor: Vendor) -> AsyncIterator[tuple[Transport, Any]]:
    """A transport to the vendor's emulator, and the emulator's own client for its control routes."""
    emulator = load_emulator(vendor.name)
    application = build(emulator, EmulatorOptions(api_key=SECRET))
    client = httpx.AsyncClient(transport=httpx.ASGITransport(application))
    async with Transport(vendor, "http://emulator", SECRET, None, client) as transport:
        yield transport, client


@contextlib.asynccontextmanager
async def served(vendor: Vendor, *variants: str) -> AsyncIterator[Transport]:
    """A transport to the vendor's emulator over a real socket, with some of its documented contradictions."""
    application = build(
        load_emulator(vendor.name), EmulatorOptions(api_key=SECRET, variants=frozenset(variants))
    )
    running = server(application)
    task = asyncio.create_task(running.serve())
    while not running.started:  # noqa: ASYNC110 - uvicorn has a flag, no event
        await asyncio.sleep(0.005)
    port = running.servers[0].sockets[0].getsockname()[1]
    try:
        async with Transport(vendor, f"http://127.0.0.1:{port}", SECRET) as transport:
            yield transport
    finally:
        running.should_exit = True
        await task
