"""Stops asking something that does not answer, and looks now and then whether it does again."""

from dataclasses import dataclass

from schemas.catalogue import BreakerState


@dataclass(frozen=True, slots=True)
class BreakerLimits:
    """When to stop and for how long.

    Attributes:
        failures: so many in a row stop the calls; 0 for never.
        rest_seconds: how long no call is made after that, and how long a probe may take.
    """

    failures: int = 3
    rest_seconds: float = 1.0


class Breaker:
    """A state machine without a clock: `now` is in seconds of any clock that only goes forward."""

    def __init__(self, limits: BreakerLimits) -> None:
        self._limits = limits
        self._state = BreakerState.CLOSED
        self._failures = 0
        self._next_try = 0.0

    @property
    def state(self) -> BreakerState:
        """Return whether calls are made."""
        return self._state

    @property
    def closed(self) -> bool:
        """Say whether all calls are made."""
        return self._state is BreakerState.CLOSED

    @property
    def failures(self) -> int:
        """Return how many calls in a row were not answered."""
        return self._failures

    def seconds_left(self, now: float) -> float:
        """Return the seconds until a call may be made; 0 when one may be made now."""
        return 0.0 if self._state is BreakerState.CLOSED else max(0.0, self._next_try - now)

    def allows(self, now: float) -> bool:
        """Say whether a call may be made; if the breaker was not closed, that call is the probe.

        A probe that never tells how it ended stops to count after the time of rest.
        """
        if self._state is BreakerState.CLOSED:
            return True
        if now < self._next_try:
            return False
        self._state = BreakerState.HALF_OPEN
        self._next_try = now + self._limits.rest_seconds
        return True

    def succeeded(self) -> None:
        """Note a call that was answered."""
        self._state = BreakerState.CLOSED
        self._failures = 0

    def failed(self, now: float) -> None:
        """Note a call that was not answered."""
        self._failures += 1
        if self._state is not BreakerState.OPEN and (
            self._state is BreakerState.HALF_OPEN or 0 < self._limits.failures <= self._failures
        ):
            self.trip(now)

    def given_up(self, now: float) -> None:
        """Note a probe that ended without telling anything: the next call is the probe."""
        if self._state is BreakerState.HALF_OPEN:
            self._next_try = now

    def trip(self, now: float) -> None:
        """Make no call for the time of rest, however many failed."""
        self._state = BreakerState.OPEN
        self._next_try = now + self._limits.rest_seconds
