"""The settings of agents and conversations, and the tools an agent may be given."""

from collections.abc import Mapping

from emulators.noxus.state import Record
from emulators.noxus.validation import LIST, NUMBER, OBJECT, TEXT, TEXTS, UUID, WHOLE, Fields

DEFAULT_MODELS = ("chat-balanced", "gpt-4o", "claude-3.7-sonnet")
DEFAULT_TEMPERATURE = 0.4
DEFAULT_MAX_TOKENS = 64000

TOOLS: Mapping[str, str] = {
    "web_research": "Search the web for information",
    "noxus_qa": "Answer questions about the platform",
    "attach_file": "Let the user attach files",
    "kb_selector": "Let the user choose a knowledge base",
    "kb_qa": "Answer from one knowledge base",
    "human_in_the_loop": "Hand over to a person",
    "workflow": "Run a workflow",
    "memory": "Remember across messages",
    "filesystem": "Work with files",
    "code_execution": "Run Python",
    "agent_tool": "Ask another agent",
    "action": "Run one action",
    "chatflow": "Run a chat flow",
    "flow_transition": "Move to another flow",
    "chatflow_extraction": "Extract fields in a chat flow",
    "chatflow_transition": "Move within a chat flow",
    "sandbox": "Use a shell in a sandbox",
    "schedule_tool": "Schedule tasks",
    "todos": "Keep a list of tasks",
    "subagent": "Delegate to a specialist",
    "agent_memory": "Remember across conversations",
    "create_files": "Create files",
    "docx": "Work with documents",
    "documentation": "Read the platform's documentation",
    "excel": "Work with spreadsheets",
    "files": "Work with attachments",
    "image_generation": "Draw pictures",
}
REQUIRED: Mapping[str, str] = {"workflow": "workflow_id", "kb_qa": "kb_id"}
"""The field a known tool cannot do without; tools of unknown types are kept as they come."""


def tool_schemas() -> Record:
    """Return the JSON schema of every tool's settings, by type."""
    return {kind: _schema(kind, about) for kind, about in TOOLS.items()}


def _schema(kind: str, about: str) -> Record:
    properties: Record = {
        "type": {"const": kind},
        "enabled": {"type": "boolean", "default": True},
        "extra_instructions": {"anyOf": [{"type": "string"}, {"type": "null"}]},
    }
    needed = [REQUIRED[kind]] if kind in REQUIRED else []
    properties |= {name: {"type": "string"} for name in needed}
    if kind == "code_execution":
        properties["timeout"] = {"type": "integer", "default": 120}
    return {"type": "object", "description": about, "properties": properties, "required": ["type", *needed]}


def default_settings() -> Record:
    """Return the settings of an agent created without any."""
    kinds = ("web_research", "noxus_qa", "kb_selector")
    return {
        "model_selection": list(DEFAULT_MODELS),
        "temperature": DEFAULT_TEMPERATURE,
        "max_tokens": DEFAULT_MAX_TOKENS,
        "tools": [{"type": kind, "enabled": True} for kind in kinds],
    }


def read_settings(fields: Fields, name: str) -> Record | None:
    """Return checked settings as the server keeps them: `model` becomes `model_selection`, extras stay.

    Null or absent gives None. Problems are added to `fields`.
    """
    given = fields.optional(name, OBJECT)
    if given is None:
        return None
    inner = Fields(given, *fields.where, name)
    models = inner.optional("model", TEXTS) or inner.optional("model_selection", TEXTS)
    kept = {key: value for key, value in given.items() if key not in {"model", "model_selection"}}
    inner.optional("agent_flow_id", UUID)
    kept |= {
        "temperature": inner.optional("temperature", NUMBER, DEFAULT_TEMPERATURE),
        "max_tokens": inner.optional("max_tokens", WHOLE, DEFAULT_MAX_TOKENS),
        "tools": inner.optional("tools", LIST, []),
    }
    for index, tool in enumerate(kept["tools"] or []):
        _check_tool(inner, index, tool)
    fields.problems += inner.problems
    return {"model_selection": models or list(DEFAULT_MODELS)} | kept


def _check_tool(fields: Fields, index: int, tool: object) -> None:
    if not isinstance(tool, dict):
        fields.complain(OBJECT.message, OBJECT.code, "tools", index)
        return
    inner = Fields(tool, *fields.where, "tools", index)
    kind = inner.required("type", TEXT)
    if kind in REQUIRED:
        inner.required(REQUIRED[kind], TEXT)
    fields.problems += inner.problems


def shown_settings(settings: Record | None, *, as_model: bool) -> Record | None:
    """Return settings as they are answered: `model_selection`, or `model` in the variant."""
    if settings is None or not as_model:
        return settings
    rest = {key: value for key, value in settings.items() if key != "model_selection"}
    return {"model": settings.get("model_selection")} | rest
