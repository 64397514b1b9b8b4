"""A workflow's settings, by our groups and names. What a value has to look like, our own models say."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import UnionType
from typing import Any, Final, get_args, get_origin

from pydantic import TypeAdapter, ValidationError

from adapters.generic.checks import groups
from adapters.generic.expressions import Expression
from adapters.generic.reading import Reader
from schemas.base import JsonValue
from schemas.diagnostics import DiagnosticCode


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: where it lies, and what checks it."""

    name: str
    where: Expression
    read: Callable[[Reader, Expression], JsonValue]


@dataclass(frozen=True, slots=True)
class Group:
    """A group of settings, with the values of those that are there even when nothing is said."""

    name: str
    defaults: Mapping[str, JsonValue]
    settings: tuple[Setting, ...]


def settings_of(described: Mapping[str, Mapping[str, Expression]]) -> tuple[Group, ...]:
    """Return the described settings, ready to be read."""
    known = groups()
    return tuple(
        Group(
            group,
            {name: () for name, field in known[group].model_fields.items() if field.default == ()},
            tuple(
                Setting(name, where, _reading(known[group].model_fields[name].annotation))
                for name, where in places.items()
            ),
        )
        for group, places in described.items()
    )


def _reading(annotation: Any) -> Callable[[Reader, Expression], JsonValue]:
    """Return what reads a value of a type: leniently where `Evidence` does, else as the model itself checks it."""
    choices = get_args(annotation) if get_origin(annotation) is UnionType else (annotation,)
    for kind, read in _LENIENT:
        if kind in choices:
            return read
    adapter = TypeAdapter[Any](annotation)
    return lambda record, where: _checked(record, where, adapter)


def read_settings(record: Reader, described: tuple[Group, ...]) -> dict[str, Any] | None:
    """Return the settings' draft; None when the document has none."""
    found: dict[str, Any] = {}
    for group in described:
        values = {setting.name: setting.read(record, setting.where) for setting in group.settings}
        told = {name: value for name, value in values.items() if value is not None}
        if told:
            found[group.name] = {**group.defaults, **told}
    return found or None


def _checked(record: Reader, where: Expression, adapter: TypeAdapter[Any]) -> JsonValue:
    value = record.value(where)
    # What an expression puts together is an empty array, too, where there is nothing to put together.
    if value is None or (where.names is None and value == []):
        return None
    try:
        checked = adapter.validate_python(value)
    except ValidationError:
        holder, name = record.place(where)
        message = f"{name} does not hold what this setting can be; left out"
        holder.note(DiagnosticCode.WRONG_TYPE, message, name)
        return None
    return adapter.dump_python(checked, exclude_none=True)


def _texts(record: Reader, where: Expression) -> JsonValue:
    found = record.value(where)
    return record.texts(where) if found is not None and (where.names is not None or found != []) else None


_LENIENT: Final[tuple[tuple[Any, Callable[[Reader, Expression], JsonValue]], ...]] = (
    (bool, Reader.boolean),
    (int, Reader.integer),
    (float, Reader.number),
    (str, Reader.text),
    (tuple[str, ...], _texts),
)
