"""What turns one version of a workflow into another: the parts that differ, as far as parts can say it.

The vendor merges a PATCH into a base version: nodes by name, a node's configuration deeply, all else replaced.
"""

from typing import Final

from adapters.errors import InvalidRequest
from adapters.promptlayer.bodies import NODE_IDENTITY, WRITABLE, sent_edges, sent_nodes, unknown_field
from adapters.promptlayer.edges import EDGES, SOURCE, TARGET
from adapters.promptlayer.edges import KNOWN_FIELDS as KNOWN_OF_EDGE
from adapters.promptlayer.identity import WRAPPER
from adapters.promptlayer.nodes import CONFIGURATION, NODES
from adapters.promptlayer.nodes import KNOWN_FIELDS as KNOWN_OF_NODE
from adapters.promptlayer.reading import KNOWN_FIELDS
from adapters.promptlayer.variables import INPUTS
from adapters.rendering import same
from schemas.base import JsonObject, JsonValue

NAMES: Final = ("workflow_name", "name")
NODE_PARTS: Final = frozenset(KNOWN_OF_NODE - NODE_IDENTITY - {"name"})
"""What can be changed of a node."""


def check_changeable(base: JsonObject, wanted: JsonObject) -> None:
    """Make sure that nothing differs which no call can change.

    Raises:
        InvalidRequest: something does; `parameter` names it.
    """
    for field in {**base, **wanted}:
        was, value = base.get(field), wanted.get(field)
        if field in WRITABLE or same(was, value):
            continue
        if field in NAMES or (field == WRAPPER and not same(_name_in(was), _name_in(value))):
            raise InvalidRequest("PromptLayer's API cannot rename a workflow", "name")
        raise InvalidRequest(f"PromptLayer has no call that changes {field:.80}", field)


def parts(base: JsonObject, wanted: JsonObject) -> JsonObject | None:
    """Return the content of a PATCH that turns `base` into `wanted`; None where only the whole content can say it.

    That is where a field of a configuration is to go, nodes are to stand in another order, or a name is missing.

    Raises:
        InvalidRequest: something would be sent that holds fields which no call is known to take.
    """
    body: JsonObject = {}
    changed = _node_parts(base.get(NODES), wanted.get(NODES))
    if changed is None:
        return None
    if changed:
        body[NODES] = changed
    edges = _listed(sent_edges(wanted.get(EDGES)))
    if not same(
        edges, [edge for edge in _listed(sent_edges(base.get(EDGES))) if not _touches(edge, changed)]
    ):
        _check_known(edges, KNOWN_OF_EDGE)
        body[EDGES] = edges
    inputs = wanted.get(INPUTS) or {}
    if not same(inputs, base.get(INPUTS) or {}):
        body[INPUTS] = inputs
    return body


def check_replaceable(document: JsonObject) -> None:
    """Make sure that a version can be replaced whole without a loss: all of its fields are documented ones.

    Raises:
        InvalidRequest: one is not; `parameter` names it.
    """
    _check_known([document], KNOWN_FIELDS)
    _check_known(_listed(document.get(NODES)), KNOWN_OF_NODE)
    _check_known(_listed(document.get(EDGES)), KNOWN_OF_EDGE)


def _node_parts(base: JsonValue, wanted: JsonValue) -> JsonObject | None:
    """Return by name what changes: part of a node, a new one, or null for one that goes."""
    nodes_before, nodes_after = _listed(sent_nodes(base)), _listed(sent_nodes(wanted))
    if same(nodes_before, nodes_after):
        return {}
    before, after = _by_name(nodes_before), _by_name(nodes_after)
    if before is None or after is None:
        return None
    found: JsonObject = {name: None for name in before if name not in after}
    for name, node in after.items():
        part = _part_of_node(before[name], node) if name in before else _new_node(node)
        if part is None:
            return None
        if part:
            found[name] = part
    # The vendor puts new nodes behind those that stay, and leaves these in their order.
    order = [name for name in before if name in after] + [name for name in after if name not in before]
    return found if order == list(after) else None


def _part_of_node(before: JsonObject, after: JsonObject) -> JsonObject | None:
    part: JsonObject = {}
    for field in {**before, **after}:
        was, value = before.get(field), after.get(field)
        if same(was, value) and (field in before) == (field in after):
            continue
        if field not in NODE_PARTS:
            raise InvalidRequest(f"PromptLayer has no call that changes {field:.80} of a node", field)
        if field == CONFIGURATION and isinstance(was, dict) and isinstance(value, dict):
            value = _part_of_object(was, value)
        if value is None:
            return None  # a null changes nothing of a node, and a field cannot be taken away
        part[field] = value
    return part


def _part_of_object(before: JsonObject, after: JsonObject) -> JsonObject | None:
    """Return what, laid over `before` key by key, gives `after`; None where a key has to go."""
    if not before.keys() <= after.keys():
        return None
    part: JsonObject = {}
    for key, value in after.items():
        was = before.get(key)
        if key in before and same(was, value):
            continue
        if isinstance(was, dict) and isinstance(value, dict):
            value = _part_of_object(was, value)  # noqa: PLW2901 - the part of it that differs
            if value is None:
                return None
        part[key] = value
    return part


def _new_node(node: JsonObject) -> JsonObject:
    _check_known([node], KNOWN_OF_NODE)
    return {field: value for field, value in node.items() if field != "name" and value is not None}


def _by_name(nodes: list[JsonValue]) -> dict[str, JsonObject] | None:
    """Return nodes by their names; None when one has none, or that of another."""
    found: dict[str, JsonObject] = {}
    for node in nodes:
        name = node.get("name") if isinstance(node, dict) else None
        if not isinstance(name, str) or name in found:
            return None
        found[name] = node
    return found


def _touches(edge: JsonValue, changed: JsonObject) -> bool:
    """Say whether an edge goes with a node that goes."""
    if not isinstance(edge, dict):
        return False
    return any(end in changed and changed[end] is None for end in _ends(edge))


def _ends(edge: JsonObject) -> list[str]:
    return [end for end in (edge.get(SOURCE), edge.get(TARGET)) if isinstance(end, str)]


def _check_known(items: list[JsonValue], known: frozenset[str]) -> None:
    for item in items:
        field = unknown_field(item, known) if isinstance(item, dict) else None
        if field is not None:
            message = (
                f"PromptLayer takes this only together with {field:.80}, a field that its documents do not have "
                "and that could be lost"
            )
            raise InvalidRequest(message, field)


def _name_in(wrapper: JsonValue) -> JsonValue:
    return wrapper.get("name") if isinstance(wrapper, dict) else None


def _listed(value: JsonValue) -> list[JsonValue]:
    return value if isinstance(value, list) else []
