"""What waits to be said to the shared store: entries, so that no request waits, and what it could not be told."""

from collections import OrderedDict
from dataclasses import dataclass, field

from gateway.cache.store import Entry, Forgotten, Write


@dataclass(slots=True)
class _Pending:
    entry: Entry | None = None
    tokens: list[str] = field(default_factory=list)


class Outbox:
    """Pending writes by key, oldest first, bounded by number and weight; a newer entry takes an older one's place."""

    def __init__(self, max_keys: int, max_bytes: int) -> None:
        self._max_keys = max_keys
        self._max_bytes = max_bytes
        self._bytes = 0
        self._pending: OrderedDict[str, _Pending] = OrderedDict()

    def __len__(self) -> int:
        return len(self._pending)

    def put(self, key: str, entry: Entry) -> bool:
        """Add an entry; returns whether there was room. Without room the older one of the key goes as well."""
        self._drop_entry(key)
        if not self._has_room(key, entry.weight):
            return False
        self._pending.setdefault(key, _Pending()).entry = entry
        self._bytes += entry.weight
        return True

    def release(self, key: str, token: str) -> bool:
        """Add the release of a lock, after the key's entry; returns whether there was room."""
        if not self._has_room(key, 0):
            return False
        self._pending.setdefault(key, _Pending()).tokens.append(token)
        return True

    def take(self, max_keys: int, max_bytes: int) -> list[Write]:
        """Take out what has waited longest: one at least if there is one, and not more than so many and so heavy."""
        taken: list[Write] = []
        weight = 0
        while self._pending and len(taken) < max_keys:
            entry = next(iter(self._pending.values())).entry
            weight += 0 if entry is None else entry.weight
            if taken and weight > max_bytes:
                break
            key, pending = self._pending.popitem(last=False)
            self._bytes -= 0 if entry is None else entry.weight
            taken.append(Write(key, entry, tuple(pending.tokens)))
        return taken

    def forget(self, forgotten: Forgotten) -> None:
        """Drop the entries that are forgotten meanwhile; locks are released all the same."""
        keys, tags = set(forgotten.keys), set(forgotten.tags)
        for key in tuple(self._pending):
            entry = self._pending[key].entry
            if entry is not None and (forgotten.everything or key in keys or not tags.isdisjoint(entry.tags)):
                self._drop_entry(key)

    def empty(self) -> int:
        """Drop everything; returns how many entries that were."""
        entries = sum(pending.entry is not None for pending in self._pending.values())
        self._pending.clear()
        self._bytes = 0
        return entries

    def _has_room(self, key: str, weight: int) -> bool:
        return (key in self._pending or len(self._pending) < self._max_keys) and (
            self._bytes + weight <= self._max_bytes
        )

    def _drop_entry(self, key: str) -> None:
        pending = self._pending.get(key)
        if pending is None or pending.entry is None:
            return
        self._bytes -= pending.entry.weight
        pending.entry = None
        if not pending.tokens:
            del self._pending[key]


class Owed:
    """What the shared store has not been told to forget yet. Bounded: too many names become everything."""

    def __init__(self, max_names: int) -> None:
        self._max_names = max_names
        self._keys: set[str] = set()
        self._tags: set[str] = set()
        self._everything = False

    def __bool__(self) -> bool:
        return bool(self._everything or self._keys or self._tags)

    def add(self, forgotten: Forgotten) -> None:
        """Add what is to be forgotten."""
        self._keys.update(forgotten.keys)
        self._tags.update(forgotten.tags)
        self._everything |= forgotten.everything
        if self._everything or len(self._keys) + len(self._tags) > self._max_names:
            self._keys.clear()
            self._tags.clear()
            self._everything = True

    def take(self) -> Forgotten:
        """Take it all out."""
        owed = Forgotten(tuple(self._keys), tuple(self._tags), self._everything)
        self._keys.clear()
        self._tags.clear()
        self._everything = False
        return owed
