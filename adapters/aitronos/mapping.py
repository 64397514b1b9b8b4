"""The pure half of the vendor: a workflow record to canonical and back."""

from adapters.aitronos.reading import draft_summary, draft_workflow, read_workflow
from adapters.aitronos.render import render_workflow
from adapters.contract import Fetched, Rendered
from schemas.base import JsonObject, JsonValue
from schemas.drafts import WorkflowDraft, WorkflowSummaryDraft
from schemas.workflow import Workflow, WorkflowSummary


class Translation:
    """Implements `adapters.contract.Translates`."""

    def draft(self, fetched: Fetched, connection: str) -> WorkflowDraft:
        """Return the canonical workflow of a record as plain values.

        Raises:
            VendorSurprise: the document is no object or has no id.
        """
        return draft_workflow(fetched.document, connection)

    def draft_summary(self, item: JsonValue, connection: str) -> WorkflowSummaryDraft:
        """Return the short form of a record, which a listing holds whole, as plain values.

        Raises:
            VendorSurprise: the item is no object or has no id.
        """
        return draft_summary(item, connection)

    def parse(self, fetched: Fetched, connection: str) -> Workflow:
        """Return the canonical workflow of a record.

        Raises:
            VendorSurprise: the document is no object or has no id.
        """
        return read_workflow(fetched.document, connection)

    def parse_summary(self, item: JsonValue, connection: str) -> WorkflowSummary:
        """Return the short form of a record.

        Raises:
            VendorSurprise: the item is no object or has no id.
        """
        return WorkflowSummary.model_validate(draft_summary(item, connection))

    def render(self, workflow: Workflow, base: JsonObject | None = None) -> Rendered:
        """Return a record for the workflow, written over `base` or made for `POST /v1/workflows`."""
        return render_workflow(workflow, base)
