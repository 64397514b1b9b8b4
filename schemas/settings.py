"""Workflow-level settings, typed where vendors agree in meaning. None means: the vendor does not say."""

from pydantic import Field

from schemas.base import CanonicalModel, JsonObject


class ModelSettings(CanonicalModel):
    """Which language models run."""

    models: tuple[str, ...] = ()
    """In order of preference; a vendor's preset keeps its prefix, such as `preset:cost`."""
    automatic: bool | None = None
    """The vendor picks."""
    preference: str | None = None
    """What an automatic pick goes by, such as `cost`."""
    preset: str | None = None
    """The vendor's name for a set of sampling parameters."""


class SamplingSettings(CanonicalModel):
    """How tokens are drawn."""

    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    max_tokens: int | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None
    stop_sequences: tuple[str, ...] | None = None


class ReasoningSettings(CanonicalModel):
    """Whether and how hard the model reasons first."""

    enabled: bool | None = None
    effort: str | None = None
    """Lower case: `off`, `low`, `medium`, `high`, `maximum`, or the vendor's word in lower case."""


class GuardrailCategory(CanonicalModel):
    """One kind of content that is watched."""

    name: str
    level: str
    """Lower case: `off`, or the vendor's word in lower case."""


class GuardrailSettings(CanonicalModel):
    """What content is stopped, and how."""

    enforced: bool | None = None
    categories: tuple[GuardrailCategory, ...] = ()
    action: str | None = None
    """The vendor's word, such as `flag`."""
    replacement: str | None = None
    """Text given instead of what was stopped."""
    human_message: str | None = None
    """Text given when a person takes over."""


class PersonalDataSettings(CanonicalModel):
    """Which personal data is made anonymous."""

    enforced: bool | None = None
    entities: tuple[str, ...] = ()
    """Such as `EMAIL_ADDRESS`."""


class PromptDefenceSettings(CanonicalModel):
    """Guards against attacks in prompts."""

    enforced: bool | None = None
    jailbreak: bool | None = None
    prompt_injection: bool | None = None
    context_leak: bool | None = None


class RetrySettings(CanonicalModel):
    """What is tried again."""

    attempts_per_model: int | None = None
    status_codes: tuple[int, ...] | None = None
    datacenter_fallback: bool | None = None


class TimeoutSettings(CanonicalModel):
    """How long things may take, in seconds."""

    model_seconds: float | None = None
    """One model call."""
    agent_seconds: float | None = None
    """One agent's turn."""
    execution_seconds: float | None = None
    """The whole run."""


class LimitSettings(CanonicalModel):
    """How much one run may use."""

    requests: int | None = None
    tokens: int | None = None
    messages: int | None = None


class Tool(CanonicalModel):
    """A tool that the models may call."""

    type: str
    enabled: bool | None = None
    config: JsonObject = Field(default_factory=dict)
    """The rest of the vendor's entry in exact JSON."""


class McpServer(CanonicalModel):
    """A server of the Model Context Protocol that the models may use."""

    label: str | None = None
    url: str | None = None
    config: JsonObject = Field(default_factory=dict)
    """The rest of the vendor's entry in exact JSON."""


class ToolSettings(CanonicalModel):
    """Tools and MCP servers."""

    parallel_calls: bool | None = None
    tools: tuple[Tool, ...] = ()
    mcp_servers: tuple[McpServer, ...] = ()


class InstructionSettings(CanonicalModel):
    """Texts that steer every model of the workflow."""

    introduction: str | None = None
    persona: str | None = None
    tone: str | None = None
    extra: str | None = None


class Settings(CanonicalModel):
    """All typed settings; what vendors do not share is under the workflow's `extensions`."""

    model: ModelSettings | None = None
    sampling: SamplingSettings | None = None
    reasoning: ReasoningSettings | None = None
    guardrails: GuardrailSettings | None = None
    personal_data: PersonalDataSettings | None = None
    prompt_defence: PromptDefenceSettings | None = None
    retries: RetrySettings | None = None
    timeouts: TimeoutSettings | None = None
    limits: LimitSettings | None = None
    tools: ToolSettings | None = None
    instructions: InstructionSettings | None = None
