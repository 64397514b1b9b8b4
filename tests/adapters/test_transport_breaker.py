"""A vendor that does not answer is left alone: when, for how long, and what tells that it is back."""

import asyncio

import pytest

from adapters.breaker import BreakerLimits
from adapters.errors import (
    DeadlineExceeded,
    VendorBroken,
    VendorError,
    VendorResting,
    VendorSurprise,
    VendorTimeout,
    VendorUnreachable,
)
from adapters.forwarding import Forward
from adapters.limits import Limits
from adapters.transport import Transport
from adapters.watching import Refusal
from schemas.catalogue import BreakerState
from tests.adapters.conftest import SECRET, Connect, Notes
from tests.adapters.loopback import Loopback, Respond, answer, made_up_vendor, raw, script, until
from tests.adapters.test_transport_retries import BREAKS, silent

SHORT = BreakerLimits(failures=2, rest_seconds=1.0)
LONG = BreakerLimits(failures=2, rest_seconds=60.0)


async def fail(client: Transport, times: int) -> None:
    for _ in range(times):
        with pytest.raises(VendorError):
            await client.send("POST", "x")


@pytest.mark.parametrize("failure", [BREAKS, answer(500), answer(502), answer(503), silent])
async def test_failures_in_a_row_open_it_and_calls_are_refused_at_once(
    failure: Respond, watched: Connect, loopback: Loopback, notes: Notes
) -> None:
    loopback.respond = failure
    async with watched(breaker=LONG, timeout_seconds=0.1) as client:
        await fail(client, 2)
        with pytest.raises(VendorResting, match="did not answer 2 times in a row") as caught:
            await client.get("x")
        refused = caught.value
        assert (refused.never_left, refused.retryable) == (True, True)
        assert 50 < (refused.retry_after or 0) <= 60
        with pytest.raises(VendorResting):
            async with client.forward(Forward("GET", b"/x")):
                pass
        with pytest.raises(VendorResting):
            async with client.stream("GET", "x"):
                pass
        condition = client.condition()
    assert len(loopback.received) == 2
    assert (condition.breaker, condition.failures, condition.under_way) == (BreakerState.OPEN, 2, 0)
    assert notes.states == [("open", 2)]
    assert notes.refusals == [Refusal.BREAKER] * 3


@pytest.mark.parametrize("status", [200, 301, 400, 401, 404, 422, 429, 501])
async def test_any_answer_but_a_server_error_tells_that_the_vendor_is_there(
    status: int, watched: Connect, loopback: Loopback
) -> None:
    loopback.respond = script(*[answer(500), answer(status)] * 4)
    async with watched(breaker=LONG) as client:
        for _ in range(8):
            await asyncio.gather(client.send("POST", "x"), return_exceptions=True)
    assert len(loopback.received) >= 8


async def test_after_the_rest_one_call_is_made_to_see_and_the_others_are_refused(
    watched: Connect, loopback: Loopback, notes: Notes
) -> None:
    gate = asyncio.Event()

    async def held(*asked: object) -> None:
        await gate.wait()
        await answer()(*asked)  # type: ignore[arg-type]

    loopback.respond = script(BREAKS, BREAKS, held)
    async with watched(breaker=SHORT) as client:
        await fail(client, 2)
        await asyncio.sleep(1.05)
        probe = asyncio.create_task(client.get("x"))
        await until(lambda: len(loopback.received) == 3)
        assert client.condition().breaker is BreakerState.HALF_OPEN
        with pytest.raises(VendorResting):
            await client.get("x")
        gate.set()
        assert (await probe).status == 200
        assert (await client.get("x")).status == 200
    assert [state for state, _ in notes.states] == ["open", "half-open", "closed"]


async def test_a_call_to_see_that_fails_is_not_made_again_and_opens_it_for_another_rest(
    watched: Connect, loopback: Loopback, notes: Notes
) -> None:
    loopback.respond = BREAKS
    async with watched(breaker=SHORT) as client:
        await fail(client, 2)
        await asyncio.sleep(1.05)
        with pytest.raises(VendorUnreachable):
            await client.get("x")
        with pytest.raises(VendorResting):
            await client.get("x")
    assert len(loopback.received) == 3
    assert notes.retries == []


@pytest.mark.parametrize("way", ["get", "forward", "stream"])
async def test_a_call_to_see_that_is_left_lets_the_next_one_see(
    way: str, watched: Connect, loopback: Loopback
) -> None:
    async def look(client: Transport) -> None:
        if way == "get":
            await client.get("x")
        elif way == "stream":
            async with client.stream("GET", "x"):
                pass
        else:
            async with client.forward(Forward("GET", b"/x")):
                pass

    loopback.respond = script(BREAKS, BREAKS, silent, answer())
    async with watched(breaker=BreakerLimits(failures=2, rest_seconds=0.2)) as client:
        await fail(client, 2)
        await asyncio.sleep(0.21)
        probe = asyncio.create_task(look(client))
        await until(lambda: len(loopback.received) == 3)
        probe.cancel()
        await asyncio.gather(probe, return_exceptions=True)
        assert (await client.get("x")).status == 200
        assert client.condition().breaker is BreakerState.CLOSED


