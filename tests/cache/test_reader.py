"""Reads through the cache, with a clock of our own. Each rule names its paragraph."""

import asyncio

import pytest

from adapters.errors import VendorBroken, VendorNotFound, VendorRejected, VendorTimeout
from gateway.cache.memory import MemoryStore, NoStore
from gateway.cache.policy import Times
from gateway.cache.reader import PAUSE_SECONDS, CachedReader
from gateway.cache.trace import Outcome, Trace
from gateway.errors import NotCached
from tests.cache.reading import QUESTION, TAGS, Asked, Clock, Vendor, turns

LASTING = Times(fresh=10.0, stale_while_revalidate=5.0, stale_if_error=100.0)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def vendor(clock: Clock) -> Vendor:
    return Vendor(clock)


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore(1_000_000)


@pytest.fixture
def asked(store: MemoryStore, clock: Clock, vendor: Vendor) -> Asked:
    return Asked(CachedReader(store, clock), vendor)


async def test_a_fresh_entry_costs_no_call_rfc_9111_4_2(asked: Asked, clock: Clock) -> None:
    assert await asked.read() == b"1"
    assert asked.trace.cache_status() == "workflow-gateway; fwd=uri-miss; ttl=10; stored"
    clock.now += 9.5
    assert await asked.read() == b"1"
    assert asked.trace.cache_status() == "workflow-gateway; hit; ttl=0; detail=memory"
    assert asked.vendor.calls == 1


async def test_what_is_as_old_as_its_lifetime_is_stale_rfc_9111_4_2(asked: Asked, clock: Clock) -> None:
    await asked.read()
    clock.now += 10
    assert await asked.read() == b"2"
    assert asked.trace.cache_status() == "workflow-gateway; fwd=stale; ttl=10; stored"


async def test_zero_seconds_keep_nothing(asked: Asked) -> None:
    asked.vendor.times = Times(0.0)
    assert [await asked.read() for _ in range(2)] == [b"1", b"2"]
    assert "stored" not in asked.trace.cache_status()


async def test_stale_while_revalidate_answers_at_once_rfc_5861_3(asked: Asked, clock: Clock) -> None:
    asked.vendor.times = LASTING
    await asked.read()
    clock.now += 12
    asked.vendor.gate = asyncio.Event()
    assert [await asked.read() for _ in range(5)] == [b"1"] * 5
    assert asked.trace.outcome is Outcome.STALE
    assert asked.trace.cache_status() == "workflow-gateway; hit; ttl=-2; detail=stale-while-revalidate"
    await turns()
    assert asked.vendor.calls == 2
    asked.vendor.gate.set()
    await turns()
    assert await asked.read() == b"2"
    assert asked.trace.outcome is Outcome.HIT


async def test_beyond_its_window_the_vendor_is_waited_for_rfc_5861_3(asked: Asked, clock: Clock) -> None:
    asked.vendor.times = LASTING
    await asked.read()
    clock.now += 15.5
    assert await asked.read() == b"2"


@pytest.mark.parametrize("error", [VendorBroken("down", status=500), VendorTimeout("slow")])
async def test_stale_if_error_answers_with_the_last_good_bytes_rfc_5861_4(
    asked: Asked, clock: Clock, error: Exception
) -> None:
    asked.vendor.times = LASTING
    await asked.read()
    clock.now += 50
    asked.vendor.error = error
    assert await asked.read() == b"1"
    status = asked.trace.cache_status()
    assert asked.trace.outcome is Outcome.RESCUED
    assert status.startswith("workflow-gateway; fwd=stale")
    assert status.endswith("; ttl=-40; detail=stale-if-error")
    assert ("fwd-status=500" in status) == isinstance(error, VendorBroken)


async def test_beyond_its_window_the_failure_is_the_answer_rfc_5861_4(asked: Asked, clock: Clock) -> None:
    asked.vendor.times = LASTING
    await asked.read()
    clock.now += 111
    asked.vendor.error = VendorBroken("down", status=500)
    with pytest.raises(VendorBroken):
        await asked.read()
    assert asked.trace.cache_status() == "workflow-gateway; fwd=stale; fwd-status=500"


