"""The pure half of the vendor: a workflow record to canonical and back."""

from typing import cast

from adapters.aitronos.reading import read_summary, read_workflow
from adapters.aitronos.render import render_workflow
from adapters.contract import Fetched, Rendered
from schemas.base import JsonObject, JsonValue
from schemas.drafts import WorkflowDraft, WorkflowSummaryDraft
from schemas.workflow import Workflow, WorkflowSummary


class Translation:
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
        """Return the canonical workflow of a record.

        Raises:
            VendorSurprise: the document is no object or has no id.
        """
        return read_workflow(fetched.document, connection)

    def parse_summary(self, item: JsonValue, connection: str) -> WorkflowSummary:
        """Return the short form of a record, which a listing holds whole.

        Raises:
            VendorSurprise: the item is no object or has no id.
        """
        return read_summary(item, connection)

    def render(self, workflow: Workflow, base: JsonObject | None = None) -> Rendered:
        """Return a record for the workflow, written over `base` or made for `POST /v1/workflows`."""
        return render_workflow(workflow, base)
