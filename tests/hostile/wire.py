"""The wire on both sides of a gateway: bytes in, and what its vendor receives."""

import contextlib
import re
import socket
import socketserver
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from typing_extensions import override

from gateway import main
from gateway.callers import hash_key
from gateway.environment import Secret
from gateway.settings import CallerSettings, Settings
from tests.adapters.loopback import made_up_vendor
from tests.house import HOST, KEY, serving

SECRET = "sk-wire-4f9d2c71"
_HEAD = re.compile(rb"\A([A-Z]+) (\S+) HTTP/1\.1\r\n((?:[!#-'*+.^-z|~0-9A-Za-z-]+: [^\r\n\x00]*\r\n)*)\r\n")
"""What the strictest of vendors takes for the head of a request."""


class Request(NamedTuple):
    """A request as the vendor reads it; header names in lower case."""

    method: bytes
    target: bytes
    headers: dict[bytes, bytes]
    body: bytes


@dataclass
class Recorder:
    """A vendor's server that keeps all bytes that it gets, and answers what the strictest reader sees in them."""

    url: str = ""
    _lines: list[bytearray] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def line(self) -> bytearray:
        """Return where the bytes of a new line go."""
        with self._lock:
            self._lines.append(bytearray())
            return self._lines[-1]

    def take(self) -> list[Request]:
        """Return what came since the last time; each line has to hold whole requests and nothing else."""
        found = []
        with self._lock:
            for line in self._lines:
                rest = bytes(line)
                line.clear()
                while rest:
                    request, rest = cut(rest)
                    if request is None:
                        # The gateway hung up on what it could not finish.
                        break
                    found.append(request)
        return found


def cut(data: bytes) -> tuple[Request | None, bytes]:
    """Return the first request and what is behind it; None where it is not whole.

    It fails on what two readers could read differently.
    """
    if b"\r\n\r\n" not in data:
        return None, data
    match = _HEAD.match(data)
    assert match, data
    pairs = [tuple(line.split(b": ", 1)) for line in match[3].split(b"\r\n") if line]
    headers = {name.lower(): value for name, value in pairs}
    assert len(headers) == len(pairs), pairs
    rest = data[match.end() :]
    assert not {b"content-length", b"transfer-encoding"} <= headers.keys(), headers
    if b"transfer-encoding" in headers:
        assert headers[b"transfer-encoding"] == b"chunked"
        body = b""
        while True:
            size = re.match(rb"([0-9a-f]+)\r\n", rest)
            if size is None:
                return None, data
            length, rest = int(size[1], 16), rest[size.end() :]
            if len(rest) < length + 2:
                return None, data
            assert rest[length : length + 2] == b"\r\n"
            body, rest = body + rest[:length], rest[length + 2 :]
            if not length:
                return Request(match[1], match[2], headers, body), rest
    length = int(headers.get(b"content-length", b"0"))
    if len(rest) < length:
        return None, data
    return Request(match[1], match[2], headers, rest[:length]), rest[length:]


class _Handler(socketserver.BaseRequestHandler):
    @override
    def handle(self) -> None:
        recorder: Recorder = self.server.recorder  # type: ignore[attr-defined]
        line, rest = recorder.line(), b""
        with contextlib.suppress(ConnectionError, AssertionError):
            while data := self.request.recv(1 << 16):
                line += data
                rest += data
                request, rest = cut(rest)
                while request is not None:
                    self.request.sendall(
                        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n"
                        + (b"" if request[0] == b"HEAD" else b"{}")
                    )
                    request, rest = cut(rest)


@dataclass
class Wire:
    """A gateway on a real socket, and the vendor behind it."""

    port: int
    vendor: Recorder

    def say(self, *pieces: bytes) -> bytes:
        """Send bytes on a line of their own, and return all that comes until the gateway hangs up."""
        received = b""
        with socket.create_connection((HOST, self.port), timeout=10) as line:
            with contextlib.suppress(ConnectionError):
                for place, piece in enumerate(pieces):
                    if place:
                        time.sleep(0.02)
                    line.sendall(piece)
            with contextlib.suppress(ConnectionError):
                while piece := line.recv(1 << 16):
                    received += piece
        return received


@contextlib.contextmanager
def wired() -> Iterator[Wire]:
    """Start a gateway that passes everything on to a recorder."""
    with socketserver.ThreadingTCPServer((HOST, 0), _Handler) as server:
        server.daemon_threads = True
        recorder = Recorder(url=f"http://{HOST}:{server.server_address[1]}")
        server.recorder = recorder  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        settings = Settings.model_validate(
            {
                "source": __file__,
                "server": {"log_level": "error", "log_format": "json"},
                "callers": (
                    CallerSettings(name="all", key_hashes=(hash_key(KEY),), rights=("read", "passthrough")),
                ),
                "connections": {
                    "main": {
                        "vendor": "acme",
                        "base_url": recorder.url,
                        "credential": "env:UNUSED",
                        "cache": {"passthrough": 0},
                        "passthrough": {"enabled": True},
                    }
                },
            },
            strict=False,
        )
        application = main.build(settings, {"acme": made_up_vendor()}, {"main": Secret(SECRET)})
        try:
            with serving(application) as url:
                yield Wire(int(url.rpartition(":")[2]), recorder)
        finally:
            server.shutdown()
            thread.join(5)
