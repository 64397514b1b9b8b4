"""Every kind of store, made ready for a test."""

import secrets
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from types import MappingProxyType
from typing import Final, Protocol

from adapters.breaker import BreakerLimits
from gateway.cache.memory import MemoryStore
from gateway.cache.redis_store import RedisOptions, RedisStore
from gateway.cache.shared_tier import TierLimits
from gateway.cache.store import Entry, Store
from gateway.cache.tiers import TieredStore

PATIENT: Final = 5.0
"""Seconds that no call of a healthy server takes, however busy this machine is."""

LARGE: Final = 64 * 1024 * 1024


class Kept(Protocol):
    """A store under test."""

    store: Store

    async def put(self, key: str, entry: Entry) -> None:
        """Put, and wait until it is written."""


class Direct:
    def __init__(self, store: Store) -> None:
        self.store = store

    async def put(self, key: str, entry: Entry) -> None:
        await self.store.put(key, entry)


class Settling:
    """Tiers write the shared one beside the requests: wait for that."""

    def __init__(self, store: TieredStore) -> None:
        self.store = store

    async def put(self, key: str, entry: Entry) -> None:
        await self.store.put(key, entry)
        await self.store.flush()


def entry(text: str = "x", *tags: str, life: float = 1000.0, stored_at: float | None = None) -> Entry:
    at = time.time() if stored_at is None else stored_at
    return Entry({"canonical": text.encode()}, at, life, etag=f'"{len(text)}"', tags=tags)


def redis_store(
    url: str, prefix: str | None = None, call_seconds: float = PATIENT, silence_seconds: float = PATIENT
) -> RedisStore:
    options = RedisOptions(
        prefix or f"t{secrets.token_hex(6)}",
        call_seconds=call_seconds,
        connect_seconds=PATIENT,
        poll_seconds=0.02,
        silence_seconds=silence_seconds,
    )
    return RedisStore.from_url(url, options=options)


def tiered(
    shared: RedisStore,
    memory_bytes: int = LARGE,
    *,
    failures: int = 3,
    rest_seconds: float = 0.1,
    patience_seconds: float = PATIENT,
) -> TieredStore:
    limits = TierLimits(BreakerLimits(failures, rest_seconds), patience_seconds, queue_seconds=PATIENT)
    return TieredStore(MemoryStore(memory_bytes), shared, limits)


@asynccontextmanager
async def _memory(_: str) -> AsyncIterator[Kept]:
    store = MemoryStore(LARGE)
    yield Direct(store)
    await store.close()


@asynccontextmanager
async def _redis(url: str) -> AsyncIterator[Kept]:
    store = redis_store(url)
    yield Direct(store)
    await store.close()


@asynccontextmanager
async def _tiered(url: str) -> AsyncIterator[Kept]:
    store = tiered(redis_store(url))
    await store.start()
    yield Settling(store)
    await store.close()


@asynccontextmanager
async def _tiered_without_memory(url: str) -> AsyncIterator[Kept]:
    """Every answer comes from the second tier."""
    store = tiered(redis_store(url), memory_bytes=0)
    await store.start()
    yield Settling(store)
    await store.close()


KINDS: Final[Mapping[str, Callable[[str], AbstractAsyncContextManager[Kept]]]] = MappingProxyType(
    {"memory": _memory, "redis": _redis, "tiered": _tiered, "tiered-without-memory": _tiered_without_memory}
)
