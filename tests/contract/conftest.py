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
from tests.described.captures import CAPTURED, capture, captures, described

FOLDER = Path(__file__).resolve().parents[1] / "vendors"
SECRET = "canary-credential-5f1c"


@cache
def vendors() -> dict[str, Vendor]:
    """Every vendor: those that are code, and those that the project describes."""
    return {**load_all(), **described()}


@dataclass(frozen=True)
class Recording:
    """A vendor's answer kept as test data."""

    vendor: str
    name: str
    path: Path

    @property
    def document(self) -> Any:
        if self.path.parent.name == CAPTURES:
            return capture(self.vendor, self.name).body
        return json.loads(self.path.read_bytes())

    @property
    def expected(self) -> Any:
        return json.loads((FOLDER / self.vendor / "expected" / f"{self.name}.json").read_bytes())


CAPTURES = "captures"
BORROWED = {"noxus-described": "noxus"}
"""Whose recordings a described vendor reads that is the same API as a vendor that is code."""


def recordings(pattern: str) -> list[Any]:
    """Every recording of every vendor, captures included."""
    borrowed = [found for vendor, other in BORROWED.items() for found in _recordings(vendor, other, pattern)]
    return [*coded_recordings(pattern), *borrowed, *captured(pattern.partition("_")[0])]


def coded_recordings(pattern: str) -> list[Any]:
    """Every recording of the vendors that are code."""
    found = [each for vendor in load_all() for each in _recordings(vendor, vendor, pattern)]
    assert found, f"no recording named {pattern}"
    return found


def captured(word: str) -> list[Any]:
    """What real servers answered when they were asked to `list`, or to `get` a workflow."""
    return [
        pytest.param(
            Recording(vendor, each.name, FOLDER / vendor / CAPTURES / each.name), id=f"{vendor}-{each.name}"
        )
        for vendor in CAPTURED
        for each in captures(vendor)
        if each.status == 200 and each.name[3:].startswith(word) and "version" not in each.name
    ]


def _recordings(vendor: str, folder: str, pattern: str) -> list[Any]:
    return [
        pytest.param(Recording(vendor, path.stem, path), id=f"{vendor}-{path.stem}")
        for path in sorted((FOLDER / folder / "recordings").glob(pattern))
    ]


def recorded_errors(vendor: str) -> dict[str, Any]:
    """Bodies of a vendor's error answers, by a name that begins with the status."""
    if vendor in CAPTURED:
        return {f"{each.status}_{each.name}": each.body for each in captures(vendor) if each.status >= 400}
    path = FOLDER / BORROWED.get(vendor, vendor) / "recordings" / "errors.json"
    bodies: dict[str, Any] = json.loads(path.read_bytes())
    return bodies


@pytest.fixture(params=sorted(vendors()))
def vendor(request: pytest.FixtureRequest) -> Vendor:
    """Every vendor."""
    return vendors()[request.param]


@pytest.fixture(params=sorted(load_all()))
def coded_vendor(request: pytest.FixtureRequest) -> Vendor:
    """Every vendor that is code: it has a folder, and an emulator."""
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
