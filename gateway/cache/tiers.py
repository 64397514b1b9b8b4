"""Two tiers: this process's memory, and behind it a store shared by processes and machines."""

import asyncio
import time
from collections.abc import Callable
from enum import StrEnum

from typing_extensions import override

from gateway.cache.memory import MemoryStore
from gateway.cache.shared_tier import SharedFigures, SharedTier, TierLimits
from gateway.cache.store import Entry, Forgotten, SharedStore, Store


class Tier(StrEnum):
    """Which tier answered."""

    MEMORY = "memory"
    SHARED = "shared"


class TieredStore(Store):
    """Memory first, then the shared store. Nothing here raises, or waits long, because of the shared store."""

    def __init__(
        self,
        memory: MemoryStore,
        shared: SharedStore,
        limits: TierLimits | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Make a store; nothing is opened yet.

        Args:
            memory: the first tier; `peek` and `changes` are its.
            shared: the second.
            limits: what the second may cost.
            clock: seconds of a clock that only goes forward.
        """
        self.peek = memory.peek
        self.changes = memory.changes
        self._memory = memory
        self._shared = SharedTier(shared, memory.changes, limits or TierLimits(), clock, memory.forget)
        self._asking: dict[str, asyncio.Task[Entry | None]] = {}

    async def start(self) -> None:
        """Connect the shared store, so that no request has to; without it the store starts all the same."""
        await self._shared.start()

    @override
    async def get(self, key: str) -> Entry | None:
        return (await self.get_with_tier(key))[0]

    async def get_with_tier(self, key: str) -> tuple[Entry | None, Tier | None]:
        """Return the entry, however old, and who had it."""
        entry = self._memory.peek(key)
        if entry is not None:
            return entry, Tier.MEMORY
        entry = await self._ask(key)
        return entry, None if entry is None else Tier.SHARED

    async def newer(self, key: str, than: Entry) -> Entry | None:
        """Return the shared store's entry if it is newer: another instance may have asked the vendor meanwhile."""
        entry = await self._ask(key)
        return entry if entry is not None and entry.stored_at > than.stored_at else None

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

    async def acquire(self, key: str, seconds: float) -> str | None:
        """Return a token if this instance shall fill the key, None if another is about to: then `wait_for` it.

        Without the shared store everybody may; the token is then `shared_tier.ALONE`.
        """
        return await self._shared.acquire(key, seconds)

    async def release(self, key: str, token: str) -> None:
        """Say, once the key's pending entry is written, that the filling is over; nobody waits for that here."""
        self._shared.release(key, token)

    async def wait_for(self, key: str, timeout: float) -> Entry | None:  # noqa: ASYNC109 - None, not an error
        """Wait until no instance fills the key any more, and return what there is then; None after `timeout` s."""
        since = self.changes.now()
        return self._fill(key, await self._shared.wait_for(key, timeout), since)

    async def flush(self) -> None:
        """Wait until nothing is pending."""
        await self._shared.flush()

    @property
    def memory(self) -> MemoryStore:
        """Return the first tier."""
        return self._memory

    @property
    def shared_figures(self) -> SharedFigures:
        """Return how the second tier is."""
        return self._shared.figures

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
        if not self._shared.usable():
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
