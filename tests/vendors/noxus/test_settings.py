"""The flat settings object, both ways."""

from typing import Any

import pytest

from adapters.noxus import VENDOR
from adapters.noxus.settings import PLACES
from schemas.base import CanonicalModel, JsonObject
from schemas.diagnostics import DiagnosticCode
from schemas.settings import (
    GuardrailCategory,
    GuardrailSettings,
    InstructionSettings,
    LimitSettings,
    McpServer,
    ModelSettings,
    PersonalDataSettings,
    PromptDefenceSettings,
    ReasoningSettings,
    RetrySettings,
    SamplingSettings,
    Settings,
    TimeoutSettings,
    Tool,
    ToolSettings,
)
from tests.vendors.noxus.helpers import ORDINARY, found, parse, record, recording

FORMS = "get_workflow_settings_in_every_form"


def read(settings: Any) -> Settings:
    parsed = parse(record(settings=settings)).settings
    assert parsed is not None
    return parsed


def written(native: JsonObject, group: str, **changes: Any) -> JsonObject:
    """The native settings after one group of canonical settings was changed."""
    base = record(settings=native)
    workflow = parse(base)
    settings = workflow.settings or Settings()
    changed = getattr(settings, group).model_copy(update=changes)
    update = {"settings": settings.model_copy(update={group: changed})}
    rendered = VENDOR.mapping.render(workflow.model_copy(update=update), base)
    assert rendered.losses == ()
    assert {key: value for key, value in rendered.document.items() if key != "settings"} == {
        key: value for key, value in base.items() if key != "settings"
    }
    settings_written: JsonObject = rendered.document["settings"]
    return settings_written


def test_the_documented_settings_are_typed_completely() -> None:
    settings = parse(recording(ORDINARY)).settings
    assert settings == Settings(
        model=ModelSettings(models=("preset:cost",), automatic=False, preference="cost", preset="default"),
        sampling=SamplingSettings(
            temperature=0.7,
            top_p=1,
            top_k=40,
            max_tokens=64000,
            presence_penalty=0.3,
            frequency_penalty=0.6,
            stop_sequences=(),
        ),
        reasoning=ReasoningSettings(enabled=True, effort="low"),
        guardrails=GuardrailSettings(
            enforced=False,
            categories=tuple(
                GuardrailCategory(name=name, level="off")
                for name in (
                    *("violence_and_hate", "sexual_content", "guns_and_weapons", "suicide"),
                    *("crime", "toxicity", "bias", "profanity"),
                )
            ),
            action="flag",
            replacement="",
            human_message="",
        ),
        personal_data=PersonalDataSettings(
            enforced=False, entities=("PERSON", "EMAIL_ADDRESS", "PHONE_NUMBER", "CREDIT_CARD")
        ),
        prompt_defence=PromptDefenceSettings(
            enforced=False, jailbreak=False, prompt_injection=False, context_leak=False
        ),
        retries=RetrySettings(
            attempts_per_model=3, status_codes=(429, 500, 502, 503, 504), datacenter_fallback=True
        ),
        timeouts=TimeoutSettings(model_seconds=120, agent_seconds=120),
        limits=LimitSettings(requests=1000, tokens=2000000, messages=100),
        tools=ToolSettings(parallel_calls=True),
        instructions=None,
    )


def test_no_interface_noise_is_left() -> None:
    settings = parse(recording(ORDINARY)).extensions["noxus"]["settings"]
    assert settings == {"agentflow_enabled": True, "is_coworker": False, "preset_selector": "balanced"}


def test_noise_with_structure_is_content() -> None:
    workflow = parse(
        record(settings={"team_info": {"a": 1}, "x_section": "", "divider_a": None, "intro": "hi"})
    )
    assert workflow.extensions["noxus"]["settings"] == {"team_info": {"a": 1}}