async def test_a_no_of_the_vendor_is_no_failure_rfc_5861_4(asked: Asked, clock: Clock) -> None:
    asked.vendor.times = LASTING
    await asked.read()
    clock.now += 50
    asked.vendor.error = VendorRejected("no", status=422)
    with pytest.raises(VendorRejected):
        await asked.read()


async def test_a_vendor_that_failed_is_left_alone_for_a_moment(asked: Asked, clock: Clock) -> None:
    asked.vendor.times = LASTING
    await asked.read()
    clock.now += 50
    asked.vendor.error = VendorBroken("down", status=500)
    for _ in range(3):
        assert await asked.read() == b"1"
    assert asked.vendor.calls == 2
    assert asked.trace.cache_status() == "workflow-gateway; hit; ttl=-40; detail=stale-if-error"
    clock.now += PAUSE_SECONDS
    asked.vendor.error = None
    assert await asked.read() == b"3"


async def test_a_vendor_that_fails_is_not_asked_beside_every_request(asked: Asked, clock: Clock) -> None:
    asked.vendor.times = LASTING
    await asked.read()
    clock.now += 12
    asked.vendor.error = VendorBroken("down", status=500)
    for _ in range(5):
        assert await asked.read() == b"1"
        await turns()
    assert asked.vendor.calls == 2


async def test_not_found_is_kept_for_its_own_time_rfc_9110_15_5_5(asked: Asked, clock: Clock) -> None:
    asked.vendor.error = VendorNotFound("no such workflow", status=404)
    for _ in range(3):
        with pytest.raises(VendorNotFound, match="no such workflow"):
            await asked.read()
    assert asked.vendor.calls == 1
    assert asked.trace.cache_status() == "workflow-gateway; hit; ttl=5; detail=not-found"
    clock.now += 5
    asked.vendor.error = None
    assert await asked.read() == b"2"


async def test_what_is_gone_is_not_given_out_when_the_vendor_fails_later(asked: Asked, clock: Clock) -> None:
    asked.vendor.times = LASTING
    await asked.read()
    clock.now += 20
    asked.vendor.error = VendorNotFound("gone", status=404)
    with pytest.raises(VendorNotFound):
        await asked.read()
    clock.now += 6
    asked.vendor.error = VendorBroken("down", status=500)
    with pytest.raises(VendorBroken):
        await asked.read()


async def test_not_found_without_a_time_takes_what_was_kept_with_it(asked: Asked, clock: Clock) -> None:
    asked.vendor.times = LASTING
    never = QUESTION.__class__(QUESTION.key, TAGS, not_found_seconds=0.0)
    await asked.read(question=never)
    clock.now += 20
    asked.vendor.error = VendorNotFound("gone", status=404)
    with pytest.raises(VendorNotFound):
        await asked.read(question=never)
    asked.vendor.error = VendorBroken("down", status=500)
    with pytest.raises(VendorBroken):
        await asked.read(question=never)


async def test_other_errors_are_not_kept(asked: Asked) -> None:
    asked.vendor.error = VendorBroken("down", status=500)
    for expected in (1, 2):
        with pytest.raises(VendorBroken):
            await asked.read()
        assert asked.vendor.calls == expected


async def test_what_the_vendor_confirms_is_fresh_again_rfc_9111_4_3_4(asked: Asked, clock: Clock) -> None:
    await asked.read()
    clock.now += 20
    asked.vendor.unchanged = True
    assert await asked.read() == b"1"
    assert asked.trace.cache_status() == "workflow-gateway; fwd=stale; fwd-status=304; ttl=10; stored"
    clock.now += 9
    assert await asked.read() == b"1"
    assert asked.vendor.calls == 2


async def test_no_cache_asks_the_vendor_rfc_9111_5_2_1_4(asked: Asked) -> None:
    await asked.read()
    assert await asked.read("no-cache") == b"2"
    assert asked.trace.cache_status() == "workflow-gateway; fwd=request; ttl=10; stored"
    assert await asked.read() == b"2"


async def test_max_age_bounds_the_age_rfc_9111_5_2_1_1(asked: Asked, clock: Clock) -> None:
    await asked.read()
    clock.now += 5
    assert await asked.read("max-age=5") == b"1"
    assert await asked.read("max-age=4") == b"2"


