"""Noxus emulator: export and import of workflows and agents."""

import base64
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
import yaml

from emulators.registry import load


@pytest.fixture
async def api(in_process: Callable[..., Any]) -> AsyncIterator[httpx.AsyncClient]:
    async with in_process(load("noxus")) as client:
        client.headers["x-api-key"] = "nx_demo_noxus"
        yield client


async def named(api: httpx.AsyncClient, kind: str, name: str) -> dict[str, Any]:
    found = (await api.get(f"/v1/{kind}?size=100")).json()["items"]
    return next(one for one in found if one["name"] == name)


async def bundle(api: httpx.AsyncClient, path: str, query: str = "") -> str:
    answer = await api.post(f"{path}/export{query}")
    assert answer.status_code == 200, answer.text
    return answer.text


async def taken(api: httpx.AsyncClient, kind: str, text: str, query: str = "") -> list[dict[str, Any]]:
    answer = await api.post(f"/v1/{kind}/import{query}", json={"definition": text, "version": "auto"})
    assert answer.status_code == 200, answer.text
    return list(answer.json())


async def test_preview_lists_what_the_workflow_needs(api: httpx.AsyncClient) -> None:
    refund = await named(api, "workflows", "Refund decision")
    preview = (await api.get(f"/v1/workflows/{refund['id']}/export/preview")).json()
    names = [item["name"] for item in preview["artifacts"]]
    assert names == ["Refund decision", "Refund policy lookup", "Notify on failure"]
    assert preview["missing"] == []


async def test_preview_says_what_leads_nowhere(api: httpx.AsyncClient) -> None:
    old = await named(api, "workflows", "Old FAQ bot (do not use)")
    preview = (await api.get(f"/v1/workflows/{old['id']}/export/preview")).json()
    assert len(preview["artifacts"]) == 1
    assert len(preview["missing"]) == 2
    assert old["error_handler"] in preview["missing"]


async def test_what_is_needed_twice_or_by_itself_is_carried_once(api: httpx.AsyncClient) -> None:
    other = await named(api, "workflows", "2048")
    body = {"name": "Twice", "type": "flow", "definition": {}}
    made = (await api.post("/v1/workflows", json=body)).json()
    called = [other["id"], other["id"], made["id"]]
    nodes = [{"id": str(n), "type": "InvokeSubflowNode", "subflow_id": one} for n, one in enumerate(called)]
    await api.patch(f"/v1/workflows/{made['id']}", json={"definition": {"nodes": nodes}})
    preview = (await api.get(f"/v1/workflows/{made['id']}/export/preview")).json()
    assert [item["id"] for item in preview["artifacts"]] == [made["id"], other["id"]]


async def test_a_v2_flow_names_its_subflow_in_its_configuration(api: httpx.AsyncClient) -> None:
    flow = await named(api, "workflows", "Supplier onboarding")
    preview = (await api.get(f"/v1/workflows/{flow['id']}/export/preview")).json()
    assert preview["artifacts"][1]["name"] == "Refund policy lookup"


@pytest.mark.parametrize("wanted", ["", "?version=auto", "?version=v3"])
async def test_auto_and_v3_are_base64_of_the_whole(api: httpx.AsyncClient, wanted: str) -> None:
    refund = await named(api, "workflows", "Refund decision")
    text = json.loads(base64.b64decode(await bundle(api, f"/v1/workflows/{refund['id']}", wanted)))
    assert (text["version"], text["root"], text["set_active_on_import"]) == ("v3", refund["id"], False)
    assert text["artifacts"][0]["definition"] == refund["definition"]
    assert len(text["artifacts"]) == 3


async def test_v4_is_several_yaml_documents(api: httpx.AsyncClient) -> None:
    refund = await named(api, "workflows", "Refund decision")
    query = "?version=v4&include_dependencies=false&set_active_on_import=true"
    documents = list(yaml.safe_load_all(await bundle(api, f"/v1/workflows/{refund['id']}", query)))
    assert documents[0] == {
        "nx": "v4",
        "kind": "workflow",
        "root": refund["id"],
        "set_active_on_import": True,
    }
    assert [one["name"] for one in documents[1:]] == ["Refund decision"]
    assert documents[1]["definition"] == refund["definition"]


