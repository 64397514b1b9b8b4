"""The fields a caller may set on an assistant, with their defaults, and on a workflow.

The defaults are those of the vendor's older client; the current one documents none.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from emulators.aitronos.calls import Call
from emulators.aitronos.errors import Document, Issue, validation
from emulators.aitronos.validation import Field, check, read_body

NAME = Field("text", required=True, lowest=1, highest=255)
TEXT = Field("text")
TRUTH = Field("truth")
INTEGER = Field("integer")
NUMBER = Field("number")
UNIT = Field("number", lowest=0, highest=1)
TEXTS = Field("texts")
OBJECT = Field("object")
OBJECTS = Field("objects")

CREATE_WORKFLOW: Mapping[str, Field] = MappingProxyType(
    {
        "name": NAME,
        "definition": Field("object", required=True),
        "description": TEXT,
        "external_id": TEXT,
    }
)

UPDATE_WORKFLOW: Mapping[str, Field] = MappingProxyType(
    {
        "name": Field("text", lowest=1, highest=255),
        "description": TEXT,
        "definition": OBJECT,
        "is_active": TRUTH,
        "external_id": TEXT,
    }
)

PROMOTE: Mapping[str, Field] = MappingProxyType(
    {"name": Field("text", lowest=1, highest=255), "description": TEXT, "primary_node_id": TEXT}
)

CONVERT: Mapping[str, Field] = MappingProxyType(
    {"workflow_name": Field("text", lowest=1, highest=255), "description": TEXT}
)

SETTINGS: Mapping[str, tuple[Field, Any]] = MappingProxyType(
    {
        "description": (TEXT, None),
        "avatar_id": (TEXT, None),
        "icon_id": (TEXT, None),
        "icon_type": (TEXT, None),
        "icon_data": (TEXT, None),
        "is_default": (TRUTH, False),
        "default_model_key": (TEXT, "gpt-4o"),
        "allowed_model_providers": (TEXTS, None),
        "instructions": (TEXT, None),
        "instructions_thread_id": (TEXT, None),
        "system_message": (OBJECTS, None),
        "context_strategy": (TEXT, "auto"),
        "context_window": (INTEGER, None),
        "max_tool_calls": (INTEGER, 10),
        "parallel_tool_calls": (TRUTH, False),
        "service_tier": (TEXT, "auto"),
        "store_responses": (TRUTH, True),
        "temperature": (UNIT, 0.7),
        "frequency_penalty": (NUMBER, None),
        "presence_penalty": (NUMBER, None),
        "logit_bias": (OBJECT, None),
        "top_logprobs": (INTEGER, 0),
        "top_p": (UNIT, 1.0),
        "output_mode": (TEXT, "text"),
        "response_format": (TEXT, "auto"),
        "seed": (INTEGER, None),
        "stop_sequences": (TEXTS, None),
        "max_completion_tokens": (INTEGER, None),
        "access_mode": (TEXT, "private"),
        "access_departments": (TEXTS, None),
        "access_users": (TEXTS, None),
        "editable_by_users": (TEXTS, None),
        "visible_in_chat_to_users": (TEXTS, None),
        "editable_by_roles": (TEXTS, None),
        "visible_to_roles": (TEXTS, None),
        "api_enabled": (TRUTH, True),
        "public_enabled": (TRUTH, False),
        "is_active": (TRUTH, True),
        "streaming": (TRUTH, True),
        "memory_enabled": (TRUTH, True),
        "moderation_enabled": (TRUTH, False),
        "safety_level": (TEXT, "medium"),
        "truncation": (TRUTH, True),
        "preset_prompts": (TEXTS, None),
        "metadata": (OBJECT, None),
        "text_config": (OBJECT, None),
        "tool_configurations": (OBJECT, None),
        "reasoning": (OBJECT, None),
        "vector_store_ids": (TEXTS, None),
        "rule_ids": (TEXTS, None),
    }
)

_REASONING: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "effort": ("off", "low", "medium", "high", "maximum"),
        "summary": ("off", "auto", "concise", "detailed"),
    }
)


def defaults() -> Document:
    """Return fresh settings of an assistant nobody has set anything on."""
    return {name: default for name, (_, default) in SETTINGS.items()}


def read_assistant(call: Call, *, creating: bool, strict: bool) -> Document:
    """Return the settings in a create or update body, checked, by their names in `SETTINGS`.

    An update calls `metadata` `assistant_metadata`. Only creation takes `organization_id` and `json_schemas`;
    the latter is shown nowhere afterwards.

    Raises:
        Refusal: 422.
    """
    fields = {name: field for name, (field, _) in SETTINGS.items()}
    if creating:
        fields |= {"name": NAME, "organization_id": Field("text", required=True), "json_schemas": OBJECTS}
    else:
        fields |= {"name": Field("text", lowest=1, highest=255), "assistant_metadata": fields.pop("metadata")}
    given = read_body(call, fields, strict=strict)
    if issues := [
        *_tool_issues(given.get("tool_configurations")),
        *_reasoning_issues(given.get("reasoning")),
    ]:
        raise validation(issues)
    given.pop("json_schemas", None)
    if "assistant_metadata" in given:
        given["metadata"] = given.pop("assistant_metadata")
    return given


def usable(found: Document) -> Document:
    """Return those of the settings found in a definition, which nobody checks, that an assistant can have."""
    fitting = {name: value for name, value in found.items() if not check((), value, SETTINGS[name][0])}
    if _tool_issues(fitting.get("tool_configurations")):
        del fitting["tool_configurations"]
    if _reasoning_issues(fitting.get("reasoning")):
        del fitting["reasoning"]
    return fitting


def _tool_issues(tools: Document | None) -> list[Issue]:
    place = ("body", "tool_configurations")
    servers, system = (tools or {}).get("mcp_tools") or [], (tools or {}).get("system_tools") or {}
    if not isinstance(system, dict) or not all(
        tool is None or isinstance(tool, dict) for tool in system.values()
    ):
        return [Issue((*place, "system_tools"), "Input should be a valid dictionary", "dict_type")]
    if not isinstance(servers, list):
        return [Issue((*place, "mcp_tools"), "Input should be a valid list", "list_type")]
    return [
        Issue((*place, "mcp_tools", index, "server_label"), "Field required", "missing")
        for index, server in enumerate(servers)
        if not isinstance(server, dict) or not isinstance(server.get("server_label"), str)
    ]


def _reasoning_issues(reasoning: Document | None) -> list[Issue]:
    return [
        Issue(("body", "reasoning", name), f"Input should be one of {', '.join(words)}", "enum")
        for name, words in _REASONING.items()
        if (reasoning or {}).get(name) is not None and (reasoning or {})[name] not in words
    ]
