"""Writes canonical edges as native ones, and finds which of the old ones each of them was."""

from collections import defaultdict, deque
from collections.abc import Hashable, Sequence
from typing import Final
from uuid import NAMESPACE_URL, uuid5

from adapters.noxus.edges import FROM, ON_ERROR, OPTIONAL, TO, V2_ENDS, is_pointed, point_rest
from adapters.noxus.rewriting import overlay, owned
from adapters.noxus.summary import VENDOR_NAME
from adapters.rendering import same
from schemas.base import JsonObject
from schemas.graph import Edge, EdgeKind, Endpoint

DEFAULT_OUTPUT: Final = "output"
DEFAULT_INPUT: Final = "input"
"""The connectors that the vendor's SDK takes when none is named."""


def match_edges(old: Sequence[Edge], new: Sequence[Edge]) -> list[int | None]:
    """Return for each new edge the place of the old one that it was, None for one that is new.

    The same id and ends count before the same id, and that before the same ends.
    """
    matches: list[int | None] = [None] * len(new)
    free = set(range(len(old)))
    for likeness in (_whole, _id, _ends):
        waiting: defaultdict[Hashable, deque[int]] = defaultdict(deque)
        for place in sorted(free):
            waiting[likeness(old[place])].append(place)
        for number, edge in enumerate(new):
            key = likeness(edge)
            if matches[number] is None and key is not None and waiting[key]:
                place = waiting[key].popleft()
                matches[number] = place
                free.discard(place)
    return matches


def new_edge(edge: Edge, number: int, *, scheduled: bool) -> JsonObject:
    """Return a native edge made from nothing; `scheduled` asks for v2's form, `number` tells parallel ones apart."""
    identifier = edge.id or str(uuid5(NAMESPACE_URL, repr((number, _ends(edge)))))
    output = ON_ERROR if edge.kind is EdgeKind.ERROR else None
    native: JsonObject
    if scheduled:
        native = {"id": identifier, "source": edge.source.node, "target": edge.target.node}
        native.update(source_handle=edge.source.port or output, target_handle=edge.target.port)
    else:
        source = _point({}, edge.source, edge.source.port or output or DEFAULT_OUTPUT)
        target = _point({}, edge.target, edge.target.port or DEFAULT_INPUT)
        native = {FROM: {**source, OPTIONAL: False}, TO: {**target, OPTIONAL: False}, "id": identifier}
    _write_own(native, {}, _own(edge))
    return native


def update_edge(native: JsonObject, old: Edge, new: Edge) -> JsonObject:
    """Return the native edge with what differs written, in the form that it has; itself when nothing does."""
    if _whole(old) == _whole(new) and same(_own(old), _own(new)):
        return native
    copy = dict(native)
    if new.id != old.id:
        copy["id"] = new.id
    ends = ((old.source, new.source, FROM, V2_ENDS[0]), (old.target, new.target, TO, V2_ENDS[1]))
    for before, wanted, point, handles in ends:
        if _address(before) == _address(wanted):
            continue
        if is_pointed(native):
            inner = native.get(point)
            copy[point] = _point(inner if isinstance(inner, dict) else {}, wanted, wanted.port)
        else:
            copy.update(zip(handles, (wanted.node, wanted.port), strict=True))
    _write_own(copy, _own(old), _own(new))
    return copy


def _point(old: JsonObject, end: Endpoint, connector: str | None) -> JsonObject:
    return {**old, "node_id": end.node, "connector_name": connector, "key": end.key}


def _own(edge: Edge) -> JsonObject:
    return edge.extensions.get(VENDOR_NAME, {})


def _write_own(native: JsonObject, old: JsonObject, new: JsonObject) -> None:
    """Write the vendor's own fields of an edge and of its points."""
    overlay(native, _without_points(old), _without_points(new))
    for point in (FROM, TO):
        before, wanted = point_rest(old.get(point)), point_rest(new.get(point))
        if is_pointed(native) and not same(before, wanted):
            inner = owned(native, point)
            overlay(inner, before, wanted)
            if OPTIONAL in before and OPTIONAL not in wanted:
                inner[OPTIONAL] = False


def _without_points(fields: JsonObject) -> JsonObject:
    return {name: value for name, value in fields.items() if name not in (FROM, TO)}


def _address(end: Endpoint) -> tuple[str | None, ...]:
    return (end.node, end.port, end.key)


def _ends(edge: Edge) -> Hashable:
    return (_address(edge.source), _address(edge.target))


def _id(edge: Edge) -> Hashable:
    return edge.id


def _whole(edge: Edge) -> Hashable:
    return (edge.id, _ends(edge))
