"""Writing back the fields that have no canonical place, and small writers shared by the rendering modules."""

from collections.abc import Container, Iterable, Iterator, Mapping
from typing import Any

from adapters.evidence import pointer
from adapters.promptlayer.nodes import VENDOR
from adapters.rendering import lost, same
from schemas.base import JsonObject
from schemas.diagnostics import Loss


def written_elsewhere(_document: JsonObject, _value: Any) -> Iterable[Loss]:
    """Write nothing: another writer takes care of the field."""
    return ()


def write_extensions(
    document: JsonObject,
    before: Mapping[str, JsonObject],
    after: Mapping[str, JsonObject],
    known: Container[str],
    path: str = "",
) -> Iterator[Loss]:
    """Write the changed fields of our own vendor; those of other vendors are lost.

    Args:
        document: the native object to write into.
        before: the extensions that were read from it.
        after: the wanted extensions.
        known: fields with a canonical place; they are not written here.
        path: pointer to the canonical object that has the extensions.
    """
    for vendor, fields in after.items():
        if vendor != VENDOR and not same(fields, before.get(vendor)):
            yield lost(f"{path}{pointer('extensions', vendor)}", "these fields are of another vendor")
    where = f"{path}{pointer('extensions', VENDOR)}"
    yield from write_fields(document, before.get(VENDOR, {}), after.get(VENDOR, {}), known, where)


def write_fields(
    document: JsonObject, before: JsonObject, after: JsonObject, known: Container[str], path: str
) -> Iterator[Loss]:
    """Write the fields that differ. One with a canonical place is lost: it is written from there."""
    for name in before:
        if name not in after:
            document.pop(name, None)
    for name, value in after.items():
        if name in known:
            yield lost(path + pointer(name), "this field has a canonical place; write it there")
        elif name not in before or not same(value, before[name]):
            document[name] = value
