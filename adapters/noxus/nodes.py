"""Native nodes as canonical nodes."""

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from adapters.evidence import Evidence
from adapters.noxus.conditions import read_branches
from adapters.noxus.entries import BINDINGS, CONFIG, PARENT, Entries, Entry
from adapters.noxus.ports import CATALOGUE, read_ports
from adapters.noxus.summary import VENDOR_NAME
from schemas.base import JsonObject, JsonValue
from schemas.diagnostics import DiagnosticCode
from schemas.drafts import BranchDraft, NodeDraft, PositionDraft, RetryPolicyDraft, WorkflowReferenceDraft
from schemas.graph import NodeRole

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

DISPLAY: Final = "display"
POSITION: Final = "position"
SUBFLOW: Final = "subflow_config"
SUBFLOW_ID: Final = "subflow_id"
OVERRIDES: Final = "iterate_overrides"

V2_FIELDS: Final = frozenset({BINDINGS, OVERRIDES, PARENT})

KNOWN: Final = frozenset(
    {
        *("id", "type", "name", DISPLAY, "inputs", "outputs", SUBFLOW_ID, SUBFLOW, CONFIG),
        *V2_FIELDS,
        *("config_definition", CATALOGUE),  # what a node repeats of its type's catalogue entry is no content
    }
)

MODEL: Final = "model"
WORKFLOW_FIELD: Final = "workflow_id"
REFERENCE_FIELDS: Final = (WORKFLOW_FIELD, "workflow_name")

ATTEMPTS: Final = "retry_attempts"
DELAY: Final = "retry_delay"
TIMEOUT: Final = "timeout_seconds"
LIMITS: Final = frozenset({ATTEMPTS, DELAY, TIMEOUT})

NUMBERS: Final = frozenset({int, float})
LARGE: Final = 1e15
"""Numbers below this are surely floats; those beyond are looked at twice, or make no sense as seconds."""

# Looking up a member of an enumeration costs as much as ten comparisons, and these are wanted for every node.
CONDITION: Final = NodeRole.CONDITION
SUBWORKFLOW: Final = NodeRole.SUBWORKFLOW

USUAL_ROLES: Final[Mapping[str, NodeRole]] = MappingProxyType(
    {f"{bare}{ending}": role for bare, role in ROLES.items() for ending in ("Node", "NodeV2", "V2Node")}
)
"""The same table by the whole type, since most types need not be taken apart."""


def role_of(native_type: str | None) -> NodeRole:
    """Return what a node of a type does, `other` for a type that is not in our table."""
    bare = (native_type or "").replace("V2", "").removesuffix("Node")
    return NodeRole.CODE if bare.startswith(CODE_TYPE) else ROLES.get(bare, NodeRole.OTHER)


def read_nodes(entries: Entries) -> list[NodeDraft]:
    """Return every readable node, in the vendor's order."""
    containers = entries.containers
    parents = frozenset(containers.values())
    return [_node(entry, containers.get(entry.key), parents) for entry in entries.all]


def _node(entry: Entry, container: str | None, parents: Collection[str]) -> NodeDraft:
    fields, config = entry.fields, entry.config
    native_type, name = fields.get("type"), fields.get("name")
    display: JsonValue = fields.get(DISPLAY)
    if not isinstance(native_type, str):
        native_type = entry.evidence.text("type", required=True)
    if display is not None and not isinstance(display, dict):
        entry.evidence.object(DISPLAY)
        display = None
    if name is not None and not isinstance(name, str):
        name = entry.evidence.text("name")
    role = USUAL_ROLES.get(native_type or "") or role_of(native_type)
    if entry.key in parents and role is NodeRole.OTHER:
        role = NodeRole.LOOP  # inferred: loops are the only nodes known to hold others
    node: NodeDraft = {
        "key": entry.key,
        "id": entry.id or "",
        "name": name or "",
        "role": role,
        "type": native_type or "",
        "config": config,
        "ports": read_ports(entry),
        "branches": _branches(entry) if role is CONDITION else (),
        "models": models_of(config) if MODEL in config else (),
        "credentials": (),
        "disabled": False,
        "extensions": _extensions(entry, display, container),
    }
    if entry.id is None or name is None or native_type is None:
        _leave_out(node, entry.id, name, native_type)
    if container is not None:
        node["container"] = container
    _add_parts(node, entry)
    if display is not None and (position := position_of(entry, display)) is not None:
        node["position"] = position
    return node


def _leave_out(node: NodeDraft, identifier: str | None, name: str | None, native_type: str | None) -> None:
    """Take out what a node does not have: most have all, and adding one by one costs more than all at once."""
    if identifier is None:
        del node["id"]
    if name is None:
        del node["name"]
    if native_type is None:
        del node["type"]


def _add_parts(node: NodeDraft, entry: Entry) -> None:
    """Add what only some nodes have."""
    subworkflow = _subworkflow(entry, node["role"])
    if subworkflow is not None:
        node["subworkflow"] = subworkflow
    if not LIMITS.isdisjoint(entry.config):
        retry, seconds = retry_of(entry.config), timeout_of(entry.config)
        if retry is not None:
            node["retry"] = retry
        if seconds is not None:
            node["timeout_seconds"] = seconds


def _branches(entry: Entry) -> Sequence[BranchDraft]:
    node = entry.evidence
    return read_branches(Evidence(entry.config, node.findings, node, CONFIG))


