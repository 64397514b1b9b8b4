"""`/v1/agents`: agents, their drafts and published versions, and their triggers in chat programs."""

from copy import deepcopy
from typing import Any

from starlette.responses import Response

from emulators.noxus.state import GROUP_ID, KEY_NAME, OWNER_ID, Record, State, newest_first
from emulators.noxus.tools import default_settings, read_settings, shown_settings, tool_schemas
from emulators.noxus.validation import FLAG, TEXT, Fields, one_of
from emulators.noxus.web import Call, RouteTable, page
from emulators.noxus.workflows import deleted

CHAT_TRIGGERS = ("slack", "teams")


def agent(agent_id: str, name: str, definition: Record, created_at: str, /, **changed: Any) -> Record:
    """Return a whole agent record."""
    return {
        "id": agent_id,
        "group_id": GROUP_ID,
        "name": name,
        "description": None,
        "visible": True,
        "author_name": None,
        "definition": definition,
        "draft_definition": None,
        "created_at": created_at,
        "last_updated_at": created_at,
    } | changed


def shown(call: Call, record: Record) -> Record:
    """Return an agent (or one of its versions) as it is answered."""
    as_model = call.variant("agent_model_key")
    names = [name for name in ("definition", "draft_definition") if name in record]
    return record | {name: shown_settings(record[name], as_model=as_model) for name in names}


def list_agents(call: Call) -> Record:
    """List the workspace's agents, the newest first."""
    answer = page(call, newest_first(call.state.agents.values()))
    return answer | {"items": [shown(call, record) for record in answer["items"]]}


def create_agent(call: Call) -> Record:
    """Create an agent; without a definition it gets the platform's defaults."""
    fields = Fields(call.body())
    name, description = fields.required("name", TEXT), fields.optional("description", TEXT)
    definition = read_settings(fields, "definition")
    visible = fields.not_null("visible", FLAG, default=True)
    author = fields.optional("author_name", TEXT, KEY_NAME)
    fields.check()
    state = call.state
    record = agent(
        state.new_id(),
        name,
        definition or default_settings(),
        state.now(),
        description=description,
        visible=visible,
        author_name=author,
    )
    state.agents[record["id"]] = record
    return shown(call, record)


def get_agent(call: Call) -> Record:
    """Read an agent."""
    return shown(call, call.agent())


def update_agent(call: Call) -> Record:
    """Change an agent; null and absent keys stay as they are.

    `preview=true` answers what the change would give without saving it; in a variant it saves the draft.
    """
    record, previewing = call.agent(), call.query.flag("preview")
    fields = Fields(call.body())
    changes: Record = {name: fields.optional(name, TEXT) for name in ("name", "description", "author_name")}
    changes |= {
        "visible": fields.optional("visible", FLAG),
        "definition": read_settings(fields, "definition"),
    }
    fields.check()
    changes = {name: value for name, value in changes.items() if value is not None}
    if previewing and call.variant("preview_writes_draft"):
        changes["draft_definition"] = changes.pop("definition", record["draft_definition"])
    elif previewing:
        return shown(call, record | changes)
    record.update(changes, last_updated_at=call.state.now())
    return shown(call, record)


def delete_agent(call: Call) -> Record | Response:
    """Delete an agent with its versions, deployments and triggers."""
    state, agent_id = call.state, call.agent()["id"]
    del state.agents[agent_id]
    state.agent_versions.pop(agent_id, None)
    for kept in (state.deployments, state.triggers):
        for owned in [one["id"] for one in kept.values() if one.get("assistant_id") == agent_id]:
            del kept[owned]
    return deleted(call)


def duplicate_agent(call: Call) -> Record:
    """Copy an agent into a new one, draft included, versions not."""
    source, state = call.agent(), call.state
    now = state.now()
    copy = deepcopy(source) | {"id": state.new_id(), "name": f"{source['name']} (copy)"}
    copy |= {"created_at": now, "last_updated_at": now}
    state.agents[copy["id"]] = copy
    return shown(call, copy)


def add_version(state: State, record: Record, name: str) -> Record:
    """Save an agent's definition as a version."""
    version = {
        "id": state.new_id(),
        "assistant_id": record["id"],
        "name": name,
        "definition": deepcopy(record["definition"]),
        "created_at": state.now(),
        "created_by": OWNER_ID,
    }
    state.agent_versions.setdefault(record["id"], []).append(version)
    return version


def publish_agent(call: Call) -> Record:
    """Make the draft the live definition, and keep it as a version; without a draft, the definition itself."""
    record, state = call.agent(), call.state
    record["definition"] = record["draft_definition"] or record["definition"]
    record["draft_definition"] = None
    record["last_updated_at"] = state.now()
    add_version(state, record, f"Published {state.now()}")
    return shown(call, record)


def restore_agent(call: Call) -> Record:
    """Drop the draft."""
    record = call.agent()
    record["draft_definition"] = None
    return shown(call, record)


def list_agent_versions(call: Call) -> Record:
    """List an agent's published versions."""
    answer = page(call, newest_first(call.state.agent_versions.get(call.agent()["id"], [])))
    return answer | {"items": [shown(call, version) for version in answer["items"]]}


def list_tool_schemas(call: Call) -> Record:
    """Answer the settings every tool takes."""
    return tool_schemas()


def list_agent_triggers(call: Call) -> list[Record]:
    """List an agent's triggers as a bare array."""
    agent_id = call.agent()["id"]
    return [one for one in call.state.triggers.values() if one.get("assistant_id") == agent_id]


def create_agent_trigger(call: Call) -> Record:
    """Let an agent answer in a chat program."""
    record, kind = call.agent(), call.path("kind")
    where = Fields({"trigger_type": kind}, "path")
    where.required("trigger_type", one_of(CHAT_TRIGGERS))
    where.check()
    fields = Fields(call.body())
    definition = {"team_id": fields.required("team_id", TEXT), "type": kind}
    definition |= {name: fields.optional(name, TEXT) for name in ("channel", "keyword")}
    fields.check()
    trigger = {
        "id": call.state.new_id(),
        "group_id": GROUP_ID,
        "assistant_id": record["id"],
        "definition": definition,
        "routing_key": f"{kind}:{definition['team_id']}",
        "created_at": call.state.now(),
    }
    call.state.triggers[trigger["id"]] = trigger
    return trigger


ROUTES: RouteTable = (
    ("GET", "/v1/agents", list_agents),
    ("POST", "/v1/agents", create_agent),
    ("GET", "/v1/agents/tool-schemas", list_tool_schemas),
    ("GET", "/v1/agents/{agent_id}", get_agent),
    ("PATCH", "/v1/agents/{agent_id}", update_agent),
    ("DELETE", "/v1/agents/{agent_id}", delete_agent),
    ("POST", "/v1/agents/{agent_id}/duplicate", duplicate_agent),
    ("POST", "/v1/agents/{agent_id}/publish", publish_agent),
    ("POST", "/v1/agents/{agent_id}/restore", restore_agent),
    ("GET", "/v1/agents/{agent_id}/versions", list_agent_versions),
    ("GET", "/v1/agents/{agent_id}/triggers", list_agent_triggers),
    ("POST", "/v1/agents/{agent_id}/triggers/{kind}", create_agent_trigger),
)
