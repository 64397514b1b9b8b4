"""Drafts of the workflow, its short form and what both hold."""

from collections.abc import Sequence
from datetime import datetime
from typing import Required, TypedDict

from schemas.base import JsonObject, JsonValue
from schemas.drafts.diagnostics import DiagnosticDraft
from schemas.drafts.graph import GraphDraft, WorkflowReferenceDraft
from schemas.drafts.settings import SettingsDraft
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


class WorkflowDraft(WorkflowSummaryDraft, total=False):
    """See `schemas.workflow.Workflow`."""

    graph: Required[GraphDraft]
    inputs: Sequence[VariableDraft]
    outputs: Sequence[VariableDraft]
    settings: SettingsDraft
    error_handler: WorkflowReferenceDraft
    extensions: dict[str, JsonObject]
    digest: str
    diagnostics: Sequence[DiagnosticDraft]
