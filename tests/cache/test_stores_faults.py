"""Redis killed, frozen, slow, refusing, restarted: nothing raises, nothing waits long, nothing forgotten comes back."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final

import pytest

from gateway.cache.front import ALONE, Tier
from gateway.cache.redis_store import RedisOptions, RedisStore
from gateway.cache.tiers import TieredStore
from tests.cache.redis_server import HOST, RedisServer, free_port
from tests.cache.stores import PATIENT, entry, redis_store, tiered

CALL_SECONDS: Final = 0.05
STATED: Final = 2 * CALL_SECONDS
"""The longest that a call may take: waiting for a connection, then for the answer."""

SLACK: Final = 0.9
"""For a machine that is busy with other things."""

FAILURES: Final = 3
REST: Final = 0.1
SILENCE: Final = 0.2
KEY: Final = "1:c:f:workflow:0"
TAGS: Final = ("connection:c", "workflow:c:1")


class Timed:
    """Makes calls one after the other and notes how long each takes."""

    def __init__(self, store: TieredStore) -> None:
        self.store = store
        self.seconds: list[float] = []

    async def call(self, made: Awaitable[object]) -> object:
        started = time.perf_counter()
        answer = await made
        self.seconds.append(time.perf_counter() - started)
        return answer

    async def everything(self, number: int) -> None:
        """Make every kind of call about something that the shared tier does not have."""
        key, store = f"1:c:f:absent:{number}", self.store
        assert await self.call(store.get(key)) is None
        assert await self.call(store.newer(key, entry())) is None
        assert await self.call(store.acquire(key, 5)) is not None
        assert await self.call(store.wait_for(key, STATED)) is None
        await self.call(store.put(key, entry(key, f"workflow:d:{number}")))
        assert await self.call(store.get(key)) is not None
        await self.call(store.release(key, ALONE))
        await self.call(store.invalidate(f"workflow:d:{number}"))
        assert await self.call(store.get(key)) is None
        await self.call(store.remove(key))

    def assert_bounded(self) -> None:
        """No call took longer than stated, and after the first failures hardly any took time at all."""
        assert max(self.seconds) < STATED + SLACK
        slow = [seconds for seconds in self.seconds if seconds > CALL_SECONDS * 0.8]
        assert len(slow) <= FAILURES + len(self.seconds) // 50


def tiers(url: str, *, failures: int = FAILURES) -> TieredStore:
    return tiered(redis_store(url, "wg", CALL_SECONDS, SILENCE), failures=failures, rest_seconds=REST)


@pytest.fixture
async def store(own_redis: RedisServer) -> AsyncIterator[TieredStore]:
    made = tiers(own_redis.url)
    await made.start()
    yield made
    await made.close()


def state(store: TieredStore) -> str:
    return store.shared_figures.state.value


async def until(true: Callable[[], bool], store: TieredStore) -> None:
    """Wait for something while requests go on: they are what makes the store look again."""
    async with asyncio.timeout(2 * PATIENT):
        while not true():
            await store.get("1:c:nothing")
            await asyncio.sleep(0.01)


async def written(store: TieredStore, key: str = KEY) -> None:
    """Put an entry, and see that the shared tier has it."""
    put = entry(key, *TAGS)
    await store.put(key, put)
    await store.flush()
    store.memory._take_out(key)
    assert await store.get_with_tier(key) == (put, Tier.SHARED)


def kill(server: RedisServer) -> None:
    server.kill()


def freeze(server: RedisServer) -> None:
    server.freeze()


def slow(server: RedisServer) -> None:
    server.keep_busy(1.5)


def lock_out(server: RedisServer) -> None:
    server.run("CONFIG", "SET", "requirepass", "new")
    with server.client("new") as client:
        client.client_kill_filter(_type="normal", skipme=True)
        client.client_kill_filter(_type="pubsub")


@pytest.mark.parametrize("break_", [kill, freeze, slow, lock_out], ids=lambda break_: break_.__name__)
async def test_without_redis_nothing_raises_or_waits(
    store: TieredStore, own_redis: RedisServer, break_: Callable[[RedisServer], None]
) -> None:
    await written(store)
    break_(own_redis)
    timed = Timed(store)
    for number in range(30):
        await timed.everything(number)
    timed.assert_bounded()
    assert (await store.get_with_tier(KEY))[1] is Tier.MEMORY
    probes = sum(timed.seconds) / REST + 1
    assert 1 <= store.shared_figures.counts.failed <= 2 * FAILURES + probes
    started = time.perf_counter()
    await store.close()
    assert time.perf_counter() - started < PATIENT


async def test_many_at_once_wait_no_longer_than_one(store: TieredStore, own_redis: RedisServer) -> None:
    own_redis.freeze()
    timed = Timed(store)
    await asyncio.gather(*(timed.call(store.get(f"1:c:{number}")) for number in range(300)))
    assert max(timed.seconds) < STATED + SLACK
    own_redis.thaw()


async def test_it_is_used_again_after_a_restart(store: TieredStore, own_redis: RedisServer) -> None:
    for _ in range(2):
        await written(store)
        own_redis.kill()
        await until(lambda: state(store) == "open", store)
        await store.invalidate(*TAGS)
        own_redis.start()
        await until(lambda: state(store) == "closed", store)
    await written(store)


async def test_it_is_used_again_after_being_frozen(store: TieredStore, own_redis: RedisServer) -> None:
    await written(store)
    own_redis.freeze()
    await until(lambda: state(store) == "open", store)
    own_redis.thaw()
    await until(lambda: state(store) == "closed", store)
    await written(store)


async def test_what_was_forgotten_while_it_was_frozen_does_not_come_back(
    store: TieredStore, own_redis: RedisServer
) -> None:
    other = tiers(own_redis.url)
    await other.start()
    await written(store)
    await written(store, f"{KEY}:kept")
    assert await other.get(KEY) is not None
    own_redis.freeze()
    await store.remove(KEY)
    own_redis.thaw()
    assert await store.get(KEY) is None
    await until(lambda: state(store) == "closed", store)
    assert await store.get(KEY) is None
    await until(lambda: other.peek(KEY) is None, other)
    assert await other.get(KEY) is None
    assert (await other.get(f"{KEY}:kept")) is not None
    await other.close()


async def test_after_a_long_silence_nothing_in_memory_is_trusted(
    store: TieredStore, own_redis: RedisServer
) -> None:
    await store.put(KEY, entry())
    own_redis.freeze()
    await asyncio.sleep(3 * SILENCE)  # more than twice the silence after which the server is asked
    own_redis.thaw()
    await until(lambda: store.peek(KEY) is None, store)


async def test_a_full_redis_is_read_and_told_to_forget(store: TieredStore, own_redis: RedisServer) -> None:
    await written(store)
    own_redis.run("CONFIG", "SET", "maxmemory-policy", "noeviction")
    own_redis.run("CONFIG", "SET", "maxmemory", "1")
    timed = Timed(store)
    for number in range(30):
        await timed.everything(number)
        await store.put(f"1:c:{number}", entry())
    await store.flush()
    timed.assert_bounded()
    counts = store.shared_figures.counts
    assert (counts.refused > 0, counts.failed) == (True, 0)
    assert counts.dropped > counts.refused, "whoever refuses is asked to write again only after a while"
    assert state(store) == "closed"
    store.memory._take_out(KEY)
    assert (await store.get_with_tier(KEY))[1] is Tier.SHARED
    await store.invalidate(*TAGS)
    assert await store.get(KEY) is None
    own_redis.run("CONFIG", "SET", "maxmemory", "0")
    await asyncio.sleep(REST)
    await written(store)


async def test_a_read_only_replica_is_read_until_something_is_to_be_forgotten(
    store: TieredStore, own_redis: RedisServer
) -> None:
    await written(store)
    await written(store, f"{KEY}:other")
    own_redis.run("CONFIG", "SET", "replica-serve-stale-data", "yes")
    own_redis.run("REPLICAOF", HOST, free_port())
    await store.put("1:c:new", entry())
    await store.flush()
    assert store.shared_figures.counts.refused == 1
    store.memory._take_out(f"{KEY}:other")
    assert (await store.get_with_tier(f"{KEY}:other"))[1] is Tier.SHARED
    await store.invalidate(*TAGS)
    timed = Timed(store)
    for number in range(30):
        await timed.everything(number)
        assert await store.get(KEY) is None, "it still has what is forgotten"
    timed.assert_bounded()
    assert state(store) == "open"
    own_redis.run("REPLICAOF", "NO", "ONE")
    await until(lambda: state(store) == "closed", store)
    assert await store.get(KEY) is None
    assert await store.get(f"{KEY}:other") is None
    await written(store)


async def test_a_wrong_password_costs_the_shared_tier_and_nothing_else(own_redis: RedisServer) -> None:
    own_redis.run("CONFIG", "SET", "requirepass", "right")
    options = RedisOptions(call_seconds=CALL_SECONDS, connect_seconds=1.0)
    store = tiered(RedisStore.from_url(own_redis.url, "wrong", options), rest_seconds=REST)
    timed = Timed(store)
    await store.start()
    for number in range(30):
        await timed.everything(number)
    timed.assert_bounded()
    assert state(store) == "open"
    await store.close()


async def test_starting_without_redis_takes_no_time(own_redis: RedisServer) -> None:
    own_redis.kill()
    store = tiers(own_redis.url)
    started = time.perf_counter()
    await store.start()
    assert time.perf_counter() - started < SLACK
    assert state(store) == "open"
    own_redis.start()
    await until(lambda: state(store) == "closed", store)
    await written(store)
    await store.close()


async def test_two_instances_hear_each_other_again_after_a_restart(own_redis: RedisServer) -> None:
    here, there = tiers(own_redis.url), tiers(own_redis.url)
    await here.start()
    await there.start()
    own_redis.kill()
    await until(lambda: state(here) == "open", here)
    own_redis.start()
    for store in (here, there):
        await until(lambda store=store: state(store) == "closed", store)
    with own_redis.client() as client:
        await until(lambda: client.pubsub_numsub("wg:messages")[0][1] == 2, here)
    await written(here)
    assert await there.get(KEY) is not None
    await here.invalidate(*TAGS)
    await until(lambda: there.peek(KEY) is None, there)
    assert await there.get(KEY) is None
    await here.close()
    await there.close()
