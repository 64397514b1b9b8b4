"""The styles that edges are written in. A description chooses one by its name; each is a function here."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from adapters.evidence import Evidence
from adapters.generic.description import EdgePlaces
from adapters.generic.expressions import Expression
from adapters.generic.keys import Entries
from adapters.generic.reading import Reader, Tree, rest, told, tree_of
from schemas.base import JsonObject, JsonValue
from schemas.diagnostics import DiagnosticCode, Severity
from schemas.drafts import EdgeDraft, EndpointDraft
from schemas.graph import EdgeKind

CONNECTION_FIELDS: Final[Tree] = MappingProxyType(
    {name: MappingProxyType({}) for name in ("node", "type", "index")}
)


@dataclass(frozen=True, slots=True)
class Source:
    """What the styles read from.

    Attributes:
        graph: the object that holds nodes and edges.
        entries: the nodes.
        places: what the description says of edges.
        tree: the fields of an edge that have a place.
        vendor: the vendor's name.
    """

    graph: Evidence
    entries: Entries
    places: EdgePlaces
    tree: Tree
    vendor: str

    def end(self, address: str, **further: Any) -> EndpointDraft:
        """Return one end of an edge."""
        key = self.entries.by_address.get(address, address)
        return {"node": key, "exists": key in self.entries.keys, **further}  # type: ignore[typeddict-item]

    def kind(self, word: str | None) -> EdgeKind | None:
        """Return our kind of edge; `data` where the vendor has no word, None for a word that is not described."""
        return EdgeKind.DATA if word is None else self.places.kinds.get(word)


Style = Callable[[Source], Iterator[EdgeDraft]]


def edge_tree(places: EdgePlaces) -> Tree:
    """Return the fields of an edge object that have a place."""
    named = (getattr(places, name) for name in EdgePlaces.model_fields if name != "at")
    return tree_of((*(place for place in named if isinstance(place, Expression)), *places.left_out))


def _objects(source: Source) -> Iterator[EdgeDraft]:
    """An array of objects that name both ends: React Flow's form and its like."""
    holder, name = Reader(source.graph).place(source.places.at)
    for _, native in holder.objects(name, required=True):
        edge = _object(source, Reader(native))
        if edge is not None:
            yield edge


def _object(source: Source, edge: Reader) -> EdgeDraft | None:
    places = source.places
    start, end = edge.identifier(places.source), edge.identifier(places.target)
    if not start or not end:
        _unreadable(edge.evidence, "the edge does not say which nodes it joins; left out")
        return None
    native_kind = edge.text(places.native_kind)
    kind = source.kind(native_kind)
    if kind is None:
        _unknown_kind(edge.evidence, native_kind)
    ends = (
        source.end(start, **told(port=edge.text(places.source_port), key=edge.text(places.source_key))),
        source.end(end, **told(port=edge.text(places.target_port), key=edge.text(places.target_key))),
    )
    _note_dangling(edge.evidence, *ends)
    left = rest(edge.evidence.fields, source.tree)
    fields: Mapping[str, Any] = told(
        id=edge.identifier(places.id),
        label=edge.text(places.label),
        native_kind=native_kind if places.native_kind is not None and places.native_kind.names else None,
    )
    return _draft(kind or EdgeKind.DATA, ends, {source.vendor: left} if left else {}, fields)


def _connections(source: Source) -> Iterator[EdgeDraft]:
    """`connections[<source name>][<kind>][<output slot>][<order>]` with `{node, type, index}`."""
    holder, name = Reader(source.graph).place(source.places.at)
    connections = holder.object(name, required=True)
    for start, kinds in (connections.fields if connections is not None else {}).items():
        from_node = Evidence(kinds, holder.findings, holder, name, start) if isinstance(kinds, dict) else None
        if from_node is None:
            _unreadable(holder, "the connections of a node are no object", name, start)
            continue
        for word in from_node.fields:
            kind = source.kind(word)
            if kind is None:
                _unknown_kind(from_node, word)
            for index, slot in enumerate(from_node.array(word)):
                if slot is not None:
                    yield from _slot(source, from_node, (start, word, index), (slot, kind or EdgeKind.DATA))


def _slot(
    source: Source,
    from_node: Evidence,
    place: tuple[str, str, int],
    content: tuple[JsonValue, EdgeKind],
) -> Iterator[EdgeDraft]:
    (start, word, index), (slot, kind) = place, content
    if not isinstance(slot, list):
        _unreadable(from_node, "an output is no array", word, index)
        return
    for order, item in enumerate(slot):
        target = item.get("node") if isinstance(item, dict) else None
        if not isinstance(item, dict) or not isinstance(target, str):
            _unreadable(from_node, "a connection names no node", word, index, order)
            continue
        native = Evidence(item, from_node.findings, from_node, word, index, order)
        further = told(port=native.text("type"), index=native.integer("index"))
        ends = (source.end(start, port=word, index=index), source.end(target, **further))
        _note_dangling(native, *ends)
        left = rest(item, CONNECTION_FIELDS)
        extensions = {source.vendor: left} if left else {}
        yield _draft(kind, ends, extensions, {"native_kind": word, "order": order})


def _wires(source: Source) -> Iterator[EdgeDraft]:
    """On each node, for each output, an array of the ids that it leads to."""
    for entry in source.entries.all:
        holder, name = entry.reader.place(source.places.at)
        for index, slot in enumerate(holder.array(name)):
            for order, target in enumerate(slot if isinstance(slot, list) else [slot]):
                if not isinstance(target, str):
                    _unreadable(holder, "a wire names no node", name, index)
                    continue
                start: EndpointDraft = {"node": entry.key, "exists": True, "index": index}
                ends = (start, source.end(target))
                _note_dangling(entry.reader.evidence, *ends)
                yield _draft(EdgeKind.DATA, ends, {}, {"order": order})


STYLES: Final[Mapping[str, Style]] = MappingProxyType(
    {"objects": _objects, "connections": _connections, "wires": _wires}
)
"""By the names that a description uses."""


def _draft(
    kind: EdgeKind,
    ends: tuple[EndpointDraft, EndpointDraft],
    extensions: dict[str, JsonObject],
    fields: Mapping[str, Any],
) -> EdgeDraft:
    edge: EdgeDraft = {
        "kind": kind,
        "source": ends[0],
        "target": ends[1],
        "derived": False,
        "extensions": extensions,
    }
    return {**edge, **fields}  # type: ignore[typeddict-item]


def _note_dangling(edge: Evidence, *ends: EndpointDraft) -> None:
    for end in ends:
        if not end["exists"]:
            message = f"the edge refers to {end['node'][:80]!r}, which is not there"
            edge.note(DiagnosticCode.DANGLING_EDGE, message)


def _unknown_kind(holder: Evidence, word: str | None) -> None:
    message = f"{str(word)[:80]!r} is no kind of edge that is described"
    holder.note(DiagnosticCode.UNKNOWN_VALUE, message)


def _unreadable(holder: Evidence, message: str, *parts: str | int) -> None:
    holder.note(DiagnosticCode.UNREADABLE_PART, message, *parts, severity=Severity.ERROR)