def test_absent_settings_are_none_and_empty_ones_are_not() -> None:
    assert parse(record()).settings is None
    assert parse(record(settings=None)).settings is None
    assert parse(record(settings={})).settings == Settings()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("Plain", "Plain"),
        ({"text": "Wrapped"}, "Wrapped"),
        ([{"text": "Two "}, {"text": "parts"}], "Two parts"),
        (["bare ", {"text": "mixed"}], "bare mixed"),
        ("", None),
        ({}, None),
        ([], None),
        (None, None),
    ],
)
@pytest.mark.parametrize("name", ["persona", "tone", "extra_instructions"])
def test_texts_come_in_three_forms(name: str, value: Any, text: str | None) -> None:
    workflow = parse(record(settings={name: value}))
    instructions = workflow.settings and workflow.settings.instructions
    canonical = "extra" if name == "extra_instructions" else name
    assert (getattr(instructions, canonical) if instructions else None) == text
    assert workflow.diagnostics == ()


def test_a_text_that_is_none_of_them_is_reported() -> None:
    workflow = parse(record(settings={"persona": [{"text": 5}, 7], "tone": True}))
    assert {path for _, path in found(workflow)} == {
        *("/settings/persona/0", "/settings/persona/1", "/settings/tone"),
    }


def test_odd_types_are_read_where_that_loses_nothing() -> None:
    settings = parse(recording(FORMS)).settings
    assert settings is not None
    assert settings.sampling is not None
    assert settings.prompt_defence is not None
    assert (settings.sampling.max_tokens, settings.sampling.top_k) == (2048, 40)
    assert settings.sampling.presence_penalty is None
    assert (settings.prompt_defence.prompt_injection, settings.prompt_defence.context_leak) == (True, None)


def test_tools_and_servers() -> None:
    settings = parse(recording(FORMS)).settings
    assert settings is not None
    assert settings.tools == ToolSettings(
        parallel_calls=False,
        tools=(
            Tool(type="kb_qa", enabled=True, config={"kb_id": "kb-1"}),
            Tool(type="brand_new_tool", config={"x": 1}),
        ),
        mcp_servers=(
            McpServer(
                label="search",
                url="https://mcp.example.invalid",
                config={"headers": {"x-team": "a"}},
            ),
            McpServer(label="files"),
        ),
    )


def test_a_setting_that_cannot_be_read_is_reported() -> None:
    workflow = parse(
        record(settings={"pii_anonimization": [{"label": "x"}], "retry_on_status_codes": [True]})
    )
    assert found(workflow) == [
        (DiagnosticCode.UNREADABLE_PART, "/settings/pii_anonimization/0"),
        (DiagnosticCode.WRONG_TYPE, "/settings/retry_on_status_codes/0"),
    ]


