"""A failure is gone with its answer: nothing of it waits for the garbage collector, which looks seldom."""

import asyncio
import gc
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.adapters.loopback import Loopback, Respond, answer, raw
from tests.gateway.writing import FLOWS, ONE, writing_gateway

ASKED = 10
HANGING = raw(pause=30)
FAULTS: dict[str, Respond] = {
    "not there": answer(404),
    "broken": answer(500),
    "busy": answer(429),
    "refused": answer(403),
    "a page": answer(200, b"<html>", [("content-type", "text/html")]),
    "no JSON": answer(200, b"{"),
    "another shape": answer(200, b"[]"),
    "closed at once": raw(),
    "broken off": raw(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"),
    "no HTTP": raw(b"hello\r\n\r\n"),
    "no answer": HANGING,
}
PATHS = {"a read": ONE, "a listing": FLOWS, "the vendor's own": f"{ONE}/native"}


@pytest.fixture
def collecting() -> Iterator[None]:
    """Keep the collector away, and have it keep what it finds when it is asked."""
    gc.collect()
    gc.freeze()
    gc.disable()
    gc.set_debug(gc.DEBUG_SAVEALL)
    yield
    gc.set_debug(0)
    gc.garbage.clear()
    gc.enable()
    gc.unfreeze()


@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
@pytest.mark.parametrize("respond", FAULTS.values(), ids=FAULTS)
@pytest.mark.usefixtures("collecting")
async def test_no_failure_waits_for_the_collector(respond: Respond, path: str) -> None:
    limits = {"timeout_seconds": 0.05, "retries": {"base_seconds": 0.001}, "breaker": {"failures": 0}}
    async with Loopback() as vendor, writing_gateway(vendor, connection={"limits": limits}) as gateway:
        vendor.respond = respond
        for _ in range(2):
            await gateway.ask(path)
        gc.collect()
        gc.garbage.clear()
        for _ in range(ASKED):
            assert (await gateway.ask(path, ("cache-control", "no-cache"))).status in range(200, 600)
        await asyncio.sleep(0)
        gc.collect()
        left = Counter(type(one).__name__ for one in gc.garbage if isinstance(one, BaseException))
    assert not {name: number for name, number in left.items() if number >= ASKED}
