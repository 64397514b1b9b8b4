"""Reads through the cache: fresh entries at once, one vendor call per key for everyone who waits."""

import asyncio
from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import TypeAlias

from adapters.errors import VendorNotFound
from gateway.cache.store import Entry, Store

Clock: TypeAlias = Callable[[], float]
Fill: TypeAlias = Callable[[], Awaitable[Entry]]


class Outcome(StrEnum):
    """Where an answer came from."""

    HIT = "hit"
    MISS = "miss"
    COLLAPSED = "collapsed"
    """Someone else's miss of the same key was waited for."""


class CachedReader:
    """Looks up, fills and keeps entries over one store."""

    def __init__(self, store: Store, clock: Clock) -> None:
        """Make a reader.

        Args:
            store: where entries are kept.
            clock: seconds of the wall clock.
        """
        self._store = store
        self._clock = clock
        self._under_way: dict[str, asyncio.Task[Entry]] = {}

    async def read(self, key: str, fill: Fill, *, not_found_seconds: float) -> tuple[Entry, Outcome]:
        """Return the entry of the key, filled by the vendor unless a fresh one is kept.

        Raises:
            VendorNotFound: the vendor has no such thing, said now or within `not_found_seconds` before.
        """
        kept = await self._store.get(key)
        if kept is not None and self._fresh(kept):
            return _present(kept), Outcome.HIT
        task = self._under_way.get(key)
        outcome = Outcome.MISS if task is None else Outcome.COLLAPSED
        if task is None:
            task = asyncio.create_task(self._fill(key, fill, not_found_seconds))
            self._under_way[key] = task
            task.add_done_callback(lambda done: self._forget(key, done))
        # Shielded: a caller who leaves does not take the answer away from the others.
        return _present(await asyncio.shield(task)), outcome

    async def close(self) -> None:
        """Cancel what is under way and close the store."""
        tasks = list(self._under_way.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._store.close()

    def age(self, entry: Entry) -> int:
        """Return the whole seconds since the entry was fetched."""
        return max(0, int(self._clock() - entry.stored_at))

    def _fresh(self, entry: Entry) -> bool:
        return self._clock() - entry.stored_at < entry.fresh_seconds

    async def _fill(self, key: str, fill: Fill, not_found_seconds: float) -> Entry:
        try:
            entry = await fill()
        except VendorNotFound as error:
            entry = Entry({}, self._clock(), not_found_seconds, absent=str(error))
            if not_found_seconds > 0:
                await self._store.put(key, entry)
            raise
        if entry.fresh_seconds > 0:
            await self._store.put(key, entry)
        return entry

    def _forget(self, key: str, done: asyncio.Task[Entry]) -> None:
        self._under_way.pop(key, None)
        if not done.cancelled():
            done.exception()  # read, so that a failure nobody waits for any more is not logged as lost


def _present(entry: Entry) -> Entry:
    if entry.absent is not None:
        raise VendorNotFound(entry.absent, status=404)
    return entry