async def test_a_version_can_be_exported(api: httpx.AsyncClient) -> None:
    leads = await named(api, "workflows", "Lead scoring")
    path = f"/v1/workflows/{leads['id']}"
    oldest = (await api.get(f"{path}/versions")).json()[-1]
    text = await bundle(api, path, f"?version_id={oldest['id']}")
    assert json.loads(base64.b64decode(text))["artifacts"][0]["definition"] == oldest["definition"]
    for rest, status in (("?version_id=3c90c3cc-0d44-4b50-8888-8dd25736052a", 404), ("?version_id=1", 422)):
        assert (await api.post(f"{path}/export{rest}")).status_code == status
        assert (await api.get(f"{path}/export/preview{rest}")).status_code == status


@pytest.mark.parametrize("query", ["?version=v5", "?include_dependencies=perhaps", "?set_active_on_import=2"])
async def test_export_refuses_unknown_words(api: httpx.AsyncClient, query: str) -> None:
    flow = await named(api, "workflows", "2048")
    assert (await api.post(f"/v1/workflows/{flow['id']}/export{query}")).status_code == 422


@pytest.mark.parametrize("wanted", ["v3", "v4"])
async def test_a_clone_gets_new_ids_that_still_point_at_each_other(
    api: httpx.AsyncClient, wanted: str
) -> None:
    refund = await named(api, "workflows", "Refund decision")
    text = await bundle(api, f"/v1/workflows/{refund['id']}", f"?version={wanted}")
    answers = await taken(api, "workflows", text)
    assert [one["action"] for one in answers] == ["created"] * 3
    assert answers[0]["source_id"] == refund["id"] != answers[0]["id"]
    copy = (await api.get(f"/v1/workflows/{answers[0]['id']}")).json()
    called = next(node for node in copy["definition"]["nodes"] if node["subflow_id"])
    assert called["subflow_id"] == called["subflow_config"]["workflow_id"] == answers[1]["id"]
    assert copy["error_handler"] == answers[2]["id"]
    assert copy["settings"] == refund["settings"]
    handler = (await api.get(f"/v1/workflows/{answers[2]['id']}")).json()
    assert handler["type"] == "handler"


async def test_a_dry_run_writes_nothing(api: httpx.AsyncClient) -> None:
    refund = await named(api, "workflows", "Refund decision")
    before = (await api.get("/v1/workflows?size=100")).json()
    text = await bundle(api, f"/v1/workflows/{refund['id']}")
    for mode, action in (("clone", "created"), ("version", "version_added"), ("replace", "replaced")):
        answers = await taken(api, "workflows", text, f"?mode={mode}&dry_run=True&activate=True")
        assert {one["action"] for one in answers} == {action}
        assert all(one["dry_run"] for one in answers)
    assert (await api.get("/v1/workflows?size=100")).json() == before


@pytest.mark.parametrize("activate", ["true", "false"])
async def test_mode_version_adds_one_and_activates_it_on_demand(
    api: httpx.AsyncClient, activate: str
) -> None:
    leads = await named(api, "workflows", "Lead scoring")
    path = f"/v1/workflows/{leads['id']}"
    oldest = (await api.get(f"{path}/versions")).json()[-1]
    text = await bundle(api, path, f"?version_id={oldest['id']}")
    (answer,) = await taken(api, "workflows", text, f"?mode=version&activate={activate}")
    assert (answer["id"], answer["action"]) == (leads["id"], "version_added")
    assert (await api.get(f"{path}/versions")).json()[0]["definition"] == oldest["definition"]
    now = (await api.get(path)).json()["definition"]
    assert (now == oldest["definition"]) == (activate == "true")


async def test_a_bundle_may_ask_to_be_activated(api: httpx.AsyncClient) -> None:
    leads = await named(api, "workflows", "Lead scoring")
    path = f"/v1/workflows/{leads['id']}"
    oldest = (await api.get(f"{path}/versions")).json()[-1]
    text = await bundle(api, path, f"?version_id={oldest['id']}&set_active_on_import=true")
    await taken(api, "workflows", text, "?mode=version")
    assert (await api.get(path)).json()["definition"] == oldest["definition"]


async def test_mode_replace_overwrites_and_brings_back_the_deleted_as_new(api: httpx.AsyncClient) -> None:
    flow = await named(api, "workflows", "2048")
    path = f"/v1/workflows/{flow['id']}"
    text = await bundle(api, path)
    await api.patch(path, json={"name": "4096", "definition": {}})
    (answer,) = await taken(api, "workflows", text, "?mode=replace")
    assert answer["action"] == "replaced"
    now = (await api.get(path)).json()
    assert (now["name"], now["definition"]) == ("2048", flow["definition"])
    await api.delete(path)
    (answer,) = await taken(api, "workflows", text, "?mode=replace")
    assert (answer["action"], answer["id"] == flow["id"]) == ("created", False)


