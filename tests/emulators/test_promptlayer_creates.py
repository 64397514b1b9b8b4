"""PromptLayer emulator: creating workflows and versions."""

import json
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


PAIR = [constant("a"), constant("b", output=True, needs=("a", "question"))]


async def create(client: httpx.AsyncClient, **body: Any) -> httpx.Response:
    return await client.post("/rest/workflows", json=body)


async def patch(client: httpx.AsyncClient, reference: str | int, **body: Any) -> httpx.Response:
    return await client.patch(f"/rest/workflows/{reference}", json=body)


async def read(client: httpx.AsyncClient, reference: str | int, **params: str | int) -> Document:
    answer = await client.get(f"/workflows/{reference}", params=params)
    assert answer.status_code == 200, answer.text
    document: Document = answer.json()
    return document


async def test_create_a_workflow(client: httpx.AsyncClient) -> None:
    answer = await create(
        client,
        name="Returns / label printing",
        folder_id=41,
        commit_message="first",
        nodes=PAIR,
        edges=[edge("a", "b")],
        required_input_variables={"question": "string"},
        release_labels=["production"],
        external_ids=[{"source": "erp", "external_id": "R-1"}],
    )
    assert answer.status_code == 201
    written = answer.json()
    assert written["success"] is True
    assert (written["version_number"], written["base_version"]) == (1, None)
    assert written["external_ids"] == [{"source": "erp", "external_id": "R-1"}]
    assert [node.keys() for node in written["nodes"]] == [{"id", "name", "node_type", "is_output_node"}] * 2
    document = await read(client, "Returns%20%2F%20label%20printing")
    assert document["workflow_id"] == written["workflow_id"]
    assert document["workflow_version_id"] == written["workflow_version_id"]
    assert document["commit_message"] == "first"
    assert document["created_at"] == "2026-11-02T09:30:00.250000+00:00"
    assert document["release_labels"] == ["production"]
    assert document["nodes"] == [
        {**node, "id": document["nodes"][index]["id"], "workflow_version_id": document["workflow_version_id"]}
        for index, node in enumerate(PAIR)
    ]
    assert document["edges"] == [{**edge("a", "b"), "id": document["edges"][0]["id"]}]
    listed = (await client.get("/workflows")).json()["items"][0]
    assert (listed["id"], listed["latest_version_number"]) == (written["workflow_id"], 1)


async def test_the_least_a_creation_needs(client: httpx.AsyncClient) -> None:
    node = {key: value for key, value in constant("only", output=True).items() if key != "dependencies"}
    written = (await create(client, nodes=[node])).json()
    assert written["workflow_name"] == f"Untitled workflow {written['workflow_id']}"
    assert (written["release_labels"], written["required_input_variables"]) == (None, {})
    document = await read(client, written["workflow_id"])
    assert document["nodes"][0]["dependencies"] == []
    assert (document["edges"], document["commit_message"]) == ([], None)


@pytest.mark.parametrize("target", [{"workflow_id": TRIAGE}, {"workflow_name": "support-triage"}])
async def test_create_a_version(client: httpx.AsyncClient, target: Document) -> None:
    before = await read(client, TRIAGE, version=4)
    written = await create(
        client, nodes=[constant("only", output=True)], release_labels=["production"], **target
    )
    assert written.status_code == 201
    assert (written.json()["workflow_id"], written.json()["version_number"]) == (TRIAGE, 5)
    assert (await read(client, TRIAGE))["version"] == 5
    assert await read(client, TRIAGE, version=4) == before


async def test_a_label_moves_and_keeps_its_id(client: httpx.AsyncClient) -> None:
    async def labels() -> dict[str, tuple[int, int]]:
        document = (await client.get(f"/workflows/{TRIAGE}/labels")).json()
        return {
            entry["release_label"]: (entry["release_label_id"], entry["workflow_version_number"])
            for entry in document["release_labels"]
        }

    before = await labels()
    written = (await patch(client, TRIAGE, release_labels=["production", "canary"])).json()
    assert written["release_labels"] == ["production", "canary"]
    after = await labels()
    assert after["production"] == (before["production"][0], 5)
    assert (after["staging"], after["eu-rollout"]) == (before["staging"], before["eu-rollout"])
    assert after["canary"][1] == 5
    assert (await read(client, TRIAGE, label="production"))["version"] == 5
    assert (await read(client, TRIAGE, version=3))["release_labels"] == ["eu-rollout"]


