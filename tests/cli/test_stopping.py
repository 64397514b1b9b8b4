"""The graceful stop on a real server: readiness turns first, what is under way ends, a second signal does not wait."""

import contextlib
import json
import signal
import socket
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
import yaml

from tests.cli.processes import COMMAND, Running, environment, listens, started
from tests.cli.test_workers import until

SLOW = 20
WORKERS = pytest.mark.parametrize("workers", [1, 2])


class Stopping:
    """A gateway in front of a vendor that answers when it is told to."""

    def __init__(self, running: Running, vendor: socket.socket) -> None:
        self.running = running
        self.vendor = vendor
        self.asked = 0
        self.url: str = json.loads(running.wait_for('"event": "listening"'))["url"]
        self.port = int(self.url.rpartition(":")[2])
        self.client = httpx.Client(base_url=self.url, trust_env=False, timeout=SLOW)

    def status(self, path: str) -> int:
        return httpx.get(self.url + path, trust_env=False, timeout=SLOW).status_code

    def reload(self) -> str | None:
        """Return why the configuration cannot be read anew."""
        url = f"{self.url}/v1/admin/reload"
        code: str | None = httpx.post(url, trust_env=False, timeout=SLOW).json().get("code")
        return code

    def ask(self, pool: ThreadPoolExecutor) -> tuple["Future[httpx.Response]", socket.socket]:
        """Begin a request like no other, and return the vendor's end of the call that it makes."""
        self.asked += 1
        url = f"{self.url}/v1/connections/main/workflows/w{self.asked}"
        asked = pool.submit(httpx.get, url, trust_env=False, timeout=SLOW)
        call, _ = self.vendor.accept()
        call.recv(65536)
        return asked, call


@contextlib.contextmanager
def stopping(folder: Path, workers: int, **server: float) -> Iterator[Stopping]:
    with socket.create_server(("127.0.0.1", 0)) as vendor:
        vendor.settimeout(SLOW)
        document = {
            "server": {"port": 0, "log_format": "json", "workers": workers, **server},
            "connections": {
                "main": {
                    "vendor": "aitronos",
                    "base_url": f"http://127.0.0.1:{vendor.getsockname()[1]}",
                    "credential": "env:AITRONOS_TEST_KEY",
                    "limits": {"timeout_seconds": 60},
                }
            },
        }
        path = folder / "gateway.yaml"
        path.write_text(yaml.safe_dump(document), encoding="utf-8")
        command = (*COMMAND, "serve", "--config", str(path))
        with started(command, env=environment(AITRONOS_TEST_KEY="k")) as running:
            found = Stopping(running, vendor)
            yield found
            found.client.close()


def answer(call: socket.socket) -> None:
    call.sendall(b"HTTP/1.1 500 Broken\r\ncontent-length: 0\r\n\r\n")
    call.close()


@WORKERS
def test_readiness_turns_at_once_and_everything_is_answered_while_it_drains(
    tmp_path: Path, workers: int
) -> None:
    with stopping(tmp_path, workers, drain_seconds=3) as gateway, ThreadPoolExecutor() as pool:
        assert gateway.client.get("/readyz").status_code == 200
        asked, call = gateway.ask(pool)
        gateway.running.process.send_signal(signal.SIGTERM)
        assert until(lambda: gateway.status("/readyz") == 503)
        assert gateway.status("/healthz") == 200
        assert gateway.client.get("/healthz").headers["connection"] == "close"
        assert until(lambda: gateway.reload() == "reload_impossible")
        new, newer = gateway.ask(pool)
        for each in (call, newer):
            answer(each)
        assert [each.result(SLOW).status_code for each in (asked, new)] == [502, 502]
        assert gateway.running.end() == 0, gateway.running.said
    assert not listens(gateway.port)
    assert gateway.running.said.count('"event": "stopping"') == 1
    assert "Traceback" not in gateway.running.said
    assert '"level": "error"' not in gateway.running.said


@WORKERS
def test_without_a_drain_what_is_under_way_ends_and_what_is_idle_is_closed(
    tmp_path: Path, workers: int
) -> None:
    with stopping(tmp_path, workers) as gateway, ThreadPoolExecutor() as pool:
        asked, call = gateway.ask(pool)
        with socket.create_connection(("127.0.0.1", gateway.port), SLOW) as idle:
            idle.sendall(b"GET /healthz HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n")
            seen = b""
            while not seen.endswith(b"}"):
                seen += idle.recv(65536)
            gateway.running.process.send_signal(signal.SIGTERM)
            assert idle.recv(65536) == b""
        assert until(lambda: not listens(gateway.port))
        answer(call)
        answered = asked.result(SLOW)
        assert (answered.status_code, answered.headers["connection"]) == (502, "close")
        assert gateway.running.end() == 0, gateway.running.said
    assert "Traceback" not in gateway.running.said


@WORKERS
def test_what_does_not_end_in_time_is_ended(tmp_path: Path, workers: int) -> None:
    with stopping(tmp_path, workers, graceful_seconds=0.5) as gateway, ThreadPoolExecutor() as pool:
        asked, call = gateway.ask(pool)
        gateway.running.process.send_signal(signal.SIGTERM)
        with contextlib.suppress(httpx.HTTPError):
            assert asked.result(SLOW).status_code >= 500
        assert gateway.running.end() == 0, gateway.running.said
        call.close()
    assert "Traceback" not in gateway.running.said


@WORKERS
def test_a_second_signal_waits_for_nothing(tmp_path: Path, workers: int) -> None:
    slow = {"drain_seconds": 60, "graceful_seconds": 60}
    with stopping(tmp_path, workers, **slow) as gateway, ThreadPoolExecutor() as pool:
        asked, call = gateway.ask(pool)
        gateway.running.process.send_signal(signal.SIGTERM)
        assert until(lambda: gateway.status("/readyz") == 503)
        began = time.monotonic()
        assert gateway.running.stop(signal.SIGTERM) == 0, gateway.running.said
        assert time.monotonic() - began < 30
        with contextlib.suppress(httpx.HTTPError):
            asked.result(SLOW)
        call.close()
    assert "Traceback" not in gateway.running.said