def models_of(config: JsonObject) -> tuple[str, ...]:
    """Return the models that a configuration names: a list, or one name."""
    named = config.get(MODEL)
    if named is None:
        return ()
    names = named if isinstance(named, list) else [named]
    return tuple([name for name in names if isinstance(name, str)])


def retry_of(config: JsonObject) -> RetryPolicyDraft | None:
    """Return the retries of a node that has some, in the vendor's own count."""
    attempts, wait = config.get(ATTEMPTS), _number(config, DELAY)
    policy: RetryPolicyDraft = {}
    if isinstance(attempts, int) and not isinstance(attempts, bool):
        policy["attempts"] = attempts
    if wait is not None:
        policy["wait_seconds"] = wait
    return policy or None


def timeout_of(config: JsonObject) -> float | None:
    """Return a node's own time limit in seconds."""
    return _number(config, TIMEOUT)


def _number(config: JsonObject, name: str) -> float | None:
    value = config.get(name)
    if not isinstance(value, int | float) or isinstance(value, bool) or abs(value) >= LARGE:
        return None
    return float(value)


def position_of(entry: Entry, display: JsonObject) -> PositionDraft | None:
    """Return where a node is drawn; what is not two plain numbers is left to `odd_position`."""
    position = display.get(POSITION)
    if position is None:
        return None
    if isinstance(position, dict):
        x: JsonValue = position.get("x")
        y: JsonValue = position.get("y")
        if type(x) in NUMBERS and type(y) in NUMBERS and -LARGE < x < LARGE and -LARGE < y < LARGE:
            return {"x": float(x), "y": float(y)}
    return odd_position(entry.evidence)


def odd_position(node: Evidence) -> PositionDraft | None:
    """Return the same by the careful way, which notes what is odd."""
    display = node.object(DISPLAY)
    position = None if display is None else display.object(POSITION)
    if position is None:
        return None
    x, y = position.number("x"), position.number("y")
    return None if x is None or y is None else {"x": x, "y": y}


def _subworkflow(entry: Entry, role: NodeRole) -> WorkflowReferenceDraft | None:
    """Return the workflow that a node runs: `subflow_id`, else `subflow_config`, else its own configuration."""
    fields = entry.fields
    reference: WorkflowReferenceDraft = {}
    if fields.get(SUBFLOW) is not None or fields.get(SUBFLOW_ID) is not None:
        reference = _reference(entry.evidence)
    if role is SUBWORKFLOW and "id" not in reference:
        named = entry.config.get(WORKFLOW_FIELD)
        if isinstance(named, str) and named:
            reference["id"] = named
    return reference or None


def _reference(node: Evidence) -> WorkflowReferenceDraft:
    subflow = node.object(SUBFLOW)
    identifier = node.identifier(SUBFLOW_ID)
    inner = None if subflow is None else subflow.identifier("workflow_id")
    name = None if subflow is None else subflow.text("workflow_name")
    if identifier and inner and identifier != inner:
        message = f"subflow_id and subflow_config name two workflows; {identifier!r} is used"
        node.note(DiagnosticCode.CONTRADICTION, message, SUBFLOW, "workflow_id")
        name = None
    reference: WorkflowReferenceDraft = {}
    if identifier or inner:
        reference["id"] = identifier or str(inner)
    if name is not None:
        reference["name"] = name
    return reference


def _extensions(entry: Entry, display: JsonObject | None, container: str | None) -> dict[str, JsonObject]:
    """Return what the canonical node has no field for; empty objects say nothing and are left out."""
    fields = entry.fields
    told = {} if KNOWN.issuperset(fields) else _without(fields, KNOWN)
    if display and (len(display) > 1 or POSITION not in display):
        told[DISPLAY] = _without(display, (POSITION,))
    if subflow := fields.get(SUBFLOW):
        _add_rest(told, subflow)
    if inputs := fields.get("inputs"):
        _add_fixed_values(told, inputs)
    if not V2_FIELDS.isdisjoint(fields):
        _add_v2_fields(told, entry, container)
    return {VENDOR_NAME: told} if told else {}


def _add_rest(told: JsonObject, subflow: JsonValue) -> None:
    rest = _without(subflow, REFERENCE_FIELDS) if isinstance(subflow, dict) else {}
    if rest:
        told[SUBFLOW] = rest


def _add_fixed_values(told: JsonObject, inputs: JsonValue) -> None:
    """Add the constants given to inputs, by the input's name."""
    fixed: JsonObject = {}
    for item in inputs if isinstance(inputs, list) else ():
        if (
            isinstance(item, dict)
            and item.get("fixed_value") is not None
            and isinstance(item.get("name"), str)
        ):
            fixed[item["name"]] = item["fixed_value"]
    if fixed:
        told["fixed_values"] = fixed


def _add_v2_fields(told: JsonObject, entry: Entry, container: str | None) -> None:
    if entry.bindings:
        told[BINDINGS] = entry.bindings
    if overrides := entry.fields.get(OVERRIDES):
        told[OVERRIDES] = overrides
    if container is None and (parent := entry.fields.get(PARENT)):
        told[PARENT] = parent


def _without(fields: JsonObject, names: Collection[str]) -> JsonObject:
    return {name: value for name, value in fields.items() if name not in names}
