"""A workflow's settings, by our groups and names. What a value has to look like, our own models say."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

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
    kind: TypeAdapter[Any]


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
                Setting(name, where, _checker(known[group].model_fields[name].annotation))
                for name, where in places.items()
            ),
        )
        for group, places in described.items()
    )


def _checker(annotation: Any) -> TypeAdapter[Any]:
    return TypeAdapter(annotation)


def read_settings(record: Reader, described: tuple[Group, ...]) -> dict[str, Any] | None:
    """Return the settings' draft; None when the document has none."""
    found: dict[str, Any] = {}
    for group in described:
        values = {setting.name: _read(record, setting) for setting in group.settings}
        told = {name: value for name, value in values.items() if value is not None}
        if told:
            found[group.name] = {**group.defaults, **told}
    return found or None


def _read(record: Reader, setting: Setting) -> JsonValue:
    value = record.value(setting.where)
    if value is None:
        return None
    try:
        checked = setting.kind.validate_python(value)
    except ValidationError:
        holder, name = record.place(setting.where)
        message = f"{name} does not hold what this setting can be; left out"
        holder.note(DiagnosticCode.WRONG_TYPE, message, name)
        return None
    return setting.kind.dump_python(checked, exclude_none=True)
