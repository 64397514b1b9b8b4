"""Whether a call is made again, and when: pure rules. Time and chance come in, a decision goes out.

All times are seconds.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from adapters.errors import VendorBroken, VendorError, VendorLimited, VendorTimeout, VendorUnreachable
from adapters.watching import RetryReason

MOST_TOKENS: Final = 10.0
"""What a budget holds at most, and in the beginning: a few calls can be made again though there were none before."""

_PASSING: Final = frozenset({502, 503})
"""Said by what stands before a server, or by one that starts; 500 is most often about the request (decision 0021)."""


@dataclass(frozen=True, slots=True)
class RetryLimits:
    """How often a call is made.

    Attributes:
        attempts: of one call, the first included.
        base_seconds: the longest pause before the second attempt; it doubles with each further one.
        cap_seconds: the longest pause of all, but for one that the vendor asks for.
        budget: how many attempts may be made again for each call, on the average over many; 0 for none.
    """

    attempts: int = 3
    base_seconds: float = 0.1
    cap_seconds: float = 2.0
    budget: float = 0.2


def reason_of(method: str, error: VendorError) -> RetryReason | None:
    """Return why the call may be made again; None when it may not.

    What is safe may be sent twice (RFC 9110 section 9.2.2). Of the rest only what surely was not done: what never left,
    and what the vendor refused to look at.

    Args:
        method: upper case.
        error: how the attempt ended.
    """
    if not error.retryable:
        return None
    if isinstance(error, VendorLimited):
        return RetryReason.LIMITED
    safe = method == "GET"
    if isinstance(error, VendorUnreachable) and (safe or error.never_left):
        return RetryReason.UNREACHABLE
    if isinstance(error, VendorTimeout) and (error.never_left or (safe and error.status in (None, 504))):
        return RetryReason.TIMEOUT
    if isinstance(error, VendorBroken) and safe and error.status in _PASSING:
        return RetryReason.UNAVAILABLE
    return None


def pause(limits: RetryLimits, made: int, asked: float | None, draw: float) -> float:
    """Return how long to wait before the next attempt: full jitter, after what the vendor asks for.

    Jitter alone would have some come back before the vendor wants them, and none would have all come back at once.

    Args:
        limits: bounds.
        made: attempts made already.
        asked: the vendor's `Retry-After`; None for none.
        draw: a random number from 0 to 1.
    """
    longest = min(limits.cap_seconds, limits.base_seconds * 2.0 ** min(made - 1, 64))
    return (asked or 0.0) + draw * longest


class Budget:
    """Bounds the attempts made again by the calls made, so that a vendor in trouble is not asked many times as often.

    A bucket of tokens: each call puts in a part of one, each attempt made again takes one out.
    """

    def __init__(self, part: float) -> None:
        """Make a full budget.

        Args:
            part: of a token, for each call; 0 allows none to be made again.
        """
        self._part = part
        self._tokens = MOST_TOKENS if part else 0.0

    @property
    def tokens(self) -> float:
        """Return how many attempts may be made again now."""
        return self._tokens

    def put_in(self) -> None:
        """Note a call."""
        self._tokens = min(MOST_TOKENS, self._tokens + self._part)

    def take_out(self) -> bool:
        """Note an attempt made again, if there may be one; returns whether there may."""
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


class Retries:
    """Decides for one connection's calls."""

    def __init__(self, limits: RetryLimits, draw: Callable[[], float]) -> None:
        """Make it.

        Args:
            limits: bounds.
            draw: gives random numbers from 0 to 1.
        """
        self._limits = limits
        self._draw = draw
        self.budget = Budget(limits.budget)

    def again(
        self, method: str, error: VendorError, made: int, left: float
    ) -> tuple[RetryReason, float] | None:
        """Return why, and after how many seconds, a call is made again; None when it is not.

        Args:
            method: upper case.
            error: how the latest attempt ended.
            made: attempts made already.
            left: seconds until the call has to be over.
        """
        why = reason_of(method, error)
        if why is None or made >= self._limits.attempts:
            return None
        seconds = pause(self._limits, made, error.retry_after, self._draw())
        if seconds >= left or not self.budget.take_out():
            return None
        return why, seconds
