"""Redis frozen or slow while many ask at once: hardly any request waits, and none for long. Counted, not timed."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable

import pytest

from adapters.breaker import BreakerLimits
from gateway.cache.front import ALONE, Tier
from gateway.cache.memory import MemoryStore
from gateway.cache.redis_store import RedisOptions, RedisStore
from gateway.cache.shared_tier import TierLimits
from gateway.cache.store import Entry
from gateway.cache.tiers import TieredStore
from schemas.catalogue import BreakerState
from tests.cache.proxy import Proxy
from tests.cache.redis_server import HOST, RedisServer
from tests.cache.stores import PATIENT, entry, redis_store

AT_ONCE = 4
FAILURES = 3
ASKERS = 32
KEY = "1:c:f:workflow:0"


class Counted(RedisStore):
    """Counts the calls that requests make."""

    made = 0

    async def get(self, key: str) -> Entry | None:
        self.made += 1
        return await super().get(key)

    async def acquire(self, key: str, token: str, seconds: float) -> bool:
        self.made += 1
        return await super().acquire(key, token, seconds)


def store_at(
    port: int, *, patience_seconds: float = 0.004, call_seconds: float = 0.05, rest_seconds: float = 60.0
) -> TieredStore:
    options = RedisOptions(call_seconds=call_seconds, connect_seconds=PATIENT)
    shared = Counted.from_url(f"redis://{HOST}:{port}/0", options=options)
    limits = TierLimits(
        BreakerLimits(FAILURES, rest_seconds), patience_seconds, queue_seconds=PATIENT, at_once=AT_ONCE
    )
    return TieredStore(MemoryStore(10**8), shared, limits)


def made_by(store: TieredStore) -> int:
    shared = store._shared._store
    assert isinstance(shared, Counted)
    return shared.made


async def ask(store: TieredStore, name: str) -> None:
    """Do what a miss does: look, take the lock, look again, keep what the vendor gave, release."""
    key = f"1:c:f:workflow:{name}"
    assert await store.get_with_tier(key) == (None, None)
    token = await store.acquire(key, 5)
    assert token is not None
    assert await store.newer(key, None) is None
    await store.put(key, entry(name))
    await store.release(key, token)


async def ask_much(store: TieredStore, rounds: int = 30) -> int:
    """Have many ask at once, again and again; returns how many asked."""

    async def one(asker: int) -> None:
        for number in range(rounds):
            await ask(store, f"{asker}-{number}")
            await asyncio.sleep(0)

    await asyncio.gather(*(one(asker) for asker in range(ASKERS)))
    return ASKERS * rounds


@pytest.fixture
async def proxy(own_redis: RedisServer) -> AsyncIterator[Proxy]:
    async with Proxy(own_redis.port) as between:
        yield between


@pytest.fixture
async def store(proxy: Proxy) -> AsyncIterator[TieredStore]:
    made = store_at(proxy.port)
    await made.start()
    yield made
    await made.close()


def freeze(server: RedisServer, _: Proxy) -> None:
    server.freeze()


def slow(_: RedisServer, proxy: Proxy) -> None:
    proxy.delay = 0.03


@pytest.mark.parametrize("trouble", [freeze, slow], ids=lambda trouble: trouble.__name__)
async def test_of_a_thousand_requests_hardly_any_waits(
    store: TieredStore, own_redis: RedisServer, proxy: Proxy, trouble: Callable[[RedisServer, Proxy], None]
) -> None:
    trouble(own_redis, proxy)
    asked = await ask_much(store)
    for number in range(20):  # whoever comes one after the other finds out as well
        await ask(store, f"later-{number}")
        await asyncio.sleep(0.01)
    assert store.shared_figures.state is BreakerState.OPEN
    # At most so many wait each time that lateness is found out, and that many times it is before the breaker opens.
    assert made_by(store) <= AT_ONCE * FAILURES
    assert made_by(store) < asked // 50


async def test_at_rest_nothing_is_asked_and_a_slow_redis_stays_out(
    proxy: Proxy, own_redis: RedisServer
) -> None:
    store = store_at(proxy.port, rest_seconds=0.05)
    await store.start()
    proxy.delay = 0.03
    await ask_much(store, rounds=1)
    async with asyncio.timeout(PATIENT):
        for number in itertools.count():
            if store.shared_figures.state is BreakerState.OPEN:
                break
            await ask(store, f"again-{number}")
            await asyncio.sleep(0.005)
    made = made_by(store)
    for number in range(40):  # many times the rest
        await ask(store, f"resting-{number}")
        await asyncio.sleep(0.01)
    assert made_by(store) == made
    proxy.delay = 0.0
    async with asyncio.timeout(PATIENT):
        while store.shared_figures.state is not BreakerState.CLOSED:
            await store.get(KEY)
            await asyncio.sleep(0.01)
    await store.close()


async def test_many_who_ask_a_healthy_redis_all_get_their_answer(own_redis: RedisServer) -> None:
    writer, reader = (
        store_at(own_redis.port, patience_seconds=PATIENT, call_seconds=PATIENT) for _ in range(2)
    )
    await asyncio.gather(writer.start(), reader.start())
    names = [f"1:c:f:workflow:{number}" for number in range(200)]
    for name in names:
        await writer.put(name, entry(name))
    await writer.flush()
    found = await asyncio.gather(*(reader.get_with_tier(name) for name in names))
    assert [tier for _, tier in found] == [Tier.SHARED] * len(names)
    assert reader.shared_figures.counts.late == 0
    await asyncio.gather(writer.close(), reader.close())


@pytest.mark.parametrize("how", ["late", "cancelled", "lost"])
async def test_a_lock_that_nobody_was_told_of_is_released(
    proxy: Proxy, own_redis: RedisServer, how: str
) -> None:
    store = store_at(proxy.port, rest_seconds=0.05, patience_seconds=PATIENT if how == "cancelled" else 0.004)
    await store.start()
    proxy.delay = 0.1 if how == "lost" else 0.03
    asking = asyncio.create_task(store.acquire(KEY, 60))
    lock = store._shared._store._names.lock(KEY)
    async with asyncio.timeout(PATIENT):
        while not own_redis.run("EXISTS", lock):  # noqa: ASYNC110 - the server tells nobody
            await asyncio.sleep(0.001)
    if how == "cancelled":
        asking.cancel()
    else:
        assert await asking == ALONE
    proxy.delay = 0.0
    async with asyncio.timeout(PATIENT):
        while own_redis.run("EXISTS", lock):
            await store.get(f"{KEY}:other")
            await asyncio.sleep(0.01)
    other = redis_store(own_redis.url, "wg")
    assert await other.acquire(KEY, "another", 5)
    await asyncio.gather(store.close(), other.close())
