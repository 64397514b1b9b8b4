"""A run and its life: it moves on with every read of it, and with the clock when nobody reads.

The input key `emulate` chooses another end than `completed`: `failed`, `stopped`, `awaiting_human_feedback`,
or `running`, which never ends by itself.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from emulators.noxus.catalogue import node_catalogue
from emulators.noxus.graph import INPUT_TYPES, OUTPUT_TYPES, label, nodes
from emulators.noxus.state import GROUP_ID, Record, stamp

EMULATE = "emulate"
ENDS = ("completed", "failed", "stopped", "awaiting_human_feedback", "running")
FINAL = frozenset({"completed", "failed", "stopped"})
SECONDS_PER_STAGE = 5.0


@dataclass
class Run:
    """One run of a workflow.

    Attributes:
        script: the statuses it goes through; `stage` says where it is.
        nodes: the nodes it executes, in the definition's order.
        done: how many of them are executed at the end of the script.
        fault: why it fails, if it does.
    """

    id: str
    workflow_id: str
    created_at: datetime
    input: Record
    script: tuple[str, ...]
    nodes: list[Record]
    done: int
    options: Record = field(default_factory=dict)
    source: str = "api"
    fault: str | None = None
    handler: str | None = None
    stage: int = 0
    finished_at: datetime | None = None

    @property
    def status(self) -> str:
        """The run's status now."""
        return self.script[self.stage]

    @property
    def executed(self) -> list[Record]:
        """The nodes that are done."""
        last = len(self.script) - 1
        return self.nodes[: self.done if self.stage == last else self.done * self.stage // last]

    @property
    def progress(self) -> int:
        """Per cent of the nodes that are done."""
        if self.status == "completed":
            return 100
        return 100 * len(self.executed) // max(1, len(self.nodes))

    def move(self, moment: datetime, stages: int = 0) -> None:
        """Go on by some stages, and at least as far as the clock says."""
        elapsed = int((moment - self.created_at).total_seconds() // SECONDS_PER_STAGE)
        last = len(self.script) - 1
        self.stage = min(last, max(self.stage + stages, elapsed))
        if self.status in FINAL and self.finished_at is None:
            self.finished_at = moment

    def end(self, moment: datetime) -> None:
        """Go to the end of the script at once."""
        self.move(moment, len(self.script))

    def stop(self, moment: datetime) -> None:
        """Stop a run that has not ended; one that has stays as it is."""
        if self.status in FINAL:
            return
        self.done = len(self.executed)
        self.script = (*self.script[: self.stage + 1], "stopped")
        self.stage += 1
        self.finished_at = moment

    def output(self, *, by_id: bool = False) -> Record | None:
        """Return the outputs by label (or node id), or None while there are none."""
        if self.status != "completed":
            return None
        ends = [node for node in self.nodes if node.get("type") in OUTPUT_TYPES]
        return {node["id"] if by_id else label(node): self.text(node) for node in ends}

    def text(self, node: Record) -> str:
        """Return what a node gives: made up, the same for the same input."""
        given = ", ".join(str(value) for key, value in self.input.items() if key != EMULATE)
        return f"{label(node)}: {given or 'nothing given'}"

    def document(self) -> Record:
        """Return the run as the API answers it."""
        return {
            "id": self.id,
            "group_id": GROUP_ID,
            "workflow_id": self.workflow_id,
            "status": self.status,
            "created_at": stamp(self.created_at),
            "input": self.input,
            "output": self.output(),
            "node_ids": self.options.get("node_ids"),
            "single_node_id": self.options.get("single_node_id"),
            "workflow_version_id": self.options.get("workflow_version_id"),
            "progress": self.progress,
            "finished_at": stamp(self.finished_at) if self.finished_at else None,
            "progress_details": self.details(),
        }

    def details(self) -> Record:
        """Return `progress_details`."""
        executed = [node["id"] for node in self.executed]
        remaining = [node["id"] for node in self.nodes[len(executed) :]]
        running = remaining[:1] if self.status in {"running", "awaiting_human_feedback"} else []
        failed = self.status == "failed"
        return {
            "executed_nodes": executed,
            "remaining_nodes": remaining,
            "per_node_progress": dict.fromkeys(executed, 100) | dict.fromkeys(running, 50),
            "running_nodes": running,
            "skipped_nodes": [],
            "error_handler_nodes": [self.handler] if failed and self.handler else [],
            "subflow_executions": {},
            "per_edge_progress": {},
            "run_logs": {remaining[0]: [self.fault]} if failed and remaining else {},
        }

    def node_view(self, node: Record) -> Record:
        """Return what went into a node and came out of it."""
        executed = node["id"] in self.details()["executed_nodes"]
        outputs = {"output": self.text(node)} if executed and node.get("type") not in OUTPUT_TYPES else {}
        inputs = self.input if node.get("type") in INPUT_TYPES else {"input": self.text(node)}
        return {
            "node_id": node["id"],
            "name": node.get("name"),
            "type": node.get("type"),
            "status": "completed" if executed else "pending",
            "inputs": inputs if executed else {},
            "outputs": outputs,
        }


def _wanted(definition: Record, options: Record) -> list[Record]:
    """Return the nodes a run executes: all, or the subset the caller asked for."""
    only: list[Any] | None = options.get("node_ids")
    if options.get("single_node_id"):
        only = [options["single_node_id"]]
    return [node for node in nodes(definition) if only is None or node["id"] in only]


def _fault(executed: list[Record]) -> tuple[int, str] | None:
    """Return where and why a definition cannot run: at its first node of a type nobody knows."""
    known = {entry["type"] for entry in node_catalogue()}
    for index, node in enumerate(executed):
        if node.get("type") not in known:
            return index, f"Node type {node.get('type')} not found"
    return None


def new_run(run_id: str, workflow: Record, definition: Record, given: Record, moment: datetime) -> Run:
    """Return a queued run; `given` is the request's body."""
    end = given["input"].get(EMULATE)
    end = end if end in ENDS else "completed"
    executed = _wanted(definition, given)
    done, fault = len(executed), None
    if end != "completed":
        done, fault = done // 2, "Stopped on purpose by the input"
    elif found := _fault(executed):
        end, (done, fault) = "failed", found
    script = ("queued", "running", "running", end)
    handler = workflow.get("error_handler")
    options = {name: given.get(name) for name in ("node_ids", "single_node_id", "workflow_version_id")}
    return Run(
        id=run_id,
        workflow_id=workflow["id"],
        created_at=moment,
        input=given["input"],
        script=script,
        nodes=executed,
        done=done,
        options=options,
        fault=fault,
        handler=handler,
    )
