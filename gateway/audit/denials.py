"""Denied attempts, bounded: the first of a kind is told at once, the same ones of the next minute in one line."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from schemas.base import JsonObject

SECONDS: Final = 60.0
MOST_KINDS: Final = 1000
"""Told apart within a minute; whatever comes beyond them is one kind more."""

_SAME: Final = ("caller", "key", "address", "method", "route", "connection", "problem")
"""What is equal in denials of one kind. The path is not: whoever is denied chooses it freely."""

_BEYOND: Final = ("more",)


@dataclass(slots=True)
class _Held:
    began: float
    since: str
    last: JsonObject
    times: int = 0


class Denials:
    """Says which denials are told, and when."""

    def __init__(self) -> None:
        self._held: dict[tuple[object, ...], _Held] = {}

    def is_first(self, denial: JsonObject, now: float) -> bool:
        """Say whether a denial is to be told at once; otherwise it is told of by `due`.

        Args:
            denial: its line.
            now: seconds of a clock.
        """
        kind = tuple(denial.get(name) for name in _SAME)
        if kind not in self._held and len(self._held) >= MOST_KINDS:
            kind = _BEYOND
        held = self._held.get(kind)
        if held is None:
            self._held[kind] = _Held(now, denial["time"], denial)
            return True
        held.times += 1
        held.last = denial
        return False

    def due(self, now: float) -> Iterator[JsonObject]:
        """Yield a line for the denials of each kind whose minute is over: the last one, how many, and since when."""
        for kind, held in list(self._held.items()):
            if not 0 <= now - held.began < SECONDS:
                del self._held[kind]
                if held.times:
                    yield {**held.last, "times": held.times, "since": held.since}

    @property
    def waiting(self) -> bool:
        """Say whether any denial is not told yet."""
        return any(held.times for held in self._held.values())
