"""Noxus emulator: the seeded workspace is believable, odd where real ones are, and the same every time."""

import re
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from emulators.contract import EmulatorOptions
from emulators.registry import load

KEY = {"x-api-key": "nx_demo_noxus"}
STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z")
TOKEN = re.compile(r":var\[([^.\]]+)\.([^\]]+)\]")
ENUM = {
    "flow",
    "agent_flow",
    "handler",
    "ingestion",
    "inbox_process",
    "inbox_filtering",
    "inbox_extraction",
    "task_automation",
}

Workflows = dict[str, dict[str, Any]]


@pytest.fixture
async def api(in_process: Callable[..., Any]) -> AsyncIterator[httpx.AsyncClient]:
    async with in_process(load("noxus")) as client:
        client.headers.update(KEY)
        yield client


@pytest.fixture
async def workflows(api: httpx.AsyncClient) -> Workflows:
    items = (await api.get("/v1/workflows?size=100")).json()["items"]
    return {f"{item['name']} {number}": item for number, item in enumerate(items)}


@pytest.fixture
async def agents(api: httpx.AsyncClient) -> list[dict[str, Any]]:
    return list((await api.get("/v1/agents?size=100")).json()["items"])


def one(workflows: Workflows, name: str) -> dict[str, Any]:
    return next(record for record in workflows.values() if record["name"].startswith(name))


def of_nodes(workflows: Workflows) -> Iterator[dict[str, Any]]:
    for record in workflows.values():
        yield from record["definition"].get("nodes", [])


async def test_the_seed_is_the_same_every_time(
    in_process: Callable[..., Any], api: httpx.AsyncClient
) -> None:
    async with in_process(load("noxus")) as other:
        for path in ("/v1/workflows", "/v1/agents", "/v1/runs", "/v1/triggers/events", "/v1/conversations"):
            mine, theirs = await api.get(f"{path}?size=100"), await other.get(f"{path}?size=100", headers=KEY)
            assert mine.content == theirs.content


async def test_an_emulator_can_start_empty(in_process: Callable[..., Any]) -> None:
    options = EmulatorOptions(api_key="k", seeded=False)
    async with in_process(load("noxus"), options) as empty:
        for path in ("/v1/workflows", "/v1/agents", "/v1/runs", "/v1/triggers/events", "/v1/conversations"):
            got = (await empty.get(path, headers={"x-api-key": "k"})).json()
            assert (got["total"], got["pages"]) == (0, 0)


def test_there_are_many_and_each_is_different(workflows: Workflows) -> None:
    assert len(workflows) >= 25
    graphs = [
        repr(record["definition"]) for record in workflows.values() if record["definition"].get("nodes")
    ]
    assert len(set(graphs)) == len(graphs) >= 22


def test_every_type_of_the_enum_and_one_beyond(workflows: Workflows) -> None:
    assert {record["type"] for record in workflows.values()} == ENUM | {"voice_session"}


def test_ids_and_times_have_the_vendors_form(workflows: Workflows) -> None:
    for record in workflows.values():
        assert str(uuid.UUID(record["id"])) == record["id"]
        assert str(uuid.UUID(record["group_id"])) == record["group_id"]
        for name in ("created_at", "last_updated_at", "last_run_at"):
            text = record.get(name)
            assert text is None or STAMP.fullmatch(text), (record["name"], name)
            assert text is None or datetime.fromisoformat(text) < datetime(2026, 11, 1, tzinfo=UTC)
    months = {record["created_at"][:7] for record in workflows.values() if record.get("created_at")}
    assert len(months) >= 5


def test_one_is_large_and_some_are_empty(workflows: Workflows) -> None:
    sizes = [len(record["definition"].get("nodes") or []) for record in workflows.values()]
    assert max(sizes) >= 40
    assert one(workflows, "Untitled Workflow")["definition"] == {
        "flow_version": "v1",
        "nodes": [],
        "edges": [],
    }
    assert {} in [record["definition"] for record in workflows.values()]


def test_one_has_nothing_but_the_required_fields(workflows: Workflows) -> None:
    bare = one(workflows, "Imported without history")
    assert list(bare) == ["id", "group_id", "name", "type", "definition"]


