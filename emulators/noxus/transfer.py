"""Export and import of workflows, with what they depend on: subflows and error handlers."""

from copy import deepcopy

from starlette.responses import Response

from emulators.noxus.bundles import MODES, export_response, read_bundle
from emulators.noxus.errors import ApiError
from emulators.noxus.graph import subflows, with_new_references
from emulators.noxus.records import TYPES, workflow
from emulators.noxus.state import KEY_NAME, OWNER_ID, Record, State
from emulators.noxus.web import Call, RouteTable
from emulators.noxus.workflows import apply_definition

CARRIED = ("id", "name", "description", "meta", "settings", "error_handler")


def _definition(call: Call, record: Record) -> Record:
    """Return the definition an export is about: the working copy, or the version the query names."""
    version_id = call.query.identifier("version_id")
    if version_id is None:
        return dict(record["definition"])
    return dict(call.state.version(record["id"], version_id)["definition"])


def _needed(record: Record, definition: Record) -> list[str]:
    handler = record.get("error_handler")
    return [*subflows(definition), *([handler] if handler else [])]


def closure(state: State, record: Record, definition: Record) -> tuple[list[Record], list[str]]:
    """Return the artifacts a bundle holds, the exported workflow first, and the ids that lead nowhere."""
    artifacts, missing = [_artifact(record, definition)], []
    waiting, seen = _needed(record, definition), {record["id"]}
    while waiting:
        wanted = waiting.pop(0)
        if wanted in seen:
            continue
        seen.add(wanted)
        other = state.workflows.get(wanted)
        if other is None or other.get("deleted_at"):
            missing.append(wanted)
            continue
        artifacts.append(_artifact(other, other["definition"]))
        waiting += _needed(other, other["definition"])
    return artifacts, missing


def _artifact(record: Record, definition: Record) -> Record:
    carried = {name: deepcopy(record.get(name)) for name in CARRIED}
    return {"type": "workflow", "flow_type": record["type"], **carried, "definition": deepcopy(definition)}


def preview(call: Call) -> Record:
    """Say what an export would contain."""
    record = call.workflow()
    artifacts, missing = closure(call.state, record, _definition(call, record))
    listed = [{"type": item["type"], "id": item["id"], "name": item["name"]} for item in artifacts]
    return {"artifacts": listed, "missing": missing}


def export(call: Call) -> Response:
    """Export a workflow as raw bytes."""
    record = call.workflow()
    whole = call.query.flag("include_dependencies", default=True)
    artifacts, _ = closure(call.state, record, _definition(call, record))
    header = {"kind": "workflow", "root": record["id"]}
    return export_response(call, header, artifacts if whole else artifacts[:1])


def import_workflows(call: Call) -> list[Record]:
    """Import a bundle: as new workflows, as new versions, or over the workflows of the same ids."""
    mode = call.query.word("mode", MODES, "clone") or "clone"
    activate, trial = call.query.flag("activate"), call.query.flag("dry_run")
    header, artifacts = read_bundle(call)
    if any(artifact.get("flow_type", "flow") not in TYPES for artifact in artifacts):
        raise ApiError(400, "Invalid bundle")
    activate = activate or bool(header.get("set_active_on_import"))
    state = call.state
    actions = [_action(state, mode, artifact) for artifact in artifacts]
    renamed = {
        artifact["id"]: (f"dry-run-{index}" if trial else state.new_id())
        for index, (artifact, action) in enumerate(zip(artifacts, actions, strict=True))
        if action == "created"
    }
    answers = []
    for artifact, action in zip(artifacts, actions, strict=True):
        moved = _moved(artifact, renamed)
        answers.append(_report(artifact, moved, action, trial=trial))
        if not trial:
            _write(state, moved, action, activate=activate)
    return answers


def _action(state: State, mode: str, artifact: Record) -> str:
    known = state.workflows.get(artifact["id"])
    if mode == "clone" or known is None or known.get("deleted_at"):
        return "created"
    return {"version": "version_added", "replace": "replaced"}[mode]


def _moved(artifact: Record, renamed: dict[str, str]) -> Record:
    """Return an artifact whose own id and references are those of the workspace it comes into."""
    handler = artifact.get("error_handler")
    return artifact | {
        "id": renamed.get(artifact["id"], artifact["id"]),
        "definition": with_new_references(artifact["definition"], renamed),
        "error_handler": renamed.get(handler or "", handler),
    }


def _report(artifact: Record, moved: Record, action: str, *, trial: bool) -> Record:
    return {
        "id": None if trial and action == "created" else moved["id"],
        "source_id": artifact["id"],
        "name": artifact["name"],
        "type": "workflow",
        "action": action,
        "dry_run": trial,
    }


def _write(state: State, artifact: Record, action: str, *, activate: bool) -> None:
    if action == "created":
        _create(state, artifact)
        return
    record = state.workflows[artifact["id"]]
    if action == "version_added":
        _add_version(state, artifact)
    else:
        record["name"] = artifact["name"]
    if action == "replaced" or activate:
        apply_definition(record, artifact["definition"])
        record["last_updated_at"] = state.now()


def _create(state: State, artifact: Record) -> None:
    kept = {name: artifact[name] for name in CARRIED if artifact.get(name) is not None}
    kept |= {"type": artifact.get("flow_type", "flow"), "author_name": KEY_NAME}
    record = workflow(artifact["id"], artifact["name"], artifact["definition"], state.now(), **kept)
    state.workflows[record["id"]] = record


def _add_version(state: State, artifact: Record) -> None:
    version_id = state.new_id()
    state.versions.setdefault(artifact["id"], {})[version_id] = {
        "id": version_id,
        "name": f"Import of {artifact['name']}",
        "description": None,
        "created_at": state.now(),
        "created_by": OWNER_ID,
        "definition": deepcopy(artifact["definition"]),
    }


ROUTES: RouteTable = (
    ("GET", "/v1/workflows/{workflow_id}/export/preview", preview),
    ("POST", "/v1/workflows/{workflow_id}/export", export),
    ("POST", "/v1/workflows/import", import_workflows),
)
