"""Noxus's workflow records and the canonical model, in both directions. Pure: no I/O, inputs never changed."""

from typing import Any, Final, cast

from adapters.contract import Fetched, Rendered
from adapters.errors import VendorSurprise
from adapters.evidence import Evidence, Findings
from adapters.noxus.graph import Reading, read_graph
from adapters.noxus.render import render
from adapters.noxus.settings import read_settings
from adapters.noxus.summary import VENDOR_NAME, read_version, summary_fields
from adapters.noxus.variables import read_inputs, read_outputs
from schemas.base import JsonObject, JsonValue
from schemas.drafts import WorkflowDraft, WorkflowSummaryDraft
from schemas.graph import WorkflowReference
from schemas.workflow import Workflow, WorkflowSummary

TYPED: Final = frozenset(
    {
        *(
            "id",
            "group_id",
            "name",
            "type",
            "definition",
            "workflow_hash",
            "meta",
            "settings",
            "flow_version",
        ),
        *("last_updated_at", "last_run_at", "created_at", "deleted_at", "runs_count", "author_name"),
        *("description", "error_handler", "is_app_published"),
    }
)
"""The fields of a record that have a canonical place; all others are kept as they are."""

NULLABLE: Final = frozenset(
    {
        *("saved", "app_settings_v2"),
        *("icon", "log_sync_sheet", "columns", "spreadsheet", "chatflow_settings", "template_id"),
        *("agentflow_enabled", "agent_flow_id", "is_coworker", "preset_selector"),
    }
)
"""Documented fields of the record, of `meta` and of `settings` that say nothing when they are null."""


class NoxusMapping:
    """Implements `adapters.contract.Translates`."""

    def draft(self, fetched: Fetched, connection: str) -> WorkflowDraft:
        """Return the canonical workflow as plain values."""
        return cast("WorkflowDraft", self.parse(fetched, connection).model_dump(exclude_none=True))

    def draft_summary(self, item: JsonValue, connection: str) -> WorkflowSummaryDraft:
        """Return the short form of one item of the listing as plain values."""
        return cast(
            "WorkflowSummaryDraft", self.parse_summary(item, connection).model_dump(exclude_none=True)
        )

    def parse(self, fetched: Fetched, connection: str) -> Workflow:
        """Return the canonical workflow.

        With a version document the graph is that version's, and so is `version`; everything else is the
        workflow's. Pointers of diagnostics then lead into the version document where they start with
        `/definition`.

        Raises:
            VendorSurprise: it is no object, or has no id.
        """
        findings = Findings()
        record = Evidence(_checked(fetched.document), findings)
        fields = summary_fields(record, connection)
        version = None if fetched.version_document is None else Evidence(fetched.version_document, findings)
        if version is not None:
            fields["version"] = read_version(version)
        reading = read_graph(record, version)
        settings, other_settings = read_settings(record)
        return Workflow(
            **fields,
            inputs=read_inputs(reading.graph.nodes),
            outputs=read_outputs(reading.graph.nodes),
            graph=reading.graph,
            settings=settings,
            error_handler=_error_handler(record),
            extensions=_extensions(record, reading, other_settings),
            diagnostics=findings.all(),
        )

    def parse_summary(self, item: JsonValue, connection: str) -> WorkflowSummary:
        """Return the short form of one item of a listing.

        Raises:
            VendorSurprise: it is no object, or has no id.
        """
        return WorkflowSummary(**summary_fields(Evidence(_checked(item), Findings()), connection))

    def render(self, workflow: Workflow, base: JsonObject | None = None) -> Rendered:
        """Return a workflow record, written over `base` where there is one."""
        if base is None:
            return render(workflow, None, None)
        return render(workflow, self.parse(Fetched(base), workflow.connection), base)


def _checked(document: JsonValue) -> JsonObject:
    if not isinstance(document, dict):
        raise VendorSurprise("the vendor gave something that is not a workflow")
    return document


def _error_handler(record: Evidence) -> WorkflowReference | None:
    identifier = record.identifier("error_handler")
    return WorkflowReference(id=identifier) if identifier else None


def _extensions(record: Evidence, reading: Reading, other_settings: JsonObject) -> dict[str, JsonObject]:
    meta = record.fields.get("meta")
    parts: dict[str, Any] = {
        "meta": _told(meta, "tags") if isinstance(meta, dict) else {},
        "settings": _told(other_settings),
        "definition": reading.rest,
    }
    rest = _told(record.rest(*TYPED))
    rest.update({name: part for name, part in parts.items() if part})
    return {VENDOR_NAME: rest} if rest else {}


def _told(fields: JsonObject, *typed: str) -> JsonObject:
    """Return the fields without the typed ones and without the nulls that say nothing."""
    return {
        name: value
        for name, value in fields.items()
        if name not in typed and not (value is None and name in NULLABLE)
    }
