"""Starts emulators from the product's own environment; the tests here see nothing but a URL.

`GATEWAY_PYTHON` names the interpreter that has the product (default: `.venv/bin/python` of this checkout).
Sockets beyond loopback are refused.
"""

import ipaddress
import os
import re
import socket
import subprocess
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True, scope="session")
def _loopback_only() -> Iterator[None]:
    """Refuse every connection that would leave this machine."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        host = address[0] if isinstance(address, tuple) else "localhost"
        if host != "localhost" and not ipaddress.ip_address(host).is_loopback:
            raise PermissionError(f"tests may only connect to loopback, not to {host}")
        connect(self, address)  # type: ignore[arg-type]

    patch = pytest.MonkeyPatch()
    patch.setattr(socket.socket, "connect", guarded)
    yield
    patch.undo()


def _start(vendor: str, *options: str) -> tuple[subprocess.Popen[str], str]:
    python = os.environ.get("GATEWAY_PYTHON", str(ROOT / ".venv/bin/python"))
    command = [python, "-m", "emulators", vendor, "--port", "0", *options]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    line = process.stdout.readline()
    found = re.search(r"http://127\.0\.0\.1:\d+", line)
    if not found:
        process.kill()
        raise RuntimeError(f"the {vendor} emulator did not start: {line!r}")
    return process, found.group()


@pytest.fixture(scope="session")
def _started() -> Iterator[dict[tuple[str, ...], tuple[subprocess.Popen[str], str]]]:
    """Every emulator process of the session, by vendor and options."""
    started: dict[tuple[str, ...], tuple[subprocess.Popen[str], str]] = {}
    yield started
    for process, _ in started.values():
        process.terminate()
    for process, _ in started.values():
        process.wait(timeout=10)
        assert process.stdout is not None
        process.stdout.close()


@pytest.fixture
def emulator(_started: dict[tuple[str, ...], tuple[subprocess.Popen[str], str]]) -> Callable[..., str]:
    """`emulator("aitronos", "--variant", "x")` returns the base URL of an emulator in the state of its start."""

    def start(vendor: str, *options: str) -> str:
        if (vendor, *options) not in _started:
            _started[vendor, *options] = _start(vendor, *options)
        _, url = _started[vendor, *options]
        reset = urllib.request.Request(f"{url}/__emulator__/reset", method="POST")
        urllib.request.urlopen(reset, timeout=5).close()
        return url

    return start
