"""Tells of one connection's calls: the breaker in the log, the rest in the figures and in the line of the request."""

import structlog
from typing_extensions import override

from adapters.watching import Refusal, RetryReason, Watcher
from gateway.telemetry.counting import Counting
from gateway.telemetry.journey import current
from schemas.catalogue import BreakerState


class CallWatcher(Watcher):
    """Counts, and logs what changes rarely."""

    def __init__(self, connection: str, counting: Counting | None) -> None:
        """Make a watcher.

        Args:
            connection: its name.
            counting: counts; None to count nothing.
        """
        self._connection = connection
        self._counting = counting
        self._log = structlog.get_logger("gateway.vendor")

    @override
    def breaker_changed(self, state: BreakerState, failures: int) -> None:
        if state is BreakerState.OPEN:
            self._log.warning("vendor left alone", connection=self._connection, failures=failures)
        elif state is BreakerState.HALF_OPEN:
            self._log.info("vendor tried again", connection=self._connection)
        else:
            self._log.info("vendor answers again", connection=self._connection)

    @override
    def refused(self, why: Refusal) -> None:
        if self._counting is not None:
            self._counting.not_called(self._connection, why)

    @override
    def waited(self, seconds: float) -> None:
        journey = current()
        if journey is not None:
            journey.queue.add(seconds)
        if self._counting is not None:
            self._counting.waited(self._connection, seconds)

    @override
    def retried(self, why: RetryReason, seconds: float) -> None:
        journey = current()
        if journey is not None:
            journey.pause.add(seconds)
        if self._counting is not None:
            self._counting.retried(self._connection, why)
