"""What a node's configuration names: language models and other workflows."""

from collections.abc import Iterator, Sequence
from typing import Final

from schemas.base import JsonObject, JsonValue
from schemas.drafts import WorkflowReferenceDraft

MODEL_FIELDS: Final = ("model", "modelId", "modelName", "default_model_key")
INNER_CONFIGURATIONS: Final = ("config", "parameters", "inputs")
"""Where a React Flow node's data may hold the configuration proper."""


def layers(data: JsonObject) -> Iterator[JsonObject]:
    """Yield the data of a React Flow node and the configurations inside it."""
    yield data
    for name in INNER_CONFIGURATIONS:
        inner = data.get(name)
        if isinstance(inner, dict):
            yield inner


def models_in(*configurations: JsonObject) -> Sequence[str]:
    """Return the models that a node's configurations name, each once; expressions name none."""
    models: dict[str, None] = {}
    for configuration in configurations:
        for field in MODEL_FIELDS:
            value = configuration.get(field)
            if value is None:
                continue
            for one in value if isinstance(value, list) else (value,):
                model = constant(one)
                if model is not None:
                    models[model] = None
    return tuple(models)


def subworkflow_in(*configurations: JsonObject) -> WorkflowReferenceDraft | None:
    """Return the workflow that a node calls, where its id is a constant."""
    for configuration in configurations:
        value = configuration.get("workflowId")
        workflow_id = constant(value)
        if workflow_id is not None:
            name = value.get("cachedResultName") if isinstance(value, dict) else None
            return {"id": workflow_id, "name": name} if isinstance(name, str) else {"id": workflow_id}
    return None


def constant(value: JsonValue) -> str | None:
    """Return the text of a constant: the text itself, or the value of an n8n resource locator."""
    if isinstance(value, dict):
        value = value.get("value")
    return value if isinstance(value, str) and value and not value.startswith("=") else None
