"""Runs over HTTP: start, follow, stop, look inside, search and delete."""

from typing import Any

from emulators.noxus.admin import DELETE_HISTORY, permissions
from emulators.noxus.errors import ApiError, invalid, not_found
from emulators.noxus.graph import nodes
from emulators.noxus.run_search import search_runs
from emulators.noxus.runs import FINAL, Run, new_run
from emulators.noxus.state import GROUP_ID, Record, newest_first, parsed
from emulators.noxus.validation import (
    ADDRESS,
    FLAG,
    MOMENT,
    OBJECT,
    TEXT,
    TEXTS,
    UUID,
    WHOLE,
    Fields,
    canonical_uuid,
)
from emulators.noxus.web import Call, RouteTable, page

NESTED = (
    "id",
    "group_id",
    "name",
    "type",
    "definition",
    "last_updated_at",
    "last_run_at",
    "created_at",
    "deleted_at",
    "runs_count",
    "author_name",
    "description",
    "saved",
    "error_handler",
)


def _request(call: Call) -> Record:
    """Return the checked body of a run request.

    Raises:
        ApiError: 422; 403 for another workspace's `group_id`, which is a guess.
    """
    fields = Fields(call.body())
    given: Record = {"input": fields.required("input", OBJECT)}
    kinds = {
        "node_ids": TEXTS,
        "single_node_id": TEXT,
        "group_id": TEXT,
        "workflow_version_id": UUID,
        "tracing": FLAG,
        "debugger": TEXT,
        "callback_url": ADDRESS,
    }
    given |= {name: fields.optional(name, kind) for name, kind in kinds.items()}
    fields.check()
    if given["group_id"] not in {None, GROUP_ID}:
        raise ApiError(403, "Not allowed")
    return given


def _start(call: Call) -> Run:
    """Queue a run of the workflow the path names. Its callback URL is checked, but never called."""
    workflow, given, state = call.workflow(), _request(call), call.state
    definition = workflow["definition"]
    if given["workflow_version_id"]:
        given["workflow_version_id"] = canonical_uuid(given["workflow_version_id"])
        definition = state.version(workflow["id"], given["workflow_version_id"])["definition"]
    if not nodes(definition):
        raise ApiError(400, "Workflow has no nodes")
    run = new_run(state.new_id(), workflow, definition, given, state.moment())
    state.runs[run.id] = run
    workflow["runs_count"] = (workflow.get("runs_count") or 0) + 1
    workflow["last_run_at"] = state.now()
    return run


def create_run(call: Call) -> Record:
    """Start a run and answer at once, queued."""
    return _start(call).document()


def create_run_sync(call: Call) -> Any:
    """Start a run and answer its end: the run, or only its output.

    Raises:
        ApiError: 504 for a run that would not end within the server's two minutes (the status is a guess).
    """
    output_only, by_id = call.query.flag("output_only"), call.query.flag("use_output_ids")
    run = _start(call)
    run.end(call.state.moment())
    if run.status not in FINAL:
        raise ApiError(504, "Run did not finish in time")
    output = run.output(by_id=by_id)
    if output_only:
        return output or {}
    if call.variant("sync_short"):
        return {"id": run.id, "output": output}
    return run.document() | {"output": output}


def _moved(call: Call, run: Run, stages: int) -> Run:
    run.move(call.state.moment(), stages)
    return run


def list_workflow_runs(call: Call) -> Record:
    """List a workflow's runs, the newest first."""
    workflow_id = call.workflow()["id"]
    runs = [run for run in call.state.runs.values() if run.workflow_id == workflow_id]
    return page(call, newest_first(_moved(call, run, 0).document() for run in runs))


def get_workflow_run(call: Call) -> Record:
    """Read a run of this workflow; reading moves it on."""
    workflow_id, run = call.workflow()["id"], call.state.run(call.path_id("run_id"))
    if run.workflow_id != workflow_id:
        raise not_found("Run")
    return _moved(call, run, 1).document()


def list_runs(call: Call) -> Record:
    """List the workspace's runs, each with its workflow."""
    runs = [_moved(call, run, 0) for run in call.state.runs.values()]
    answer = page(call, newest_first(run.document() for run in runs))
    return answer | {"items": [_listed(call, item) for item in answer["items"]]}


def _listed(call: Call, document: Record) -> Record:
    names = ("id", "group_id", "workflow_id", "input", "node_ids", "status", "progress")
    workflow = call.state.workflows[document["workflow_id"]]
    return {
        **{name: document[name] for name in names},
        "definitions": {},
        "created_at": document["created_at"],
        "finished_at": document["finished_at"],
        "workflow": {name: workflow.get(name) for name in NESTED},
        "source": call.state.runs[document["id"]].source,
    }


