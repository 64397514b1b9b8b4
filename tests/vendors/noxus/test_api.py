"""What is asked of the vendor, and what its answers become."""

from typing import Any

import pytest

from adapters.contract import PageRequest
from adapters.errors import InvalidPosition, InvalidRequest, VendorConflict, VendorNotFound, VendorSurprise
from adapters.noxus import VENDOR
from adapters.noxus.api import NoxusApi
from schemas.base import JsonValue
from schemas.support import Ability, SupportLevel
from tests.vendors.noxus.helpers import ORDINARY, WORKFLOW, FakeHttp, record, recording

API = NoxusApi()
LISTING = "v1/workflows"
ONE = f"v1/workflows/{WORKFLOW}"
VERSIONS = f"{ONE}/versions"
AGENT = "v1/agents/an-agent"
NEWEST = "00bcfd81-c5e0-5b34-94de-9b39238f931e"


def page(count: int = 2, **fields: JsonValue) -> dict[str, JsonValue]:
    return {"items": [record()] * count, **fields}


async def test_a_page_is_asked_for_by_number_and_every_type() -> None:
    http = FakeHttp({LISTING: recording("list_workflows_page")})
    answer = await API.page(http, PageRequest(size=2))
    assert http.calls == [(LISTING, {"page": 1, "size": 2})]
    assert (len(answer.items), answer.next_position, answer.total) == (2, "2", 12)


async def test_the_next_position_is_taken_up() -> None:
    http = FakeHttp({LISTING: page(page=6, pages=6, total=12)})
    answer = await API.page(http, PageRequest(size=2, position="6"))
    assert http.calls == [(LISTING, {"page": 6, "size": 2})]
    assert answer.next_position is None


@pytest.mark.parametrize(
    ("fields", "following"),
    [
        ({"pages": 2}, "2"),
        ({"pages": 1}, None),
        ({"pages": 0}, None),
        ({"pages": 1, "total": 99}, None),
        ({"total": 3}, "2"),
        ({"total": 2}, None),
        ({"total": 3, "size": 50}, None),
        ({}, "2"),
        ({"pages": "many", "total": -1}, "2"),
    ],
)
async def test_pages_then_total_then_fullness_decide_the_end(
    fields: dict[str, JsonValue], following: str | None
) -> None:
    answer = await API.page(FakeHttp({LISTING: page(**fields)}), PageRequest(size=2))
    assert answer.next_position == following


async def test_a_page_that_is_not_full_is_the_last_when_nothing_else_tells() -> None:
    answer = await API.page(FakeHttp({LISTING: page(1)}), PageRequest(size=2))
    assert answer.next_position is None


async def test_a_page_never_asks_for_more_than_the_vendor_gives() -> None:
    http = FakeHttp({LISTING: page(pages=1)})
    await API.page(http, PageRequest(size=5000))
    assert http.calls[0][1]["size"] == VENDOR.max_page_size == 100


@pytest.mark.parametrize("position", ["", "0", "-1", "01", "1.0", "a", "٣", " 2", "1234567890", "2\n"])
async def test_a_position_that_was_never_given_is_refused(position: str) -> None:
    http = FakeHttp({})
    with pytest.raises(InvalidPosition):
        await API.page(http, PageRequest(size=2, position=position))
    assert http.calls == []


@pytest.mark.parametrize("answer", [None, [], "text", {}, {"items": None}, {"items": {}}, page(page=2)])
async def test_what_is_no_page_is_a_surprise(answer: Any) -> None:
    with pytest.raises(VendorSurprise):
        await API.page(FakeHttp({LISTING: answer}), PageRequest(size=2))


async def test_a_workflow_is_fetched_with_its_bytes_and_validators() -> None:
    document = recording(ORDINARY)
    http = FakeHttp({ONE: document}, {"etag": 'W/"1"', "x-request-id": "r"})
    fetched = await API.fetch(http, WORKFLOW)
    assert fetched.document == document
    assert fetched.body is not None
    assert fetched.validators == {"etag": 'W/"1"'}
    assert http.calls == [(ONE, {})]


@pytest.mark.parametrize("answer", [None, [], "text"])
async def test_what_is_no_workflow_is_a_surprise(answer: Any) -> None:
    with pytest.raises(VendorSurprise):
        await API.fetch(FakeHttp({ONE: answer}), WORKFLOW)


async def test_versions_are_listed_newest_first() -> None:
    newest, first = recording("versions_bare_array")
    untimed = {"id": "x", "name": "untimed", "definition": {}}
    versions = await API.versions(FakeHttp({VERSIONS: [untimed, first, "odd", newest]}), WORKFLOW)
    assert [version.name for version in versions] == ["v2 - cheaper model", "v1", "untimed"]
    assert {version.mutable for version in versions} == {True}
    assert {version.number for version in versions} == {None}


