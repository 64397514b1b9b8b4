"""Native nodes as canonical nodes."""

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Final

from adapters.evidence import Evidence
from adapters.noxus.conditions import read_branches
from adapters.noxus.entries import BINDINGS, CONFIG, PARENT, Entries, Entry
from adapters.noxus.ports import read_ports
from adapters.noxus.summary import VENDOR_NAME
from schemas.base import JsonObject
from schemas.diagnostics import DiagnosticCode
from schemas.graph import Node, NodeRole, Position, RetryPolicy, WorkflowReference

ROLES: Final[Mapping[str, NodeRole]] = MappingProxyType(
    {
        "APICall": NodeRole.HTTP,
        "AgentStart": NodeRole.TRIGGER,
        "BasicAgent": NodeRole.AGENT,
        "ChatAgent": NodeRole.AGENT,
        "ChoiceAgent": NodeRole.AGENT,
        "CombineText": NodeRole.TRANSFORM,
        "ComplexConditional": NodeRole.CONDITION,
        "ComposeText": NodeRole.TRANSFORM,
        "Email": NodeRole.TOOL,
        "EnsembleCategorizer": NodeRole.LLM,
        "FileInput": NodeRole.INPUT,
        "FormExtractionAgent": NodeRole.AGENT,
        "ImageInput": NodeRole.INPUT,
        "Input": NodeRole.INPUT,
        "InvokeSubflow": NodeRole.SUBWORKFLOW,
        "Output": NodeRole.OUTPUT,
        "Summary": NodeRole.LLM,
        "TextGeneration": NodeRole.LLM,
    }
)
"""By the node type without `V2` and `Node`. The catalogue has some 800 types; those not here are `other`."""

CODE_TYPE: Final = "CodeExecution"
"""How the types of the nodes that run code begin."""

CATALOGUE: Final = ("config_definition", "connector_config")
"""What a node repeats of its type's catalogue entry. Connectors are read as ports; neither is content."""

KNOWN: Final = frozenset(
    {
        *CATALOGUE,
        *("id", "type", "name", "display", "inputs", "outputs", "subflow_id", "subflow_config"),
        *(CONFIG, BINDINGS, PARENT, "iterate_overrides"),
    }
)

WORKFLOW_FIELD: Final = "workflow_id"
REFERENCE_FIELDS: Final = (WORKFLOW_FIELD, "workflow_name")


def role_of(native_type: str | None) -> NodeRole:
    """Return what a node of a type does, `other` for a type that is not in our table."""
    bare = (native_type or "").replace("V2", "").removesuffix("Node")
    return NodeRole.CODE if bare.startswith(CODE_TYPE) else ROLES.get(bare, NodeRole.OTHER)


def read_nodes(entries: Entries) -> tuple[Node, ...]:
    """Return every readable node, in the vendor's order."""
    parents = frozenset(entries.containers.values())
    return tuple(_node(entry, entries.containers.get(entry.key), parents) for entry in entries.all)


def _node(entry: Entry, container: str | None, parents: Collection[str]) -> Node:
    node, config = entry.node, entry.config.fields
    native_type = node.text("type", required=True)
    role = role_of(native_type)
    if role is NodeRole.OTHER and entry.key in parents:
        role = NodeRole.LOOP  # inferred: loops are the only nodes known to hold others
    display = node.object("display")
    return Node(
        key=entry.key,
        id=entry.id,
        name=node.text("name"),
        role=role,
        type=native_type,
        config=config,
        ports=read_ports(entry),
        branches=read_branches(entry.config) if role is NodeRole.CONDITION else (),
        models=models_of(config),
        container=container,
        subworkflow=_subworkflow(node, config, role),
        retry=retry_of(config),
        timeout_seconds=timeout_of(config),
        position=None if display is None else _position(display),
        extensions=_extensions(entry, display, container),
    )


def models_of(config: JsonObject) -> tuple[str, ...]:
    """Return the models that a configuration names: a list, or one name."""
    named = config.get("model")
    names = named if isinstance(named, list) else [named]
    return tuple(name for name in names if isinstance(name, str))


def retry_of(config: JsonObject) -> RetryPolicy | None:
    """Return the retries of a node that has some, in the vendor's own count."""
    attempts, wait = config.get("retry_attempts"), _number(config, "retry_delay")
    if not isinstance(attempts, int) or isinstance(attempts, bool):
        attempts = None
    return None if attempts is None and wait is None else RetryPolicy(attempts=attempts, wait_seconds=wait)


def timeout_of(config: JsonObject) -> float | None:
    """Return a node's own time limit in seconds."""
    return _number(config, "timeout_seconds")


def _number(config: JsonObject, name: str) -> float | None:
    value = config.get(name)
    plain = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e15
    return value if plain else None


def _position(display: Evidence) -> Position | None:
    position = display.object("position")
    if position is None:
        return None
    x, y = position.number("x"), position.number("y")
    return None if x is None or y is None else Position(x=x, y=y)


def _subworkflow(node: Evidence, config: JsonObject, role: NodeRole) -> WorkflowReference | None:
    """Return the workflow that a node runs: `subflow_id`, else `subflow_config`, else its own configuration."""
    subflow = node.object("subflow_config")
    identifier = node.identifier("subflow_id")
    inner = None if subflow is None else subflow.identifier("workflow_id")
    name = None if subflow is None else subflow.text("workflow_name")
    if identifier and inner and identifier != inner:
        message = f"subflow_id and subflow_config name two workflows; {identifier!r} is used"
        node.note(DiagnosticCode.CONTRADICTION, message, "subflow_config", "workflow_id")
        name = None
    found = identifier or inner or (_configured_workflow(config) if role is NodeRole.SUBWORKFLOW else None)
    return None if found is None and name is None else WorkflowReference(id=found, name=name)


def _configured_workflow(config: JsonObject) -> str | None:
    named = config.get(WORKFLOW_FIELD)
    return named if isinstance(named, str) and named else None


def _extensions(entry: Entry, display: Evidence | None, container: str | None) -> dict[str, JsonObject]:
    """Return what the canonical node has no field for; empty objects say nothing and are left out."""
    fields = entry.node.fields
    subflow = fields.get("subflow_config")
    parts: JsonObject = {
        "display": {} if display is None else display.rest("position"),
        "subflow_config": _without(subflow, REFERENCE_FIELDS) if isinstance(subflow, dict) else {},
        "fixed_values": _fixed_values(entry.node),
        BINDINGS: entry.bindings.fields,
        "iterate_overrides": fields.get("iterate_overrides"),
        PARENT: fields.get(PARENT) if container is None else None,
    }
    told = {name: part for name, part in parts.items() if part}
    unknown = {name: value for name, value in fields.items() if name not in KNOWN}
    return {VENDOR_NAME: {**unknown, **told}} if unknown or told else {}


def _fixed_values(node: Evidence) -> JsonObject:
    """Return the constants given to inputs, by the input's name."""
    inputs = node.fields.get("inputs")
    return {
        item["name"]: item["fixed_value"]
        for item in (inputs if isinstance(inputs, list) else ())
        if isinstance(item, dict)
        and isinstance(item.get("name"), str)
        and item.get("fixed_value") is not None
    }


def _without(fields: JsonObject, names: Collection[str]) -> JsonObject:
    return {name: value for name, value in fields.items() if name not in names}
