"""Every async twin of the real noxus-sdk's workflow, version, run and agent calls, at least once."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from datetime import UTC, datetime
from typing import Any

import pytest
from noxus_sdk.client import Client
from noxus_sdk.errors import NotFoundError
from noxus_sdk.resources.assistants import AgentSettings, TriggerData, TriggerType
from noxus_sdk.resources.conversations import ConversationSettings, MessageRequest
from noxus_sdk.workflows import AgentFlowDefinition, WorkflowDefinition, WorkflowDefinitionV2

KEY = "nx_demo_noxus"


@pytest.fixture
def run(emulator: Callable[..., str]) -> Callable[[Callable[[Client], Coroutine[Any, Any, None]]], None]:
    base_url = emulator("noxus")

    def started(scenario: Callable[[Client], Coroutine[Any, Any, None]]) -> None:
        async def whole() -> None:
            async with Client(KEY, base_url=base_url) as client:
                await scenario(client)

        asyncio.run(whole())

    return started


async def collected(items: AsyncIterator[Any]) -> list[Any]:
    return [item async for item in items]


def echo(client: Client) -> WorkflowDefinition:
    flow = WorkflowDefinition(client=client, name="Echo")
    flow.link_many(flow.node("InputNode"), flow.node("SummaryNode"), flow.node("OutputNode"))
    return flow


async def workflows(client: Client) -> None:
    assert len(await client.workflows.alist(page=1, page_size=4)) == 4
    flow = await client.workflows.asave(echo(client))
    assert (await client.workflows.aget(flow.id)).to_noxus() == flow.to_noxus()
    flow.name = "Renamed"
    await client.workflows.aupdate(flow.id, flow, force=True)
    await flow.aupdate()
    assert (await flow.arefresh()).name == "Renamed"
    twin = await echo(client).asave()
    await client.workflows.adelete(twin.id)
    with pytest.raises(NotFoundError):
        await client.workflows.aget(twin.id)
    assert len(await client.aget_nodes()) > 25
    assert (await client.admin.aget_me()).tenant_admin is False


async def versions(client: Client) -> None:
    flow = await client.workflows.asave(echo(client))
    first = await client.workflows.asave_version(flow.id, flow, "one", None)
    second = await flow.asave_version("two")
    await client.workflows.aupdate_version(flow.id, str(first.id), "uno", None, flow)
    await flow.aupdate_version(str(second.id), "due", "note")
    names = [version.name for version in await client.workflows.alist_versions(flow.id)]
    assert names == [version.name for version in await flow.alist_versions()] == ["due", "uno"]
    assert (await client.workflows.aget_logs(flow.id))["rows"] == []
    assert "run_id" in await client.workflows.aget_logs_columns(flow.id)
    assert (await client.workflows.aexport_preview(flow.id))["missing"] == []
    blob = await client.workflows.aexport(flow.id, version="v4", version_id=str(first.id))
    (copy,) = await client.workflows.aimport_(blob, mode="clone", dry_run=False)
    assert copy["action"] == "created"


async def other_flows(client: Client) -> None:
    flow = AgentFlowDefinition(client=client, name="Greeter")
    flow.node("InputNode")
    saved = await client.agentflows.asave(flow)
    twin = await AgentFlowDefinition(client=client, name="Twin").asave()
    assert (await client.agentflows.aupdate(saved.id, saved)).name == "Greeter"
    await saved.aupdate(force=True)
    assert (await saved.arun()).name == "Greeter"
    assert len(await client.agentflows.alist()) == 4
    await client.agentflows.adelete(twin.id)
    assert (await client.agentflows.aget(saved.id)).type == "agent_flow"
    second = WorkflowDefinitionV2(client=client, name="V2")
    second.input("Question")
    await second.asave()
    await second.aupdate(force=True)
    assert (await (await second.arun({"Question": "?"})).a_wait()).status == "completed"
    assert (await collected(second.arun_and_stream({})))[-1].is_terminal


async def runs(client: Client) -> None:
    flow = await client.workflows.asave(echo(client))
    started = await flow.arun({"Input 1": "hi"})
    assert (await started.arefresh()).status == "running"
    assert (await started.a_wait(output_only=True)) == {"Output": "Output: hi"}
    assert (await started.a_wait()).status == "completed"
    assert (await collected((await flow.arun({})).astream()))[-1].is_terminal
    assert (await collected(flow.arun_and_stream({})))[-1].is_terminal
    assert len(await client.runs.alist(flow.id, page=1, page_size=2)) == 2
    assert (await client.runs.aget(flow.id, started.id)).status == "completed"
    assert (await client.runs.arun_sync(flow.id, {}))["status"] == "completed"
    assert (await (await flow.arun({"emulate": "running"})).astop()).status == "stopped"
    assert (await client.runs.astop((await flow.arun({})).id)).status == "stopped"


async def inside_runs(client: Client) -> None:
    flow = await client.workflows.asave(echo(client))
    done = await (await flow.arun({"Input 1": "needle"})).a_wait()
    assert (await done.adata())["status"] == "completed"
    assert (await client.runs.aget_data(done.id, fetch_structured_data=False))["nodes"]
    assert (await client.runs.aget_node_io(done.id, flow.nodes[0].id))["outputs"]
    (found,) = await client.runs.asearch("needle", limit=3)
    assert found["id"] == done.id
    assert (await done.adelete()).succeeded == 1
    again = await (await flow.arun({})).a_wait()
    assert (await client.runs.adelete(again.id)).matched == 1
    cutoff = datetime(2026, 9, 1, tzinfo=UTC)
    assert (await client.runs.abulk_delete(older_than=cutoff, dry_run=True)).matched == 1


async def triggers(client: Client) -> None:
    flow = next(one for one in await client.workflows.alist() if one.name == "Invoice extraction")
    (nightly,) = await client.triggers.alist(flow.id)
    assert len(await collected(client.triggers.aiter_events(flow.id, nightly["id"]))) == 4
    assert await client.triggers.alist_events(flow.id, nightly["id"], errored=True) == []
    assert len(await client.triggers.aevents(event_type="schedule")) == 4
    version = str((await flow.alist_versions())[0].id)
    made = await client.triggers.acreate(flow.id, {"type": "webhook"}, version)
    await client.triggers.aupdate(flow.id, made["id"], {"type": "email"})
    assert await client.triggers.adelete(made["id"]) is True


async def agents(client: Client) -> None:
    assert len(await client.agents.alist()) == 5
    settings = AgentSettings(model=["m"], temperature=0.5, tools=[])
    made = await client.agents.acreate("Async", settings)
    assert (await client.agents.aget(made.id)).definition == settings
    assert (await client.agents.aupdate(made.id, name="Renamed")).name == "Renamed"
    copy = await client.agents.aduplicate(made.id)
    await client.agents.apublish(copy.id)
    await client.agents.arestore(copy.id)
    assert len(await client.agents.alist_versions(copy.id)) == 1
    assert "workflow" in await client.agents.aget_tool_schemas()
    assert (await client.agents.aexport_preview(made.id))["artifacts"]
    (imported,) = await client.agents.aimport_(await client.agents.aexport(made.id), mode="replace")
    assert imported["id"] == made.id
    trigger = await made.aadd_trigger(TriggerData(trigger_type=TriggerType.SLACK, team_id="T"))
    assert [one.id for one in await made.atriggers()] == [trigger.id]
    await trigger.adelete()
    await client.agents.adelete(copy.id)
    assert len(await client.agents.alist()) == 6


async def deployments(client: Client) -> None:
    agent = next(one for one in await client.agents.alist() if one.name == "Support bot")
    version = (await client.agents.alist_versions(agent.id))[0]["id"]
    assert len(await client.deployments.alist_channels()) == 6
    made = await client.deployments.acreate(agent.id, channel_type="form", assistant_version_id=version)
    assert (await client.deployments.aactivate(agent.id, made["id"]))["is_active"] is True
    assert (await client.deployments.adeactivate(agent.id, made["id"]))["is_active"] is False
    await client.deployments.aupdate(agent.id, made["id"], {"name": "New"})
    assert (await client.deployments.aget(agent.id, made["id"]))["name"] == "New"
    assert len(await client.deployments.alist(agent.id)) == 3
    assert await collected(client.deployments.aiter_events(agent.id, made["id"])) == []
    assert await client.deployments.alist_events(agent.id, made["id"]) == []
    assert await client.deployments.adelete(agent.id, made["id"]) is True


async def conversations(client: Client) -> None:
    settings = ConversationSettings(model=["m"], temperature=0.5, tools=[])
    chat = await client.conversations.acreate("Async", settings=settings)
    message = MessageRequest(content="Hi")
    assert (await chat.achat(message)).parts[0]["kind"] == "response"
    await chat.aadd_message(message)
    assert len(await chat.aget_messages()) == 4
    assert (await collected(chat.astream(message)))[-1].event == "finish-step"
    assert (await collected(chat.aiter_messages()))[-1].event == "finish-step"
    assert (await client.conversations.aget(chat.id)).settings == settings
    assert (await client.conversations.aupdate(chat.id, name="New")).name == "New"
    assert len(await client.conversations.alist()) == 2
    await client.conversations.adelete(chat.id)


@pytest.mark.parametrize(
    "scenario",
    [workflows, versions, other_flows, runs, inside_runs, triggers, agents, deployments, conversations],
    ids=lambda scenario: scenario.__name__,
)
def test_async_twins(
    run: Callable[[Callable[[Client], Coroutine[Any, Any, None]]], None],
    scenario: Callable[[Client], Coroutine[Any, Any, None]],
) -> None:
    run(scenario)
