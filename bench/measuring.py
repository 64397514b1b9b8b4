"""What every part measures with: medians of repeats, and a table to read them in."""

import math
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

DOUBT: Final = 0.05
"""How often an interval may be wrong."""

Row = tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """Figures to be read: what they are of, the columns' names, the rows, and sentences underneath."""

    title: str
    columns: Row
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()


def median_seconds(acts: Sequence[Callable[[], object]], budget_seconds: float) -> list[float]:
    """Return the median of the processor time that each of some acts takes.

    Processor time, since a process that is made to wait has done nothing meanwhile. They take turns, so that a busy
    moment of the machine hits all alike; the first round is not counted. At least five rounds are made, at most 200,
    and between them as many as the budget allows.
    """
    _round(acts)
    rounds = [_round(acts)]
    wanted = max(5, min(200, int(budget_seconds / sum(rounds[0]))))
    rounds += [_round(acts) for _ in range(wanted - 1)]
    return [statistics.median(taken) for taken in zip(*rounds, strict=True)]


def _round(acts: Sequence[Callable[[], object]]) -> list[float]:
    taken = []
    for act in acts:
        started = time.process_time()
        act()
        taken.append(time.process_time() - started)
    return taken


def median_interval(values: Sequence[float]) -> tuple[float, float, float] | None:
    """Return the median of some values between the ends of an interval that holds the true one 19 times in 20.

    The ends are two of the values themselves, by the binomial distribution: nothing is assumed of how they scatter.
    None of fewer than six values, which tell nothing with that certainty.
    """
    ordered, number = sorted(values), len(values)
    doubt, place = 0.0, 0
    while place < number // 2:
        doubt += math.comb(number, place) / 2**number
        if doubt > DOUBT / 2:
            break
        place += 1
    if place == 0:
        return None
    return ordered[place - 1], statistics.median(ordered), ordered[number - place]


def milliseconds(seconds: float) -> str:
    """Return a time with three digits that count."""
    return f"{seconds * 1000:.3g} ms" if seconds < 1 else f"{seconds * 1000:.0f} ms"


def table(columns: Row, rows: Sequence[Row]) -> str:
    """Return rows under columns, the first to the left, the others to the right."""
    widths = [max(len(row[place]) for row in (columns, *rows)) for place in range(len(columns))]
    lines = [
        "  ".join(
            cell.ljust(width) if place == 0 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in (columns, *rows)
    ]
    return "\n".join((lines[0], "-" * len(lines[0]), *lines[1:]))


def text(tables: Iterable[Table]) -> str:
    """Return tables for a terminal, one under the other."""
    return "\n\n".join(
        "\n".join((one.title, "", table(one.columns, one.rows), *one.notes)).strip() for one in tables
    )


def markdown(tables: Iterable[Table], level: int = 3) -> str:
    """Return tables as Markdown under headings of a level."""
    blocks = []
    for one in tables:
        blocks.append(f"{'#' * level} {one.title}")
        if one.rows:
            lines = (one.columns, (":---", *("---:" for _ in one.columns[1:])), *one.rows)
            blocks.append(
                "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines)
            )
        if one.notes:
            blocks.append("\n".join(f"* {note.removeprefix('* ')}" for note in one.notes))
    return "\n\n".join(blocks)


def least_squares(points: Sequence[tuple[float, float]]) -> float:
    """Return the slope of the straight line nearest to some points; 0 of fewer than two different places."""
    if len({place for place, _ in points}) < 2:
        return 0.0
    return statistics.linear_regression(*zip(*points, strict=True)).slope
