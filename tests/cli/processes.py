"""The real command in a process of its own, with what it says gathered line by line."""

import contextlib
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COMMAND = (sys.executable, "-c", "from gateway.cli import main; main()")
PATIENCE = 60


def environment(**given: str) -> dict[str, str]:
    """The environment of a process: ours without what steers the command, and with byte code where we allow it."""
    ours = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("WORKFLOW_GATEWAY_") and name not in ("PORT", "PYTHONDONTWRITEBYTECODE")
    }
    return {**ours, **given}


class Running:
    """A process under way."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.lines: list[str] = []
        self._coming: queue.Queue[str | None] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._coming.put(line.rstrip("\n"))
        self._coming.put(None)

    def wait_for(self, *parts: str) -> str:
        """Return the first line, from the next on, that holds one of some texts."""
        until = time.monotonic() + PATIENCE
        while True:
            line = self._coming.get(timeout=max(0.1, until - time.monotonic()))
            assert line is not None, f"it ended before it said {parts}: {self.said}"
            self.lines.append(line)
            if any(part in line for part in parts):
                return line

    @property
    def said(self) -> str:
        return "\n".join(self.lines)

    def stop(self, number: signal.Signals) -> int:
        """Tell it to stop; returns its exit code."""
        self.process.send_signal(number)
        return self.end()

    def end(self) -> int:
        """Wait for its end; returns its exit code."""
        code = self.process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        while (line := self._coming.get(timeout=PATIENCE)) is not None:
            self.lines.append(line)
        return code


@contextlib.contextmanager
def started(
    command: Sequence[str], folder: Path = ROOT, env: Mapping[str, str] | None = None
) -> Iterator[Running]:
    """Start a process and see to it that it is gone afterwards; standard error is read with standard output."""
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=environment() if env is None else env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
    )
    try:
        yield Running(process)
    finally:
        process.kill()
        process.wait(PATIENCE)
        assert process.stdout is not None
        process.stdout.close()


def free_port() -> int:
    """A port that is free now."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port


def listens(port: int) -> bool:
    """Whether anybody answers on a port of this machine."""
    with socket.socket() as client:
        client.settimeout(2)
        return client.connect_ex(("127.0.0.1", port)) == 0
