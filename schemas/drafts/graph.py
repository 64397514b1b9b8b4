"""Drafts of the graph and its parts."""

from collections.abc import Sequence
from typing import Required, TypedDict

from schemas.base import JsonObject, JsonValue
from schemas.graph import EdgeKind, GraphForm, Match, NodeRole, OperandKind, Operator, PortDirection


class PortDraft(TypedDict, total=False):
    """See `schemas.graph.Port`."""

    direction: Required[PortDirection]
    name: str
    index: int
    key: str
    native_kind: str
    data_type: str
    required: bool


class OperandDraft(TypedDict, total=False):
    """See `schemas.graph.Operand`."""

    kind: Required[OperandKind]
    reference: str
    value: JsonValue


class RuleDraft(TypedDict, total=False):
    """See `schemas.graph.Rule`."""

    operator: Required[Operator]
    left: OperandDraft
    native_operator: str
    right: OperandDraft


class ConditionDraft(TypedDict, total=False):
    """See `schemas.graph.Condition`."""

    match: Match
    rules: Sequence[RuleDraft]
    expression: str


class BranchDraft(TypedDict, total=False):
    """See `schemas.graph.Branch`."""

    port: str
    index: int
    label: str
    condition: ConditionDraft


class WorkflowReferenceDraft(TypedDict, total=False):
    """See `schemas.graph.WorkflowReference`."""

    id: str
    name: str
    version: str
    label: str


class CredentialReferenceDraft(TypedDict, total=False):
    """See `schemas.graph.CredentialReference`."""

    type: str
    id: str
    name: str


class RetryPolicyDraft(TypedDict, total=False):
    """See `schemas.graph.RetryPolicy`."""

    enabled: bool
    attempts: int
    wait_seconds: float


class PositionDraft(TypedDict, total=False):
    """See `schemas.graph.Position`."""

    x: Required[float]
    y: Required[float]


class NodeDraft(TypedDict, total=False):
    """See `schemas.graph.Node`."""

    key: Required[str]
    id: str
    name: str
    role: NodeRole
    type: str
    type_version: JsonValue
    config: JsonObject
    ports: Sequence[PortDraft]
    branches: Sequence[BranchDraft]
    models: Sequence[str]
    container: str
    subworkflow: WorkflowReferenceDraft
    credentials: Sequence[CredentialReferenceDraft]
    disabled: bool
    retry: RetryPolicyDraft
    timeout_seconds: float
    on_error: str
    position: PositionDraft
    notes: str
    extensions: dict[str, JsonObject]


class EndpointDraft(TypedDict, total=False):
    """See `schemas.graph.Endpoint`."""

    node: Required[str]
    exists: bool
    port: str
    index: int
    key: str


class EdgeDraft(TypedDict, total=False):
    """See `schemas.graph.Edge`."""

    kind: Required[EdgeKind]
    source: Required[EndpointDraft]
    target: Required[EndpointDraft]
    id: str
    native_kind: str
    order: int
    label: str
    condition: ConditionDraft
    derived: bool
    extensions: dict[str, JsonObject]


class GraphDraft(TypedDict, total=False):
    """See `schemas.graph.Graph`."""

    form: Required[GraphForm]
    format: str
    nodes: Sequence[NodeDraft]
    edges: Sequence[EdgeDraft]
