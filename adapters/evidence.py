"""Lenient reading: a vendor's document is evidence, not a promise.

An `Evidence` wraps one JSON object and where it lies. Its methods give a typed value or None, and note what was odd
as a diagnostic. Nothing raises on bad content, and the wrapped document is never changed.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from schemas.base import JsonObject, JsonValue, to_utc
from schemas.diagnostics import DiagnosticCode, Severity
from schemas.drafts import DiagnosticDraft

MAX_DIAGNOSTICS = 200
"""More than this in one document tells nothing new; the rest is counted in one last diagnostic."""

OBJECTS: Final = frozenset({dict})


def pointer(*parts: str | int) -> str:
    """Return the JSON Pointer (RFC 6901) of a path of names and indexes."""
    texts = [str(part) for part in parts]
    if "~" in (joined := "/".join(("", *texts))) or joined.count("/") > len(texts):
        return "".join("/" + text.replace("~", "~0").replace("/", "~1") for text in texts)
    return joined


@dataclass(slots=True)
class Findings:
    """Collects the diagnostics of one document."""

    found: list[DiagnosticDraft] = field(default_factory=list)
    dropped: int = 0

    def note(
        self, code: DiagnosticCode, path: str, message: str, severity: Severity = Severity.WARNING
    ) -> None:
        """Add one diagnostic."""
        if len(self.found) >= MAX_DIAGNOSTICS:
            self.dropped += 1
            return
        self.found.append({"code": code, "severity": severity, "path": path, "message": message})

    def all(self) -> tuple[DiagnosticDraft, ...]:
        """Return what was found, in order."""
        if not self.dropped:
            return tuple(self.found)
        rest: DiagnosticDraft = {
            "code": DiagnosticCode.UNREADABLE_PART,
            "severity": Severity.WARNING,
            "path": "",
            "message": f"{self.dropped} further diagnostics are not shown",
        }
        return (*self.found, rest)


class Evidence:
    """One JSON object of a vendor's document."""

    __slots__ = ("_origin", "_parts", "fields", "findings")

    def __init__(
        self, fields: JsonObject, findings: Findings, origin: "str | Evidence" = "", *parts: str | int
    ) -> None:
        """Wrap an object.

        Args:
            fields: the object.
            findings: where oddities are noted.
            origin: its pointer in the document, or the object that it lies in.
            parts: the way from there. The pointer is only written when something is noted.
        """
        self.fields = fields
        self.findings = findings
        self._origin = origin
        self._parts = parts

    @property
    def path(self) -> str:
        """Return the pointer to this object."""
        origin = self._origin
        return (origin if isinstance(origin, str) else origin.path) + pointer(*self._parts)

    def at(self, *parts: str | int) -> str:
        """Return the pointer to something inside this object."""
        return self.path + pointer(*parts)

    def note(
        self, code: DiagnosticCode, message: str, *parts: str | int, severity: Severity = Severity.WARNING
    ) -> None:
        """Add a diagnostic about something inside this object."""
        self.findings.note(code, self.at(*parts), message, severity)

    def has(self, name: str) -> bool:
        """Say whether the field is there and not null."""
        return self.fields.get(name) is not None

    def raw(self, name: str, *, required: bool = False) -> JsonValue:
        """Return the field as it is; None when absent or null, noted when `required`."""
        value = self.fields.get(name)
        if value is None:
            self._absent(name, required=required)
        return value

    def text(self, name: str, *, required: bool = False) -> str | None:
        """Return a text; a number is read as its digits and noted."""
        value = self.fields.get(name)
        if isinstance(value, str):
            return value
        if value is None:
            self._absent(name, required=required)
            return None
        if isinstance(value, int | float) and not isinstance(value, bool):
            self._wrong_type(name, "a text", value, "read as its digits")
            return str(value)
        self._wrong_type(name, "a text", value)
        return None

    def identifier(self, name: str, *, required: bool = False) -> str | None:
        """Return an id as text; a text or an integer are both as documented by some vendor."""
        value = self.fields.get(name)
        if isinstance(value, str):
            return value
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        return self.text(name, required=required)

    def integer(self, name: str, *, required: bool = False) -> int | None:
        """Return an integer; digits in a text, or a float without fraction, are read and noted."""
        value = self.fields.get(name)
        if type(value) is int:
            return value
        if value is None:
            self._absent(name, required=required)
            return None
        if isinstance(value, float) and value.is_integer():
            self._wrong_type(name, "an integer", value, "read without its fraction")
            return int(value)
        if isinstance(value, str) and _is_integer(value):
            self._wrong_type(name, "an integer", value, "read from its digits")
            return int(value)
        self._wrong_type(name, "an integer", value)
        return None

    def number(self, name: str) -> float | None:
        """Return a number; digits in a text are read and noted."""
        value = self.fields.get(name)
        if type(value) is float:
            return value
        number = _as_float(value)
        if value is None or number is not None:
            return number
        if isinstance(value, int) and not isinstance(value, bool):
            self.note(DiagnosticCode.WRONG_TYPE, f"{name} is too large a number; left out", name)
            return None
        if isinstance(value, str) and _is_integer(value):
            self._wrong_type(name, "a number", value, "read from its digits")
            return float(value)
        self._wrong_type(name, "a number", value)
        return None

    def boolean(self, name: str, *, required: bool = False) -> bool | None:
        """Return a boolean; `true` and `false` in a text are read and noted."""
        value = self.fields.get(name)
        if isinstance(value, bool):
            return value
        if value is None:
            self._absent(name, required=required)
            return None
        if isinstance(value, str) and value.lower() in ("true", "false"):
            self._wrong_type(name, "a boolean", value, "read from its text")
            return value.lower() == "true"
        self._wrong_type(name, "a boolean", value)
        return None

    def texts(self, name: str) -> tuple[str, ...]:
        """Return the texts of an array; other items are left out and noted."""
        values = self.array(name)
        texts = tuple([value for value in values if isinstance(value, str)])
        for index, value in enumerate(values if len(texts) != len(values) else ()):
            if not isinstance(value, str):
                self.note(DiagnosticCode.WRONG_TYPE, f"{name} holds {_kind(value)}, not a text", name, index)
        return texts

    def array(self, name: str, *, required: bool = False) -> list[Any]:
        """Return an array; empty when absent, null or of another type."""
        value = self.fields.get(name)
        if isinstance(value, list):
            return value
        if value is None:
            self._absent(name, required=required)
        else:
            self._wrong_type(name, "an array", value)
        return []

    def object(self, name: str, *, required: bool = False) -> "Evidence | None":
        """Return an object inside this one."""
        value = self.fields.get(name)
        if isinstance(value, dict):
            return Evidence(value, self.findings, self, name)
        if value is None:
            self._absent(name, required=required)
        else:
            self._wrong_type(name, "an object", value)
        return None

    def bare_objects(self, name: str, *, required: bool = False) -> Iterator[tuple[int, JsonObject]]:
        """Yield index and object of an array of objects; other items are left out and noted.

        For arrays with many items: `item` wraps the few where something is odd.
        """
        values = self.array(name, required=required)
        if OBJECTS.issuperset(map(type, values)):
            return enumerate(values)
        return self._only_objects(name, values)

    def _only_objects(self, name: str, values: list[Any]) -> Iterator[tuple[int, JsonObject]]:
        for index, value in enumerate(values):
            if isinstance(value, dict):
                yield index, value
            else:
                self.note(
                    DiagnosticCode.UNREADABLE_PART,
                    f"{name} holds {_kind(value)}, not an object",
                    name,
                    index,
                    severity=Severity.ERROR,
                )

    def item(self, name: str, index: int) -> "Evidence":
        """Return the object at a place of an array that is known to hold one there."""
        return Evidence(self.fields[name][index], self.findings, self, name, index)

    def within(self, fields: JsonObject, *parts: str | int) -> "Evidence":
        """Return an object that is known to lie inside this one, or what stands in for one that does not."""
        return Evidence(fields, self.findings, self, *parts)

    def objects(self, name: str, *, required: bool = False) -> Iterator[tuple[int, "Evidence"]]:
        """Yield index and object of an array of objects; other items are left out and noted."""
        for index, value in self.bare_objects(name, required=required):
            yield index, Evidence(value, self.findings, self, name, index)

    def iso_time(self, name: str, *, required: bool = False) -> datetime | None:
        """Return an ISO 8601 time in UTC; Unix seconds are read too, and noted."""
        return self._time(name, required=required, documented=str)

    def unix_time(self, name: str, *, required: bool = False) -> datetime | None:
        """Return a time given in Unix seconds in UTC; ISO 8601 is read too, and noted."""
        return self._time(name, required=required, documented=int)

    def rest(self, *known: str) -> JsonObject:
        """Return the fields that are not among the known ones, verbatim."""
        return {name: value for name, value in self.fields.items() if name not in known}

    def _absent(self, name: str, *, required: bool) -> None:
        if required:
            state = "null" if name in self.fields else "absent"
            self.note(DiagnosticCode.MISSING_FIELD, f"{name} is {state}", name)

    def _time(self, name: str, *, required: bool, documented: type) -> datetime | None:
        value = self.raw(name, required=required)
        if value is None:
            return None
        moment = _moment(value)
        if moment is None:
            self.note(DiagnosticCode.UNREADABLE_TIME, f"{name} is no time we can read", name)
        elif not isinstance(value, documented | (float if documented is int else str)):
            self._wrong_type(name, "Unix seconds" if documented is int else "an ISO 8601 time", value, "read")
        return moment

    def _wrong_type(self, name: str, expected: str, value: JsonValue, read: str = "left out") -> None:
        message = f"{name} is {_kind(value)}, not {expected}; {read}"
        self.note(DiagnosticCode.WRONG_TYPE, message, name)


def _is_integer(text: str) -> bool:
    digits = text[1:] if text[:1] in ("-", "+") else text
    return digits.isascii() and digits.isdigit() and len(digits) <= 18


def _as_float(value: JsonValue) -> float | None:
    """Return a JSON number as a float; None for anything else and for an integer beyond a float's range."""
    try:
        return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
    except OverflowError:
        return None


def _moment(value: JsonValue) -> datetime | None:
    try:
        if isinstance(value, str):
            return to_utc(datetime.fromisoformat(value))
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return None


def _kind(value: JsonValue) -> str:
    names = {bool: "a boolean", int: "a number", float: "a number", str: "a text", list: "an array"}
    return names.get(type(value), "an object" if isinstance(value, dict) else "null")
