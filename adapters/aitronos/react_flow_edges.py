"""The edges of the React-Flow-like shape."""

from collections.abc import Iterator, Mapping
from typing import Final, TypeAlias

from adapters.aitronos.content import VENDOR_NAME
from adapters.evidence import Evidence
from schemas.base import JsonObject, JsonValue
from schemas.diagnostics import DiagnosticCode, Severity
from schemas.graph import Edge, EdgeKind, Endpoint, Node, NodeRole

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


def address(value: JsonValue) -> str | None:
    """Return a node's id, which may be a number, as text; None for what no edge could use."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) and value else None


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
    for fields in filter(is_edge, _entries(definition)):
        handle, label = fields.get("sourceHandle"), fields.get("label")
        if isinstance(handle, str):
            labels = found.setdefault(address(fields["source"]) or "", {})
            labels.setdefault(handle, label if isinstance(label, str) else None)
    return found


def read_edges(definition: Evidence, nodes: Mapping[str, Node], by_id: Mapping[str, str]) -> Iterator[Edge]:
    """Yield the edges in the document's order; `by_id` gives the keys of `nodes` by id."""
    used: dict[tuple[str, str | None], int] = {}
    for _, fields in definition.objects("edges", required=True):
        if not is_edge(fields.fields):
            message = "the edge does not name both ends"
            fields.note(DiagnosticCode.UNREADABLE_PART, message, severity=Severity.ERROR)
            continue
        source = _end(fields, "source", by_id)
        place = (source.node, source.port)
        order = used.get(place, 0)
        used[place] = order + 1
        yield _read_edge(fields, source, nodes, by_id, order)


def _read_edge(
    fields: Evidence, source: Endpoint, nodes: Mapping[str, Node], by_id: Mapping[str, str], order: int
) -> Edge:
    target = _end(fields, "target", by_id)
    if not (source.exists and target.exists):
        absent = [repr(end.node) for end in (source, target) if not end.exists]
        fields.note(DiagnosticCode.DANGLING_EDGE, f"there is no node with the id {' or '.join(absent)}")
    rest = {name: value for name, value in fields.fields.items() if name not in KNOWN and name not in NOISE}
    return Edge(
        kind=_kind(source, nodes),
        source=source,
        target=target,
        id=fields.identifier("id"),
        native_kind=fields.text("type"),
        order=order,
        label=fields.text("label"),
        extensions={VENDOR_NAME: rest} if rest else {},
    )


def _end(fields: Evidence, name: str, by_id: Mapping[str, str]) -> Endpoint:
    node_id = address(fields.fields[name]) or ""
    key = by_id.get(node_id)
    port = fields.text(f"{name}Handle")
    return Endpoint(node=node_id if key is None else key, exists=key is not None, port=port)


def _kind(source: Endpoint, nodes: Mapping[str, Node]) -> EdgeKind:
    if source.port is None or not source.exists:
        return EdgeKind.DATA
    if source.port.lower() in ERROR_HANDLES:
        return EdgeKind.ERROR
    decides = nodes[source.node].role is NodeRole.CONDITION
    return EdgeKind.CONDITIONAL if decides else EdgeKind.DATA


def _entries(definition: JsonObject) -> list[JsonValue]:
    edges = definition.get("edges")
    return edges if isinstance(edges, list) else []
