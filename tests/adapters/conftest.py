"""A transport to a server that says whatever a test wants."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator

import pytest
import respx
import uvloop

from adapters.breaker import BreakerLimits
from adapters.condition import Instruments
from adapters.limits import Limits
from adapters.transport import Transport
from adapters.watching import Refusal, RetryReason, Unwatched
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
    async def opened(path: str = "", **limits: object) -> AsyncIterator[Transport]:
        bounds = Limits(**{"timeout_seconds": 5.0, **limits})  # type: ignore[arg-type]
        async with Transport(made_up_vendor(), loopback.url + path, SECRET, bounds) as transport:
            yield transport

    return opened


class Notes(Unwatched):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.retries: list[RetryReason] = []
        self.refusals: list[Refusal] = []
        self.waits: list[float] = []
        self.states: list[tuple[str, int]] = []

    def retried(self, why: RetryReason, seconds: float) -> None:
        self.retries.append(why)

    def refused(self, why: Refusal) -> None:
        self.refusals.append(why)

    def waited(self, seconds: float) -> None:
        self.waits.append(seconds)

    def breaker_changed(self, state: str, failures: int) -> None:
        self.states.append((str(state), failures))


@pytest.fixture
def notes() -> Notes:
    return Notes()


@pytest.fixture
def watched(loopback: Loopback, notes: Notes) -> Connect:
    """As `connect`, with the notes; what is drawn is 0, so that no pause is longer than the vendor asks for."""

    @contextlib.asynccontextmanager
    async def opened(path: str = "", **limits: object) -> AsyncIterator[Transport]:
        bounds = Limits(**{"timeout_seconds": 5.0, "breaker": BreakerLimits(0), **limits})  # type: ignore[arg-type]
        told = Instruments(draw=lambda: 0.0, watcher=notes)
        url = loopback.url + path
        async with Transport(made_up_vendor(), url, SECRET, bounds, None, told) as transport:
            yield transport

    return opened
