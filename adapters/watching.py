"""What whoever operates a connection is told of its calls; the adapters know neither logs nor figures."""

from enum import StrEnum
from typing import Protocol

from typing_extensions import override

from schemas.catalogue import BreakerState


class RetryReason(StrEnum):
    """Why a call is made again."""

    UNREACHABLE = "unreachable"
    """No connection, or it broke."""
    TIMEOUT = "timeout"
    """No answer in the time of one attempt, or the vendor's own word that it was too slow."""
    LIMITED = "limited"
    """Too many calls."""
    UNAVAILABLE = "unavailable"
    """502 or 503."""


class Refusal(StrEnum):
    """Why a call is not made."""

    BREAKER = "breaker"
    """The vendor is left alone."""
    QUEUE = "queue"
    """No place, and none in time."""


class Watcher(Protocol):
    """Is told what happens to calls, at once and within the call: it has to be quick, and never raises."""

    def breaker_changed(self, state: BreakerState, failures: int) -> None:
        """Take note that the vendor is left alone, asked to see, or asked again; after how many failures in a row."""
        ...

    def refused(self, why: Refusal) -> None:
        """Take note of a call that was not made."""
        ...

    def waited(self, seconds: float) -> None:
        """Take note of how long a call waited for a place; not called for one that did not have to."""
        ...

    def retried(self, why: RetryReason, seconds: float) -> None:
        """Take note of a call that will be made again, after a pause of so many seconds."""
        ...


class Unwatched(Watcher):
    """Takes note of nothing."""

    @override
    def breaker_changed(self, state: BreakerState, failures: int) -> None:
        pass

    @override
    def refused(self, why: Refusal) -> None:
        pass

    @override
    def waited(self, seconds: float) -> None:
        pass

    @override
    def retried(self, why: RetryReason, seconds: float) -> None:
        pass
