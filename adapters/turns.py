"""Whose turn it is to call the vendor: a place among the calls under way, unless the vendor is left alone."""

import asyncio
from enum import Enum, auto

from adapters.breaker import Breaker
from adapters.errors import DeadlineExceeded, VendorBusy, VendorError, VendorResting, VendorSurprise
from adapters.limits import Limits
from adapters.places import Places
from adapters.watching import Refusal, Watcher


class Verdict(Enum):
    """What an attempt tells about the vendor."""

    ANSWERED = auto()
    """It is there, whatever it said."""
    FAILED = auto()
    """It is not."""
    NOTHING = auto()
    """It ended for reasons of our own."""


def verdict_on(status: int) -> Verdict:
    """Return what an answer's status tells: a server error is a failure, but for 501, which is only a no."""
    return Verdict.FAILED if status >= 500 and status != 501 else Verdict.ANSWERED


def verdict_on_failure(found: VendorError | None, *, slow: bool, long: bool) -> Verdict:
    """Return what an attempt tells that ended without an answer.

    Args:
        found: how it ended; None when whoever asked has left.
        slow: whoever asked had not sent all of it yet, which tells nothing.
        long: the vendor had `Limits.telling_seconds`. Then it counts that there was no answer, whoever waits no longer.
    """
    if isinstance(found, VendorSurprise):
        return Verdict.ANSWERED
    failed = long if found is None or isinstance(found, DeadlineExceeded) else found.retryable
    return Verdict.FAILED if failed and not slow else Verdict.NOTHING


class Turns:
    """Lets the attempts of one connection's calls begin, and learns how they end.

    `take`, then `tell` once, and `give_back` once the answer is done with.
    """

    def __init__(self, title: str, limits: Limits, watcher: Watcher) -> None:
        """Make turns.

        Args:
            title: the vendor's, for messages.
            limits: bounds.
            watcher: is told what happens.
        """
        self._title = title
        self._watcher = watcher
        self.breaker = Breaker(limits.breaker)
        self.places = Places(title, limits.concurrency, limits.queue, limits.queue_seconds)

    async def take(self) -> bool:
        """Wait for a place; returns whether the attempt is the one that shows whether the vendor is back.

        Raises:
            VendorResting: the vendor is left alone.
            VendorBusy: there is no place.
        """
        if not self.breaker.closed and self.breaker.seconds_left(_now()):
            raise self._resting()
        try:
            waited = await self.places.take()
        except VendorBusy:
            self._watcher.refused(Refusal.QUEUE)
            raise
        if waited:
            self._watcher.waited(waited)
        if self.breaker.closed:
            return False
        # It may have opened while the place was waited for.
        before = self.breaker.state
        if not self.breaker.allows(_now()):
            self.places.give_back()
            raise self._resting()
        self._noted(before)
        return True

    def tell(self, verdict: Verdict, *, probe: bool) -> None:
        """Learn how an attempt ended; `probe` is what `take` returned."""
        breaker, before = self.breaker, self.breaker.state
        if verdict is Verdict.ANSWERED:
            breaker.succeeded()
        elif verdict is Verdict.FAILED:
            breaker.failed(_now())
        elif probe:
            breaker.given_up(_now())
        self._noted(before)

    def give_back(self) -> None:
        """Free the place."""
        self.places.give_back()

    def _noted(self, before: object) -> None:
        if self.breaker.state is not before:
            self._watcher.breaker_changed(self.breaker.state, self.breaker.failures)

    def _resting(self) -> VendorResting:
        self._watcher.refused(Refusal.BREAKER)
        left = self.breaker.seconds_left(_now())
        return VendorResting(
            f"{self._title} did not answer {self.breaker.failures} times in a row and is left alone for a while",
            retry_after=round(left, 3),
        )


def _now() -> float:
    return asyncio.get_running_loop().time()
