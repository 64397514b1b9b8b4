"""Reads a whole workflow record."""

from adapters.aitronos.content import VENDOR_NAME, Content
from adapters.aitronos.definition import FIELD, read_definition
from adapters.aitronos.record import FIELDS, summary_fields
from adapters.errors import VendorSurprise
from adapters.evidence import Evidence, Findings
from schemas.base import JsonObject, JsonValue
from schemas.workflow import Workflow, WorkflowSummary


def read_workflow(document: JsonValue, connection: str) -> Workflow:
    """Return the canonical workflow of a record.

    Raises:
        VendorSurprise: the document is no object or has no id.
    """
    record = _evidence(document)
    fields = summary_fields(record, connection)
    content = read_definition(record)
    return Workflow(
        **fields,
        graph=content.graph,
        settings=content.settings,
        error_handler=content.error_handler,
        extensions=_extensions(record, content),
        diagnostics=record.findings.all(),
    )


def read_summary(item: JsonValue, connection: str) -> WorkflowSummary:
    """Return the short form of a record, which a listing holds whole.

    Raises:
        VendorSurprise: the item is no object or has no id.
    """
    return WorkflowSummary(**summary_fields(_evidence(item), connection))


def _evidence(document: JsonValue) -> Evidence:
    if not isinstance(document, dict):
        raise VendorSurprise("an Aitronos workflow is a JSON object")
    return Evidence(document, Findings())


def _extensions(record: Evidence, content: Content) -> dict[str, JsonObject]:
    rest = record.rest(*FIELDS)
    if content.rest is not None:
        rest[FIELD] = content.rest
    return {VENDOR_NAME: rest} if rest else {}
