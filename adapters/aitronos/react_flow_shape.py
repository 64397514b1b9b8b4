"""The React-Flow-like shape: `nodes` and `edges`, tied by node ids.

{"nodes": [{"id", "type", "data": {"label", ...}, "position": {"x", "y"}, "parentId"}],
 "edges": [{"id", "source", "sourceHandle", "target", "targetHandle", "type", "label"}],
 "viewport": {...}}
"""

from collections.abc import Sequence
from typing import Final

from adapters.aitronos.content import Content
from adapters.aitronos.keys import Keys, assign_keys
from adapters.aitronos.react_flow_edges import read_edges
from adapters.aitronos.react_flow_nodes import NODES, NodeReader, identifier
from adapters.evidence import Evidence
from schemas.base import JsonObject
from schemas.diagnostics import DiagnosticCode
from schemas.graph import GraphForm

FORMAT: Final = "react-flow"

KNOWN: Final = frozenset({"nodes", "edges", "viewport"})
"""The fields of a definition that are read or left out: the viewport is the editor's."""


def recognises(definition: JsonObject) -> bool:
    """Say whether a definition has this shape."""
    if "nodes" not in definition:
        return False
    if "edges" in definition:
        return True
    nodes = definition["nodes"]
    return isinstance(nodes, list) and any(map(_is_node, nodes))


def read(definition: Evidence) -> Content:
    """Return what a definition of this shape says."""
    numbered = list(definition.bare_objects(NODES, required=True))
    keys = assign_keys([place for place, _ in numbered], [identifier(fields) for _, fields in numbered])
    _note_identities(definition, numbered, keys)
    reader = NodeReader(definition, keys.by_address)
    nodes = {
        key: reader.read(place, fields, key)
        for key, (place, fields) in zip(keys.in_order, numbered, strict=True)
    }
    edges = read_edges(definition, nodes, keys.by_address)
    return Content(
        {"form": GraphForm.GRAPH, "format": FORMAT, "nodes": list(nodes.values()), "edges": edges},
        rest=definition.rest(*KNOWN) or None,
    )


def _note_identities(definition: Evidence, nodes: Sequence[tuple[int, JsonObject]], keys: Keys) -> None:
    if len(keys.by_address) == len(nodes):
        return
    for (place, bare), key in zip(nodes, keys.in_order, strict=True):
        fields, node_id = definition.item(NODES, place), identifier(bare)
        if node_id is None:
            fields.note(DiagnosticCode.MISSING_NODE_ID, "the node has no id to be connected by", "id")
        elif keys.by_address[node_id] != key:
            fields.note(DiagnosticCode.DUPLICATE_NODE_ID, f"another node has the id {node_id!r} too", "id")


def _is_node(value: object) -> bool:
    return isinstance(value, dict) and isinstance(value.get("data"), dict)
