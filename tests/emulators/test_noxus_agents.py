"""Noxus emulator: agents, their versions, triggers and deployments, and conversations with them."""

import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from emulators.contract import EmulatorOptions
from emulators.registry import load

NOW = "2026-11-01T12:00:00Z"
NOBODY = "3c90c3cc-0d44-4b50-8888-8dd25736052a"
MOMENT = datetime(2026, 11, 1, 12, tzinfo=UTC)
SETTINGS: dict[str, Any] = {"model": ["gpt-4o"], "temperature": 0.7, "tools": [], "persona": "calm"}


@pytest.fixture
async def api(in_process: Callable[..., Any]) -> AsyncIterator[httpx.AsyncClient]:
    options = EmulatorOptions(api_key="k", clock=lambda: MOMENT)
    async with in_process(load("noxus"), options) as client:
        client.headers["x-api-key"] = "k"
        yield client


async def named(api: httpx.AsyncClient, name: str) -> dict[str, Any]:
    found = (await api.get("/v1/agents?size=100")).json()["items"]
    return next(one for one in found if one["name"] == name)


async def created(api: httpx.AsyncClient, **body: Any) -> dict[str, Any]:
    answer = await api.post("/v1/agents", json={"name": "New", "definition": SETTINGS} | body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_a_new_agent_keeps_model_as_model_selection(api: httpx.AsyncClient) -> None:
    agent = await created(api, description="d", author_name="me")
    assert agent["definition"] == {
        "model_selection": ["gpt-4o"],
        "temperature": 0.7,
        "tools": [],
        "persona": "calm",
        "max_tokens": 64000,
    }
    assert (agent["visible"], agent["draft_definition"], agent["created_at"]) == (True, None, NOW)
    assert (await api.get(f"/v1/agents/{agent['id']}")).json() == agent
    assert (await api.get("/v1/agents?size=1")).json()["items"] == [agent]


async def test_an_agent_without_settings_gets_the_platforms(api: httpx.AsyncClient) -> None:
    agent = (await api.post("/v1/agents", json={"name": "Bare"})).json()
    tools = [tool["type"] for tool in agent["definition"]["tools"]]
    assert tools == ["web_research", "noxus_qa", "kb_selector"]
    assert agent["definition"]["temperature"] == 0.4


async def test_unknown_tools_and_fields_come_back_untouched(api: httpx.AsyncClient) -> None:
    tools = [
        {"type": "teleport", "range": {"km": 3}, "enabled": False},
        {"type": "workflow", "workflow_id": "w"},
    ]
    rich = {"tools": tools, "tone": [{"text": "x", "definition": {}}], "future": None}
    definition = (await created(api, definition=rich))["definition"]
    assert (definition["tools"], definition["tone"], definition["future"]) == (tools, rich["tone"], None)


@pytest.mark.parametrize(
    ("change", "where", "code"),
    [
        ({"name": 1}, ["name"], "string_type"),
        ({"description": 1}, ["description"], "string_type"),
        ({"visible": "yes"}, ["visible"], "bool_type"),
        ({"definition": []}, ["definition"], "dict_type"),
        ({"definition": {"model": "gpt"}}, ["definition", "model"], "list_type"),
        ({"definition": {"model_selection": [1]}}, ["definition", "model_selection"], "list_type"),
        ({"definition": {"temperature": "hot"}}, ["definition", "temperature"], "float_type"),
        ({"definition": {"max_tokens": 1.5}}, ["definition", "max_tokens"], "int_type"),
        ({"definition": {"agent_flow_id": "x"}}, ["definition", "agent_flow_id"], "uuid_parsing"),
        ({"definition": {"tools": {}}}, ["definition", "tools"], "list_type"),
        ({"definition": {"tools": [1]}}, ["definition", "tools", 0], "dict_type"),
        ({"definition": {"tools": [{}]}}, ["definition", "tools", 0, "type"], "missing"),
        (
            {"definition": {"tools": [{"type": "workflow"}]}},
            ["definition", "tools", 0, "workflow_id"],
            "missing",
        ),
        (
            {"definition": {"tools": [{"type": "kb_qa", "kb_id": 1}]}},
            ["definition", "tools", 0, "kb_id"],
            "string_type",
        ),
    ],
)
async def test_refused_fields(
    api: httpx.AsyncClient, change: dict[str, Any], where: list[Any], code: str
) -> None:
    agent = await named(api, "Support bot")
    for answer in (
        await api.post("/v1/agents", json={"name": "n"} | change),
        await api.patch(f"/v1/agents/{agent['id']}", json=change),
    ):
        (problem,) = answer.json()["detail"]
        assert (answer.status_code, problem["loc"], problem["type"]) == (422, ["body", *where], code)
    assert await named(api, "Support bot") == agent


async def test_null_in_a_patch_means_unchanged(api: httpx.AsyncClient) -> None:
    agent = await named(api, "Support bot")
    path = f"/v1/agents/{agent['id']}"
    renamed = (await api.patch(path, json={"name": "Bot", "definition": None})).json()
    assert renamed == agent | {"name": "Bot", "last_updated_at": NOW}
    changed = (await api.patch(f"{path}?preview=False", json={"name": None, "definition": SETTINGS})).json()
    assert (changed["name"], changed["definition"]["temperature"]) == ("Bot", 0.7)
    assert (await api.get(path)).json() == changed


async def test_preview_saves_nothing(api: httpx.AsyncClient) -> None:
    agent = await named(api, "Support bot")
    path = f"/v1/agents/{agent['id']}"
    shown = (await api.patch(f"{path}?preview=True", json={"name": "Maybe", "definition": SETTINGS})).json()
    assert (shown["name"], shown["definition"]["temperature"]) == ("Maybe", 0.7)
    assert (await api.get(path)).json() == agent
    assert (await api.patch(f"{path}?preview=so", json={})).status_code == 422


async def test_publish_promotes_the_draft_and_keeps_a_version(api: httpx.AsyncClient) -> None:
    agent = await named(api, "Sales copilot")
    path = f"/v1/agents/{agent['id']}"
    assert agent["draft_definition"]["temperature"] == 0.9
    published = (await api.post(f"{path}/publish")).json()
    assert published["definition"] == agent["draft_definition"]
    assert published["draft_definition"] is None
    (version,) = (await api.get(f"{path}/versions")).json()["items"]
    assert (version["assistant_id"], version["definition"]) == (agent["id"], agent["draft_definition"])
    assert (await api.post(f"{path}/publish")).json()["definition"] == published["definition"]
    assert (await api.get(f"{path}/versions")).json()["total"] == 2


async def test_restore_drops_the_draft(api: httpx.AsyncClient) -> None:
    agent = await named(api, "Sales copilot")
    restored = (await api.post(f"/v1/agents/{agent['id']}/restore")).json()
    assert restored == agent | {"draft_definition": None}
    assert await named(api, "Sales copilot") == restored


async def test_duplicate_is_a_new_agent_of_its_own(api: httpx.AsyncClient) -> None:
    agent = await named(api, "Sales copilot")
    copy = (await api.post(f"/v1/agents/{agent['id']}/duplicate")).json()
    assert copy["id"] != agent["id"]
    assert (copy["name"], copy["draft_definition"]) == ("Sales copilot (copy)", agent["draft_definition"])
    await api.post(f"/v1/agents/{copy['id']}/publish")
    assert await named(api, "Sales copilot") == agent
    assert (await api.get(f"/v1/agents/{agent['id']}/versions")).json()["total"] == 0


async def test_delete_takes_all_that_belongs_to_the_agent(api: httpx.AsyncClient) -> None:
    agent = await named(api, "Support bot")
    path = f"/v1/agents/{agent['id']}"
    (trigger,) = (await api.get(f"{path}/triggers")).json()
    assert (await api.delete(path)).json() == {"success": True}
    for rest in ("", "/versions", "/triggers", "/deployments"):
        assert (await api.get(path + rest)).json() == {"detail": "Agent not found"}
    assert (await api.delete(f"/v1/triggers/{trigger['id']}")).status_code == 404


async def test_tool_schemas_name_what_each_tool_needs(api: httpx.AsyncClient) -> None:
    schemas = (await api.get("/v1/agents/tool-schemas")).json()
    assert len(schemas) == 27
    assert schemas["workflow"]["required"] == ["type", "workflow_id"]
    assert schemas["code_execution"]["properties"]["timeout"]["default"] == 120


async def test_agent_triggers(api: httpx.AsyncClient) -> None:
    agent = await named(api, "Sales copilot")
    path = f"/v1/agents/{agent['id']}/triggers"
    assert (await api.get(path)).json() == []
    body = {"team_id": "T1", "channel": None, "keyword": "deal"}
    made = (await api.post(f"{path}/slack", json=body)).json()
    assert (made["assistant_id"], made["routing_key"]) == (agent["id"], "slack:T1")
    assert (await api.get(path)).json() == [made]
    assert (await api.post(f"{path}/pigeon", json=body)).json()["detail"][0]["loc"] == [
        "path",
        "trigger_type",
    ]
    assert (await api.post(f"{path}/teams", json={})).status_code == 422
    assert (await api.delete(f"/v1/triggers/{made['id']}")).json() == {"success": True}
    assert (await api.get(path)).json() == []


async def test_a_deployment_lives_and_dies(api: httpx.AsyncClient) -> None:
    agent = await named(api, "Support bot")
    path = f"/v1/agents/{agent['id']}/deployments"
    version = (await api.get(f"/v1/agents/{agent['id']}/versions")).json()["items"][0]["id"]
    answer = await api.post(path, json={"channel_type": "form", "config": {"title": "Hi"}})
    made = answer.json()
    assert (answer.status_code, made["is_active"], made["name"], made["alias"]) == (201, False, "Form", None)
    assert (await api.get(f"{path}/{made['id']}")).json() == made
    refused = await api.post(f"{path}/{made['id']}/activate")
    assert (refused.status_code, "version" in refused.json()["detail"]) == (400, True)
    change = {"name": "Ask us", "alias": "ask", "assistant_version_id": version}
    changed = (await api.patch(f"{path}/{made['id']}", json=change)).json()
    assert changed == made | change
    assert (await api.post(f"{path}/{made['id']}/activate")).json()["is_active"] is True
    cleared = (await api.patch(f"{path}/{made['id']}", json={"alias": None})).json()
    assert (cleared["alias"], cleared["name"], cleared["is_active"]) == (None, "Ask us", True)
    assert (await api.post(f"{path}/{made['id']}/deactivate")).json()["is_active"] is False
    assert (await api.delete(f"{path}/{made['id']}")).json() == {"success": True}
    assert (await api.get(f"{path}/{made['id']}")).json() == {"detail": "Deployment not found"}
    assert [one["name"] for one in (await api.get(path)).json()] == ["Support in Slack", "Shop widget"]


async def test_deployments_refuse(api: httpx.AsyncClient) -> None:
    bot, other = await named(api, "Support bot"), await named(api, "Sales copilot")
    path = f"/v1/agents/{other['id']}/deployments"
    version = (await api.get(f"/v1/agents/{bot['id']}/versions")).json()["items"][0]["id"]
    form = {"channel_type": "form"}
    cases: list[tuple[dict[str, Any], int]] = [
        ({}, 422),
        ({"channel_type": "fax"}, 422),
        (form | {"config": []}, 422),
        (form | {"assistant_version_id": "1"}, 422),
        (form | {"assistant_version_id": version}, 404),
        (form | {"alias": "shop-widget"}, 409),
    ]
    for body, status in cases:
        assert (await api.post(path, json=body)).status_code == status, body
    mine = (await api.get(f"/v1/agents/{bot['id']}/deployments")).json()[0]["id"]
    assert (await api.get(f"{path}/{mine}")).status_code == 404
    assert (await api.get(path)).json() == []


async def test_channels_and_the_events_of_a_deployment(api: httpx.AsyncClient) -> None:
    channels = (await api.get("/v1/channels")).json()
    assert {"channel_type": "embed_widget", "label": "Website widget", "available": True} in channels
    bot = await named(api, "Support bot")
    path = f"/v1/agents/{bot['id']}/deployments"
    slack, widget = (await api.get(path)).json()
    got = (await api.get(f"{path}/{widget['id']}/events?size=2")).json()
    assert (got["total"], got["items"][0]["error"]) == (3, "Origin not allowed")
    assert (await api.get(f"{path}/{slack['id']}/events")).json()["total"] == 0
    assert slack["config"] == {"signing_secret": "********"}


async def conversation(api: httpx.AsyncClient, **body: Any) -> dict[str, Any]:
    given = {"name": "Chat", "settings": SETTINGS} | body
    return dict((await api.post("/v1/conversations", json=given)).json())


async def test_a_conversation_is_listed_once_something_was_said(api: httpx.AsyncClient) -> None:
    chat = await conversation(api)
    assert (chat["status"], chat["messages"], chat["assistant_id"], chat["etag"]) == ("idle", [], None, None)
    assert chat["settings"]["model_selection"] == ["gpt-4o"]
    path = f"/v1/conversations/{chat['id']}"
    assert (await api.get("/v1/conversations")).json()["total"] == 1
    said = (
        await api.post(path, json={"content": "Hello", "tool": None, "files": [{"name": "a.txt"}]})
    ).json()
    assert (await api.get("/v1/conversations")).json()["items"][0] == said
    assert (await api.get(path)).json() == said
    contents = [message["message_parts"][0]["content"] for message in said["messages"]]
    assert contents == ["Hello", "You said: Hello"]
    kinds = [message["pydantic_message_parts"][0]["kind"] for message in said["messages"]]
    assert kinds == ["request", "response"]


async def test_a_conversation_with_an_agent_takes_its_settings(api: httpx.AsyncClient) -> None:
    bot = await named(api, "Support bot")
    made = await api.post(f"/v1/conversations?assistant_id={bot['id']}", json={"name": "x", "settings": None})
    assert (made.json()["assistant_id"], made.json()["settings"]) == (bot["id"], bot["definition"])


async def test_conversations_refuse(api: httpx.AsyncClient) -> None:
    bot = await named(api, "Support bot")
    cases: list[tuple[str, dict[str, Any], int]] = [
        ("", {"name": "x"}, 422),
        ("", {"settings": SETTINGS}, 422),
        ("", {"name": "x", "settings": {"tools": [1]}}, 422),
        (f"?assistant_id={bot['id']}", {"name": "x", "settings": SETTINGS}, 422),
        (f"?assistant_id={NOBODY}", {"name": "x"}, 404),
        ("?assistant_id=bot", {"name": "x"}, 422),
    ]
    for query, body, status in cases:
        answer = await api.post(f"/v1/conversations{query}", json=body)
        assert answer.status_code == status, (query, body)
    path = f"/v1/conversations/{(await conversation(api))['id']}"
    for body in ({}, {"content": None}, {"content": "x", "files": [1]}, {"content": "x", "kb_id": 1}):
        for rest in ("", "/chat", "/stream"):
            assert (await api.post(path + rest, json=body)).status_code == 422, (rest, body)
    for rest in ("/stream", "/events"):
        method = "POST" if rest == "/stream" else "GET"
        answer = await api.request(method, f"{path}{rest}?format=xml", json={"content": "x"})
        assert answer.status_code == 422


async def test_a_conversation_is_changed_and_deleted(api: httpx.AsyncClient) -> None:
    path = f"/v1/conversations/{(await conversation(api))['id']}"
    changed = (await api.patch(path, json={"name": "Renamed", "settings": None})).json()
    assert (changed["name"], changed["settings"]["temperature"]) == ("Renamed", 0.7)
    warmer = (await api.patch(path, json={"name": None, "settings": {"temperature": 1}})).json()
    assert (warmer["name"], warmer["settings"]["temperature"]) == ("Renamed", 1)
    assert (await api.delete(path)).json() == {"success": True}
    assert (await api.get(path)).json() == {"detail": "Conversation not found"}


async def test_chat_answers_the_agents_part_only(api: httpx.AsyncClient) -> None:
    path = f"/v1/conversations/{(await conversation(api))['id']}"
    reply = (await api.post(f"{path}/chat", json={"content": "Hi"})).json()
    assert list(reply) == ["id", "parts"]
    assert reply["parts"][0]["kind"] == "response"
    assert reply["parts"][0]["parts"][0]["content"] == "You said: Hi"


def frames(answer: httpx.Response) -> list[tuple[str, Any]]:
    assert answer.headers["content-type"].startswith("text/event-stream")
    pairs = [block.split("\n") for block in answer.text.split("\n\n") if block]
    return [(head.removeprefix("event: "), json.loads(data.removeprefix("data: "))) for head, data in pairs]


async def test_streams_speak_json_envelopes_or_browser_frames(api: httpx.AsyncClient) -> None:
    path = f"/v1/conversations/{(await conversation(api))['id']}"
    told = frames(await api.post(f"{path}/stream?format=json", json={"content": "Hi"}))
    assert told[0] == ("message", {"event": "text-delta", "data": {"delta": "You "}})
    assert [name for name, _ in told] == ["message"] * 4 + ["done"]
    assert told[-2][1]["event"] == "finish-step"
    raw = frames(await api.post(f"{path}/stream", json={"content": "Hi"}))
    assert (raw[0][1]["type"], raw[-1]) == ("text-delta", ("done", {}))
    again = frames(await api.get(f"{path}/events?format=json"))
    assert again == told
    etag = (await api.get(path)).json()["etag"]
    assert frames(await api.get(f"{path}/events?etag={etag}")) == [("done", {})]


async def test_an_empty_conversation_has_no_events(api: httpx.AsyncClient) -> None:
    path = f"/v1/conversations/{(await conversation(api))['id']}"
    assert frames(await api.get(f"{path}/events")) == [("done", {})]
