"""`/v1/workflows`: list, create, read, change, delete, and the logs of a workflow's runs."""

from typing import Any

from starlette.responses import Response

from emulators.noxus.errors import ApiError
from emulators.noxus.graph import check_definition, input_labels
from emulators.noxus.records import OLD_TYPES, TYPES, workflow
from emulators.noxus.state import KEY_NAME, Record, State, content_hash, newest_first
from emulators.noxus.validation import FLAG, OBJECT, TEXT, UUID, Fields, canonical_uuid, one_of
from emulators.noxus.web import Call, RouteTable, page

LOG_COLUMNS = ("run_id", "status", "created_at", "finished_at")


def types(call: Call) -> tuple[str, ...]:
    """Return the workflow types the server knows."""
    return OLD_TYPES if call.variant("old_types") else TYPES


def shown(call: Call, record: Record) -> Record:
    """Return a workflow as it is answered, the switched-on contradictions applied."""
    answer = dict(record)
    if call.variant("flow_version_everywhere"):
        answer["flow_version"] = (record["definition"] or {}).get("flow_version") or "v1"
    if call.variant("empty_definitions"):
        answer["definition"] = {}
    return answer


def deleted(call: Call) -> Record | Response:
    """Return what a delete answers: JSON, since the vendor's own SDK parses it."""
    return Response(status_code=204) if call.variant("delete_204") else {"success": True}


def list_workflows(call: Call) -> Record:
    """List the workspace's workflows, the newest first; `type` narrows them."""
    wanted = call.query.word("type", types(call))
    known = types(call) if call.variant("old_types") else None
    kept = [
        record
        for record in newest_first(call.state.workflows.values())
        if (wanted is None or record["type"] == wanted)
        and (known is None or record["type"] in known)
        and (not record.get("deleted_at") or call.variant("deleted_visible"))
    ]
    answer = page(call, kept)
    return answer | {"items": [shown(call, record) for record in answer["items"]]}


def _handler_id(state: State, given: str | None) -> str | None:
    """Return an error handler's id; that it must exist is a guess."""
    if given is None:
        return None
    handler = canonical_uuid(given)
    if handler not in state.workflows:
        raise ApiError(400, "Error handler workflow not found")
    return handler


def _changes(call: Call, *, creating: bool) -> Record:
    """Return the fields a body sets; null clears what may be null, and absent keys stay as they are.

    The SDK sends name, type, definition and error_handler only. That the server takes the other fields of the
    record as well is a guess.
    """
    fields = Fields(call.body())
    take = fields.required if creating else fields.not_null
    changes: Record = {"name": take("name", TEXT), "type": take("type", one_of(types(call)))}
    changes["definition"] = take("definition", OBJECT)
    check_definition(fields, changes["definition"])
    clearable = {"description": TEXT, "error_handler": UUID, "meta": OBJECT, "settings": OBJECT}
    for name, kind in clearable.items():
        changes[name] = fields.optional(name, kind)
    changes["saved"] = fields.not_null("saved", FLAG)
    fields.check()
    changes["error_handler"] = _handler_id(call.state, changes["error_handler"])
    return {name: value for name, value in changes.items() if name in fields.body}


def create_workflow(call: Call) -> Record:
    """Create a workflow; answers 200 with the whole record."""
    changes = _changes(call, creating=True)
    state = call.state
    record = workflow(
        state.new_id(), changes["name"], changes["definition"], state.now(), author_name=KEY_NAME
    )
    record |= {name: value for name, value in changes.items() if value is not None}
    state.workflows[record["id"]] = record
    return shown(call, record)


def get_workflow(call: Call) -> Record:
    """Read a workflow."""
    return shown(call, call.workflow())


def refuse_conflict(record: Record, changes: Record) -> None:
    """Refuse to change the graph of a workflow that is live as an app, unless forced.

    The vendor says that `force` overrides a conflict, but not which; this one and its 409 are guesses.

    Raises:
        ApiError: 409.
    """
    live = (record.get("app_settings_v2") or {}).get("is_active")
    if live and "definition" in changes and changes["definition"] != record["definition"]:
        raise ApiError(409, "Workflow is live as an app; use force to overwrite it")


def apply_definition(record: Record, definition: Record) -> None:
    """Put a new graph into a record, with the fields that follow from it."""
    record["definition"] = definition
    record["workflow_hash"] = content_hash(definition)
    record.pop("flow_version", None)
    if definition.get("flow_version") == "v2":
        record["flow_version"] = "v2"


def update_workflow(call: Call) -> Record:
    """Change the given fields of a workflow."""
    record = call.workflow()
    forced = call.query.flag("force")
    changes = _changes(call, creating=False)
    if not forced:
        refuse_conflict(record, changes)
    if "definition" in changes:
        apply_definition(record, changes.pop("definition"))
    record.update(changes)
    record["last_updated_at"] = call.state.now()
    return shown(call, record)


def delete_workflow(call: Call) -> Record | Response:
    """Delete a workflow softly: it is gone from reads, its runs are not."""
    record = call.workflow()
    record["deleted_at"] = record.get("deleted_at") or call.state.now()
    return deleted(call)


def log_columns(record: Record) -> list[str]:
    """Return the columns of a workflow's log: fixed ones, inputs, and the visible ones of its `meta`."""
    columns = (record.get("meta") or {}).get("columns")
    columns = columns if isinstance(columns, list) else []
    chosen = [str(one.get("name")) for one in columns if isinstance(one, dict) and one.get("visible")]
    return list(dict.fromkeys([*LOG_COLUMNS, *input_labels(record["definition"]), *chosen]))


def logs_columns(call: Call) -> list[str]:
    """List the columns of a workflow's log."""
    return log_columns(call.workflow())


def logs(call: Call) -> Record:
    """Answer a workflow's log: a row per run. The vendor documents only that it is an object."""
    record = call.workflow()
    columns = log_columns(record)
    runs = [run.document() for run in call.state.runs.values() if run.workflow_id == record["id"]]
    rows = [_row(columns, document) for document in newest_first(runs)]
    return {"columns": columns, "rows": rows, "total": len(rows)}


def _row(columns: list[str], run: Record) -> dict[str, Any]:
    values = {"run_id": run["id"], **(run["input"] or {}), **(run["output"] or {})}
    values |= {name: run[name] for name in ("status", "created_at", "finished_at")}
    return {column: values.get(column) for column in columns}


ROUTES: RouteTable = (
    ("GET", "/v1/workflows", list_workflows),
    ("POST", "/v1/workflows", create_workflow),
    ("GET", "/v1/workflows/{workflow_id}", get_workflow),
    ("PATCH", "/v1/workflows/{workflow_id}", update_workflow),
    ("DELETE", "/v1/workflows/{workflow_id}", delete_workflow),
    ("GET", "/v1/workflows/{workflow_id}/logs", logs),
    ("GET", "/v1/workflows/{workflow_id}/logs/columns", logs_columns),
)
