"""Runs every part and prints what it found; `make bench` runs it. See README.md beside it."""

import argparse
import json
import os
import platform
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final

from bench import hits, isolation, listing, memory, misses, normalise, startup, workers, zipf

RESULTS: Final = Path(__file__).resolve().parent / "results" / "latest.json"
PARTS: Final = {
    "startup": startup,
    "normalise": normalise,
    "hits": hits,
    "misses": misses,
    "zipf": zipf,
    "isolation": isolation,
    "memory": memory,
    "listing": listing,
    "workers": workers,
}


def main(arguments: list[str] | None = None) -> int:
    """Measure the parts that are asked for, all unless told otherwise; returns the exit code."""
    parser = argparse.ArgumentParser(prog="bench/run.py", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; default: all")
    chosen = parser.parse_args(arguments).parts or list(PARTS)
    unknown = sorted(set(chosen) - set(PARTS))
    if unknown:
        parser.error(f"there is no part {', '.join(unknown)}; there are: {', '.join(PARTS)}")
    results: dict[str, object] = {"machine": machine()}
    for name in chosen:
        print(f"\n{name}\n", flush=True)
        measured = PARTS[name].measure()
        print(PARTS[name].shown(measured), flush=True)
        results[name] = measured
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    return 0


def machine() -> dict[str, object]:
    """Return what the numbers depend on."""
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "gateway": version("workflow-gateway"),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "processors": os.cpu_count(),
        "load_before": os.getloadavg()[0],
    }


if __name__ == "__main__":
    sys.exit(main())
