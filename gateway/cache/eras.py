"""What this instance knows of the eras in the shared store, so that most writes need not ask.

Knowing something that is no longer true does no harm: an entry written with the wrong era is never valid.
"""

from collections import OrderedDict
from collections.abc import Iterable
from typing import Final

REMEMBERED: Final = 10_000
REFRESH_SECONDS: Final = 3600.0
"""How often an era's expiry is put off, and so how much longer than the longest entry it has to live."""

_NEVER: Final = float("-inf")


class KnownEras:
    """Eras by name, bounded; the least recently used are forgotten."""

    def __init__(self, remembered: int = REMEMBERED) -> None:
        self._remembered = remembered
        self._known: OrderedDict[bytes, tuple[bytes, float]] = OrderedDict()

    def get(self, name: bytes) -> bytes | None:
        """Return the era as far as it is known."""
        known = self._known.get(name)
        return None if known is None else known[0]

    def is_sure(self, name: bytes, now: float) -> bool:
        """Say whether the era outlives whatever is written with it at this time, in seconds."""
        known = self._known.get(name)
        return known is not None and now - known[1] < REFRESH_SECONDS

    def put_off(self, name: bytes, era: bytes, now: float) -> None:
        """Note the era that there is, with its expiry put off at this time."""
        self._note(name, era, now)

    def seen(self, name: bytes, era: bytes | None) -> None:
        """Note the era that there is."""
        known = self._known.get(name)
        if era is None:
            self._known.pop(name, None)
        elif known is None or known[0] != era:
            self._note(name, era, _NEVER)

    def forget(self, names: Iterable[bytes]) -> None:
        """Note that these are over."""
        for name in names:
            self._known.pop(name, None)

    def clear(self) -> None:
        """Know nothing any more."""
        self._known.clear()

    def _note(self, name: bytes, era: bytes, sure_from: float) -> None:
        self._known[name] = (era, sure_from)
        self._known.move_to_end(name)
        if len(self._known) > self._remembered:
            self._known.popitem(last=False)
