"""Writes edges in the React-Flow-like shape."""

from collections.abc import Container, Iterable
from types import MappingProxyType
from typing import Final

from adapters.aitronos.react_flow_edges import KNOWN, NOISE, is_edge
from adapters.aitronos.render_nodes import Addresses, extensions_writer, free_name, set_or_drop
from adapters.rendering import Writer, same, write_changes
from schemas.base import JsonObject, JsonValue
from schemas.graph import Edge, Endpoint, Graph

EDGES: Final = "edges"

Renaming = tuple[Addresses, Addresses]
"""What nodes are called before and after."""

WRITERS: Final[MappingProxyType[str, Writer]] = MappingProxyType(
    {
        "id": set_or_drop("id"),
        "native_kind": set_or_drop("type"),
        "label": set_or_drop("label"),
        "extensions": extensions_writer(KNOWN | NOISE),
    }
)


def write_edges(definition: JsonObject, before: Graph, after: Graph, renaming: Renaming) -> None:
    """Write the edges of `after` over those of `before`; entries that are no edges stay where they are."""
    wanted = tuple(edge for edge in after.edges if not edge.derived)
    old, new = renaming
    if same(wanted, before.edges) and all(new.get(key, name) == name for key, name in old.items()):
        return
    native = definition.get(EDGES)
    entries = native if isinstance(native, list) else []
    taken = {edge.id for edge in wanted}
    numbers: dict[str, int] = {}
    earlier = _Earlier(before.edges, [entry for entry in entries if is_edge(entry)], taken)
    written: list[JsonValue] = []
    for edge in wanted:
        found = earlier.take(edge)
        if found is None:
            edge_id = edge.id or free_name(f"{edge.source.node}-{edge.target.node}", taken, numbers)
            taken.add(edge_id)
            written.append(_new(_with_id(edge, edge_id), renaming))
        else:
            previous, fields = found
            named = edge if edge.id is not None else _with_id(edge, previous.id)
            written.append(_changed(fields, previous, named, renaming))
    for index, entry in enumerate(entries):
        if not is_edge(entry):
            written.insert(index, entry)
    definition[EDGES] = written


class _Earlier:
    """Finds what an edge was before it was changed, each at most once: by its id, else by its ends."""

    def __init__(
        self, edges: Iterable[Edge], entries: list[JsonObject], claimed: Container[str | None]
    ) -> None:
        """Take what was; an edge whose id is claimed by a wanted one is not found by its ends."""
        self._places: dict[object, list[tuple[Edge, JsonObject]]] = {}
        for edge, entry in reversed(list(zip(edges, entries, strict=True))):
            is_claimed = edge.id is not None and edge.id in claimed
            self._places.setdefault(edge.id if is_claimed else _ends(edge), []).append((edge, entry))

    def take(self, edge: Edge) -> tuple[Edge, JsonObject] | None:
        """Return the earlier edge and its native entry; None for a new one."""
        found = self._places.get(edge.id) or self._places.get(_ends(edge))
        return found.pop() if found else None


def _with_id(edge: Edge, edge_id: str | None) -> Edge:
    return edge.model_copy(update={"id": edge_id})


def _ends(edge: Edge) -> tuple[Endpoint, Endpoint]:
    return edge.source, edge.target


def _new(edge: Edge, renaming: Renaming) -> JsonObject:
    ends = (Endpoint(node=edge.source.node), Endpoint(node=edge.target.node))
    return _changed({}, Edge(kind=edge.kind, source=ends[0], target=ends[1]), edge, renaming)


def _changed(fields: JsonObject, previous: Edge, edge: Edge, renaming: Renaming) -> JsonObject:
    document = dict(fields)
    # What cannot be written is found by reading back, see `losses`.
    write_changes(previous, edge, document, WRITERS)
    _write_end(document, "source", (previous.source, edge.source), renaming)
    _write_end(document, "target", (previous.target, edge.target), renaming)
    return document


def _write_end(
    document: JsonObject, name: str, change: tuple[Endpoint, Endpoint], renaming: Renaming
) -> None:
    (was, end), (old, new) = change, renaming
    node_id = new.get(end.node) or end.node
    if name not in document or node_id != (old.get(was.node) or was.node):
        document[name] = node_id
    if was.port != end.port:
        set_or_drop(f"{name}Handle")(document, end.port)
