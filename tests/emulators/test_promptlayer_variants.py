"""PromptLayer emulator: the documented contradictions, switched on one at a time."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest

from emulators.contract import COMMON_VARIANTS, EmulatorOptions
from emulators.registry import load

KEY = "pl_demo_promptlayer"
Switch = Callable[..., Any]


@pytest.fixture
async def client(in_process: Callable[..., Any]) -> AsyncIterator[httpx.AsyncClient]:
    async with in_process(load("promptlayer"), EmulatorOptions(api_key=KEY)) as connected:
        connected.headers["X-API-KEY"] = KEY
        yield connected


@pytest.fixture
def switch(client: httpx.AsyncClient) -> Switch:
    async def on(*names: str) -> None:
        answer = await client.put("/__emulator__/variants", json=list(names))
        assert answer.status_code == 200, answer.text

    return on


async def test_every_variant_has_a_test_here(client: httpx.AsyncClient) -> None:
    described = (await client.get("/__emulator__/")).json()["variants"]
    tested = {name.removeprefix("test_variant_") for name in globals() if name.startswith("test_variant_")}
    assert tested == described.keys() - COMMON_VARIANTS.keys()
    assert all(len(sentence) > 20 for sentence in described.values())


async def test_variant_example_shape(client: httpx.AsyncClient, switch: Switch) -> None:
    await switch("example_shape")
    document = (await client.get("/workflows/4101")).json()
    assert document["version_number"] == 4
    assert document.keys().isdisjoint({"version", "workflow_version_id", "commit_message", "created_at"})
    assert [node.keys().isdisjoint({"id", "workflow_version_id"}) for node in document["nodes"]] == [True] * 3
    assert document["external_ids"]


async def test_variant_sdk_wrapper(client: httpx.AsyncClient, switch: Switch) -> None:
    plain = (await client.get("/workflows/4101")).json()
    await switch("sdk_wrapper")
    document = (await client.get("/workflows/4101")).json()
    assert document == {**plain, "workflow": {"id": 4101, "name": "support-triage"}}


def _templates(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        node["configuration"]["template"]
        for node in document["nodes"]
        if "template" in (node["configuration"] or {})
    ]


async def test_variant_prompt_name(client: httpx.AsyncClient, switch: Switch) -> None:
    plain = _templates((await client.get("/workflows/4101?version=3")).json())
    await switch("prompt_name")
    renamed = _templates((await client.get("/workflows/4101?version=3")).json())
    assert renamed == [
        {"prompt_name": entry["name"], **{key: entry[key] for key in entry if key != "name"}}
        for entry in plain
    ]
    # A conversation's template is not what the contradiction is about.
    assert _templates((await client.get("/workflows/4103")).json()) == [{"name": "refund-dialogue"}]


async def test_variant_no_conditionals(client: httpx.AsyncClient, switch: Switch) -> None:
    await switch("no_conditionals")
    edges = (await client.get("/workflows/4101")).json()["edges"]
    assert [edge.keys() for edge in edges] == [{"id", "source_node_name", "target_node_name", "is_and"}] * 2
    await switch()
    assert (await client.get("/workflows/4101")).json()["edges"][0]["conditionals"]


async def test_variant_double_equals(client: httpx.AsyncClient, switch: Switch) -> None:
    await switch("double_equals")
    edges = (await client.get("/workflows/4101?version=2")).json()["edges"]
    assert [edge["conditionals"][0]["operator"] for edge in edges] == ["==", "!="]
    assert (await client.get("/workflows/4121")).status_code == 200


async def test_variant_failure_word(client: httpx.AsyncClient, switch: Switch) -> None:
    started = (await client.post("/workflows/4116/run", json={})).json()
    query = {
        "workflow_version_execution_id": started["workflow_version_execution_id"],
        "return_all_outputs": "true",
    }
    await asyncio.sleep(0.3)
    assert (await client.get("/workflow-version-execution-results", params=query)).json()["probe"][
        "status"
    ] == ("FAILED")
    await switch("failure_word")
    answer = await client.get("/workflow-version-execution-results", params=query)
    assert answer.json()["probe"]["status"] == "FAILURE"


async def test_variant_both_is_400(client: httpx.AsyncClient, switch: Switch) -> None:
    await switch("both_is_400")
    assert (await client.get("/workflows/4101?version=1&label=production")).status_code == 400
    body = {"workflow_version_number": 1, "workflow_label_name": "production"}
    assert (await client.post("/workflows/4101/run", json=body)).status_code == 400


async def test_variant_names_first(client: httpx.AsyncClient, switch: Switch) -> None:
    await switch("names_first")
    assert (await client.get("/workflows/4101")).json()["workflow_id"] == 4118
    assert (await client.get("/workflows/4102")).json()["workflow_id"] == 4102
    written = await client.patch("/rest/workflows/4101", json={})
    assert written.json()["workflow_id"] == 4118


async def test_variant_no_callbacks(client: httpx.AsyncClient, switch: Switch) -> None:
    await switch("no_callbacks")
    answer = await client.post("/workflows/4101/run", json={"callback_url": "http://127.0.0.1:9/x"})
    assert answer.status_code == 201


async def test_variant_error_key(client: httpx.AsyncClient, switch: Switch) -> None:
    await switch("error_key")
    answer = await client.get("/workflows/nothing")
    assert (answer.status_code, answer.json()) == (404, {"success": False, "error": "Workflow not found"})


async def test_variant_message_422(client: httpx.AsyncClient, switch: Switch) -> None:
    await switch("message_422")
    answer = await client.get("/workflows/4101?version=0")
    assert answer.status_code == 422
    assert answer.json() == {"success": False, "message": "query.version: Input should be greater than 0"}


async def test_variant_deleted_hidden(client: httpx.AsyncClient, switch: Switch) -> None:
    shown = (await client.get("/workflows")).json()
    await switch("deleted_hidden")
    hidden = (await client.get("/workflows")).json()
    assert hidden["total"] == shown["total"] - 1
    assert not any(item["is_deleted"] for item in hidden["items"])


async def test_variant_old_write_answers(client: httpx.AsyncClient, switch: Switch) -> None:
    await switch("old_write_answers")
    document = (await client.patch("/rest/workflows/4101", json={})).json()
    assert "external_ids" not in document
    assert document["message"]


async def test_variant_no_workspace_needed(client: httpx.AsyncClient, switch: Switch) -> None:
    await switch("no_workspace_needed")
    assert (await client.get("/api/public/v2/folders/entities")).status_code == 200
    answer = await client.get("/api/public/v2/folders/resolve-id", params={"path": "Support"})
    assert answer.json() == {"id": 41}
    foreign = await client.get("/api/public/v2/folders/entities", params={"workspace_id": 1})
    assert foreign.status_code == 400


async def test_variant_times_without_zone(client: httpx.AsyncClient, switch: Switch) -> None:
    await switch("times_without_zone")
    entities = (await client.get("/api/public/v2/folders/entities?workspace_id=417&folder_id=41")).json()
    assert {entity["created_at"] for entity in entities["entities"]} >= {"2026-05-04T09:12:00"}
    folder = (await client.patch("/api/public/v2/folders/41", json={"name": "Help"})).json()["folder"]
    assert folder["created_at"] == "2026-02-02T08:30:00"
    assert (await client.get("/workflows/4101")).json()["created_at"].endswith("+00:00")


async def test_variants_together(client: httpx.AsyncClient, switch: Switch) -> None:
    await switch("example_shape", "sdk_wrapper", "error_key", "message_422")
    document = (await client.get("/workflows/4101")).json()
    assert document["workflow"]["id"] == 4101
    assert "version" not in document
    answer = await client.get("/workflows/4101?version=x")
    assert answer.json().keys() == {"success", "error"}


async def test_an_unknown_variant_is_refused(client: httpx.AsyncClient) -> None:
    assert (await client.put("/__emulator__/variants", json=["upside_down"])).status_code == 400
