"""Writes a canonical workflow over the record it was read from, or makes a record for `POST /v1/workflows`.

What cannot be written is found by reading the result back: nothing is lost without a word.
"""

from collections.abc import Iterable, Iterator
from types import MappingProxyType
from typing import Final

from adapters.aitronos.content import VENDOR_NAME
from adapters.aitronos.definition import FIELD
from adapters.aitronos.losses import find_losses
from adapters.aitronos.reading import read_workflow
from adapters.aitronos.record import FIELDS
from adapters.aitronos.render_definition import (
    write_error_handler,
    write_graph,
    write_rest_of_definition,
    write_settings,
)
from adapters.aitronos.render_nodes import write_rest
from adapters.contract import Rendered
from adapters.evidence import pointer
from adapters.rendering import Writer, lost, set_field, write_changes
from schemas.base import JsonObject
from schemas.diagnostics import Loss, Severity
from schemas.graph import Graph
from schemas.workflow import ExternalId, Workflow, WorkflowStatus

STATUSES: Final = MappingProxyType({WorkflowStatus.ACTIVE: True, WorkflowStatus.INACTIVE: False})

NAMELESS: Final = "a workflow cannot be without a name"
NOT_DOCUMENTED: Final = "no document says that a new workflow can be given it"
FOREIGN_TYPE: Final = "the type is another vendor's, and Aitronos may not know it"


def render_workflow(workflow: Workflow, base: JsonObject | None) -> Rendered:
    """Return a record for the workflow and what it could not carry; the inputs are not changed.

    Without a base the definition has the shape the graph was read in, n8n's for a graph of another vendor. Fields
    that no document knows are then left out.

    Raises:
        VendorSurprise: the base is no Aitronos workflow.
    """
    start = base if base is not None else {"id": workflow.id, "name": workflow.name, FIELD: {}}
    wanted = workflow if base is not None else _without_unknown_fields(workflow)
    before = read_workflow(start, workflow.connection)
    document = dict(start)
    losses = {loss.path: loss for loss in write_changes(before, wanted, document, _writers(before, wanted))}
    got = read_workflow(document, workflow.connection)
    losses.update((loss.path, loss) for loss in find_losses(before, wanted, got))
    if base is None:
        losses.update((loss.path, loss) for loss in _losses_of_new(workflow))
    return Rendered(document=document, losses=tuple(losses.values()))


def _writers(before: Workflow, after: Workflow) -> dict[str, Writer]:
    """Return what writes each canonical field into a record that holds `before`."""

    def write_changed_graph(document: JsonObject, value: Graph) -> Iterable[Loss]:
        return write_graph(document, before.graph, value)

    def write_extensions(document: JsonObject, value: dict[str, JsonObject]) -> Iterable[Loss]:
        rest = value.get(VENDOR_NAME, {})
        write_rest(document, rest, FIELDS)
        write_rest_of_definition(document, rest.get(FIELD), after.graph.form)
        return ()

    return {
        "name": _write_name,
        "description": set_field("description"),
        "status": _write_status,
        "external_ids": _write_external_ids,
        "graph": write_changed_graph,
        "settings": write_settings,
        "error_handler": write_error_handler,
        "extensions": write_extensions,
    }


def _write_name(document: JsonObject, value: str | None) -> Iterable[Loss]:
    if value is None:
        return (lost("/name", NAMELESS),)
    document["name"] = value
    return ()


def _write_status(document: JsonObject, value: WorkflowStatus) -> Iterable[Loss]:
    if value in STATUSES:
        document["is_active"] = STATUSES[value]
    return ()


def _write_external_ids(document: JsonObject, value: tuple[ExternalId, ...]) -> Iterable[Loss]:
    document["external_id"] = value[0].id if value else None
    return ()


def _without_unknown_fields(workflow: Workflow) -> Workflow:
    own = workflow.extensions.get(VENDOR_NAME, {})
    others = {name: fields for name, fields in workflow.extensions.items() if name != VENDOR_NAME}
    extensions = {**others, VENDOR_NAME: {FIELD: own[FIELD]}} if FIELD in own else others
    return workflow.model_copy(update={"extensions": extensions})


def _losses_of_new(workflow: Workflow) -> Iterator[Loss]:
    yield lost("/id", "Aitronos gives a new workflow its own id", Severity.INFO)
    if workflow.name is None:
        yield lost("/name", NAMELESS, Severity.ERROR)
    for name in workflow.extensions.get(VENDOR_NAME, {}):
        if name != FIELD:
            yield lost(pointer("extensions", VENDOR_NAME, name), NOT_DOCUMENTED)
    if workflow.vendor != VENDOR_NAME:
        for index, node in enumerate(workflow.graph.nodes):
            if node.type is not None:
                yield lost(pointer("graph", "nodes", index, "type"), FOREIGN_TYPE)
