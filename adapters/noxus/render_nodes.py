"""Writes canonical nodes as native ones."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from adapters.noxus.entries import BINDINGS, CONFIG, PARENT
from adapters.noxus.nodes import WORKFLOW_FIELD, models_of, retry_of, timeout_of
from adapters.noxus.render_ports import write_ports
from adapters.noxus.rewriting import overlay, owned
from adapters.noxus.summary import VENDOR_NAME
from adapters.rendering import same
from schemas.base import JsonObject
from schemas.graph import Node, NodeRole, Position, RetryPolicy, WorkflowReference

WriteNode = Callable[[JsonObject, Any], None]

NEAREST_TYPES: Final[Mapping[NodeRole, str]] = MappingProxyType(
    {
        NodeRole.INPUT: "InputNode",
        NodeRole.OUTPUT: "OutputNode",
        NodeRole.LLM: "TextGenerationNode",
        NodeRole.CONDITION: "ComplexConditionalNode",
        NodeRole.HTTP: "APICallNode",
        NodeRole.SUBWORKFLOW: "InvokeSubflowNode",
    }
)
"""The v1 node type to write for another vendor's node, where one plainly does the same."""

NESTED_EXTENSIONS: Final = ("display", "subflow_config", BINDINGS, "iterate_overrides")
FIXED_VALUES: Final = "fixed_values"


def adopted(node: Node) -> Node:
    """Return another vendor's node with the nearest type of ours, and without references into that vendor."""
    nearest = NEAREST_TYPES.get(node.role, node.type)
    return node.model_copy(update={"type": nearest, "subworkflow": None, "id": None})


def new_node(node: Node, *, scheduled: bool) -> JsonObject:
    """Return a native node made from nothing; `scheduled` asks for v2's form."""
    native: JsonObject = {"id": node.key, "type": node.type or "", "name": node.name, CONFIG: {}}
    if scheduled:
        native.update({BINDINGS: {}, "iterate_overrides": {}, PARENT: None, "display": {}})
    else:
        native.update(
            {"name": node.name or "", "display": {}, "connector_config": {"inputs": [], "outputs": []}}
        )
        native.update({"config_definition": {}, "subflow_config": None, "subflow_id": None})
        native.update({"inputs": [], "outputs": []})
    return update_node(native, Node(key=node.key, id=node.key), node, scheduled=scheduled)


def update_node(native: JsonObject, before: Node, wanted: Node, *, scheduled: bool) -> JsonObject:
    """Return the native node with what differs written; the same object when nothing does."""
    elsewhere = V1_ONLY if scheduled else V2_ONLY
    names = [name for name in WRITERS if name not in elsewhere]
    changed = [name for name in names if not same(getattr(before, name), getattr(wanted, name))]
    old, new = before.extensions.get(VENDOR_NAME, {}), wanted.extensions.get(VENDOR_NAME, {})
    if not changed and same(old, new):
        return native
    copy = dict(native)
    for name in changed:
        WRITERS[name](copy, getattr(wanted, name))
    _write_own(copy, old, new)
    return copy


def _write_name(native: JsonObject, value: str | None) -> None:
    native["name"] = value


def _write_type(native: JsonObject, value: str | None) -> None:
    native["type"] = value


def _write_config(native: JsonObject, value: JsonObject) -> None:
    native[CONFIG] = dict(value)


def _write_models(native: JsonObject, value: tuple[str, ...]) -> None:
    config = native.get(CONFIG)
    if not isinstance(config, dict) or models_of(config) != value:
        owned(native, CONFIG)["model"] = list(value)


def _write_retry(native: JsonObject, value: RetryPolicy | None) -> None:
    config, wanted = owned(native, CONFIG), value or RetryPolicy()
    if _policy(config) != value:
        _set(config, "retry_attempts", wanted.attempts)
        _set(config, "retry_delay", wanted.wait_seconds)


def _policy(config: JsonObject) -> RetryPolicy | None:
    draft = retry_of(config)
    return None if draft is None else RetryPolicy.model_validate(draft)


def _write_timeout(native: JsonObject, value: float | None) -> None:
    config = owned(native, CONFIG)
    if timeout_of(config) != value:
        _set(config, "timeout_seconds", value)


def _write_position(native: JsonObject, value: Position | None) -> None:
    display = owned(native, "display")
    if value is None:
        display.pop("position", None)
    else:
        position = owned(display, "position")
        position.update(x=_plain(value.x), y=_plain(value.y))


def _write_container(native: JsonObject, value: str | None) -> None:
    native[PARENT] = value


def _write_subworkflow(native: JsonObject, value: WorkflowReference | None) -> None:
    config = native.get(CONFIG)
    if not native.get("subflow_id") and isinstance(config, dict) and WORKFLOW_FIELD in config:
        owned(native, CONFIG)[WORKFLOW_FIELD] = value and value.id
    else:
        native["subflow_id"] = value and value.id
    if isinstance(native.get("subflow_config"), dict) or (value and value.name):
        subflow = owned(native, "subflow_config")
        subflow.update(workflow_id=value and value.id, workflow_name=value and value.name)


def _write_own(native: JsonObject, old: JsonObject, new: JsonObject) -> None:
    """Write the vendor's own fields of a node."""
    _write_fixed_values(native, old.get(FIXED_VALUES, {}), new.get(FIXED_VALUES, {}))
    overlay(native, _but_fixed(old), _but_fixed(new), NESTED_EXTENSIONS)


def _write_fixed_values(native: JsonObject, old: Any, new: Any) -> None:
    inputs = native.get("inputs")
    if not isinstance(new, dict) or not isinstance(inputs, list) or same(old, new):
        return
    native["inputs"] = [
        {**item, "fixed_value": new.get(item.get("name"))} if isinstance(item, dict) else item
        for item in inputs
    ]


def _but_fixed(fields: Mapping[str, Any]) -> JsonObject:
    return {name: value for name, value in fields.items() if name != FIXED_VALUES}


def _set(config: JsonObject, name: str, value: float | None) -> None:
    if value is None:
        config.pop(name, None)
    else:
        config[name] = _plain(value)


def _plain(value: float) -> float:
    """Return a whole number without its fraction, as the vendor writes it."""
    return int(value) if value == int(value) else value


WRITERS: Final[Mapping[str, WriteNode]] = MappingProxyType(
    {
        "type": _write_type,
        "name": _write_name,
        "config": _write_config,
        "models": _write_models,
        "retry": _write_retry,
        "timeout_seconds": _write_timeout,
        "position": _write_position,
        "container": _write_container,
        "subworkflow": _write_subworkflow,
        "ports": write_ports,
    }
)
"""What can be written of a node; all else is read from these."""

V1_ONLY: Final = frozenset({"ports"})
V2_ONLY: Final = frozenset({"container"})
