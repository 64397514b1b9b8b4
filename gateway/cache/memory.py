"""A store in this process, bounded by bytes: the least recently used entries make room."""

from collections import OrderedDict
from typing import Final

from typing_extensions import override

from gateway.cache.changes import Changes
from gateway.cache.front import ALONE, FrontStore, SharedFigures, Stats, Tier
from gateway.cache.store import Entry, Forgotten

_PLACE: Final = 310
"""What the store's own places for one entry cost."""


class _Alone(FrontStore):
    """A store that nobody else sees: nobody tells it who fills what, and it tells nobody."""

    is_shared = False

    def __init__(self) -> None:
        self._changes = Changes()

    @property
    @override
    def changes(self) -> Changes:
        return self._changes

    @property
    @override
    def shared_figures(self) -> SharedFigures | None:
        return None

    @override
    async def start(self) -> None:
        return

    @override
    async def get(self, key: str) -> Entry | None:
        return self.peek(key)

    @override
    async def get_with_tier(self, key: str) -> tuple[Entry | None, Tier | None]:
        entry = self.peek(key)
        return entry, None if entry is None else Tier.MEMORY

    @override
    async def newer(self, key: str, than: Entry | None) -> Entry | None:
        return None

    @override
    async def put(self, key: str, entry: Entry) -> None:
        self.keep(key, entry)

    @override
    async def acquire(self, key: str, seconds: float) -> str | None:
        return ALONE

    @override
    async def release(self, key: str, token: str) -> None:
        return

    @override
    async def wait_for(self, key: str, timeout: float) -> Entry | None:
        return None

    @override
    async def remove(self, key: str) -> None:
        self.forget(Forgotten(keys=(key,)))

    @override
    async def invalidate(self, *tags: str) -> None:
        self.forget(Forgotten(tags=tags))

    @override
    async def clear(self) -> None:
        self.forget(Forgotten(everything=True))

    def forget(self, forgotten: Forgotten) -> None:
        """Forget entries."""
        self._changes.note(forgotten)


class MemoryStore(_Alone):
    """Entries in memory, weighed by their bytes. Every operation costs the same however full the store is.

    An `OrderedDict` holds them instead of an `LRUCache` of cachetools: a look-up is on the way of every cached
    answer, and costs less than half that way.
    """

    def __init__(self, max_bytes: int) -> None:
        super().__init__()
        self._max_bytes = max_bytes
        self._used = 0
        self._evicted = 0
        self._entries: OrderedDict[str, Entry] = OrderedDict()
        self._weights: dict[str, int] = {}
        self._tagged: dict[str, set[str]] = {}

    @override
    def peek(self, key: str) -> Entry | None:
        entries = self._entries
        entry = entries.get(key)
        if entry is not None:
            entries.move_to_end(key)
        return entry

    @override
    def keep(self, key: str, entry: Entry) -> None:
        self._take_out(key)
        entry.variants.clear()
        weight = entry.weight + len(key) + _PLACE
        if weight > self._max_bytes:
            return  # what it would have replaced is out of date
        self._entries[key] = entry
        self._weights[key] = weight
        self._used += weight
        for tag in entry.tags:
            self._tagged.setdefault(tag, set()).add(key)
        self._make_room()

    @override
    def grow(self, key: str, entry: Entry, size_bytes: int) -> bool:
        if self._entries.get(key) is not entry or self._weights[key] + size_bytes > self._max_bytes:
            return False
        self._weights[key] += size_bytes
        self._used += size_bytes
        self._entries.move_to_end(key)  # the last to make room for its own variant
        self._make_room()
        return True

    @override
    def forget(self, forgotten: Forgotten) -> None:
        super().forget(forgotten)
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
    @override
    def stats(self) -> Stats:
        return Stats(len(self._entries), self._used, self._max_bytes, self._evicted)

    @override
    async def close(self) -> None:
        self._empty()

    def _empty(self) -> None:
        self._entries.clear()
        self._weights.clear()
        self._tagged.clear()
        self._used = 0

    def _make_room(self) -> None:
        while self._used > self._max_bytes:
            self._take_out(next(iter(self._entries)))
            self._evicted += 1

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


class NoStore(_Alone):
    """A store that keeps nothing, for when the cache is switched off."""

    @property
    @override
    def stats(self) -> Stats:
        return Stats()

    @override
    def peek(self, key: str) -> Entry | None:
        return None

    @override
    def keep(self, key: str, entry: Entry) -> None:
        return

    @override
    def grow(self, key: str, entry: Entry, size_bytes: int) -> bool:
        return False

    @override
    async def close(self) -> None:
        return
