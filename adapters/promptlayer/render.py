"""From the canonical workflow to PromptLayer's documents.

The result has the form of a detail answer: the base with what changed written into it, or a document made from
nothing. What is posted to create or patch a workflow has other names for some fields; that is the endpoints' matter.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from adapters.contract import Rendered
from adapters.evidence import pointer
from adapters.promptlayer.edges import EDGES
from adapters.promptlayer.extensions import write_extensions, write_fields, written_elsewhere
from adapters.promptlayer.history import LABELS, NOTE
from adapters.promptlayer.identity import NAME_PLACES, WRAPPED_FIELDS, WRAPPER, write_places
from adapters.promptlayer.nodes import NODES, VENDOR
from adapters.promptlayer.reading import KNOWN_FIELDS, Reading
from adapters.promptlayer.render_graph import write_graph
from adapters.promptlayer.variables import EXTERNAL_IDS, INPUTS, write_external_ids, write_inputs
from adapters.rendering import Writer, lost, same, set_field, write_changes
from schemas.base import JsonObject
from schemas.diagnostics import Loss, Severity
from schemas.graph import Graph, GraphForm
from schemas.workflow import Version, Workflow, WorkflowKind, WorkflowStatus

DOCUMENT_ORDER: Final = (
    "workflow_id",
    "workflow_name",
    NOTE,
    INPUTS,
    LABELS,
    NODES,
    EDGES,
    EXTERNAL_IDS,
)
"""The fields of a document made from nothing."""

GIVEN_BY_VENDOR: Final = ("number", "id", "created_at", "mutable")
LONGEST_ID: Final = 18
NO_VERSION: Final = Version(mutable=False)


def render(workflow: Workflow, base: JsonObject | None) -> Rendered:
    """Return the native document for the workflow, and what it could not carry.

    Raises:
        VendorSurprise: the base is not a workflow.
    """
    if base is None:
        return _create(workflow)
    before = Reading.of(base, workflow.connection)
    document = dict(base)
    losses = _write(document, before, workflow, {})
    return Rendered(document, tuple(losses))


def _create(workflow: Workflow) -> Rendered:
    """Return a detail document made of the workflow alone: numbers and times are the vendor's to give."""
    active = workflow.status is WorkflowStatus.ACTIVE
    blank = Workflow(
        connection=workflow.connection,
        vendor=VENDOR,
        id=workflow.id,
        kind=WorkflowKind.FLOW,
        status=WorkflowStatus.ACTIVE if active else WorkflowStatus.UNKNOWN,
        graph=Graph(form=GraphForm.EMPTY),
    )
    before = Reading(blank, (), {})
    document: JsonObject = {NODES: [], EDGES: []}
    special: Mapping[str, Writer] = {"name": _write_name, "extensions": _not_created}
    losses = [*_write_id(document, workflow.id), *_write(document, before, workflow, special)]
    if not workflow.outputs:
        reason = "PromptLayer needs at least one output node, and the workflow names none"
        losses.append(lost("/outputs", reason, Severity.ERROR))
    ordered: JsonObject = {name: document[name] for name in DOCUMENT_ORDER if name in document}
    return Rendered(ordered, tuple(losses))


def _write(
    document: JsonObject, before: Reading, after: Workflow, special: Mapping[str, Writer]
) -> list[Loss]:
    writers = {**_writers(before.workflow, after), **special}
    losses = list(write_changes(before.workflow, after, document, writers))
    losses.extend(write_graph(document, before, after))
    return losses


def _writers(before: Workflow, after: Workflow) -> Mapping[str, Writer]:
    """Return the writer of every field that PromptLayer has; graph and outputs are written afterwards."""

    def version(document: JsonObject, _: Any) -> Iterable[Loss]:
        return _write_version(document, before, after)

    def inputs(document: JsonObject, value: Any) -> Iterable[Loss]:
        return write_inputs(document, before.inputs, value)

    def extensions(document: JsonObject, _: Any) -> Iterable[Loss]:
        return _write_extensions(document, before, after)

    return {
        "name": _rename,
        "version": version,
        "labels": _write_labels,
        "external_ids": write_external_ids,
        "inputs": inputs,
        "outputs": written_elsewhere,
        "graph": written_elsewhere,
        "extensions": extensions,
    }


def _rename(document: JsonObject, name: str | None) -> Iterable[Loss]:
    if name is None:
        return (lost("/name", "a workflow of PromptLayer always has a name"),)
    write_places(document, NAME_PLACES, name)
    return (lost("/name", "PromptLayer's API cannot rename a workflow; only a new one takes the name"),)


def _write_id(document: JsonObject, workflow_id: str) -> Iterable[Loss]:
    number = workflow_id.isascii() and workflow_id.isdigit() and len(workflow_id) <= LONGEST_ID
    document["workflow_id"] = int(workflow_id) if number else workflow_id
    return () if number else (lost("/id", "PromptLayer gives every workflow a number", Severity.INFO),)


def _write_name(document: JsonObject, name: str | None) -> Iterable[Loss]:
    write_places(document, NAME_PLACES, name)
    return ()


def _not_created(_document: JsonObject, value: Mapping[str, JsonObject]) -> Iterable[Loss]:
    for vendor in value:
        yield lost(
            pointer("extensions", vendor), "nothing says that a workflow can be created with these fields"
        )


def _write_labels(document: JsonObject, labels: tuple[str, ...]) -> Iterable[Loss]:
    document[LABELS] = list(labels)
    return ()


def _write_version(document: JsonObject, before: Workflow, after: Workflow) -> Iterable[Loss]:
    """Write a version's note and labels; the workflow's own labels go first where the two disagree."""
    prior, wanted = before.version or NO_VERSION, after.version or NO_VERSION

    def labels(document: JsonObject, value: tuple[str, ...]) -> Iterable[Loss]:
        if after.labels == before.labels:
            return _write_labels(document, value)
        if after.labels == value:
            return ()
        return (lost("/version/labels", "the labels of the workflow are others"),)

    writers = {"note": set_field(NOTE), "labels": labels, "current": written_elsewhere}
    writers |= {name: _given_by_vendor(f"/version/{name}") for name in GIVEN_BY_VENDOR}
    return write_changes(prior, wanted, document, writers, "/version")


def _given_by_vendor(path: str) -> Writer:
    def write(_document: JsonObject, _value: Any) -> Iterable[Loss]:
        return (lost(path, "PromptLayer gives this to every version itself", Severity.INFO),)

    return write


def _write_extensions(document: JsonObject, before: Workflow, after: Workflow) -> Iterator[Loss]:
    """Write unknown fields back: those of the wrapper into it, all others at the top."""
    old, new = dict(before.extensions.get(VENDOR, {})), dict(after.extensions.get(VENDOR, {}))
    inside, wanted = old.pop(WRAPPER, {}), new.pop(WRAPPER, {})
    others = {**after.extensions, VENDOR: new}
    yield from write_extensions(document, {VENDOR: old}, others, KNOWN_FIELDS)
    if same(wanted, inside):
        return
    path = pointer("extensions", VENDOR, WRAPPER)
    if not isinstance(wanted, dict):
        yield lost(path, "PromptLayer's wrapper is an object")
        return
    wrapper = document.get(WRAPPER)
    document[WRAPPER] = wrapper = dict(wrapper) if isinstance(wrapper, dict) else {}
    yield from write_fields(wrapper, inside, wanted, WRAPPED_FIELDS, path)
