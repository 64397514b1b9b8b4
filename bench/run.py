"""Runs every part and prints what it found; `make bench` runs it. See README.md beside it."""

import argparse
import contextlib
import json
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

from bench import (
    hits,
    isolation,
    listing,
    memory,
    misses,
    normalise,
    report,
    shared,
    startup,
    transport,
    workers,
    zipf,
)

RESULTS: Final = Path(__file__).resolve().parent / "results" / "latest.json"
PARTS: Final = {
    "startup": startup,
    "normalise": normalise,
    "transport": transport,
    "hits": hits,
    "misses": misses,
    "zipf": zipf,
    "isolation": isolation,
    "memory": memory,
    "listing": listing,
    "shared": shared,
    "workers": workers,
}

LIBRARIES: Final = (
    *("workflow-gateway", "uvicorn", "uvloop", "httptools", "fastapi", "httpx", "orjson", "pydantic"),
    *("aiohttp", "granian", "msgspec"),
)


def main(arguments: list[str] | None = None) -> int:
    """Measure the parts that are asked for, all unless told otherwise; returns the exit code."""
    parser = argparse.ArgumentParser(prog="bench/run.py", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; default: all")
    parser.add_argument(
        "--write-docs", action="store_true", help="write docs/performance.md from the results"
    )
    parser.add_argument("--no-measuring", action="store_true", help="take the results of the last run")
    given = parser.parse_args(arguments)
    chosen = given.parts or list(PARTS)
    unknown = sorted(set(chosen) - set(PARTS))
    if unknown:
        parser.error(f"there is no part {', '.join(unknown)}; there are: {', '.join(PARTS)}")
    if given.no_measuring and not RESULTS.is_file():
        parser.error("there are no results of a last run")
    results = json.loads(RESULTS.read_bytes()) if given.no_measuring else measured(chosen)
    if given.write_docs:
        report.write(results, report.PAGE)
    return 0


def measured(parts: list[str]) -> dict[str, Any]:
    """Measure parts one after the other, print each, keep what is there so far, and return it all."""
    # Asked to end, we still end what we started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    results: dict[str, Any] = {"machine": machine()}
    RESULTS.parent.mkdir(exist_ok=True)
    for name in parts:
        print(f"\n{name}\n", flush=True)
        started = time.perf_counter()
        results[name] = PARTS[name].measure()
        print(PARTS[name].shown(results[name]), flush=True)
        print(f"({time.perf_counter() - started:.0f} s)", flush=True)
        RESULTS.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    return results


def machine() -> dict[str, object]:
    """Return what the numbers depend on."""
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "system": f"{platform.system()} {platform.machine()}",
        "processors": os.cpu_count(),
        "processor": processor(),
        "load_before": os.getloadavg()[0],
        "versions": {"python": platform.python_version()} | dict(versions()),
    }


def processor(path: Path = Path("/proc/cpuinfo")) -> str:
    """Return the processor's name, as well as the system knows it."""
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    found = re.search(r"^model name\s*: (.+)$", text, re.MULTILINE)
    return found[1] if found else platform.processor() or "unknown"


def versions() -> Iterator[tuple[str, str]]:
    """Yield the versions of what takes part, as far as it is installed."""
    for name in LIBRARIES:
        with contextlib.suppress(PackageNotFoundError):
            yield name, version(name)
    for tool in ("nginx", "wrk"):
        if shutil.which(tool):
            told = subprocess.run((tool, "-v"), capture_output=True, text=True, check=False)
            found = re.search(r"[0-9]+(\.[0-9]+)+", told.stdout + told.stderr)
            yield tool, found[0] if found else "of unknown version"


if __name__ == "__main__":
    sys.exit(main())
