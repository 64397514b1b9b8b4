"""What monitoring reads, read back by its own library's parsers, and the route that gives it."""

from importlib.metadata import version
from platform import python_version
from typing import Any

import httpx
import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_plain

from adapters.registry import load_all
from gateway.api.routers import operation_ids
from gateway.app import create_app
from gateway.settings import CacheTimes
from gateway.telemetry.catalogue import (
    BUILD,
    BYTES_SAVED,
    CACHE_BYTES,
    CACHE_EVICTIONS,
    CALLS_WAITING,
    LOOP_LAG,
    METRICS,
    OPEN_FILES,
    REQUEST_SECONDS,
    REQUESTS,
    VENDOR_CALLS,
)
from gateway.telemetry.exposition import exposition
from gateway.telemetry.layout import Layout
from gateway.telemetry.metrics import Board, Metrics
from tests.house import KEY, NARROW_KEY, settings_for

OPENMETRICS = "application/openmetrics-text; version=1.0.0"


@pytest.fixture
def metrics() -> Metrics:
    """A second worker that has counted some; the first is not there."""
    counting = Metrics(Board(Layout(("main", "odd"), ("get_workflow",)), 2), 2)
    counting.cells[counting.counter(REQUESTS, route="get_workflow", status="2xx")] += 3
    counting.cells[counting.counter(VENDOR_CALLS, connection="main", outcome="vendor_timeout")] += 1
    counting.cells[counting.counter(VENDOR_CALLS, connection="odd", outcome="ok")] += 2
    for seconds in (0.0001, 0.003, 60.0):
        counting.histogram(REQUEST_SECONDS, route="get_workflow").observe(seconds)
    counting.read(CACHE_BYTES, lambda: 1000)
    counting.read(CACHE_EVICTIONS, lambda: 4)
    counting.read(CALLS_WAITING, lambda: 3, connection="main")
    counting.read(CALLS_WAITING, lambda: 5, connection="odd")
    counting.publish()
    return counting


def samples(text: bytes, openmetrics: bool = False) -> dict[tuple[Any, ...], float]:
    parse = parse_openmetrics if openmetrics else parse_plain
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in parse(text.decode())
        for sample in family.samples
    }


def test_what_is_told_in_parts_is_read_as_a_whole_and_what_nobody_knows_is_left_out(metrics: Metrics) -> None:
    metrics.read(LOOP_LAG, lambda: 2_500)
    metrics.read(OPEN_FILES, lambda: None)
    metrics.publish()
    found = samples(exposition(metrics.board)[0])
    assert found[LOOP_LAG.name, ("worker", "2")] == 0.0025
    assert not any(name == OPEN_FILES.name for name, *_ in found)
    metrics.read(OPEN_FILES, lambda: 7)
    metrics.publish()
    assert samples(exposition(metrics.board)[0])[OPEN_FILES.name, ("worker", "2")] == 7


def test_the_version_is_told(metrics: Metrics) -> None:
    found = samples(exposition(metrics.board)[0])
    assert found[BUILD.name, ("python", python_version()), ("version", version("workflow-gateway"))] == 1


@pytest.mark.parametrize("accept", ["", "text/plain", OPENMETRICS])
def test_what_was_counted_is_read_back(metrics: Metrics, accept: str) -> None:
    text, media_type = exposition(metrics.board, accept)
    assert media_type.startswith((accept or "text/plain").partition(";")[0])
    found = samples(text, accept == OPENMETRICS)
    assert found[REQUESTS.name, ("route", "get_workflow"), ("status", "2xx")] == 3
    assert found[CALLS_WAITING.name, ("connection", "odd"), ("worker", "2")] == 5
    assert found[VENDOR_CALLS.name, ("connection", "main"), ("outcome", "vendor_timeout")] == 1
    assert found[BYTES_SAVED.name,] == 0
    assert found[CACHE_BYTES.name, ("worker", "2")] == 1000
    assert found[CACHE_EVICTIONS.name, ("worker", "2")] == 4
    assert (CACHE_BYTES.name, ("worker", "1")) not in found
    assert found["workflow_gateway_workers",] == 2
    assert found["workflow_gateway_worker_up", ("worker", "1")] == 0
    assert found["workflow_gateway_worker_up", ("worker", "2")] == 1
    assert found["workflow_gateway_worker_starts_total", ("worker", "2")] == 1