async def test_a_refusal_takes_no_place_and_leaves_none_taken(watched: Connect, loopback: Loopback) -> None:
    loopback.respond = silent
    async with watched(breaker=LONG, concurrency=2, queue=50, attempt_seconds=0.5) as client:
        found = await asyncio.gather(*(client.send("POST", "x") for _ in range(20)), return_exceptions=True)
        condition = client.condition()
    kinds = [type(one) for one in found]
    # Two were under way, a few more may have had their places before both had failed, and the rest was refused.
    assert set(kinds) == {VendorTimeout, VendorResting}
    assert 2 <= kinds.count(VendorTimeout) == len(loopback.received) <= 4
    assert (condition.under_way, condition.waiting) == (0, 0)


async def waits(client: Transport, seconds: float, way: str) -> None:
    """Ask something that never answers, and wait for so long."""
    if way == "with a deadline":
        with pytest.raises(DeadlineExceeded):
            await client.bounded(asyncio.get_running_loop().time() + seconds).send("POST", "x")
    else:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(seconds):
                await client.send("POST", "x")


@pytest.mark.parametrize("way", ["with a deadline", "and leaves"])
async def test_a_vendor_that_hangs_is_left_alone_though_nobody_waits_as_long_as_they_might(
    way: str, watched: Connect, loopback: Loopback
) -> None:
    loopback.respond = silent
    async with watched(breaker=LONG, timeout_seconds=30.0, attempt_seconds=0.5) as client:
        for _ in range(2):
            await waits(client, 0.25, way)
        with pytest.raises(VendorResting):
            await client.send("POST", "x")
    assert len(loopback.received) == 2


@pytest.mark.parametrize("way", ["with a deadline", "and leaves"])
async def test_nobody_has_a_vendor_left_alone_by_waiting_for_a_moment_only(
    way: str, watched: Connect, loopback: Loopback
) -> None:
    loopback.respond = silent
    async with watched(breaker=LONG, timeout_seconds=30.0) as client:
        for _ in range(5):
            await waits(client, 0.05, way)
        assert client.condition().failures == 0


async def test_what_was_waited_for_in_the_queue_says_nothing_of_the_vendor(
    watched: Connect, loopback: Loopback
) -> None:
    loopback.respond = silent
    bounds = {"timeout_seconds": 30.0, "attempt_seconds": 20.0, "queue_seconds": 20.0}
    async with watched(breaker=LONG, concurrency=1, **bounds) as client:
        first = asyncio.create_task(client.send("POST", "x"))
        await until(lambda: len(loopback.received) == 1)
        await waits(client, 0.05, "with a deadline")
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        assert client.condition().failures == 0


async def test_callers_who_send_slowly_do_not_open_it(watched: Connect, loopback: Loopback) -> None:
    async def never() -> object:
        await asyncio.Event().wait()
        yield b""

    async with watched(breaker=BreakerLimits(1, 60.0), idle_seconds=0.05) as client:
        with pytest.raises(VendorTimeout):
            async with client.forward(Forward("POST", b"/x", body=never(), length=10)):  # type: ignore[arg-type]
                pass
        assert client.condition().failures == 0
        assert loopback.connections == 1


async def test_a_body_that_breaks_off_while_it_is_passed_on_counts(
    watched: Connect, loopback: Loopback
) -> None:
    loopback.respond = raw(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{")
    async with watched(breaker=LONG) as client:
        async with client.forward(Forward("GET", b"/x")) as forwarded:
            with pytest.raises(VendorUnreachable):
                _ = [piece async for piece in forwarded.body]
        assert client.condition().failures == 1


@pytest.mark.parametrize(
    "respond",
    [
        answer(body=b"<html>"),
        answer(body=b"not gzip", headers=[("content-encoding", "gzip")]),
        answer(body=b"x", headers=[("content-encoding", "gzip, gzip")]),
        raw(b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n"),
    ],
)
async def test_nonsense_is_an_answer(respond: Respond, watched: Connect, loopback: Loopback) -> None:
    loopback.respond = respond
    async with watched(breaker=BreakerLimits(1, 60.0)) as client:
        for _ in range(3):
            with pytest.raises(VendorSurprise):
                await client.get("x")
        assert client.condition().failures == 0
    assert len(loopback.received) == 3


async def test_an_address_that_may_not_be_called_is_nobodys_failure() -> None:
    bounds = Limits(breaker=BreakerLimits(1, 60.0), private_addresses=False)
    async with Transport(made_up_vendor(), "http://169.254.1.1", SECRET, bounds) as client:
        for _ in range(2):
            with pytest.raises(VendorUnreachable, match="private address") as caught:
                await client.get("x")
            assert not caught.value.retryable
        assert client.condition().failures == 0


async def test_it_can_be_switched_off(watched: Connect, loopback: Loopback) -> None:
    loopback.respond = answer(500)
    async with watched(breaker=BreakerLimits(0)) as client:
        for _ in range(20):
            with pytest.raises(VendorBroken):
                await client.get("x")
    assert len(loopback.received) == 20
