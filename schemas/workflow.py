"""The canonical workflow, its short form in listings, its versions and its labels."""

from enum import StrEnum

from pydantic import Field

from schemas.base import CanonicalModel, JsonObject, JsonValue, Moment
from schemas.diagnostics import Diagnostic
from schemas.graph import Graph, WorkflowReference
from schemas.settings import Settings


class WorkflowKind(StrEnum):
    """What sort of workflow it is; the vendor's own word is in `native_kind`."""

    FLOW = "flow"
    """Steps that run once per call."""
    AGENT_FLOW = "agent_flow"
    """Steps of a conversation."""
    ERROR_HANDLER = "error_handler"
    """Runs when another workflow fails."""
    INGESTION = "ingestion"
    """Brings documents in."""
    AUTOMATION = "automation"
    """Runs on events such as incoming mail or tasks."""
    UNKNOWN = "unknown"
    """A word of the vendor that we do not know."""


class WorkflowStatus(StrEnum):
    """Whether the workflow is in use."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    DELETED = "deleted"
    UNKNOWN = "unknown"
    """The vendor does not say."""


class DataType(StrEnum):
    """What a variable holds; the vendor's own word is in `native_type`."""

    STRING = "string"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    OBJECT = "object"
    ARRAY = "array"
    FILE = "file"
    IMAGE = "image"
    AUDIO = "audio"
    TIME = "time"
    ANY = "any"
    UNKNOWN = "unknown"


class ExternalId(CanonicalModel):
    """The workflow's id in a system that is neither ours nor the vendor's."""

    source: str | None = None
    id: str


class Author(CanonicalModel):
    """Who made it, as far as the vendor tells."""

    id: str | None = None
    name: str | None = None


class Place(CanonicalModel):
    """A workspace, organisation or folder."""

    id: str
    name: str | None = None


class AssistantLink(CanonicalModel):
    """How the workflow and an assistant hang together."""

    assistant_id: str | None = None
    """The assistant that runs through this workflow."""
    has_assistant_node: bool | None = None
    """An assistant is called by a node of the workflow: another thing than being linked."""


class RunStatistics(CanonicalModel):
    """How often it ran."""

    runs: int | None = None
    last_run_at: Moment | None = None


class Variable(CanonicalModel):
    """A named input or output of the workflow."""

    name: str
    type: DataType = DataType.UNKNOWN
    native_type: str | None = None
    node: str | None = None
    """Key of the node that takes or gives it."""
    required: bool | None = None
    default: JsonValue = None


class Version(CanonicalModel):
    """One version of a workflow. Its content is read by asking for the workflow at this version."""

    number: int | None = None
    """The vendor's own number; never made up from an order."""
    id: str | None = None
    name: str | None = None
    """A title."""
    note: str | None = None
    """What changed."""
    created_at: Moment | None = None
    author: Author | None = None
    labels: tuple[str, ...] = ()
    mutable: bool
    """False when the vendor promises that this version's content never changes."""
    current: bool | None = None
    """True for the version that is read when none is asked for."""
    native_hash: str | None = None
    """The vendor's own hash of the content."""

    @property
    def reference(self) -> str | None:
        """Return what `?version=` takes for this version: the number where there is one, else the id."""
        return str(self.number) if self.number is not None else self.id


class Label(CanonicalModel):
    """A name that points at one version and can be moved to another."""

    name: str
    id: str | None = None
    version_number: int | None = None
    version_id: str | None = None


class WorkflowSummary(CanonicalModel):
    """A workflow as a listing shows it: everything but the content."""

    connection: str
    """The configured connection it was read through."""
    vendor: str
    id: str
    """The vendor's own id, as text."""
    name: str | None = None
    description: str | None = None
    kind: WorkflowKind = WorkflowKind.UNKNOWN
    native_kind: str | None = None
    status: WorkflowStatus = WorkflowStatus.UNKNOWN
    native_status: str | None = None
    published: bool | None = None
    """Deployed for use by others; another thing than being active."""
    version: Version | None = None
    """The version this is."""
    labels: tuple[str, ...] = ()
    """Release labels: in a listing all of the workflow's; of a workflow read, those that point at the version
    that was read."""
    tags: tuple[str, ...] = ()
    external_ids: tuple[ExternalId, ...] = ()
    created_at: Moment | None = None
    updated_at: Moment | None = None
    deleted_at: Moment | None = None
    author: Author | None = None
    workspace: Place | None = None
    folder: Place | None = None
    assistant: AssistantLink | None = None
    statistics: RunStatistics | None = None


class Workflow(WorkflowSummary):
    """A workflow with its content. The vendor's own document is kept beside it and never replaced by it."""

    inputs: tuple[Variable, ...] = ()
    outputs: tuple[Variable, ...] = ()
    graph: Graph
    settings: Settings | None = None
    error_handler: WorkflowReference | None = None
    """The workflow that runs when this one fails."""
    extensions: dict[str, JsonObject] = Field(default_factory=dict)
    """By vendor: fields with no canonical place, verbatim, without interface noise."""
    digest: str = ""
    """`sha256:` and 64 hexadecimal digits over the content, see `schemas.digest`; empty until stamped."""
    diagnostics: tuple[Diagnostic, ...] = ()
    native: JsonObject | None = None
    """The vendor's own document, when it was asked for."""
