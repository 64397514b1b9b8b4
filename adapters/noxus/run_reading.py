"""Noxus's runs and their events as canonical ones. Pure."""

import math
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from adapters.errors import VendorSurprise
from adapters.event_stream import ServerEvent
from adapters.evidence import Evidence, Findings
from schemas.base import JsonObject, JsonValue
from schemas.json_codec import InvalidJsonError, loads
from schemas.runs import Run, RunEvent, RunState

STATES: Final[Mapping[str, RunState]] = MappingProxyType(
    {
        "queued": RunState.QUEUED,
        "running": RunState.RUNNING,
        "awaiting_human_feedback": RunState.WAITING,
        "completed": RunState.SUCCEEDED,
        "failed": RunState.FAILED,
        "stopped": RunState.CANCELLED,
    }
)
"""The vendor's documented words, and the one that only its SDK knows."""

_LONGEST_ERROR: Final = 2000


def read_run(document: JsonObject, workflow_id: str) -> Run:
    """Return a run.

    Args:
        document: the vendor's.
        workflow_id: whose run it is, where the document does not say.

    Raises:
        VendorSurprise: it has no id.
    """
    run = Evidence(document, Findings())
    identifier = run.identifier("id")
    if not identifier:
        raise VendorSurprise("the vendor gave a run without an id")
    word, progress = run.text("status"), run.number("progress")
    state = STATES.get(word or "", RunState.UNKNOWN)
    inputs = run.object("input")
    return Run(
        id=identifier,
        workflow_id=run.identifier("workflow_id") or workflow_id,
        state=state,
        native_state=word,
        version=run.identifier("workflow_version_id"),
        inputs=None if inputs is None else inputs.fields,
        output=run.raw("output"),
        error=_error(run) if state is RunState.FAILED else None,
        progress=int(progress) if progress is not None and math.isfinite(progress) else None,
        started_at=run.iso_time("created_at"),
        finished_at=run.iso_time("finished_at"),
    )


def read_event(event: ServerEvent, workflow_id: str, run_id: str) -> RunEvent:
    """Return an event of a run that is followed.

    It tells how the run stands only while the run goes on: how it ended is read from the run itself, with its output.
    """
    native = _data(event.data)
    told = native if isinstance(native, dict) else {}
    redis_id = told.get("redisId")
    word = _state_word(told)
    state = None if word is None else STATES.get(word, RunState.UNKNOWN)
    run = None
    if state is not None and not state.final:
        run = Run(id=run_id, workflow_id=workflow_id, state=state, native_state=word)
    return RunEvent(
        id=redis_id if isinstance(redis_id, str) and redis_id else event.id or None, run=run, native=native
    )


def tells_end(event: RunEvent) -> bool:
    """Say whether an event tells that the run has ended."""
    word = _state_word(event.native if isinstance(event.native, dict) else {})
    return word is not None and STATES.get(word, RunState.UNKNOWN).final


def _state_word(event: JsonObject) -> str | None:
    """Return the run's status that an event tells: `workflow_status`, or the `status` of an event about the state."""
    data = event.get("data")
    if not isinstance(data, dict):
        return None
    word = data.get("workflow_status")
    if word is None and event.get("type") == "state":
        word = data.get("status")
    return word if isinstance(word, str) else None


def _data(text: str) -> JsonValue:
    try:
        return loads(text.encode("utf-8", "surrogatepass"))
    except InvalidJsonError:
        return text


def _error(run: Evidence) -> str | None:
    """Return why a run failed: its `error`, else what the logs of the nodes that did not finish say."""
    said = run.fields.get("error")
    if isinstance(said, str) and said:
        return said[:_LONGEST_ERROR]
    return "; ".join(_unfinished_logs(run))[:_LONGEST_ERROR] or None


def _unfinished_logs(run: Evidence) -> Iterator[str]:
    details = run.fields.get("progress_details")
    logs = details.get("run_logs") if isinstance(details, dict) else None
    if not isinstance(details, dict) or not isinstance(logs, dict):
        return
    executed = details.get("executed_nodes")
    done = executed if isinstance(executed, list) else []
    for node, lines in logs.items():
        if node not in done:
            yield from (
                line for line in (lines if isinstance(lines, list) else [lines]) if isinstance(line, str)
            )
