"""Writes a graph in the React-Flow-like shape."""

from collections.abc import Iterable
from types import MappingProxyType
from typing import Final

from adapters.aitronos import n8n_shape
from adapters.aitronos.positions import written
from adapters.aitronos.react_flow_edges import address as read_address
from adapters.aitronos.react_flow_nodes import KNOWN, NAMES, NOISE, PARENTS, name_field
from adapters.aitronos.react_flow_shape import recognises
from adapters.aitronos.render_nodes import (
    NODES,
    Addresses,
    NodeForm,
    addresses_after,
    addresses_before,
    extensions_writer,
    set_or_drop,
    write_nodes,
)
from adapters.aitronos.render_react_flow_edges import EDGES, write_edges
from adapters.rendering import Writer
from schemas.base import JsonObject
from schemas.diagnostics import Loss
from schemas.graph import Graph, Node, Position


def write_graph(definition: JsonObject, before: Graph, after: Graph) -> tuple[Loss, ...]:
    """Write what differs between two graphs into a definition that holds the first."""
    if not definition:
        definition[NODES] = []
    old = addresses_before(before, FORM.address)
    new = addresses_after(before, after, FORM.address)
    if write_nodes(definition, before, after, FORM):
        _write_parents(definition, after, old, new)
    write_edges(definition, before, after, (old, new))
    if not recognises(definition) or n8n_shape.recognises(definition):
        definition[EDGES] = []
    return ()


def _write_parents(definition: JsonObject, after: Graph, old: Addresses, new: Addresses) -> None:
    """Write the containers; apart from the other fields, since a container may have got another id."""
    former = {address for address in old.values() if address is not None}
    nodes = [entry for entry in definition[NODES] if isinstance(entry, dict)]
    for node, fields in zip(after.nodes, nodes, strict=True):
        parent = new.get(node.container) if node.container is not None else None
        field = next((name for name in PARENTS if fields.get(name) is not None), PARENTS[0])
        native = read_address(fields.get(field))
        if parent is not None and native != parent:
            fields[field] = parent
        elif parent is None and native in former:
            del fields[field]


def _data(document: JsonObject) -> JsonObject:
    data = document.get("data")
    return dict(data) if isinstance(data, dict) else {}


def _write_name(document: JsonObject, value: str | None) -> Iterable[Loss]:
    data = _data(document)
    field = name_field(data) or next((name for name in NAMES if name not in data), NAMES[0])
    set_or_drop(field)(data, value)
    return set_or_drop("data")(document, data)


def _write_config(document: JsonObject, value: JsonObject) -> Iterable[Loss]:
    data = _data(document)
    field = name_field(data)
    named = {field: data[field]} if field is not None else {}
    return set_or_drop("data")(document, {**named, **value})


def _write_position(document: JsonObject, value: Position | None) -> Iterable[Loss]:
    native = document.get("position")
    others = native if isinstance(native, dict) else {}
    place = {**others, "x": written(value.x), "y": written(value.y)} if value is not None else None
    return set_or_drop("position")(document, place)


def _blank(node: Node) -> JsonObject:
    return {
        "id": node.id or node.key,
        "type": node.type or node.role.value,
        "position": {"x": 0, "y": 0},
        "data": {},
    }


WRITERS: Final[MappingProxyType[str, Writer]] = MappingProxyType(
    {
        "id": set_or_drop("id"),
        "name": _write_name,
        "type": set_or_drop("type"),
        "config": _write_config,
        "position": _write_position,
        "extensions": extensions_writer(KNOWN | NOISE),
    }
)

FORM: Final = NodeForm(address="id", writers=WRITERS, blank=_blank)
