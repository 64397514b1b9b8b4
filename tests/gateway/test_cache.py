"""Reads through the cache, with a clock of our own."""

import asyncio

import pytest

from adapters.errors import VendorBroken, VendorNotFound
from gateway.cache.keys import cache_key
from gateway.cache.memory import MemoryStore, NoStore
from gateway.cache.reader import CachedReader, Outcome
from gateway.cache.store import Entry


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Vendor:
    """Counts its calls; gives bytes, an error, or waits."""

    def __init__(self, clock: Clock, fresh: float = 10.0) -> None:
        self.clock, self.fresh, self.calls = clock, fresh, 0
        self.error: Exception | None = None
        self.gate: asyncio.Event | None = None

    async def __call__(self) -> Entry:
        self.calls += 1
        if self.gate is not None:
            await self.gate.wait()
        if self.error is not None:
            raise self.error
        return Entry({"canonical": f"{self.calls}".encode()}, self.clock.now, self.fresh)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def vendor(clock: Clock) -> Vendor:
    return Vendor(clock)


@pytest.fixture
def reader(clock: Clock) -> CachedReader:
    return CachedReader(MemoryStore(10_000), clock)


async def test_a_fresh_entry_costs_no_call(reader: CachedReader, vendor: Vendor, clock: Clock) -> None:
    first, outcome = await reader.read("k", vendor, not_found_seconds=5)
    assert outcome is Outcome.MISS
    clock.now += 9.9
    again, outcome = await reader.read("k", vendor, not_found_seconds=5)
    assert (again, outcome, vendor.calls) == (first, Outcome.HIT, 1)
    assert reader.age(again) == 9


async def test_an_entry_is_stale_when_its_time_is_over(
    reader: CachedReader, vendor: Vendor, clock: Clock
) -> None:
    await reader.read("k", vendor, not_found_seconds=5)
    clock.now += 10
    entry, outcome = await reader.read("k", vendor, not_found_seconds=5)
    assert outcome is Outcome.MISS
    assert entry.parts["canonical"] == b"2"


async def test_zero_seconds_keep_nothing(reader: CachedReader, vendor: Vendor) -> None:
    vendor.fresh = 0
    for expected in (1, 2):
        await reader.read("k", vendor, not_found_seconds=0)
        assert vendor.calls == expected


async def test_not_found_is_remembered_for_its_own_time(
    reader: CachedReader, vendor: Vendor, clock: Clock
) -> None:
    vendor.error = VendorNotFound("no such workflow", status=404)
    for _ in range(3):
        with pytest.raises(VendorNotFound, match="no such workflow"):
            await reader.read("k", vendor, not_found_seconds=5)
    assert vendor.calls == 1
    clock.now += 5
    vendor.error = None
    assert (await reader.read("k", vendor, not_found_seconds=5))[1] is Outcome.MISS


async def test_other_errors_are_not_remembered(reader: CachedReader, vendor: Vendor) -> None:
    vendor.error = VendorBroken("down", status=500)
    for expected in (1, 2):
        with pytest.raises(VendorBroken):
            await reader.read("k", vendor, not_found_seconds=5)
        assert vendor.calls == expected


async def test_a_thousand_misses_make_one_call(reader: CachedReader, vendor: Vendor) -> None:
    vendor.gate = asyncio.Event()
    asking = [asyncio.create_task(reader.read("k", vendor, not_found_seconds=5)) for _ in range(1000)]
    await asyncio.sleep(0)
    vendor.gate.set()
    answers = await asyncio.gather(*asking)
    assert vendor.calls == 1
    assert [outcome for _, outcome in answers].count(Outcome.MISS) == 1
    assert {entry.parts["canonical"] for entry, _ in answers} == {b"1"}


async def test_a_leader_who_leaves_does_not_take_the_answer_away(
    reader: CachedReader, vendor: Vendor
) -> None:
    vendor.gate = asyncio.Event()
    leader = asyncio.create_task(reader.read("k", vendor, not_found_seconds=5))
    await asyncio.sleep(0)
    follower = asyncio.create_task(reader.read("k", vendor, not_found_seconds=5))
    await asyncio.sleep(0)
    leader.cancel()
    vendor.gate.set()
    entry, outcome = await follower
    assert (entry.parts["canonical"], outcome, vendor.calls) == (b"1", Outcome.COLLAPSED, 1)


async def test_an_error_goes_to_those_who_waited_and_to_nobody_later(
    reader: CachedReader, vendor: Vendor
) -> None:
    vendor.gate, vendor.error = asyncio.Event(), VendorBroken("down")
    asking = [asyncio.create_task(reader.read("k", vendor, not_found_seconds=5)) for _ in range(3)]
    await asyncio.sleep(0)
    vendor.gate.set()
    assert all(
        isinstance(found, VendorBroken) for found in await asyncio.gather(*asking, return_exceptions=True)
    )
    vendor.error = None
    assert (await reader.read("k", vendor, not_found_seconds=5))[1] is Outcome.MISS


async def test_close_ends_what_is_under_way(reader: CachedReader, vendor: Vendor) -> None:
    vendor.gate = asyncio.Event()
    asking = asyncio.create_task(reader.read("k", vendor, not_found_seconds=5))
    await asyncio.sleep(0)
    await reader.close()
    with pytest.raises(asyncio.CancelledError):
        await asking


async def test_the_store_is_bounded_by_bytes() -> None:
    store = MemoryStore(10_000)
    for index in range(100):
        await store.put(str(index), Entry({"canonical": b"x" * 1000}, 0, 10))
        assert store.used_bytes <= 10_000
    assert await store.get("99") is not None
    assert await store.get("0") is None


async def test_the_least_recently_used_makes_room() -> None:
    store = MemoryStore(4_000)
    for name in "abc":
        await store.put(name, Entry({"canonical": b"x" * 500}, 0, 10))
    await store.get("a")
    await store.put("d", Entry({"canonical": b"x" * 500}, 0, 10))
    assert await store.get("a") is not None
    assert await store.get("b") is None


async def test_what_is_larger_than_the_store_is_not_kept_and_leaves_nothing_old() -> None:
    store = MemoryStore(2_000)
    await store.put("k", Entry({"canonical": b"old"}, 0, 10))
    await store.put("k", Entry({"canonical": b"x" * 5_000}, 0, 10))
    assert await store.get("k") is None
    await store.put("k", Entry({}, 0, 10))
    await store.remove("k")
    await store.remove("k")
    assert store.used_bytes == 0


async def test_a_switched_off_cache_keeps_nothing(clock: Clock, vendor: Vendor) -> None:
    reader = CachedReader(NoStore(), clock)
    for expected in (1, 2):
        await reader.read("k", vendor, not_found_seconds=5)
        assert vendor.calls == expected


def test_every_part_of_the_question_is_in_the_key() -> None:
    keys = {
        cache_key(connection, credential, operation, parameters)
        for connection in ("a", "b")
        for credential in ("1", "2")
        for operation in ("workflow", "listing")
        for parameters in ({"id": "x"}, {"id": "y"}, {"id": "x", "version": "1"}, {"id": "x", "label": "1"})
    }
    assert len(keys) == 32
    assert cache_key("a", "1", "o", {"x": 1, "y": 2}) == cache_key("a", "1", "o", {"y": 2, "x": 1, "z": None})
