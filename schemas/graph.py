"""The canonical graph: nodes, ports, edges, conditions, containers."""

from enum import StrEnum

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer

from schemas.base import CanonicalModel, JsonObject, JsonValue


class NodeRole(StrEnum):
    """What a node does, in the few roles platforms share; `other` for the rest, beside the vendor's type."""

    TRIGGER = "trigger"
    INPUT = "input"
    OUTPUT = "output"
    LLM = "llm"
    AGENT = "agent"
    ASSISTANT = "assistant"
    TOOL = "tool"
    MEMORY = "memory"
    CODE = "code"
    HTTP = "http"
    CONDITION = "condition"
    LOOP = "loop"
    MERGE = "merge"
    TRANSFORM = "transform"
    VALUE = "value"
    EVALUATION = "evaluation"
    SUBWORKFLOW = "subworkflow"
    HUMAN = "human"
    ERROR_HANDLER = "error_handler"
    GROUP = "group"
    NOTE = "note"
    OTHER = "other"


class EdgeKind(StrEnum):
    """What travels along an edge."""

    DATA = "data"
    """A value flows from source to target."""
    CONTROL = "control"
    """The target runs after the source, and no value is said to flow."""
    DEPENDENCY = "dependency"
    """The target names the source as something it needs."""
    CONDITIONAL = "conditional"
    """Taken only when a condition on the edge, or a branch of the source node, holds."""
    ERROR = "error"
    """Taken when the source fails."""
    ATTACHMENT = "attachment"
    """The source serves the target as a part (a model, a tool, a memory), against the direction of calls."""


class PortDirection(StrEnum):
    """Whether values enter or leave a node at a port."""

    INPUT = "input"
    OUTPUT = "output"


class GraphForm(StrEnum):
    """Whether the native definition could be read as a graph."""

    GRAPH = "graph"
    EMPTY = "empty"
    OPAQUE = "opaque"


class Operator(StrEnum):
    """A comparison; `other` beside the vendor's own word for the rest."""

    EQUALS = "equals"
    NOT_EQUALS = "not_equals"
    LESS_THAN = "less_than"
    LESS_OR_EQUAL = "less_or_equal"
    GREATER_THAN = "greater_than"
    GREATER_OR_EQUAL = "greater_or_equal"
    IN = "in"
    NOT_IN = "not_in"
    CONTAINS = "contains"
    NOT_CONTAINS = "not_contains"
    STARTS_WITH = "starts_with"
    ENDS_WITH = "ends_with"
    MATCHES = "matches"
    IS_NULL = "is_null"
    IS_NOT_NULL = "is_not_null"
    IS_EMPTY = "is_empty"
    IS_NOT_EMPTY = "is_not_empty"
    OTHER = "other"


class OperandKind(StrEnum):
    """Where an operand's value comes from."""

    REFERENCE = "reference"
    """The output of the node, or the input variable, named in `reference`."""
    VALUE = "value"
    """The constant in `value`."""
    EXPRESSION = "expression"
    """The vendor's expression text in `value`."""
    OTHER = "other"
    """The vendor's own JSON in `value`."""


class Match(StrEnum):
    """Whether all rules of a condition must hold, or any one of them."""

    ALL = "all"
    ANY = "any"


class Operand(CanonicalModel):
    """One side of a rule."""

    kind: OperandKind
    reference: str | None = None
    value: JsonValue = None
    """There even when it is null, unless the operand is a reference."""

    @model_serializer(mode="wrap")
    def _keep_null(self, serialise: SerializerFunctionWrapHandler) -> JsonObject:
        fields: JsonObject = serialise(self)
        return fields if self.kind is OperandKind.REFERENCE else fields | {"value": self.value}


class Rule(CanonicalModel):
    """One comparison."""

    left: Operand | None = None
    operator: Operator
    native_operator: str | None = None
    """The vendor's own word for the operator."""
    right: Operand | None = None
    """None where the operator takes one operand only."""


class Condition(CanonicalModel):
    """Rules joined by all or any. No rules: the vendor says that there is a condition, but not which."""

    match: Match = Match.ALL
    rules: tuple[Rule, ...] = ()
    expression: str | None = None
    """The vendor's expression, where the condition is text and not rules."""


