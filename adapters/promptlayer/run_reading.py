"""From PromptLayer's results of a run to the canonical run. They tell of nodes, and nothing of the run as a whole."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from adapters.contract import Answer
from adapters.errors import VendorSurprise
from adapters.promptlayer.answers import json_object
from schemas.base import JsonObject, JsonValue
from schemas.runs import Run, RunState

STILL_RUNNING: Final = 202

SUCCESS: Final = "SUCCESS"
QUEUED: Final = "QUEUED"
RUNNING: Final = "RUNNING"
SKIPPED: Final = "SKIPPED"
FAILED: Final = frozenset({"FAILED", "FAILURE"})
"""The page on callbacks says FAILURE for what the results say is FAILED."""

STATES: Final[Mapping[str, RunState]] = MappingProxyType(
    {
        SUCCESS: RunState.SUCCEEDED,
        SKIPPED: RunState.FAILED,
        QUEUED: RunState.QUEUED,
        RUNNING: RunState.RUNNING,
        **dict.fromkeys(FAILED, RunState.FAILED),
    }
)
"""What the deciding status says of the run; one that skipped all of its outputs came to nothing."""

Results = Mapping[str, JsonObject]
"""What became of each node, by its name."""


def read_run(answer: Answer, run_id: str) -> Run:
    """Return the run that results are of; they do not tell of which workflow.

    Raises:
        VendorSurprise: the answer is empty, or says that it failed.
    """
    told = Run(id=run_id, state=RunState.RUNNING)
    ended = answer.status != STILL_RUNNING
    results = _results(answer.document)
    if results is None:
        if ended and not answer.body:
            raise VendorSurprise("the vendor did not answer with the results of a run", status=answer.status)
        # Not what was asked for, the results of all nodes, but the output alone.
        output = answer.document if not isinstance(answer.document, dict) else json_object(answer)
        return told.model_copy(update={"state": RunState.SUCCEEDED, "output": output} if ended else {})
    word = _deciding(results) if ended else _under_way(results)
    state = STATES.get(word, RunState.UNKNOWN)
    first = next(iter(_successful_outputs(results)), None)
    return told.model_copy(
        update={
            "state": state,
            "native_state": word,
            "output": first["value"] if first is not None and state.final else None,
            "node_outputs": {
                name: result["value"] for name, result in results.items() if result["status"] == SUCCESS
            },
            "error": _error(results) if state is RunState.FAILED else None,
        }
    )


def _results(document: JsonValue) -> Results | None:
    """Return the document if it is the results of nodes, which all have a status and a value."""
    if not isinstance(document, dict):
        return None
    for result in document.values():
        if not isinstance(result, dict) or "value" not in result or not isinstance(result.get("status"), str):
            return None
    return document


def _deciding(results: Results) -> str:
    """Return the status that an ended run goes by: that of an output, else of what kept it from coming."""
    words = [result["status"] for result in results.values()]
    expected = any(result.get("is_output_node") is True for result in results.values())
    if _successful_outputs(results):
        return SUCCESS
    if not expected and not FAILED.intersection(words):
        return SUCCESS  # nobody waits for an output
    settled = {SUCCESS, SKIPPED, *FAILED}
    odd = next((word for word in words if word not in settled), None)
    failed = next((word for word in words if word in FAILED), SKIPPED)
    return failed if odd is None else odd


def _under_way(results: Results) -> str:
    return QUEUED if all(result["status"] == QUEUED for result in results.values()) else RUNNING


def _successful_outputs(results: Results) -> list[JsonObject]:
    """Return the results that can be the run's: of output nodes, the first one counts."""
    return [
        result
        for result in results.values()
        if result.get("is_output_node") is True and result["status"] == SUCCESS
    ]


def _error(results: Results) -> str | None:
    for result in results.values():
        if result["status"] in FAILED:
            for field in ("error_message", "raw_error_message"):
                if isinstance(said := result.get(field), str) and said:
                    return said
    return None
