"""Promote, convert, read, change and detach: the link between an assistant and a workflow."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx
import pytest

from emulators.contract import EmulatorOptions
from emulators.registry import load

Connect = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]
KEY = "ak_test"


def llm(identifier: str | None, **parameters: Any) -> dict[str, Any]:
    node = {"id": identifier, "name": f"N {identifier}", "type": "freddyLLM", "parameters": parameters}
    return {key: value for key, value in node.items() if value is not None}


@pytest.fixture
async def api(in_process: Connect) -> AsyncIterator[httpx.AsyncClient]:
    async with in_process(load("aitronos"), EmulatorOptions(api_key=KEY)) as client:
        client.headers["x-api-key"] = KEY
        yield client


async def workflow(api: httpx.AsyncClient, *nodes: dict[str, Any], **body: Any) -> dict[str, Any]:
    definition = {"nodes": list(nodes), "connections": {}}
    response = await api.post("/v1/workflows", json={"name": "Flow", "definition": definition} | body)
    document: dict[str, Any] = response.json()
    return document


async def promote(api: httpx.AsyncClient, flow: dict[str, Any], **body: Any) -> httpx.Response:
    return await api.post(f"/v1/workflows/{flow['id']}/promote-to-assistant", json=body)


async def assistant(api: httpx.AsyncClient, identifier: str) -> dict[str, Any]:
    document: dict[str, Any] = (await api.get(f"/v1/assistants/{identifier}")).json()
    return document


async def promoted(api: httpx.AsyncClient) -> tuple[dict[str, Any], str]:
    flow = await workflow(api, llm("n1"))
    return flow, (await promote(api, flow)).json()["assistant_id"]


async def test_promoting_creates_an_assistant_with_the_nodes_settings(api: httpx.AsyncClient) -> None:
    settings = {
        "model": "gpt-4o-mini",
        "instructions": "Be brief.",
        "temperature": 0.1,
        "vector_store_ids": ["vs_1"],
        "rules": ["rule_1"],
        "tool_configurations": {"mcp_tools": [{"server_label": "kb"}]},
        "reasoning": {"effort": "high"},
    }
    flow = await workflow(api, llm("n1", **settings), description="What it does")
    response = await promote(api, flow)
    answer = response.json()
    assert response.status_code == 201
    assert list(answer) == ["assistant_id", "workflow_id", "message"]
    assert answer["workflow_id"] == flow["id"]
    made = await assistant(api, answer["assistant_id"])
    assert {
        "name": "Flow",
        "description": "What it does",
        "default_model_key": "gpt-4o-mini",
        "instructions": "Be brief.",
        "temperature": 0.1,
        "vector_store_ids": ["vs_1"],
        "rule_ids": ["rule_1"],
        "reasoning": {"effort": "high"},
        "workflow_id": flow["id"],
        "workflow_version": 1,
        "workflow_based": True,
    }.items() <= made.items()
    linked = (await api.get(f"/v1/workflows/{flow['id']}")).json()
    assert (linked["assistant_id"], linked["has_assistant"]) == (made["id"], False)


async def test_promoting_needs_no_body_and_takes_a_name(api: httpx.AsyncClient) -> None:
    flow = await workflow(api, llm("n1"))
    response = await api.post(f"/v1/workflows/{flow['id']}/promote-to-assistant")
    assert response.status_code == 201
    other = await workflow(api, llm("n1"))
    answer = (await promote(api, other, name="Called", description="So")).json()
    made = await assistant(api, answer["assistant_id"])
    assert (made["name"], made["description"]) == ("Called", "So")


async def test_settings_an_assistant_cannot_have_are_left_out(api: httpx.AsyncClient) -> None:
    nonsense = {"model": 7, "temperature": 9, "tool_configurations": {"mcp_tools": [1]}, "rules": "all"}
    flow = await workflow(api, llm("n1", reasoning={"effort": "extreme"}, **nonsense))
    made = await assistant(api, (await promote(api, flow)).json()["assistant_id"])
    assert (made["default_model_key"], made["temperature"]) == ("gpt-4o", 0.7)
    assert (made["tool_configurations"], made["rule_ids"], made["reasoning"]) == (None, None, None)


@pytest.mark.parametrize("kind", ["FreddyLLM", "freddyLLM", "flowplate-nodes.freddyLlm"])
async def test_the_other_editors_nodes_count_too(api: httpx.AsyncClient, kind: str) -> None:
    data = {"config": {"instructions": "Hi"}}
    flow = await workflow(api, {"id": "a", "type": kind, "data": data}, {"id": "b", "type": "Output"})
    made = await assistant(api, (await promote(api, flow)).json()["assistant_id"])
    assert made["instructions"] == "Hi"


async def test_several_nodes_need_a_primary_one(api: httpx.AsyncClient) -> None:
    flow = await workflow(api, llm("n1", instructions="one"), llm("n2", instructions="two"), llm(None))
    unclear = await promote(api, flow)
    assert unclear.status_code == 422
    assert unclear.json()["error"]["details"] == {"field": "primary_node_id"}
    assert (await promote(api, flow, primary_node_id="n9")).status_code == 422
    made = await assistant(api, (await promote(api, flow, primary_node_id="n2")).json()["assistant_id"])
    assert made["instructions"] == "two"


async def test_a_node_that_is_switched_off_does_not_count(api: httpx.AsyncClient) -> None:
    flow = await workflow(api, llm("n1"), llm("n2") | {"disabled": True})
    assert (await promote(api, flow, primary_node_id="n2")).status_code == 422
    assert (await promote(api, flow)).status_code == 201


@pytest.mark.parametrize(
    "definition", [{}, {"nodes": []}, {"steps": {}}, {"nodes": {"a": 1}}, {"nodes": [1, None]}]
)
async def test_without_such_a_node_there_is_nothing_to_promote(
    api: httpx.AsyncClient, definition: dict[str, Any]
) -> None:
    response = await promote(api, await workflow(api, definition=definition))
    assert response.status_code == 422
    assert response.json()["error"]["details"] == {"field": "definition"}


async def test_promoting_twice_conflicts(api: httpx.AsyncClient) -> None:
    flow, assistant_id = await promoted(api)
    response = await promote(api, flow)
    assert response.status_code == 409
    assert response.json()["error"]["details"] == {"assistant_id": assistant_id}


async def test_a_bad_promotion_body_is_refused(api: httpx.AsyncClient) -> None:
    response = await promote(api, await workflow(api, llm("n1")), primary_node_id=1, name="")
    assert response.status_code == 422
    errors = response.json()["error"]["details"]["errors"]
    assert [issue["field"] for issue in errors] == ["name", "primary_node_id"]


async def test_the_linked_workflow_is_the_workflow(api: httpx.AsyncClient) -> None:
    flow, assistant_id = await promoted(api)
    linked = await api.get(f"/v1/assistants/{assistant_id}/workflow")
    assert linked.json() == (await api.get(f"/v1/workflows/{flow['id']}")).json()


async def test_changing_the_linked_workflow_changes_the_workflow(api: httpx.AsyncClient) -> None:
    flow, assistant_id = await promoted(api)
    body = {"definition": {"nodes": [{"id": "a", "type": "assistant"}]}, "name": "Via the link"}
    response = await api.patch(f"/v1/assistants/{assistant_id}/workflow", json=body)
    assert response.status_code == 200
    changed = (await api.get(f"/v1/workflows/{flow['id']}")).json()
    assert response.json() == changed
    assert (changed["version"], changed["name"], changed["has_assistant"]) == (2, "Via the link", True)
    assert (await assistant(api, assistant_id))["workflow_version"] == 1
    bad = await api.patch(f"/v1/assistants/{assistant_id}/workflow", json={"definition": "x"})
    assert bad.status_code == 422


async def test_detaching_leaves_both_and_can_be_repeated(api: httpx.AsyncClient) -> None:
    flow, assistant_id = await promoted(api)
    path = f"/v1/assistants/{assistant_id}/workflow"
    first = await api.delete(path)
    assert first.status_code == 200
    assert first.json().keys() == {"assistant_id", "workflow_id", "message"}
    assert (first.json()["assistant_id"], first.json()["workflow_id"]) == (assistant_id, flow["id"])
    assert (await api.get(f"/v1/workflows/{flow['id']}")).json()["assistant_id"] is None
    assert (await assistant(api, assistant_id))["workflow_based"] is False
    second = await api.delete(path)
    assert (second.status_code, second.json()["workflow_id"]) == (200, None)


@pytest.mark.parametrize("method", ["GET", "PATCH"])
async def test_an_assistant_without_a_workflow_has_none_to_show(api: httpx.AsyncClient, method: str) -> None:
    _, assistant_id = await promoted(api)
    await api.delete(f"/v1/assistants/{assistant_id}/workflow")
    response = await api.request(method, f"/v1/assistants/{assistant_id}/workflow", json={})
    assert response.status_code == 404
    assert response.json()["error"]["details"] == {"resource_id": assistant_id}


async def test_converting_makes_a_workflow_that_can_be_promoted_back(api: httpx.AsyncClient) -> None:
    organization = (await api.get("/v1/workflows")).headers["aitronos-organization"]
    body = {"name": "Solo", "organization_id": organization, "instructions": "Hum.", "rule_ids": ["r1"]}
    solo = (await api.post("/v1/assistants", json=body)).json()
    response = await api.post(f"/v1/assistants/{solo['id']}/convert-to-workflow")
    answer = response.json()
    assert response.status_code == 201
    assert list(answer) == ["assistant_id", "workflow_id", "workflow"]
    made = answer["workflow"]
    assert (made["id"], made["name"], made["version"]) == (answer["workflow_id"], "Solo Workflow", 1)
    assert made == (await api.get(f"/v1/assistants/{solo['id']}/workflow")).json()
    assert [node["name"] for node in made["definition"]["nodes"]] == ["Chat Trigger", "FreddyLLM", "Reply"]
    await api.delete(f"/v1/assistants/{solo['id']}/workflow")
    again = await assistant(api, (await promote(api, made)).json()["assistant_id"])
    assert (again["instructions"], again["rule_ids"]) == ("Hum.", ["r1"])


async def test_converting_takes_a_name_and_happens_once(api: httpx.AsyncClient) -> None:
    _, assistant_id = await promoted(api)
    path = f"/v1/assistants/{assistant_id}/convert-to-workflow"
    assert (await api.post(path)).status_code == 409
    await api.delete(f"/v1/assistants/{assistant_id}/workflow")
    made = (await api.post(path, json={"workflow_name": "Mine", "description": "D"})).json()["workflow"]
    assert (made["name"], made["description"]) == ("Mine", "D")
    assert (await api.post(path, json={"workflow_name": 1})).status_code == 422


async def test_the_link_leaves_lines_in_the_history(api: httpx.AsyncClient) -> None:
    flow, assistant_id = await promoted(api)
    await api.delete(f"/v1/assistants/{assistant_id}/workflow")
    lines = (await api.get(f"/v1/assistants/{assistant_id}/history")).json()["audit_logs"]
    assert [line["action"] for line in lines] == ["workflow_detached", "workflow_linked", "created"]
    assert lines[1]["changes"] == [{"field": "workflow_id", "old_value": None, "new_value": flow["id"]}]


async def test_a_deleted_workflow_is_detached_from_its_assistant(api: httpx.AsyncClient) -> None:
    flow, assistant_id = await promoted(api)
    await api.delete(f"/v1/workflows/{flow['id']}")
    assert (await api.get(f"/v1/assistants/{assistant_id}/workflow")).status_code == 404
    assert (await api.delete(f"/v1/assistants/{assistant_id}/workflow")).json()["workflow_id"] is None