def get_run(call: Call) -> Record:
    """Read a run without what went in and came out; reading moves it on."""
    document = _moved(call, call.state.run(call.path_id("run_id")), 1).document()
    del document["output"]
    return document | {"input": None}


def stop_run(call: Call) -> Record:
    """Stop a run; one that has ended is answered as it is."""
    run = call.state.run(call.path_id("run_id"))
    run.stop(call.state.moment())
    return run.document()


def run_data(call: Call) -> Record:
    """Answer everything about a run, node by node; unstructured leaves the values out."""
    structured = call.query.flag("fetch_structured_data", default=True)
    run = call.state.run(call.path_id("run_id"))
    views = [run.node_view(node) for node in run.nodes]
    if not structured:
        views = [view | {"inputs": None, "outputs": None} for view in views]
    document = run.document()
    return {name: document[name] for name in ("id", "status", "input", "output")} | {"nodes": views}


def node_io(call: Call) -> Record:
    """Answer one node's inputs and outputs; iterations count from 1, and 0 is the first too."""
    iteration = call.query.number("it", 0, 0)
    run, wanted = call.state.run(call.path_id("run_id")), call.path("node_id")
    node = next((node for node in run.nodes if node["id"] == wanted), None)
    if node is None:
        raise not_found("Node")
    if iteration > 1:
        raise not_found("Iteration")
    view = run.node_view(node)
    names = ("node_id", "inputs", "outputs")
    return {name: view[name] for name in names} | {"it": 1, "iterations": 1}


def _must_delete(call: Call) -> None:
    if DELETE_HISTORY not in permissions(call):
        raise ApiError(403, f"Missing permission {DELETE_HISTORY}")


def _remove(call: Call, wanted: list[str], *, trial: bool) -> Record:
    """Delete finished runs and say what became of each id."""
    runs = call.state.runs
    errors = {
        run_id: "Run not found" if run_id not in runs else "Run is still in progress"
        for run_id in wanted
        if run_id not in runs or runs[run_id].status not in FINAL
    }
    matched = [run_id for run_id in wanted if run_id not in errors]
    for run_id in matched if not trial else ():
        del runs[run_id]
    gone = 0 if trial else len(matched)
    return {"succeeded": gone, "failed": len(errors), "errors": errors, "matched": len(matched)}


def delete_run(call: Call) -> Record:
    """Delete one finished run."""
    _must_delete(call)
    run_id = call.state.run(call.path_id("run_id")).id
    return _remove(call, [run_id], trial=False)


def _selected(call: Call, fields: Fields) -> list[str]:
    """Return the ids a bulk delete is about: those given, or the finished runs the filters match."""
    run_ids, filters = fields.optional("run_ids", TEXTS), fields.optional("filters", OBJECT)
    inner = Fields(filters or {}, "body", "filters")
    before, workflow_id = inner.optional("to_date", MOMENT), inner.optional("workflow_id", UUID)
    fields.problems += inner.problems
    fields.check()
    if run_ids is None and not filters:
        raise invalid(["body"], "Value error, run_ids or filters must be given", "value_error")
    if run_ids is not None:
        return list(dict.fromkeys(run_ids))
    return [
        run.id
        for run in call.state.runs.values()
        if run.status in FINAL
        and (before is None or run.created_at < parsed(before))
        and (workflow_id is None or run.workflow_id == canonical_uuid(workflow_id))
    ]


def bulk_delete(call: Call) -> Record:
    """Delete finished runs by id or by filter.

    Raises:
        ApiError: 409 when `expected_count` is not the number matched now.
    """
    _must_delete(call)
    fields = Fields(call.body())
    expected, trial = (
        fields.optional("expected_count", WHOLE),
        fields.optional("dry_run", FLAG, default=False),
    )
    wanted = _selected(call, fields)
    matched = _remove(call, wanted, trial=True)["matched"]
    if expected is not None and expected != matched:
        raise ApiError(409, "Run count changed")
    return _remove(call, wanted, trial=bool(trial))


ROUTES: RouteTable = (
    ("POST", "/v1/workflows/{workflow_id}/runs", create_run),
    ("POST", "/v1/workflows/{workflow_id}/runs/sync", create_run_sync),
    ("GET", "/v1/workflows/{workflow_id}/runs", list_workflow_runs),
    ("GET", "/v1/workflows/{workflow_id}/runs/{run_id}", get_workflow_run),
    ("GET", "/v1/runs", list_runs),
    ("POST", "/v1/runs/search", search_runs),
    ("POST", "/v1/runs/bulk/delete", bulk_delete),
    ("GET", "/v1/runs/{run_id}", get_run),
    ("DELETE", "/v1/runs/{run_id}", delete_run),
    ("POST", "/v1/runs/{run_id}/stop", stop_run),
    ("GET", "/v1/runs/{run_id}/data", run_data),
    ("GET", "/v1/runs/{run_id}/io/{node_id}", node_io),
)