def test_one_has_every_optional_null_and_fields_nobody_knows(workflows: Workflows) -> None:
    record = one(workflows, "Inbox: order numbers")
    known = {name for name, value in record.items() if value is None}
    assert len(known) == 13
    assert record["x_future_flag"] is True


def test_names_try_every_script_and_separator(workflows: Workflows) -> None:
    names = " ".join(record["name"] for record in workflows.values())
    for sample in ("日本語", "Ü", "ê", "🛋️", "سياسة", "מדיניות", "/", "2048"):
        assert sample in names
    assert one(workflows, "2048")["name"].isdigit()
    counted = Counter(record["name"] for record in workflows.values())
    assert counted["Untitled Workflow"] == 2


def test_copies_of_the_catalogue_are_whole_in_most_and_empty_in_a_few(workflows: Workflows) -> None:
    full = [node for node in of_nodes(workflows) if node.get("config_definition")]
    bare = [
        node for node in one(workflows, "Contract summary")["definition"]["nodes"] if node["connector_config"]
    ]
    assert len(full) > 100
    assert bare == []
    keyed = one(workflows, "Support ticket triage")["definition"]["nodes"][4]["connector_config"]["inputs"][0]
    assert keyed["keys"] == ["Ticket", "Language", "Category"]
    assert keyed["type_definitions"]["Ticket"] == {"data_type": "str", "is_list": False}


def test_v1_edges_lead_from_known_connectors_to_known_ones(workflows: Workflows) -> None:
    for record in workflows.values():
        nodes = {node["id"]: node for node in record["definition"].get("nodes", [])}
        for edge in record["definition"].get("edges", []):
            for end, side in (("from_id", "outputs"), ("to_id", "inputs")):
                point = edge.get(end)
                node = nodes.get(point["node_id"]) if point else None
                if node and node["connector_config"]:
                    assert point["connector_name"] in [c["name"] for c in node["connector_config"][side]]


def test_dangling_edges_parallel_edges_self_loops_and_cycles(workflows: Workflows) -> None:
    old = one(workflows, "Old FAQ bot")["definition"]
    ids = {node["id"] for node in old["nodes"]}
    ends = [(edge["from_id"]["node_id"], edge["to_id"]["node_id"]) for edge in old["edges"]]
    assert any(start not in ids for start, _ in ends)
    assert any(end not in ids for _, end in ends)
    assert any(start == end for start, end in ends)
    assert max(Counter(ends).values()) > 1
    assert None in [edge["id"] for edge in old["edges"]]
    loop = one(workflows, "Draft, critique, improve")["definition"]["edges"]
    pairs = {(edge["from_id"]["node_id"], edge["to_id"]["node_id"]) for edge in loop}
    draft, critic, judge = (
        node["id"] for node in one(workflows, "Draft, critique")["definition"]["nodes"][1:4]
    )
    assert {(draft, critic), (critic, judge), (judge, draft)} <= pairs


def test_subflows_and_error_handlers_lead_to_workflows_mostly(workflows: Workflows) -> None:
    ids = {record["id"]: record for record in workflows.values()}
    called = [node["subflow_id"] for node in of_nodes(workflows) if node.get("subflow_id")]
    assert {target in ids for target in called} == {True, False}
    handlers = [record["error_handler"] for record in workflows.values() if record.get("error_handler")]
    assert {ids[handler]["type"] for handler in handlers if handler in ids} == {"handler"}
    assert any(handler not in ids for handler in handlers)


async def test_unknown_and_disabled_nodes(workflows: Workflows, api: httpx.AsyncClient) -> None:
    known = {node["type"] for node in (await api.get("/v1/nodes")).json()}
    used = {node["type"] for node in of_nodes(workflows)}
    assert used - known == {
        "ScheduleTriggerNode",
        "HaldenWarehouseNode",
        "HaldenLegacyStockNode",
        "VoiceCallNode",
    }
    assert len(used & known) >= 30
    assert any(node.get("enabled") is False for node in of_nodes(workflows))


