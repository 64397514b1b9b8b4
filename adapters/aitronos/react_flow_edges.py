"""The edges of the React-Flow-like shape."""

from collections.abc import Mapping
from typing import Final, TypeAlias

from adapters.aitronos.content import VENDOR_NAME
from adapters.evidence import Evidence
from schemas.base import JsonObject, JsonValue
from schemas.diagnostics import DiagnosticCode, Severity
from schemas.drafts import EdgeDraft, EndpointDraft, NodeDraft
from schemas.graph import EdgeKind, NodeRole

EDGES: Final = "edges"

Handles: TypeAlias = Mapping[str, Mapping[str, str | None]]
"""By a source's id: the handles that edges leave by, each with the first label of such an edge."""

ELSE_HANDLES: Final = frozenset({"false", "else", "default", "otherwise"})
ERROR_HANDLES: Final = frozenset({"error", "on_error", "onerror", "fail", "failure", "fail-branch"})

KNOWN: Final = frozenset({"id", "source", "target", "sourceHandle", "targetHandle", "type", "label"})

NOISE: Final = frozenset(
    {
        "animated",
        "selected",
        "style",
        "zIndex",
        "markerStart",
        "markerEnd",
        "className",
        "interactionWidth",
        "labelStyle",
        "labelShowBg",
        "labelBgStyle",
        "labelBgPadding",
        "labelBgBorderRadius",
        "pathOptions",
    }
)
"""How the editor draws an edge."""

ORDINARY: Final = KNOWN | NOISE
OPTIONAL_TEXT: Final = (str, type(None))

# Looking up a member of an enumeration costs as much as ten comparisons, and these are wanted for every edge.
DATA: Final = EdgeKind.DATA
CONDITION: Final = NodeRole.CONDITION


def address(value: JsonValue) -> str | None:
    """Return a node's id, which may be a number, as text; None for what no edge could use."""
    if isinstance(value, str):
        return value or None
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None


def is_edge(fields: JsonValue) -> bool:
    """Say whether an entry names both ends."""
    return (
        isinstance(fields, dict)
        and address(fields.get("source")) is not None
        and address(fields.get("target")) is not None
    )


def outgoing_handles(definition: JsonObject) -> Handles:
    """Return the handles in use under each source's id."""
    found: dict[str, dict[str, str | None]] = {}
    for fields in _entries(definition):
        handle = fields.get("sourceHandle") if isinstance(fields, dict) else None
        if isinstance(handle, str) and is_edge(fields):
            label = fields.get("label")
            labels = found.setdefault(address(fields["source"]) or "", {})
            labels.setdefault(handle, label if isinstance(label, str) else None)
    return found


def read_edges(
    definition: Evidence, nodes: Mapping[str, NodeDraft], by_id: Mapping[str, str]
) -> list[EdgeDraft]:
    """Return the edges in the document's order; `by_id` gives the keys of `nodes` by id."""
    edges: list[EdgeDraft] = []
    used: dict[tuple[str, str | None], int] = {}
    for place, fields in definition.bare_objects(EDGES, required=True):
        edge = plain_edge(fields, by_id) or odd_edge(definition.item(EDGES, place), by_id)
        if edge is None:
            continue
        source = edge["source"]
        port = source.get("port")
        left = (source["node"], port)
        order = used.get(left, 0)
        used[left] = order + 1
        edge["order"] = order
        if port is not None and source["exists"]:
            edge["kind"] = _kind(port, nodes[source["node"]])
        edges.append(edge)
    return edges


def plain_edge(fields: JsonObject, by_id: Mapping[str, str]) -> EdgeDraft | None:
    """Return an edge that is as documented, and whose nodes are there; else None. Order and kind come later."""
    source = _plain_end(fields.get("source"), fields.get("sourceHandle"), by_id)
    target = _plain_end(fields.get("target"), fields.get("targetHandle"), by_id)
    edge_id, native_kind, label = fields.get("id"), fields.get("type"), fields.get("label")
    if source is None or target is None or not isinstance(edge_id, str):
        return None
    if not isinstance(native_kind, OPTIONAL_TEXT) or not isinstance(label, OPTIONAL_TEXT):
        return None
    edge = _edge(fields, source, target)
    edge["id"] = edge_id
    if native_kind is not None:
        edge["native_kind"] = native_kind
    if label is not None:
        edge["label"] = label
    return edge


def _plain_end(node_id: JsonValue, port: JsonValue, by_id: Mapping[str, str]) -> EndpointDraft | None:
    key = by_id.get(node_id) if isinstance(node_id, str) else None
    if key is None:
        return None
    if port is None:
        return {"node": key, "exists": True}
    return {"node": key, "exists": True, "port": port} if isinstance(port, str) else None


def odd_edge(fields: Evidence, by_id: Mapping[str, str]) -> EdgeDraft | None:
    """Return any edge by the careful way, which notes what is odd; None when it does not name both ends."""
    if not is_edge(fields.fields):
        message = "the edge does not name both ends"
        fields.note(DiagnosticCode.UNREADABLE_PART, message, severity=Severity.ERROR)
        return None
    source, target = _odd_end(fields, "source", by_id), _odd_end(fields, "target", by_id)
    if not (source["exists"] and target["exists"]):
        absent = [repr(end["node"]) for end in (source, target) if not end["exists"]]
        fields.note(DiagnosticCode.DANGLING_EDGE, f"there is no node with the id {' or '.join(absent)}")
    edge = _edge(fields.fields, source, target)
    if (edge_id := fields.identifier("id")) is not None:
        edge["id"] = edge_id
    if (native_kind := fields.text("type")) is not None:
        edge["native_kind"] = native_kind
    if (label := fields.text("label")) is not None:
        edge["label"] = label
    return edge


def _odd_end(fields: Evidence, name: str, by_id: Mapping[str, str]) -> EndpointDraft:
    node_id = address(fields.fields[name]) or ""
    key = by_id.get(node_id)
    end: EndpointDraft = {"node": node_id if key is None else key, "exists": key is not None}
    if (port := fields.text(f"{name}Handle")) is not None:
        end["port"] = port
    return end


def _edge(fields: JsonObject, source: EndpointDraft, target: EndpointDraft) -> EdgeDraft:
    return {
        "kind": DATA,
        "source": source,
        "target": target,
        "derived": False,
        "extensions": {} if ORDINARY.issuperset(fields) else _extensions(fields),
    }


def _extensions(fields: JsonObject) -> dict[str, JsonObject]:
    return {VENDOR_NAME: {name: value for name, value in fields.items() if name not in ORDINARY}}


def _kind(port: str, source: NodeDraft) -> EdgeKind:
    """Return the kind of an edge that leaves a node by a port."""
    if port.lower() in ERROR_HANDLES:
        return EdgeKind.ERROR
    return EdgeKind.CONDITIONAL if source["role"] is CONDITION else DATA


def _entries(definition: JsonObject) -> list[JsonValue]:
    edges = definition.get(EDGES)
    return edges if isinstance(edges, list) else []
