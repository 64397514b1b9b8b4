"""Writes the definition of a record: graph, settings and what has no canonical place."""

from collections.abc import Iterable
from typing import Any, Final

from adapters.aitronos import n8n_shape, react_flow_shape, render_n8n, render_react_flow
from adapters.aitronos.definition import FIELD, shape_of
from adapters.aitronos.positions import written
from adapters.aitronos.render_nodes import set_or_drop, write_rest
from schemas.base import JsonObject, JsonValue
from schemas.diagnostics import Loss
from schemas.graph import Graph, GraphForm, WorkflowReference
from schemas.settings import Settings

TYPED_SETTINGS: Final = frozenset({n8n_shape.TIMEOUT, n8n_shape.ERROR_WORKFLOW})


def write_graph(document: JsonObject, before: Graph, after: Graph) -> Iterable[Loss]:
    """Write a graph in the shape the definition has; an empty one takes the shape of `after`, else n8n's."""
    if GraphForm.OPAQUE in (before.form, after.form):
        return ()
    shape = before.format if before.form is GraphForm.GRAPH else after.format
    definition = _own(document, FIELD)
    if shape == react_flow_shape.FORMAT:
        return render_react_flow.write_graph(definition, before, after)
    return render_n8n.write_graph(definition, before, after)


def write_settings(document: JsonObject, value: Settings | None) -> Iterable[Loss]:
    """Write the one setting there is a place for: how long a run may take."""
    timeouts = value.timeouts if value is not None else None
    seconds = timeouts.execution_seconds if timeouts is not None else None
    return _write_setting(document, n8n_shape.TIMEOUT, written(seconds) if seconds is not None else None)


def write_error_handler(document: JsonObject, value: WorkflowReference | None) -> Iterable[Loss]:
    """Write the id of the workflow that runs when this one fails."""
    return _write_setting(document, n8n_shape.ERROR_WORKFLOW, value.id if value is not None else None)


def write_rest_of_definition(document: JsonObject, rest: JsonValue, form: GraphForm) -> None:
    """Write what has no canonical place; all of the definition when its shape is unknown."""
    shape = shape_of(document.get(FIELD))
    fields = rest if isinstance(rest, dict) else {}
    if shape == n8n_shape.FORMAT:
        definition = _own(document, FIELD)
        write_rest(definition, fields, n8n_shape.KNOWN)
        _write_rest_of_settings(definition, fields.get(n8n_shape.SETTINGS))
    elif shape == react_flow_shape.FORMAT:
        write_rest(_own(document, FIELD), fields, react_flow_shape.KNOWN)
    elif form is GraphForm.OPAQUE and rest is not None:
        document[FIELD] = rest


def _write_rest_of_settings(definition: JsonObject, rest: JsonValue) -> None:
    if isinstance(rest, dict) or isinstance(definition.get(n8n_shape.SETTINGS), dict):
        settings = _own(definition, n8n_shape.SETTINGS)
        write_rest(settings, rest if isinstance(rest, dict) else {}, TYPED_SETTINGS & settings.keys())


def _write_setting(document: JsonObject, name: str, value: Any) -> Iterable[Loss]:
    """Write one entry of `definition.settings`, which only the n8n-like shape has."""
    if shape_of(document.get(FIELD)) == n8n_shape.FORMAT:
        definition = _own(document, FIELD)
        if value is not None or n8n_shape.SETTINGS in definition:
            set_or_drop(name)(_own(definition, n8n_shape.SETTINGS), value)
    return ()


def _own(document: JsonObject, name: str) -> JsonObject:
    """Put a copy of an inner object in its place, to be written to, and return it."""
    inner = document.get(name)
    copy: JsonObject = dict(inner) if isinstance(inner, dict) else {}
    document[name] = copy
    return copy
