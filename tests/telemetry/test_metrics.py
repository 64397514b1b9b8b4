"""Counting in one process and in several."""

import multiprocessing
import os
import signal
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.cache.lifetimes import Kind
from gateway.problems import catalogue
from gateway.telemetry.catalogue import (
    BOUNDS,
    BYTES_SAVED,
    CACHE_BYTES,
    CACHE_ENTRIES,
    CACHE_READS,
    CALLS_WAITING,
    METRICS,
    REQUEST_SECONDS,
    REQUESTS,
    VENDOR_CALLS,
    status_label,
)
from gateway.telemetry.counting import Counting
from gateway.telemetry.layout import CELLS_PER_HISTOGRAM, Layout, Series, UnknownSeries
from gateway.telemetry.metrics import Board, Metrics

ROUTES = ("get_workflow", "list_workflows")
READ = {"connection": "main", "kind": "workflow", "outcome": "hit"}


def board(workers: int = 1) -> Board:
    return Board(Layout(("main", "other"), ROUTES), workers)


def series_sum(board: Board, series: Series) -> int:
    return sum(board.total(series.slot + place) for place in range(series.width))


def forked(work: Callable[[], None]) -> int:
    """Do something in a forked process; returns its exit code."""
    process = multiprocessing.get_context("fork").Process(target=work)
    process.start()
    process.join(30)
    assert process.exitcode is not None
    return process.exitcode


def test_a_count_goes_to_its_series_alone() -> None:
    metrics = Metrics(board())
    slot = metrics.counter(CACHE_READS, **READ)
    metrics.cells[slot] += 1
    metrics.cells[slot] += 2
    counted = {
        each.labels["connection"]: metrics.board.total(each.slot)
        for each in metrics.board.layout
        if each.metric is CACHE_READS and metrics.board.total(each.slot)
    }
    assert counted == {"main": 3}


def test_equal_settings_give_equal_layouts_whatever_their_order() -> None:
    one, other = Layout(("a", "b"), ROUTES), Layout(("b", "a"), reversed(ROUTES))
    assert list(one) == list(other)
    assert one.size == other.size


def test_no_two_series_share_a_cell() -> None:
    layout = Layout(("main", "other"), ROUTES)
    taken = [
        each.slot + place
        for each in layout
        for place in range(CELLS_PER_HISTOGRAM if each.metric.kind == "histogram" else 1)
    ]
    assert len(set(taken)) == len(taken)
    assert max(taken) == layout.size - 1


@pytest.mark.parametrize(
    "labels",
    [
        {**READ, "connection": "made-up"},
        {**READ, "outcome": "ok"},
        {**READ, "caller": "somebody"},
        {"connection": "main", "kind": "workflow"},
        {},
    ],
)
def test_labels_that_are_not_known_make_no_series(labels: dict[str, str]) -> None:
    with pytest.raises(UnknownSeries, match="workflow_gateway_cache_reads_total has no series"):
        Metrics(board()).counter(CACHE_READS, **labels)


@pytest.mark.parametrize("code", [kind.code for kind in catalogue()])
def test_every_problem_has_a_series_of_vendor_calls(code: str) -> None:
    assert Metrics(board()).counter(VENDOR_CALLS, connection="other", outcome=code)


@given(st.integers(100, 599))
def test_every_status_has_a_label_that_there_is_a_series_for(status: int) -> None:
    assert Metrics(board()).counter(REQUESTS, route="get_workflow", status=status_label(status))


@pytest.mark.parametrize(
    ("status", "label"),
    [(200, "2xx"), (206, "2xx"), (304, "304"), (307, "other"), (404, "4xx"), (599, "5xx")],
)
def test_a_status_is_told_by_its_class(status: int, label: str) -> None:
    assert status_label(status) == label


