"""The listing over many connections, as their number grows."""

import contextlib
import statistics
from typing import Any, Final

from bench.documents import PADDED, listing
from bench.driving import told_by_own
from bench.gateways import ASKED_EVERY_TIME, HEADERS, KEPT, Vendor, gateway, vendor
from bench.load import Plan
from bench.measuring import Row, Table, text
from bench.processes import Child, settings

NUMBERS: Final = (1, 2, 5, 10, 20, 50)
ITEMS: Final = 10
"""Of every connection."""


def measure() -> dict[str, Any]:
    """Return the milliseconds of a listing by the number of its connections, from the vendors and from the cache."""
    seconds, rounds = settings()
    with contextlib.ExitStack() as stack:
        behind = stack.enter_context(vendor({}, {"page": listing(ITEMS)}))
        fronts = {
            "cold": stack.enter_context(gateway(_connections(behind, ASKED_EVERY_TIME))),
            "kept": stack.enter_context(gateway(_connections(behind, KEPT))),
        }
        told: dict[str, dict[int, list[dict[str, Any]]]] = {
            name: {number: [] for number in NUMBERS} for name in fronts
        }
        for round_number in range(rounds + 1):
            for number in NUMBERS:
                for name, front in fronts.items():
                    one = told_by_own(_plan(front, number, seconds / 4))
                    if round_number:
                        told[name][number].append(one)
    return {
        "items": ITEMS,
        "rounds": rounds,
        "cases": {
            name: {str(number): _summary(found) for number, found in told[name].items()} for name in told
        },
    }


def shown(result: dict[str, Any]) -> str:
    """Return the result for a terminal."""
    return text(tables(result))


def tables(result: dict[str, Any]) -> list[Table]:
    """Return the one table; the ratios are to the listing of one connection."""
    cold, kept = result["cases"]["cold"], result["cases"]["kept"]
    first = {id(case): case[str(NUMBERS[0])]["p50_ms"] for case in (cold, kept)}
    rows: list[Row] = []
    notes = []
    for number in map(str, NUMBERS):
        cells = []
        for name, case in (("from the vendors", cold), ("from the cache", kept)):
            p50 = case[number]["p50_ms"]
            cells += [f"{p50:.2f}", f"{case[number]['p99_ms']:.2f}", f"{p50 / first[id(case)]:.1f}"]
            notes += [f"* {number} connections {name}: {fault}" for fault in case[number]["faults"]]
        rows.append((number, *cells))
    columns = ("connections", "p50 ms", "p99 ms", "ratio", "kept p50 ms", "kept p99 ms", "ratio")
    title = f"A listing over many connections with {result['items']} workflows each, one caller at a time"
    return [Table(title, columns, tuple(rows), tuple(notes))]


def _summary(found: list[dict[str, Any]]) -> dict[str, Any]:
    statuses = {status for one in found for status in one["statuses"] if status != "200"}
    errors = {error for one in found for error in one["errors"]}
    return {
        "p50_ms": statistics.median(one["p50_ms"] or 0.0 for one in found),
        "p99_ms": statistics.median(one["p99_ms"] or 0.0 for one in found),
        "faults": sorted({f"status {status}" for status in statuses} | errors),
    }


def _connections(behind: Vendor, times: Any) -> dict[str, Any]:
    return {f"c{number}": behind.connection(PADDED, "steady/page", times) for number in range(max(NUMBERS))}


def _plan(front: Child, number: int, seconds: float) -> Plan:
    names = "&".join(f"connection=c{one}" for one in range(number))
    path = f"/v1/workflows?limit=50&{names}"
    return Plan(front.port, (path,), headers=dict(HEADERS), connections=1, seconds=seconds)
