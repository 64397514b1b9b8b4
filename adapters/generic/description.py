"""What a description of a vendor can say. Every key has its sentence; whatever is optional may be left out."""

import re
from collections.abc import Mapping
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from adapters.generic.expressions import Expression, Where, plain
from schemas.graph import EdgeKind, NodeRole
from schemas.support import Ability, SupportLevel
from schemas.workflow import WorkflowKind, WorkflowStatus

_HEADER: Final = re.compile(r"[A-Za-z0-9-]{1,100}")
_PARAMETER: Final = re.compile(r"[A-Za-z0-9_.\[\]-]{1,100}")
_WEB: Final = re.compile(r"https://[\x21-\x7e]+")
_BASE: Final = re.compile(r"https://[A-Za-z0-9.:\[\]-]+(/[A-Za-z0-9._~%-]+)*/?")
_SEGMENT: Final = re.compile(r"(?!\.{1,2}$)[^/\x00-\x1f\x7f]{1,500}")
_PREFIX: Final = re.compile(r"[\x20-\x7e]{0,100}")


def _matching(pattern: re.Pattern[str], otherwise: str) -> AfterValidator:
    def check(text: str) -> str:
        if not pattern.fullmatch(text):
            raise ValueError(otherwise)
        return text

    return AfterValidator(check)


Header = Annotated[str, _matching(_HEADER, "a header's name is made of letters, digits and -")]
Parameter = Annotated[
    str, _matching(_PARAMETER, "a parameter's name is made of letters, digits, -, _, . and []")
]
Web = Annotated[str, _matching(_WEB, "expected an absolute URL that begins with https://")]
Base = Annotated[
    str, _matching(_BASE, "expected a URL that begins with https://, without user, query and fragment")
]
Segment = Annotated[
    str, _matching(_SEGMENT, "a segment holds no slash and is not . or ..; write one item for each")
]
Text = Annotated[str, Field(min_length=1, max_length=500)]
Kind = Annotated[WorkflowKind, Field(strict=False)]
Status = Annotated[WorkflowStatus, Field(strict=False)]
Edges = Annotated[EdgeKind, Field(strict=False)]
Role = Annotated[NodeRole, Field(strict=False)]
Paths = Annotated[tuple[Where, ...], Field(strict=False)]


class Part(BaseModel):
    """A frozen part of a description; unknown keys are refused, and no value is bent into another type."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, hide_input_in_errors=True, arbitrary_types_allowed=True
    )


class Credential(Part):
    """How the vendor wants to see the credential."""

    header: Header
    """The header that carries it."""
    prefix: Annotated[str, _matching(_PREFIX, "a prefix is made of printable ASCII characters")] = ""
    """What stands before it, such as `Bearer` and a blank."""


class Paging(Part):
    """How a long listing is cut."""

    style: Literal["none", "offset", "page", "cursor"] = "none"
    """`none`: everything in one answer, asked for anew with each part. `offset`: so many items are skipped. `page`: by
    number. `cursor`: by a text that the page before gave."""
    size_parameter: Parameter | None = None
    """The parameter that says how many items are wanted."""
    position_parameter: Parameter | None = None
    """The parameter that says where to go on."""
    first_page: int = Field(default=1, ge=0, le=1)
    """The number of the first page."""
    next: Where | None = None
    """Where the answer holds the next cursor; null there at the end."""
    pages: Where | None = None
    """Where the answer holds the number of pages."""
    max_size: int = Field(default=100, ge=1, le=1000)
    """The most items that one page holds."""


class Call(Part):
    """One GET. In path and parameters `{id}`, `{version}` and `{label}` stand for what is asked for."""

    path: Annotated[tuple[Segment, ...], Field(strict=False, min_length=1)]
    """The path's segments, each encoded on its own."""
    final_slash: bool = False
    """Whether the path ends with a slash."""
    parameters: Mapping[Parameter, str | int | bool] = {}
    """Parameters that are always sent."""