class Position(CanonicalModel):
    """Where a node is drawn. Cosmetic: not part of the digest."""

    x: float
    y: float


class Port(CanonicalModel):
    """A place where values enter or leave a node."""

    direction: PortDirection
    name: str | None = None
    index: int | None = None
    """The vendor's slot number, counted from 0; unused slots before it are real gaps."""
    key: str | None = None
    """The sub-key of a port that holds several named values."""
    native_kind: str | None = None
    """The vendor's kind of port or connector."""
    data_type: str | None = None
    """The vendor's word for what travels."""
    required: bool | None = None


class Branch(CanonicalModel):
    """One way out of a deciding node."""

    port: str | None = None
    """The name of the output port that is taken."""
    index: int | None = None
    """The slot number of the output port that is taken."""
    label: str | None = None
    condition: Condition | None = None
    """None for the way taken when no other is."""


class CredentialReference(CanonicalModel):
    """A credential that a node uses on the vendor's side. The value is never here."""

    type: str | None = None
    id: str | None = None
    name: str | None = None


class WorkflowReference(CanonicalModel):
    """Another workflow on the same connection."""

    id: str | None = None
    name: str | None = None
    version: str | None = None
    """A version's number or id, as text."""
    label: str | None = None


class RetryPolicy(CanonicalModel):
    """How often a node is tried again."""

    enabled: bool | None = None
    attempts: int | None = None
    """The most tries in all."""
    wait_seconds: float | None = None


class Node(CanonicalModel):
    """One step of a workflow."""

    key: str
    """Unique in the graph, made of what the vendor's edges refer to: an id or a name, or `#<index>` if
    neither is there or unique. Edges, containers and variables refer to nodes by key."""
    id: str | None = None
    name: str | None = None
    role: NodeRole = NodeRole.OTHER
    type: str | None = None
    """The vendor's own type."""
    type_version: JsonValue = None
    """The vendor's version of that type: a number or a text."""
    config: JsonObject = Field(default_factory=dict)
    """The vendor's configuration in exact JSON."""
    ports: tuple[Port, ...] = ()
    """The ports that the vendor describes; edges may name others."""
    branches: tuple[Branch, ...] = ()
    models: tuple[str, ...] = ()
    """The language models that this node names."""
    container: str | None = None
    """Key of the node (a loop, a group) that this one lies in."""
    subworkflow: WorkflowReference | None = None
    credentials: tuple[CredentialReference, ...] = ()
    disabled: bool = False
    retry: RetryPolicy | None = None
    timeout_seconds: float | None = None
    on_error: str | None = None
    """The vendor's word for what happens when this node fails."""
    position: Position | None = None
    notes: str | None = None
    extensions: dict[str, JsonObject] = Field(default_factory=dict)
    """By vendor: what that vendor's node holds beyond the fields above, verbatim."""


class Endpoint(CanonicalModel):
    """One end of an edge."""

    node: str
    """A node's key; for an absent node, what the vendor wrote."""
    exists: bool = True
    """False when no such node is in the graph."""
    port: str | None = None
    index: int | None = None
    key: str | None = None


class Edge(CanonicalModel):
    """A connection between two nodes. Parallel edges and self loops are real."""

    kind: EdgeKind
    source: Endpoint
    target: Endpoint
    id: str | None = None
    native_kind: str | None = None
    """The vendor's kind of connection."""
    order: int | None = None
    """The place among the edges that leave the same port, counted from 0."""
    label: str | None = None
    condition: Condition | None = None
    """Where the vendor puts it on the edge; else the source's branch of the same port and index has it."""
    derived: bool = False
    """True when the vendor has no such edge: it was read from a reference inside a configuration."""
    extensions: dict[str, JsonObject] = Field(default_factory=dict)
    """By vendor: what that vendor's edge holds beyond the fields above, verbatim."""


class Graph(CanonicalModel):
    """Nodes and edges in the vendor's order."""

    form: GraphForm
    format: str | None = None
    """The name of the shape that was recognised, such as `noxus-v1` or `n8n`."""
    nodes: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()
