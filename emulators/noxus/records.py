"""The workflow record as the reference prints it, with every default of a workflow nobody has touched."""

from types import MappingProxyType
from typing import Any, Final

from emulators.noxus.state import GROUP_ID, Record, content_hash

TYPES = (
    "flow",
    "agent_flow",
    "handler",
    "ingestion",
    "inbox_process",
    "inbox_filtering",
    "inbox_extraction",
    "task_automation",
)
OLD_TYPES = ("flow", "handler", "ingestion")
PERSONAL_DATA: Final = MappingProxyType(
    {
        "PERSON": "Name",
        "EMAIL_ADDRESS": "Email",
        "PHONE_NUMBER": "Phone Number",
        "CREDIT_CARD": "Credit Card",
    }
)
GUARDRAILS = (
    "violence_and_hate",
    "sexual_content",
    "guns_and_weapons",
    "suicide",
    "crime",
    "toxicity",
    "bias",
    "profanity",
)


def _protection() -> Record:
    return {
        "pii_banner": "",
        "pii_info": "",
        "pii_lock": False,
        "pii_anonimization": [{"value": value, "label": name} for value, name in PERSONAL_DATA.items()],
        "divider1": "",
        "guardrail_info": "",
        "guardrail_lock": False,
        **dict.fromkeys(GUARDRAILS, "Off"),
        "divider2": "",
        "guardrail_action": {"value": "flag", "label": "Flag with warning but proceed"},
        "guardrail_action_replace": "",
        "guardrail_action_human": "",
        "divider3": "",
        "prompt_defense": "",
        "prompt_lock": False,
        "jailbreak": False,
        "prompt_injection": False,
        "context_leak": False,
    }


def _models() -> Record:
    return {
        "auto_model_pick": False,
        "auto_model_preference": "cost",
        "model": ["preset:cost"],
        "parameter_preset": "default",
        "intro": "",
        "basic_params_section": "",
        "max_tokens": 64000,
        "temperature": 0.7,
        "top_p": 1,
        "top_k": 40,
        "timeout": 120,
        "divider_7": "",
        "penalty_section": "",
        "presence_penalty": 0.3,
        "frequency_penalty": 0.6,
        "stop_sequences": [],
        "divider_8": "",
        "reasoning_section": "",
        "enable_reasoning": True,
        "reasoning_effort": "Low",
        "divider": "",
        "reliability_section": "",
        "max_retries_per_model": 3,
        "retry_on_status_codes": [429, 500, 502, 503, 504],
        "datacenter_fallback": True,
    }


def _agents() -> Record:
    return {
        "agentflow_enabled": True,
        "usage_limits_section": "",
        "usage_limits_maximum_request": 1000,
        "usage_limits_maximum_tokens": 2_000_000,
        "usage_limits_max_messages": 100,
        "usage_limits_agent_timeout": 120,
        "divider_11": "",
        "tool_calling_section": "",
        "parallel_tool_calls": True,
        "agent_flow_id": None,
        "is_coworker": False,
        "preset_selector": "balanced",
        "introductory_message": None,
        "persona": None,
        "tone": None,
        "extra_instructions": None,
        "tools": [],
        "mcp_servers": [],
    }


def settings(**changed: Any) -> Record:
    """Return the full `settings` object, the interface's own noise keys included."""
    return _protection() | _models() | _agents() | changed


def meta(*tags: str, **changed: Any) -> Record:
    """Return the full `meta` object."""
    return {
        "tags": list(tags),
        "icon": None,
        "log_sync_sheet": None,
        "columns": [],
        "spreadsheet": None,
        "chatflow_settings": {},
        "template_id": None,
    } | changed


def workflow(workflow_id: str, name: str, definition: Record, created_at: str, /, **changed: Any) -> Record:
    """Return a whole workflow record; `changed` overrides any field."""
    record: Record = {
        "id": workflow_id,
        "group_id": GROUP_ID,
        "name": name,
        "type": "flow",
        "definition": definition,
        "workflow_hash": content_hash(definition),
        "meta": meta(),
        "settings": settings(),
        "last_updated_at": created_at,
        "last_run_at": None,
        "created_at": created_at,
        "deleted_at": None,
        "runs_count": 0,
        "author_name": None,
        "description": None,
        "saved": True,
        "error_handler": None,
        "is_app_published": False,
        "app_settings_v2": None,
    }
    if definition.get("flow_version") == "v2":
        record["flow_version"] = "v2"
    return record | changed
