"""Plays a workflow through: which nodes run, which are skipped, which fail, and what each comes to.

Nothing is sent anywhere and no code is run: prompts, code, endpoints and tools give made-up values that
depend on their input only, while the plain nodes (constants, comparisons, counting) are really computed.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from emulators.promptlayer.node_values import NodeFailure, node_value
from emulators.promptlayer.records import Document, Version

SUCCESS, FAILED, SKIPPED = "SUCCESS", "FAILED", "SKIPPED"
TOLERANT = frozenset({"COALESCE", "COMBINE_COLUMNS"})
"""Node types that run although some of what they depend on was skipped (inferred)."""


def play(version: Version, inputs: Mapping[str, Any]) -> dict[str, Document]:
    """Return the final result of every node by name, in the order they run."""
    values: dict[str, Any] = dict(inputs)
    results: dict[str, Document] = {}
    for node in _in_order(version.nodes):
        result = _result(node, version.edges, values, results)
        results[node["name"]] = result
        if result["status"] == SUCCESS:
            values[node["name"]] = result["value"]
    return results


def output_of(results: Mapping[str, Document]) -> Any:
    """Return the value of the first output node that succeeded, or None."""
    return next((result["value"] for result in results.values() if succeeded(result)), None)


def succeeded(result: Document) -> bool:
    """Say whether this is the result of an output node that came to a value."""
    return bool(result["is_output_node"]) and result["status"] == SUCCESS


def _in_order(nodes: Sequence[Document]) -> list[Document]:
    """Put nodes behind what they depend on; those in a circle come last, as they stand."""
    waiting = {node["name"]: node for node in nodes}
    ordered: list[Document] = []
    while waiting:
        ready = [node for node in waiting.values() if not waiting.keys() & set(_needs(node))]
        ordered.extend(waiting.pop(node["name"]) for node in ready or list(waiting.values()))
    return ordered


def _needs(node: Document) -> list[str]:
    return [name for name in node.get("dependencies") or [] if name != node["name"]]


def _result(
    node: Document, edges: Sequence[Document], values: Mapping[str, Any], results: Mapping[str, Document]
) -> Document:
    missing = [name for name in _needs(node) if name in results and results[name]["status"] != SUCCESS]
    tolerated = node.get("node_type") in TOLERANT and len(missing) < len(_needs(node))
    mine = [edge for edge in edges if edge.get("target_node_name") == node["name"]]
    if (missing and not tolerated) or not all(_passes(edge, values) for edge in mine):
        return _document(node, SKIPPED)
    try:
        return _document(node, SUCCESS, value=node_value(node, values))
    except NodeFailure as failure:
        return _document(node, FAILED, message=str(failure), raw=failure.raw)


def _document(
    node: Document, status: str, *, value: Any = None, message: str | None = None, raw: str | None = None
) -> Document:
    return {
        "status": status,
        "value": value,
        "error_message": message,
        "raw_error_message": raw,
        "is_output_node": bool(node.get("is_output_node")),
    }


def _passes(edge: Document, values: Mapping[str, Any]) -> bool:
    """Say whether the conditionals of an edge let its target run; an edge without any does."""
    rules = sorted(edge.get("conditionals") or [], key=lambda rule: rule["position"])
    held = [_holds(rule, values) for rule in rules]
    return not held or (all(held) if edge.get("is_and") else any(held))


def _holds(rule: Document, values: Mapping[str, Any]) -> bool:
    left, right = _side(rule["left_config"], values), _side(rule["right_config"], values)
    operator = rule["operator"]
    try:
        return _compare(operator, left, right)
    except TypeError:
        # Values that have no order, or are not contained in one another, satisfy nothing but "not".
        return bool(operator == "not_in")


def _compare(operator: str, left: Any, right: Any) -> bool:  # noqa: PLR0911 - one line per operator
    match operator:
        case "=":
            return bool(left == right)
        case "!=":
            return bool(left != right)
        case "is_null":
            return left is None
        case "is_not_null":
            return left is not None
        case "in":
            return bool(left in right)
        case "not_in":
            return bool(left not in right)
        case "<":
            return bool(left < right)
        case "<=":
            return bool(left <= right)
        case ">":
            return bool(left > right)
        case _:
            return bool(left >= right)


def _side(config: Document, values: Mapping[str, Any]) -> Any:
    source = config.get("source")
    if config.get("type") == "source" and isinstance(source, dict):
        return values.get(str(source.get("name")))
    return config.get("static_value")
