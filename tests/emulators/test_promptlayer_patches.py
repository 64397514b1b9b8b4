"""PromptLayer emulator: patching, which merges into a new version."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from emulators.contract import EmulatorOptions
from emulators.registry import load

KEY = "pl_demo_promptlayer"
NOW = datetime(2026, 11, 2, 9, 30, 0, 250_000, UTC)
TRIAGE = 4101
Document = dict[str, Any]


@pytest.fixture
async def client(in_process: Callable[..., Any]) -> AsyncIterator[httpx.AsyncClient]:
    options = EmulatorOptions(api_key=KEY, clock=lambda: NOW)
    async with in_process(load("promptlayer"), options) as connected:
        connected.headers["X-API-KEY"] = KEY
        yield connected


def constant(name: str, *, output: bool = False, needs: tuple[str, ...] = ()) -> Document:
    return {
        "name": name,
        "node_type": "VARIABLE",
        "configuration": {"value": {"type": "string", "value": name}},
        "is_output_node": output,
        "dependencies": list(needs),
    }


def edge(source: str, target: str, **changes: object) -> Document:
    rule = {
        "position": 0,
        "operator": "=",
        "left_config": {"type": "source", "source": {"name": source}},
        "right_config": {"type": "static_value", "static_value": 1},
    }
    return {
        "source_node_name": source,
        "target_node_name": target,
        "is_and": True,
        "conditionals": [rule],
        **changes,
    }


async def create(client: httpx.AsyncClient, **body: Any) -> httpx.Response:
    return await client.post("/rest/workflows", json=body)


async def patch(client: httpx.AsyncClient, reference: str | int, **body: Any) -> httpx.Response:
    return await client.patch(f"/rest/workflows/{reference}", json=body)


async def read(client: httpx.AsyncClient, reference: str | int, **params: str | int) -> Document:
    answer = await client.get(f"/workflows/{reference}", params=params)
    assert answer.status_code == 200, answer.text
    document: Document = answer.json()
    return document


async def test_a_patch_merges_nodes_by_name(client: httpx.AsyncClient) -> None:
    base = await read(client, TRIAGE, version=3)
    changes = {
        "billing_reply": {
            "configuration": {"template": {"label": "production"}, "engine": {"model": "gpt-4o"}}
        },
        "order_lookup": None,
        "general_reply": {"dependencies": ["classify"], "is_output_node": False, "node_type": None},
        "footer": {"node_type": "VARIABLE", "configuration": {"value": {"type": "string", "value": "-"}}},
    }
    answer = await patch(client, TRIAGE, base_version=3, commit_message="merge", nodes=changes)
    assert answer.status_code == 201
    assert (answer.json()["base_version"], answer.json()["version_number"]) == (3, 5)
    document = await read(client, TRIAGE)
    before = {node["name"]: node for node in base["nodes"]}
    after = {node["name"]: node for node in document["nodes"]}
    assert list(after) == ["classify", "billing_reply", "general_reply", "footer"]
    assert after["billing_reply"]["configuration"] == {
        "template": {"name": "billing-reply", "label": "production"},
        "prompt_template_variable_mappings": {"question": "user_message", "intent": "classify"},
        "engine": {"model": "gpt-4o"},
    }
    assert after["billing_reply"]["dependencies"] == before["billing_reply"]["dependencies"]
    assert after["general_reply"]["dependencies"] == ["classify"]
    assert after["general_reply"]["is_output_node"] is False
    assert after["general_reply"]["node_type"] == "PROMPT_TEMPLATE"
    assert after["footer"]["is_output_node"] is False
    assert after["footer"]["dependencies"] == []
    assert document["required_input_variables"] == base["required_input_variables"]
    assert document["release_labels"] == []
    assert after["classify"]["id"] != before["classify"]["id"]
    without_ids = [{key: value for key, value in one.items() if key != "id"} for one in document["edges"]]
    assert without_ids == [{key: value for key, value in one.items() if key != "id"} for one in base["edges"]]


async def test_copied_edges_lose_what_touches_a_removed_node(client: httpx.AsyncClient) -> None:
    await patch(client, TRIAGE, base_version=2, nodes={"billing_reply": None})
    document = await read(client, TRIAGE)
    assert [(one["source_node_name"], one["target_node_name"]) for one in document["edges"]] == [
        ("classify", "general_reply")
    ]


async def test_given_edges_and_variables_replace(client: httpx.AsyncClient) -> None:
    new = edge("classify", "general_reply")
    variables = {"user_message": "string", "locale": "string"}
    await patch(client, TRIAGE, edges=[new], required_input_variables=variables)
    document = await read(client, TRIAGE)
    assert [{**new, "id": document["edges"][0]["id"]}] == document["edges"]
    assert document["required_input_variables"] == variables
    await patch(client, TRIAGE, edges=[])
    assert (await read(client, TRIAGE))["edges"] == []


async def test_an_empty_patch_is_a_new_version(client: httpx.AsyncClient) -> None:
    answer = await patch(client, "support-triage")
    assert (answer.status_code, answer.json()["version_number"]) == (201, 5)
    document, base = await read(client, TRIAGE), await read(client, TRIAGE, version=4)
    assert document["commit_message"] is None
    assert [node["configuration"] for node in document["nodes"]] == [
        node["configuration"] for node in base["nodes"]
    ]


async def test_nulls_at_the_top_of_a_patch_are_like_nothing(client: httpx.AsyncClient) -> None:
    names = ("base_version", "commit_message", "nodes", "required_input_variables", "edges", "release_labels")
    answer = await patch(client, TRIAGE, **dict.fromkeys(names))
    assert (answer.status_code, answer.json()["base_version"]) == (201, 4)


async def test_a_patch_cannot_rename_or_move(client: httpx.AsyncClient) -> None:
    answer = await patch(client, TRIAGE, name="other", folder_id=44, nodes={"classify": {"name": "sort"}})
    assert answer.status_code == 201
    assert answer.json()["workflow_name"] == "support-triage"
    assert [node["name"] for node in answer.json()["nodes"]] == ["classify", "billing_reply", "general_reply"]


async def test_a_patch_by_a_name_with_slashes(client: httpx.AsyncClient) -> None:
    answer = await patch(client, "Help%20Centre%20%2F%20RAG%20answers", commit_message="x")
    assert (answer.status_code, answer.json()["workflow_id"]) == (201, 4102)


@pytest.mark.parametrize(
    ("status", "body", "part"),
    [
        (400, {"nodes": {"ghost": None}}, "Cannot remove node 'ghost'"),
        (400, {"nodes": {"new": {}}}, "needs node_type and configuration"),
        (400, {"nodes": {"new": {"node_type": "VARIABLE"}}}, "needs node_type and configuration"),
        (400, {"nodes": {"": {"node_type": "VARIABLE", "configuration": {}}}}, "1 to 255"),
        (
            400,
            {
                "nodes": {
                    "billing_reply": {"is_output_node": False},
                    "general_reply": {"is_output_node": False},
                }
            },
            "output node",
        ),
        (400, {"nodes": {"classify": None}}, "invalid dependencies: classify"),
        (400, {"nodes": {"classify": {"dependencies": ["nobody"]}}}, "invalid dependencies: nobody"),
        (400, {"nodes": {"general_reply": {"dependencies": []}}}, "must list 'classify'"),
        (400, {"required_input_variables": {}}, "invalid dependencies: user_message"),
        (404, {"base_version": 99}, "Base version not found"),
        (404, {"base_version": 0}, "Base version not found"),
    ],
)
async def test_patches_that_are_refused_change_nothing(
    client: httpx.AsyncClient, status: int, body: Document, part: str
) -> None:
    before = await read(client, TRIAGE)
    answer = await patch(client, TRIAGE, **body)
    assert (answer.status_code, answer.json()["success"]) == (status, False)
    assert part in answer.json()["message"]
    assert await read(client, TRIAGE) == before


@pytest.mark.parametrize(
    ("body", "location", "kind"),
    [
        ({"nodes": []}, ["body", "nodes"], "dict_type"),
        ({"nodes": {"a": 1}}, ["body", "nodes", "a"], "model_attributes_type"),
        ({"nodes": {"a": {"configuration": "x"}}}, ["body", "nodes", "a", "configuration"], "dict_type"),
        ({"base_version": "3"}, ["body", "base_version"], "int_type"),
        ({"commit_message": 1}, ["body", "commit_message"], "string_type"),
        ({"edges": {}}, ["body", "edges"], "list_type"),
    ],
)
async def test_patches_of_the_wrong_shape(
    client: httpx.AsyncClient, body: Document, location: list[str], kind: str
) -> None:
    answer = await patch(client, TRIAGE, **body)
    assert answer.status_code == 422
    [entry] = answer.json()["detail"]
    assert (entry["loc"], entry["type"]) == (location, kind)


@pytest.mark.parametrize("reference", ["999999", "nothing", "4122"])
async def test_patches_of_nothing(client: httpx.AsyncClient, reference: str) -> None:
    answer = await patch(client, reference)
    assert (answer.status_code, answer.json()["message"]) == (404, "Workflow not found")


async def test_a_workflow_without_a_version_has_no_base(client: httpx.AsyncClient) -> None:
    assert (await patch(client, 4119)).json()["message"] == "Base version not found"
    created = await create(client, workflow_id=4119, nodes=[constant("only", output=True)])
    assert created.json()["version_number"] == 1


async def test_the_broken_import_cannot_be_patched_as_it_is(client: httpx.AsyncClient) -> None:
    answer = await patch(client, 4121, commit_message="x")
    assert (answer.status_code, "invalid dependencies" in answer.json()["message"]) == (400, True)
