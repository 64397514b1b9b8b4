"""The pure half of PromptLayer: native documents to canonical ones, and back."""

from adapters.contract import Fetched, Rendered
from adapters.promptlayer.reading import read_summary, read_workflow
from adapters.promptlayer.render import render
from schemas.base import JsonObject, JsonValue
from schemas.drafts import WorkflowDraft, WorkflowSummaryDraft
from schemas.workflow import Workflow, WorkflowSummary


class PromptLayerMapping:
    """See `adapters.contract.Translates`."""

    def draft(self, fetched: Fetched, connection: str) -> WorkflowDraft:
        """Return the canonical workflow of a detail answer as plain values."""
        return read_workflow(fetched.document, connection).workflow

    def draft_summary(self, item: JsonValue, connection: str) -> WorkflowSummaryDraft:
        """Return the canonical short form of one item of the listing as plain values."""
        return read_summary(item, connection)

    def parse(self, fetched: Fetched, connection: str) -> Workflow:
        """Return the canonical workflow of a detail answer."""
        return Workflow.model_validate(self.draft(fetched, connection))

    def parse_summary(self, item: JsonValue, connection: str) -> WorkflowSummary:
        """Return the canonical short form of one item of the listing."""
        return WorkflowSummary.model_validate(self.draft_summary(item, connection))

    def render(self, workflow: Workflow, base: JsonObject | None = None) -> Rendered:
        """Return a detail document written over `base`, or made from nothing."""
        return render(workflow, base)
