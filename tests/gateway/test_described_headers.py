"""What the OpenAPI document says of headers is what the gateway reads and tells."""

from collections.abc import AsyncIterator
from typing import Any, Final

import jsonschema
import pytest

from docs.pages.http_api import openapi, operations_of
from gateway.settings import CacheTimes
from tests.gateway.fake_server import running_fake
from tests.gateway.in_process import InProcess
from tests.gateway.writing import BASE, FLOWS, ONE, told, writing_gateway

READS: Final = {
    "list_workflows": "/v1/workflows",
    "list_connection_workflows": FLOWS,
    "get_workflow": ONE,
    "get_native_workflow": f"{ONE}/native",
    "get_workflow_graph": f"{ONE}/graph",
    "list_versions": f"{ONE}/versions",
    "get_workflow_version": f"{ONE}/versions/1",
    "list_labels": f"{ONE}/labels",
    "get_label": f"{ONE}/labels/prod",
    "get_assistant_workflow": f"{BASE}/assistants/a1/workflow",
}
WITHOUT_VENDOR: Final = frozenset({"follow_run"})
"""A run is followed for as long as it lasts."""


@pytest.fixture
async def gateway() -> AsyncIterator[InProcess]:
    times = CacheTimes(listing=0, workflow=0)
    async with running_fake() as fake, writing_gateway(fake, connection={"cache": times}) as running:
        yield running


def described() -> dict[str, dict[str, Any]]:
    return {operation["operationId"]: operation for _, _, operation in operations_of(openapi())}


def read_by(operation: dict[str, Any]) -> set[str]:
    return {found["name"] for found in operation.get("parameters", ()) if found["in"] == "header"}


def test_prefer_is_told_of_wherever_a_vendor_is_waited_for() -> None:
    """What may end with 504 has waited; nothing else has a time of its own."""
    waiting = {name for name, operation in described().items() if "504" in operation["responses"]}
    own = {"list_workflows", "get_connection"}  # the time that is over is told inside of their answers
    telling = {name for name, operation in described().items() if "Prefer" in read_by(operation)}
    assert telling == waiting - WITHOUT_VENDOR | own


def test_reads_through_the_cache_tell_of_their_conditions() -> None:
    for name, operation in described().items():
        conditions = {"If-Match", "If-None-Match"} <= read_by(operation)
        assert conditions == (name in READS), name
        if conditions:
            assert {"304", "412"} <= operation["responses"].keys()
            assert "content" not in operation["responses"]["304"]


async def test_what_an_answer_tells_is_described(gateway: InProcess) -> None:
    document = openapi()
    of_get_workflow = described()["get_workflow"]["responses"]["200"]["headers"]
    reply = await gateway.ask(ONE, ("prefer", "wait=9"))
    for name, reference in of_get_workflow.items():
        value = reply.header(name.lower())
        assert value is not None, name
        schema = document["components"]["headers"][reference["$ref"].rpartition("/")[2]]["schema"]
        jsonschema.validate(int(value) if schema["type"] == "integer" else value, schema)


async def test_what_is_described_of_reads_holds_for_each(gateway: InProcess) -> None:
    for name, path in READS.items():
        reply = await gateway.ask(path)
        if reply.status != 200:  # not what this vendor offers
            assert reply.status in (404, 501), (name, told(reply))
            continue
        for header in ("etag", "age", "cache-status"):
            assert reply.header(header) is not None, (name, header)


async def test_a_failure_tells_where_the_time_went_too(gateway: InProcess) -> None:
    assert "Server-Timing" in described()["get_workflow"]["responses"]["404"]["headers"]
    assert (await gateway.ask(f"{FLOWS}/nowhere")).header("server-timing") is not None


def test_an_event_is_described_as_it_travels() -> None:
    stream = described()["follow_run"]["responses"]["200"]["content"]["text/event-stream"]["schema"]
    assert stream["required"] == ["event", "data"]
    content = [
        kind["$ref"].rpartition("/")[2] for kind in stream["properties"]["data"]["contentSchema"]["anyOf"]
    ]
    assert content == ["RunEvent", "Problem"]
