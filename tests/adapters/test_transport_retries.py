"""Calls made again: which, how often, when, and in whose time."""

import asyncio
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from adapters.breaker import BreakerLimits
from adapters.errors import (
    DeadlineExceeded,
    VendorBroken,
    VendorBusy,
    VendorError,
    VendorLimited,
    VendorTimeout,
    VendorUnreachable,
)
from adapters.forwarding import Forward
from adapters.retrying import RetryLimits
from adapters.watching import Refusal, RetryReason
from tests.adapters.conftest import Connect, Notes
from tests.adapters.loopback import Loopback, Received, answer, raw, script, until

BREAKS = raw(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{")


async def silent(_: Received, __: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


@pytest.mark.parametrize(
    ("failure", "why"),
    [
        (BREAKS, RetryReason.UNREACHABLE),
        (answer(429), RetryReason.LIMITED),
        (answer(502), RetryReason.UNAVAILABLE),
        (answer(503), RetryReason.UNAVAILABLE),
        (answer(504), RetryReason.TIMEOUT),
    ],
)
async def test_a_read_is_made_again_where_the_failure_may_pass(
    failure: object, why: RetryReason, watched: Connect, loopback: Loopback, notes: Notes
) -> None:
    loopback.respond = script(failure, failure, answer(body=b'{"well": true}'))  # type: ignore[arg-type]
    async with watched() as client:
        assert (await client.get("x")).document == {"well": True}
    assert notes.retries == [why, why]


@pytest.mark.parametrize("status", [400, 401, 404, 408, 409, 422, 500, 501])
async def test_a_read_that_was_answered_for_good_is_made_once(
    status: int, watched: Connect, loopback: Loopback
) -> None:
    loopback.respond = answer(status)
    async with watched() as client:
        with pytest.raises(VendorError):
            await client.get("x")
    assert len(loopback.received) == 1


@pytest.mark.parametrize("failure", [BREAKS, answer(502), answer(503), answer(504)])
async def test_a_write_that_may_have_been_done_is_made_once(
    failure: object, watched: Connect, loopback: Loopback
) -> None:
    loopback.respond = failure  # type: ignore[assignment]
    async with watched() as client:
        with pytest.raises(VendorError):
            await client.send("POST", "x", body={})
    assert len(loopback.received) == 1


async def test_a_write_that_the_vendor_refused_to_look_at_is_made_again_with_its_body(
    watched: Connect, loopback: Loopback
) -> None:
    loopback.respond = script(answer(429), answer(201))
    async with watched() as client:
        assert (await client.send("POST", "x", body={"a": 1})).status == 201
    assert [seen.body for seen in loopback.received] == [b'{"a":1}'] * 2


async def test_the_last_failure_is_the_answer_when_all_attempts_failed(
    watched: Connect, loopback: Loopback
) -> None:
    loopback.respond = script(answer(503), answer(502), BREAKS)
    async with watched() as client:
        with pytest.raises(VendorUnreachable):
            await client.get("x")
    assert len(loopback.received) == 3


async def test_an_attempt_has_its_own_time_within_the_call_s(
    watched: Connect, loopback: Loopback, notes: Notes
) -> None:
    loopback.respond = script(silent, answer())
    async with watched(attempt_seconds=0.1) as client:
        assert (await client.get("x")).status == 200
    assert notes.retries == [RetryReason.TIMEOUT]


async def test_all_attempts_together_have_the_call_s_time(watched: Connect, loopback: Loopback) -> None:
    loopback.respond = silent
    async with watched(timeout_seconds=1.5, attempt_seconds=0.4, retries=RetryLimits(10)) as client:
        with pytest.raises(VendorTimeout):
            await client.get("x")
    assert 2 <= len(loopback.received) <= 4


async def test_retry_after_in_seconds_is_waited_for(watched: Connect, loopback: Loopback) -> None:
    times: list[float] = []

    async def timed(request: Received, writer: asyncio.StreamWriter) -> None:
        times.append(asyncio.get_running_loop().time())
        await (answer(429, headers=[("retry-after", "1")]) if len(times) == 1 else answer())(request, writer)

    loopback.respond = timed
    async with watched() as client:
        await client.get("x")
    assert times[1] - times[0] >= 0.99


async def test_retry_after_as_a_date_beyond_the_call_s_time_is_told_at_once(
    watched: Connect, loopback: Loopback
) -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    loopback.respond = answer(503, headers=[("retry-after", date)])
    async with watched() as client:
        with pytest.raises(VendorBroken) as caught:
            await client.get("x")
    assert len(loopback.received) == 1
    assert caught.value.retry_after == pytest.approx(60, abs=5)


async def test_a_limit_without_retry_after_is_over_when_the_quota_is_there_again(
    watched: Connect, loopback: Loopback
) -> None:
    loopback.respond = answer(429, headers=[("X-RateLimit-Remaining", "0"), ("X-RateLimit-Reset", "90")])
    async with watched() as client:
        with pytest.raises(VendorLimited) as caught:
            await client.get("x")
        (quota,) = client.condition().quotas
    assert caught.value.retry_after == pytest.approx(90, abs=1)
    assert (quota.name, quota.remaining) == ("requests", 0)


async def test_no_place_is_held_while_a_call_waits_to_be_made_again(
    watched: Connect, loopback: Loopback
) -> None:
    loopback.respond = script(answer(429, headers=[("retry-after", "2")]), answer())
    async with watched(concurrency=1, queue=0) as client:
        waiting = asyncio.create_task(client.get("x"))
        await until(lambda: bool(loopback.received) and not client.condition().under_way)
        assert (await client.get("y")).status == 200
        assert not waiting.done()
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)


async def test_what_is_passed_through_is_sent_once(watched: Connect, loopback: Loopback) -> None:
    loopback.respond = answer(503)
    async with watched() as client:
        async with client.forward(Forward("GET", b"/x")) as forwarded:
            assert forwarded.status == 503
        with pytest.raises(VendorBroken):
            async with client.stream("GET", "x"):
                pass
    assert len(loopback.received) == 2


async def test_a_deadline_ends_the_call_and_is_no_failure_of_the_vendor(
    watched: Connect, loopback: Loopback, notes: Notes
) -> None:
    loopback.respond = silent
    async with watched(breaker=BreakerLimits(1)) as client:
        end = asyncio.get_running_loop().time() + 0.1
        with pytest.raises(DeadlineExceeded) as caught:
            await client.bounded(end).send("POST", "x", body={})
        assert not caught.value.never_left
        with pytest.raises(DeadlineExceeded) as caught:
            await client.bounded(end).send("POST", "x", body={})
        assert caught.value.never_left
        assert client.condition().failures == 0
    assert len(loopback.received) == 1
    assert notes.states == []


async def test_a_deadline_that_ends_in_the_queue_leaves_nothing_sent(
    watched: Connect, loopback: Loopback
) -> None:
    loopback.respond = silent
    async with watched(concurrency=1, queue=1) as client:
        first = asyncio.create_task(client.get("x"))
        await until(lambda: bool(loopback.received))
        with pytest.raises(DeadlineExceeded) as caught:
            await client.bounded(asyncio.get_running_loop().time() + 0.05).send("POST", "x")
        assert caught.value.never_left
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)


async def test_a_call_waits_for_a_place_for_a_short_time_only(
    watched: Connect, loopback: Loopback, notes: Notes
) -> None:
    loopback.respond = script(silent, answer())
    async with watched(concurrency=1, queue=2, queue_seconds=0.05) as client:
        first = asyncio.create_task(client.get("x"))
        await until(lambda: bool(loopback.received))
        with pytest.raises(VendorBusy, match=r"none ended within 0\.05 seconds") as caught:
            await client.get("x")
        assert (caught.value.never_left, caught.value.retry_after) == (True, 1.0)
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        assert (client.condition().under_way, client.condition().waiting) == (0, 0)
    assert notes.refusals == [Refusal.QUEUE]
