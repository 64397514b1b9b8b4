"""Results as the parts return them, with figures that are easy to follow."""

from typing import Any


def case(rate: float, *faults: str, **ratios: float | None) -> dict[str, Any]:
    return {
        "rate": rate,
        "p50_ms": 1.0,
        "p99_ms": 2.5,
        "rates": [rate, rate],
        "requests": 1000,
        "faults": list(faults),
        "ratios": ratios,
    }


def hits() -> dict[str, Any]:
    def cases(rate: float) -> dict[str, Any]:
        raw = case(rate / 0.9, raw=1.0, nginx=0.44)
        return {"hit": case(rate, raw=0.9, nginx=0.4), "raw": raw}

    rates = {"2 KB": (2_000, 20_000.0), "20 KB": (20_000, 16_000.0), "200 KB": (200_000, 5_000.0)}
    sizes = {name: {"bytes": size, "cases": cases(rate)} for name, (size, rate) in rates.items()}
    sizes["20 KB"]["cases"] |= {
        "304": case(25_000.0, **{"raw 304": 0.95}),
        "raw 304": case(26_000.0, **{"raw 304": 1.0}),
    }
    return {"sizes": sizes, "skipped": ["nginx is not installed, see bench/README.md"]}


def listing() -> dict[str, Any]:
    def grown(first: float, each: float) -> dict[str, Any]:
        return {
            str(number): {"p50_ms": first + each * (number - 1), "p99_ms": 9.0, "faults": []}
            for number in (1, 2, 5, 10, 20, 50)
        }

    return {"items": 10, "rounds": 3, "cases": {"cold": grown(2.0, 0.5), "kept": grown(1.0, 0.1)}}


def zipf() -> dict[str, Any]:
    one = {
        "requests": 1000,
        "hits": 750,
        "seconds": 2.0,
        "possible": 0.8,
        "filling_requests": 900,
        "hit_p50_ms": 0.5,
        "hit_p99_ms": 1.5,
        "other_p50_ms": None,
        "statuses": {"200": 1000},
        "errors": {},
    }
    return {"workflows": 100_000, "document_bytes": 2_000, "caches": {"4 MiB": one, "64 MiB": one}}


def memory(most_mebibytes: int = 100) -> dict[str, Any]:
    mebibyte = 1024 * 1024
    return {
        "cached_byte": {
            "documents": 100,
            "document_bytes": 20_000,
            "body_bytes": 2_000_000,
            "grown_bytes": 3_000_000,
        },
        "growth": {
            "requests": 200_000,
            "idle_bytes": 50 * mebibyte,
            "most_bytes": most_mebibytes * mebibyte,
            "allowed_bytes": 130 * mebibyte,
            "slope_bytes_per_request": 0.25,
            "faults": [],
        },
    }


def isolation() -> dict[str, Any]:
    names = [f"{reads} {state}" for reads in ("hits", "reads") for state in ("quiet", "stuck")]
    return {
        "cases": {name: case(100.0) for name in names},
        "p99_ratios": {"hits": (0.98, 1.02, 1.07), "reads": None},
        "p99_ratios_when_quiet": {"hits": (0.9, 1.0, 1.1), "reads": (0.97, 1.0, 1.04)},
    }


def normalise() -> dict[str, Any]:
    def one(size: int, seconds: float) -> dict[str, Any]:
        return {
            "bytes": size,
            "nodes": 3,
            "json_loads_seconds": seconds / 4,
            "typed_seconds": seconds / 8,
            "around_seconds": seconds / 2,
            "seconds": seconds,
        }

    return {"noxus": {"20 KB": one(20_000, 0.0001), "2 MB": one(2_000_000, 0.012)}}


def results() -> dict[str, Any]:
    walls = {"python": 0.02, "fastapi": 0.52, "gateway": 1.02}
    return {
        "machine": {
            "at": "2026-11-25T13:00:00+00:00",
            "system": "Linux x86_64",
            "processors": 2,
            "processor": "a fast one",
            "load_before": 0.1,
            "versions": {"python": "3.11.7"},
        },
        "hits": hits(),
        "misses": {
            "cases": {
                "httpx": case(500.0, httpx=1.0, transport=0.25, nginx=None),
                "noxus-fresh": case(2_000.0, httpx=4.0, transport=0.8, nginx=None),
            },
            "skipped": [],
        },
        "zipf": zipf(),
        "isolation": isolation(),
        "memory": memory(),
        "listing": listing(),
        "shared": shared(),
        "workers": {
            "cores": 2,
            "skipped": [],
            "cases": {"1": case(100.0, **{"1": 1.0}), "2": case(180.0, **{"1": 1.8})},
        },
        "normalise": normalise(),
        "transport": {
            "bytes": 20_000,
            "candidates": {
                "httpx, one client": {"seconds": 0.002, "processor_seconds": 0.002},
                "aiohttp itself": None,
            },
        },
        "startup": {
            "import_seconds": walls,
            "import_cpu_seconds": walls,
            "first_answer_seconds": 1.04,
            "idle_memory_bytes": 64 * 1024 * 1024,
        },
    }


def shared() -> dict[str, Any]:
    """Return what `shared` gives."""
    one = {"p50_seconds": 0.02, "p99_seconds": 0.023, "max_seconds": 0.03}
    situations = dict.fromkeys(("without redis", "healthy", "frozen"), one)
    return {
        "requests": 1000,
        "requests_a_second": 500,
        "vendor_seconds": 0.02,
        "rounds": 5,
        "situations": situations,
    }