class ListCall(Call):
    """How workflows are listed."""

    items: Where
    """Where the answer holds the items, such as `data`; `@` when the answer is the array itself."""
    total: Where | None = None
    """Where the answer holds how many there are in all."""
    paging: Paging = Paging()
    """How a long listing is cut."""


class GetCall(Call):
    """How one workflow is read."""

    document: Where = plain("@")
    """Where the answer holds the workflow; `@` when it is the answer itself."""


class VersionPlaces(Part):
    """Where the facts of a version lie."""

    number: Where | None = None
    id: Where | None = None
    name: Where | None = None
    note: Where | None = None
    """What changed."""
    created_at: Where | None = None
    author_id: Where | None = None
    author_name: Where | None = None
    labels: Where | None = None
    """An array of texts."""
    native_hash: Where | None = None
    """The vendor's own hash of the content."""
    mutable: bool = True
    """False when the vendor promises that a version's content never changes."""
    current: bool | None = None
    """Whether these are the facts of the version that is read when none is asked for; null when it cannot be told."""


class VersionCall(GetCall):
    """How a workflow is read at a version or a label."""

    apart: bool = False
    """True when the answer is a document of the version alone, to be read beside the workflow's own."""
    version: VersionPlaces | None = None
    """Where the version's facts lie in a document that is kept apart."""


class VersionsCall(Call):
    """How a workflow's versions are listed."""

    items: Where
    """Where the answer holds the versions."""
    version: VersionPlaces
    """Where the facts of each lie."""
    whole: bool = False
    """True when each item holds the content too: a version is then read out of this list by its id."""


class LabelsCall(Call):
    """How a workflow's labels are listed."""

    items: Where
    """Where the answer holds the labels."""
    name: Where
    id: Where | None = None
    version_number: Where | None = None
    version_id: Where | None = None


class Kinds(Part):
    """Which sort of workflow it is."""

    at: Where
    """Where the vendor's word lies."""
    words: Mapping[str, Kind] = {}
    """The vendor's words and ours."""


class Statuses(Part):
    """Whether the workflow is in use."""

    at: Where
    """Where the vendor's word lies; true, false and numbers count as words too."""
    words: Mapping[str, Status] = {}
    """The vendor's words and ours."""


class WorkflowPlaces(Part):
    """Where the facts of a workflow lie, in items of a listing as well as in the workflow's own document."""

    id: Where
    name: Where
    description: Where | None = None
    kind: Kinds | None = None
    status: Statuses | None = None
    published: Where | None = None
    """A boolean."""
    tags: Where | None = None
    """An array of texts."""
    labels: Where | None = None
    """An array of texts."""
    version: VersionPlaces | None = None
    times: Literal["iso", "unix"] = "iso"
    """How times are written: ISO 8601, or seconds since 1970."""
    created_at: Where | None = None
    updated_at: Where | None = None
    deleted_at: Where | None = None
    author_id: Where | None = None
    author_name: Where | None = None
    workspace_id: Where | None = None
    workspace_name: Where | None = None
    folder_id: Where | None = None
    folder_name: Where | None = None
    external_id: Where | None = None
    """The workflow's id in another system."""
    assistant_id: Where | None = None
    runs: Where | None = None
    """How often it ran."""
    last_run_at: Where | None = None
    error_handler: Where | None = None
    """The id of the workflow that runs when this one fails."""
    settings: Mapping[str, Mapping[str, Where]] = {}
    """Where the settings lie, by our groups and names, such as `sampling: {temperature: ...}`."""
    left_out: Paths = ()
    """Plain paths that say nothing about the workflow; everything else without a place is kept as it is."""


class NodePlaces(Part):
    """Where the facts of a node lie."""

    id: Where = plain("id")
    name: Where = plain("name")
    type: Where = plain("type")
    type_version: Where | None = None
    config: Where | None = None
    """The configuration, an object; `@` for everything on the node that has no other place."""
    x: Where | None = None
    y: Where | None = None
    container: Where | None = None
    """The id of the node that this one lies in."""
    disabled: Where | None = None
    notes: Where | None = None
    models: Where | None = None
    """The language models that the node names: a text, or an array of texts."""
    retry_enabled: Where | None = None
    retry_attempts: Where | None = None
    retry_wait_seconds: Where | None = None
    timeout_seconds: Where | None = None
    on_error: Where | None = None
    subworkflow_id: Where | None = None
    subworkflow_name: Where | None = None
    roles: Mapping[str, Role] = {}
    """The vendor's types and our roles; `other` for the rest."""
    left_out: Paths = ()
    """Plain paths that only say how the node is drawn."""


