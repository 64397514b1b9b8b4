"""Reads `definition`, whose inside Aitronos publishes nowhere: two likely shapes are recognised, others are kept."""

from typing import Final

from adapters.aitronos import n8n_shape, react_flow_shape
from adapters.aitronos.content import Content
from adapters.evidence import Evidence
from schemas.base import JsonValue
from schemas.diagnostics import DiagnosticCode, Severity
from schemas.drafts import GraphDraft
from schemas.graph import GraphForm

FIELD: Final = "definition"


def shape_of(definition: JsonValue) -> str | None:
    """Return the name of the shape that a definition has; None for one that we do not recognise."""
    if not isinstance(definition, dict):
        return None
    if n8n_shape.recognises(definition):
        return n8n_shape.FORMAT
    return react_flow_shape.FORMAT if react_flow_shape.recognises(definition) else None


def read_definition(record: Evidence) -> Content:
    """Return what the definition of a workflow record says."""
    value = record.raw(FIELD, required=True)
    if value is None:
        return Content(_without_nodes(GraphForm.EMPTY))
    if value == {}:
        message = "the definition is empty"
        record.note(DiagnosticCode.EMPTY_DEFINITION, message, FIELD, severity=Severity.INFO)
        return Content(_without_nodes(GraphForm.EMPTY))
    definition, shape = record.object(FIELD), shape_of(value)
    if definition is not None and shape is not None:
        return n8n_shape.read(definition) if shape == n8n_shape.FORMAT else react_flow_shape.read(definition)
    record.note(DiagnosticCode.OPAQUE_DEFINITION, "the definition has a shape we do not recognise", FIELD)
    return Content(_without_nodes(GraphForm.OPAQUE), rest=value)


def _without_nodes(form: GraphForm) -> GraphDraft:
    return {"form": form, "nodes": (), "edges": ()}
