"""Remembers what was forgotten lately, so that an answer fetched before that is not kept after it."""

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from typing import Final

from gateway.cache.store import Entry, Forgotten

REMEMBERED: Final = 4096


class Changes:
    """Counts what is forgotten, and tells whether something was since a moment.

    Someone who fetches takes `now()` before, and asks `touched()` after. Bounded: of what happened long ago it is
    only known that something happened, and the answer is then yes.
    """

    def __init__(self, remembered: int = REMEMBERED) -> None:
        self._remembered = remembered
        self._count = 0
        self._unknown_until = 0
        self._last: OrderedDict[tuple[str, str], int] = OrderedDict()

    def now(self) -> int:
        """Return this moment, to be given to `touched`."""
        return self._count

    def note(self, forgotten: Forgotten) -> None:
        """Remember that this was forgotten now."""
        self._count += 1
        if forgotten.everything:
            self._last.clear()
            self._unknown_until = self._count
            return
        for name in _names(forgotten.keys, forgotten.tags):
            self._last[name] = self._count
            self._last.move_to_end(name)
        while len(self._last) > self._remembered:
            self._unknown_until = self._last.popitem(last=False)[1]

    def touched(self, since: int, key: str, entry: Entry) -> bool:
        """Say whether the entry of the key, fetched from `since` on, has to be taken for forgotten."""
        if since == self._count:
            return False
        names = _names((key,), entry.tags)
        return since < self._unknown_until or any(self._last.get(name, 0) > since for name in names)


def _names(keys: Iterable[str], tags: Iterable[str]) -> Iterator[tuple[str, str]]:
    yield from (("key", key) for key in keys)
    yield from (("tag", tag) for tag in tags)
