"""The React-Flow-like shape: `nodes` and `edges`, tied by node ids.

{"nodes": [{"id", "type", "data": {"label", ...}, "position": {"x", "y"}, "parentId"}],
 "edges": [{"id", "source", "sourceHandle", "target", "targetHandle", "type", "label"}],
 "viewport": {...}}
"""

from typing import Final

from adapters.aitronos.content import Content
from adapters.aitronos.keys import Keys, assign_keys
from adapters.aitronos.react_flow_edges import outgoing_handles, read_edges
from adapters.aitronos.react_flow_nodes import identifier, read_node
from adapters.evidence import Evidence
from schemas.base import JsonObject
from schemas.diagnostics import DiagnosticCode
from schemas.graph import Graph, GraphForm

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
    numbered = list(definition.objects("nodes", required=True))
    found = [fields for _, fields in numbered]
    keys = assign_keys((index, identifier(fields.fields)) for index, fields in numbered)
    _note_identities(found, keys)
    handles = outgoing_handles(definition.fields)
    nodes = {
        key: read_node(fields, key, keys.by_address, handles)
        for key, fields in zip(keys.in_order, found, strict=True)
    }
    edges = tuple(read_edges(definition, nodes, keys.by_address))
    graph = Graph(form=GraphForm.GRAPH, format=FORMAT, nodes=tuple(nodes.values()), edges=edges)
    return Content(graph, rest=definition.rest(*KNOWN) or None)


def _note_identities(nodes: list[Evidence], keys: Keys) -> None:
    for fields, key in zip(nodes, keys.in_order, strict=True):
        node_id = identifier(fields.fields)
        if node_id is None:
            fields.note(DiagnosticCode.MISSING_NODE_ID, "the node has no id to be connected by", "id")
        elif keys.by_address[node_id] != key:
            fields.note(DiagnosticCode.DUPLICATE_NODE_ID, f"another node has the id {node_id!r} too", "id")


def _is_node(value: object) -> bool:
    return isinstance(value, dict) and isinstance(value.get("data"), dict)
