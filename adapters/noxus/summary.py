"""Who and what a workflow is: everything but its content."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from adapters.errors import VendorSurprise
from adapters.evidence import Evidence
from schemas.diagnostics import DiagnosticCode, Severity
from schemas.workflow import Author, Place, RunStatistics, Version, WorkflowKind, WorkflowStatus

VENDOR_NAME: Final = "noxus"

KINDS: Final[Mapping[str, WorkflowKind]] = MappingProxyType(
    {
        "flow": WorkflowKind.FLOW,
        "agent_flow": WorkflowKind.AGENT_FLOW,
        "handler": WorkflowKind.ERROR_HANDLER,
        "ingestion": WorkflowKind.INGESTION,
        "inbox_process": WorkflowKind.AUTOMATION,
        "inbox_filtering": WorkflowKind.AUTOMATION,
        "inbox_extraction": WorkflowKind.AUTOMATION,
        "task_automation": WorkflowKind.AUTOMATION,
    }
)
"""The vendor's documented `type` values; its older documents list fewer, so more may come."""


def summary_fields(record: Evidence, connection: str) -> dict[str, Any]:
    """Return the fields that `Workflow` and `WorkflowSummary` share.

    Raises:
        VendorSurprise: there is no id.
    """
    identifier = record.identifier("id")
    if not identifier:
        raise VendorSurprise("the vendor gave a workflow without an id")
    native_kind = record.text("type", required=True)
    return {
        "connection": connection,
        "vendor": VENDOR_NAME,
        "id": identifier,
        "name": record.text("name", required=True),
        "description": record.text("description"),
        "kind": _kind(record, native_kind),
        "native_kind": native_kind,
        "status": _status(record),
        "published": _published(record),
        "version": Version(mutable=True, current=True, native_hash=record.text("workflow_hash")),
        "tags": _tags(record),
        "created_at": record.iso_time("created_at"),
        "updated_at": record.iso_time("last_updated_at"),
        "deleted_at": record.iso_time("deleted_at"),
        "author": _author(record),
        "workspace": _workspace(record),
        "statistics": _statistics(record),
    }


def read_version(version: Evidence) -> Version:
    """Return a saved version. Noxus numbers none, and lets each be rewritten."""
    author = version.identifier("created_by")
    return Version(
        id=version.identifier("id", required=True),
        name=version.text("name", required=True),
        note=version.text("description"),
        created_at=version.iso_time("created_at", required=True),
        author=None if author is None else Author(id=author),
        mutable=True,
        current=False,
    )


def _kind(record: Evidence, word: str | None) -> WorkflowKind:
    kind = KINDS.get(word or "", WorkflowKind.UNKNOWN)
    if word is not None and kind is WorkflowKind.UNKNOWN:
        message = f"type {word!r} is not among the vendor's documented types"
        record.note(DiagnosticCode.UNKNOWN_VALUE, message, "type")
    return kind


def _status(record: Evidence) -> WorkflowStatus:
    """Return deleted, or unknown: Noxus has no switch that turns a workflow on or off.

    Whatever is not deleted can be run, but nothing says that it is in use, and `active` would be made up.
    Being deployed is told by `published`.
    """
    deleted = record.fields.get("deleted_at")
    told = isinstance(deleted, str | int | float) and not isinstance(deleted, bool)
    return WorkflowStatus.DELETED if told else WorkflowStatus.UNKNOWN


def _published(record: Evidence) -> bool | None:
    """Return whether it is deployed as an app: `is_app_published`, else the app's own `is_active`."""
    published = record.boolean("is_app_published")
    app = record.object("app_settings_v2")
    active = app.boolean("is_active") if app is not None else None
    if published is None:
        return active
    if app is not None and active is not None and active != published:
        message = (
            f"is_app_published is {published}, but app_settings_v2.is_active is {active}; the first is used"
        )
        app.note(DiagnosticCode.CONTRADICTION, message, "is_active", severity=Severity.INFO)
    return published


def _tags(record: Evidence) -> tuple[str, ...]:
    meta = record.object("meta")
    return () if meta is None else meta.texts("tags")


def _author(record: Evidence) -> Author | None:
    name = record.text("author_name")
    return None if name is None else Author(name=name)


def _workspace(record: Evidence) -> Place | None:
    group = record.identifier("group_id", required=True)
    return None if group is None else Place(id=group)


def _statistics(record: Evidence) -> RunStatistics | None:
    runs, last = record.integer("runs_count"), record.iso_time("last_run_at")
    return None if runs is None and last is None else RunStatistics(runs=runs, last_run_at=last)
