"""Runs: start one, follow it by polling, by push or by callback."""

import asyncio
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from starlette.responses import JSONResponse, Response

from emulators.promptlayer import variants as v
from emulators.promptlayer.callbacks import deliver, is_url
from emulators.promptlayer.calls import Call
from emulators.promptlayer.errors import refusal
from emulators.promptlayer.evaluate import FAILED, output_of, play, succeeded
from emulators.promptlayer.realtime import Hub
from emulators.promptlayer.records import Document, Execution, Version
from emulators.promptlayer.shared import Shared
from emulators.promptlayer.validation import Body, Complaints, Query

DURATION = timedelta(milliseconds=250)
"""How long every run takes, however many nodes it has."""
PUSH_LIMIT = 32_768
"""Bytes of JSON a push may carry; a larger result has to be fetched."""
COMPLETE = "SET_WORKFLOW_COMPLETE"
FAILURE = "FAILURE"


@dataclass(frozen=True, slots=True)
class Wish:
    """What a run was asked for."""

    label: str | None
    number: int | None
    inputs: dict[str, Any]
    return_all_outputs: bool
    callback_url: str | None
    channel_suffix: str | None


def read_wish(body: Body) -> Wish:
    """Read the body of a run; `channel_name_suffix` is sent by the SDKs and in no document."""
    callback_url = body.text("callback_url", nullable=True)
    if callback_url is not None and not is_url(callback_url):
        where = (*body.location, "callback_url")
        body.complaints.add(where, "Input should be a valid URL", "url_parsing")
    body.string_mapping("metadata", nullable=True)
    return Wish(
        label=body.text("workflow_label_name", nullable=True),
        number=body.integer("workflow_version_number", nullable=True),
        inputs=body.mapping("input_variables") or {},
        return_all_outputs=bool(body.boolean("return_all_outputs")),
        callback_url=callback_url,
        channel_suffix=body.text("channel_name_suffix", nullable=True),
    )


class RunHandlers:
    """Starting runs and reading their results."""

    def __init__(self, shared: Shared, hub: Hub) -> None:
        self.shared = shared
        self.hub = hub
        self._running: set[asyncio.Task[None]] = set()

    def clear(self) -> None:
        """Stop every announcement that is still to come."""
        for task in self._running:
            task.cancel()
        self._running.clear()

    async def start(self, call: Call) -> Response:
        """POST /workflows/{id_or_name}/run."""
        complaints = Complaints()
        wish = read_wish(Body(await call.body(), complaints))
        complaints.settle()
        message = "workflow_label_name and workflow_version_number are mutually exclusive"
        self.shared.forbid_both(wish.number, wish.label, message)
        workflow = self.shared.workflow(call.captured[0])
        version = self.shared.version(workflow, wish.number, wish.label)
        state = self.shared.state
        execution = Execution(
            execution_id=state.number("execution"),
            results=play(version, wish.inputs),
            started_at=state.clock(),
            duration=DURATION,
            return_all_outputs=wish.return_all_outputs,
        )
        state.executions[execution.execution_id] = execution
        called_back = wish.callback_url is not None and v.NO_CALLBACKS not in self.shared.variants
        self._announce_later(workflow.workflow_id, execution, wish, called_back=called_back)
        document = {
            "success": True,
            "message": f"Workflow execution {'accepted' if called_back else 'created successfully'}",
            "warning": _warning(version, wish.inputs),
            "workflow_version_execution_id": execution.execution_id,
        }
        return JSONResponse(document, status_code=202 if called_back else 201)

    def _announce_later(
        self, workflow_id: int, execution: Execution, wish: Wish, *, called_back: bool
    ) -> None:
        # The Python SDK follows the first channel, the JavaScript SDK the second.
        channels = [f"workflow_updates:{execution.execution_id}"]
        if wish.channel_suffix is not None:
            channels.append(f"workflows:{workflow_id}:run:{wish.channel_suffix}")
        url = wish.callback_url if called_back else None
        task = asyncio.create_task(self._announce(execution, channels, url))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _announce(self, execution: Execution, channels: list[str], url: str | None) -> None:
        await asyncio.sleep(DURATION.total_seconds())
        push = {"message_name": COMPLETE, "data": json.dumps(completion(execution))}
        for channel in channels:
            await self.hub.publish(channel, push)
        if url is not None:
            # The page on callbacks calls the failed status FAILURE.
            output = with_failure_word(execution.results)
            number = execution.execution_id
            await deliver(url, {"workflow_version_execution_id": number, "final_output": output})

    async def results(self, call: Call) -> Response:
        """GET /workflow-version-execution-results."""
        complaints = Complaints()
        query = Query(call.query, complaints)
        number = query.integer("workflow_version_execution_id", required=True)
        every = query.boolean("return_all_outputs")
        node_id, node_name = query.integer("workflow_node_id"), query.text("workflow_node_name")
        complaints.settle()
        execution = self._execution(number or 0)
        now = self.shared.state.clock()
        seen: Mapping[str, Document] = execution.seen_at(now)
        if node_id is not None or (node_name is not None and node_name not in seen):
            # The integer ids of nodes that this parameter means appear in no other answer.
            raise refusal(404, "Workflow node not found")
        if v.FAILURE_WORD in self.shared.variants:
            seen = with_failure_word(seen)
        if node_name is not None:
            seen = {node_name: seen[node_name]}
        answer = seen if every else _single(seen, of_one_node=node_name is not None)
        return JSONResponse(answer, 200 if execution.finished(now) else 202)

    def _execution(self, number: int) -> Execution:
        if number in self.shared.state.foreign_executions:
            raise refusal(403, "API key does not have access to the requested resource")
        execution = self.shared.state.executions.get(number)
        if execution is None:
            raise refusal(404, "Workflow version execution not found")
        return execution


def _single(seen: Mapping[str, Document], *, of_one_node: bool) -> Any:
    return next(iter(seen.values()))["value"] if of_one_node else output_of(seen)


def completion(execution: Execution) -> Document:
    """Return the text of the push that ends a run, as an object.

    Without any output node that succeeded the whole results are sent, from which the SDK tells a failure.
    """
    every = execution.return_all_outputs or not any(map(succeeded, execution.results.values()))
    output: Any = execution.results if every else output_of(execution.results)
    code = "OK"
    if len(json.dumps(output)) > PUSH_LIMIT:
        code, output = "EXCEEDS_SIZE_LIMIT", f"Final output exceeds the size limit of {PUSH_LIMIT} bytes"
    return {
        "workflow_version_execution_id": execution.execution_id,
        "result_code": code,
        "final_output": output,
    }


def with_failure_word(results: Mapping[str, Document]) -> dict[str, Document]:
    """Return results with FAILURE where they say FAILED."""
    return {
        name: {**result, "status": FAILURE if result["status"] == FAILED else result["status"]}
        for name, result in results.items()
    }


def _warning(version: Version, inputs: Collection[str]) -> str | None:
    expected = version.variables or {}
    missing = [name for name in expected if name not in inputs]
    unused = [name for name in inputs if name not in expected]
    sentences = [
        f"{word} input variables: {', '.join(names)}"
        for word, names in (("Missing", missing), ("Unused", unused))
        if names
    ]
    return ". ".join(sentences) or None
