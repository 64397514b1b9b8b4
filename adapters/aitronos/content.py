"""What a definition says, whatever its shape."""

from dataclasses import dataclass

from schemas.base import JsonValue
from schemas.drafts import GraphDraft, SettingsDraft, WorkflowReferenceDraft

VENDOR_NAME = "aitronos"
"""The vendor's key in `extensions`."""


@dataclass(frozen=True, slots=True)
class Content:
    """A definition that was read.

    Attributes:
        graph: its nodes and edges.
        settings: what it says for the whole workflow.
        error_handler: the workflow that runs when this one fails.
        rest: what has no canonical place, verbatim: fields by name, or all of an opaque definition.
    """

    graph: GraphDraft
    settings: SettingsDraft | None = None
    error_handler: WorkflowReferenceDraft | None = None
    rest: JsonValue = None
