"""A transport to a server that says whatever a test wants."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator

import pytest
import respx
import uvloop

from adapters.limits import Limits
from adapters.transport import Transport
from tests.adapters.beneath import PoolMocker
from tests.adapters.loopback import Loopback, made_up_vendor

SECRET = "sk-acme-4f9d2c71"
LoopFactory = Callable[[], asyncio.AbstractEventLoop]
Connect = Callable[..., contextlib.AbstractAsyncContextManager[Transport]]


def pytest_asyncio_loop_factories(item: pytest.Item) -> dict[str, LoopFactory]:
    """Run what touches sockets on both loops: their connections are two implementations."""
    both: dict[str, LoopFactory] = {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}
    return both if item.path.stem in ("test_pool", "test_transport_limits") else {"asyncio": both["asyncio"]}


@pytest.fixture
async def loopback() -> AsyncIterator[Loopback]:
    async with Loopback() as server:
        yield server


@pytest.fixture
def respx_mock() -> Iterator[respx.MockRouter]:
    """respx beneath every transport."""
    with respx.mock(using=PoolMocker.name) as router:
        yield router


@pytest.fixture
def connect(loopback: Loopback) -> Connect:
    """`async with connect(path="/base", timeout_seconds=1) as transport` calls the loopback server."""

    @contextlib.asynccontextmanager
    async def opened(path: str = "", **limits: float) -> AsyncIterator[Transport]:
        bounds = Limits(**{"timeout_seconds": 5.0, **limits})  # type: ignore[arg-type]
        async with Transport(made_up_vendor(), loopback.url + path, SECRET, bounds) as transport:
            yield transport

    return opened
