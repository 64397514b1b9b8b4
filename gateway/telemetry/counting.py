"""What is counted where: the series that the parts of the gateway count in, found once and then only added to."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from adapters.condition import Condition
from adapters.watching import Refusal, RetryReason
from gateway.cache.front import FrontStore, SharedFigures
from gateway.cache.lifetimes import Kind
from gateway.cache.trace import Outcome
from gateway.telemetry import catalogue
from gateway.telemetry.catalogue import OTHER, Metric, status_label
from gateway.telemetry.layout import UnknownSeries
from gateway.telemetry.metrics import Histogram, Metrics
from gateway.telemetry.pulse import Pulse, open_files, resident_bytes
from schemas.catalogue import BreakerState

_DEGREES: Final = (BreakerState.CLOSED, BreakerState.HALF_OPEN, BreakerState.OPEN)
"""What the figure of a breaker means: its place here."""


@dataclass(slots=True)
class HitCells:
    """Where the short way counts for one address; whoever learnt the address keeps it, also over a reload.

    Attributes:
        whole: answers with a body.
        unchanged: answers of 304.
        read: reads answered from memory; None for a listing over several connections.
        saved: bytes answered without the vendor.
        seconds: how long they took.
    """

    whole: int
    unchanged: int
    read: int | None
    saved: int
    seconds: Histogram


class Counting:
    """Counts for one worker."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._cells = metrics.cells
        self._saved = metrics.counter(catalogue.BYTES_SAVED)
        # Bounded by the layout: only series that it knows are ever found.
        self._slots: dict[tuple[str, ...], int] = {}
        self._histograms: dict[tuple[str, str], Histogram] = {}
        self._hits: dict[tuple[str, str | None, Kind], HitCells] = {}
        self._websockets = 0

    def look_up_anew(self) -> None:
        """Find every series again: the metrics have moved to another board."""
        self._cells = self._metrics.cells
        self._saved = self._metrics.counter(catalogue.BYTES_SAVED)
        for found in (self._slots, self._histograms):
            found.clear()
        for about, cells in self._hits.items():
            anew = self._found_cells(*about)
            cells.whole, cells.unchanged, cells.read = anew.whole, anew.unchanged, anew.read
            cells.saved, cells.seconds = anew.saved, anew.seconds

    def request(self, route: str | None, status: int, seconds: float) -> None:
        """Count a request.

        Args:
            route: the operation id; None for what no operation answered.
            status: of the answer; 0 when there was none.
            seconds: from its arrival to its last byte.
        """
        label = status_label(status)
        try:
            slot = self._slot(catalogue.REQUESTS, route=route or OTHER, status=label)
        except UnknownSeries:
            route = None
            slot = self._slot(catalogue.REQUESTS, route=OTHER, status=label)
        self._cells[slot] += 1
        self._histogram(catalogue.REQUEST_SECONDS, "route", route or OTHER).observe(seconds)

    def refused(self, code: object) -> None:
        """Count a request that ended with a problem, if it is one of those that say that nothing was done for it."""
        if code in catalogue.REASONS:
            self._cells[self._slot(catalogue.REFUSED, reason=str(code))] += 1

    def audit_failed(self) -> None:
        """Count a line that could not be written to the audit log."""
        self._cells[self._slot(catalogue.AUDIT_FAILED)] += 1

    def read(self, connection: str, kind: Kind, outcome: Outcome | None) -> None:
        """Count a read."""
        if outcome is not None:
            slot = self._slot(catalogue.CACHE_READS, connection=connection, kind=kind, outcome=outcome)
            self._cells[slot] += 1

    def saved(self, size_bytes: int) -> None:
        """Count bytes answered without the vendor."""
        self._cells[self._saved] += size_bytes

    def vendor_call(self, connection: str, outcome: str, seconds: float) -> None:
        """Count a call to a vendor: `ok`, `not_modified` or a problem's code."""
        self._cells[self._slot(catalogue.VENDOR_CALLS, connection=connection, outcome=outcome)] += 1
        self._histogram(catalogue.VENDOR_SECONDS, "connection", connection).observe(seconds)

    def retried(self, connection: str, why: RetryReason) -> None:
        """Count an attempt made again."""
        self._cells[self._slot(catalogue.VENDOR_RETRIES, connection=connection, reason=why)] += 1

    def not_called(self, connection: str, why: Refusal) -> None:
        """Count an attempt that was not made."""
        self._cells[self._slot(catalogue.VENDOR_REFUSALS, connection=connection, reason=why)] += 1

    def waited(self, connection: str, seconds: float) -> None:
        """Count the time that an attempt waited for a place."""
        self._histogram(catalogue.QUEUE_SECONDS, "connection", connection).observe(seconds)

    @contextmanager
    def websocket(self, connection: str) -> Iterator[None]:
        """Count a websocket as long as it is open."""
        self._cells[self._slot(catalogue.WEBSOCKETS, connection=connection)] += 1
        self._websockets += 1
        try:
            yield
        finally:
            self._websockets -= 1

    def hit_cells(self, route: str, connection: str | None, kind: Kind) -> HitCells:
        """Return where the short way counts for an address."""
        found = self._hits.get((route, connection, kind))
        if found is None:
            found = self._hits[route, connection, kind] = self._found_cells(route, connection, kind)
        return found

    def _found_cells(self, route: str, connection: str | None, kind: Kind) -> HitCells:
        read = None
        if connection is not None:
            labels = {"connection": connection, "kind": kind, "outcome": Outcome.HIT}
            read = self._slot(catalogue.CACHE_READS, **labels)
        return HitCells(
            whole=self._slot(catalogue.REQUESTS, route=route, status=status_label(200)),
            unchanged=self._slot(catalogue.REQUESTS, route=route, status=status_label(304)),
            read=read,
            saved=self._saved,
            seconds=self._histogram(catalogue.REQUEST_SECONDS, "route", route),
        )

    def _slot(self, metric: Metric, **labels: str) -> int:
        asked = (metric.name, *labels.values())
        slot = self._slots.get(asked)
        if slot is None:
            slot = self._slots[asked] = self._metrics.counter(metric, **labels)
        return slot

    def _histogram(self, metric: Metric, label: str, value: str) -> Histogram:
        found = self._histograms.get((metric.name, value))
        if found is None:
            found = self._histograms[metric.name, value] = self._metrics.histogram(metric, **{label: value})
        return found

    def hit(self, cells: HitCells, size_bytes: int, seconds: float, *, unchanged: bool) -> None:
        """Count an answer of the short way; `unchanged` is a 304."""
        counted = self._cells
        counted[cells.unchanged if unchanged else cells.whole] += 1
        if cells.read is not None:
            counted[cells.read] += 1
        counted[cells.saved] += size_bytes
        cells.seconds.observe(seconds)

    def watch_process(self, pulse: Pulse) -> None:
        """Have it told from now on how this process is."""
        tell = self._metrics.read
        tell(catalogue.WEBSOCKETS_OPEN, lambda: self._websockets)
        tell(catalogue.LOOP_LAG, lambda: round(pulse.worst_lag * catalogue.LOOP_LAG.parts))
        tell(catalogue.OPEN_FILES, open_files)
        tell(catalogue.RESIDENT_BYTES, resident_bytes)

    def watch(self, store: FrontStore) -> None:
        """Have the store's figures told from now on."""
        tell = self._metrics.read
        tell(catalogue.CACHE_BYTES, lambda: store.stats.used_bytes)
        tell(catalogue.CACHE_ENTRIES, lambda: store.stats.entries)
        tell(catalogue.CACHE_EVICTIONS, lambda: store.stats.evicted)
        if store.shared_figures is not None:
            tell(
                catalogue.SHARED_UP,
                _of_shared(store, lambda figures: int(figures.state is BreakerState.CLOSED)),
            )
            tell(catalogue.SHARED_PENDING, _of_shared(store, lambda figures: figures.pending))
            tell(catalogue.SHARED_FAILED, _of_shared(store, lambda figures: figures.counts.failed))

    def watch_calls(self, connection: str, condition: Callable[[], Condition]) -> None:
        """Have it told from now on how the calls to a connection's vendor go."""
        tell = self._metrics.read
        told: dict[Metric, Callable[[], int]] = {
            catalogue.BREAKER_STATE: lambda: _DEGREES.index(condition().breaker),
            catalogue.CALLS_UNDER_WAY: lambda: condition().under_way,
            catalogue.CALLS_WAITING: lambda: condition().waiting,
        }
        for metric, read in told.items():
            tell(metric, read, connection=connection)


def _of_shared(store: FrontStore, tell: Callable[[SharedFigures], int]) -> Callable[[], int]:
    def told() -> int:
        figures = store.shared_figures
        return 0 if figures is None else tell(figures)

    return told
