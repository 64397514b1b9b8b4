"""Changing a native document without touching what did not change, nor the inputs."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from adapters.rendering import same
from schemas.base import JsonObject, JsonValue

Kept = Sequence[tuple[int | None, JsonValue]]
"""The items of a new list: each with its place in the old one, or None when it is new."""


def owned(holder: JsonObject, name: str) -> JsonObject:
    """Put a shallow copy of an inner object in its place and return it; an empty one where there is none."""
    inner = holder.get(name)
    copy = dict(inner) if isinstance(inner, dict) else {}
    holder[name] = copy
    return copy


def rewritten(natives: Sequence[JsonValue], readable: Collection[int], kept: Kept) -> list[JsonValue]:
    """Return the new list, in the order of `kept`; items that could not be read stay behind their neighbour."""
    strays = _strays(natives, readable, {index for index, _ in kept if index is not None})
    items = list(strays.get(None, ()))
    for index, value in kept:
        items.append(value)
        if index is not None:
            items.extend(strays.get(index, ()))
    return items


def _strays(
    natives: Sequence[JsonValue], readable: Collection[int], staying: Collection[int]
) -> Mapping[int | None, list[JsonValue]]:
    """Return the unreadable items by the place of the staying one before them."""
    found: dict[int | None, list[JsonValue]] = {}
    neighbour: int | None = None
    for index, native in enumerate(natives):
        if index in staying:
            neighbour = index
        elif index not in readable:
            found.setdefault(neighbour, []).append(native)
    return found


def overlay(
    native: JsonObject, before: Mapping[str, Any], wanted: Mapping[str, Any], nested: Iterable[str] = ()
) -> None:
    """Write the differences between two sets of vendor fields; those in `nested` are compared a level deeper."""
    inner = frozenset(nested)
    for name in {**before, **wanted}:
        old, new = before.get(name), wanted.get(name)
        if name in before and name in wanted and same(old, new):
            continue
        if name in inner and isinstance(old, dict | None) and isinstance(new, dict | None):
            overlay(owned(native, name), old or {}, new or {})
        elif name in wanted:
            native[name] = new
        else:
            native.pop(name, None)
