"""What a node's configuration names: language models and other workflows."""

from collections.abc import Iterator
from typing import Final

from schemas.base import JsonObject, JsonValue
from schemas.graph import NodeRole, WorkflowReference

MODEL_FIELDS: Final = ("model", "modelId", "modelName", "default_model_key")
MODEL_ROLES: Final = frozenset({NodeRole.LLM, NodeRole.AGENT, NodeRole.ASSISTANT})
REFERENCE_ROLES: Final = frozenset({NodeRole.SUBWORKFLOW, NodeRole.TOOL})
INNER_CONFIGURATIONS: Final = ("config", "parameters", "inputs")
"""Where a React Flow node's data may hold the configuration proper."""


def layers(data: JsonObject) -> Iterator[JsonObject]:
    """Yield the data of a React Flow node and the configurations inside it."""
    yield data
    for name in INNER_CONFIGURATIONS:
        inner = data.get(name)
        if isinstance(inner, dict):
            yield inner


def models_in(role: NodeRole, *configurations: JsonObject) -> tuple[str, ...]:
    """Return the models that a node of this role names, each once; expressions name none."""
    if role not in MODEL_ROLES:
        return ()
    named = (
        constant(value)
        for configuration in configurations
        for field in MODEL_FIELDS
        if field in configuration
        for value in _as_list(configuration[field])
    )
    return tuple(dict.fromkeys(name for name in named if name is not None))


def subworkflow_in(role: NodeRole, *configurations: JsonObject) -> WorkflowReference | None:
    """Return the workflow that a node of this role calls, where its id is a constant."""
    if role not in REFERENCE_ROLES:
        return None
    for configuration in configurations:
        value = configuration.get("workflowId")
        workflow_id = constant(value)
        if workflow_id is not None:
            name = value.get("cachedResultName") if isinstance(value, dict) else None
            return WorkflowReference(id=workflow_id, name=name if isinstance(name, str) else None)
    return None


def constant(value: JsonValue) -> str | None:
    """Return the text of a constant: the text itself, or the value of an n8n resource locator."""
    if isinstance(value, dict):
        value = value.get("value")
    return value if isinstance(value, str) and value and not value.startswith("=") else None


def _as_list(value: JsonValue) -> list[JsonValue]:
    return value if isinstance(value, list) else [value]
