"""Reads a workflow's definition, v1 or v2, as far as the server itself must: nodes, labels, references."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

from emulators.noxus.state import Record
from emulators.noxus.validation import LIST, OBJECT, TEXT, Fields, one_of

INPUT_TYPES = frozenset({"InputNode", "FileInputNode", "ImageInputNode", "InputNodeV2"})
OUTPUT_TYPES = frozenset({"OutputNode", "OutputNodeV2"})
_REFERENCES = ("workflow_id", "subflow_id")


def nodes(definition: Record | None) -> list[Record]:
    """Return the nodes that are objects with an id; a definition may hold none."""
    listed = (definition or {}).get("nodes") or []
    return [node for node in listed if isinstance(node, dict) and isinstance(node.get("id"), str)]


def label(node: Record) -> str:
    """Return the name a run's input or output has: the node's label, else its name, else its id."""
    config = node.get("node_config") or {}
    return str(config.get("label") or node.get("name") or node["id"])


def input_labels(definition: Record | None) -> list[str]:
    """Return the labels of the input nodes."""
    return [label(node) for node in nodes(definition) if node.get("type") in INPUT_TYPES]


def subflows(definition: Record | None) -> Iterator[str]:
    """Yield the ids of the workflows a definition calls, in order, repeats included."""
    for node in nodes(definition):
        config = node.get("node_config") or {}
        found = node.get("subflow_id") or next((config[key] for key in _REFERENCES if config.get(key)), None)
        if isinstance(found, str):
            yield found


def with_new_references(definition: Record, renamed: Mapping[str, str]) -> Record:
    """Return a copy of a definition whose references to other workflows follow their new ids."""
    copy = deepcopy(definition)
    for node in nodes(copy):
        holders = (node, node.get("node_config"), node.get("subflow_config"))
        for holder in (held for held in holders if isinstance(held, dict)):
            for key in _REFERENCES:
                if isinstance(holder.get(key), str) and holder[key] in renamed:
                    holder[key] = renamed[holder[key]]
    return copy


def check_definition(fields: Fields, definition: Any) -> None:
    """Add the problems of a definition to `fields`: every node an object with id and type, every edge whole.

    Node types are not checked against the catalogue (plugins bring their own), nor edges against the nodes.
    """
    if not isinstance(definition, dict):
        return
    inner = Fields(definition, *fields.where, "definition")
    inner.optional("flow_version", one_of(("v1", "v2")))
    for node in _members(inner, "nodes"):
        node.required("id", TEXT)
        node.required("type", TEXT)
        node.optional("node_config", OBJECT)
        inner.problems += node.problems
    for edge in _members(inner, "edges"):
        _check_edge(edge)
        inner.problems += edge.problems
    fields.problems += inner.problems


def _members(fields: Fields, name: str) -> Iterator[Fields]:
    for index, member in enumerate(fields.optional(name, LIST, []) or []):
        if isinstance(member, dict):
            yield Fields(member, *fields.where, name, index)
        else:
            fields.complain(OBJECT.message, OBJECT.code, name, index)


def _check_edge(fields: Fields) -> None:
    if "source" in fields.body or "target" in fields.body:
        fields.required("source", TEXT)
        fields.required("target", TEXT)
        return
    for end in ("from_id", "to_id"):
        point = fields.required(end, OBJECT)
        if isinstance(point, dict):
            inner = Fields(point, *fields.where, end)
            inner.required("node_id", TEXT)
            inner.required("connector_name", TEXT)
            fields.problems += inner.problems
