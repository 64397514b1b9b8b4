"""Writing canonical changes over a native document: what did not change is not touched."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any

from adapters.evidence import pointer
from schemas.base import CanonicalModel, JsonObject
from schemas.diagnostics import Loss, Severity

Writer = Callable[[JsonObject, Any], Iterable[Loss]]
"""Writes one canonical field's new value into the native document; returns what it could not carry."""

IGNORED = frozenset({"connection", "vendor", "digest", "diagnostics", "native"})
"""Canonical fields that are ours: no native document has a place for them, and nothing is lost."""


def write_changes(
    before: CanonicalModel,
    after: CanonicalModel,
    document: JsonObject,
    writers: Mapping[str, Writer],
    path: str = "",
) -> tuple[Loss, ...]:
    """Write every field that differs between two canonical models into the document.

    A changed field without a writer is a loss. `path` is the pointer to the models in the canonical document.
    """
    losses: list[Loss] = []
    for name in type(after).model_fields:
        value = getattr(after, name)
        if name in IGNORED or same(value, getattr(before, name)):
            continue
        writer = writers.get(name)
        if writer is None:
            losses.append(lost(path + pointer(name), "the vendor has no place that can be written for it"))
        else:
            losses.extend(writer(document, value))
    return tuple(losses)


def same(left: Any, right: Any) -> bool:
    """Say whether two canonical values are equal in exact JSON: 1, 1.0 and true are three values."""
    if left is right:
        return True
    if type(left) is not type(right):
        return False
    if isinstance(left, CanonicalModel):
        return all(same(getattr(left, name), getattr(right, name)) for name in type(left).model_fields)
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(same(value, right[name]) for name, value in left.items())
    if isinstance(left, list | tuple):
        return len(left) == len(right) and all(map(same, left, right))
    return bool(left == right)


def sameness(value: Any) -> Hashable:
    """Return what is equal for two canonical values exactly where `same` says so; for looking one up among many."""
    if isinstance(value, CanonicalModel):
        return type(value), tuple(sameness(getattr(value, name)) for name in type(value).model_fields)
    if isinstance(value, dict):
        return dict, frozenset((name, sameness(inner)) for name, inner in value.items())
    if isinstance(value, list | tuple):
        return type(value), tuple(map(sameness, value))
    return type(value), value


def lost(path: str, reason: str, severity: Severity = Severity.WARNING) -> Loss:
    """Return a loss."""
    return Loss(path=path, reason=reason, severity=severity)


def set_field(name: str) -> Writer:
    """Return a writer that puts the value under the native name as it is."""

    def write(document: JsonObject, value: Any) -> Iterable[Loss]:
        document[name] = value
        return ()

    return write
