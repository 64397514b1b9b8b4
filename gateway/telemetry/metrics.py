"""Counting, at the cost of one addition: a cell of 64 bits for every series, in memory that all workers share.

Every worker counts in cells of its own, so nothing is locked; whoever is asked adds up everybody's. What a worker
counted stays when it dies, and whoever takes its place counts on.
"""

import mmap
import os
from bisect import bisect_left
from collections.abc import Callable, Collection
from typing import Final

from gateway.telemetry.catalogue import BOUNDS, READ, Metric
from gateway.telemetry.layout import PROCESS, PUBLISHED, STARTS, Layout, UnknownSeries

_CELL_BYTES: Final = 8
MARKS: Final = 1024
"""So many numbers beside the cells."""

_MOST: Final = 2**64 - 1


class Board:
    """Every worker's cells. It has to be made before the workers are forked, for they share its memory.

    Before those of the first worker are cells for what was counted on another board, see `take_over`.
    """

    def __init__(self, layout: Layout, workers: int = 1) -> None:
        """Make a board on which nothing is counted yet.

        Args:
            layout: the cells of one worker.
            workers: how many there are.
        """
        self.layout = layout
        self.workers = workers
        self.before: Board | None = None
        """The board of workers whose place these take; they may still count on it."""
        self.over = False
        """Nobody counts on it any more."""
        self.marks = memoryview(mmap.mmap(-1, MARKS * _CELL_BYTES)).cast("d")
        """Numbers that all workers share and that are not counted: when each caller's next request is due."""
        self._cells = memoryview(mmap.mmap(-1, (workers + 1) * layout.size * _CELL_BYTES)).cast("Q")

    def cells(self, worker: int) -> memoryview:
        """Return one worker's cells.

        Args:
            worker: its number, from 1 on.
        """
        if not 1 <= worker <= self.workers:
            raise ValueError(f"there is no worker {worker}, only 1 to {self.workers}")
        size = self.layout.size
        return self._cells[worker * size : (worker + 1) * size]

    def total(self, slot: int) -> int:
        """Return what all workers have counted in a cell, and those of the board before."""
        return sum(self._cells[slot :: self.layout.size])

    def take_over(self, before: "Board") -> None:
        """Go on from another board's figures, for the series that both have; again whenever those have grown."""
        for series in self.layout:
            if series.metric in READ:
                continue
            try:
                slot = before.layout.slot(series.metric, series.labels)
            except UnknownSeries:
                continue
            for place in range(series.width):
                self._cells[series.slot + place] = before.total(slot + place)

    def gather(self) -> None:
        """Take over what is counted on the boards before this one by now."""
        if self.before is not None:
            self.before.gather()
            self.take_over(self.before)

    def let_go(self) -> None:
        """Forget the boards before this one on which nobody counts any more; their figures are gathered."""
        if self.before is not None:
            self.before.let_go()
            if self.before.over and self.before.before is None:
                self.before = None

    def published(self, worker: int, metric: Metric, **labels: str) -> int | None:
        """Return what a worker last told of something that is read; None when it is not there to tell."""
        raised = self.cells(worker)[self.layout.slot(metric, labels)] if self.is_up(worker) else 0
        return raised - 1 if raised else None

    def starts(self, worker: int) -> int:
        """Return how often a worker was started."""
        return self.cells(worker)[STARTS]

    def is_up(self, worker: int) -> bool:
        """Say whether a worker's process lives."""
        process = self.cells(worker)[PROCESS]
        if not process:
            return False
        try:
            os.kill(process, 0)
        except (ProcessLookupError, PermissionError):
            # Of the second kind is a process of somebody else, which has the number of a worker that died.
            return False
        return True


class Histogram:
    """Counts durations in buckets."""

    __slots__ = ("_cells", "_slot", "_sum")

    def __init__(self, cells: memoryview, slot: int) -> None:
        self._cells = cells
        self._slot = slot
        self._sum = slot + len(BOUNDS) + 1

    def observe(self, seconds: float) -> None:
        """Count a duration of at least 0 seconds."""
        cells = self._cells
        cells[self._slot + bisect_left(BOUNDS, seconds)] += 1
        cells[self._sum] += int(seconds * 1e9)


class Metrics:
    """What one worker counts.

    Attributes:
        board: every worker's cells.
        worker: this worker's number.
        cells: this worker's; `cells[slot] += 1` counts.
    """

    def __init__(self, board: Board, worker: int = 1) -> None:
        """Take a worker's place at the board, in the process that is the worker."""
        self.board = board
        self.worker = worker
        self.cells = board.cells(worker)
        self._told: dict[int, Callable[[], int | None]] = {}
        nobody = bytes(_CELL_BYTES * (board.layout.counted - PUBLISHED))
        self.cells[PUBLISHED : board.layout.counted] = memoryview(nobody).cast("Q")
        self.cells[PROCESS] = os.getpid()
        self.cells[STARTS] += 1

    def move_to(self, board: Board) -> None:
        """Count on another board from now on, where there is no other worker; whoever holds a cell looks it up anew."""
        board.take_over(self.board)
        cells = board.cells(self.worker)
        cells[PROCESS], cells[STARTS] = self.cells[PROCESS], self.cells[STARTS]
        board.marks = self.board.marks
        told = [(each, self._told[each.slot]) for each in self.board.layout if each.slot in self._told]
        self._told = {board.layout.slot(each.metric, each.labels): tell for each, tell in told}
        self.board, self.cells = board, cells

    def read_no_more(self, connections: Collection[str]) -> None:
        """Have nothing read any more of connections but these."""
        for series in self.board.layout:
            gone = series.connection is not None and series.connection not in connections
            if gone and self._told.pop(series.slot, None) is not None:
                self.cells[series.slot] = 0

    def counter(self, metric: Metric, **labels: str) -> int:
        """Return the cell of a counter's series.

        Raises:
            UnknownSeries: there is none with these labels.
        """
        return self.board.layout.slot(metric, labels)

    def histogram(self, metric: Metric, **labels: str) -> Histogram:
        """Return a histogram's series.

        Raises:
            UnknownSeries: there is none with these labels.
        """
        return Histogram(self.cells, self.board.layout.slot(metric, labels))

    def read(self, metric: Metric, tell: Callable[[], int | None], **labels: str) -> None:
        """Have something read from now on, whenever somebody asks.

        Args:
            metric: one of `READ`.
            tell: returns it, at once; None where nobody knows.
            labels: of which series.

        Raises:
            UnknownSeries: there is none with these labels.
        """
        if metric not in READ:
            raise ValueError(f"{metric.name} is counted, not read")
        self._told[self.board.layout.slot(metric, labels)] = tell

    def publish(self) -> None:
        """Write down what is read, for whichever worker is asked for it."""
        for slot, tell in self._told.items():
            value = tell()
            self.cells[slot] = 0 if value is None else min(max(value, 0), _MOST - 1) + 1
