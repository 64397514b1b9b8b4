"""Who and what a workflow is: everything but its content."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from adapters.errors import VendorSurprise
from adapters.evidence import Evidence
from schemas.diagnostics import DiagnosticCode, Severity
from schemas.drafts import RunStatisticsDraft, VersionDraft, WorkflowSummaryDraft
from schemas.workflow import WorkflowKind, WorkflowStatus

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


def draft_summary(record: Evidence, connection: str) -> WorkflowSummaryDraft:
    """Return what a listing shows of a workflow, as plain values.

    Raises:
        VendorSurprise: there is no id.
    """
    identifier = record.identifier("id")
    if not identifier:
        raise VendorSurprise("the vendor gave a workflow without an id")
    native_kind = record.text("type", required=True)
    name, description = record.text("name", required=True), record.text("description")
    summary: WorkflowSummaryDraft = {
        "connection": connection,
        "vendor": VENDOR_NAME,
        "id": identifier,
        "kind": _kind(record, native_kind),
        "status": _status(record),
        "labels": (),
        "external_ids": (),
    }
    if name is not None:
        summary["name"] = name
    if description is not None:
        summary["description"] = description
    if native_kind is not None:
        summary["native_kind"] = native_kind
    _add_state(summary, record)
    _add_history(summary, record)
    return summary


def read_version(version: Evidence) -> VersionDraft:
    """Return a saved version. Noxus numbers none, and lets each be rewritten."""
    author = version.identifier("created_by")
    draft: VersionDraft = {"mutable": True, "current": False, "labels": ()}
    if (identifier := version.identifier("id", required=True)) is not None:
        draft["id"] = identifier
    if (name := version.text("name", required=True)) is not None:
        draft["name"] = name
    if (note := version.text("description")) is not None:
        draft["note"] = note
    if (created := version.iso_time("created_at", required=True)) is not None:
        draft["created_at"] = created
    if author is not None:
        draft["author"] = {"id": author}
    return draft


def _add_state(summary: WorkflowSummaryDraft, record: Evidence) -> None:
    published, native_hash = _published(record), record.text("workflow_hash")
    version: VersionDraft = {"mutable": True, "current": True, "labels": ()}
    if native_hash is not None:
        version["native_hash"] = native_hash
    if published is not None:
        summary["published"] = published
    summary["version"] = version
    summary["tags"] = _tags(record)


def _add_history(summary: WorkflowSummaryDraft, record: Evidence) -> None:
    if (created := record.iso_time("created_at")) is not None:
        summary["created_at"] = created
    if (updated := record.iso_time("last_updated_at")) is not None:
        summary["updated_at"] = updated
    if (deleted := record.iso_time("deleted_at")) is not None:
        summary["deleted_at"] = deleted
    if (author := record.text("author_name")) is not None:
        summary["author"] = {"name": author}
    if (group := record.identifier("group_id", required=True)) is not None:
        summary["workspace"] = {"id": group}
    if statistics := _statistics(record):
        summary["statistics"] = statistics


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


def _statistics(record: Evidence) -> RunStatisticsDraft:
    runs, last = record.integer("runs_count"), record.iso_time("last_run_at")
    statistics: RunStatisticsDraft = {}
    if runs is not None:
        statistics["runs"] = runs
    if last is not None:
        statistics["last_run_at"] = last
    return statistics
