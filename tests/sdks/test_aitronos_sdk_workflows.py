"""The real Aitronos SDK reads and writes workflows on the emulator."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from aitronos import Aitronos, AsyncAitronos
from aitronos.core.api_error import ApiError
from aitronos.types.workflow_response import WorkflowResponse

KEY = "ak_demo_aitronos"


@pytest.fixture
def url(emulator: Callable[..., str]) -> str:
    return emulator("aitronos")


@pytest.fixture
def client(url: str) -> Iterator[Aitronos]:
    with httpx.Client(timeout=10) as connection:
        yield Aitronos(base_url=url, api_key=KEY, httpx_client=connection)


def journal(url: str) -> list[tuple[str, str, str]]:
    seen = httpx.get(f"{url}/__emulator__/requests", headers={"x-api-key": KEY}).json()
    return [(request["method"], request["path"], request["query"]) for request in seen]


def test_listing_gives_every_workflow_as_the_sdk_knows_it(client: Aitronos, url: str) -> None:
    page = client.workflows.list_workflows()
    raw = httpx.get(f"{url}/v1/workflows", headers={"x-api-key": KEY}).json()
    assert (page.total, page.limit, page.offset) == (len(page.workflows), 50, 0)
    assert page.total >= 24
    for workflow, document in zip(page.workflows, raw["workflows"], strict=True):
        assert isinstance(workflow, WorkflowResponse)
        assert {name: getattr(workflow, name) for name in document} == document


def test_arguments_left_out_are_not_sent(client: Aitronos, url: str) -> None:
    client.workflows.list_workflows()
    client.workflows.list_workflows(active_only=True, limit=3, offset=1, external_id="a b")
    assert [query for _, _, query in journal(url)] == [
        "",
        "external_id=a+b&active_only=true&limit=3&offset=1",
    ]


def test_walking_the_pages_meets_every_workflow_once(client: Aitronos) -> None:
    walked: list[str] = []
    total = 1
    while len(walked) < total:
        page = client.workflows.list_workflows(limit=5, offset=len(walked))
        walked += [workflow.id for workflow in page.workflows]
        total = page.total
    assert len(set(walked)) == len(walked) == total


def test_filters(client: Aitronos) -> None:
    everything = client.workflows.list_workflows()
    active = client.workflows.list_workflows(active_only=True)
    assert [w.id for w in active.workflows] == [w.id for w in everything.workflows if w.is_active]
    assert active.total < everything.total
    one = client.workflows.list_workflows(external_id="fp_support_triage")
    assert [workflow.name for workflow in one.workflows] == ["Support triage"]


def test_a_life_from_creation_to_deletion(client: Aitronos) -> None:
    definition = {"nodes": [], "connections": {}, "x": None}
    created = client.workflows.create_workflow(name="Möbius", definition=definition, description="loops")
    assert (created.version, created.is_active, created.definition) == (1, True, definition)
    assert client.workflows.get_workflow(created.id) == created
    unchanged = client.workflows.update_workflow(created.id)
    assert unchanged == created
    changed = client.workflows.update_workflow(
        created.id, name="New", definition={}, is_active=False, description=None, external_id="fp_m"
    )
    assert (changed.name, changed.version, changed.is_active) == ("New", 2, False)
    assert (changed.description, changed.external_id) == (None, "fp_m")
    assert client.workflows.delete_workflow(created.id) is None
    with pytest.raises(ApiError) as gone:
        client.workflows.get_workflow(created.id)
    assert gone.value.status_code == 404


@pytest.mark.parametrize("variant", [None, "upsert_200"])
def test_creating_twice_with_an_external_id_updates(
    emulator: Callable[..., str], variant: str | None
) -> None:
    url = emulator("aitronos", *(["--variant", variant] if variant else []))
    with httpx.Client() as connection:
        client = Aitronos(base_url=url, api_key=KEY, httpx_client=connection)
        first = client.workflows.create_workflow(name="One", definition={"a": 1}, external_id="fp_x")
        raw = client.workflows.with_raw_response.create_workflow(
            name="Two", definition={"a": 2}, external_id="fp_x"
        )
        assert (raw.data.id, raw.data.name, raw.data.version) == (first.id, "Two", 2)
        assert client.workflows.list_workflows(external_id="fp_x").total == 1
        assert client.workflows.create_workflow(name="One", definition={}).id != first.id


def test_promoting(client: Aitronos) -> None:
    triage = client.workflows.list_workflows(external_id="fp_tour_ideas").workflows[0]
    promoted = client.workflows.promote_workflow_to_assistant(triage.id)
    assert promoted.workflow_id == triage.id
    assert promoted.message
    assistant = client.assistants.get_assistant(promoted.assistant_id)
    assert (assistant.name, assistant.workflow_id, assistant.workflow_based) == (
        "Tour ideas",
        triage.id,
        True,
    )
    assert assistant.temperature == 0.8
    assert client.workflows.get_workflow(triage.id).assistant_id == assistant.id


def test_promoting_with_several_models_takes_the_named_one(client: Aitronos) -> None:
    flow = client.workflows.list_workflows(external_id="fp_returns").workflows[0]
    models = [node for node in flow.definition["nodes"] if node["type"] == "freddyLLM"]
    promoted = client.workflows.promote_workflow_to_assistant(
        flow.id, name="Returns clerk", description="Decides", primary_node_id=models[-1]["id"]
    )
    assistant = client.assistants.get_assistant(promoted.assistant_id)
    assert (assistant.name, assistant.description) == ("Returns clerk", "Decides")
    assert assistant.instructions == models[-1]["parameters"]["instructions"]
    assert assistant.reasoning is not None
    assert assistant.reasoning.effort == "medium"


# The gateway has its own request ids.
@pytest.mark.parametrize("way", ["emulator"])
def test_the_raw_client_shows_status_and_headers(client: Aitronos) -> None:
    raw = client.workflows.with_raw_response
    created = raw.create_workflow(name="Raw", definition={})
    assert created.headers["freddy-api-version"] == "2025-01-01"
    assert created.headers["x-request-id"].startswith("req_")
    assert raw.get_workflow(created.data.id).data == created.data
    assert raw.delete_workflow(created.data.id).data is None


def test_minimal_workflows_without_their_optional_fields(emulator: Callable[..., str]) -> None:
    url = emulator("aitronos", "--variant", "omit_nulls")
    with httpx.Client() as connection:
        client = Aitronos(base_url=url, api_key=KEY, httpx_client=connection)
        blank = next(w for w in client.workflows.list_workflows().workflows if w.definition == {})
    assert (blank.external_id, blank.assistant_id, blank.created_by) == (None, None, None)


def test_the_async_client_does_all_of_it(url: str) -> None:
    async def walk() -> dict[str, Any]:
        async with httpx.AsyncClient() as connection:
            flows = AsyncAitronos(base_url=url, api_key=KEY, httpx_client=connection).workflows
            node = {"id": "n1", "type": "freddyLLM", "parameters": {"temperature": 0.3}}
            created = await flows.create_workflow(name="Async", definition={"nodes": [node]})
            changed = await flows.update_workflow(created.id, description="yes")
            promoted = await flows.promote_workflow_to_assistant(created.id, name="Promoted")
            listed = await flows.list_workflows(limit=1)
            read = await flows.get_workflow(created.id)
            await flows.delete_workflow(created.id)
            return {
                "changed": changed.description,
                "linked": read.assistant_id == promoted.assistant_id,
                "newest": listed.workflows[0].id == created.id,
                "left": (await flows.list_workflows()).total == listed.total - 1,
            }

    assert asyncio.run(walk()) == {"changed": "yes", "linked": True, "newest": True, "left": True}
