"""Native nodes as canonical nodes, by the places of a description."""

from collections.abc import Mapping
from typing import Any

from adapters.generic.description import NodePlaces
from adapters.generic.expressions import Expression
from adapters.generic.keys import Entry
from adapters.generic.reading import Reader, Tree, rest, told, tree_of
from schemas.base import JsonObject
from schemas.drafts import NodeDraft
from schemas.graph import NodeRole


def node_tree(places: NodePlaces, *further: Expression) -> Tree:
    """Return the fields of a node that have a place; `further` are read as something else."""
    named = (getattr(places, name) for name in NodePlaces.model_fields)
    return tree_of((*(place for place in named if isinstance(place, Expression)), *places.left_out, *further))


def read_node(entry: Entry, places: NodePlaces, tree: Tree, container: str | None, vendor: str) -> NodeDraft:
    """Return a node's draft."""
    reader = entry.reader
    whole = places.config is not None and places.config.names == ()
    left = rest(reader.evidence.fields, tree, exact=whole)
    config = left if whole else _config(reader, places.config)
    others = {} if whole else {name: value for name, value in left.items() if value != {}}
    native_type = reader.text(places.type)
    node: NodeDraft = {
        "key": entry.key,
        "role": places.roles.get(native_type or "", NodeRole.OTHER),
        "config": config,
        "ports": (),
        "branches": (),
        "models": _models(reader, places.models),
        "credentials": (),
        "disabled": reader.boolean(places.disabled) or False,
        "extensions": {vendor: others} if others else {},
    }
    fields: Mapping[str, Any] = told(
        id=entry.id,
        name=reader.text(places.name),
        type=native_type,
        type_version=reader.value(places.type_version),
        container=container,
        position=_position(reader, places),
        notes=reader.text(places.notes),
        timeout_seconds=reader.number(places.timeout_seconds),
        on_error=reader.text(places.on_error),
        retry=_retry(reader, places),
        subworkflow=told(
            id=reader.identifier(places.subworkflow_id), name=reader.text(places.subworkflow_name)
        )
        or None,
    )
    return {**node, **fields}  # type: ignore[typeddict-item]


def _config(reader: Reader, where: Expression | None) -> JsonObject:
    if where is None:
        return {}
    holder, name = reader.place(where)
    found = holder.object(name)
    return {} if found is None else found.fields


def _models(reader: Reader, where: Expression | None) -> tuple[str, ...]:
    found = reader.value(where)
    named = found if isinstance(found, list) else [found]
    return tuple(name for name in named if isinstance(name, str))


def _position(reader: Reader, places: NodePlaces) -> Mapping[str, float] | None:
    x, y = reader.number(places.x), reader.number(places.y)
    return None if x is None or y is None else {"x": float(x), "y": float(y)}


def _retry(reader: Reader, places: NodePlaces) -> Mapping[str, Any] | None:
    fields = told(
        enabled=reader.boolean(places.retry_enabled),
        attempts=reader.integer(places.retry_attempts),
        wait_seconds=reader.number(places.retry_wait_seconds),
    )
    return fields or None
