"""How much is let in over time: the generic cell rate algorithm (ITU-T I.371), with one number for each who asks.

That number is the moment at which everything let in so far would have come, had it come evenly spaced. What comes
too far ahead of it is refused, and a refusal changes nothing.
"""

import math
from dataclasses import dataclass
from typing import Final, Self

FOREIGN_SECONDS: Final = 1.0
"""A number further ahead than any request of a rate leaves it, and that much, is another's or of another time."""

_FORGIVEN: Final = 0.01
"""Of an interval, so that rounding bars nobody who is just in time."""


@dataclass(frozen=True, slots=True)
class Rate:
    """So many a second in the long run, and so many at once after a rest.

    Attributes:
        burst: how many at once.
        interval: seconds between two, when they come evenly.
        ahead: how many seconds before its even moment one may come.
    """

    burst: int
    interval: float
    ahead: float

    @classmethod
    def of(cls, per_second: float, burst: int) -> Self:
        """Make a rate.

        Args:
            per_second: more than 0.
            burst: at least 1.
        """
        interval = 1.0 / per_second
        return cls(burst, interval, (burst - 1 + _FORGIVEN) * interval)

    def let_in(self, even: float, now: float) -> float | None:
        """Return what is to be remembered once one more is let in; None when it is refused.

        Args:
            even: what was remembered; 0 before the first.
            now: seconds of a clock that does not go back.
        """
        lead = even - now
        if lead <= 0.0 or lead > self.interval + self.ahead + FOREIGN_SECONDS:
            return now + self.interval
        return None if lead > self.ahead else even + self.interval

    def wait(self, even: float, now: float) -> float:
        """Return the seconds until one more is let in."""
        return max(0.0, self._lead(even, now) - self.ahead)

    def left(self, even: float, now: float) -> int:
        """Return how many more are let in at once."""
        room = self.ahead - self._lead(even, now)
        return max(0, min(self.burst, math.floor(room / self.interval) + 1))

    def whole_in(self, even: float, now: float) -> float:
        """Return the seconds until as many are let in at once as ever."""
        return self._lead(even, now)

    def _lead(self, even: float, now: float) -> float:
        lead = even - now
        return 0.0 if lead <= 0.0 or lead > self.interval + self.ahead + FOREIGN_SECONDS else lead
