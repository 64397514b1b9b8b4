"""Writes a canonical workflow over a native document: what has a plain path is written, the rest is a loss."""

from collections.abc import Iterable
from typing import Any, Final

from adapters.contract import Rendered
from adapters.evidence import pointer
from adapters.generic.description import WorkflowPlaces
from adapters.generic.expressions import Expression
from adapters.rendering import Writer, lost, write_changes
from schemas.base import JsonObject, JsonValue
from schemas.diagnostics import Loss, Severity
from schemas.graph import Graph, GraphForm
from schemas.workflow import Workflow

TEXTS: Final = ("name", "description")
"""What is written where its place is a plain path."""

UNWRITTEN: Final = "a description without code says how this is read, not how it is written"


def render(workflow: Workflow, before: Workflow | None, base: JsonObject, places: WorkflowPlaces) -> Rendered:
    """Return the native document and what it could not carry; `before` is what `base` reads as, None for no base."""
    losses: list[Loss] = []
    document = dict(base)
    if before is None:
        before = Workflow(
            connection=workflow.connection,
            vendor=workflow.vendor,
            id=workflow.id,
            graph=Graph(form=GraphForm.EMPTY, format=workflow.graph.format),
        )
        losses.append(lost("/id", "the vendor gives a new workflow its own id", Severity.INFO))
        losses += _writer("id", places.id)(document, workflow.id)
    writers = {name: _refuse(name) for name in Workflow.model_fields}
    writers.update({name: _writer(name, getattr(places, name)) for name in TEXTS})
    writers["tags"] = _tags(places.tags)
    losses += write_changes(before, workflow, document, writers)
    return Rendered(document, tuple(losses))


def _writer(name: str, where: Expression | None) -> Writer:
    def write(document: JsonObject, value: Any) -> Iterable[Loss]:
        if where is None or not where.names or not _put(document, where.names, value):
            return (lost(pointer(name), UNWRITTEN),)
        return ()

    return write


def _tags(where: Expression | None) -> Writer:
    write = _writer("tags", where)
    return lambda document, value: write(document, list(value))


def _refuse(name: str) -> Writer:
    return lambda _document, _value: (lost(pointer(name), UNWRITTEN),)


def _put(document: JsonObject, names: tuple[str, ...], value: JsonValue) -> bool:
    """Write a value at a path, into copies of the objects on the way; False where something else is in the way."""
    for name in names[:-1]:
        inner = document.get(name)
        if inner is not None and not isinstance(inner, dict):
            return False
        document[name] = dict(inner or {})
        document = document[name]
    document[names[-1]] = value
    return True
