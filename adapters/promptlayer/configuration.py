"""What a node's `configuration` tells beyond itself: models, other workflows, names of other nodes.

Nothing here notes wrong types: a configuration is the vendor's own and is kept in exact JSON.
"""

from collections.abc import Container, Iterable, Sequence
from typing import Final, NamedTuple

from adapters.promptlayer import node_types
from schemas.base import JsonObject, JsonValue
from schemas.diagnostics import DiagnosticCode, Severity
from schemas.drafts import WorkflowReferenceDraft

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

NAMING_MANY: Final = NAMING_MAPS.union((NAMING_LIST,))
NAMING: Final = NAMING_TEXTS.union(NAMING_MANY, INNER)
"""All fields that names can be in."""

CONTAINERS: Final = (dict, list)

PROMPTING: Final = frozenset({"engine", "inline_template", "prompt_config"})
"""The fields that a model can be named in."""

Naming = tuple[tuple[str | int, ...], str]
"""Where in the configuration a name stands, and the name."""


class Oddity(NamedTuple):
    """Something to note about a configuration; `way` leads there from it."""

    code: DiagnosticCode
    message: str
    way: tuple[str, ...]
    severity: Severity = Severity.WARNING


def models_of(configuration: JsonObject) -> tuple[str, ...]:
    """Return the models named by a prompt: an engine's before the one in an inline template's metadata."""
    found: dict[str, None] = {}
    for prompt in (configuration, configuration.get("prompt_config")):
        if isinstance(prompt, dict) and ("engine" in prompt or "inline_template" in prompt):
            for model in (_dig(prompt, "engine", "model"), _inline_model(prompt)):
                if isinstance(model, str) and model:
                    found[model] = None
    return tuple(found)


def subworkflow_of(node_type: str | None, configuration: JsonObject) -> WorkflowReferenceDraft | None:
    """Return the workflow that a WORKFLOW node or a loop runs."""
    if node_type == node_types.WORKFLOW:
        return _reference(configuration)
    if node_type in node_types.LOOPS:
        return _reference(configuration.get("workflow_config"))
    return None


def names_only(configuration: JsonObject, known: Container[str]) -> bool:
    """Say whether a configuration surely names nothing but these, as most do; False may need a closer look."""
    for field, value in configuration.items():
        if field not in NAMING:
            continue
        if not (value in known if isinstance(value, str) else _holds_only(field, value, known)):
            return False
    return True


def names_in(configuration: JsonObject) -> Sequence[Naming]:
    """Return the names of nodes and inputs that the documented fields hold, outermost first."""
    if NAMING.isdisjoint(configuration):
        return ()
    found: list[Naming] = []
    _add_names(found, configuration, ())
    for inner in INNER:
        if inner in configuration and isinstance(configuration[inner], dict):
            _add_names(found, configuration[inner], (inner,))
    return found


def prompt_oddities(configuration: JsonObject) -> Sequence[Oddity]:
    """Return what is odd about a prompt node that does not name exactly one template by the documented field."""
    template, inline = configuration.get("template"), configuration.get("inline_template")
    odd: list[Oddity] = []
    if template is not None and inline is not None:
        message = "both template and inline_template are there; the documents allow one"
        odd.append(Oddity(DiagnosticCode.CONTRADICTION, message, ("inline_template",)))
    elif template is None and inline is None:
        message = "neither template nor inline_template is there"
        odd.append(Oddity(DiagnosticCode.MISSING_FIELD, message, ("template",)))
    if isinstance(template, dict) and "prompt_name" in template and "name" not in template:
        message = "the template is named by prompt_name, documented as name"
        way = ("template", "prompt_name")
        odd.append(Oddity(DiagnosticCode.CONTRADICTION, message, way, Severity.INFO))
    return odd


def _add_names(found: list[Naming], fields: JsonObject, way: tuple[str, ...]) -> None:
    for field, value in fields.items():
        if field in NAMING_TEXTS:
            if isinstance(value, str):
                found.append(((*way, field), value))
        elif field in NAMING_MANY:
            found += [
                ((*way, field, part), name) for part, name in _many(field, value) if isinstance(name, str)
            ]


def _many(field: str, value: JsonValue) -> Iterable[tuple[str | int, JsonValue]]:
    """Return what a field holds by its key or index, if it holds names at all."""
    if field == NAMING_LIST:
        return enumerate(value) if isinstance(value, list) else ()
    return value.items() if isinstance(value, dict) else ()


def _holds_only(field: str, value: JsonValue, known: Container[str]) -> bool:
    """Say the same of a list or an object that names may be in."""
    if not isinstance(value, CONTAINERS):
        return True
    if field in INNER:
        return isinstance(value, dict) and names_only(value, known)
    for name in value.values() if isinstance(value, dict) else value:
        if not isinstance(name, str) or name not in known:
            return False
    return True


def _inline_model(prompt: JsonValue) -> JsonValue:
    return _dig(_dig(prompt, "inline_template", "metadata"), "model", "name")


def _dig(value: JsonValue, outer: str, inner: str) -> JsonValue:
    nested = value.get(outer) if isinstance(value, dict) else None
    return nested.get(inner) if isinstance(nested, dict) else None


def _reference(fields: JsonValue) -> WorkflowReferenceDraft | None:
    identifier = _word(fields.get("workflow_id")) if isinstance(fields, dict) else None
    if identifier is None:
        return None
    reference: WorkflowReferenceDraft = {"id": identifier}
    version, label = _word(fields.get("workflow_version_number")), _word(fields.get("workflow_label"))
    if version is not None:
        reference["version"] = version
    if label is not None:
        reference["label"] = label
    return reference


def _word(value: JsonValue) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) and value else None
