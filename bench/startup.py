"""How long it takes until the gateway is there, and how much memory it holds when nobody calls."""

import http.client
import os
import resource
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bench.measuring import Row, milliseconds, table

IMPORTS: Final = {
    "python": "pass",
    "fastapi": "import fastapi",
    "gateway": "import gateway.main",
}
"""What is compared, the bare interpreter first."""

COMMAND: Final = (sys.executable, "-c", "from gateway.cli import main; main()")
CONFIG: Final = """\
server: {{port: {port}, log_level: warning}}
connections:
  one: {{vendor: aitronos, credential: env:BENCH_KEY}}
  two: {{vendor: promptlayer, credential: env:BENCH_KEY}}
  three: {{vendor: noxus, base_url: "https://noxus.example.com", credential: env:BENCH_KEY}}
"""
PATIENCE_SECONDS: Final = 60
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
    """Return the result as a table; times of imports are without the bare interpreter's, as ratios to fastapi."""
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
    return "\n".join(
        (
            table(("fresh interpreter", "elapsed", "processor", "to fastapi"), rows),
            "",
            f"start to first answer   {milliseconds(first)}  ({first / walls['fastapi']:.2f} x import fastapi)",
            f"idle memory             {memory / 1024 / 1024:.1f} MiB",
        )
    )


def environment() -> dict[str, str]:
    """Return our environment, with byte code allowed: without it every start would compile every module."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"} | {
        "BENCH_KEY": "a-key-that-nobody-has"
    }


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
            _first_answer(process, port)
            seconds = time.perf_counter() - started
            time.sleep(SETTLE_SECONDS)
            return Start(seconds, _memory(process.pid))
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE_SECONDS)


def _first_answer(process: subprocess.Popen[bytes], port: int) -> None:
    until = time.perf_counter() + PATIENCE_SECONDS
    while time.perf_counter() < until and process.poll() is None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/readyz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.002)
        finally:
            connection.close()
    raise RuntimeError("the gateway did not answer")


def _memory(process_id: int) -> int:
    """Return the resident memory of a process; `ps` knows it on every POSIX system, in KiB."""
    told = subprocess.run(("ps", "-o", "rss=", "-p", str(process_id)), capture_output=True, check=True)
    return int(told.stdout) * 1024
