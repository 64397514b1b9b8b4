"""Every worker's figures as monitoring reads them: Prometheus' text, or OpenMetrics when that is asked for."""

from collections.abc import Callable, Iterator
from importlib.metadata import version
from itertools import accumulate, groupby
from platform import python_version
from typing import TYPE_CHECKING

from gateway import DISTRIBUTION
from gateway.telemetry.catalogue import BOUNDS, BUILD, OWN, READ, WORKER_STARTS, WORKERS, Metric
from gateway.telemetry.layout import Series
from gateway.telemetry.metrics import Board

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric as Family


def exposition(
    board: Board, accept: str = "", may_see: Callable[[str], bool] = lambda _: True
) -> tuple[bytes, str]:
    """Return the text and its media type.

    A series with labels appears with the first thing it counts; of the many there could be, most never do.

    Args:
        board: every worker's cells.
        accept: the request's `Accept`.
        may_see: says of a connection whether whoever asks may know of it.
    """
    # Imported late: the library makes collectors of its own when it is imported, and takes 40 ms for it.
    from prometheus_client import CollectorRegistry  # noqa: PLC0415
    from prometheus_client.exposition import choose_encoder  # noqa: PLC0415

    board.gather()
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collector(board, may_see))
    encode, media_type = choose_encoder(accept)
    return encode(registry), media_type


class _Collector:
    def __init__(self, board: Board, may_see: Callable[[str], bool]) -> None:
        self._board = board
        self._may_see = may_see

    def collect(self) -> Iterator["Family"]:
        shown = (
            each for each in self._board.layout if each.connection is None or self._may_see(each.connection)
        )
        for metric, series in groupby(shown, lambda each: each.metric):
            yield (_read if metric in READ else _counted)(self._board, metric, series)
        for metric in OWN:
            yield _own(self._board, metric)


def _counted(board: Board, metric: Metric, series: Iterator[Series]) -> "Family":
    family = _family(metric, metric.labels)
    for each in series:
        if metric.kind == "histogram":
            _add_histogram(board, family, each)
        elif (count := board.total(each.slot)) or not metric.labels:
            family.add_sample(metric.name, each.labels, count)
    return family


def _add_histogram(board: Board, family: "Family", series: Series) -> None:
    counts = list(accumulate(board.total(series.slot + place) for place in range(len(BOUNDS) + 1)))
    if not counts[-1]:
        return
    name, labels = series.metric.name, series.labels
    for bound, count in zip((*map(str, BOUNDS), "+Inf"), counts, strict=True):
        family.add_sample(f"{name}_bucket", {**labels, "le": bound}, count)
    family.add_sample(f"{name}_count", labels, counts[-1])
    family.add_sample(f"{name}_sum", labels, board.total(series.slot + len(BOUNDS) + 1) / 1e9)


def _read(board: Board, metric: Metric, series: Iterator[Series]) -> "Family":
    """Return what every worker tells of itself."""
    family = _family(metric, (*metric.labels, "worker"))
    for each in series:
        for worker in range(1, board.workers + 1):
            value = board.published(worker, metric, **each.labels)
            if value is not None:
                told = value if metric.parts == 1 else value / metric.parts
                family.add_sample(metric.name, {**each.labels, "worker": str(worker)}, told)
    return family


def _own(board: Board, metric: Metric) -> "Family":
    """Return what is known without anybody's help."""
    if metric is BUILD:
        family = _family(metric, metric.labels)
        family.add_sample(metric.name, {"version": version(DISTRIBUTION), "python": python_version()}, 1)
        return family
    if metric is WORKERS:
        family = _family(metric, ())
        family.add_sample(metric.name, {}, board.workers)
        return family
    family = _family(metric, ("worker",))
    for worker in range(1, board.workers + 1):
        value = board.starts(worker) if metric is WORKER_STARTS else int(board.is_up(worker))
        family.add_sample(metric.name, {"worker": str(worker)}, value)
    return family


def _family(metric: Metric, labels: tuple[str, ...]) -> "Family":
    from prometheus_client import metrics_core  # noqa: PLC0415 - as above

    made: dict[str, Callable[..., Family]] = {
        "counter": metrics_core.CounterMetricFamily,
        "gauge": metrics_core.GaugeMetricFamily,
        "histogram": metrics_core.HistogramMetricFamily,
    }
    return made[metric.kind](metric.name, metric.meaning, labels=labels)
