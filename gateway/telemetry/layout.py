"""Where each series has its cells: the same in every worker, since all are made of the same settings."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Final

from adapters.watching import Refusal, RetryReason
from gateway.cache.lifetimes import Kind
from gateway.cache.trace import Outcome
from gateway.problems import catalogue
from gateway.telemetry.catalogue import (
    BOUNDS,
    COUNTED,
    OTHER,
    READ,
    REASONS,
    STATUSES,
    VENDOR_CALLS,
    VENDOR_REFUSALS,
    VENDOR_RETRIES,
    Labels,
    Metric,
)

PROCESS: Final = 0
"""The cell that holds the id of the worker's process; 0 before it ever ran."""

STARTS: Final = 1
"""The cell that counts how often the worker was started."""

PUBLISHED: Final = 2
"""The first cells of all hold what is read, each raised by one; 0 says that nobody tells."""

CELLS_PER_HISTOGRAM: Final = len(BOUNDS) + 2
"""One for each bucket, one for what is slower, and one for the sum in nanoseconds."""

OK: Final = "ok"
NOT_MODIFIED: Final = "not_modified"
VENDOR_OUTCOMES: Final = (OK, NOT_MODIFIED)


class UnknownSeries(LookupError):
    """No series has these labels: only those known at the start exist, so nobody can make more."""


@dataclass(frozen=True, slots=True)
class Series:
    """One line, or for a histogram one group of lines, of what monitoring reads.

    Attributes:
        metric: what it belongs to.
        values: its labels' values, in the order of the metric's labels.
        slot: its first cell.
    """

    metric: Metric
    values: Labels
    slot: int

    @property
    def labels(self) -> dict[str, str]:
        """Return its labels by name."""
        return dict(zip(self.metric.labels, self.values, strict=True))

    @property
    def width(self) -> int:
        """Return how many cells it has."""
        return CELLS_PER_HISTOGRAM if self.metric.kind == "histogram" else 1

    @property
    def connection(self) -> str | None:
        """Return the connection it is about; None when it is about none."""
        return self.labels.get("connection")


class Layout:
    """The cells of one worker."""

    def __init__(self, connections: Iterable[str], routes: Iterable[str]) -> None:
        """Make a layout.

        Args:
            connections: the configured connections' names.
            routes: the ids of every operation.
        """
        self.connections = tuple(sorted(connections))
        """Their names, in order."""
        values: Mapping[str, Labels] = {
            "connection": self.connections,
            "route": (*sorted(routes), OTHER),
            "status": STATUSES,
            "reason": REASONS,
            "kind": tuple(Kind),
            "outcome": tuple(Outcome),
        }
        own: Mapping[Metric, Mapping[str, Labels]] = {
            VENDOR_CALLS: {"outcome": (*VENDOR_OUTCOMES, *(kind.code for kind in catalogue()))},
            VENDOR_RETRIES: {"reason": tuple(RetryReason)},
            VENDOR_REFUSALS: {"reason": tuple(Refusal)},
        }
        self._series: dict[tuple[str, Labels], Series] = {}
        self.size = PUBLISHED
        """How many cells there are."""
        for metric in (*READ, *COUNTED):
            known = {**values, **own.get(metric, {})}
            for labels in product(*(known[name] for name in metric.labels)):
                series = self._series[metric.name, labels] = Series(metric, labels, self.size)
                self.size += series.width
        self.counted = self._slot_after_read()
        """The first cell of what is counted; those before it hold what is read."""

    def __iter__(self) -> Iterator[Series]:
        """Return every series, those of one metric together."""
        return iter(self._series.values())

    def _slot_after_read(self) -> int:
        return next(series.slot for series in self if series.metric not in READ)

    def slot(self, metric: Metric, labels: Mapping[str, str]) -> int:
        """Return the first cell of a series.

        Raises:
            UnknownSeries: there is none with these labels.
        """
        values = tuple(labels.get(name, "") for name in metric.labels)
        found = self._series.get((metric.name, values))
        if found is None or len(labels) != len(values):
            raise UnknownSeries(f"{metric.name} has no series with {dict(labels)}")
        return found.slot
