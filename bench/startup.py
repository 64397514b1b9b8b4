"""How long it takes until the gateway is there, and how much memory it holds when nobody calls."""

import resource
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bench.gateways import COMMAND
from bench.measuring import Row, Table, milliseconds, text
from bench.processes import NotStarted, answered, environment, memory_bytes, stop

IMPORTS: Final = {
    "python": "pass",
    "fastapi": "import fastapi",
    "gateway": "import gateway.main",
}
"""What is compared, the bare interpreter first."""

CONFIG: Final = """\
server: {{port: {port}, log_level: warning}}
connections:
  one: {{vendor: aitronos, credential: env:BENCH_KEY}}
  two: {{vendor: promptlayer, credential: env:BENCH_KEY}}
  three: {{vendor: noxus, base_url: "https://noxus.example.com", credential: env:BENCH_KEY}}
"""
SETTLE_SECONDS: Final = 1.0


@dataclass(frozen=True)
class Start:
    """One start of the gateway."""

    seconds: float
    memory_bytes: int


def measure(repeats: int = 7) -> dict[str, Any]:
    """Return seconds and bytes, medians of the repeats."""
    imports = _imports(repeats)
    starts = [_start() for _ in range(repeats)]
    return {
        "import_seconds": {name: wall for name, (wall, _) in imports.items()},
        "import_cpu_seconds": {name: cpu for name, (_, cpu) in imports.items()},
        "first_answer_seconds": statistics.median(start.seconds for start in starts),
        "idle_memory_bytes": int(statistics.median(start.memory_bytes for start in starts)),
        "repeats": repeats,
    }


def shown(result: dict[str, Any]) -> str:
    """Return the result for a terminal."""
    return text(tables(result))


def tables(result: dict[str, Any]) -> list[Table]:
    """Return the result as tables; times of imports are without the bare interpreter's, as ratios to fastapi."""
    walls, processor = result["import_seconds"], result["import_cpu_seconds"]
    base = {name: walls[name] - walls["python"] for name in walls}
    rows: list[Row] = [
        (
            IMPORTS[name],
            milliseconds(walls[name]),
            milliseconds(processor[name]),
            f"{base[name] / base['fastapi']:.2f}",
        )
        for name in IMPORTS
    ]
    first, memory = result["first_answer_seconds"], result["idle_memory_bytes"]
    notes = (
        f"start to first answer   {milliseconds(first)}  ({first / walls['fastapi']:.2f} x import fastapi)",
        f"idle memory             {memory / 1024 / 1024:.1f} MiB",
    )
    columns = ("fresh interpreter", "elapsed", "processor", "to fastapi")
    return [Table("Start and idle memory", columns, tuple(rows), notes)]


def _imports(repeats: int) -> dict[str, tuple[float, float]]:
    """Import everything in turn, so that a busy moment of the machine hits all alike; the first round warms up."""
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in IMPORTS}
    for round_number in range(repeats + 1):
        for name, code in IMPORTS.items():
            measured = _run(code)
            if round_number:
                taken[name].append(measured)
    return {
        name: (statistics.median(wall for wall, _ in pairs), statistics.median(cpu for _, cpu in pairs))
        for name, pairs in taken.items()
    }


def _run(code: str) -> tuple[float, float]:
    before, started = _children(), time.perf_counter()
    subprocess.run((sys.executable, "-c", code), env=environment(), check=True)
    return time.perf_counter() - started, _children() - before


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _start() -> Start:
    with tempfile.TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as found:
        port = found.getsockname()[1]
        config = Path(folder) / "bench.yaml"
        config.write_text(CONFIG.format(port=port), encoding="utf-8")
        found.close()
        started = time.perf_counter()
        process = subprocess.Popen((*COMMAND, "serve", "--config", str(config)), env=environment())
        try:
            if not answered(process, port, "/readyz"):
                raise NotStarted("the gateway did not answer")
            seconds = time.perf_counter() - started
            time.sleep(SETTLE_SECONDS)
            return Start(seconds, memory_bytes(process.pid))
        finally:
            stop(process)
