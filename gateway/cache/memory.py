"""A store in this process, bounded by bytes: the least recently used entries make room."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from typing_extensions import override

from gateway.cache.changes import Changes
from gateway.cache.store import Entry, Forgotten, Store

_PLACE: Final = 310
"""What the store's own places for one entry cost."""


@dataclass(frozen=True, slots=True)
class Stats:
    """How full a memory store is.

    Attributes:
        entries: how many there are.
        used_bytes: what they weigh.
        max_bytes: what they may weigh.
        evicted: how many made room for others since the start.
    """

    entries: int
    used_bytes: int
    max_bytes: int
    evicted: int


class MemoryStore(Store):
    """Entries in memory, weighed by their bytes. Every operation costs the same however full the store is.

    An `OrderedDict` holds them instead of an `LRUCache` of cachetools: a look-up is on the way of every cached
    answer, and costs less than half that way.
    """

    def __init__(self, max_bytes: int) -> None:
        self.changes = Changes()
        """What was forgotten, for whoever fetches."""
        self._max_bytes = max_bytes
        self._used = 0
        self._evicted = 0
        self._entries: OrderedDict[str, Entry] = OrderedDict()
        self._weights: dict[str, int] = {}
        self._tagged: dict[str, set[str]] = {}

    def peek(self, key: str) -> Entry | None:
        """Return the entry, however old, or None; at once, for the hot path. It counts as a use."""
        entries = self._entries
        entry = entries.get(key)
        if entry is not None:
            entries.move_to_end(key)
        return entry

    def keep(self, key: str, entry: Entry) -> None:
        """Keep the entry, replacing the one before.

        One that is larger than the whole store is not kept; what it would have replaced is out of date.
        """
        self._take_out(key)
        weight = entry.weight + len(key) + _PLACE
        if weight > self._max_bytes:
            return
        self._entries[key] = entry
        self._weights[key] = weight
        self._used += weight
        for tag in entry.tags:
            self._tagged.setdefault(tag, set()).add(key)
        while self._used > self._max_bytes:
            self._take_out(next(iter(self._entries)))
            self._evicted += 1

    def forget(self, forgotten: Forgotten) -> None:
        """Forget entries."""
        self.changes.note(forgotten)
        if forgotten.everything:
            self._empty()
            return
        for key in forgotten.keys:
            self._take_out(key)
        for tag in forgotten.tags:
            for key in tuple(self._tagged.get(tag, ())):
                self._take_out(key)

    @property
    def used_bytes(self) -> int:
        """Return the weight of all entries."""
        return self._used

    @property
    def stats(self) -> Stats:
        """Return how full the store is."""
        return Stats(len(self._entries), self._used, self._max_bytes, self._evicted)

    @override
    async def get(self, key: str) -> Entry | None:
        return self.peek(key)

    @override
    async def put(self, key: str, entry: Entry) -> None:
        self.keep(key, entry)

    @override
    async def remove(self, key: str) -> None:
        self.forget(Forgotten(keys=(key,)))

    @override
    async def invalidate(self, *tags: str) -> None:
        self.forget(Forgotten(tags=tags))

    @override
    async def clear(self) -> None:
        self.forget(Forgotten(everything=True))

    @override
    async def close(self) -> None:
        self._empty()

    def _empty(self) -> None:
        self._entries.clear()
        self._weights.clear()
        self._tagged.clear()
        self._used = 0

    def _take_out(self, key: str) -> None:
        entry = self._entries.pop(key, None)
        if entry is None:
            return
        self._used -= self._weights.pop(key)
        for tag in set(entry.tags):
            keys = self._tagged[tag]
            keys.discard(key)
            if not keys:
                del self._tagged[tag]


class NoStore(Store):
    """A store that keeps nothing, for when the cache is switched off."""

    def peek(self, key: str) -> None:  # noqa: ARG002 - the shape of every store's peek
        """Return nothing."""
        return

    @override
    async def get(self, key: str) -> Entry | None:
        return None

    @override
    async def put(self, key: str, entry: Entry) -> None:
        return

    @override
    async def remove(self, key: str) -> None:
        return

    @override
    async def invalidate(self, *tags: str) -> None:
        return

    @override
    async def clear(self) -> None:
        return

    @override
    async def close(self) -> None:
        return
