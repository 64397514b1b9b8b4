"""The flat `settings` object: typed where the canonical settings have a place, the rest kept as it is."""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, NamedTuple, cast

from adapters.evidence import Evidence, pointer
from adapters.noxus import codecs
from adapters.noxus.rewriting import owned
from adapters.rendering import lost
from schemas.base import CanonicalModel, JsonObject
from schemas.diagnostics import Loss
from schemas.drafts import GuardrailCategoryDraft, SettingsDraft
from schemas.settings import (
    GuardrailSettings,
    InstructionSettings,
    LimitSettings,
    ModelSettings,
    PersonalDataSettings,
    PromptDefenceSettings,
    ReasoningSettings,
    RetrySettings,
    SamplingSettings,
    Settings,
    TimeoutSettings,
    ToolSettings,
)


class Place(NamedTuple):
    """Where one canonical setting lies in the vendor's object."""

    group: str
    name: str
    native: str
    codec: codecs.Codec


GROUPS: Final[Mapping[str, type[CanonicalModel]]] = MappingProxyType(
    {
        "model": ModelSettings,
        "sampling": SamplingSettings,
        "reasoning": ReasoningSettings,
        "guardrails": GuardrailSettings,
        "personal_data": PersonalDataSettings,
        "prompt_defence": PromptDefenceSettings,
        "retries": RetrySettings,
        "timeouts": TimeoutSettings,
        "limits": LimitSettings,
        "tools": ToolSettings,
        "instructions": InstructionSettings,
    }
)

PLACES: Final = (
    Place("model", "models", "model", codecs.TEXTS),
    Place("model", "automatic", "auto_model_pick", codecs.BOOLEAN),
    Place("model", "preference", "auto_model_preference", codecs.TEXT),
    Place("model", "preset", "parameter_preset", codecs.TEXT),
    Place("sampling", "temperature", "temperature", codecs.NUMBER),
    Place("sampling", "top_p", "top_p", codecs.NUMBER),
    Place("sampling", "top_k", "top_k", codecs.INTEGER),
    Place("sampling", "max_tokens", "max_tokens", codecs.INTEGER),
    Place("sampling", "presence_penalty", "presence_penalty", codecs.NUMBER),
    Place("sampling", "frequency_penalty", "frequency_penalty", codecs.NUMBER),
    Place("sampling", "stop_sequences", "stop_sequences", codecs.TEXTS),
    Place("reasoning", "enabled", "enable_reasoning", codecs.BOOLEAN),
    Place("reasoning", "effort", "reasoning_effort", codecs.WORD),
    Place("guardrails", "enforced", "guardrail_lock", codecs.BOOLEAN),
    Place("guardrails", "action", "guardrail_action", codecs.CHOICE),
    Place("guardrails", "replacement", "guardrail_action_replace", codecs.TEXT),
    Place("guardrails", "human_message", "guardrail_action_human", codecs.TEXT),
    Place("personal_data", "enforced", "pii_lock", codecs.BOOLEAN),
    Place("personal_data", "entities", "pii_anonimization", codecs.CHOICES),  # the vendor's own spelling
    Place("prompt_defence", "enforced", "prompt_lock", codecs.BOOLEAN),
    Place("prompt_defence", "jailbreak", "jailbreak", codecs.BOOLEAN),
    Place("prompt_defence", "prompt_injection", "prompt_injection", codecs.BOOLEAN),
    Place("prompt_defence", "context_leak", "context_leak", codecs.BOOLEAN),
    Place("retries", "attempts_per_model", "max_retries_per_model", codecs.INTEGER),
    Place("retries", "status_codes", "retry_on_status_codes", codecs.INTEGERS),
    Place("retries", "datacenter_fallback", "datacenter_fallback", codecs.BOOLEAN),
    Place("timeouts", "model_seconds", "timeout", codecs.NUMBER),
    Place("timeouts", "agent_seconds", "usage_limits_agent_timeout", codecs.NUMBER),
    Place("limits", "requests", "usage_limits_maximum_request", codecs.INTEGER),
    Place("limits", "tokens", "usage_limits_maximum_tokens", codecs.INTEGER),
    Place("limits", "messages", "usage_limits_max_messages", codecs.INTEGER),
    Place("tools", "parallel_calls", "parallel_tool_calls", codecs.BOOLEAN),
    Place("tools", "tools", "tools", codecs.TOOLS),
    Place("tools", "mcp_servers", "mcp_servers", codecs.SERVERS),
    Place("instructions", "introduction", "introductory_message", codecs.RICH_TEXT),
    Place("instructions", "persona", "persona", codecs.RICH_TEXT),
    Place("instructions", "tone", "tone", codecs.RICH_TEXT),
    Place("instructions", "extra", "extra_instructions", codecs.RICH_TEXT),
)

