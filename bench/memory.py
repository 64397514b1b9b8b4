"""How much memory a cached byte takes, and whether memory stays bounded when every request is for another key."""

import os
from collections.abc import Iterator, Sequence
from typing import Any, Final

from bench.documents import PADDED, canonical
from bench.driving import told_by_own
from bench.gateways import HEADERS, KEPT, Vendor, gateway, vendor, workflow_path
from bench.load import Plan
from bench.measuring import Row, Table, least_squares, text
from bench.processes import Child, memory_bytes, settings

DOCUMENT_BYTES: Final = 20_000
KEPT_DOCUMENTS: Final = 2_000
WARM_UP: Final = 300

SMALL_BYTES: Final = 2_000
MAX_MEBIBYTES: Final = 16
CONSTANT_BYTES: Final = 64 * 1024 * 1024
"""What the process may take beyond its idle memory and the configured bytes: code that is loaded when it is first
used, buffers of 32 connections, entries' own weight and the allocator's gaps."""
DEFAULT_REQUESTS: Final = 200_000
SAMPLES: Final = 40
PATIENCE_ROUNDS: Final = 60
"""Without `BENCH_REQUESTS` the requests end after the time of so many rounds, whatever their number."""


def measure() -> dict[str, Any]:
    """Return bytes of memory a cached byte, and samples of memory over requests for distinct keys."""
    with vendor({"large": canonical(DOCUMENT_BYTES), "small": canonical(SMALL_BYTES)}) as behind:
        return {"cached_byte": _cached_byte(behind), "growth": _growth(behind)}


def shown(result: dict[str, Any]) -> str:
    """Return the result for a terminal."""
    return text(tables(result))


def tables(result: dict[str, Any]) -> list[Table]:
    """Return a table of the cached byte and one of the growth."""
    byte, growth = result["cached_byte"], result["growth"]
    kept: list[Row] = [
        (
            f"{byte['documents']:,} of {byte['document_bytes']:,} bytes",
            _mebibytes(byte["body_bytes"]),
            _mebibytes(byte["grown_bytes"]),
            f"{byte['grown_bytes'] / byte['body_bytes']:.2f}",
        )
    ]
    rows: list[Row] = [
        (
            f"{growth['requests']:,}",
            _mebibytes(growth["idle_bytes"]),
            _mebibytes(growth["most_bytes"]),
            _mebibytes(growth["allowed_bytes"]),
            "yes" if growth["most_bytes"] <= growth["allowed_bytes"] else "NO",
            f"{growth['slope_bytes_per_request']:.2f}",
        )
    ]
    notes = [f"* not valid: {fault}" for fault in growth["faults"]]
    columns = (
        "requests for distinct keys",
        "idle MiB",
        "most MiB",
        "allowed MiB",
        "within",
        "growth, bytes/request",
    )
    return [
        Table(
            "Memory of a cached byte", ("documents", "bodies MiB", "growth MiB", "bytes/byte"), tuple(kept)
        ),
        Table(f"Memory with a cache of {MAX_MEBIBYTES} MiB", columns, tuple(rows), tuple(notes)),
    ]


def _cached_byte(behind: Vendor) -> dict[str, Any]:
    connections = {"kept": behind.connection(PADDED, "fresh/large", KEPT)}
    with gateway(connections, max_bytes="1GiB") as front:
        told_by_own(_plan(front.port, WARM_UP, first=10_000_000))
        before = memory_bytes(front.process_id)
        told = told_by_own(_plan(front.port, KEPT_DOCUMENTS, first=0))
        grown = memory_bytes(front.process_id) - before
    return {
        "documents": told["requests"],
        "document_bytes": DOCUMENT_BYTES,
        "body_bytes": told["requests"] * DOCUMENT_BYTES,
        "grown_bytes": grown,
    }


def _growth(behind: Vendor) -> dict[str, Any]:
    given = os.environ.get("BENCH_REQUESTS")
    wanted = int(given or DEFAULT_REQUESTS)
    seconds = 3600.0 if given else settings()[0] * PATIENCE_ROUNDS
    connections = {"kept": behind.connection(PADDED, "fresh/small", KEPT)}
    with gateway(connections, max_bytes=f"{MAX_MEBIBYTES}MiB") as front:
        idle = memory_bytes(front.process_id)
        samples, faults = [], set()
        for requests, told in _in_parts(front, wanted, seconds):
            samples.append((requests, memory_bytes(front.process_id)))
            faults |= {f"status {status}" for status in told["statuses"] if status != "200"} | set(
                told["errors"]
            )
    return {
        "requests": samples[-1][0],
        "wanted": wanted,
        "idle_bytes": idle,
        "most_bytes": max(memory for _, memory in samples),
        "allowed_bytes": idle + MAX_MEBIBYTES * 1024 * 1024 + CONSTANT_BYTES,
        "slope_bytes_per_request": slope(samples),
        "samples": samples,
        "faults": sorted(faults),
    }


def slope(samples: Sequence[tuple[int, int]]) -> float:
    """Return the growth a request over the second half of the samples, by least squares."""
    return least_squares(
        [(float(requests), float(memory)) for requests, memory in samples[len(samples) // 2 :]]
    )


def _in_parts(front: Child, wanted: int, seconds: float) -> Iterator[tuple[int, dict[str, Any]]]:
    """Ask for rising numbers in parts; yields how many there were so far, and what the generator told."""
    part, asked = max(1, wanted // SAMPLES), 0
    spent = 0.0
    while asked < wanted and spent < seconds:
        # Parts end early when time is short, so that there are samples enough to see a slope in.
        told = told_by_own(
            _plan(front.port, min(part, wanted - asked), first=asked, seconds=seconds / SAMPLES)
        )
        asked += max(1, told["requests"])
        spent += told["seconds"]
        yield asked, told


def _plan(port: int, count: int, first: int, seconds: float = 120.0) -> Plan:
    return Plan(
        port,
        (workflow_path("kept"),),
        order="rising",
        first=first,
        headers=dict(HEADERS),
        seconds=seconds,
        count=count,
    )


def _mebibytes(size: int) -> str:
    return f"{size / 1024 / 1024:.1f}"
