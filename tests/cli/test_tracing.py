"""Traces sent to a collector, by real processes over OTLP; and a gateway without OpenTelemetry's packages."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final

import httpx
import pytest
import yaml
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.architecture.source import ROOT, read_modules
from tests.cli.processes import COMMAND, PATIENCE, environment, started
from tests.cli.test_workers import serving
from tests.house import House

NEED_PACKAGES: Final = frozenset({"gateway.telemetry.open_telemetry"})
TRACE: Final = "0af7651916cd43dd8448eb211c80319c"
PARENT: Final = f"00-{TRACE}-b7ad6b7169203331-01"


class Collector:
    """Takes spans over HTTP and reads them."""

    def __init__(self) -> None:
        self.spans: list[tuple[str, str]] = []
        self.services: set[str] = set()
        taking = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                assert self.path == "/v1/traces"
                taking.take(self.rfile.read(int(self.headers["content-length"])))
                self.send_response(200)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def take(self, body: bytes) -> None:
        for of_service in ExportTraceServiceRequest.FromString(body).resource_spans:
            attributes = {each.key: each.value.string_value for each in of_service.resource.attributes}
            self.services.add(attributes["service.name"])
            for scope in of_service.scope_spans:
                self.spans += [(span.trace_id.hex(), span.name) for span in scope.spans]


@pytest.fixture
def collector() -> Iterator[Collector]:
    found = Collector()
    thread = threading.Thread(target=found.server.serve_forever, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        found.server.shutdown()
        found.server.server_close()
        thread.join(PATIENCE)


@pytest.fixture
def traced(config_file: Path) -> Path:
    content = yaml.safe_load(config_file.read_text("utf-8"))
    # Nothing is kept, so that no request is a hit.
    for connection in content["connections"].values():
        connection["cache"] = {"listing": 0}
    content["tracing"] = {"enabled": True, "sample_ratio": 0}
    content["server"] = {"log_format": "json"}
    config_file.write_text(yaml.safe_dump(content), encoding="utf-8")
    return config_file


@pytest.mark.parametrize("workers", [1, 2])
def test_every_worker_s_spans_arrive_at_the_latest_when_it_ends(
    workers: int, traced: Path, collector: Collector, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert house.emulators
    # So late that only the end sends them.
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "600000")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
    asked: dict[int, int] = {}
    if workers == 2:
        with serving(traced, "--workers", "2") as found:
            for number, process in found.processes.items():
                others = [other for other in found.processes.values() if other != process]
                asked[number] = _ask_alone(found.url, others)
            assert found.running.stop(signal.SIGTERM) == 0
    else:
        command = (*COMMAND, "serve", "--config", str(traced), "--port", "0")
        with started(command, env=environment()) as running:
            asked[1] = _ask(json.loads(running.wait_for('"event": "listening"'))["url"])
            assert running.stop(signal.SIGTERM) == 0
    assert set(asked.values()) == {200}
    route = "GET /v1/connections/{connection}/workflows"
    assert collector.spans.count((TRACE, route)) == workers
    assert collector.spans.count((TRACE, "GET")) == workers
    assert collector.services == {"workflow-gateway"}


def _ask_alone(url: str, others: list[int]) -> int:
    """Ask while the other workers are stopped, so that the one that is left answers."""
    for process in others:
        os.kill(process, signal.SIGSTOP)
    try:
        return _ask(url)
    finally:
        for process in others:
            os.kill(process, signal.SIGCONT)


def _ask(url: str) -> int:
    headers = {"traceparent": PARENT}
    target = f"{url}/v1/connections/noxus-test/workflows"
    return httpx.get(target, headers=headers, trust_env=False, timeout=PATIENCE).status_code


def test_a_collector_that_is_gone_keeps_nobody_from_ending(
    traced: Path, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert house.emulators
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    with started((*COMMAND, "serve", "--config", str(traced), "--port", "0"), env=environment()) as running:
        assert _ask(json.loads(running.wait_for('"event": "listening"'))["url"]) == 200
        began = time.monotonic()
        assert running.stop(signal.SIGTERM) == 0
        assert time.monotonic() - began < PATIENCE
    assert "Traceback" not in running.said


# The framework itself needs the package that only declares things; what records and sends is the extra's.
WITHOUT: Final = """
import importlib, sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.startswith(("opentelemetry.sdk", "opentelemetry.exporter", "opentelemetry.proto")):
            raise ModuleNotFoundError(f"blocked: {name}", name=name)

sys.meta_path.insert(0, Blocked())
for name in sys.argv[1].split(","):
    importlib.import_module(name)
for name in sys.argv[2].split(","):
    try:
        importlib.import_module(name)
    except ModuleNotFoundError as missing:
        assert missing.name.startswith("opentelemetry."), missing
    else:
        raise AssertionError(f"{name} did not miss it")

from gateway.settings import TracingSettings
from gateway.settings.checks import Parts, check
parts = Parts(None, None, TracingSettings(enabled=True), {}, {}, None, False)
(fault,) = check(parts, {})
print(fault.path, fault.message)
"""


def test_without_the_packages_everything_else_works_and_the_configuration_says_what_is_missing() -> None:
    names = {module.name.removesuffix(".__init__") for module in read_modules()}
    assert names >= NEED_PACKAGES
    lists = [",".join(sorted(some)) for some in (names - NEED_PACKAGES, NEED_PACKAGES)]
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT, *lists],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=ROOT,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("('tracing', 'enabled') the packages of OpenTelemetry are not installed")
