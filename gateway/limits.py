"""What a caller may ask: so many requests a second over all workers, and so many at once in each."""

import math
import time
from collections.abc import Callable, Mapping, MutableSequence, Sequence
from typing import Final, TypeAlias

from gateway.errors import ConcurrencyLimited, RateLimited
from gateway.rate import Rate
from gateway.ratelimit_headers import Quota
from gateway.settings.access import CallerLimitSettings, CallerSettings

POLICY: Final = "caller"
"""The name of a caller's own quota in `RateLimit`."""

Marks: TypeAlias = "memoryview[float] | MutableSequence[float]"
"""One number for each caller with a rate, 0 at first; all workers share them."""


class Limiter:
    """Lets one caller's requests in.

    The number that the rate goes by is read and written without a lock: when two workers do that at the very same
    moment one request too many is let in, and nothing else happens.
    """

    __slots__ = ("_marks", "_most", "_most_at_once", "_now", "_place", "_rate", "_under_way", "_window")

    def __init__(
        self,
        limits: CallerLimitSettings,
        marks: Marks,
        place: int,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """Make a limiter.

        Args:
            limits: the caller's.
            marks: holds the caller's number.
            place: where in there.
            now: seconds of a clock that does not go back, the same in every worker.
        """
        rate = self._rate = _rate(limits)
        # What the rate gives in so many seconds is never less than the burst.
        self._window = 1 if rate is None else max(1, math.ceil(rate.burst * rate.interval - 1e-9))
        self._most = None if rate is None else int(self._window / rate.interval + 1e-9)
        self._most_at_once = limits.concurrency
        self._under_way = 0
        self._marks = marks
        self._place = place
        self._now = now

    def let_in(self) -> None:
        """Let one request in that takes no time.

        Raises:
            ConcurrencyLimited: too many are under way.
            RateLimited: too many came.
        """
        if self._most_at_once is not None and self._under_way >= self._most_at_once:
            raise ConcurrencyLimited(self._most_at_once)
        rate = self._rate
        if rate is None:
            return
        now, marks, place = self._now(), self._marks, self._place
        even = marks[place]
        after = rate.let_in(even, now)
        if after is None:
            raise RateLimited(1 / rate.interval, rate.wait(even, now))
        marks[place] = after

    def enter(self) -> None:
        """Let one request in that takes time; `leave` has to follow.

        Raises:
            ConcurrencyLimited, RateLimited: as above; then nothing has to follow.
        """
        self.let_in()
        self._under_way += 1

    def leave(self) -> None:
        """Note that a request is over."""
        self._under_way -= 1

    def quota(self) -> Quota | None:
        """Return what is left; None when no rate is set."""
        rate = self._rate
        if rate is None:
            return None
        even, now = self._marks[self._place], self._now()
        return Quota(POLICY, rate.left(even, now), self._most, self._window, rate.whole_in(even, now))


def limiters(
    callers: Sequence[CallerSettings], marks: Marks, now: Callable[[], float] = time.monotonic
) -> Mapping[str, Limiter]:
    """Return the limiter of each caller that has limits, by the caller's name.

    Args:
        callers: as configured.
        marks: one number for each caller with limits; where there are fewer, the rest count in this process alone.
        now: see `Limiter`.
    """
    # By name, so that every worker finds the same place. A configuration read anew may give a place to another caller:
    # what it finds there bars it for little more than a second, see `gateway.rate`.
    limited = sorted(
        (each for each in callers if each.limits != CallerLimitSettings()), key=lambda each: each.name
    )
    own = [0.0] * len(limited)
    return {
        each.name: Limiter(each.limits, marks if place < len(marks) else own, place, now)
        for place, each in enumerate(limited)
    }


def _rate(limits: CallerLimitSettings) -> Rate | None:
    per_second = limits.requests_per_second
    if per_second is None:
        return None
    return Rate.of(per_second, limits.burst or max(1, math.ceil(per_second)))
