"""Agents and conversations of Halden Home, in every spelling their texts come in."""

from copy import deepcopy
from typing import Any

from emulators.noxus.agents import agent
from emulators.noxus.seed.builders import workflow_id
from emulators.noxus.state import GROUP_ID, OWNER_ID, Record, State, seeded_id


def _settings(*tools: Record, **changed: Any) -> Record:
    return {
        "model_selection": ["chat-balanced", "gpt-4o"],
        "temperature": 0.4,
        "max_tokens": 64000,
        "persona": None,
        "tone": None,
        "extra_instructions": None,
        "agent_flow_id": None,
        "tools": list(tools),
    } | changed


def _flow_tool(key: str, **more: Any) -> Record:
    return {"type": "workflow", "enabled": True, "workflow_id": workflow_id(key)} | more


def _rich(text: str) -> list[Record]:
    return [{"text": text, "definition": {"type": "doc", "content": []}}]


def _put(state: State, name: str, definition: Record, created_at: str, **fields: Any) -> Record:
    record = agent(seeded_id(f"agent: {name}"), name, definition, created_at, **fields)
    state.agents[record["id"]] = record
    return record


def _publish(state: State, record: Record, name: str, created_at: str, **changed: Any) -> Record:
    version = {
        "id": seeded_id(f"agent version: {record['name']}: {name}"),
        "assistant_id": record["id"],
        "name": name,
        "definition": deepcopy(record["definition"]) | changed,
        "created_at": created_at,
        "created_by": OWNER_ID,
    }
    state.agent_versions.setdefault(record["id"], []).append(version)
    return version


def _deploy(state: State, version: Record, name: str, kind: str, created_at: str) -> Record:
    deployment = {
        "id": seeded_id(f"deployment: {name}"),
        "group_id": GROUP_ID,
        "assistant_id": version["assistant_id"],
        "assistant_version_id": version["id"],
        "channel_type": kind,
        "name": name,
        "alias": name.lower().replace(" ", "-"),
        "config": {"signing_secret": "********"} if kind == "slack" else {},
        "is_active": True,
        "created_at": created_at,
        "updated_at": created_at,
    }
    state.deployments[deployment["id"]] = deployment
    return deployment


def _support_bot(state: State) -> None:
    bot = _put(
        state,
        "Support bot",
        _settings(
            _flow_tool("support triage", extra_instructions="Use it for every complaint"),
            _flow_tool("help centre answers"),
            {"type": "kb_qa", "enabled": True, "kb_id": "kb_help_centre"},
            {"type": "human_in_the_loop", "enabled": True},
            persona="A calm colleague with ten years in furniture",
            tone=_rich("Friendly, short"),
            extra_instructions={"text": "Cite your sources."},
        ),
        "2026-07-15T08:00:00Z",
        description="Answers in the shop's chat",
        author_name="Ingrid Solheim",
        last_updated_at="2026-10-02T08:00:00Z",
    )
    _publish(state, bot, "July", "2026-07-16T08:00:00Z", temperature=0.7)
    october = _publish(state, bot, "October", "2026-10-02T08:00:00Z")
    widget = _deploy(state, october, "Shop widget", "embed_widget", "2026-10-02T09:00:00Z")
    _deploy(state, october, "Support in Slack", "slack", "2026-10-03T09:00:00Z")
    for number, error in enumerate((None, None, "Origin not allowed")):
        state.deployment_events.append(
            {
                "id": seeded_id(f"deployment event: {number}"),
                "deployment_id": widget["id"],
                "event_type": "message",
                "payload": {"text": f"Message {number}"},
                "error": error,
                "created_at": f"2026-10-05T10:0{number}:00Z",
            }
        )
    state.triggers[seeded_id("trigger: support in slack")] = {
        "id": seeded_id("trigger: support in slack"),
        "group_id": GROUP_ID,
        "assistant_id": bot["id"],
        "definition": {"type": "slack", "team_id": "T0HALDEN", "channel": "#help", "keyword": None},
        "routing_key": "slack:T0HALDEN",
        "created_at": "2026-10-03T09:05:00Z",
    }


def _other_agents(state: State) -> None:
    _put(
        state,
        "Returns assistant",
        _settings(agent_flow_id=workflow_id("returns intake"), temperature=0.2),
        "2026-09-21T09:00:00Z",
        author_name="Mateus Oliveira",
    )
    draft = _settings(_flow_tool("lead scoring"), {"type": "web_research", "enabled": True}, temperature=0.9)
    _put(
        state,
        "Sales copilot",
        _settings(_flow_tool("lead scoring"), {"type": "excel", "enabled": False}),
        "2026-08-01T12:00:00Z",
        draft_definition=draft,
        author_name="Lucía Fernández",
    )
    _put(
        state,
        "会議メモ係 📝",
        _settings(
            _flow_tool("meeting notes", enabled=False),
            {"type": "telepathy", "enabled": True, "range_km": 3},
            {"type": "code_execution", "enabled": True, "timeout": 30},
            persona=[],
            tone="",
            extra_instructions=_rich("議事録は") + _rich("日本語で"),
        ),
        "2026-10-13T01:00:00Z",
        description="",
    )
    lost = {"type": "workflow", "enabled": True, "workflow_id": seeded_id("workflow: deleted long ago")}
    _put(
        state,
        "FAQ bot (retired)",
        _settings(lost, agent_flow_id=seeded_id("workflow: nowhere")),
        "2026-06-01T00:00:00Z",
        visible=False,
    )


def _conversation(state: State) -> None:
    bot = state.agents[seeded_id("agent: Support bot")]
    said = (("user", "Where is my sofa?"), ("assistant", "On its way. It arrives on Tuesday."))
    messages = []
    for number, (role, text) in enumerate(said):
        at = f"2026-10-30T09:00:0{number}Z"
        part = {"part_kind": "user-prompt" if role == "user" else "text", "content": text, "timestamp": at}
        kind = "request" if role == "user" else "response"
        messages.append(
            {
                "id": seeded_id(f"message: {number}"),
                "created_at": at,
                "message_parts": [{"role": role, "type": role, "content": text}],
                "pydantic_message_parts": [{"kind": kind, "parts": [part], "timestamp": at}],
            }
        )
    record = {
        "id": seeded_id("conversation: where is my sofa"),
        "group_id": GROUP_ID,
        "name": "Where is my sofa?",
        "created_at": "2026-10-30T09:00:00Z",
        "last_updated_at": "2026-10-30T09:00:01Z",
        "status": "idle",
        "etag": "1793350801000-2",
        "settings": deepcopy(bot["definition"]),
        "assistant_id": bot["id"],
        "messages": messages,
    }
    state.conversations[record["id"]] = record


def add_people(state: State) -> None:
    """Put agents, their versions and deployments, and a conversation into the state."""
    _support_bot(state)
    _other_agents(state)
    _conversation(state)
