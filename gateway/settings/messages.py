"""Turns what pydantic finds wrong into sentences that say what to write instead. No value is ever repeated whole."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any, Final, TypeGuard, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from gateway.settings.issues import Fault, KeyPath

_EXPECTED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "bool_type": "true or false",
        "dict_type": "a mapping (key: value)",
        "float_type": "a number",
        "int_type": "a whole number",
        "int_from_float": "a whole number",
        "mapping_type": "a mapping (key: value)",
        "model_type": "a mapping (key: value)",
        "string_type": "a text",
        "tuple_type": "a list",
        "datetime_type": "a date or a time as in 2027-01-31 or 2027-01-31T09:00:00Z",
    }
)
_BOUNDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "greater_than": "must be more than {gt}",
        "greater_than_equal": "must be at least {ge}",
        "less_than_equal": "must be at most {le}",
        "string_too_short": "must not be empty",
        "string_too_long": "must be at most {max_length} characters long",
        "too_short": "needs at least {min_length} entry",
        "too_long": "holds at most {max_length} entries",
    }
)
_KINDS: Final[tuple[tuple[type | tuple[type, ...], str], ...]] = (
    (bool, "a true or false"),
    (int, "a whole number"),
    (float, "a number with a fraction"),
    (str, "a text"),
    (list, "a list"),
    (dict, "a mapping"),
)


def faults_of(error: ValidationError, model: type[BaseModel]) -> tuple[Fault, ...]:
    """Return everything that pydantic found wrong with a document of the model."""
    found = error.errors(include_url=False)
    places = [details["loc"] for details in found]
    return tuple(_fault(details, model) for details in found if not _follows(details, places))


def _follows(details: ErrorDetails, places: Sequence[KeyPath]) -> bool:
    """Say whether a list is too short only because entries of it are wrong, which are told themselves."""
    own = details["loc"]
    return details["type"] == "too_short" and any(
        len(place) > len(own) and place[: len(own)] == own for place in places
    )


def did_you_mean(given: str, known: tuple[str, ...]) -> str:
    """Return the nearest known word as a question, or all known words."""
    near = get_close_matches(given, known, n=1)
    return f"did you mean {near[0]}?" if near else f"known here: {', '.join(known) or 'nothing'}"


def _fault(details: ErrorDetails, model: type[BaseModel]) -> Fault:
    path: KeyPath = tuple(part for part in details["loc"] if part != "[key]")
    kind = details["type"]
    if kind == "extra_forbidden":
        return Fault(path, f"is not a known key; {did_you_mean(str(path[-1]), _keys(model, path[:-1]))}")
    return Fault(path, _sentence(kind, details))


def _sentence(kind: str, details: ErrorDetails) -> str:
    context: dict[str, Any] = details.get("ctx", {})
    given = details["input"]
    if kind in _EXPECTED:
        return f"expected {_EXPECTED[kind]}, got {_kind_of(given)}"
    if kind in _BOUNDS:
        return _BOUNDS[kind].format_map({name: _whole(bound) for name, bound in context.items()})
    if kind == "missing":
        return "is required"
    if kind == "value_error":
        return str(context["error"])
    if kind == "literal_error":
        return _choice(str(context["expected"]), given)
    return str(details["msg"])


def _choice(expected: str, given: object) -> str:
    words = expected.replace("'", "").replace(" or ", ", ")
    near = get_close_matches(given.lower(), words.split(", "), n=1) if isinstance(given, str) else []
    return f"expected one of {words}" + (f"; did you mean {near[0]}?" if near else "")


def _whole(bound: object) -> object:
    """Return a bound as people write it: 5, not 5.0."""
    return int(bound) if isinstance(bound, float) and bound.is_integer() else bound


def _kind_of(value: object) -> str:
    if value is None:
        return "nothing"
    return next((name for kind, name in _KINDS if isinstance(value, kind)), "something else")


def _keys(model: type[BaseModel], path: KeyPath) -> tuple[str, ...]:
    """Return the keys that the model has at a path; none where the path leads to no model."""
    found: object = model
    for part in path:
        found = _inner(found, part)
    return tuple(found.model_fields) if _is_model(found) else ()


def _inner(found: object, part: str | int) -> object:
    if _is_model(found):
        field = found.model_fields.get(str(part))
        return None if field is None else _without_null(field.annotation)
    return next((argument for argument in get_args(found) if _is_model(argument)), None)


def _without_null(annotation: object) -> object:
    """Return the section out of one that may be null."""
    arguments = get_args(annotation)
    return next(filter(_is_model, arguments), None) if type(None) in arguments else annotation


def _is_model(found: object) -> TypeGuard[type[BaseModel]]:
    return isinstance(found, type) and issubclass(found, BaseModel)