def test_v2_tokens_and_bindings_point_at_nodes(workflows: Workflows) -> None:
    v2 = [record for record in workflows.values() if record.get("flow_version") == "v2"]
    assert len(v2) == 3
    seen = Counter[str]()
    for record in v2:
        nodes = record["definition"]["nodes"]
        ids = {node["id"] for node in nodes}
        for node in nodes:
            tokens = TOKEN.findall(repr(node["node_config"]))
            bound = [value.rpartition(".")[0] for value in node["variable_bindings"].values()]
            assert {target for target, _ in tokens} | set(bound) <= ids
            seen.update(token=len(tokens), bound=len(bound), parent=node["parent_id"] is not None)
            seen.update(unnamed=node["name"] is None, each=len(node["iterate_overrides"]))
            assert node["parent_id"] in ids | {None}
        assert all({edge["source"], edge["target"]} <= ids for edge in record["definition"]["edges"])
    assert min(seen[name] for name in ("token", "bound", "parent", "unnamed", "each")) > 0
    handles = [edge["source_handle"] for record in v2 for edge in record["definition"]["edges"]]
    assert {"when_true", "when_false", None} == set(handles)


def test_full_settings_differ_where_it_matters(workflows: Workflows) -> None:
    settings = [record["settings"] for record in workflows.values() if record.get("settings")]
    assert all(len(one) == 68 for one in settings)
    assert {one["violence_and_hate"] for one in settings} == {"Off", "High"}
    assert {one["guardrail_action"]["value"] for one in settings} == {"flag", "human", "replace"}
    assert {one["pii_lock"] for one in settings} == {True, False}
    assert any(isinstance(one["persona"], list) for one in settings)


def test_tags_and_deployments(workflows: Workflows) -> None:
    tags = Counter(tag for record in workflows.values() for tag in (record.get("meta") or {}).get("tags", []))
    assert tags["production"] == 3
    assert "多言語" in tags
    active = [(r.get("app_settings_v2") or {}).get("is_active") for r in workflows.values()]
    assert set(active) == {True, False, None}


async def test_several_versions_with_and_without_notes(workflows: Workflows, api: httpx.AsyncClient) -> None:
    counts = []
    notes = []
    for record in workflows.values():
        versions = (await api.get(f"/v1/workflows/{record['id']}/versions")).json()
        counts.append(len(versions))
        notes += [version["description"] for version in versions]
        graphs = [repr(version["definition"]) for version in versions]
        assert len(set(graphs)) == len(graphs)
    assert max(counts) == 3
    assert sum(count > 0 for count in counts) >= 6
    assert None in notes


async def test_runs_in_every_status_but_the_first_two(api: httpx.AsyncClient) -> None:
    runs = (await api.get("/v1/runs?size=100")).json()["items"]
    assert {run["status"] for run in runs} == {"completed", "failed", "stopped", "awaiting_human_feedback"}
    waiting = next(run for run in runs if run["status"] == "awaiting_human_feedback")
    assert (waiting["finished_at"], waiting["progress"]) == (None, 50)


def test_agents_link_to_workflows_in_both_ways_and_to_nowhere(
    agents: list[dict[str, Any]], workflows: Workflows
) -> None:
    ids = {record["id"]: record for record in workflows.values()}
    tools = [tool for agent in agents for tool in agent["definition"]["tools"]]
    linked = [tool["workflow_id"] for tool in tools if tool["type"] == "workflow"]
    assert {target in ids for target in linked} == {True, False}
    flows = [agent["definition"]["agent_flow_id"] for agent in agents if agent["definition"]["agent_flow_id"]]
    assert [ids[flow]["type"] for flow in flows if flow in ids] == ["agent_flow"]
    assert any(flow not in ids for flow in flows)
    assert "telepathy" in {tool["type"] for tool in tools}
    assert {agent["visible"] for agent in agents} == {True, False}
    spellings = {
        type(agent["definition"][name]) for agent in agents for name in ("persona", "extra_instructions")
    }
    assert spellings == {str, dict, list, type(None)}
    assert any(agent["draft_definition"] for agent in agents)
