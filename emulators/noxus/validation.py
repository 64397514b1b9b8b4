"""Hand-checked bodies and queries, with the problems the vendor's framework reports (FastAPI, pydantic 2)."""

import json
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn
from urllib.parse import urlsplit

from emulators.noxus.errors import ApiError, invalid, problem

_UUID = re.compile(r"[0-9a-f]{8}(-?)[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{12}", re.IGNORECASE)
_TRUE = frozenset({"1", "true", "t", "on", "yes", "y"})
_FALSE = frozenset({"0", "false", "f", "off", "no", "n"})


def is_uuid(value: object) -> bool:
    """Say whether a value is the text of a UUID, with or without hyphens."""
    return isinstance(value, str) and _UUID.fullmatch(value) is not None


def canonical_uuid(text: str) -> str:
    """Return a UUID's text in lower case with its hyphens."""
    digits = text.replace("-", "").lower()
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def _is_web_address(value: object) -> bool:
    if not isinstance(value, str):
        return False
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


def parse_moment(value: object) -> datetime | None:
    """Return the time a text in ISO 8601 with an offset names, or None."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of a body field: how to recognise it and what the framework says when it is not."""

    accepts: Callable[[object], bool]
    message: str
    code: str


TEXT = Kind(lambda value: isinstance(value, str), "Input should be a valid string", "string_type")
OBJECT = Kind(lambda value: isinstance(value, dict), "Input should be a valid dictionary", "dict_type")
LIST = Kind(lambda value: isinstance(value, list), "Input should be a valid list", "list_type")
FLAG = Kind(lambda value: isinstance(value, bool), "Input should be a valid boolean", "bool_type")
UUID = Kind(is_uuid, "Input should be a valid UUID", "uuid_parsing")
ADDRESS = Kind(_is_web_address, "Input should be a valid URL", "url_parsing")
MOMENT = Kind(
    lambda value: parse_moment(value) is not None, "Input should be a valid datetime", "datetime_parsing"
)
WHOLE = Kind(
    lambda value: isinstance(value, int) and not isinstance(value, bool),
    "Input should be a valid integer",
    "int_type",
)
NUMBER = Kind(
    lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "Input should be a valid number",
    "float_type",
)
TEXTS = Kind(
    lambda value: isinstance(value, list) and all(isinstance(item, str) for item in value),
    "Input should be a valid list",
    "list_type",
)


def one_of(options: Collection[str]) -> Kind:
    """Return the kind of a text that must be one of these words."""
    words = [f"'{word}'" for word in options]
    listed = f"{', '.join(words[:-1])} or {words[-1]}" if len(words) > 1 else words[0]
    return Kind(lambda value: value in options, f"Input should be {listed}", "enum")


class Fields:
    """Reads the fields of one JSON object and gathers every problem before `check` raises them together."""

    def __init__(self, body: Mapping[str, Any], *where: str | int) -> None:
        self.body = body
        self.where: list[str | int] = list(where) or ["body"]
        self.problems: list[dict[str, Any]] = []

    def required(self, name: str, kind: Kind) -> Any:
        """Return a field that must be there and not null."""
        if name not in self.body:
            self.problems.append(problem([*self.where, name], "Field required", "missing"))
            return None
        return self._checked(name, kind)

    def optional(self, name: str, kind: Kind, default: Any = None) -> Any:
        """Return a field that may be absent or null; either gives the default."""
        if self.body.get(name) is None:
            return default
        return self._checked(name, kind)

    def not_null(self, name: str, kind: Kind, default: Any = None) -> Any:
        """Return a field that may be absent but not null."""
        return self._checked(name, kind) if name in self.body else default

    def complain(self, message: str, code: str, *where: str | int) -> None:
        """Add a problem of the caller's own."""
        self.problems.append(problem([*self.where, *where], message, code))

    def check(self) -> None:
        """Raise what was found.

        Raises:
            ApiError: 422 with every problem.
        """
        if self.problems:
            raise ApiError(422, self.problems)

    def _checked(self, name: str, kind: Kind) -> Any:
        value = self.body[name]
        if not kind.accepts(value):
            self.complain(kind.message, kind.code, name)
            return None
        return value


class Query:
    """Reads the query string the way the framework does; the last of repeated keys wins."""

    def __init__(self, given: Mapping[str, str]) -> None:
        self.given = given

    def number(self, name: str, default: int, low: int, high: int | None = None) -> int:
        """Return a whole number within bounds.

        Raises:
            ApiError: 422 when it is no integer or out of bounds.
        """
        text = self.given.get(name)
        if text is None:
            return default
        if not re.fullmatch(r"\s*[+-]?[0-9]{1,18}(\.0+)?\s*", text):
            message = "Input should be a valid integer, unable to parse string as an integer"
            raise invalid(["query", name], message, "int_parsing")
        value = int(float(text)) if "." in text else int(text)
        if value < low:
            message = f"Input should be greater than or equal to {low}"
            raise invalid(["query", name], message, "greater_than_equal")
        if high is not None and value > high:
            raise invalid(["query", name], f"Input should be less than or equal to {high}", "less_than_equal")
        return value

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Return a boolean; Python's `True` and `False` are among the accepted spellings.

        Raises:
            ApiError: 422 when it is no boolean.
        """
        text = self.given.get(name)
        if text is None:
            return default
        word = text.lower()
        if word not in _TRUE | _FALSE:
            message = "Input should be a valid boolean, unable to interpret input"
            raise invalid(["query", name], message, "bool_parsing")
        return word in _TRUE

    def maybe_flag(self, name: str) -> bool | None:
        """Return a boolean, or None when it is not given."""
        return self.flag(name) if name in self.given else None

    def word(self, name: str, options: Collection[str], default: str | None = None) -> str | None:
        """Return one of these words.

        Raises:
            ApiError: 422 for any other word.
        """
        text = self.given.get(name, default)
        if text is not None and text not in options:
            kind = one_of(options)
            raise invalid(["query", name], kind.message, kind.code)
        return text

    def identifier(self, name: str) -> str | None:
        """Return a UUID, or None when it is not given.

        Raises:
            ApiError: 422 when it is no UUID.
        """
        text = self.given.get(name)
        if text is None:
            return None
        if not is_uuid(text):
            raise invalid(["query", name], UUID.message, UUID.code)
        return canonical_uuid(text)

    def text(self, name: str) -> str | None:
        """Return a text as given, or None."""
        return self.given.get(name)


def _no_constant(word: str) -> NoReturn:
    raise ValueError(f"{word} is not JSON")


def parse_object(raw: bytes) -> dict[str, Any]:
    """Return a request body's JSON object.

    Raises:
        ApiError: 400 for bytes that are no UTF-8; 422 for no body, no JSON, or JSON that is no object.
    """
    if not raw:
        raise invalid(["body"], "Field required", "missing")
    try:
        value = json.loads(raw, parse_constant=_no_constant)
        json.dumps(value, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        raise invalid(["body", error.pos], "JSON decode error", "json_invalid") from None
    except UnicodeDecodeError:
        raise ApiError(400, "There was an error parsing the body") from None
    except (ValueError, RecursionError):
        # NaN, lone surrogates, hopeless nesting: no store behind such an API keeps them.
        raise invalid(["body", 0], "JSON decode error", "json_invalid") from None
    if not isinstance(value, dict):
        message = "Input should be a valid dictionary or object to extract fields from"
        raise invalid(["body"], message, "model_attributes_type")
    return value
