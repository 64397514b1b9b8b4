"""Other processes: started where they are wanted, waited for, and ended whatever happens."""

import contextlib
import http.client
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
SERVER_CORE: Final = 0
"""Where what is measured runs; what measures it runs on the other one."""
LOAD_CORE: Final = 1
PATIENCE_SECONDS: Final = 60.0


@dataclass(frozen=True)
class Child:
    """A server that runs and answers; `process_id` is of its first process."""

    process_id: int
    port: int


class NotStarted(Exception):
    """A server ended before it answered, or never answered; the message holds the end of what it said."""


def environment() -> dict[str, str]:
    """Return our environment, with byte code allowed: without it every start would compile every module."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"} | {
        "BENCH_KEY": "a-key-that-nobody-has"
    }


def missing(tool: str) -> str | None:
    """Return a sentence about a program that is not there; None when it is."""
    return None if shutil.which(tool) else f"{tool} is not installed, see bench/README.md"


def can_pin() -> bool:
    """Say whether processes can be bound to cores: Linux, with a core for each side."""
    return shutil.which("taskset") is not None and {SERVER_CORE, LOAD_CORE} <= available_cores()


def available_cores() -> frozenset[int]:
    """Return the cores we may run on; empty where the system does not tell."""
    return frozenset(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else frozenset()


def pinned(command: Sequence[str], core: int | None) -> tuple[str, ...]:
    """Return a command that runs on one core, the command itself where that is not possible or not wanted."""
    return ("taskset", "-c", str(core), *command) if core is not None and can_pin() else tuple(command)


def module(name: str, *arguments: str) -> tuple[str, ...]:
    """Return the command that runs one of our modules."""
    return (sys.executable, "-m", name, *arguments)


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
    return port


@contextlib.contextmanager
def serving(
    command: Sequence[str], port: int, *, core: int | None, ready: str = "/", name: str = "a server"
) -> Iterator[Child]:
    """Run a server until the block ends; it has answered `ready` with a 200 when the block begins.

    Raises:
        NotStarted: it ended first, or did not answer within a minute.
    """
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            pinned(command, core),
            cwd=ROOT,
            env=environment(),
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
        try:
            if not answered(process, port, ready):
                said.seek(0)
                end = said.read()[-2000:].decode("utf-8", "replace")
                raise NotStarted(f"{name} did not start: {end.strip()}")
            yield Child(process.pid, port)
        finally:
            stop(process)


def answered(process: "subprocess.Popen[bytes]", port: int, path: str) -> bool:
    """Ask every two milliseconds until there is a 200; False if the process ends first or a minute goes by."""
    until = time.perf_counter() + PATIENCE_SECONDS
    while time.perf_counter() < until and process.poll() is None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", path)
            if connection.getresponse().status == 200:
                return True
        except (OSError, http.client.HTTPException):
            pass
        finally:
            connection.close()
        time.sleep(0.002)
    return False


def stop(process: "subprocess.Popen[bytes]") -> None:
    """End a process kindly, and for certain."""
    process.terminate()
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(PATIENCE_SECONDS)


def memory_bytes(process_id: int) -> int:
    """Return the resident memory of a process; `ps` knows it on every POSIX system, in KiB."""
    told = subprocess.run(("ps", "-o", "rss=", "-p", str(process_id)), capture_output=True, check=True)
    return int(told.stdout) * 1024


def settings(environ: Mapping[str, str] = os.environ) -> tuple[float, int]:
    """Return the seconds of one round and the number of rounds: `BENCH_SECONDS`, `BENCH_ROUNDS`."""
    return float(environ.get("BENCH_SECONDS", "2")), int(environ.get("BENCH_ROUNDS", "5"))
