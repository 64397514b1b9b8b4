"""PromptLayer emulator: what the seeded workspace holds."""

from collections import Counter
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx
import pytest

from emulators.contract import EmulatorOptions
from emulators.promptlayer import graph
from emulators.promptlayer.seed import drafts
from emulators.registry import load

KEY = "pl_demo_promptlayer"
BROKEN = {4120, 4121}
Document = dict[str, Any]


@pytest.fixture
async def client(in_process: Callable[..., Any]) -> AsyncIterator[httpx.AsyncClient]:
    async with in_process(load("promptlayer"), EmulatorOptions(api_key=KEY)) as connected:
        connected.headers["X-API-KEY"] = KEY
        yield connected


async def documents(client: httpx.AsyncClient) -> list[Document]:
    """Every version of every living workflow."""
    found = []
    for item in (await client.get("/workflows", params={"per_page": 100})).json()["items"]:
        for number in range(1, (item["latest_version_number"] or 0) + 1):
            answer = await client.get(f"/workflows/{item['id']}", params={"version": number})
            if not item["is_deleted"]:
                found.append(answer.json())
    return found


def operators(document: Document) -> set[str]:
    return {rule["operator"] for edge in document["edges"] for rule in edge.get("conditionals", [])}


async def test_there_are_many_and_they_differ(client: httpx.AsyncClient) -> None:
    found = await documents(client)
    latest = {document["workflow_id"]: document for document in found}
    assert len(latest) >= 20
    shapes = Counter(
        tuple((node["name"], node["node_type"]) for node in document["nodes"]) for document in latest.values()
    )
    assert max(shapes.values()) == 1


async def test_every_operator_and_every_important_node_type_occurs(client: httpx.AsyncClient) -> None:
    found = await documents(client)
    assert set().union(*map(operators, found)) == set(graph.OPERATORS)
    kinds = {node["node_type"] for document in found for node in document["nodes"]}
    assert kinds >= {"FOR_LOOP", "WHILE_LOOP", "WORKFLOW", "MCP", "PROMPT_TEMPLATE", "HUMAN", "CODING_AGENT"}
    assert {edge["is_and"] for document in found for edge in document["edges"]} == {True, False}


async def test_the_sizes(client: httpx.AsyncClient) -> None:
    sizes = [len(document["nodes"]) for document in await documents(client)]
    assert max(sizes) == 49
    assert min(sizes) == 0


async def test_names_of_every_kind(client: httpx.AsyncClient) -> None:
    names = [item["name"] for item in (await client.get("/workflows")).json()["items"]]
    ids = [str(item["id"]) for item in (await client.get("/workflows")).json()["items"]]
    assert len(set(names)) == len(names)
    assert any("/" in name and " " in name for name in names)
    assert any(name.isdigit() and name not in ids for name in names)
    assert any(name in ids for name in names)
    assert any(name != name.strip() for name in names)
    assert sum(not name.isascii() for name in names) >= 3


async def test_ids_look_like_the_vendors(client: httpx.AsyncClient) -> None:
    found = await documents(client)
    node_ids = [node["id"] for document in found for node in document["nodes"]]
    edge_ids = [edge["id"] for document in found for edge in document["edges"]]
    assert len(set(node_ids + edge_ids)) == len(node_ids + edge_ids)
    assert {str(UUID(one)) for one in node_ids + edge_ids} == set(node_ids + edge_ids)
    version_ids = [document["workflow_version_id"] for document in found]
    assert len(set(version_ids)) == len(version_ids)


async def test_version_ids_grow_with_time_and_times_lie_before_november(client: httpx.AsyncClient) -> None:
    dated = sorted(
        (document["workflow_version_id"], datetime.fromisoformat(document["created_at"]))
        for document in await documents(client)
        if document["created_at"] is not None
    )
    times = [time for _, time in dated]
    assert times == sorted(times)
    assert datetime(2026, 1, 1, tzinfo=UTC) < times[0]
    assert times[-1] < datetime(2026, 11, 1, tzinfo=UTC)


async def test_odd_ones(client: httpx.AsyncClient) -> None:
    hollow = (await client.get("/workflows/4120")).json()
    assert (hollow["nodes"], hollow["edges"], hollow["required_input_variables"]) == ([], [], None)
    imported = (await client.get("/workflows/4121")).json()
    assert imported["commit_message"] is imported["created_at"] is None
    assert imported["x_import"] == {"from": "v0", "warnings": 3}
    names = {node["name"] for node in imported["nodes"]}
    ends = {edge[key] for edge in imported["edges"] for key in ("source_node_name", "target_node_name")}
    assert ends - names == {"does_not_exist", "removed_node"}
    assert [edge for edge in imported["edges"] if "conditionals" not in edge]


@pytest.mark.parametrize("draft", drafts(), ids=lambda draft: str(draft.workflow_id))
def test_all_but_the_broken_ones_could_have_been_written_over_the_api(draft: Any) -> None:
    for release in draft.releases:
        if draft.workflow_id in BROKEN:
            with pytest.raises(graph.ApiError):
                graph.check(list(release.nodes), release.edges, release.variables)
        else:
            graph.check(list(release.nodes), release.edges, release.variables)


async def test_sub_workflows_exist(client: httpx.AsyncClient) -> None:
    wanted = [
        node["configuration"]["workflow_id"]
        for document in await documents(client)
        for node in document["nodes"]
        if node["node_type"] == "WORKFLOW"
    ]
    assert wanted
    for number in wanted:
        assert (await client.get(f"/workflows/{number}")).status_code == 200


async def test_two_emulators_have_the_same_seed(client: httpx.AsyncClient, in_process: Any) -> None:
    first = await documents(client)
    async with in_process(load("promptlayer"), EmulatorOptions(api_key=KEY)) as other:
        other.headers["X-API-KEY"] = KEY
        assert await documents(other) == first


async def test_reset_brings_the_seed_back(client: httpx.AsyncClient) -> None:
    before = await documents(client)
    await client.patch("/rest/workflows/4101", json={"release_labels": ["production"]})
    await client.patch("/api/public/v2/folders/41", json={"name": "Elsewhere"})
    assert await documents(client) != before
    await client.post("/__emulator__/reset")
    assert await documents(client) == before
    answer = await client.patch("/api/public/v2/folders/41", json={"name": "Support"})
    assert answer.status_code == 200
