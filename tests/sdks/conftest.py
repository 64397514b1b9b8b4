"""Starts emulators, and gateways in front of them, from the product's own environment; the tests see but a URL.

Every test runs twice: against an emulator, and through a gateway with its cache on, by another base URL and key.

`GATEWAY_PYTHON` names the interpreter that has the product (default: `.venv/bin/python` of this checkout).
Sockets beyond loopback are refused.
"""

import hashlib
import ipaddress
import os
import re
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
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


CONFIG = """
server: {{port: {free}, log_format: json}}
callers:
  - name: sdk
    key_hashes: [{key_hash}]
    rights: [passthrough]
connections:
  {vendor}:
    vendor: {vendor}
    base_url: {url}
    credential: env:VENDOR_KEY
    cache: {{passthrough: 60}}
    passthrough:
      enabled: true
      port: {port}
      keyless_websockets: [/connection/websocket]
      # What only emulators have.
      never_kept: [/__emulator__/**, /**/runs/**, /**/conversations/**]
"""
ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")


def key(vendor: str) -> str:
    """Return what the tests take for the vendor's key; a gateway takes it for its own, and has the vendor's."""
    return {"aitronos": "ak_demo_aitronos", "noxus": "nx_demo_noxus", "promptlayer": "pl_demo_promptlayer"}[
        vendor
    ]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Processes:
    """Everything that was started, by vendor and options; it runs until the session is over."""

    folder: Path
    running: list[subprocess.Popen[str]] = field(default_factory=list)
    urls: dict[tuple[str, ...], str] = field(default_factory=dict)

    def emulator(self, vendor: str, *options: str) -> str:
        """Return the URL of an emulator."""
        if (vendor, *options) not in self.urls:
            self.urls[vendor, *options] = self._start(["-m", "emulators", vendor, "--port", "0", *options])
        return self.urls[vendor, *options]

    def gateway(self, vendor: str, *options: str) -> str:
        """Return the URL at which a gateway passes an emulator through."""
        name = ("gateway", vendor, *options)
        if name not in self.urls:
            port, digest = _free_port(), hashlib.sha256(key(vendor).encode()).hexdigest()
            config = self.folder / f"{len(self.urls)}.yaml"
            text = CONFIG.format(
                free=_free_port(),
                key_hash=f"sha256:{digest}",
                vendor=vendor,
                url=self.emulator(vendor, *options),
                port=port,
            )
            config.write_text(text)
            url = self._start(
                ["-c", "from gateway.cli import main; main()", "serve", "--config", str(config)], vendor
            )
            # PromptLayer's SDK drops the path of its base URL for the websocket.
            own_port = f"http://127.0.0.1:{port}"
            self.urls[name] = own_port if vendor == "promptlayer" else f"{url}/passthrough/{vendor}"
        return self.urls[name]

    def _start(self, arguments: list[str], vendor: str = "") -> str:
        python = os.environ.get("GATEWAY_PYTHON", str(ROOT / ".venv/bin/python"))
        log = self.folder / f"{len(self.running)}.log"
        environment = {**os.environ, "VENDOR_KEY": key(vendor) if vendor else ""}
        with log.open("w") as stream:
            process = subprocess.Popen(
                [python, *arguments], cwd=ROOT, stdout=stream, stderr=stream, env=environment, text=True
            )
        self.running.append(process)
        for _ in range(600):
            found = ADDRESS.search(log.read_text())
            if found:
                return found.group()
            if process.poll() is not None:
                break
            time.sleep(0.05)
        raise RuntimeError(f"it did not start: {log.read_text()!r}")


@pytest.fixture(scope="session")
def _processes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Processes]:
    started = Processes(tmp_path_factory.mktemp("processes"))
    yield started
    # Gateways first: nothing then breaks off at the emulators.
    for process in reversed(started.running):
        process.terminate()
    for process in started.running:
        process.wait(timeout=15)


@pytest.fixture(params=["emulator", "gateway"])
def way(request: pytest.FixtureRequest) -> str:
    """What the SDK talks to."""
    return str(request.param)


@pytest.fixture
def emulator(_processes: Processes, way: str) -> Callable[..., str]:
    """`emulator("aitronos", "--variant", "x")` returns the base URL of an emulator in the state of its start."""

    def start(vendor: str, *options: str) -> str:
        url: str = getattr(_processes, way)(vendor, *options)
        headers = {"x-api-key": key(vendor)}
        reset = urllib.request.Request(f"{url}/__emulator__/reset", method="POST", headers=headers)
        urllib.request.urlopen(reset, timeout=5).close()
        return url

    return start
