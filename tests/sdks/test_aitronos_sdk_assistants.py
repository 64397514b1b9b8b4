"""The real Aitronos SDK handles assistants and their link to workflows on the emulator."""

import asyncio
import inspect
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from aitronos import Aitronos, AsyncAitronos
from aitronos.assistants.client import AssistantsClient, AsyncAssistantsClient
from aitronos.core.api_error import ApiError
from aitronos.types.mcp_tool_schema import McpToolSchema
from aitronos.types.reasoning_config_schema import ReasoningConfigSchema
from aitronos.types.system_tool_schema import SystemToolSchema
from aitronos.types.tool_configuration_schema import ToolConfigurationSchema
from aitronos.workflows.client import AsyncWorkflowsClient, WorkflowsClient

KEY = "ak_demo_aitronos"


@pytest.fixture
def url(emulator: Callable[..., str]) -> str:
    return emulator("aitronos")


@pytest.fixture
def client(url: str) -> Iterator[Aitronos]:
    with httpx.Client(timeout=10) as connection:
        yield Aitronos(base_url=url, api_key=KEY, httpx_client=connection)


def organization_of(client: Aitronos) -> str:
    return client.workflows.list_workflows(limit=1).workflows[0].organization_id


@pytest.mark.parametrize("detail", [None, "summary", "standard", "full"])
def test_listing_in_every_detail(client: Aitronos, detail: str | None) -> None:
    organization = organization_of(client)
    page = client.assistants.list_assistants(organization_id=organization, fields=detail, limit=2)
    assert page.organization_id == organization
    assert (page.total, page.pagination.total, page.pagination.has_more) == (6, 6, True)
    assert (page.filters_applied.sort_by, page.filters_applied.include_inactive) == ("name", False)
    assert page.user_context.organization_count == 1
    assert [assistant.name for assistant in page.assistants] == ["Bergquell Helpdesk", "Gear Advisor"]
    assert page.assistants[0].workflow_based is True


def test_listing_with_every_filter(client: Aitronos) -> None:
    page = client.assistants.list_assistants(
        organization_id=organization_of(client),
        limit=10,
        offset=0,
        search="expert",
        access_mode="private",
        vector_store_id="vs_4hd81kq0ta2m",
        visible_in_chat=True,
        for_chat=True,
        include_inactive=True,
        sort_by="updated_at",
        sort_order="desc",
        fields="full",
    )
    assert [assistant.name for assistant in page.assistants] == ["Warranty Expert"]


def test_a_life_from_creation_to_deletion(client: Aitronos) -> None:
    tools = ToolConfigurationSchema(
        system_tools={"web_search": SystemToolSchema(mode="auto", sources=True), "off": None},
        mcp_tools=[McpToolSchema(server_label="kb", allowed_tools=["find"], require_approval="never")],
        streamline_tools=["sl_1"],
    )
    created = client.assistants.create_assistant(
        name="Made here",
        organization_id=organization_of(client),
        temperature=0.25,
        tool_configurations=tools,
        reasoning=ReasoningConfigSchema(effort="maximum", summary="off"),
        metadata={"team": "blue"},
        json_schemas=[{"type": "object"}],
    )
    assert (created.default_model_key, created.temperature, created.workflow_based) == ("gpt-4o", 0.25, False)
    assert created.tool_configurations is not None
    assert created.tool_configurations.mcp_tools is not None
    assert created.tool_configurations.mcp_tools[0].server_label == "kb"
    assert client.assistants.get_assistant(created.id) == created
    changed = client.assistants.update_assistant(
        created.id, name="Renamed", assistant_metadata={"team": "red"}, is_active=False
    )
    assert (changed.name, changed.metadata, changed.is_active) == ("Renamed", {"team": "red"}, False)
    assert changed.temperature == 0.25
    lines = client.assistants.get_assistant_history(created.id, action="updated")
    assert lines.pagination.total == 1
    changes = lines.audit_logs[0].changes or []
    assert {change.field for change in changes} == {"name", "metadata", "is_active"}
    assert client.assistants.delete_assistant(created.id) is None
    with pytest.raises(ApiError) as gone:
        client.assistants.get_assistant(created.id)
    assert gone.value.status_code == 404


def test_the_history_with_every_filter(client: Aitronos) -> None:
    page = client.assistants.list_assistants(organization_id=organization_of(client), search="helpdesk")
    history = client.assistants.get_assistant_history(
        page.assistants[0].id,
        action="created",
        user_id=None,
        start_date="2026-05-01T00:00:00Z",
        end_date="2026-06-01T00:00:00Z",
        limit=1,
        offset=0,
    )
    assert [line.action for line in history.audit_logs] == ["created"]
    assert history.audit_logs[0].user_name == "Jonas Frey"
    assert history.pagination.has_more is False