@given(st.lists(st.floats(0, 100, allow_nan=False), max_size=30))
def test_a_histogram_keeps_every_duration_in_the_bucket_that_holds_it(durations: list[float]) -> None:
    metrics = Metrics(board())
    histogram = metrics.histogram(REQUEST_SECONDS, route="get_workflow")
    for seconds in durations:
        histogram.observe(seconds)
    slot = metrics.counter(REQUEST_SECONDS, route="get_workflow")
    lower = (-1.0, *BOUNDS)
    upper = (*BOUNDS, float("inf"))
    for place, (low, high) in enumerate(zip(lower, upper, strict=True)):
        assert metrics.cells[slot + place] == sum(low < seconds <= high for seconds in durations)
    assert metrics.cells[slot + len(upper)] / 1e9 == pytest.approx(sum(durations), abs=1e-6)


def test_names_say_what_monitoring_expects() -> None:
    assert len({each.name for each in METRICS}) == len(METRICS)
    assert all(each.name.startswith("workflow_gateway_") for each in METRICS)
    assert all(each.name.endswith("_total") == (each.kind == "counter") for each in METRICS)


def test_what_forked_workers_count_is_added_up() -> None:
    shared = board(3)

    def work(number: int) -> None:
        metrics = Metrics(shared, number)
        slot = metrics.counter(BYTES_SAVED)
        for _ in range(20_000):
            metrics.cells[slot] += number

    context = multiprocessing.get_context("fork")
    processes = [context.Process(target=work, args=(number,)) for number in (1, 2, 3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0, 0]
    assert shared.total(shared.layout.slot(BYTES_SAVED, {})) == 20_000 * 6


def test_a_killed_workers_counts_stay_and_its_successor_counts_on() -> None:
    shared = board(2)

    def count_and_die() -> None:
        metrics = Metrics(shared, 2)
        metrics.cells[metrics.counter(BYTES_SAVED)] += 10
        os.kill(os.getpid(), signal.SIGKILL)

    def count_on() -> None:
        metrics = Metrics(shared, 2)
        metrics.cells[metrics.counter(BYTES_SAVED)] += 5

    Metrics(shared, 1).cells[shared.layout.slot(BYTES_SAVED, {})] += 100
    slot = shared.layout.slot(BYTES_SAVED, {})
    assert forked(count_and_die) == -signal.SIGKILL
    assert (shared.total(slot), shared.starts(2), shared.is_up(2)) == (110, 1, False)
    assert forked(count_on) == 0
    assert (shared.total(slot), shared.starts(2)) == (115, 2)


def test_what_a_worker_reads_of_itself_is_known_to_others_while_it_lives() -> None:
    shared = board(2)
    ours, theirs = multiprocessing.get_context("fork").Pipe()

    def tell_and_wait() -> None:
        metrics = Metrics(shared, 2)
        metrics.read(CACHE_BYTES, lambda: 4096)
        metrics.publish()
        theirs.send("told")
        theirs.recv()

    process = multiprocessing.get_context("fork").Process(target=tell_and_wait)
    process.start()
    assert ours.recv() == "told"
    assert shared.published(2, CACHE_BYTES) == 4096
    assert shared.published(2, CACHE_ENTRIES) is None
    assert shared.published(1, CACHE_BYTES) is None
    ours.send("end")
    process.join(30)
    assert shared.published(2, CACHE_BYTES) is None


def test_a_successor_tells_nothing_of_what_its_predecessor_read() -> None:
    shared = board()
    before = Metrics(shared)
    before.read(CACHE_BYTES, lambda: 7)
    before.publish()
    Metrics(shared)
    assert shared.published(1, CACHE_BYTES) is None


def test_nothing_read_can_leave_its_cell() -> None:
    metrics = Metrics(board())
    metrics.read(CACHE_BYTES, lambda: -1)
    metrics.read(CACHE_ENTRIES, lambda: 2**80)
    metrics.publish()
    assert metrics.board.published(1, CACHE_BYTES) == 0
    assert metrics.board.published(1, CACHE_ENTRIES) == 2**64 - 2


def test_what_is_counted_is_not_read() -> None:
    with pytest.raises(ValueError, match="workflow_gateway_bytes_saved_total is counted, not read"):
        Metrics(board()).read(BYTES_SAVED, lambda: 1)


@pytest.mark.parametrize("worker", [0, 3])
def test_there_are_cells_for_the_workers_there_are(worker: int) -> None:
    with pytest.raises(ValueError, match=f"there is no worker {worker}, only 1 to 2"):
        Metrics(board(2), worker)


def test_another_board_goes_on_from_the_figures_of_the_one_before() -> None:
    metrics = Metrics(board())
    read, request = (
        metrics.counter(CACHE_READS, **READ),
        metrics.histogram(REQUEST_SECONDS, route="get_workflow"),
    )
    metrics.cells[read] += 3
    request.observe(0.2)
    wider = Board(Layout(("added", "main"), (*ROUTES, "new")))
    metrics.move_to(wider)
    metrics.cells[metrics.counter(CACHE_READS, **READ)] += 1
    metrics.histogram(REQUEST_SECONDS, route="get_workflow").observe(0.2)
    assert wider.total(metrics.counter(CACHE_READS, **READ)) == 4
    slot = wider.layout.slot(REQUEST_SECONDS, {"route": "get_workflow"})
    assert sum(wider.total(slot + place) for place in range(len(BOUNDS) + 1)) == 2
    assert wider.starts(1) == 1
    assert wider.is_up(1)


def test_boards_before_are_gathered_until_nobody_counts_on_them_and_then_let_go() -> None:
    first, second, third = board(2), board(2), board(2)
    second.before, third.before = first, second
    slot = first.layout.slot(CACHE_READS, READ)
    for counted, times in ((first, 2), (second, 3), (third, 5)):
        counted.cells(2)[slot] += times
    third.gather()
    assert third.total(slot) == 10
    first.cells(1)[slot] += 1
    third.gather()
    third.gather()
    assert third.total(slot) == 11
    second.over = True
    third.let_go()
    assert third.before is second  # the first still counts, and its figures pass through the second
    first.over = True
    third.let_go()
    assert third.before is None
    assert third.total(slot) == 11


def test_what_is_read_moves_with_the_figures_until_its_connection_is_gone() -> None:
    metrics = Metrics(board())
    metrics.read(CALLS_WAITING, lambda: 3, connection="main")
    metrics.move_to(Board(Layout(("added", "main", "other"), ROUTES)))
    metrics.publish()
    assert metrics.board.published(1, CALLS_WAITING, connection="main") == 3
    metrics.read_no_more(("added",))
    metrics.publish()
    assert metrics.board.published(1, CALLS_WAITING, connection="main") is None


def test_what_is_read_has_a_cell_for_each_connection_and_no_other() -> None:
    metrics = Metrics(board())
    metrics.read(CALLS_WAITING, lambda: 3, connection="main")
    metrics.publish()
    assert metrics.board.published(1, CALLS_WAITING, connection="main") == 3
    assert metrics.board.published(1, CALLS_WAITING, connection="other") is None
    with pytest.raises(UnknownSeries):
        metrics.read(CALLS_WAITING, lambda: 1, connection="made-up")


def test_what_was_learnt_before_a_reload_is_counted_where_it_belongs_after_it() -> None:
    metrics = Metrics(board())
    counting = Counting(metrics)
    cells = counting.hit_cells("get_workflow", "main", Kind.WORKFLOW)
    metrics.move_to(Board(Layout(("added", "main", "other"), ROUTES)))
    counting.look_up_anew()
    before = {each: series_sum(metrics.board, each) for each in metrics.board.layout}
    counting.hit(cells, 10, 0.001, unchanged=False)
    grown = {
        (each.metric, each.values)
        for each in metrics.board.layout
        if series_sum(metrics.board, each) != before[each]
    }
    assert grown == {
        (REQUESTS, ("get_workflow", "2xx")),
        (REQUEST_SECONDS, ("get_workflow",)),
        (CACHE_READS, ("main", "workflow", "hit")),
        (BYTES_SAVED, ()),
    }


def test_a_process_that_is_somebody_elses_by_now_is_no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    metrics = Metrics(board())
    assert metrics.board.is_up(1)

    def kill(process: int, number: int) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "kill", kill)
    assert not metrics.board.is_up(1)
