"""Drafts of the settings."""

from collections.abc import Sequence
from typing import Required, TypedDict

from schemas.base import JsonObject


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
