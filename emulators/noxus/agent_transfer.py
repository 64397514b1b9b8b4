"""Export and import of agents; what an agent refers to is not carried along."""

from copy import deepcopy

from starlette.responses import Response

from emulators.noxus.agents import add_version, agent
from emulators.noxus.bundles import MODES, export_response, read_bundle
from emulators.noxus.errors import ApiError, not_found
from emulators.noxus.state import KEY_NAME, Record, State
from emulators.noxus.tools import read_settings
from emulators.noxus.validation import Fields
from emulators.noxus.web import Call, RouteTable


def _artifact(call: Call) -> Record:
    """Return what an export holds: the agent, with its definition or that of the version asked for."""
    record, version_id = call.agent(), call.query.identifier("version_id")
    definition = record["definition"]
    if version_id is not None:
        versions = {one["id"]: one for one in call.state.agent_versions.get(record["id"], [])}
        if version_id not in versions:
            raise not_found("Agent version")
        definition = versions[version_id]["definition"]
    carried = {name: record[name] for name in ("id", "name", "description")}
    return {"type": "agent", **carried, "definition": deepcopy(definition)}


def preview(call: Call) -> Record:
    """Say what an export would contain, and which workflows it would leave behind."""
    artifact = _artifact(call)
    tools = artifact["definition"].get("tools") or []
    left = [tool["workflow_id"] for tool in tools if tool.get("type") == "workflow"]
    listed = {name: artifact[name] for name in ("type", "id", "name")}
    return {"artifacts": [listed], "missing": left}


def export(call: Call) -> Response:
    """Export an agent as raw bytes."""
    artifact = _artifact(call)
    return export_response(call, {"kind": "agent", "root": artifact["id"]}, [artifact])


def import_agents(call: Call) -> list[Record]:
    """Import agents: as new ones, as new versions, or over the agents of the same ids."""
    mode = call.query.word("mode", MODES, "clone") or "clone"
    activate, trial = call.query.flag("activate"), call.query.flag("dry_run")
    header, artifacts = read_bundle(call)
    if header.get("kind") != "agent" or any(_broken(artifact) for artifact in artifacts):
        raise ApiError(400, "Invalid bundle")
    activate = activate or bool(header.get("set_active_on_import"))
    return [_take(call.state, artifact, mode, activate=activate, trial=trial) for artifact in artifacts]


def _broken(artifact: Record) -> bool:
    fields = Fields(artifact)
    read_settings(fields, "definition")
    return bool(fields.problems)


def _take(state: State, artifact: Record, mode: str, *, activate: bool, trial: bool) -> Record:
    known = state.agents.get(artifact["id"])
    action = {"clone": "created", "version": "version_added", "replace": "replaced"}[mode]
    agent_id: str | None = artifact["id"]
    if known is None or mode == "clone":
        action, agent_id = "created", None if trial else state.new_id()
    if not trial and agent_id is not None:
        _write(state, artifact | {"id": agent_id}, action, activate=activate)
    return {
        "id": agent_id,
        "source_id": artifact["id"],
        "name": artifact["name"],
        "type": "agent",
        "action": action,
        "dry_run": trial,
    }


def _write(state: State, artifact: Record, action: str, *, activate: bool) -> None:
    definition = read_settings(Fields(artifact), "definition") or {}
    if action == "created":
        about = {"description": artifact.get("description"), "author_name": KEY_NAME}
        record = agent(artifact["id"], artifact["name"], definition, state.now(), **about)
        state.agents[artifact["id"]] = record
        return
    record = state.agents[artifact["id"]]
    if action == "version_added":
        add_version(state, record | {"definition": definition}, f"Import of {artifact['name']}")
    else:
        record["name"] = artifact["name"]
    if action == "replaced" or activate:
        record.update(definition=definition, last_updated_at=state.now())


ROUTES: RouteTable = (
    ("GET", "/v1/agents/{agent_id}/export/preview", preview),
    ("POST", "/v1/agents/{agent_id}/export", export),
    ("POST", "/v1/agents/import", import_agents),
)
