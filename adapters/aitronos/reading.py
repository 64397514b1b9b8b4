"""Reads a whole workflow record."""

from typing import cast

from adapters.aitronos.content import VENDOR_NAME, Content
from adapters.aitronos.definition import FIELD, read_definition
from adapters.aitronos.record import FIELDS, summary_fields
from adapters.errors import VendorSurprise
from adapters.evidence import Evidence, Findings
from schemas.base import JsonObject, JsonValue
from schemas.drafts import WorkflowDraft, WorkflowSummaryDraft
from schemas.workflow import Workflow


def read_workflow(document: JsonValue, connection: str) -> Workflow:
    """Return the canonical workflow of a record.

    Raises:
        VendorSurprise: the document is no object or has no id.
    """
    return Workflow.model_validate(draft_workflow(document, connection))


def draft_workflow(document: JsonValue, connection: str) -> WorkflowDraft:
    """Return the same as plain values.

    Raises:
        VendorSurprise: the document is no object or has no id.
    """
    record = _evidence(document)
    draft = cast("WorkflowDraft", summary_fields(record, connection))  # the rest of it follows
    content = read_definition(record)
    draft["inputs"] = ()
    draft["outputs"] = ()
    draft["graph"] = content.graph
    if content.settings is not None:
        draft["settings"] = content.settings
    if content.error_handler is not None:
        draft["error_handler"] = content.error_handler
    draft["extensions"] = _extensions(record, content)
    draft["digest"] = ""
    draft["diagnostics"] = record.findings.all()
    return draft


def draft_summary(item: JsonValue, connection: str) -> WorkflowSummaryDraft:
    """Return the short form of a record, which a listing holds whole, as plain values.

    Raises:
        VendorSurprise: the item is no object or has no id.
    """
    return summary_fields(_evidence(item), connection)


def _evidence(document: JsonValue) -> Evidence:
    if not isinstance(document, dict):
        raise VendorSurprise("an Aitronos workflow is a JSON object")
    return Evidence(document, Findings())


def _extensions(record: Evidence, content: Content) -> dict[str, JsonObject]:
    rest = record.rest(*FIELDS)
    if content.rest is not None:
        rest[FIELD] = content.rest
    return {VENDOR_NAME: rest} if rest else {}
