"""Reads queries and bodies as strictly as the vendor would, collecting every issue before refusing."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from emulators.aitronos.calls import Call
from emulators.aitronos.errors import Document, Issue, validation

_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
_TRUE = frozenset({"true", "1", "yes", "on", "t", "y"})
_FALSE = frozenset({"false", "0", "no", "off", "f", "n"})


class QueryReader:
    """Takes typed values out of a query and remembers what was wrong with it."""

    def __init__(self, query: Mapping[str, str]) -> None:
        self._query = query
        self._issues: list[Issue] = []

    def check(self) -> None:
        """Refuse the request with every issue found so far.

        Raises:
            Refusal: 422, something was wrong.
        """
        if self._issues:
            raise validation(self._issues)

    def text(self, name: str) -> str | None:
        """Return a text parameter as it is."""
        return self._query.get(name)

    def required(self, name: str) -> str:
        """Return a text parameter that must be there."""
        if name not in self._query:
            self._add(name, "Field required", "missing")
        return self._query.get(name, "")

    def integer(self, name: str, default: int, lowest: int, highest: int | None = None) -> int:
        """Return a whole number within bounds."""
        raw = self._query.get(name)
        if raw is None:
            return default
        if not _INTEGER.fullmatch(raw):
            self._add(name, "Input should be a valid integer", "int_parsing")
            return default
        if int(raw) < lowest:
            self._add(name, f"Input should be greater than or equal to {lowest}", "greater_than_equal")
        elif highest is not None and int(raw) > highest:
            self._add(name, f"Input should be less than or equal to {highest}", "less_than_equal")
        return int(raw)

    def boolean(self, name: str) -> bool | None:
        """Return a truth value in any of the spellings a FastAPI server takes, None when absent."""
        raw = self._query.get(name)
        if raw is None:
            return None
        if raw.lower() not in _TRUE | _FALSE:
            self._add(name, "Input should be a valid boolean", "bool_parsing")
        return raw.lower() in _TRUE

    def choice(self, name: str, default: str, choices: tuple[str, ...]) -> str:
        """Return one of a closed set of words."""
        raw = self._query.get(name, default)
        if raw not in choices:
            self._add(name, f"Input should be one of {', '.join(choices)}", "enum")
        return raw

    def moment(self, name: str) -> int | None:
        """Return an ISO 8601 date or time as Unix seconds; without a zone it is UTC."""
        raw = self._query.get(name)
        if raw is None:
            return None
        try:
            parsed = datetime.fromisoformat(raw)
        except ValueError:
            self._add(name, "Input should be a valid ISO 8601 date", "datetime_parsing")
            return None
        return int((parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).timestamp())

    def _add(self, name: str, message: str, kind: str) -> None:
        self._issues.append(Issue(("query", name), message, kind))


@dataclass(frozen=True, slots=True)
class Field:
    """What a body field may hold.

    Attributes:
        kind: a key of the table of kinds below.
        required: it must be there and not be null.
        lowest: for numbers; for texts the least length.
        highest: for numbers; for texts the greatest length.
    """

    kind: str
    required: bool = False
    lowest: float | None = None
    highest: float | None = None


def read_body(call: Call, fields: Mapping[str, Field], *, strict: bool) -> Document:
    """Return the known fields the body has, checked; unknown ones are ignored unless strict.

    Raises:
        Refusal: 422, with every issue.
    """
    given = call.document()
    issues: list[Issue] = []
    for name, field in fields.items():
        if name in given and (given[name] is not None or field.required):
            issues += check(("body", name), given[name], field)
        elif field.required:
            issues.append(Issue(("body", name), "Field required", "missing"))
    if strict:
        unknown = [name for name in given if name not in fields]
        issues += [Issue(("body", n), "Extra inputs are not permitted", "extra_forbidden") for n in unknown]
    if issues:
        raise validation(issues)
    return {name: given[name] for name in fields if name in given}


def check(place: tuple[str, ...], value: Any, field: Field) -> list[Issue]:
    """Return what is wrong with a value, nothing when it fits the field."""
    if not _is_kind(value, field.kind):
        said, word = _SAID[field.kind]
        return [Issue(place, f"Input should be {said}", word)]
    size = len(value) if isinstance(value, str) else value
    if field.lowest is not None and size < field.lowest:
        return [Issue(place, f"Input should be at least {field.lowest}", "too_small")]
    if field.highest is not None and size > field.highest:
        return [Issue(place, f"Input should be at most {field.highest}", "too_big")]
    return []


_SAID: Mapping[str, tuple[str, str]] = {
    "text": ("a valid string", "string_type"),
    "truth": ("a valid boolean", "bool_type"),
    "integer": ("a valid integer", "int_type"),
    "number": ("a valid number", "float_type"),
    "object": ("a valid dictionary", "dict_type"),
    "texts": ("a valid list of strings", "list_type"),
    "objects": ("a valid list of dictionaries", "list_type"),
}

_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "text": str,
    "truth": bool,
    "integer": int,
    "number": (int, float),
    "object": dict,
}

_ITEMS: Mapping[str, type] = {"texts": str, "objects": dict}


def _is_kind(value: Any, kind: str) -> bool:
    if isinstance(value, bool) and kind != "truth":
        return False
    if isinstance(value, list):
        wanted = _ITEMS.get(kind)
        return wanted is not None and all(isinstance(item, wanted) for item in value)
    return kind in _TYPES and isinstance(value, _TYPES[kind])
