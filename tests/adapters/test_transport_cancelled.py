"""Calls that are cancelled at any moment: whatever they took is given back."""

import asyncio
import random
from collections.abc import AsyncIterator

import pytest
from typing_extensions import override

from adapters.breaker import BreakerLimits
from adapters.condition import Instruments
from adapters.errors import AdapterError
from adapters.forwarding import Forward
from adapters.limits import Limits
from adapters.onlooking import Onlooker, Seen
from adapters.retrying import RetryLimits
from adapters.transport import Transport
from schemas.catalogue import BreakerState
from tests.adapters.conftest import SECRET
from tests.adapters.loopback import Loopback, Received, answer, made_up_vendor, raw
from tests.adapters.loopback import until as soon

PLACES = 3
BOUNDS = Limits(
    timeout_seconds=5.0,
    concurrency=PLACES,
    queue=5,
    queue_seconds=0.05,
    idle_seconds=0.2,
    retries=RetryLimits(base_seconds=0.01, budget=1.0),
    breaker=BreakerLimits(failures=3, rest_seconds=0.05),
)


class Counted(Seen):
    def __init__(self, onlooker: "Counting") -> None:
        self._onlooker = onlooker
        onlooker.under_way += 1

    @override
    def ended(self, error: BaseException | None = None) -> None:
        self._onlooker.under_way -= 1


class Counting(Onlooker):
    def __init__(self) -> None:
        self.under_way = 0

    @override
    def request(self, method: str) -> Seen:
        return Counted(self)


async def pieces(chance: random.Random) -> AsyncIterator[bytes]:
    for _ in range(3):
        await asyncio.sleep(chance.random() * 0.01)
        yield b"piece"


async def call(client: Transport, chance: random.Random) -> None:
    """Make one call of any kind."""
    until = asyncio.get_running_loop().time() + chance.random() * 0.05
    way = client.bounded(until) if chance.random() < 0.3 else client
    kind = chance.randrange(5)
    if kind == 0:
        await way.get("x")
    elif kind == 1:
        await way.send("POST", "x", body={"a": 1})
    elif kind == 2:
        async with way.stream("GET", "x") as streamed:
            async for _ in streamed:
                pass
    else:
        body = pieces(chance) if kind == 3 else None
        async with client.forward(Forward("POST" if body else "GET", b"/x", body=body)) as answered:
            async for _ in answered.body:
                pass


async def ticks(chance: random.Random) -> None:
    for _ in range(chance.randrange(12)):
        await asyncio.sleep(chance.choice([0, 0, 0, 0.001]))


@pytest.mark.parametrize("seed", range(6))
async def test_nothing_is_lost_whenever_calls_are_cancelled(seed: int, loopback: Loopback) -> None:
    chance = random.Random(seed)
    ways = [
        answer(),
        answer(429, b"{}", [("retry-after", "0")]),
        answer(503),
        raw(b"HTTP/1.1 200 OK\r\n", b"content-length: 9\r\n\r\n", b"{}", pause=0.005),
        raw(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n", b'{"a"', b"}", pause=0.01),
        raw(b"HTTP/1.1 2"),
    ]

    async def respond(asked: Received, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(chance.random() * 0.02)
        await chance.choice(ways)(asked, writer)

    loopback.respond = respond
    onlooker = Counting()
    told = Instruments(draw=chance.random, onlooker=onlooker)
    async with Transport(made_up_vendor(), loopback.url, SECRET, BOUNDS, None, told) as client:
        tasks: list[asyncio.Task[None]] = []
        for _ in range(120):
            tasks.append(asyncio.create_task(call(client, chance)))
            await ticks(chance)
            chance.choice(tasks).cancel()
        for task in tasks:
            await ticks(chance)
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
        assert all(isinstance(each, AdapterError | asyncio.CancelledError | None) for each in ended)
        condition = client.condition()
        assert (condition.under_way, condition.waiting, onlooker.under_way) == (0, 0, 0)
        loopback.respond = answer()
        await asyncio.sleep(BOUNDS.breaker.rest_seconds)
        await client.get("x")
        assert client.condition().breaker is BreakerState.CLOSED
        await every_place_is_free(client, loopback)


async def every_place_is_free(client: Transport, loopback: Loopback) -> None:
    """Have as many calls under way as may be."""
    gate, asked = asyncio.Event(), len(loopback.received)

    async def held(received: Received, writer: asyncio.StreamWriter) -> None:
        await gate.wait()
        await answer()(received, writer)

    loopback.respond = held
    tasks = [asyncio.create_task(client.send("POST", "x")) for _ in range(PLACES)]
    await soon(lambda: len(loopback.received) == asked + PLACES)
    assert client.condition().under_way == PLACES
    gate.set()
    await asyncio.gather(*tasks)
    assert client.condition().under_way == 0
