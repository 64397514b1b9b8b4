"""Several servers under the same load in turn, and what is said of them: medians, and ratios within a round."""

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from bench.driving import Expected, Outcome, drive
from bench.load import Plan
from bench.measuring import Row, Table

DONE: Final = Expected()


@dataclass(frozen=True)
class Case:
    """One thing measured: what is asked of it, and what has to come."""

    plan: Plan
    expected: Expected = DONE
    watch: Callable[[], int] | None = None
    """Returns how many requests the vendor has had, to be compared with the answers."""
    asks_vendor: bool = False
    """Whether every answer costs a request of the vendor's; otherwise none does. Only with `watch`."""


def interleaved(cases: Mapping[str, Case], rounds: int) -> dict[str, list[Outcome]]:
    """Return the outcomes by case; the cases take turns, and a round before the first is not counted."""
    outcomes: dict[str, list[Outcome]] = {name: [] for name in cases}
    for number in range(rounds + 1):
        for name, case in cases.items():
            outcome = watched(case)
            if number:
                outcomes[name].append(outcome)
    return outcomes


def watched(case: Case) -> Outcome:
    """Carry out a case once; the vendor's requests are counted where they can be."""
    before = case.watch() if case.watch else 0
    outcome = drive(case.plan, case.expected)
    if case.watch is None:
        return outcome
    # Two more answers are looked at one by one; at the end a few are under way, as they were of the case before.
    asked, slack = case.watch() - before, 2 * case.plan.connections + 2
    least, most = (outcome.requests, outcome.requests + slack) if case.asks_vendor else (0, 0)
    if least <= asked <= most:
        return outcome
    fault = f"the vendor had {asked} requests for {outcome.requests} answers"
    return Outcome(outcome.rate, outcome.p50_ms, outcome.p99_ms, outcome.requests, (*outcome.faults, fault))


def summary(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Return the medians of one case's rounds, the rates of all of them, and each fault once."""
    return {
        "rate": statistics.median(outcome.rate for outcome in outcomes),
        "p50_ms": statistics.median(outcome.p50_ms for outcome in outcomes),
        "p99_ms": statistics.median(outcome.p99_ms for outcome in outcomes),
        "rates": [round(outcome.rate, 1) for outcome in outcomes],
        "requests": sum(outcome.requests for outcome in outcomes),
        "faults": sorted({fault for outcome in outcomes for fault in outcome.faults}),
    }


def ratio(ones: Sequence[float], others: Sequence[float]) -> float | None:
    """Return the median of one to other within each round; None where there is nothing to divide by."""
    pairs = list(zip(ones, others, strict=True))
    if not pairs or not all(other for _, other in pairs):
        return None
    return statistics.median(one / other for one, other in pairs)


def compared(cases: Mapping[str, Any], bases: Sequence[str]) -> dict[str, Any]:
    """Return the summaries with the ratios of each one's rates to the bases' that are there."""
    return {
        name: {
            **case,
            "ratios": {base: ratio(case["rates"], cases[base]["rates"]) for base in bases if base in cases},
        }
        for name, case in cases.items()
    }


def rated(
    title: str, cases: Mapping[str, Any], bases: Mapping[str, str], skipped: Sequence[str] = ()
) -> Table:
    """Return the table of summaries that were compared; `bases` has the columns' headings by base."""
    rows: list[Row] = []
    notes = [*skipped]
    for name, case in cases.items():
        mark = " *" if case["faults"] else ""
        notes += [f"* {name} is not valid: {fault}" for fault in case["faults"]]
        ratios = (case["ratios"].get(base) for base in bases)
        rows.append(
            (
                name + mark,
                f"{case['rate']:,.0f}",
                f"{case['p50_ms']:.2f}",
                f"{case['p99_ms']:.2f}",
                *("-" if one is None else f"{one:.2f}" for one in ratios),
            )
        )
    return Table(title, ("", "requests/s", "p50 ms", "p99 ms", *bases.values()), tuple(rows), tuple(notes))
