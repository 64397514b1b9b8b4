"""A started emulator per vendor, in process or over a real socket."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

import httpx
import pytest

from emulators.contract import Emulator, EmulatorOptions
from emulators.control import build
from emulators.registry import load
from emulators.server import server

Client = AsyncIterator[httpx.AsyncClient]
Connect = Callable[..., contextlib.AbstractAsyncContextManager[httpx.AsyncClient]]


@contextlib.asynccontextmanager
async def _in_process(emulator: Emulator, options: EmulatorOptions | None = None) -> Client:
    transport = httpx.ASGITransport(build(emulator, options))
    async with httpx.AsyncClient(transport=transport, base_url="http://emulator") as client:
        yield client


@contextlib.asynccontextmanager
async def _over_socket(emulator: Emulator, options: EmulatorOptions | None = None) -> Client:
    running = server(build(emulator, options))
    task = asyncio.create_task(running.serve())
    while not running.started:  # noqa: ASYNC110 - uvicorn has a flag, no event
        await asyncio.sleep(0.005)
    port = running.servers[0].sockets[0].getsockname()[1]
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=5) as client:
            yield client
    finally:
        running.should_exit = True
        await task


@pytest.fixture
def in_process() -> Connect:
    """`async with in_process(load("aitronos")) as client` talks to the application without a socket."""
    return _in_process


@pytest.fixture
def over_socket() -> Connect:
    """The same over loopback."""
    return _over_socket


@pytest.fixture
def emulator_of() -> Callable[[str], Emulator]:
    return load
