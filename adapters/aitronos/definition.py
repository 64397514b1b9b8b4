"""Reads `definition`, whose inside Aitronos publishes nowhere: two likely shapes are recognised, others are kept."""

from typing import Final

from adapters.aitronos import n8n_shape, react_flow_shape
from adapters.aitronos.content import Content
from adapters.evidence import Evidence
from schemas.diagnostics import DiagnosticCode, Severity
from schemas.graph import Graph, GraphForm

FIELD: Final = "definition"


def read_definition(record: Evidence) -> Content:
    """Return what the definition of a workflow record says."""
    value = record.raw(FIELD, required=True)
    if value is None:
        return Content(Graph(form=GraphForm.EMPTY))
    if value == {}:
        record.note(DiagnosticCode.EMPTY_DEFINITION, "the definition is empty", FIELD, severity=Severity.INFO)
        return Content(Graph(form=GraphForm.EMPTY))
    definition = record.object(FIELD)
    if definition is not None and n8n_shape.recognises(definition.fields):
        return n8n_shape.read(definition)
    if definition is not None and react_flow_shape.recognises(definition.fields):
        return react_flow_shape.read(definition)
    record.note(DiagnosticCode.OPAQUE_DEFINITION, "the definition has a shape we do not recognise", FIELD)
    return Content(Graph(form=GraphForm.OPAQUE), rest=value)