@pytest.mark.parametrize("answer", [None, {"items": []}, "text", ["odd", {"other": 1}]])
async def test_what_is_no_list_of_versions_is_a_surprise(answer: Any) -> None:
    with pytest.raises(VendorSurprise):
        await API.versions(FakeHttp({VERSIONS: answer}), WORKFLOW)


@pytest.mark.parametrize("version", [NEWEST, NEWEST.upper()])
async def test_a_version_is_found_in_the_list(version: str) -> None:
    http = FakeHttp({ONE: recording(ORDINARY), VERSIONS: recording("versions_bare_array")}, {"etag": "1"})
    fetched = await API.fetch_version(http, WORKFLOW, version)
    assert fetched.document == recording(ORDINARY)
    assert fetched.version_document == recording("versions_bare_array")[0]
    assert fetched.base == {**fetched.document, "definition": fetched.version_document["definition"]}
    assert fetched.validators == {}


@pytest.mark.parametrize("version", [NEWEST + "0", "1", "latest", "{" + NEWEST + "}", "v1"])
async def test_a_version_that_is_not_in_the_list_is_not_found(version: str) -> None:
    answers = {ONE: recording(ORDINARY), VERSIONS: [{"id": 1}, {}, *recording("versions_bare_array")]}
    with pytest.raises(VendorNotFound):
        await API.fetch_version(FakeHttp(answers), WORKFLOW, version)


async def test_a_version_has_a_name() -> None:
    http = FakeHttp({})
    with pytest.raises(InvalidRequest) as caught:
        await API.fetch_version(http, WORKFLOW, "")
    assert caught.value.parameter == "version"
    assert http.calls == []


def agent(**settings: JsonValue) -> dict[str, JsonValue]:
    return {AGENT: {"id": "an-agent", "definition": settings}, ONE: record()}


def tool(workflow: JsonValue, **fields: JsonValue) -> dict[str, JsonValue]:
    return {"type": "workflow", "workflow_id": workflow, **fields}


@pytest.mark.parametrize(
    "answers",
    [
        agent(agent_flow_id=WORKFLOW),
        agent(agent_flow_id=WORKFLOW, tools=[tool("another")]),
        agent(agent_flow_id=None, tools=[{"type": "memory"}, tool(WORKFLOW)]),
        agent(tools=[tool(WORKFLOW), tool(WORKFLOW, enabled=True), tool("off", enabled=False)]),
        {AGENT: recording("agent_support_bot"), ONE: record()},
    ],
)
async def test_an_agents_workflow_is_its_flow_or_its_only_workflow_tool(
    answers: dict[str, JsonValue],
) -> None:
    http = FakeHttp(answers)
    fetched = await API.fetch_assistant_workflow(http, "an-agent")
    assert fetched.document == record()
    assert [path for path, _ in http.calls] == [AGENT, ONE]


@pytest.mark.parametrize(
    "answers",
    [
        {},
        agent(),
        agent(agent_flow_id="", tools="none"),
        agent(tools=[tool(WORKFLOW, enabled=False), tool(None), "odd", {"type": "kb_qa"}]),
        agent(agent_flow_id="gone"),
    ],
)
async def test_an_agent_without_a_workflow_is_not_found(answers: dict[str, JsonValue]) -> None:
    with pytest.raises(VendorNotFound):
        await API.fetch_assistant_workflow(FakeHttp(answers), "an-agent")


async def test_tools_for_several_workflows_are_a_conflict() -> None:
    with pytest.raises(VendorConflict):
        await API.fetch_assistant_workflow(FakeHttp(agent(tools=[tool("a"), tool("b")])), "an-agent")


@pytest.mark.parametrize("answer", [[], None, {"id": "x"}, {"definition": []}])
async def test_what_is_no_agent_is_a_surprise(answer: Any) -> None:
    with pytest.raises(VendorSurprise):
        await API.fetch_assistant_workflow(FakeHttp({AGENT: answer}), "an-agent")


async def test_a_probe_lists_one_workflow() -> None:
    http = FakeHttp({LISTING: page(1, pages=9)})
    await API.probe(http)
    assert http.calls == [(LISTING, {"page": 1, "size": 1})]


def test_nothing_is_left_for_later() -> None:
    assert SupportLevel.NOT_YET not in {support.level for support in VENDOR.support.values()}
    lacking = {ability for ability, support in VENDOR.support.items() if not support.available}
    assert lacking == {
        Ability.GET_LABEL,
        Ability.LIST_LABELS,
        Ability.SET_LABEL,
        Ability.CONVERT_ASSISTANT,
        Ability.CONDITIONAL_GET,
    }
