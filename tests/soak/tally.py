"""What happened, counted, and the table of it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from bench.measuring import Table, text

SHOWN: Final = 20


@dataclass
class Tally:
    """Everything counted.

    Attributes:
        answers: by operation and how it was answered: `right`, `stale`, a problem's code, `broken off`.
        wrong: sentences about answers that should not have been.
        slowest: seconds of the slowest answer, by operation.
    """

    answers: Counter[tuple[str, str]] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    slowest: dict[str, float] = field(default_factory=dict)

    def add(self, operation: str, how: str, seconds: float) -> None:
        """Count one answer."""
        self.answers[operation, how] += 1
        self.slowest[operation] = max(seconds, self.slowest.get(operation, 0.0))

    def total(self, *ways: str) -> int:
        """Return how many answers there were, of some ways or of all."""
        return sum(number for (_, how), number in self.answers.items() if not ways or how in ways)

    def table(self, title: str) -> str:
        """Return the counts for a terminal."""
        rows = []
        for operation in sorted({operation for operation, _ in self.answers}):
            ways = {how: number for (one, how), number in self.answers.items() if one == operation}
            explained = sum(number for how, number in ways.items() if how not in ("right", "stale"))
            most = ", ".join(f"{how} {number}" for how, number in _faulty(ways))
            rows.append(
                (
                    operation,
                    f"{ways.get('right', 0):,}",
                    f"{ways.get('stale', 0):,}",
                    f"{explained:,}",
                    f"{self.slowest[operation]:.2f}",
                    most,
                )
            )
        columns = ("", "right", "stale and said so", "explained by a fault", "slowest s", "")
        notes = [f"WRONG: {sentence}" for sentence in self.wrong[:SHOWN]]
        notes.append(f"{self.total():,} answers, {len(self.wrong)} wrong")
        return text([Table(title, columns, tuple(rows), tuple(notes))])


def _faulty(ways: Mapping[str, int]) -> list[tuple[str, int]]:
    found = [(how, number) for how, number in ways.items() if how not in ("right", "stale")]
    return sorted(found, key=lambda pair: -pair[1])