def test_the_linked_workflow_is_read_changed_and_detached(client: Aitronos) -> None:
    page = client.assistants.list_assistants(organization_id=organization_of(client), search="helpdesk")
    helpdesk = page.assistants[0]
    linked = client.assistants.get_assistant_workflow(helpdesk.id)
    assert linked == client.workflows.get_workflow(str(helpdesk.workflow_id))
    assert client.assistants.update_assistant_workflow(helpdesk.id) == linked
    changed = client.assistants.update_assistant_workflow(
        helpdesk.id,
        name="Triage",
        description=None,
        definition={"nodes": []},
        is_active=True,
        external_id="fp_n",
    )
    assert (changed.name, changed.version, changed.has_assistant) == ("Triage", linked.version + 1, False)
    detached = client.assistants.detach_assistant_workflow(helpdesk.id)
    assert (detached.assistant_id, detached.workflow_id) == (helpdesk.id, linked.id)
    again = client.assistants.detach_assistant_workflow(helpdesk.id)
    assert (again.workflow_id, bool(again.message)) == (None, True)
    with pytest.raises(ApiError) as none:
        client.assistants.get_assistant_workflow(helpdesk.id)
    assert none.value.status_code == 404
    assert client.workflows.get_workflow(linked.id).assistant_id is None


@pytest.mark.parametrize("variant", [None, "convert_200"])
def test_converting_an_assistant(emulator: Callable[..., str], variant: str | None) -> None:
    url = emulator("aitronos", *(["--variant", variant] if variant else []))
    with httpx.Client() as connection:
        client = Aitronos(base_url=url, api_key=KEY, httpx_client=connection)
        page = client.assistants.list_assistants(organization_id=organization_of(client), search="gear")
        advisor = page.assistants[0]
        converted = client.assistants.convert_assistant_to_workflow(
            advisor.id, description="Made of an assistant"
        )
        assert (converted.workflow.id, converted.workflow.name) == (
            converted.workflow_id,
            "Gear Advisor Workflow",
        )
        assert converted.workflow.assistant_id == advisor.id
        assert client.assistants.get_assistant(advisor.id).workflow_version == 1


def test_warming(client: Aitronos) -> None:
    page = client.assistants.list_assistants(organization_id=organization_of(client), limit=1)
    warmed = client.assistants.warm_assistant_cache(page.assistants[0].id)
    assert warmed["assistant_id"] == page.assistants[0].id


def calls(assistants: Any, workflows: Any, ids: dict[str, str]) -> dict[str, Callable[[], Any]]:
    """Every call of both clients in an order in which each can succeed."""
    flow, solo, organization = ids["flow"], ids["solo"], ids["organization"]
    return {
        "list_workflows": workflows.list_workflows,
        "create_workflow": lambda: workflows.create_workflow(name="x", definition={}),
        "get_workflow": lambda: workflows.get_workflow(flow),
        "update_workflow": lambda: workflows.update_workflow(flow),
        "promote_workflow_to_assistant": lambda: workflows.promote_workflow_to_assistant(flow),
        "delete_workflow": lambda: workflows.delete_workflow(flow),
        "list_assistants": lambda: assistants.list_assistants(organization_id=organization),
        "create_assistant": lambda: assistants.create_assistant(name="x", organization_id=organization),
        "get_assistant": lambda: assistants.get_assistant(solo),
        "update_assistant": lambda: assistants.update_assistant(solo),
        "convert_assistant_to_workflow": lambda: assistants.convert_assistant_to_workflow(solo),
        "get_assistant_workflow": lambda: assistants.get_assistant_workflow(solo),
        "update_assistant_workflow": lambda: assistants.update_assistant_workflow(solo),
        "detach_assistant_workflow": lambda: assistants.detach_assistant_workflow(solo),
        "warm_assistant_cache": lambda: assistants.warm_assistant_cache(solo),
        "get_assistant_history": lambda: assistants.get_assistant_history(solo),
        "delete_assistant": lambda: assistants.delete_assistant(solo),
    }


def ids_for(client: Aitronos) -> dict[str, str]:
    organization = organization_of(client)
    page = client.assistants.list_assistants(organization_id=organization, search="gear")
    flow = client.workflows.list_workflows(external_id="fp_tour_ideas").workflows[0]
    return {"flow": flow.id, "solo": page.assistants[0].id, "organization": organization}


def public(*clients: type) -> set[str]:
    return {
        name
        for client in clients
        for name, _ in inspect.getmembers(client, inspect.isfunction)
        if not name.startswith("_")
    }


def test_there_is_no_call_the_emulator_does_not_answer(client: Aitronos) -> None:
    table = calls(client.assistants, client.workflows, ids_for(client))
    assert set(table) == public(WorkflowsClient, AssistantsClient)
    answers = {name: call() for name, call in table.items()}
    assert {name for name, answer in answers.items() if answer is None} == {
        "delete_workflow",
        "delete_assistant",
    }


def test_there_is_no_async_call_the_emulator_does_not_answer(client: Aitronos, url: str) -> None:
    ids = ids_for(client)

    async def walk() -> set[str]:
        async with httpx.AsyncClient() as connection:
            twin = AsyncAitronos(base_url=url, api_key=KEY, httpx_client=connection)
            table = calls(twin.assistants, twin.workflows, ids)
            for call in table.values():
                await call()
            return set(table)

    assert asyncio.run(walk()) == public(AsyncWorkflowsClient, AsyncAssistantsClient)
