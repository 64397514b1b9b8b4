"""Reads typed fields from a body or a query and collects what is wrong with them in FastAPI's words."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeAlias

from emulators.promptlayer.errors import Detail, detail, unprocessable

Location: TypeAlias = tuple[str | int, ...]

_TRUE = frozenset({"true", "1", "yes", "on", "t", "y"})
_FALSE = frozenset({"false", "0", "no", "off", "f", "n"})


def integer_of(text: str) -> int | None:
    """Return the integer a text spells in ASCII digits, or None when it spells none that fits 64 bits."""
    return int(text) if re.fullmatch(r"[+-]?[0-9]{1,18}", text) else None


class Complaints:
    """What is wrong with a request so far."""

    def __init__(self) -> None:
        self.details: list[Detail] = []

    def add(self, location: Location, message: str, kind: str) -> None:
        """Note one thing that is wrong."""
        self.details.append(detail(location, message, kind))

    def settle(self) -> None:
        """Refuse the request if anything was wrong.

        Raises:
            ApiError: 422 with every complaint.
        """
        if self.details:
            raise unprocessable(self.details)


class Body:
    """One JSON object of a request; every reader returns the value, or None when absent, null or wrong."""

    def __init__(
        self, values: Mapping[str, Any], complaints: Complaints, location: Location = ("body",)
    ) -> None:
        self.values = values
        self.complaints = complaints
        self.location = location

    def _take(self, name: str, required: bool, nullable: bool, wrong: tuple[type, str, str]) -> Any:  # noqa: FBT001 - private
        kind, message, code = wrong
        if name not in self.values:
            if required:
                self.complaints.add((*self.location, name), "Field required", "missing")
            return None
        value = self.values[name]
        if value is None and nullable:
            return None
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            self.complaints.add((*self.location, name), message, code)
            return None
        return value

    def text(
        self, name: str, *, required: bool = False, nullable: bool = False, longest: int | None = None
    ) -> str | None:
        """Read a string; `longest` also asks for at least one character."""
        wrong = (str, "Input should be a valid string", "string_type")
        value: str | None = self._take(name, required, nullable, wrong)
        if value is not None and longest is not None:
            where = (*self.location, name)
            if not value:
                self.complaints.add(where, "String should have at least 1 character", "string_too_short")
            elif len(value) > longest:
                message = f"String should have at most {longest} characters"
                self.complaints.add(where, message, "string_too_long")
        return value

    def integer(
        self, name: str, *, required: bool = False, nullable: bool = False, least: int | None = None
    ) -> int | None:
        """Read an integer, not below `least`."""
        wrong = (int, "Input should be a valid integer", "int_type")
        value: int | None = self._take(name, required, nullable, wrong)
        if value is not None and least is not None and value < least:
            message = f"Input should be greater than or equal to {least}"
            self.complaints.add((*self.location, name), message, "greater_than_equal")
        return value

    def boolean(self, name: str, *, required: bool = False, nullable: bool = False) -> bool | None:
        """Read true or false."""
        wrong = (bool, "Input should be a valid boolean", "bool_type")
        value: bool | None = self._take(name, required, nullable, wrong)
        return value

    def mapping(self, name: str, *, required: bool = False, nullable: bool = False) -> dict[str, Any] | None:
        """Read an object."""
        wrong = (dict, "Input should be a valid dictionary", "dict_type")
        value: dict[str, Any] | None = self._take(name, required, nullable, wrong)
        return value

    def string_mapping(self, name: str, *, nullable: bool = False) -> dict[str, str] | None:
        """Read an object whose values are strings."""
        value = self.mapping(name, nullable=nullable)
        for key, text in (value or {}).items():
            if not isinstance(text, str):
                where = (*self.location, name, key)
                self.complaints.add(where, "Input should be a valid string", "string_type")
        return value

    def array(self, name: str, *, required: bool = False, nullable: bool = False) -> list[Any] | None:
        """Read a list of anything."""
        wrong = (list, "Input should be a valid list", "list_type")
        value: list[Any] | None = self._take(name, required, nullable, wrong)
        return value

    def strings(self, name: str, *, nullable: bool = False) -> list[str] | None:
        """Read a list of strings."""
        value = self.array(name, nullable=nullable)
        for index, text in enumerate(value or []):
            if not isinstance(text, str):
                where = (*self.location, name, index)
                self.complaints.add(where, "Input should be a valid string", "string_type")
        return value

    def objects(self, name: str, *, required: bool = False, nullable: bool = False) -> Iterator["Body"]:
        """Read a list of objects, each as a body of its own; anything else in it is a complaint."""
        for index, value in enumerate(self.array(name, required=required, nullable=nullable) or []):
            where = (*self.location, name, index)
            if isinstance(value, dict):
                yield Body(value, self.complaints, where)
            else:
                message = "Input should be a valid dictionary or object to extract fields from"
                self.complaints.add(where, message, "model_attributes_type")

    def choice(self, name: str, allowed: Sequence[str]) -> str | None:
        """Read a required string that must be one of a few."""
        value = self.text(name, required=True)
        if value is not None and value not in allowed:
            self.complaints.add((*self.location, name), _one_of(allowed), "literal_error")
        return value

    def forbid_others(self, known: Sequence[str]) -> None:
        """Complain about every field that is not known."""
        for name in self.values:
            if name not in known:
                where = (*self.location, name)
                self.complaints.add(where, "Extra inputs are not permitted", "extra_forbidden")


class Query:
    """The query string of a request; a parameter given twice counts with its last value."""

    def __init__(self, values: Mapping[str, str], complaints: Complaints) -> None:
        self.values = values
        self.complaints = complaints

    def text(self, name: str, *, required: bool = False) -> str | None:
        """Read a text as it came."""
        if required and name not in self.values:
            self.complaints.add(("query", name), "Field required", "missing")
        return self.values.get(name)

    def integer(self, name: str, *, required: bool = False, above: int | None = None) -> int | None:
        """Read an integer, greater than `above`."""
        text = self.text(name, required=required)
        if text is None:
            return None
        value = integer_of(text)
        if value is None:
            message = "Input should be a valid integer, unable to parse string as an integer"
            self.complaints.add(("query", name), message, "int_parsing")
        elif above is not None and value <= above:
            self.complaints.add(("query", name), f"Input should be greater than {above}", "greater_than")
        return value

    def boolean(self, name: str) -> bool:
        """Read true or false; false when absent."""
        text = self.values.get(name, "false").lower()
        if text not in _TRUE | _FALSE:
            message = "Input should be a valid boolean, unable to interpret input"
            self.complaints.add(("query", name), message, "bool_parsing")
        return text in _TRUE

    def moment(self, name: str) -> datetime | None:
        """Read a date-time; one without an offset is taken for UTC."""
        text = self.values.get(name)
        if text is None:
            return None
        try:
            # A `+` of an offset that was not percent-encoded arrives as a blank.
            value = datetime.fromisoformat(re.sub(r"(T.*) (\d\d:?\d\d)$", r"\1+\2", text))
        except ValueError:
            message = "Input should be a valid datetime or date, invalid character in year"
            self.complaints.add(("query", name), message, "datetime_from_date_parsing")
            return None
        return value if value.tzinfo else value.replace(tzinfo=UTC)

    def choice(self, name: str, allowed: Sequence[str]) -> str | None:
        """Read a text that must be one of a few."""
        text = self.values.get(name)
        if text is not None and text not in allowed:
            self.complaints.add(("query", name), _one_of(allowed), "literal_error")
        return text


def _one_of(allowed: Sequence[str]) -> str:
    *most, last = [f"'{word}'" for word in allowed]
    return f"Input should be {', '.join(most)} or {last}"