@pytest.mark.parametrize(
    ("body", "location", "kind"),
    [
        ({}, ["body", "nodes"], "missing"),
        ({"nodes": None}, ["body", "nodes"], "list_type"),
        ({"nodes": {}}, ["body", "nodes"], "list_type"),
        ({"nodes": ["a"]}, ["body", "nodes", 0], "model_attributes_type"),
        ({"nodes": [{**constant("a"), "name": ""}]}, ["body", "nodes", 0, "name"], "string_too_short"),
        ({"nodes": [{**constant("a"), "name": "x" * 256}]}, ["body", "nodes", 0, "name"], "string_too_long"),
        ({"nodes": [{**constant("a"), "name": 7}]}, ["body", "nodes", 0, "name"], "string_type"),
        ({"nodes": [{**constant("a"), "node_type": None}]}, ["body", "nodes", 0, "node_type"], "string_type"),
        (
            {"nodes": [{**constant("a"), "configuration": []}]},
            ["body", "nodes", 0, "configuration"],
            "dict_type",
        ),
        (
            {"nodes": [{**constant("a"), "is_output_node": "yes"}]},
            ["body", "nodes", 0, "is_output_node"],
            "bool_type",
        ),
        (
            {"nodes": [{**constant("a"), "dependencies": [1]}]},
            ["body", "nodes", 0, "dependencies", 0],
            "string_type",
        ),
        ({"nodes": PAIR, "name": ""}, ["body", "name"], "string_too_short"),
        ({"nodes": PAIR, "name": "x" * 256}, ["body", "name"], "string_too_long"),
        ({"nodes": PAIR, "name": 5}, ["body", "name"], "string_type"),
        ({"nodes": PAIR, "workflow_id": "4101"}, ["body", "workflow_id"], "int_type"),
        ({"nodes": PAIR, "workflow_id": True}, ["body", "workflow_id"], "int_type"),
        ({"nodes": PAIR, "release_labels": "production"}, ["body", "release_labels"], "list_type"),
        ({"nodes": PAIR, "release_labels": [1]}, ["body", "release_labels", 0], "string_type"),
        (
            {"nodes": PAIR, "required_input_variables": {"q": 1}},
            ["body", "required_input_variables", "q"],
            "string_type",
        ),
        (
            {"nodes": PAIR, "required_input_variables": None},
            ["body", "required_input_variables"],
            "dict_type",
        ),
        ({"nodes": PAIR, "edges": [{}]}, ["body", "edges", 0, "source_node_name"], "missing"),
        (
            {"nodes": PAIR, "edges": [edge("a", "b", conditionals=[])]},
            ["body", "edges", 0, "conditionals"],
            "too_short",
        ),
        (
            {"nodes": PAIR, "edges": [{**edge("a", "b"), "conditionals": [{"position": -1}]}]},
            ["body", "edges", 0, "conditionals", 0, "position"],
            "greater_than_equal",
        ),
        (
            {"nodes": PAIR, "external_ids": [{"source": "", "external_id": "1"}]},
            ["body", "external_ids", 0, "source"],
            "string_too_short",
        ),
        (
            {"nodes": PAIR, "external_ids": [{"source": "a", "external_id": "1", "kind": "x"}]},
            ["body", "external_ids", 0, "kind"],
            "extra_forbidden",
        ),
    ],
)
async def test_creations_of_the_wrong_shape(
    client: httpx.AsyncClient, body: Document, location: list[str | int], kind: str
) -> None:
    answer = await create(client, **body)
    assert answer.status_code == 422
    assert {"loc": location, "type": kind}.items() <= answer.json()["detail"][0].items()
    assert (await client.get("/workflows")).json()["total"] == 23


