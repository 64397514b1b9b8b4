"""Triggers of workflows, and the events they received."""

import json

from starlette.responses import Response

from emulators.noxus.errors import not_found
from emulators.noxus.state import GROUP_ID, Record, newest_first
from emulators.noxus.validation import OBJECT, TEXT, UUID, Fields, canonical_uuid
from emulators.noxus.web import Call, RouteTable, page
from emulators.noxus.workflows import deleted


def _trigger(call: Call) -> Record:
    workflow_id, trigger_id = call.workflow()["id"], call.path_id("trigger_id")
    trigger = call.state.triggers.get(trigger_id)
    if trigger is None or trigger.get("workflow_id") != workflow_id:
        raise not_found("Trigger")
    return trigger


def _definition(fields: Fields) -> Record:
    """Return the trigger's definition; only its `type` is checked, the rest depends on that."""
    definition = fields.required("definition", OBJECT)
    if definition is None:
        return {}
    inner = Fields(definition, *fields.where, "definition")
    inner.required("type", TEXT)
    fields.problems += inner.problems
    return dict(definition)


def _version_id(call: Call, workflow_id: str, given: str | None) -> str | None:
    """Return the version a trigger is pinned to, which must be one of the workflow's."""
    if given is None:
        return None
    return str(call.state.version(workflow_id, canonical_uuid(given))["id"])


def list_triggers(call: Call) -> Record:
    """List a workflow's triggers."""
    workflow_id = call.workflow()["id"]
    found = [one for one in call.state.triggers.values() if one.get("workflow_id") == workflow_id]
    return page(call, newest_first(found))


def create_trigger(call: Call) -> Record:
    """Create a trigger, pinned to a version of its workflow."""
    workflow, fields = call.workflow(), Fields(call.body())
    definition, version_id = _definition(fields), fields.required("workflow_version_id", UUID)
    fields.check()
    state = call.state
    trigger = {
        "id": state.new_id(),
        "group_id": GROUP_ID,
        "workflow_id": workflow["id"],
        "workflow_version_id": _version_id(call, workflow["id"], version_id),
        "definition": definition,
        "routing_key": f"{definition['type']}:{workflow['id']}",
        "created_at": state.now(),
    }
    state.triggers[trigger["id"]] = trigger
    return trigger


def update_trigger(call: Call) -> Record:
    """Replace a trigger's definition, and its version when one is given."""
    trigger, fields = _trigger(call), Fields(call.body())
    definition, version_id = _definition(fields), fields.optional("workflow_version_id", UUID)
    fields.check()
    version_id = _version_id(call, trigger["workflow_id"], version_id)
    trigger["definition"] = definition
    trigger["workflow_version_id"] = version_id or trigger["workflow_version_id"]
    return trigger


def delete_trigger(call: Call) -> Record | Response:
    """Delete a trigger of a workflow or of an agent."""
    trigger_id = call.path_id("trigger_id")
    if call.state.triggers.pop(trigger_id, None) is None:
        raise not_found("Trigger")
    return deleted(call)


def _kept(call: Call, events: list[Record]) -> list[Record]:
    """Return the events the query's filters let through."""
    search, kind = call.query.text("search"), call.query.text("event_type")
    errored, started = call.query.maybe_flag("errored"), call.query.maybe_flag("started_run")
    return [
        event
        for event in events
        if (search is None or search.casefold() in json.dumps(event, ensure_ascii=False).casefold())
        and (kind is None or event["event_type"] == kind)
        and (errored is None or errored == (event["error"] is not None))
        and (started is None or started == (event["run_id"] is not None))
    ]


def trigger_events(call: Call) -> Record:
    """List the events one trigger received."""
    trigger = _trigger(call)
    events = [event for event in call.state.trigger_events if event["trigger_id"] == trigger["id"]]
    return page(call, newest_first(_kept(call, events)))


def all_events(call: Call) -> Record:
    """List the events all triggers received."""
    workflow_id = call.query.identifier("workflow_id")
    events = [
        event
        for event in call.state.trigger_events
        if workflow_id is None or event["workflow_id"] == workflow_id
    ]
    return page(call, newest_first(_kept(call, events)))


ROUTES: RouteTable = (
    ("GET", "/v1/workflows/{workflow_id}/triggers", list_triggers),
    ("POST", "/v1/workflows/{workflow_id}/triggers", create_trigger),
    ("PATCH", "/v1/workflows/{workflow_id}/triggers/{trigger_id}", update_trigger),
    ("GET", "/v1/workflows/{workflow_id}/triggers/{trigger_id}/events", trigger_events),
    ("GET", "/v1/triggers/events", all_events),
    ("DELETE", "/v1/triggers/{trigger_id}", delete_trigger),
)