def _packed(*artifacts: Any) -> str:
    return base64.b64encode(json.dumps({"artifacts": list(artifacts)}).encode()).decode()


@pytest.mark.parametrize(
    "body",
    [
        {"definition": "", "version": "auto"},
        {"definition": "not a bundle at all"},
        {"definition": "%%%", "version": "v3"},
        {"definition": "a: [1", "version": "v4"},
        {"definition": "2026-01-01", "version": "v4"},
        {"definition": base64.b64encode(b"[]").decode(), "version": "v3"},
        {"definition": base64.b64encode(b"\xff").decode(), "version": "v3"},
        {"definition": _packed(), "version": "v3"},
        {"definition": _packed("x"), "version": "v3"},
        {"definition": _packed({"id": "1", "name": "n"}), "version": "v3"},
        {"definition": _packed({"id": "1", "name": "n", "definition": {"nodes": [1]}}), "version": "v3"},
        {"definition": _packed({"id": "1", "name": "n", "definition": {}, "flow_type": "robot"})},
        {"definition": _packed({"id": "1", "name": "n", "definition": {}}), "version": "v4"},
    ],
)
async def test_what_is_no_bundle_is_400(api: httpx.AsyncClient, body: dict[str, Any]) -> None:
    answer = await api.post("/v1/workflows/import", json=body)
    assert (answer.status_code, answer.json()) == (400, {"detail": "Invalid bundle"})


@pytest.mark.parametrize(
    ("query", "body"),
    [
        ("", {}),
        ("", {"definition": 3}),
        ("", {"definition": "x", "version": "v9"}),
        ("?mode=merge", {"definition": "x"}),
        ("?dry_run=soon", {"definition": "x"}),
        ("?activate=soon", {"definition": "x"}),
    ],
)
async def test_import_checks_its_request(api: httpx.AsyncClient, query: str, body: dict[str, Any]) -> None:
    for kind in ("workflows", "agents"):
        assert (await api.post(f"/v1/{kind}/import{query}", json=body)).status_code == 422


@pytest.mark.parametrize("wanted", ["v3", "v4"])
async def test_agents_travel_too(api: httpx.AsyncClient, wanted: str) -> None:
    agent = await named(api, "agents", "会議メモ係 📝")
    path = f"/v1/agents/{agent['id']}"
    preview = (await api.get(f"{path}/export/preview")).json()
    assert preview["artifacts"] == [{"type": "agent", "id": agent["id"], "name": agent["name"]}]
    assert len(preview["missing"]) == 1
    text = await bundle(api, path, f"?version={wanted}")
    (dry,) = await taken(api, "agents", text, "?dry_run=true")
    (answer,) = await taken(api, "agents", text)
    assert (dry["id"], answer["action"]) == (None, "created")
    assert (await api.get(f"/v1/agents/{answer['id']}")).json()["definition"] == agent["definition"]


async def test_agents_are_replaced_or_versioned(api: httpx.AsyncClient) -> None:
    agent = await named(api, "agents", "Support bot")
    path = f"/v1/agents/{agent['id']}"
    july = (await api.get(f"{path}/versions")).json()["items"][-1]
    text = await bundle(api, path, f"?version_id={july['id']}")
    (added,) = await taken(api, "agents", text, "?mode=version")
    assert added["action"] == "version_added"
    assert (await api.get(f"{path}/versions")).json()["items"][0]["definition"] == july["definition"]
    assert (await api.get(path)).json()["definition"] == agent["definition"]
    await taken(api, "agents", text, "?mode=replace")
    assert (await api.get(path)).json()["definition"] == july["definition"]
    for rest, status in (("?version_id=3c90c3cc-0d44-4b50-8888-8dd25736052a", 404), ("?version_id=1", 422)):
        assert (await api.post(f"{path}/export{rest}")).status_code == status


async def test_a_workflow_bundle_is_no_agent_bundle(api: httpx.AsyncClient) -> None:
    flow = await named(api, "workflows", "2048")
    text = await bundle(api, f"/v1/workflows/{flow['id']}")
    assert (await api.post("/v1/agents/import", json={"definition": text})).status_code == 400
