"""Spans as OpenTelemetry has them: of requests and of calls to vendors, in one trace, with nothing secret."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from gateway.api.routers import paths
from gateway.settings import TracingSettings
from gateway.telemetry import open_telemetry
from gateway.telemetry.open_telemetry import Recorder
from gateway.telemetry.spans import Untraced
from gateway.telemetry.trace_context import TraceContext, parse
from gateway.telemetry.tracing import build_tracer
from tests.gateway.in_process import InProcess, in_process, path_of
from tests.gateway.test_ways import LASTING
from tests.house import KEY, House, running_house

TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = f"00-{TRACE}-b7ad6b7169203331-01"
SECRET_ID = "some-id-that-nobody-shall-see"


@pytest.fixture(scope="module")
def whole() -> Iterator[House]:
    with running_house() as house:
        yield house


@pytest.fixture
def house(whole: House) -> House:
    whole.reset()
    return whole


@pytest.fixture
def exporter() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
async def gateway(
    house: House, exporter: InMemorySpanExporter, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[InProcess]:
    recorder = Recorder(1.0, paths(), lambda: SimpleSpanProcessor(exporter))
    monkeypatch.setattr("gateway.app.build_tracer", lambda *_: recorder)
    async with in_process(house, LASTING) as started:
        yield started


def facts(span: ReadableSpan) -> dict[str, Any]:
    return dict(span.attributes or {})


async def test_a_request_and_its_calls_are_spans_of_the_caller_s_trace(
    gateway: InProcess, exporter: InMemorySpanExporter
) -> None:
    listing = await gateway.ask("/v1/connections/noxus-test/workflows?limit=1")
    target = path_of(json.loads(listing.body)["items"][0])
    exporter.clear()
    await gateway.ask(target, ("traceparent", PARENT), ("tracestate", "a=1"))
    call, request = exporter.get_finished_spans()
    assert (request.kind, call.kind) == (SpanKind.SERVER, SpanKind.CLIENT)
    assert request.name == "GET /v1/connections/{connection}/workflows/{workflow}"
    assert call.name == "GET"
    assert f"{request.context.trace_id:032x}" == f"{call.context.trace_id:032x}" == TRACE
    assert request.parent is not None
    assert f"{request.parent.span_id:016x}" == PARENT.split("-")[2]
    assert call.parent is not None
    assert call.parent.span_id == request.context.span_id
    assert request.context.trace_state.get("a") == "1"
    assert facts(request) == {
        "http.request.method": "GET",
        "http.route": "/v1/connections/{connection}/workflows/{workflow}",
        "http.response.status_code": 200,
        "url.scheme": "http",
        "gateway.request_id": "fixed",
        "gateway.route": "get_workflow",
        "gateway.caller": "everything",
        "gateway.connection": "noxus-test",
        "gateway.vendor": "noxus",
        "gateway.cache": "miss",
    }
    told = facts(call)
    assert (told.pop("server.address"), type(told.pop("server.port"))) == ("127.0.0.1", int)
    assert told == {
        "http.request.method": "GET",
        "http.response.status_code": 200,
        "gateway.connection": "noxus-test",
        "gateway.vendor": "noxus",
    }
    assert request.resource.attributes["service.name"] == "workflow-gateway"


async def test_the_vendor_is_told_of_the_call_s_own_span(
    house: House, gateway: InProcess, exporter: InMemorySpanExporter
) -> None:
    recorder = gateway.app._inner._tracer
    request = recorder.request("GET", parse(PARENT, "a=1"))
    call = recorder.call("GET", request, {})
    assert call.context.trace_id == request.context.trace_id == TRACE
    assert call.context.span_id != request.context.span_id
    assert (call.context.sampled, call.context.state) == (True, "a=1")
    call.end(200)
    request.end(200)
    spans = exporter.get_finished_spans()
    assert [f"{span.context.span_id:016x}" for span in spans] == [
        call.context.span_id,
        request.context.span_id,
    ]


async def test_what_fails_is_an_error_of_the_call_and_of_the_request(
    house: House, gateway: InProcess, exporter: InMemorySpanExporter
) -> None:
    house.control("noxus", "PUT", "faults", [{"fault": "status", "status": 503}])
    await gateway.ask("/v1/connections/noxus-test/workflows?limit=3")
    *_, call, request = exporter.get_finished_spans()
    assert call.status.status_code is request.status.status_code is StatusCode.ERROR
    assert facts(call)["error.type"] == "503"
    assert facts(request)["gateway.problem"] == "vendor_broken"


async def test_what_a_caller_did_wrong_is_no_error_of_the_gateway(
    gateway: InProcess, exporter: InMemorySpanExporter
) -> None:
    await gateway.ask("/v1/connections/noxus-test/workflows?nonsense=1")
    await gateway.ask(f"/v1/connections/noxus-test/workflows/{SECRET_ID}")
    for request in exporter.get_finished_spans():
        if request.kind is SpanKind.SERVER:
            assert request.status.status_code is StatusCode.UNSET


async def test_no_span_holds_an_id_a_query_or_a_key(
    gateway: InProcess, exporter: InMemorySpanExporter
) -> None:
    for target in (f"/v1/connections/noxus-test/workflows/{SECRET_ID}", f"/v1/workflows?text={SECRET_ID}"):
        await gateway.ask(target)
        await gateway.ask(target, method="PUT", body={"a": SECRET_ID})
    await gateway.ask(f"/{SECRET_ID}", method=SECRET_ID)
    told = "".join(span.to_json() for span in exporter.get_finished_spans())
    assert "/v1/workflows" in told
    assert '"_OTHER"' in told
    for secret in (SECRET_ID, KEY, KEY[:12]):
        assert secret not in told


async def test_hits_have_no_spans(gateway: InProcess, exporter: InMemorySpanExporter) -> None:
    for _ in range(2):
        await gateway.ask("/v1/connections/noxus-test/workflows?limit=2")
    exporter.clear()
    await gateway.ask("/v1/connections/noxus-test/workflows?limit=2", ("traceparent", PARENT))
    assert exporter.get_finished_spans() == ()


@pytest.mark.parametrize(
    ("ratio", "parent", "recorded"),
    [(0.0, None, False), (1.0, None, True), (0.0, PARENT, True), (1.0, PARENT[:-1] + "0", False)],
)
async def test_whoever_begins_a_trace_decides_whether_it_is_recorded(
    ratio: float, parent: str | None, recorded: bool, exporter: InMemorySpanExporter
) -> None:
    recorder = Recorder(ratio, paths(), lambda: SimpleSpanProcessor(exporter))
    await recorder.start()
    request = recorder.request("GET", None if parent is None else parse(parent))
    call = recorder.call("GET", request, {})
    for span in (call, request):
        span.tell({"gateway.route": "get_workflow"})
        span.end(200)
    assert bool(exporter.get_finished_spans()) is recorded
    assert request.context.sampled is call.context.sampled is recorded
    # Without being recorded it has a place of its own all the same, and vendors are told of it.
    assert parse(call.context.traceparent) == TraceContext(
        request.context.trace_id, call.context.span_id, sampled=recorded
    )


async def test_a_name_and_attributes_of_the_service_come_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, exporter: InMemorySpanExporter
) -> None:
    monkeypatch.setenv("OTEL_SERVICE_NAME", "our-gateway")
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=test")
    recorder = Recorder(1.0, paths(), lambda: SimpleSpanProcessor(exporter))
    await recorder.start()
    recorder.request("GET", None).end(200)
    [span] = exporter.get_finished_spans()
    assert span.resource.attributes["service.name"] == "our-gateway"
    assert span.resource.attributes["deployment.environment.name"] == "test"
    assert "service.version" in span.resource.attributes


async def test_a_collector_that_takes_nothing_holds_the_end_up_for_a_moment_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    over = threading.Event()

    class Stubborn(InMemorySpanExporter):
        def shutdown(self) -> None:
            over.wait(30)

    monkeypatch.setattr(open_telemetry, "STOP_SECONDS", 0.05)
    recorder = Recorder(1.0, paths(), lambda: SimpleSpanProcessor(Stubborn()))
    await recorder.start()
    async with asyncio.timeout(10):
        await recorder.stop()
    assert not over.is_set()
    over.set()


async def test_the_framework_sends_nothing_of_its_own_whatever_the_environment_says(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FASTAPI_OTEL_AUTO_CONFIGURE", "true")
    provider = TracerProvider(shutdown_on_exit=False)
    monkeypatch.setattr("opentelemetry.trace._TRACER_PROVIDER", provider)
    exporter = InMemorySpanExporter()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    async with in_process(house, LASTING) as gateway:
        assert (await gateway.ask("/v1/connections")).status == 200
    assert exporter.get_finished_spans() == ()


def test_without_being_asked_for_nothing_is_recorded() -> None:
    assert isinstance(build_tracer(TracingSettings(), {}), Untraced)
    assert isinstance(build_tracer(TracingSettings(enabled=True), {}), Recorder)