CATEGORIES: Final = (
    "violence_and_hate",
    "sexual_content",
    "guns_and_weapons",
    "suicide",
    "crime",
    "toxicity",
    "bias",
    "profanity",
)
"""The kinds of content that are watched, in the vendor's order."""

PLACES_BY_GROUP: Final = tuple(
    (
        group,
        tuple(
            (place.name, place.native, place.codec.plain, place.codec.read)
            for place in PLACES
            if place.group == group
        ),
    )
    for group in GROUPS
)
"""The same places, as reading wants them."""

DEFAULTS: Final[Mapping[str, JsonObject]] = MappingProxyType(
    {
        "model": {"models": ()},
        "guardrails": {"categories": ()},
        "personal_data": {"entities": ()},
        "tools": {"tools": (), "mcp_servers": ()},
    }
)
"""What a group holds where the vendor does not say."""

TYPED: Final = frozenset((*(place.native for place in PLACES), *CATEGORIES))

SAYING_NOTHING: Final = (str, type(None))
"""What a field is that is there for the vendor's own screens; structured content never is."""

NOISE_NAMES: Final = frozenset({"intro", "prompt_defense"})
NOISE_PREFIX: Final = "divider"
NOISE_SUFFIXES: Final = ("_banner", "_info", "_section")


def read_settings(record: Evidence) -> tuple[SettingsDraft | None, JsonObject]:
    """Return the typed settings, None where there are none, and the fields that have no canonical place."""
    settings = record.object("settings")
    if settings is None:
        return None, {}
    fields = settings.fields
    typed: dict[str, JsonObject] = {}
    for group, places in PLACES_BY_GROUP:
        found: JsonObject = {}
        for name, native, plain, read in places:
            value = fields.get(native)
            if value is not None and type(value) is not plain:
                value = read(settings, native)
            if value is not None:
                found[name] = value
        if found:
            typed[group] = {**DEFAULTS[group], **found} if group in DEFAULTS else found
    if categories := _categories(settings):
        typed.setdefault("guardrails", {})["categories"] = categories
    return cast("SettingsDraft", typed), _rest(fields)


def write_settings(document: JsonObject, before: Settings | None, wanted: Settings | None) -> Iterable[Loss]:
    """Write the settings that differ."""
    settings = owned(document, "settings")
    before, wanted = before or Settings(), wanted or Settings()
    for place in PLACES:
        value = _value(wanted, place)
        if value != _value(before, place):
            place.codec.write(settings, place.native, value)
    _write_categories(settings, _guardrails(before), _guardrails(wanted))
    yield from _losses(before, wanted)


def _categories(settings: Evidence) -> Sequence[GuardrailCategoryDraft]:
    categories: list[GuardrailCategoryDraft] = []
    for name in CATEGORIES:
        level = settings.fields.get(name)
        if level is not None and (word := codecs.read_word(settings, name)) is not None:
            categories.append({"name": name, "level": word})
    return categories


def _rest(fields: JsonObject) -> JsonObject:
    return {
        name: value
        for name, value in fields.items()
        if name not in TYPED and not (isinstance(value, SAYING_NOTHING) and _is_noise(name))
    }


def _is_noise(name: str) -> bool:
    """Say whether a field is there for the vendor's own screens only, unless it has structured content."""
    return name in NOISE_NAMES or name.startswith(NOISE_PREFIX) or name.endswith(NOISE_SUFFIXES)


def _value(settings: Settings, place: Place) -> Any:
    group = getattr(settings, place.group)
    return (
        GROUPS[place.group].model_fields[place.name].default if group is None else getattr(group, place.name)
    )


def _guardrails(settings: Settings) -> dict[str, str]:
    categories = () if settings.guardrails is None else settings.guardrails.categories
    return {category.name: category.level for category in categories}


def _write_categories(settings: JsonObject, before: Mapping[str, str], wanted: Mapping[str, str]) -> None:
    for name in CATEGORIES:
        if before.get(name) != wanted.get(name):
            codecs.write_word(settings, name, wanted.get(name))


def _losses(before: Settings, wanted: Settings) -> Iterable[Loss]:
    """Yield what the vendor's settings have no place for."""
    limit = wanted.timeouts and wanted.timeouts.execution_seconds
    if limit is not None and limit != (before.timeouts and before.timeouts.execution_seconds):
        yield lost("/settings/timeouts/execution_seconds", "Noxus has no time limit for a whole run")
    if wanted.guardrails is None:
        return
    for index, category in enumerate(wanted.guardrails.categories):
        if category.name not in CATEGORIES:
            path = pointer("settings", "guardrails", "categories", index)
            yield lost(path, f"Noxus watches no content named {category.name}")
