"""What a node's `configuration` tells beyond itself: models, other workflows, names of other nodes.

Nothing here notes wrong types: a configuration is the vendor's own and is kept in exact JSON.
"""

from collections.abc import Iterator
from typing import Final

from adapters.evidence import Evidence
from adapters.promptlayer import node_types
from schemas.base import JsonObject, JsonValue
from schemas.diagnostics import DiagnosticCode, Severity
from schemas.graph import WorkflowReference

LOOP_NAMES: Final = frozenset({"loop_index", "previous_outputs", "_iterator_item"})
"""Names that mean something inside a loop only."""

NAMING_TEXTS: Final = frozenset(
    {
        "source",
        "value_source",
        "prompt_source",
        "iterator_source",
        "user_persona_source",
        "conversation_completed_prompt_source",
    }
)
NAMING_LIST: Final = "sources"
NAMING_MAPS: Final = frozenset({"prompt_template_variable_mappings", "input_mappings", "variable_mappings"})
INNER: Final = ("prompt_config", "workflow_config")
"""A loop's configuration of what it repeats."""

Naming = tuple[tuple[str | int, ...], str]
"""Where in the configuration a name stands, and the name."""


def models_of(configuration: JsonObject) -> tuple[str, ...]:
    """Return the models named by a prompt: an engine's before the one in an inline template's metadata."""
    found: dict[str, None] = {}
    for prompt in (configuration, configuration.get("prompt_config")):
        if isinstance(prompt, dict) and ("engine" in prompt or "inline_template" in prompt):
            for model in (_dig(prompt, "engine", "model"), _inline_model(prompt)):
                if isinstance(model, str) and model:
                    found[model] = None
    return tuple(found)


def subworkflow_of(node_type: str | None, configuration: JsonObject) -> WorkflowReference | None:
    """Return the workflow that a WORKFLOW node or a loop runs."""
    if node_type == node_types.WORKFLOW:
        return _reference(configuration)
    if node_type in node_types.LOOPS:
        return _reference(configuration.get("workflow_config"))
    return None


def names_in(configuration: JsonObject) -> Iterator[Naming]:
    """Yield the names of nodes and inputs that the documented fields hold, outermost first."""
    yield from _names(configuration, ())
    for inner in INNER:
        if isinstance(configuration.get(inner), dict):
            yield from _names(configuration[inner], (inner,))


def check_prompt(configuration: Evidence) -> None:
    """Note a prompt node that does not name exactly one template, or names it by the field of the examples."""
    fields = configuration.fields
    template, inline = fields.get("template"), fields.get("inline_template")
    if template is not None and inline is not None:
        message = "both template and inline_template are there; the documents allow one"
        configuration.note(DiagnosticCode.CONTRADICTION, message, "inline_template")
    elif template is None and inline is None:
        message = "neither template nor inline_template is there"
        configuration.note(DiagnosticCode.MISSING_FIELD, message, "template")
    if isinstance(template, dict) and "prompt_name" in template and "name" not in template:
        message = "the template is named by prompt_name, documented as name"
        severity = Severity.INFO
        configuration.note(
            DiagnosticCode.CONTRADICTION, message, "template", "prompt_name", severity=severity
        )


def _names(fields: JsonObject, way: tuple[str, ...]) -> Iterator[Naming]:
    for field, value in fields.items():
        if isinstance(value, str):
            if field in NAMING_TEXTS:
                yield (*way, field), value
        elif isinstance(value, dict) and field in NAMING_MAPS:
            for variable, name in value.items():
                if isinstance(name, str):
                    yield (*way, field, variable), name
        elif isinstance(value, list) and field == NAMING_LIST:
            for index, name in enumerate(value):
                if isinstance(name, str):
                    yield (*way, field, index), name


def _inline_model(prompt: JsonValue) -> JsonValue:
    return _dig(_dig(prompt, "inline_template", "metadata"), "model", "name")


def _dig(value: JsonValue, outer: str, inner: str) -> JsonValue:
    nested = value.get(outer) if isinstance(value, dict) else None
    return nested.get(inner) if isinstance(nested, dict) else None


def _reference(fields: JsonValue) -> WorkflowReference | None:
    if not isinstance(fields, dict):
        return None
    reference = WorkflowReference(
        id=_word(fields.get("workflow_id")),
        version=_word(fields.get("workflow_version_number")),
        label=_word(fields.get("workflow_label")),
    )
    return None if reference.id is None else reference


def _word(value: JsonValue) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) and value else None