def sample(value: Any) -> Any:
    """A value of the same type that differs."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    if isinstance(value, str):
        return value + "x"
    return (*value, value[0]) if value else ("new",)


@pytest.mark.parametrize(
    "place",
    [
        place
        for place in PLACES
        if place.group != "instructions" and place.name not in ("tools", "mcp_servers")
    ],
    ids=lambda place: place.native,
)
def test_one_changed_setting_changes_its_own_place_only(place: Any) -> None:
    native = recording(ORDINARY)["settings"]
    group: CanonicalModel = getattr(read(native), place.group)
    value = sample(getattr(group, place.name))
    settings = written(native, place.group, **{place.name: value})
    assert {key for key in native if settings.get(key) != native[key]} == {place.native}
    assert getattr(getattr(read(settings), place.group), place.name) == value


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.native)
def test_a_setting_can_be_taken_away(place: Any) -> None:
    native = {**recording(FORMS)["settings"], **recording(ORDINARY)["settings"]}
    native.update(persona="P", tone="T", introductory_message="I", extra_instructions="E")
    native.update(tools=[{"type": "todos"}], mcp_servers=[{"name": "m"}])
    base = record(settings=native)
    workflow = parse(base)
    assert workflow.settings is not None
    update = {"settings": workflow.settings.model_copy(update={place.group: None})}
    again = parse(VENDOR.mapping.render(workflow.model_copy(update=update), base).document)
    group = again.settings and getattr(again.settings, place.group)
    assert group is None or getattr(group, place.name) in (None, ())


def test_words_are_written_with_the_vendors_capital() -> None:
    native = {"reasoning_effort": "Low", "crime": "Off", "bias": "off"}
    assert written(native, "reasoning", effort="high")["reasoning_effort"] == "High"
    levels = (GuardrailCategory(name="crime", level="high"), GuardrailCategory(name="bias", level="off"))
    assert written(native, "guardrails", categories=levels) == {**native, "crime": "High"}


def test_choices_keep_the_labels_of_those_that_stay() -> None:
    native = {
        "pii_anonimization": [{"value": "A", "label": "An A"}, {"broken": 1}, {"value": "B", "label": "A B"}]
    }
    assert written(native, "personal_data", entities=("B", "C"))["pii_anonimization"] == [
        {"broken": 1},
        {"value": "B", "label": "A B"},
        {"value": "C", "label": "C"},
    ]


@pytest.mark.parametrize("native", ["flag", {"value": "flag", "label": "Flag"}])
def test_the_guardrails_action_is_a_choice_or_a_word(native: Any) -> None:
    assert read({"guardrail_action": native}).guardrails == GuardrailSettings(action="flag")
    settings = written({"guardrail_action": native}, "guardrails", action="block")
    wanted = "block" if isinstance(native, str) else {"value": "block", "label": "block"}
    assert settings["guardrail_action"] == wanted


def test_tools_that_stay_are_not_touched() -> None:
    native = recording(FORMS)["settings"]["tools"]
    tools = (
        Tool(type="brand_new_tool", config={"x": 1}),
        Tool(type="memory", enabled=False),
    )
    assert written({"tools": native}, "tools", tools=tools)["tools"] == [
        {"type": "brand_new_tool", "x": 1},
        "web_research",
        {"enabled": True},
        {"type": "memory", "enabled": False},
    ]


def test_servers_are_written_by_name() -> None:
    native = {"mcp_servers": [{"label": "files"}]}
    servers = (McpServer(label="files"), McpServer(label="new", url="https://x.invalid", config={"a": 1}))
    assert written(native, "tools", mcp_servers=servers)["mcp_servers"] == [
        {"label": "files"},
        {"name": "new", "url": "https://x.invalid", "a": 1},
    ]


@pytest.mark.parametrize(
    ("native", "wanted"),
    [
        ("old", "new"),
        ({"text": "old", "id": 1}, {"text": "new", "id": 1}),
        (
            [{"text": "old", "definition": {"type": "doc", "content": [1]}}, {"text": " more"}],
            [{"text": "new", "definition": {"type": "doc", "content": []}}],
        ),
    ],
)
def test_a_text_is_written_in_the_form_it_has(native: Any, wanted: Any) -> None:
    assert written({"persona": native}, "instructions", persona="new")["persona"] == wanted


def test_settings_can_be_written_where_there_were_none() -> None:
    base = record(settings=None)
    instructions = InstructionSettings(persona="A pirate")
    settings = Settings(sampling=SamplingSettings(temperature=0.5, top_k=3), instructions=instructions)
    workflow = parse(base).model_copy(update={"settings": settings})
    document = VENDOR.mapping.render(workflow, base).document
    assert document["settings"] == {"temperature": 0.5, "top_k": 3, "persona": "A pirate"}


def test_what_noxus_has_no_place_for_is_lost() -> None:
    base = record()
    guardrails = GuardrailSettings(categories=(GuardrailCategory(name="gossip", level="high"),))
    settings = Settings(timeouts=TimeoutSettings(execution_seconds=60), guardrails=guardrails)
    rendered = VENDOR.mapping.render(parse(base).model_copy(update={"settings": settings}), base)
    assert [loss.path for loss in rendered.losses] == [
        "/settings/timeouts/execution_seconds",
        "/settings/guardrails/categories/0",
    ]
