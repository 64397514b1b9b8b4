"""Bounds on calls."""

from dataclasses import dataclass, field
from typing import Final, NamedTuple

from adapters.breaker import BreakerLimits
from adapters.retrying import RetryLimits

_TELLING: Final = 0.4
"""Of an attempt's time; a little under a half, so that somebody who waits for half of it surely counts."""


def _vendor_breaker() -> BreakerLimits:
    return BreakerLimits(failures=5, rest_seconds=5.0)


class Bound(NamedTuple):
    """When a call has to be over, in the running loop's time, and until when whoever asked waits for it."""

    at: float
    until: float | None


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on the calls of one connection.

    Attributes:
        timeout_seconds: for a whole call, from the queue to the last byte, with everything that is done again.
        attempt_seconds: for one attempt of a call, once it has its place; None for what is left of the call's time.
        connect_seconds: to open a connection.
        concurrency: calls at once.
        queue: calls that may wait for one of those places.
        queue_seconds: how long each of them waits.
        response_bytes: the largest body, after decompression; not of what is passed on as it comes.
        idle_seconds: between two pieces of what is passed on as it comes, which has no deadline as a whole.
        retries: how often a call is made; what is passed on as it comes, once.
        breaker: when the vendor is left alone.
        objects: JSON objects and arrays in one answer; not of what is passed on as it comes.
        private_addresses: whether the vendor may be at a private address, see `adapters.addresses`.
    """

    timeout_seconds: float = 10.0
    attempt_seconds: float | None = None
    connect_seconds: float = 3.0
    concurrency: int = 32
    queue: int = 128
    queue_seconds: float = 2.0
    response_bytes: int = 16 * 1024 * 1024
    idle_seconds: float = 60.0
    retries: RetryLimits = field(default_factory=RetryLimits)
    breaker: BreakerLimits = field(default_factory=_vendor_breaker)
    objects: int = 200_000
    private_addresses: bool = False

    @property
    def longest_attempt_seconds(self) -> float:
        """Return how long one attempt may take at most."""
        return min(self.timeout_seconds, self.attempt_seconds or self.timeout_seconds)

    @property
    def telling_seconds(self) -> float:
        """Return after how long a vendor that has not answered is known to be in trouble, though it had more time.

        Where all who ask wait for less than an attempt's time, no attempt would ever fail and a vendor that hangs would
        be asked for ever. With no such bound somebody who waits for a moment only, again and again, could have the
        vendor left alone for all others, though it answers as fast as ever. So it is a part of an attempt's time: a
        vendor that needs longer than this, five times in a row and with no answer between, is in trouble for everybody.
        """
        return _TELLING * self.longest_attempt_seconds