async def test_max_stale_takes_what_is_stale_rfc_9111_5_2_1_2(asked: Asked, clock: Clock) -> None:
    asked.vendor.times = LASTING
    await asked.read()
    clock.now += 40
    assert await asked.read("max-stale=30") == b"1"
    assert asked.trace.outcome is Outcome.STALE


async def test_no_store_keeps_nothing_of_the_answer_rfc_9111_5_2_1_5(asked: Asked) -> None:
    assert await asked.read("no-store") == b"1"
    assert asked.trace.cache_status() == "workflow-gateway; fwd=uri-miss; ttl=10"
    assert await asked.read() == b"2"


async def test_who_asks_as_well_as_a_no_store_request_gets_something_kept(asked: Asked) -> None:
    asked.vendor.gate = asyncio.Event()
    quiet = asyncio.create_task(asked.read("no-store"))
    await turns()
    usual = asyncio.create_task(Asked(asked.reader, asked.vendor).read())
    await turns()
    asked.vendor.gate.set()
    assert await asyncio.gather(quiet, usual) == [b"1", b"2"]
    assert await asked.read() == b"2"


async def test_only_if_cached_is_answered_from_what_is_kept_rfc_9111_5_2_1_7(asked: Asked) -> None:
    with pytest.raises(NotCached):
        await asked.read("only-if-cached")
    assert asked.trace.cache_status() == "workflow-gateway; fwd=uri-miss"
    assert asked.vendor.calls == 0
    await asked.read()
    assert await asked.read("only-if-cached") == b"1"


async def test_a_thousand_misses_make_one_call(asked: Asked) -> None:
    asked.vendor.gate = asyncio.Event()
    others = [Asked(asked.reader, asked.vendor) for _ in range(1000)]
    asking = [asyncio.create_task(other.read()) for other in others]
    await turns()
    asked.vendor.gate.set()
    assert await asyncio.gather(*asking) == [b"1"] * 1000
    assert asked.vendor.calls == 1
    outcomes = [other.trace.outcome for other in others]
    assert outcomes.count(Outcome.MISS) == 1
    assert outcomes.count(Outcome.COLLAPSED) == 999
    assert others[-1].trace.cache_status().endswith("; stored; collapsed")


async def test_a_leader_who_leaves_hands_over(asked: Asked) -> None:
    asked.vendor.gate = asyncio.Event()
    leader = asyncio.create_task(asked.read())
    await turns()
    follower = asyncio.create_task(Asked(asked.reader, asked.vendor).read())
    await turns()
    leader.cancel()
    await turns()
    asked.vendor.gate.set()
    assert await follower == b"1"
    assert asked.vendor.calls == 1


async def test_when_all_have_left_the_call_is_cancelled(asked: Asked) -> None:
    asked.vendor.gate = asyncio.Event()
    asking = [asyncio.create_task(Asked(asked.reader, asked.vendor).read()) for _ in range(3)]
    await turns()
    for task in asking:
        task.cancel()
    await turns()
    asked.vendor.gate = None
    assert await asked.read() == b"2"


async def test_who_asks_just_when_the_last_one_leaves_gets_a_call_of_its_own(asked: Asked) -> None:
    asked.vendor.gate = asyncio.Event()
    leaving = asyncio.create_task(asked.read())
    await turns()
    leaving.cancel()
    # At the first turn the one who leaves gives the call up, and at some later one it is over.
    coming = []
    for _ in range(8):
        await asyncio.sleep(0)
        coming.append(asyncio.create_task(asked.read()))
    await turns()
    asked.vendor.gate.set()
    assert await asyncio.gather(*coming, return_exceptions=True) == [b"2"] * len(coming)
    assert leaving.cancelled()


async def test_an_error_goes_to_those_who_waited_and_to_nobody_later(asked: Asked) -> None:
    asked.vendor.gate, asked.vendor.error = asyncio.Event(), VendorBroken("down", status=500)
    asking = [asyncio.create_task(Asked(asked.reader, asked.vendor).read()) for _ in range(3)]
    await turns()
    asked.vendor.gate.set()
    failures = await asyncio.gather(*asking, return_exceptions=True)
    assert all(isinstance(failure, VendorBroken) for failure in failures)
    asked.vendor.error = None
    assert await asked.read() == b"2"


