"""The n8n-like shape: `nodes`, and `connections` keyed by the *name* of the source node.

{"nodes": [{"id", "name", "type", "typeVersion", "position": [x, y], "parameters", ...}],
 "connections": {"<source name>": {"main": [[{"node": "<target name>", "type": "main", "index": 0}]]}},
 "settings": {"executionTimeout": 120, "errorWorkflow": "..."}}
"""

from collections.abc import Sequence
from typing import Final

from adapters.aitronos.content import Content
from adapters.aitronos.keys import Keys, assign_keys
from adapters.aitronos.n8n_edges import ConnectionReader
from adapters.aitronos.n8n_expressions import derived_edges
from adapters.aitronos.n8n_nodes import NODES, NodeReader
from adapters.evidence import Evidence
from schemas.base import JsonObject
from schemas.diagnostics import DiagnosticCode, Severity
from schemas.drafts import GraphDraft
from schemas.graph import GraphForm

FORMAT: Final = "n8n"

SETTINGS: Final = "settings"
TIMEOUT: Final = "executionTimeout"
ERROR_WORKFLOW: Final = "errorWorkflow"

COPIES: Final = frozenset({"name", "active", "id", "versionId", "createdAt", "updatedAt", "viewport"})
"""Flow-plate's own copy of what the record says, and the editor's view: left out of the extensions."""

KNOWN: Final = frozenset({"nodes", "connections", SETTINGS}) | COPIES
"""The fields of a definition that are read or left out."""


def recognises(definition: JsonObject) -> bool:
    """Say whether a definition has this shape."""
    if "nodes" not in definition:
        return False
    if "connections" in definition:
        return True
    nodes = definition["nodes"]
    return "edges" not in definition and isinstance(nodes, list) and any(map(_is_node, nodes))


def read(definition: Evidence) -> Content:
    """Return what a definition of this shape says."""
    connections = definition.object("connections", required=True) or Evidence({}, definition.findings)
    numbered = list(definition.bare_objects(NODES, required=True))
    places = [place for place, _ in numbered]
    keys = assign_keys(places, [_name(fields) for _, fields in numbered])
    _note_identities(definition, numbered, keys)
    reader = NodeReader(definition)
    nodes = [
        reader.read(place, fields, key) for key, (place, fields) in zip(keys.in_order, numbered, strict=True)
    ]
    by_key = dict(zip(keys.in_order, nodes, strict=True))
    edges = ConnectionReader(connections, by_key, keys.by_address).read()
    edges += derived_edges(definition, nodes, places, keys.by_address)
    graph: GraphDraft = {"form": GraphForm.GRAPH, "format": FORMAT, "nodes": nodes, "edges": edges}
    return _with_settings(definition, graph)


def _with_settings(definition: Evidence, graph: GraphDraft) -> Content:
    rest = definition.rest(*KNOWN)
    settings = definition.object(SETTINGS)
    if settings is None:
        return Content(graph, rest=rest or None)
    seconds = settings.number(TIMEOUT)
    if seconds is not None and seconds < 0:
        seconds = None  # n8n writes -1 for no limit.
    handler = settings.text(ERROR_WORKFLOW)
    typed = [name for name, value in ((TIMEOUT, seconds), (ERROR_WORKFLOW, handler)) if value is not None]
    others = settings.rest(*typed)
    if others:
        rest[SETTINGS] = others
    return Content(
        graph,
        settings={"timeouts": {"execution_seconds": seconds}} if seconds is not None else None,
        error_handler={"id": handler} if handler is not None else None,
        rest=rest or None,
    )


def _note_identities(definition: Evidence, nodes: Sequence[tuple[int, JsonObject]], keys: Keys) -> None:
    """Note what is odd in the names and ids of nodes; nothing is in most documents, which is told at once."""
    ids = {node_id for _, fields in nodes if isinstance(node_id := fields.get("id"), str)}
    if len(ids) == len(keys.by_address) == len(nodes):
        return
    ids.clear()
    for (place, bare), key in zip(nodes, keys.in_order, strict=True):
        fields, name = definition.item(NODES, place), _name(bare)
        if name is None:
            fields.note(DiagnosticCode.MISSING_NODE_NAME, "the node has no name to be connected by", "name")
        elif keys.by_address[name] != key:
            fields.note(DiagnosticCode.DUPLICATE_NODE_NAME, f"another node is named {name!r} too", "name")
        _note_id(fields, ids)


def _note_id(fields: Evidence, earlier: set[str]) -> None:
    node_id = fields.fields.get("id")
    if node_id is None:
        message = "the node has no id"
        fields.note(DiagnosticCode.MISSING_NODE_ID, message, "id", severity=Severity.INFO)
    elif isinstance(node_id, str) and node_id in earlier:
        fields.note(DiagnosticCode.DUPLICATE_NODE_ID, f"another node has the id {node_id!r} too", "id")
    elif isinstance(node_id, str):
        earlier.add(node_id)


def _name(fields: JsonObject) -> str | None:
    name = fields.get("name")
    return name if isinstance(name, str) and name else None


def _is_node(value: object) -> bool:
    return isinstance(value, dict) and ("parameters" in value or "typeVersion" in value)
