"""The workflow record: thirteen documented fields around the definition."""

from typing import Final

from adapters.aitronos.content import VENDOR_NAME
from adapters.errors import VendorSurprise
from adapters.evidence import Evidence
from schemas.drafts import AssistantLinkDraft, WorkflowSummaryDraft
from schemas.workflow import WorkflowKind, WorkflowStatus

FIELDS: Final = (
    "id",
    "organization_id",
    "name",
    "description",
    "definition",
    "version",
    "is_active",
    "created_at",
    "updated_at",
    "created_by",
    "external_id",
    "assistant_id",
    "has_assistant",
)
"""Every documented field."""


def summary_fields(record: Evidence, connection: str) -> WorkflowSummaryDraft:
    """Return what a listing shows of a workflow.

    Raises:
        VendorSurprise: the record has no id.
    """
    workflow_id = record.text("id")
    if not workflow_id:
        raise VendorSurprise("a document without an id is no Aitronos workflow")
    organization = record.identifier("organization_id", required=True)
    author = record.identifier("created_by")
    external = record.identifier("external_id")
    summary: WorkflowSummaryDraft = {
        "connection": connection,
        "vendor": VENDOR_NAME,
        "id": workflow_id,
        "kind": WorkflowKind.FLOW,
        "labels": (),
        "tags": (),
        "external_ids": ({"id": external},) if external is not None else (),
    }
    _add_words(summary, record)
    _add_state(summary, record)
    if author is not None:
        summary["author"] = {"id": author}
    if organization is not None:
        summary["workspace"] = {"id": organization}
    if assistant := _assistant(record):
        summary["assistant"] = assistant
    return summary


def _add_words(summary: WorkflowSummaryDraft, record: Evidence) -> None:
    if (name := record.text("name", required=True)) is not None:
        summary["name"] = name
    if (description := record.text("description")) is not None:
        summary["description"] = description


def _add_state(summary: WorkflowSummaryDraft, record: Evidence) -> None:
    summary["status"] = _status(record)
    if (number := record.integer("version", required=True)) is not None:
        summary["version"] = {"number": number, "mutable": True, "current": True, "labels": ()}
    if (created := record.unix_time("created_at", required=True)) is not None:
        summary["created_at"] = created
    if (updated := record.unix_time("updated_at", required=True)) is not None:
        summary["updated_at"] = updated


def _status(record: Evidence) -> WorkflowStatus:
    is_active = record.boolean("is_active", required=True)
    if is_active is None:
        return WorkflowStatus.UNKNOWN
    return WorkflowStatus.ACTIVE if is_active else WorkflowStatus.INACTIVE


def _assistant(record: Evidence) -> AssistantLinkDraft:
    link: AssistantLinkDraft = {}
    if (assistant_id := record.identifier("assistant_id")) is not None:
        link["assistant_id"] = assistant_id
    if (has_node := record.boolean("has_assistant")) is not None:
        link["has_assistant_node"] = has_node
    return link
