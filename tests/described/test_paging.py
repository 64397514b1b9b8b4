"""A listing is walked to its end in every style, and nothing is asked that was not given."""

import json
from typing import Any

import httpx
import pytest

from adapters.contract import ListsLabels, ListsVersions, ListsWorkflows, PageRequest, Vendor
from adapters.errors import InvalidPosition, InvalidRequest, VendorNotFound, VendorSurprise
from tests.contract.conftest import answering
from tests.described.sketch import vendor

IDS = [f"w{number}" for number in range(7)]
ITEMS = [{"id": one, "name": one} for one in IDS]
SIZES: dict[str, Any] = {"size_parameter": "n", "position_parameter": "p"}


def offsets(query: dict[str, str]) -> Any:
    start = int(query["p"])
    return {"items": ITEMS[start : start + int(query["n"])]}


def pages(query: dict[str, str]) -> Any:
    start = (int(query["p"]) - 1) * int(query["n"])
    return {"items": ITEMS[start : start + int(query["n"])], "of": len(ITEMS)}


def cursors(query: dict[str, str]) -> Any:
    start = int(query.get("p", "c0")[1:])
    end = start + int(query["n"])
    return {"items": ITEMS[start:end], "next": f"c{end}" if end < len(ITEMS) else None}


STYLES = [
    pytest.param({}, lambda _: {"items": ITEMS}, id="none"),
    pytest.param({"paging": {"style": "offset", **SIZES}}, offsets, id="offset"),
    pytest.param({"paging": {"style": "page", **SIZES}}, pages, id="page"),
    pytest.param({"paging": {"style": "page", **SIZES}, "total": "of"}, pages, id="page with a total"),
    pytest.param({"paging": {"style": "cursor", "next": "next", **SIZES}}, cursors, id="cursor"),
]


def listing(described: Vendor) -> ListsWorkflows:
    assert isinstance(described.api, ListsWorkflows)
    return described.api


@pytest.mark.parametrize("size", [1, 3, 7, 50])
@pytest.mark.parametrize(("changes", "answer"), STYLES)
async def test_every_item_is_seen_once(changes: dict[str, Any], answer: Any, size: int) -> None:
    described = vendor(list_workflows={"path": ["flows"], "items": "items", **changes})

    def respond(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=json.dumps(answer(dict(request.url.params))))

    seen: list[Any] = []
    async with answering(described, respond) as http:
        position: str | None = None
        for _turn in range(20):
            page = await listing(described).page(http, PageRequest(size, position))
            assert len(page.items) <= size
            seen += [item["id"] for item in page.items]
            position = page.next_position
            if position is None:
                break
    assert seen == IDS


async def test_a_cursor_that_the_vendor_does_not_know_is_the_callers_fault() -> None:
    paging = {"style": "cursor", "next": "next", **SIZES}
    described = vendor(list_workflows={"path": ["flows"], "items": "items", "paging": paging})
    async with answering(described, lambda _: httpx.Response(400)) as http:
        with pytest.raises(InvalidPosition):
            await listing(described).page(http, PageRequest(5, "made-up"))


async def test_a_cursor_that_stands_still_ends_the_walk() -> None:
    paging = {"style": "cursor", "next": "next", **SIZES}
    described = vendor(list_workflows={"path": ["flows"], "items": "items", "paging": paging})
    async with answering(
        described, lambda _: httpx.Response(200, json={"items": ITEMS, "next": "c"})
    ) as http:
        assert (await listing(described).page(http, PageRequest(5, "c"))).next_position is None


async def test_a_path_may_end_with_a_slash_and_parameters_are_sent() -> None:
    call = {"path": ["api", "a b"], "final_slash": True, "parameters": {"all": True}, "items": "@"}
    described = vendor(list_workflows=call)
    seen: list[str] = []

    def respond(request: httpx.Request) -> httpx.Response:
        seen.append(request.url.raw_path.decode())
        return httpx.Response(200, json=[])

    async with answering(described, respond) as http:
        await listing(described).page(http, PageRequest(5))
    assert seen == ["/base/api/a%20b/?all=true"]


PLACES = {"id": "id", "number": "no", "created_at": "at"}
VERSIONS = [
    {"id": "V1", "no": 1, "at": "2026-01-01T00:00:00Z", "nodes": [], "edges": []},
    {"id": "V2", "no": 2, "at": "2026-02-01T00:00:00Z", "nodes": [{"id": "n"}], "edges": []},
]


def history(request: httpx.Request) -> httpx.Response:
    if request.url.path.endswith("/versions"):
        return httpx.Response(200, json=VERSIONS)
    if request.url.path.endswith("/labels"):
        return httpx.Response(200, json=[{"n": "live", "v": 2}, {"v": 1}])
    return httpx.Response(200, json={"id": "w", "name": "a", "asked": dict(request.url.params)})


async def test_versions_are_listed_newest_first_and_one_is_found_among_them() -> None:
    call = {"path": ["{id}", "versions"], "items": "@", "version": PLACES, "whole": True}
    described = vendor(list_versions=call)
    api: Any = described.api
    assert isinstance(api, ListsVersions)
    async with answering(described, history) as http:
        assert [version.number for version in await api.versions(http, "w")] == [2, 1]
        fetched = await api.fetch_version(http, "w", "v2")
        workflow = described.mapping.parse(fetched, "demo")
        assert workflow.version is not None
        assert (workflow.version.number, len(workflow.graph.nodes), workflow.name) == (2, 1, "a")
        with pytest.raises(VendorNotFound):
            await api.fetch_version(http, "w", "v9")
        with pytest.raises(InvalidRequest):
            await api.fetch_version(http, "w", "")


async def test_versions_and_labels_by_calls_of_their_own() -> None:
    described = vendor(
        get_version={"path": ["{id}"], "parameters": {"version": "{version}"}},
        get_label={"path": ["{id}"], "parameters": {"label": "{label}"}},
        list_labels={"path": ["{id}", "labels"], "items": "@", "name": "n", "version_number": "v"},
    )
    api: Any = described.api
    assert isinstance(api, ListsLabels)
    async with answering(described, history) as http:
        assert (await api.fetch_version(http, "w", "7")).document["asked"] == {"version": "7"}
        assert (await api.fetch_label(http, "w", "live")).document["asked"] == {"label": "live"}
        (label,) = await api.labels(http, "w")
        assert (label.name, label.version_number) == ("live", 2)


async def test_labels_without_versions_are_read_too() -> None:
    described = vendor(get_label={"path": ["{id}"], "parameters": {"label": "{label}"}})
    api: Any = described.api
    assert not hasattr(api, "fetch_version")
    async with answering(described, history) as http:
        assert (await api.fetch_label(http, "w", "live")).document["asked"] == {"label": "live"}


async def test_an_answer_without_the_workflow_inside_is_a_surprise() -> None:
    described = vendor(get_workflow={"path": ["{id}"], "document": "workflow"})
    api: Any = described.api
    async with answering(described, history) as http:
        with pytest.raises(VendorSurprise):
            await api.fetch(http, "w")
