"""The workflow record: thirteen documented fields around the definition."""

from typing import Any, Final

from adapters.aitronos.content import VENDOR_NAME
from adapters.errors import VendorSurprise
from adapters.evidence import Evidence
from schemas.workflow import AssistantLink, Author, ExternalId, Place, Version, WorkflowKind, WorkflowStatus

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


def summary_fields(record: Evidence, connection: str) -> dict[str, Any]:
    """Return the canonical fields that a listing shows, by name.

    Raises:
        VendorSurprise: the record has no id.
    """
    workflow_id = record.text("id")
    if not workflow_id:
        raise VendorSurprise("a document without an id is no Aitronos workflow")
    organization = record.identifier("organization_id", required=True)
    author = record.identifier("created_by")
    external = record.identifier("external_id")
    return {
        "connection": connection,
        "vendor": VENDOR_NAME,
        "id": workflow_id,
        "name": record.text("name", required=True),
        "description": record.text("description"),
        "kind": WorkflowKind.FLOW,
        "status": _status(record),
        "version": _version(record),
        "external_ids": (ExternalId(id=external),) if external is not None else (),
        "created_at": record.unix_time("created_at", required=True),
        "updated_at": record.unix_time("updated_at", required=True),
        "author": Author(id=author) if author is not None else None,
        "workspace": Place(id=organization) if organization is not None else None,
        "assistant": _assistant(record),
    }


def _status(record: Evidence) -> WorkflowStatus:
    is_active = record.boolean("is_active", required=True)
    if is_active is None:
        return WorkflowStatus.UNKNOWN
    return WorkflowStatus.ACTIVE if is_active else WorkflowStatus.INACTIVE


def _version(record: Evidence) -> Version | None:
    number = record.integer("version", required=True)
    return Version(number=number, mutable=True, current=True) if number is not None else None


def _assistant(record: Evidence) -> AssistantLink | None:
    assistant_id = record.identifier("assistant_id")
    has_node = record.boolean("has_assistant")
    if assistant_id is None and has_node is None:
        return None
    return AssistantLink(assistant_id=assistant_id, has_assistant_node=has_node)
