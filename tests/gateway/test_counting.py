"""What `/metrics` tells after requests took each of their ways."""

import json
from collections.abc import AsyncIterator

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.gateway.in_process import InProcess, in_process, path_of
from tests.gateway.test_isolation import CALLERS
from tests.gateway.test_ways import LASTING
from tests.house import House


@pytest.fixture
async def gateway(house: House) -> AsyncIterator[InProcess]:
    async with in_process(house, LASTING, callers=CALLERS) as started:
        yield started


async def figures(gateway: InProcess) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    text = (await gateway.ask("/metrics")).body.decode()
    return {
        (sample.name.removeprefix("workflow_gateway_"), frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def of(name: str, **labels: str) -> tuple[str, frozenset[tuple[str, str]]]:
    return name, frozenset(labels.items())


async def test_every_way_counts_its_requests_and_reads(gateway: InProcess) -> None:
    listing = await gateway.ask("/v1/connections/noxus-test/workflows?limit=1")
    target = path_of(json.loads(listing.body)["items"][0])
    whole = await gateway.ask(target)
    for _ in range(3):
        await gateway.ask(target)
    await gateway.ask(target, ("if-none-match", str(whole.header("etag"))))
    await gateway.ask(target, ("x-ignored", "1"), ("x-ignored", "2"))
    await gateway.ask(f"{target}?version=nonsense")
    await gateway.ask("/v1/nowhere")
    told = await figures(gateway)
    assert told[of("requests_total", route="get_workflow", status="2xx")] == 5
    assert told[of("requests_total", route="get_workflow", status="304")] == 1
    assert told[of("requests_total", route="list_connection_workflows", status="2xx")] == 1
    assert told[of("requests_total", route="other", status="4xx")] == 1
    assert told[of("request_seconds_count", route="get_workflow")] >= 6
    reads = {"connection": "noxus-test", "kind": "workflow"}
    assert told[of("cache_reads_total", **reads, outcome="miss")] == 1
    assert told[of("cache_reads_total", **reads, outcome="hit")] == 5
    assert told[of("bytes_saved_total")] == 4 * len(whole.body)


async def test_calls_to_vendors_are_counted_by_what_came_of_them(house: House, gateway: InProcess) -> None:
    await gateway.ask("/v1/connections/noxus-test/workflows")
    house.control("noxus", "PUT", "faults", [{"fault": "status", "status": 503}])
    await gateway.ask("/v1/connections/noxus-test/workflows?limit=7")
    told = await figures(gateway)
    assert told[of("vendor_calls_total", connection="noxus-test", outcome="ok")] == 1
    assert told[of("vendor_calls_total", connection="noxus-test", outcome="vendor_broken")] == 1
    assert told[of("vendor_seconds_count", connection="noxus-test")] == 2


async def test_the_cache_tells_how_full_it_is(gateway: InProcess) -> None:
    await gateway.ask("/v1/workflows")
    told = await figures(gateway)
    assert told[of("cache_entries", worker="1")] >= 4
    assert told[of("cache_bytes", worker="1")] > 0
