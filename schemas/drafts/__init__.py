"""The canonical workflow as plain values, ready to be written: what the mappings make.

A draft holds exactly what the model of the same name dumps without fields that are None: every field that has a
default other than None is there, none that the vendor does not tell. Building and writing one costs a tenth of what
the model costs; validating one gives the model (`Workflow.model_validate`). tests/schemas/test_drafts.py holds the two
together.
"""

from schemas.drafts.diagnostics import (
    DiagnosticDraft,
)
from schemas.drafts.graph import (
    BranchDraft,
    ConditionDraft,
    CredentialReferenceDraft,
    EdgeDraft,
    EndpointDraft,
    GraphDraft,
    NodeDraft,
    OperandDraft,
    PortDraft,
    PositionDraft,
    RetryPolicyDraft,
    RuleDraft,
    WorkflowReferenceDraft,
)
from schemas.drafts.settings import (
    GuardrailCategoryDraft,
    GuardrailSettingsDraft,
    InstructionSettingsDraft,
    LimitSettingsDraft,
    McpServerDraft,
    ModelSettingsDraft,
    PersonalDataSettingsDraft,
    PromptDefenceSettingsDraft,
    ReasoningSettingsDraft,
    RetrySettingsDraft,
    SamplingSettingsDraft,
    SettingsDraft,
    TimeoutSettingsDraft,
    ToolDraft,
    ToolSettingsDraft,
)
from schemas.drafts.workflow import (
    AssistantLinkDraft,
    AuthorDraft,
    ExternalIdDraft,
    PlaceDraft,
    RunStatisticsDraft,
    VariableDraft,
    VersionDraft,
    WorkflowDraft,
    WorkflowSummaryDraft,
)

__all__ = [
    "AssistantLinkDraft",
    "AuthorDraft",
    "BranchDraft",
    "ConditionDraft",
    "CredentialReferenceDraft",
    "DiagnosticDraft",
    "EdgeDraft",
    "EndpointDraft",
    "ExternalIdDraft",
    "GraphDraft",
    "GuardrailCategoryDraft",
    "GuardrailSettingsDraft",
    "InstructionSettingsDraft",
    "LimitSettingsDraft",
    "McpServerDraft",
    "ModelSettingsDraft",
    "NodeDraft",
    "OperandDraft",
    "PersonalDataSettingsDraft",
    "PlaceDraft",
    "PortDraft",
    "PositionDraft",
    "PromptDefenceSettingsDraft",
    "ReasoningSettingsDraft",
    "RetryPolicyDraft",
    "RetrySettingsDraft",
    "RuleDraft",
    "RunStatisticsDraft",
    "SamplingSettingsDraft",
    "SettingsDraft",
    "TimeoutSettingsDraft",
    "ToolDraft",
    "ToolSettingsDraft",
    "VariableDraft",
    "VersionDraft",
    "WorkflowDraft",
    "WorkflowReferenceDraft",
    "WorkflowSummaryDraft",
]
