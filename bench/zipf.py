"""Reads as they come in life: few workflows that many want, many that few want, and a cache that cannot hold all."""

from typing import Any, Final

from bench.documents import PADDED, canonical
from bench.driving import told_by_own
from bench.gateways import HEADERS, KEPT, gateway, vendor, workflow_path
from bench.load import Plan
from bench.measuring import Row, Table, text
from bench.processes import settings

WORKFLOWS: Final = 100_000
CONNECTIONS: Final = ("one", "two", "three")
DOCUMENT_BYTES: Final = 2_000
CACHES: Final = {"4 MiB": 4, "16 MiB": 16, "64 MiB": 64}
MOST_REQUESTS: Final = 60_000
"""In each phase."""
ROUNDS_LONG: Final = 5
"""A phase is as long as so many rounds, at most."""


def measure() -> dict[str, Any]:
    """Return hit rates and latencies by the size of the cache, after a phase in which it fills."""
    seconds = settings()[0] * ROUNDS_LONG
    found = {}
    with vendor({"small": canonical(DOCUMENT_BYTES)}) as behind:
        connections = {name: behind.connection(PADDED, "steady/small", KEPT) for name in CONNECTIONS}
        for cache, mebibytes in CACHES.items():
            with gateway(connections, max_bytes=f"{mebibytes}MiB") as front:
                filling = told_by_own(_plan(front.port, seconds, seed=1))
                found[cache] = told_by_own(_plan(front.port, seconds, seed=2)) | {
                    "filling_requests": filling["requests"],
                    "possible": possible(mebibytes * 1024 * 1024 // DOCUMENT_BYTES),
                }
    return {"workflows": WORKFLOWS, "document_bytes": DOCUMENT_BYTES, "caches": found}


def shown(result: dict[str, Any]) -> str:
    """Return the result for a terminal."""
    return text(tables(result))


def tables(result: dict[str, Any]) -> list[Table]:
    """Return the one table."""
    rows: list[Row] = []
    notes = []
    for cache, one in result["caches"].items():
        rows.append(
            (
                cache,
                f"{one['hits'] / max(1, one['requests']):.1%}",
                f"{one['possible']:.1%}",
                *(_number(one[name]) for name in ("hit_p50_ms", "hit_p99_ms", "other_p50_ms")),
                f"{one['requests'] / one['seconds']:,.0f}",
                f"{one['filling_requests']:,}",
            )
        )
        if set(one["statuses"]) - {"200"} or one["errors"]:
            notes.append(f"* {cache} is not valid: statuses {one['statuses']}, errors {one['errors']}")
    columns = (
        "cache",
        "hits",
        "possible",
        "hit p50 ms",
        "hit p99 ms",
        "miss p50 ms",
        "requests/s",
        "filled by",
    )
    title = f"A Zipf mix of {result['workflows']:,} workflows of {result['document_bytes']:,} bytes over 3 connections"
    return [Table(title, columns, tuple(rows), tuple(notes))]


def possible(kept: int) -> float:
    """Return the share of the requests for the so many most wanted workflows: what a full cache could answer."""
    return _harmonic(min(kept, WORKFLOWS)) / _harmonic(WORKFLOWS)


def _harmonic(number: int) -> float:
    return sum(1 / rank for rank in range(1, number + 1))


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def _plan(port: int, seconds: float, seed: int) -> Plan:
    patterns = tuple(workflow_path(name) for name in CONNECTIONS)
    return Plan(
        port,
        patterns,
        order="zipf",
        among=WORKFLOWS,
        headers=dict(HEADERS),
        seconds=seconds,
        count=MOST_REQUESTS,
        seed=seed,
    )
