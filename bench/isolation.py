"""Whether one connection's vendor that hangs is felt by those who read from another."""

import contextlib
import statistics
import subprocess
from collections.abc import Iterator, Mapping
from typing import Any, Final

from bench.documents import PADDED, canonical
from bench.driving import Expected, Outcome, generator
from bench.gateways import ASKED_EVERY_TIME, HEADERS, KEPT, Vendor, gateway, vendor, warmed, workflow_path
from bench.load import Plan, written
from bench.measuring import Row, Table, text
from bench.processes import LOAD_CORE, ROOT, Child, environment, module, pinned, settings, stop
from bench.rounds import Case, interleaved, ratio, summary

CONNECTIONS: Final = 8
STUCK: Final = 48
"""Callers that ask the vendor that hangs, one after the other; each comes again a second after it is turned away."""
LONGEST_SECONDS: Final = 600.0
READS: Final = {"hits": "hits", "reads": "reads of another connection"}


def measure() -> dict[str, Any]:
    """Return the latencies of two gateways, one of which has callers stuck at a vendor that hangs."""
    seconds, rounds = settings()
    with contextlib.ExitStack() as stack:
        behind = stack.enter_context(vendor({"small": canonical(20_000)}))
        fronts = {name: stack.enter_context(gateway(_connections(behind))) for name in ("quiet", "troubled")}
        cases: dict[str, Case] = {}
        for name, front in fronts.items():
            warmed(front.port, [workflow_path("kept").format(0)])
            cases |= {f"{reads} {name}": case for reads, case in _cases(front, seconds).items()}
        before = behind.requests()
        stack.enter_context(stuck(fronts["troubled"]))
        outcomes = interleaved(cases, rounds)
        asked = sum(one.requests for reads in ("reads quiet", "reads troubled") for one in outcomes[reads])
        hung = behind.requests() - before - asked
    return {
        "generator": generator(),
        "rounds": rounds,
        "seconds": seconds,
        "vendor_hung_at_least_once": hung > 0,
        "cases": {name: summary(found) for name, found in outcomes.items()},
        "p99_ratios": {reads: _p99_ratio(outcomes, reads) for reads in READS},
        "p99_spread_when_quiet": {reads: _spread(outcomes[f"{reads} quiet"]) for reads in READS},
    }


def shown(result: dict[str, Any]) -> str:
    """Return the result for a terminal."""
    return text(tables(result))


def tables(result: dict[str, Any]) -> list[Table]:
    """Return the one table; the spread tells by what factor quiet rounds differ from each other."""
    rows: list[Row] = []
    notes = []
    for reads, title in READS.items():
        quiet, troubled = (result["cases"][f"{reads} {name}"] for name in ("quiet", "troubled"))
        figures = (quiet["p50_ms"], troubled["p50_ms"], quiet["p99_ms"], troubled["p99_ms"])
        ratios = (result["p99_ratios"][reads], result["p99_spread_when_quiet"][reads])
        rows.append(
            (
                title,
                *(f"{one:.2f}" for one in figures),
                *("-" if one is None else f"{one:.2f}" for one in ratios),
            )
        )
        notes += [f"* {title}: {fault}" for case in (quiet, troubled) for fault in case["faults"]]
    columns = ("", "p50 ms", "p50, hanging", "p99 ms", "p99, hanging", "ratio of p99", "spread when quiet")
    return [Table("Another connection's vendor hangs on every request", columns, tuple(rows), tuple(notes))]


@contextlib.contextmanager
def stuck(front: Child) -> Iterator[None]:
    """Have callers wait for the vendor that hangs until the block ends."""
    plan = Plan(
        front.port,
        (workflow_path("hanging"),),
        order="rising",
        headers=dict(HEADERS),
        connections=STUCK,
        seconds=LONGEST_SECONDS,
        pause_seconds=1.0,
        apart_seconds=0.1,
    )
    process = subprocess.Popen(
        pinned(module("bench.load"), LOAD_CORE),
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        cwd=ROOT,
        env=environment(),
    )
    try:
        assert process.stdin is not None
        process.stdin.write(written(plan).encode())
        process.stdin.close()
        yield
    finally:
        stop(process)


def _connections(behind: Vendor) -> Mapping[str, Any]:
    hanging = behind.connection(PADDED, "hang/small", ASKED_EVERY_TIME)
    limits = {**hanging["limits"], "timeout_seconds": 3}
    return {
        "kept": behind.connection(PADDED, "steady/small", KEPT),
        "asked": behind.connection(PADDED, "fresh/small", ASKED_EVERY_TIME),
        "hanging": {**hanging, "limits": limits},
    }


def _cases(front: Child, seconds: float) -> dict[str, Case]:
    def plan(connection: str, order: str) -> Plan:
        pattern = workflow_path(connection)
        return Plan(
            front.port,
            (pattern,) if order == "cycle" else (pattern.format(0),),
            order=order,
            among=512,
            headers=dict(HEADERS),
            connections=CONNECTIONS,
            seconds=seconds,
        )

    return {
        "hits": Case(plan("kept", "same"), Expected(hit=True)),
        "reads": Case(plan("asked", "cycle"), Expected(hit=False)),
    }


def _p99_ratio(outcomes: Mapping[str, list[Outcome]], reads: str) -> float | None:
    troubled, quiet = ([one.p99_ms for one in outcomes[f"{reads} {name}"]] for name in ("troubled", "quiet"))
    return ratio(troubled, quiet)


def _spread(outcomes: list[Outcome]) -> float | None:
    times = [one.p99_ms for one in outcomes]
    return max(times) / statistics.median(times) if statistics.median(times) else None
