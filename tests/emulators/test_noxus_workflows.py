"""Noxus emulator: workflows, their versions and their logs."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from emulators.contract import EmulatorOptions
from emulators.registry import load

NOW = "2026-11-01T12:00:00Z"
MOMENT = datetime(2026, 11, 1, 12, tzinfo=UTC)
NODES = [
    {"id": "a", "type": "InputNode", "name": "In", "node_config": {"label": "Text", "type": "str"}},
    {"id": "b", "type": "OutputNode", "name": "Out", "node_config": {"label": "Same"}},
]
EDGES = [
    {
        "id": None,
        "from_id": {"node_id": "a", "connector_name": "output"},
        "to_id": {"node_id": "b", "connector_name": "input"},
    }
]
GRAPH: dict[str, Any] = {"flow_version": "v1", "nodes": NODES, "edges": EDGES}
BODY: dict[str, Any] = {"name": "Echo", "type": "flow", "definition": GRAPH}
FIELDS = [
    "id",
    "group_id",
    "name",
    "type",
    "definition",
    "workflow_hash",
    "meta",
    "settings",
    "last_updated_at",
    "last_run_at",
    "created_at",
    "deleted_at",
    "runs_count",
    "author_name",
    "description",
    "saved",
    "error_handler",
    "is_app_published",
    "app_settings_v2",
]


@pytest.fixture
async def api(in_process: Callable[..., Any]) -> AsyncIterator[httpx.AsyncClient]:
    options = EmulatorOptions(api_key="k", clock=lambda: MOMENT)
    async with in_process(load("noxus"), options) as client:
        client.headers["x-api-key"] = "k"
        yield client


async def named(api: httpx.AsyncClient, name: str) -> dict[str, Any]:
    found = (await api.get("/v1/workflows?size=100")).json()["items"]
    return next(one for one in found if one["name"] == name)


async def created(api: httpx.AsyncClient, **changed: Any) -> dict[str, Any]:
    answer = await api.post("/v1/workflows", json=BODY | changed)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_a_new_workflow_has_every_field_of_the_reference(api: httpx.AsyncClient) -> None:
    record = await created(api)
    assert list(record) == FIELDS
    assert record["definition"] == GRAPH
    assert (record["created_at"], record["last_updated_at"]) == (NOW, NOW)
    assert (record["runs_count"], record["deleted_at"], record["saved"]) == (0, None, True)
    assert record["settings"]["pii_anonimization"][0] == {"value": "PERSON", "label": "Name"}
    assert len(record["settings"]) == 68
    assert record["meta"]["tags"] == []


async def test_a_new_workflow_is_read_and_listed_first(api: httpx.AsyncClient) -> None:
    record = await created(api)
    assert (await api.get(f"/v1/workflows/{record['id']}")).json() == record
    assert (await api.get("/v1/workflows?size=1")).json()["items"] == [record]


async def test_of_two_made_at_one_moment_the_later_comes_first(api: httpx.AsyncClient) -> None:
    first, second = await created(api), await created(api)
    listed = (await api.get("/v1/workflows?size=2")).json()["items"]
    assert [one["id"] for one in listed] == [second["id"], first["id"]]


async def test_creating_takes_the_other_fields_of_the_record_too(api: httpx.AsyncClient) -> None:
    handler = await named(api, "Notify on failure")
    record = await created(
        api, description="d", saved=False, meta={"tags": ["x"]}, error_handler=handler["id"].upper(), noise=1
    )
    assert (record["description"], record["saved"], record["meta"]) == ("d", False, {"tags": ["x"]})
    assert record["error_handler"] == handler["id"]
    assert "noise" not in record


async def test_a_definition_may_be_empty(api: httpx.AsyncClient) -> None:
    assert (await created(api, definition={}))["definition"] == {}


async def test_v2_stands_at_the_top_too(api: httpx.AsyncClient) -> None:
    edges = [{"id": "e", "source": "a", "target": "b", "source_handle": None}]
    record = await created(api, definition={"flow_version": "v2", "nodes": NODES, "edges": edges})
    assert record["flow_version"] == "v2"
    back = await api.patch(f"/v1/workflows/{record['id']}", json={"definition": GRAPH})
    assert "flow_version" not in back.json()
    again = await api.patch(f"/v1/workflows/{record['id']}", json={"definition": {"flow_version": "v2"}})
    assert again.json()["flow_version"] == "v2"


@pytest.mark.parametrize(
    ("change", "where", "code"),
    [
        ({"name": None}, ["name"], "string_type"),
        ({"name": 7}, ["name"], "string_type"),
        ({"type": "robot"}, ["type"], "enum"),
        ({"type": ["flow"]}, ["type"], "enum"),
        ({"definition": None}, ["definition"], "dict_type"),
        ({"definition": []}, ["definition"], "dict_type"),
        ({"definition": {"flow_version": "v3"}}, ["definition", "flow_version"], "enum"),
        ({"definition": {"nodes": {}}}, ["definition", "nodes"], "list_type"),
        ({"definition": {"nodes": ["a"]}}, ["definition", "nodes", 0], "dict_type"),
        ({"definition": {"nodes": [{"type": "x"}]}}, ["definition", "nodes", 0, "id"], "missing"),
        ({"definition": {"nodes": [{"id": "x"}]}}, ["definition", "nodes", 0, "type"], "missing"),
        ({"definition": {"nodes": [NODES[0] | {"id": 1}]}}, ["definition", "nodes", 0, "id"], "string_type"),
        (
            {"definition": {"nodes": [NODES[0] | {"node_config": []}]}},
            ["definition", "nodes", 0, "node_config"],
            "dict_type",
        ),
        ({"definition": {"edges": [3]}}, ["definition", "edges", 0], "dict_type"),
        ({"definition": {"edges": [{"source": "a"}]}}, ["definition", "edges", 0, "target"], "missing"),
        (
            {"definition": {"edges": [EDGES[0] | {"to_id": None}]}},
            ["definition", "edges", 0, "to_id"],
            "dict_type",
        ),
        (
            {"definition": {"edges": [EDGES[0] | {"to_id": {"node_id": "b"}}]}},
            ["definition", "edges", 0, "to_id", "connector_name"],
            "missing",
        ),
        ({"error_handler": "me"}, ["error_handler"], "uuid_parsing"),
        ({"description": 1}, ["description"], "string_type"),
        ({"meta": []}, ["meta"], "dict_type"),
        ({"settings": "x"}, ["settings"], "dict_type"),
        ({"saved": "yes"}, ["saved"], "bool_type"),
    ],
)
async def test_refused_fields(
    api: httpx.AsyncClient, change: dict[str, Any], where: list[Any], code: str
) -> None:
    known = await named(api, "2048")
    for answer in (
        await api.post("/v1/workflows", json=BODY | change),
        await api.patch(f"/v1/workflows/{known['id']}", json=change),
    ):
        assert answer.status_code == 422
        (problem,) = answer.json()["detail"]
        assert list(problem) == ["loc", "msg", "type"]
        assert (problem["loc"], problem["type"]) == (["body", *where], code)
    assert await named(api, "2048") == known


async def test_every_problem_is_reported_at_once(api: httpx.AsyncClient) -> None:
    answer = await api.post("/v1/workflows", json={"error_handler": "x"})
    found = [(one["loc"][-1], one["type"]) for one in answer.json()["detail"]]
    assert found == [
        ("name", "missing"),
        ("type", "missing"),
        ("definition", "missing"),
        ("error_handler", "uuid_parsing"),
    ]


async def test_an_error_handler_must_exist(api: httpx.AsyncClient) -> None:
    answer = await api.post(
        "/v1/workflows", json=BODY | {"error_handler": "3c90c3cc-0d44-4b50-8888-8dd25736052a"}
    )
    assert (answer.status_code, answer.json()) == (400, {"detail": "Error handler workflow not found"})


async def test_patch_leaves_what_it_does_not_name(api: httpx.AsyncClient) -> None:
    before = await named(api, "Lead scoring")
    answer = await api.patch(f"/v1/workflows/{before['id']}", json={"name": "Leads"})
    assert answer.json() == before | {"name": "Leads", "last_updated_at": NOW}
    assert (await api.get(f"/v1/workflows/{before['id']}")).json() == answer.json()


async def test_patch_clears_what_may_be_null(api: httpx.AsyncClient) -> None:
    before = await named(api, "Refund decision")
    answer = await api.patch(
        f"/v1/workflows/{before['id']}", json={"description": None, "error_handler": None}
    )
    assert (answer.json()["description"], answer.json()["error_handler"]) == (None, None)


async def test_the_hash_follows_the_definition_only(api: httpx.AsyncClient) -> None:
    record = await created(api)
    renamed = (await api.patch(f"/v1/workflows/{record['id']}", json={"name": "Other"})).json()
    changed = await api.patch(f"/v1/workflows/{record['id']}", json={"definition": {"nodes": []}})
    assert renamed["workflow_hash"] == record["workflow_hash"]
    assert changed.json()["workflow_hash"] != record["workflow_hash"]
    assert (await created(api))["workflow_hash"] == record["workflow_hash"]


@pytest.mark.parametrize("spelling", ["True", "true", "1"])
async def test_a_live_app_is_overwritten_only_by_force(api: httpx.AsyncClient, spelling: str) -> None:
    live = await named(api, "Support ticket triage")
    path = f"/v1/workflows/{live['id']}"
    refused = await api.patch(f"{path}?force=False", json={"definition": GRAPH})
    assert refused.status_code == 409
    assert "force" in refused.json()["detail"]
    assert (await api.get(path)).json() == live
    assert (await api.patch(path, json={"name": "Renamed"})).status_code == 200
    forced = await api.patch(f"{path}?force={spelling}", json={"definition": GRAPH})
    assert forced.json()["definition"] == GRAPH


async def test_force_must_be_a_boolean(api: httpx.AsyncClient) -> None:
    answer = await api.patch(f"/v1/workflows/{(await named(api, '2048'))['id']}?force=maybe", json={})
    assert (answer.status_code, answer.json()["detail"][0]["type"]) == (422, "bool_parsing")


async def test_delete_is_final_for_reads_and_keeps_the_runs(api: httpx.AsyncClient) -> None:
    gone = await named(api, "Weekly sales digest")
    path, total = f"/v1/workflows/{gone['id']}", (await api.get("/v1/workflows")).json()["total"]
    runs = (await api.get("/v1/runs")).json()["total"]
    answer = await api.delete(path)
    assert (answer.status_code, answer.json()) == (200, {"success": True})
    for method, rest in (("GET", ""), ("PATCH", ""), ("DELETE", ""), ("GET", "/versions"), ("POST", "/runs")):
        again = await api.request(method, path + rest, json={})
        assert (again.status_code, again.json()) == (404, {"detail": "Workflow not found"}), (method, rest)
    assert (await api.get("/v1/workflows")).json()["total"] == total - 1
    assert (await api.get("/v1/runs")).json()["total"] == runs


@pytest.mark.parametrize(
    "kind", ["flow", "agent_flow", "handler", "ingestion", "inbox_process", "inbox_filtering"]
)
async def test_type_narrows_the_list(api: httpx.AsyncClient, kind: str) -> None:
    everything = (await api.get("/v1/workflows?size=100")).json()["items"]
    got = (await api.get(f"/v1/workflows?size=100&page_size=3&type={kind}")).json()
    assert got["items"] == [one for one in everything if one["type"] == kind] != []


async def test_a_type_nobody_knows_is_refused(api: httpx.AsyncClient) -> None:
    answer = await api.get("/v1/workflows?type=voice_session")
    (problem,) = answer.json()["detail"]
    assert (answer.status_code, problem["loc"], problem["type"]) == (422, ["query", "type"], "enum")
    assert problem["msg"].startswith("Input should be 'flow', 'agent_flow'")


async def test_versions_are_a_bare_array_with_the_newest_first(api: httpx.AsyncClient) -> None:
    triage = await named(api, "Support ticket triage")
    versions = (await api.get(f"/v1/workflows/{triage['id']}/versions")).json()
    assert [one["name"] for one in versions] == ["candidate", "v2 - better model", "v1"]
    assert list(versions[0]) == ["id", "name", "description", "created_at", "created_by", "definition"]
    assert triage["app_settings_v2"]["version_id"] == versions[1]["id"]
    assert (await api.get(f"/v1/workflows/{(await named(api, '2048'))['id']}/versions")).json() == []


async def test_a_version_is_saved_listed_and_changed(api: httpx.AsyncClient) -> None:
    record = await created(api)
    path = f"/v1/workflows/{record['id']}/versions"
    saved = (await api.post(path, json={"name": "one", "description": None, "definition": GRAPH})).json()
    assert (saved["created_at"], saved["definition"]) == (NOW, GRAPH)
    changed = await api.patch(f"{path}/{saved['id']}", json={"name": "uno", "description": "primo"})
    assert changed.json() == saved | {"name": "uno", "description": "primo"}
    cleared = await api.patch(f"{path}/{saved['id']}", json={"description": None, "definition": {}})
    assert (await api.get(path)).json() == [cleared.json()]
    assert (cleared.json()["description"], cleared.json()["definition"]) == (None, {})
    assert (await api.get(f"/v1/workflows/{record['id']}")).json() == record


async def test_a_version_needs_a_name_and_a_definition(api: httpx.AsyncClient) -> None:
    record = await created(api)
    answer = await api.post(f"/v1/workflows/{record['id']}/versions", json={"description": 1})
    assert answer.status_code == 422
    assert {one["loc"][-1] for one in answer.json()["detail"]} == {"name", "definition", "description"}


async def test_a_version_of_another_workflow_is_not_found(api: httpx.AsyncClient) -> None:
    triage, other = await named(api, "Support ticket triage"), await named(api, "2048")
    version = (await api.get(f"/v1/workflows/{triage['id']}/versions")).json()[0]
    answer = await api.patch(f"/v1/workflows/{other['id']}/versions/{version['id']}", json={"name": "x"})
    assert (answer.status_code, answer.json()) == (404, {"detail": "Workflow version not found"})


async def test_logs_have_a_row_per_run_and_the_columns_they_announce(api: httpx.AsyncClient) -> None:
    path = f"/v1/workflows/{(await named(api, 'Support ticket triage'))['id']}"
    columns = (await api.get(f"{path}/logs/columns")).json()
    log = (await api.get(f"{path}/logs")).json()
    assert columns == ["run_id", "status", "created_at", "finished_at", "Ticket", "Language", "Reply"]
    assert log["total"] == len(log["rows"]) == 4
    assert all(list(row) == columns for row in log["rows"])
    assert log["rows"][0]["Ticket"] == "My sofa came without legs"
    assert log["rows"][0]["Reply"].startswith("Reply: ")


async def test_logs_survive_a_meta_of_any_shape(api: httpx.AsyncClient) -> None:
    for meta in ({"columns": 5}, {"columns": ["x", {"name": "Y", "visible": True}]}, {}):
        record = await created(api, meta=meta)
        answer = await api.get(f"/v1/workflows/{record['id']}/logs/columns")
        assert answer.status_code == 200
