"""The real noxus-sdk manages agents, deployments and conversations on the emulator."""

from collections.abc import Callable, Iterator

import pytest
from noxus_sdk.client import Client
from noxus_sdk.errors import NotFoundError, NoxusApiError
from noxus_sdk.resources.assistants import AgentSettings, TriggerData, TriggerType
from noxus_sdk.resources.conversations import (
    ConversationSettings,
    KnowledgeBaseQaTool,
    MessageRequest,
    WebResearchTool,
    WorkflowTool,
)

KEY = "nx_demo_noxus"


@pytest.fixture
def client(emulator: Callable[..., str]) -> Iterator[Client]:
    with Client(KEY, base_url=emulator("noxus"), load_nodes=False, load_me=False) as opened:
        yield opened


def settings(**changed: object) -> AgentSettings:
    return AgentSettings(**({"model": ["gpt-4o"], "temperature": 0.7, "tools": []} | changed))


def test_the_seeded_agents_are_readable(client: Client) -> None:
    agents = {agent.name: agent for agent in client.agents.list()}
    assert len(agents) == 5
    bot = agents["Support bot"]
    assert bot.definition.model == ["chat-balanced", "gpt-4o"]
    assert (bot.definition.tone, bot.definition.extra_instructions) == (
        "Friendly, short",
        "Cite your sources.",
    )
    linked = [tool.workflow_id for tool in bot.definition.tools if isinstance(tool, WorkflowTool)]
    assert len(linked) == 2
    assert client.get(f"/v1/workflows/{linked[0]}")["name"] == "Support ticket triage"
    flow = agents["Returns assistant"].definition.agent_flow_id
    assert client.get(f"/v1/workflows/{flow}")["type"] == "agent_flow"
    assert agents["会議メモ係 📝"].definition.tools[1].range_km == 3
    assert agents["Sales copilot"].draft_definition.temperature == 0.9


def test_an_agent_is_created_read_updated_and_deleted(client: Client) -> None:
    tools = [WebResearchTool(), KnowledgeBaseQaTool(kb_id="kb"), WorkflowTool(workflow_id="w")]
    made = client.agents.create("Helper", settings(tools=tools, extra_instructions="Be brief."))
    assert (
        client.agents.get(made.id).definition
        == made.definition
        == settings(tools=tools, extra_instructions="Be brief.")
    )
    assert client.agents.update(made.id, name="Renamed").definition == made.definition
    assert client.agents.update(made.id, settings=settings(temperature=0.1)).name == "Renamed"
    shown = client.agents.update(made.id, settings=settings(temperature=1.0), preview=True)
    assert (shown.definition.temperature, client.agents.get(made.id).definition.temperature) == (1.0, 0.1)
    assert made.update("Again", settings(max_tokens=5)).definition.max_tokens == 5
    client.agents.delete(made.id)
    with pytest.raises(NotFoundError, match="Agent not found"):
        client.agents.get(made.id)


def test_lifecycle(client: Client) -> None:
    agent = next(one for one in client.agents.list() if one.name == "Sales copilot")
    copy = client.agents.duplicate(agent.id)
    assert client.agents.restore(copy.id)["draft_definition"] is None
    published = client.agents.publish(agent.id)
    assert published["definition"]["temperature"] == 0.9
    (version,) = client.agents.list_versions(agent.id, page=1, page_size=5)
    assert version["assistant_id"] == agent.id
    copy.delete()
    assert len(client.agents.list()) == 5
    assert client.agents.get_tool_schemas()["kb_qa"]["required"] == ["type", "kb_id"]


@pytest.mark.parametrize("version", ["auto", "v3", "v4"])
def test_export_and_import(client: Client, version: str) -> None:
    agent = next(one for one in client.agents.list() if one.name == "Support bot")
    oldest = client.agents.list_versions(agent.id)[-1]
    assert client.agents.export_preview(agent.id)["artifacts"][0]["name"] == "Support bot"
    assert client.agents.export_preview(agent.id, version_id=oldest["id"])["artifacts"]
    blob = client.agents.export(agent.id, version=version, version_id=oldest["id"], set_active_on_import=True)
    (trial,) = client.agents.import_(blob, dry_run=True)
    (copy,) = client.agents.import_(blob, version=version)
    assert (trial["id"], client.agents.get(copy["id"]).definition.temperature) == (None, 0.7)
    (replaced,) = client.agents.import_(blob, mode="replace", activate=True)
    assert (replaced["id"], client.agents.get(agent.id).definition.temperature) == (agent.id, 0.7)


def test_agent_triggers(client: Client) -> None:
    agent = client.agents.create("Chatty", settings())
    made = agent.add_trigger(TriggerData(trigger_type=TriggerType.TEAMS, team_id="T1", channel="general"))
    assert [trigger.id for trigger in agent.triggers()] == [made.id]
    made.delete()
    assert agent.triggers() == []


def test_deployments(client: Client) -> None:
    agent = next(one for one in client.agents.list() if one.name == "Support bot")
    widget = client.deployments.list(agent.id)[-1]
    events = list(client.deployments.iter_events(agent.id, widget["id"], page_size=2))
    assert events[:2] == client.deployments.list_events(agent.id, widget["id"], page_size=2)
    assert len(events) == 3
    assert "slack" in [channel["channel_type"] for channel in client.deployments.list_channels()]
    made = client.deployments.create(agent.id, channel_type="form", alias="ask-us", config={"title": "?"})
    with pytest.raises(NoxusApiError, match="Alias already in use"):
        client.deployments.create(agent.id, channel_type="form", alias="ask-us")
    version = client.agents.list_versions(agent.id)[0]["id"]
    client.deployments.update(agent.id, made["id"], {"assistant_version_id": version, "alias": None})
    assert client.deployments.activate(agent.id, made["id"])["is_active"] is True
    assert client.deployments.deactivate(agent.id, made["id"])["is_active"] is False
    assert client.deployments.get(agent.id, made["id"])["alias"] is None
    assert client.deployments.delete(agent.id, made["id"]) is True


def test_conversations(client: Client) -> None:
    agent = next(one for one in client.agents.list() if one.name == "Support bot")
    bound = client.conversations.create("With the bot", agent_id=agent.id)
    assert (bound.agent_id, bound.settings.temperature) == (agent.id, 0.4)
    own = client.conversations.create("Own", settings=ConversationSettings(**settings().model_dump()))
    message = MessageRequest(content="Where is my sofa?")
    reply = own.chat(message)
    assert reply.parts[0]["parts"][0]["content"] == "You said: Where is my sofa?"
    assert own.add_message(message).message_parts[0]["role"] == "assistant"
    assert len(own.get_messages()) == 4
    told = "".join(event.data["delta"] for event in own.stream(message) if event.event == "text-delta")
    assert told.strip() == "You said: Where is my sofa?"
    assert [event.event for event in own.stream(message, format="vercel")][-1] == "message"
    # Its etag is from before the latest turns, so the events tell the last one again.
    assert next(iter(own.iter_messages())).event == "text-delta"
    assert own.refresh().agent_id is None
    assert list(own.iter_messages()) == []
    assert client.conversations.update(own.id, name="Renamed").name == "Renamed"
    assert [one.name for one in client.conversations.list()] == ["Renamed", "Where is my sofa?"]
    assert client.conversations.get(bound.id).messages == []
    client.conversations.delete(own.id)
    assert len(client.conversations.list()) == 1
