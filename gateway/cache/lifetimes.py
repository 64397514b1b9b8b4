"""How long each kind of answer of one connection is of use, out of its configuration."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from gateway.cache.policy import Times
from gateway.settings import CacheTimes


class Kind(StrEnum):
    """What is kept; the names of the keys in the configuration."""

    LISTING = "listing"
    WORKFLOW = "workflow"
    LABEL = "label"
    VERSION = "version"
    PINNED = "pinned"
    VERSIONS = "versions"
    LABELS = "labels"
    PASSTHROUGH = "passthrough"


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """The times of one connection.

    Attributes:
        configured: its part of the configuration.
        jitter_fraction: by how much a freshness is shortened at most, from 0 to 1.
        draw: gives a random number from 0 to 1.
    """

    configured: CacheTimes
    jitter_fraction: float
    draw: Callable[[], float]

    def of(self, kind: Kind) -> Times:
        """Return the times of something that is fetched now; all 0 where the configuration keeps nothing."""
        fresh: float = getattr(self.configured, kind)
        if fresh <= 0:
            return Times(0.0)
        times = Times(
            fresh,
            getattr(self.configured.stale_while_revalidate, kind),
            getattr(self.configured.stale_if_error, kind),
        )
        return times.jittered(self.jitter_fraction, self.draw())

    @property
    def not_found(self) -> float:
        """Return how many seconds a not-found is kept."""
        return self.configured.not_found