@pytest.mark.parametrize("operator", ["==", "contains", "", "IN"])
async def test_operators_outside_the_list(client: httpx.AsyncClient, operator: str) -> None:
    wrong = edge("a", "b")
    wrong["conditionals"] = [{**wrong["conditionals"][0], "operator": operator}]
    answer = await create(client, nodes=PAIR, edges=[wrong])
    assert answer.status_code == 422
    [entry] = answer.json()["detail"]
    assert (entry["loc"][-1], entry["type"]) == ("operator", "literal_error")


QUESTION = {"question": "string"}


@pytest.mark.parametrize(
    ("status", "body", "part"),
    [
        (400, {"nodes": []}, "output node"),
        (400, {"nodes": [constant("a")]}, "output node"),
        (400, {"nodes": [constant("a", output=True), constant("a")]}, "unique: a"),
        (400, {"nodes": PAIR}, "invalid dependencies: question"),
        (400, {"nodes": [constant("a", output=True, needs=("a",))]}, "Circular"),
        (400, {"nodes": [constant("a", output=True, needs=("b",)), constant("b", needs=("a",))]}, "Circular"),
        (
            400,
            {"nodes": PAIR, "required_input_variables": QUESTION, "edges": [edge("a", "z")]},
            "unknown nodes: z",
        ),
        (
            400,
            {"nodes": PAIR, "required_input_variables": QUESTION, "edges": [edge("b", "a")]},
            "must list 'b' in its dependencies",
        ),
        (400, {"name": "support-triage"}, "already exists"),
        (400, {"name": "x", "workflow_id": TRIAGE}, "one of"),
        (400, {"workflow_name": "support-triage", "workflow_id": TRIAGE}, "one of"),
        (404, {"workflow_id": 999_999}, "Workflow not found"),
        (404, {"workflow_id": 4122}, "Workflow not found"),
        (404, {"workflow_name": "nothing"}, "Workflow not found"),
        (404, {"name": "x", "folder_id": 999}, "Folder not found"),
        (
            409,
            {"name": "x", "external_ids": [{"source": "sap", "external_id": "Z_INV_01"}]},
            "already attached",
        ),
        (
            409,
            {"workflow_id": TRIAGE, "external_ids": [{"source": "sap", "external_id": "Z_INV_01"}]},
            "already attached",
        ),
        (
            409,
            {"external_ids": [{"source": "acme_cms", "external_id": "folder-support"}]},
            "already attached",
        ),
    ],
)
async def test_creations_that_are_refused_change_nothing(
    client: httpx.AsyncClient, status: int, body: Document, part: str
) -> None:
    answer = await create(client, **{"nodes": [constant("only", output=True)], **body})
    assert (answer.status_code, answer.json()["success"]) == (status, False)
    assert part in answer.json()["message"]
    assert (await client.get("/workflows")).json()["total"] == 23
    assert (await read(client, TRIAGE))["version"] == 4


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b'"x"',
        b"null",
        b'{"nodes": NaN}',
        b'{"nodes": 1e999}',
        b'{"name": "\\ud800"}',
        b"[" * 100_000,
    ],
)
@pytest.mark.parametrize(("method", "path"), [("POST", "/rest/workflows"), ("PATCH", "/rest/workflows/4101")])
async def test_bodies_that_are_no_json_object(
    client: httpx.AsyncClient, method: str, path: str, content: bytes
) -> None:
    answer = await client.request(method, path, content=content)
    assert (answer.status_code, answer.json()) == (400, {"success": False, "message": "Invalid request body"})


async def test_the_name_of_a_deleted_workflow_is_free(client: httpx.AsyncClient) -> None:
    answer = await create(client, name="old-newsletter-generator", nodes=[constant("only", output=True)])
    assert answer.status_code == 201
    assert (await read(client, "old-newsletter-generator"))["workflow_id"] == answer.json()["workflow_id"]


async def test_reset_makes_the_same_ids_again(client: httpx.AsyncClient) -> None:
    async def history() -> str:
        await create(client, name="twice", nodes=[constant("only", output=True)], release_labels=["x"])
        await patch(client, "twice")
        return json.dumps(await read(client, "twice")) + (await client.get("/workflows/twice/labels")).text

    first = await history()
    assert (await client.post("/__emulator__/reset")).status_code == 200
    assert (await client.get("/workflows/twice")).status_code == 404
    assert await history() == first
