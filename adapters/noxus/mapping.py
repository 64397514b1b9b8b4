"""Noxus's workflow records and the canonical model, in both directions. Pure: no I/O, inputs never changed."""

from typing import Any, Final, cast

from adapters.contract import Fetched, Rendered
from adapters.errors import VendorSurprise
from adapters.evidence import Evidence, Findings
from adapters.noxus.graph import Reading, read_graph
from adapters.noxus.render import render
from adapters.noxus.settings import read_settings
from adapters.noxus.summary import VENDOR_NAME, draft_summary, read_version
from adapters.noxus.variables import read_inputs, read_outputs
from schemas.base import JsonObject, JsonValue
from schemas.drafts import WorkflowDraft, WorkflowSummaryDraft
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

META_TYPED: Final = frozenset({"tags"})

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
        """Return the canonical workflow as plain values.

        With a version document the graph is that version's, and so is `version`; everything else is the
        workflow's. Pointers of diagnostics then lead into the version document where they start with
        `/definition`.

        Raises:
            VendorSurprise: it is no object, or has no id.
        """
        findings = Findings()
        record = Evidence(_checked(fetched.document), findings)
        summary = draft_summary(record, connection)
        version = None if fetched.version_document is None else Evidence(fetched.version_document, findings)
        if version is not None:
            summary["version"] = read_version(version)
        reading = read_graph(record, version)
        settings, other_settings = read_settings(record)
        error_handler = record.identifier("error_handler")
        draft = cast("WorkflowDraft", summary)  # the rest of it follows
        draft["inputs"] = read_inputs(reading.graph["nodes"])
        draft["outputs"] = read_outputs(reading.graph["nodes"])
        draft["graph"] = reading.graph
        if settings is not None:
            draft["settings"] = settings
        if error_handler:
            draft["error_handler"] = {"id": error_handler}
        draft["extensions"] = _extensions(record, reading, other_settings)
        draft["digest"] = ""
        draft["diagnostics"] = findings.all()
        return draft

    def draft_summary(self, item: JsonValue, connection: str) -> WorkflowSummaryDraft:
        """Return the short form of one item of a listing as plain values.

        Raises:
            VendorSurprise: it is no object, or has no id.
        """
        return draft_summary(Evidence(_checked(item), Findings()), connection)

    def parse(self, fetched: Fetched, connection: str) -> Workflow:
        """Return the canonical workflow.

        Raises:
            VendorSurprise: it is no object, or has no id.
        """
        return Workflow.model_validate(self.draft(fetched, connection))

    def parse_summary(self, item: JsonValue, connection: str) -> WorkflowSummary:
        """Return the short form of one item of a listing.

        Raises:
            VendorSurprise: it is no object, or has no id.
        """
        return WorkflowSummary.model_validate(self.draft_summary(item, connection))

    def render(self, workflow: Workflow, base: JsonObject | None = None) -> Rendered:
        """Return a workflow record, written over `base` where there is one."""
        if base is None:
            return render(workflow, None, None)
        return render(workflow, self.parse(Fetched(base), workflow.connection), base)


def _checked(document: JsonValue) -> JsonObject:
    if not isinstance(document, dict):
        raise VendorSurprise("the vendor gave something that is not a workflow")
    return document


def _extensions(record: Evidence, reading: Reading, other_settings: JsonObject) -> dict[str, JsonObject]:
    meta = record.fields.get("meta")
    parts: dict[str, Any] = {
        "meta": _told(meta, META_TYPED) if isinstance(meta, dict) else {},
        "settings": _told(other_settings, frozenset()),
        "definition": reading.rest,
    }
    rest = _told(record.fields, TYPED)
    rest.update({name: part for name, part in parts.items() if part})
    return {VENDOR_NAME: rest} if rest else {}


def _told(fields: JsonObject, typed: frozenset[str]) -> JsonObject:
    """Return the fields without the typed ones and without the nulls that say nothing."""
    return {
        name: value
        for name, value in fields.items()
        if name not in typed and (value is not None or name not in NULLABLE)
    }