def test_a_histograms_buckets_add_up(metrics: Metrics) -> None:
    found = samples(exposition(metrics.board)[0])
    name, route = REQUEST_SECONDS.name, ("route", "get_workflow")
    buckets = {key[1][1]: value for key, value in found.items() if key[0] == f"{name}_bucket"}
    assert {bound: buckets[bound] for bound in ("0.0001", "0.001", "0.005", "30.0", "+Inf")} == {
        "0.0001": 1,
        "0.001": 1,
        "0.005": 2,
        "30.0": 2,
        "+Inf": 3,
    }
    assert found[f"{name}_count", route] == 3
    assert found[f"{name}_sum", route] == pytest.approx(60.0031)


def test_every_metric_is_told_of_with_its_kind_and_meaning(metrics: Metrics) -> None:
    families = {family.name: family for family in parse_plain(exposition(metrics.board)[0].decode())}
    for metric in METRICS:
        family = families[metric.name.removesuffix("_total")]
        assert (family.type, family.documentation) == (metric.kind, metric.meaning)


def test_series_that_never_counted_are_left_out(metrics: Metrics) -> None:
    found = samples(exposition(metrics.board)[0])
    assert len([key for key in found if key[0] == VENDOR_CALLS.name]) == 2
    assert [key for key in found if key[0] == "workflow_gateway_vendor_seconds_bucket"] == []


def test_connections_that_may_not_be_seen_are_not_told_of(metrics: Metrics) -> None:
    text, _ = exposition(metrics.board, may_see=lambda name: name == "main")
    assert b'connection="main"' in text
    assert b"odd" not in text


def test_every_operation_is_a_route_once() -> None:
    ids = operation_ids()
    assert {"get_metrics", "get_health", "list_workflows"} <= set(ids)
    assert len(set(ids)) == len(ids)


async def asked(metrics: Metrics | None, **headers: str) -> httpx.Response:
    settings, secrets = settings_for({"aitronos": "http://127.0.0.1:9"}, CacheTimes(), hasty=False)
    app = create_app(settings, load_all(), secrets, metrics=metrics)
    transport = httpx.ASGITransport(app)  # type: ignore[arg-type, unused-ignore]
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        return await client.get("/metrics", headers=headers)


@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer wrong"}])
async def test_the_route_needs_a_key(headers: dict[str, str]) -> None:
    assert (await asked(None, **headers)).status_code == 401


async def test_the_route_gives_the_figures_to_any_callers_bearer_token(metrics: Metrics) -> None:
    answer = await asked(metrics, authorization=f"Bearer {KEY}")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert answer.headers["cache-control"] == "no-store"
    assert samples(answer.content)[REQUESTS.name, ("route", "get_workflow"), ("status", "2xx")] == 3


async def test_the_route_tells_a_caller_nothing_of_connections_it_may_not_see(metrics: Metrics) -> None:
    answer = await asked(metrics, authorization=f"Bearer {NARROW_KEY}")
    assert answer.status_code == 200
    assert "connection=" not in answer.text


async def test_the_route_answers_in_openmetrics_when_asked() -> None:
    answer = await asked(None, authorization=f"Bearer {KEY}", accept=OPENMETRICS)
    assert answer.headers["content-type"].startswith("application/openmetrics-text")
    assert samples(answer.content, openmetrics=True)["workflow_gateway_workers",] == 1


async def test_what_is_read_is_read_when_somebody_asks() -> None:
    metrics = Metrics(Board(Layout((), ()), 1))
    metrics.read(CACHE_BYTES, lambda: 123)
    answer = await asked(metrics, authorization=f"Bearer {KEY}")
    assert samples(answer.content)[CACHE_BYTES.name, ("worker", "1")] == 123