async def test_no_cache_is_not_answered_by_a_call_made_before_it_came_rfc_9111_5_2_1_4(asked: Asked) -> None:
    asked.vendor.gate = asyncio.Event()
    early = asyncio.create_task(asked.read())
    await turns()
    late = [asyncio.create_task(Asked(asked.reader, asked.vendor).read("no-cache")) for _ in range(100)]
    await turns()
    asked.vendor.gate.set()
    assert await early == b"1"
    assert await asyncio.gather(*late) == [b"2"] * 100
    assert asked.vendor.calls == 2


async def test_an_earlier_failure_is_not_the_answer_to_no_cache(asked: Asked) -> None:
    asked.vendor.gate, asked.vendor.error = asyncio.Event(), VendorBroken("down", status=500)
    early = asyncio.create_task(asked.read())
    await turns()
    late = asyncio.create_task(Asked(asked.reader, asked.vendor).read("no-cache"))
    await turns()
    asked.vendor.gate.set()
    with pytest.raises(VendorBroken):
        await early
    asked.vendor.error = None
    assert await late == b"2"


@pytest.mark.parametrize("tags", [(TAGS[0],), (TAGS[1],), ()])
async def test_what_is_forgotten_while_the_vendor_is_asked_is_not_kept(
    asked: Asked, tags: tuple[str, ...]
) -> None:
    asked.vendor.gate = asyncio.Event()
    before = asyncio.create_task(asked.read())
    await turns()
    await asked.reader.forget(*tags)
    asked.vendor.gate.set()
    assert await before == b"1"
    assert await asked.read() == b"2"


async def test_who_comes_after_forgetting_does_not_join_a_call_from_before(asked: Asked) -> None:
    asked.vendor.gate = asyncio.Event()
    before = asyncio.create_task(asked.read())
    await turns()
    await asked.reader.forget(TAGS[1])
    after = asyncio.create_task(Asked(asked.reader, asked.vendor).read())
    await turns()
    asked.vendor.gate.set()
    assert await asyncio.gather(before, after) == [b"1", b"2"]
    assert await asked.read() == b"2"


async def test_a_refresh_goes_on_when_the_one_who_joined_it_leaves(asked: Asked, clock: Clock) -> None:
    asked.vendor.times = LASTING
    await asked.read()
    clock.now += 12
    asked.vendor.gate = asyncio.Event()
    await asked.read()
    clock.now += 10
    joined = asyncio.create_task(Asked(asked.reader, asked.vendor).read())
    await turns()
    joined.cancel()
    await turns()
    asked.vendor.gate.set()
    await turns()
    assert asked.vendor.calls == 2
    assert await asked.read() == b"2"


async def test_close_ends_what_is_under_way(asked: Asked) -> None:
    asked.vendor.gate = asyncio.Event()
    asking = asyncio.create_task(asked.read())
    await turns()
    await asked.reader.close()
    with pytest.raises(asyncio.CancelledError):
        await asking


async def test_a_switched_off_cache_keeps_nothing_and_still_collapses(clock: Clock, vendor: Vendor) -> None:
    asked = Asked(CachedReader(NoStore(), clock), vendor)
    assert [await asked.read() for _ in range(2)] == [b"1", b"2"]
    vendor.gate = asyncio.Event()
    asking = [asyncio.create_task(Asked(asked.reader, vendor).read()) for _ in range(10)]
    await turns()
    vendor.gate.set()
    assert await asyncio.gather(*asking) == [b"3"] * 10


async def test_an_unexpected_failure_is_told_and_not_kept(asked: Asked) -> None:
    asked.vendor.error = RuntimeError("a bug")
    with pytest.raises(RuntimeError, match="a bug"):
        await asked.read()
    asked.vendor.error = None
    assert await asked.read() == b"2"


async def test_a_trace_nobody_asked_for_is_empty() -> None:
    assert Trace().cache_status() == ""
