"""A store in this process, bounded by bytes: the least recently used entries make room."""

from cachetools import LRUCache
from typing_extensions import override

from gateway.cache.store import Entry, Store


class MemoryStore(Store):
    """Entries in memory, weighed by their bytes."""

    def __init__(self, max_bytes: int) -> None:
        self._entries: LRUCache[str, Entry] = LRUCache(max_bytes, getsizeof=_weigh)

    @override
    async def get(self, key: str) -> Entry | None:
        return self._entries.get(key)

    @override
    async def put(self, key: str, entry: Entry) -> None:
        # An entry larger than the whole store is not kept; what it would have replaced is out of date.
        if entry.weight > self._entries.maxsize:
            self._entries.pop(key, None)
        else:
            self._entries[key] = entry

    @override
    async def remove(self, key: str) -> None:
        self._entries.pop(key, None)

    @override
    async def close(self) -> None:
        self._entries.clear()

    @property
    def used_bytes(self) -> int:
        """Return the weight of all entries."""
        return int(self._entries.currsize)


class NoStore(Store):
    """A store that keeps nothing, for when the cache is switched off."""

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
    async def close(self) -> None:
        return


def _weigh(entry: Entry) -> int:
    return entry.weight
