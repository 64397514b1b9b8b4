"""Writes edges in the n8n-like shape, where an edge is a place in `connections`."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final, TypeAlias

from adapters.aitronos.content import VENDOR_NAME
from adapters.aitronos.n8n_branches import MAIN
from adapters.aitronos.n8n_edges import KNOWN, is_kind, own_outputs
from adapters.aitronos.render_nodes import Addresses
from adapters.rendering import same
from schemas.base import JsonObject
from schemas.graph import Edge, EdgeKind, Graph, Node, NodeRole, Port, PortDirection

CONNECTIONS: Final = "connections"

ATTACHMENTS: Final = MappingProxyType(
    {NodeRole.LLM: "ai_languageModel", NodeRole.MEMORY: "ai_memory", NodeRole.TOOL: "ai_tool"}
)
"""How n8n connects a part of another node, by what the part is."""

MAX_SLOTS: Final = 1000
"""A slot beyond this is not written, since every slot before it would have to be."""

Place: TypeAlias = tuple[str, str]
"""A source's name and a kind of connection."""

Layout: TypeAlias = dict[Place, list[list[JsonObject]]]
"""The slots at each place, each with its connections in order."""


def layout(graph: Graph, sources: Addresses, targets: Addresses) -> Layout:
    """Lay out the edges of a graph, and the gaps its ports tell of; derived edges are in no definition."""
    nodes = {node.key: node for node in graph.nodes}
    placed = [(edge, _place(edge, nodes, sources)) for edge in graph.edges if not edge.derived]
    places: Layout = {place: [] for _, place in placed}
    for node in graph.nodes:
        for port in node.ports:
            if port.name is not None and _is_output_slot(port):
                _slot(places, (sources[node.key] or node.key, port.name), port.index or 0)
    for edge, place in sorted(placed, key=_order):
        index = _index(edge, place[1], nodes.get(edge.source.node))
        _slot(places, place, index).append(_item(edge, place, targets))
    return places


def write_connections(
    definition: JsonObject, renamed: Mapping[str, str], before: Layout, after: Layout
) -> None:
    """Write the places that differ; the names of sources in `before` are the new ones already."""
    native = definition.get(CONNECTIONS)
    connections = dict(native) if isinstance(native, dict) else {}
    changed = [place for place in {**before, **after} if not same(before.get(place), after.get(place))]
    if not changed and renamed.keys().isdisjoint(connections):
        return
    connections = {renamed.get(name, name): kinds for name, kinds in connections.items()}
    for name, kind in changed:
        _write_place(connections, name, kind, after.get((name, kind)))
    definition[CONNECTIONS] = connections


def _write_place(connections: JsonObject, name: str, kind: str, slots: list[list[JsonObject]] | None) -> None:
    native = connections.get(name)
    kinds = dict(native) if isinstance(native, dict) else {}
    if slots is None:
        kinds.pop(kind, None)
    else:
        kinds[kind] = slots
    if kinds:
        connections[name] = kinds
    else:
        connections.pop(name, None)


def _place(edge: Edge, nodes: Mapping[str, Node], sources: Addresses) -> Place:
    source = edge.source.node
    return sources.get(source) or source, _kind(edge, nodes.get(source))


def _order(placed: tuple[Edge, Place]) -> tuple[bool, int]:
    order = placed[0].order
    return order is None, order or 0


def _slot(places: Layout, place: Place, index: int) -> list[JsonObject]:
    slots = places.setdefault(place, [])
    slots.extend([] for _ in range(index + 1 - len(slots)))
    return slots[index]


def _item(edge: Edge, place: Place, targets: Addresses) -> JsonObject:
    target = edge.target
    item = {
        "node": targets.get(target.node) or target.node,
        "type": _word(target.port, edge) or place[1],
        "index": target.index or 0,
    }
    rest = edge.extensions.get(VENDOR_NAME, {})
    item.update({name: value for name, value in rest.items() if name not in KNOWN})
    return item


def _kind(edge: Edge, source: Node | None) -> str:
    kind = _word(edge.source.port, edge) or _word(edge.native_kind, edge)
    if kind is not None:
        return kind
    if edge.kind is EdgeKind.ATTACHMENT:
        return ATTACHMENTS.get(source.role if source is not None else NodeRole.TOOL, "ai_tool")
    return MAIN


def _word(port: str | None, edge: Edge) -> str | None:
    """Return a port if it is a kind of connection: one we know, or any of an edge that was read in this shape."""
    was_read = edge.native_kind is not None and edge.native_kind == edge.source.port
    return port if is_kind(port) or was_read else None


def _index(edge: Edge, kind: str, source: Node | None) -> int:
    if _is_slot(edge.source.index):
        return edge.source.index or 0
    if source is None or kind != MAIN:
        return 0
    if edge.kind is EdgeKind.ERROR:
        return own_outputs(branch.index for branch in source.branches)
    return _branch_index(edge.source.port, source)


def _branch_index(port: str | None, source: Node) -> int:
    ways: Iterable[tuple[int, set[str | None]]] = (
        (position if branch.index is None else branch.index, {branch.port, branch.label})
        for position, branch in enumerate(source.branches)
    )
    return next((index for index, words in ways if port in words and _is_slot(index)), 0)


def _is_output_slot(port: Port) -> bool:
    is_output = port.direction is PortDirection.OUTPUT and _is_slot(port.index)
    return is_output and (is_kind(port.name) or port.name == port.native_kind)


def _is_slot(index: int | None) -> bool:
    return index is not None and 0 <= index < MAX_SLOTS
