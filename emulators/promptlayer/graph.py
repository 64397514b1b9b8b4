"""The graph of a new version: read from a body, merged with a base version, checked as a whole."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from copy import deepcopy
from graphlib import CycleError, TopologicalSorter
from typing import Any

from emulators.promptlayer.errors import ApiError, refusal
from emulators.promptlayer.records import Document, Version
from emulators.promptlayer.validation import Body, Complaints

OPERATORS = ("=", "!=", "<", ">", "<=", ">=", "in", "not_in", "is_null", "is_not_null")
LONGEST_NAME = 255


def read_nodes(body: Body) -> list[Document]:
    """Read the `nodes` of a creation. The inside of `configuration` is not checked: the types are open."""
    return [
        {
            "name": node.text("name", required=True, longest=LONGEST_NAME),
            "node_type": node.text("node_type", required=True),
            "is_output_node": node.boolean("is_output_node", required=True),
            "configuration": node.mapping("configuration", required=True),
            "dependencies": node.strings("dependencies") or [],
        }
        for node in body.objects("nodes", required=True)
    ]


def read_edges(body: Body) -> list[Document] | None:
    """Read `edges`; None when absent or null."""
    edges = [_edge(edge) for edge in body.objects("edges", nullable=True)]
    return None if body.values.get("edges") is None else edges


def _edge(edge: Body) -> Document:
    document: Document = {
        "source_node_name": edge.text("source_node_name", required=True),
        "target_node_name": edge.text("target_node_name", required=True),
        "is_and": edge.boolean("is_and", required=True),
        "conditionals": [_conditional(rule) for rule in edge.objects("conditionals", required=True)],
    }
    if edge.values.get("conditionals") == []:
        message = "List should have at least 1 item after validation, not 0"
        edge.complaints.add((*edge.location, "conditionals"), message, "too_short")
    return document


def _conditional(rule: Body) -> Document:
    return {
        "position": rule.integer("position", required=True, least=0),
        "operator": rule.choice("operator", OPERATORS),
        "left_config": rule.mapping("left_config", required=True),
        "right_config": rule.mapping("right_config", required=True),
    }


def read_changes(body: Body, complaints: Complaints) -> dict[str, Document | None]:
    """Read the `nodes` of a patch: per node name what changes, None to remove it; null fields are left out."""
    changes: dict[str, Document | None] = {}
    for name, value in (body.mapping("nodes", nullable=True) or {}).items():
        if value is not None and not isinstance(value, dict):
            message = "Input should be a valid dictionary or object to extract fields from"
            complaints.add(("body", "nodes", name), message, "model_attributes_type")
            continue
        changes[name] = None if value is None else _change(Body(value, complaints, ("body", "nodes", name)))
    return changes


def _change(node: Body) -> Document:
    read = {
        "node_type": node.text("node_type", nullable=True),
        "is_output_node": node.boolean("is_output_node", nullable=True),
        "configuration": node.mapping("configuration", nullable=True),
        "dependencies": node.strings("dependencies", nullable=True),
    }
    return {key: value for key, value in read.items() if value is not None}


def merge_nodes(base: Version, changes: Mapping[str, Document | None]) -> list[Document]:
    """Return the base's nodes with the changes applied by name, without ids; new ones come last.

    Raises:
        ApiError: 400, a node to remove is not there, or a new one lacks its type or configuration.
    """
    nodes = {node["name"]: _without_id(node) for node in base.nodes}
    for name, change in changes.items():
        if change is None:
            if nodes.pop(name, None) is None:
                raise refusal(400, f"Cannot remove node '{name}': it is not in version {base.number}")
        elif name in nodes:
            nodes[name] = {**nodes[name], **_merged(nodes[name], change)}
        else:
            nodes[name] = _new_node(name, change)
    return list(nodes.values())


def _merged(node: Document, change: Document) -> Document:
    if "configuration" not in change:
        return change
    return {**change, "configuration": deep_merge(node.get("configuration"), change["configuration"])}


def _new_node(name: str, change: Document) -> Document:
    if not 1 <= len(name) <= LONGEST_NAME:
        raise refusal(400, f"Node names have 1 to {LONGEST_NAME} characters")
    if "node_type" not in change or "configuration" not in change:
        raise refusal(400, f"New node '{name}' needs node_type and configuration")
    return {"name": name, "is_output_node": False, "dependencies": [], **change}


def deep_merge(base: Any, change: Any) -> Any:
    """Return `change` laid over `base`: objects key by key, everything else replaced."""
    if not isinstance(base, dict) or not isinstance(change, dict):
        return change
    return {**base, **{key: deep_merge(base.get(key), value) for key, value in change.items()}}


def copied_edges(base: Version, removed: Collection[str]) -> list[Document]:
    """Return the base's edges without ids, those that touch a removed node left out."""
    return [
        _without_id(edge)
        for edge in base.edges
        if edge["source_node_name"] not in removed and edge["target_node_name"] not in removed
    ]


def _without_id(document: Document) -> Document:
    return {key: deepcopy(value) for key, value in document.items() if key != "id"}


def check(nodes: list[Document], edges: Iterable[Document], variables: Mapping[str, str] | None) -> None:
    """Check a version as a whole.

    Raises:
        ApiError: 400, no output node, a name used twice, an unknown or circular dependency, or an edge
            between nodes that are not there or whose target does not depend on its source.
    """
    names = Counter(node["name"] for node in nodes)
    repeated = [name for name, times in names.items() if times > 1]
    if repeated:
        raise refusal(400, f"Node names must be unique: {', '.join(repeated)}")
    if not any(node.get("is_output_node") for node in nodes):
        raise refusal(400, "At least one node must be marked as an output node")
    for problem in (_wrong_dependency(nodes, names, variables or {}), _wrong_edge(nodes, edges)):
        if problem is not None:
            raise problem


def _wrong_dependency(
    nodes: list[Document], names: Collection[str], variables: Collection[str]
) -> ApiError | None:
    graph: dict[str, list[str]] = {}
    for node in nodes:
        graph[node["name"]] = [needed for needed in _needs(node) if needed in names]
        unknown = [needed for needed in _needs(node) if needed not in names and needed not in variables]
        if unknown:
            return refusal(400, f"Node '{node['name']}' has invalid dependencies: {', '.join(unknown)}")
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return refusal(400, f"Circular dependencies: {' -> '.join(error.args[1])}")
    return None


def _wrong_edge(nodes: list[Document], edges: Iterable[Document]) -> ApiError | None:
    by_name = {node["name"]: node for node in nodes}
    for edge in edges:
        source, target = edge["source_node_name"], edge["target_node_name"]
        missing = [name for name in (source, target) if name not in by_name]
        if missing:
            return refusal(400, f"Edge {source} -> {target} refers to unknown nodes: {', '.join(missing)}")
        if source not in _needs(by_name[target]):
            message = f"Edge {source} -> {target}: '{target}' must list '{source}' in its dependencies"
            return refusal(400, message)
    return None


def _needs(node: Document) -> list[str]:
    needs: list[str] = node.get("dependencies") or []
    return needs
