"""Whether one connection's vendor that hangs is felt by those who read from another.

One gateway, and callers who ask for something of another connection every few seconds: in stuck blocks its vendor never
answers, in quiet ones it does at once, to as many calls a second. Blocks stand in the order quiet, stuck, stuck, quiet,
over and over: each stuck block has a quiet neighbour, from which nothing but the hanging tells it apart, and each group
of blocks ends quiet where the next begins so: those neighbours tell how much two blocks differ by themselves.
"""

import contextlib
import statistics
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby, pairwise
from typing import Any, Final

from bench.documents import PADDED, canonical
from bench.driving import Expected, Outcome, drive, generator
from bench.gateways import ASKED_EVERY_TIME, HEADERS, KEPT, Vendor, gateway, vendor, warmed, workflow_path
from bench.load import Plan, written
from bench.measuring import Row, Table, median_interval, text
from bench.processes import LOAD_CORE, ROOT, Child, environment, module, pinned, settings, stop
from bench.rounds import Case

CONNECTIONS: Final = 8
OTHERS: Final = 48
"""Callers that ask the vendor that may hang, one after the other; each comes again every `CYCLE_SECONDS`."""
HANGING_SECONDS: Final = 3
"""How long the gateway waits for the vendor that hangs."""
CYCLE_SECONDS: Final = HANGING_SECONDS + 1.0
LONGEST_SECONDS: Final = 600.0
GROUP: Final = ("quiet", "stuck", "stuck", "quiet")
GROUPS_OF_A_ROUND: Final = 3
READS: Final = {"hits": "hits", "reads": "reads of another connection"}
Blocks = Mapping[str, list[Outcome]]


def measure() -> dict[str, Any]:
    """Return the latencies of blocks beside a vendor that hangs and beside one that does not, and their ratios."""
    seconds, rounds = settings()
    groups = GROUPS_OF_A_ROUND * rounds
    with contextlib.ExitStack() as stack:
        behind = stack.enter_context(vendor({"small": canonical(20_000)}))
        front = stack.enter_context(gateway(_connections(behind)))
        warmed(front.port, [workflow_path("kept").format(0)])
        cases = _cases(front, max(1.0, seconds / 2))
        blocks: dict[str, list[Outcome]] = {
            f"{reads} {state}": [] for reads in READS for state in ("quiet", "stuck")
        }
        _block(cases, {})
        for state, alike in groupby(GROUP * groups):
            with others(front, behind, state):
                for _ in alike:
                    _block(cases, blocks, state)
            time.sleep(HANGING_SECONDS + 0.5)
    return {
        "generator": generator(),
        "groups": groups,
        "cases": {name: _case(found) for name, found in blocks.items()},
        "p99_ratios": {reads: median_interval(stuck_ratios(blocks, reads)) for reads in READS},
        "p99_ratios_when_quiet": {reads: median_interval(quiet_ratios(blocks, reads)) for reads in READS},
    }


def stuck_ratios(blocks: Blocks, reads: str) -> list[float]:
    """Return the 99th percentile of each stuck block as a multiple of its quiet neighbour's."""
    pairs = zip(blocks[f"{reads} stuck"], blocks[f"{reads} quiet"], strict=True)
    return [one.p99_ms / other.p99_ms for one, other in pairs if other.p99_ms]


def quiet_ratios(blocks: Blocks, reads: str) -> list[float]:
    """Return the same of quiet blocks and their quiet neighbours, the later to the earlier."""
    ends_and_beginnings = list(pairwise(blocks[f"{reads} quiet"]))[1::2]
    return [later.p99_ms / earlier.p99_ms for earlier, later in ends_and_beginnings if earlier.p99_ms]


def shown(result: dict[str, Any]) -> str:
    """Return the result for a terminal."""
    return text(tables(result))


def tables(result: dict[str, Any]) -> list[Table]:
    """Return the one table; the ratios stand with the interval that holds the true median with 95 % certainty."""
    rows: list[Row] = []
    notes = []
    for reads, title in READS.items():
        quiet, troubled = (result["cases"][f"{reads} {state}"] for state in ("quiet", "stuck"))
        figures = (quiet["p50_ms"], troubled["p50_ms"], quiet["p99_ms"], troubled["p99_ms"])
        ratios = (result["p99_ratios"][reads], result["p99_ratios_when_quiet"][reads])
        rows.append((title, *(f"{one:.2f}" for one in figures), *map(interval, ratios)))
        notes += [f"* {title}: {fault}" for case in (quiet, troubled) for fault in case["faults"]]
    columns = ("", "p50 ms", "p50, hanging", "p99 ms", "p99, hanging", "ratio of p99", "quiet to quiet")
    return [Table("Another connection's vendor hangs on every request", columns, tuple(rows), tuple(notes))]


def interval(found: Sequence[float] | None) -> str:
    """Return a median with its interval."""
    if found is None:
        return "-"
    low, median, high = found
    return f"{median:.2f} ({low:.2f} to {high:.2f})"


@contextlib.contextmanager
def others(front: Child, behind: Vendor, state: str) -> Iterator[None]:
    """Have callers ask for something of another connection until the block ends; each is there when it begins.

    Args:
        front: the gateway.
        behind: the vendors.
        state: `stuck` where the vendor hangs.

    Raises:
        RuntimeError: they do not come as far as the vendor.
    """
    plan = Plan(
        front.port,
        (workflow_path("hanging" if state == "stuck" else "answering"),),
        order="rising",
        headers=dict(HEADERS),
        connections=OTHERS,
        seconds=LONGEST_SECONDS,
        pause_seconds=CYCLE_SECONDS - (HANGING_SECONDS if state == "stuck" else 0),
        apart_seconds=CYCLE_SECONDS / OTHERS,
    )
    before = behind.requests()
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
        until = time.perf_counter() + 5 * CYCLE_SECONDS
        while behind.requests() - before < OTHERS:
            if time.perf_counter() > until:
                raise RuntimeError("the other callers do not come as far as the vendor")
            time.sleep(0.1)
        yield
    finally:
        stop(process)


def _block(cases: Mapping[str, Case], blocks: Mapping[str, list[Outcome]], state: str = "") -> None:
    for reads, case in cases.items():
        outcome = drive(case.plan, case.expected)
        if blocks:
            blocks[f"{reads} {state}"].append(outcome)


def _case(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    return {
        "p50_ms": statistics.median(one.p50_ms for one in outcomes),
        "p99_ms": statistics.median(one.p99_ms for one in outcomes),
        "p99s_ms": [round(one.p99_ms, 3) for one in outcomes],
        "requests": sum(one.requests for one in outcomes),
        "faults": sorted({fault for one in outcomes for fault in one.faults}),
    }


def _connections(behind: Vendor) -> Mapping[str, Any]:
    hanging = behind.connection(PADDED, "hang/small", ASKED_EVERY_TIME)
    # Without the breaker, which would spare the gateway most of this trouble.
    limits = {**hanging["limits"], "timeout_seconds": HANGING_SECONDS, "breaker": {"failures": 0}}
    return {
        "kept": behind.connection(PADDED, "steady/small", KEPT),
        "asked": behind.connection(PADDED, "fresh/small", ASKED_EVERY_TIME),
        "hanging": {**hanging, "limits": limits},
        "answering": {**behind.connection(PADDED, "fresh/small", ASKED_EVERY_TIME), "limits": limits},
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
