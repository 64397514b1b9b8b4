"""The canonical workflow as plain values, ready to be written: what the mappings make.

A draft holds exactly what the model of the same name dumps without fields that are None: every field that has a
default other than None is there, none that the vendor does not tell. Building and writing one costs a tenth of what
the model costs; validating one gives the model (`Workflow.model_validate`). tests/schemas/test_drafts.py holds the two
together.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Required, TypedDict

from schemas.base import JsonObject, JsonValue
from schemas.diagnostics import DiagnosticCode, Severity
from schemas.graph import (
    EdgeKind,
    GraphForm,
    Match,
    NodeRole,
    OperandKind,
    Operator,
    PortDirection,
)
from schemas.workflow import DataType, WorkflowKind, WorkflowStatus


class AuthorDraft(TypedDict, total=False):
    """See `schemas.workflow.Author`."""

    id: str
    name: str


class VersionDraft(TypedDict, total=False):
    """See `schemas.workflow.Version`."""

    mutable: Required[bool]
    number: int
    id: str
    name: str
    note: str
    created_at: datetime
    author: AuthorDraft
    labels: Sequence[str]
    current: bool
    native_hash: str


class ExternalIdDraft(TypedDict, total=False):
    """See `schemas.workflow.ExternalId`."""

    id: Required[str]
    source: str


class PlaceDraft(TypedDict, total=False):
    """See `schemas.workflow.Place`."""

    id: Required[str]
    name: str


class AssistantLinkDraft(TypedDict, total=False):
    """See `schemas.workflow.AssistantLink`."""

    assistant_id: str
    has_assistant_node: bool


class RunStatisticsDraft(TypedDict, total=False):
    """See `schemas.workflow.RunStatistics`."""

    runs: int
    last_run_at: datetime


class WorkflowSummaryDraft(TypedDict, total=False):
    """See `schemas.workflow.WorkflowSummary`."""

    connection: Required[str]
    vendor: Required[str]
    id: Required[str]
    name: str
    description: str
    kind: WorkflowKind
    native_kind: str
    status: WorkflowStatus
    native_status: str
    published: bool
    version: VersionDraft
    labels: Sequence[str]
    tags: Sequence[str]
    external_ids: Sequence[ExternalIdDraft]
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime
    author: AuthorDraft
    workspace: PlaceDraft
    folder: PlaceDraft
    assistant: AssistantLinkDraft
    statistics: RunStatisticsDraft


class VariableDraft(TypedDict, total=False):
    """See `schemas.workflow.Variable`."""

    name: Required[str]
    type: DataType
    native_type: str
    node: str
    required: bool
    default: JsonValue


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


class ModelSettingsDraft(TypedDict, total=False):
    """See `schemas.settings.ModelSettings`."""

    models: Sequence[str]
    automatic: bool
    preference: str
    preset: str


class SamplingSettingsDraft(TypedDict, total=False):
    """See `schemas.settings.SamplingSettings`."""

    temperature: float
    top_p: float
    top_k: int
    max_tokens: int
    presence_penalty: float
    frequency_penalty: float
    stop_sequences: Sequence[str]


class ReasoningSettingsDraft(TypedDict, total=False):
    """See `schemas.settings.ReasoningSettings`."""

    enabled: bool
    effort: str


class GuardrailCategoryDraft(TypedDict, total=False):
    """See `schemas.settings.GuardrailCategory`."""

    name: Required[str]
    level: Required[str]


class GuardrailSettingsDraft(TypedDict, total=False):
    """See `schemas.settings.GuardrailSettings`."""

    enforced: bool
    categories: Sequence[GuardrailCategoryDraft]
    action: str
    replacement: str
    human_message: str


class PersonalDataSettingsDraft(TypedDict, total=False):
    """See `schemas.settings.PersonalDataSettings`."""

    enforced: bool
    entities: Sequence[str]


class PromptDefenceSettingsDraft(TypedDict, total=False):
    """See `schemas.settings.PromptDefenceSettings`."""

    enforced: bool
    jailbreak: bool
    prompt_injection: bool
    context_leak: bool


class RetrySettingsDraft(TypedDict, total=False):
    """See `schemas.settings.RetrySettings`."""

    attempts_per_model: int
    status_codes: Sequence[int]
    datacenter_fallback: bool


class TimeoutSettingsDraft(TypedDict, total=False):
    """See `schemas.settings.TimeoutSettings`."""

    model_seconds: float
    agent_seconds: float
    execution_seconds: float


class LimitSettingsDraft(TypedDict, total=False):
    """See `schemas.settings.LimitSettings`."""

    requests: int
    tokens: int
    messages: int


class ToolDraft(TypedDict, total=False):
    """See `schemas.settings.Tool`."""

    type: Required[str]
    enabled: bool
    config: JsonObject


class McpServerDraft(TypedDict, total=False):
    """See `schemas.settings.McpServer`."""

    label: str
    url: str
    config: JsonObject


class ToolSettingsDraft(TypedDict, total=False):
    """See `schemas.settings.ToolSettings`."""

    parallel_calls: bool
    tools: Sequence[ToolDraft]
    mcp_servers: Sequence[McpServerDraft]


class InstructionSettingsDraft(TypedDict, total=False):
    """See `schemas.settings.InstructionSettings`."""

    introduction: str
    persona: str
    tone: str
    extra: str


class SettingsDraft(TypedDict, total=False):
    """See `schemas.settings.Settings`."""

    model: ModelSettingsDraft
    sampling: SamplingSettingsDraft
    reasoning: ReasoningSettingsDraft
    guardrails: GuardrailSettingsDraft
    personal_data: PersonalDataSettingsDraft
    prompt_defence: PromptDefenceSettingsDraft
    retries: RetrySettingsDraft
    timeouts: TimeoutSettingsDraft
    limits: LimitSettingsDraft
    tools: ToolSettingsDraft
    instructions: InstructionSettingsDraft


class DiagnosticDraft(TypedDict, total=False):
    """See `schemas.diagnostics.Diagnostic`."""

    code: Required[DiagnosticCode]
    severity: Required[Severity]
    path: Required[str]
    message: Required[str]


class WorkflowDraft(TypedDict, total=False):
    """See `schemas.workflow.Workflow`."""

    connection: Required[str]
    vendor: Required[str]
    id: Required[str]
    graph: Required[GraphDraft]
    name: str
    description: str
    kind: WorkflowKind
    native_kind: str
    status: WorkflowStatus
    native_status: str
    published: bool
    version: VersionDraft
    labels: Sequence[str]
    tags: Sequence[str]
    external_ids: Sequence[ExternalIdDraft]
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime
    author: AuthorDraft
    workspace: PlaceDraft
    folder: PlaceDraft
    assistant: AssistantLinkDraft
    statistics: RunStatisticsDraft
    inputs: Sequence[VariableDraft]
    outputs: Sequence[VariableDraft]
    settings: SettingsDraft
    error_handler: WorkflowReferenceDraft
    extensions: dict[str, JsonObject]
    digest: str
    diagnostics: Sequence[DiagnosticDraft]