class EdgePlaces(Part):
    """How edges are written."""

    style: Literal["objects", "connections", "wires"] = "objects"
    """`objects`: an array of objects that name source and target (React Flow's form, and its like). `connections`: an
    object by the source's name, then the kind, then the output slot. `wires`: on each node, for each output, an
    array of ids."""
    at: Where = plain("edges")
    """Where they lie: in the graph, for `wires` in each node."""
    id: Where | None = plain("id")
    source: Where = plain("source")
    target: Where = plain("target")
    source_port: Where | None = plain("sourceHandle")
    target_port: Where | None = plain("targetHandle")
    source_key: Where | None = None
    target_key: Where | None = None
    label: Where | None = None
    native_kind: Where | None = None
    """The vendor's kind of edge, kept as its own word where this is a plain path; for `connections` it is the key."""
    kinds: Mapping[str, Edges] = {}
    """The vendor's kinds and ours; `data` where the vendor has none."""
    left_out: Paths = ()
    """Plain paths that only say how the edge is drawn."""


class GraphPlaces(Part):
    """Where nodes and edges lie."""

    at: Where = plain("@")
    """What holds both, a plain path; `@` for the workflow itself."""
    encoded: bool = False
    """True when it is a text that holds JSON."""
    format: Text | None = None
    """The name of the shape."""
    format_at: Where | None = None
    """Where the workflow tells the name of the shape; used instead of `format` when it does."""
    nodes: Where = plain("nodes")
    """The array of nodes, a plain path."""
    node: NodePlaces = NodePlaces()
    """Where the facts of a node lie."""
    edges: EdgePlaces = EdgePlaces()
    """How edges are written."""


class ErrorPlaces(Part):
    """Where an error answer says what is wrong."""

    message: Where | None = None
    code: Where | None = None
    request_id: Where | None = None
    faults: Where | None = None
    """An array with an object for each wrong field."""
    fault_path: Where = plain("loc")
    """In each of them the way to the field: a text, or an array of names and numbers."""
    fault_message: Where = plain("msg")


class AbilityNote(Part):
    """Why something cannot be done."""

    level: Annotated[SupportLevel, Field(strict=False)]
    """`vendor_lacks_it`, `not_yet` or `never`."""
    reason: Annotated[str, Field(min_length=16, max_length=500)]
    """One sentence for a caller."""


class Description(Part):
    """A vendor without code. Its name is the name of the file."""

    title: Annotated[str, Field(min_length=1, max_length=100)]
    """The name that people see."""
    docs_url: Web
    """Where the API is documented."""
    base_url: Base | None = None
    """The vendor's own host; null when every installation has its own."""
    credential: Credential
    """How the vendor wants to see the credential."""
    list_workflows: ListCall
    """How workflows are listed."""
    get_workflow: GetCall
    """How one workflow is read."""
    get_version: VersionCall | None = None
    """How a workflow is read at a version."""
    get_label: VersionCall | None = None
    """How a workflow is read at a label."""
    list_versions: VersionsCall | None = None
    """How a workflow's versions are listed."""
    list_labels: LabelsCall | None = None
    """How a workflow's labels are listed."""
    workflow: WorkflowPlaces
    """Where the facts of a workflow lie."""
    graph: GraphPlaces
    """Where nodes and edges lie."""
    error: ErrorPlaces = ErrorPlaces()
    """Where an error answer says what is wrong."""
    abilities: Mapping[Annotated[Ability, Field(strict=False)], AbilityNote] = {}
    """Why the vendor cannot do what is not described here."""


__all__ = ["Description", "Expression"]
