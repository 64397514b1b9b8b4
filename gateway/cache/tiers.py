"""Two tiers: this process's memory, and behind it a store shared by processes and machines."""

import asyncio
import time
from collections.abc import Callable

from typing_extensions import override

from gateway.cache.changes import Changes
from gateway.cache.front import FrontStore, SharedFigures, Stats, Tier
from gateway.cache.memory import MemoryStore
from gateway.cache.shared_tier import SharedTier, TierLimits
from gateway.cache.store import Entry, Forgotten, SharedStore


class TieredStore(FrontStore):
    """Memory first, then the shared store. Nothing here raises, or waits long, because of the shared store."""

    is_shared = True

    def __init__(
        self,
        memory: MemoryStore,
        shared: SharedStore,
        limits: TierLimits | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Make a store; nothing is opened yet.

        Args:
            memory: the first tier.
            shared: the second.
            limits: what the second may cost.
            clock: seconds of a clock that only goes forward.
        """
        self._memory = memory
        self._shared = SharedTier(shared, memory.changes, limits or TierLimits(), clock, memory.forget)
        self._asking: dict[str, asyncio.Task[Entry | None]] = {}

    @property
    @override
    def changes(self) -> Changes:
        return self._memory.changes

    @property
    @override
    def stats(self) -> Stats:
        return self._memory.stats

    @property
    @override
    def shared_figures(self) -> SharedFigures:
        return self._shared.figures

    @override
    async def start(self) -> None:
        await self._shared.start()

    @override
    def peek(self, key: str) -> Entry | None:
        return self._memory.peek(key)

    @override
    def keep(self, key: str, entry: Entry) -> None:
        self._memory.keep(key, entry)

    @override
    def grow(self, key: str, entry: Entry, size_bytes: int) -> bool:
        return self._memory.grow(key, entry, size_bytes)

    @override
    async def get(self, key: str) -> Entry | None:
        return (await self.get_with_tier(key))[0]

    @override
    async def get_with_tier(self, key: str) -> tuple[Entry | None, Tier | None]:
        entry = self._memory.peek(key)
        if entry is not None:
            return entry, Tier.MEMORY
        entry = await self._ask(key)
        return entry, None if entry is None else Tier.SHARED

    @override
    async def newer(self, key: str, than: Entry | None) -> Entry | None:
        entry = await self._ask(key)
        return entry if entry is not None and (than is None or entry.stored_at > than.stored_at) else None

    @override
    async def put(self, key: str, entry: Entry) -> None:
        self._memory.keep(key, entry)
        self._shared.put(key, entry)

    @override
    async def remove(self, key: str) -> None:
        await self._forget(Forgotten(keys=(key,)))

    @override
    async def invalidate(self, *tags: str) -> None:
        await self._forget(Forgotten(tags=tags))

    @override
    async def clear(self) -> None:
        await self._forget(Forgotten(everything=True))

    @override
    async def acquire(self, key: str, seconds: float) -> str | None:
        return await self._shared.acquire(key, seconds)

    @override
    async def release(self, key: str, token: str) -> None:
        self._shared.release(key, token)

    @override
    async def wait_for(self, key: str, timeout: float) -> Entry | None:
        since = self.changes.now()
        return self._fill(key, await self._shared.wait_for(key, timeout), since)

    async def flush(self) -> None:
        """Wait until nothing is pending."""
        await self._shared.flush()

    @property
    def memory(self) -> MemoryStore:
        """Return the first tier."""
        return self._memory

    @override
    async def close(self) -> None:
        asking = list(self._asking.values())
        for task in asking:
            task.cancel()
        await asyncio.gather(*asking, return_exceptions=True)
        await self._shared.close()
        await self._memory.close()

    async def _ask(self, key: str) -> Entry | None:
        """Ask the shared store, once for everybody who asks for the key now."""
        if not self._shared.askable():
            return None
        task = self._asking.get(key)
        if task is None:
            task = asyncio.create_task(self._fetch(key))
            self._asking[key] = task
            task.add_done_callback(lambda _: self._asking.pop(key))
        # Shielded: a caller who leaves does not take the answer away from the others.
        return await asyncio.shield(task)

    async def _fetch(self, key: str) -> Entry | None:
        since = self.changes.now()
        return self._fill(key, await self._shared.get(key), since)

    def _fill(self, key: str, found: Entry | None, since: int) -> Entry | None:
        """Keep in memory what the shared store had, unless it was forgotten meanwhile or memory has a newer one."""
        if found is None or self.changes.touched(since, key, found):
            return None
        held = self._memory.peek(key)
        if held is not None and held.stored_at >= found.stored_at:
            return held
        self._memory.keep(key, found)
        return found

    async def _forget(self, forgotten: Forgotten) -> None:
        self._memory.forget(forgotten)
        await self._shared.forget(forgotten)
