"""JSON in and out: fast where that is exact, and exact where it is not fast.

orjson turns integers beyond 64 bits into floats and refuses lone surrogates; vendors send both. Texts that
may hold either go through the standard library, which keeps them.
"""

import json
import math
import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final, NoReturn

import orjson

from schemas.base import JsonValue

_CLASSES: Final = bytes.maketrans(
    b"123456789E]} \t\n\r",
    b"000000000e,,,,,,",
)
_LONG_INTEGER: Final = b"0" * 19
_LARGE_EXPONENT: Final = re.compile(rb"0e\+?0{3,}(?:,|$)")


MAX_DEPTH: Final = 128
"""Arrays and objects inside each other; deeper texts are refused, since serialisers give up on them."""

_BRACKETS: Final = bytes.maketrans(b"{}", b"[]")
_NOT_BRACKETS: Final = bytes(code for code in range(256) if code not in b"[]{}")


class InvalidJsonError(ValueError):
    """The text is not JSON (RFC 8259); the message says where."""


def loads(text: bytes) -> JsonValue:
    """Return the value of a JSON text in UTF-8. `NaN` and `Infinity` are not JSON.

    Raises:
        InvalidJsonError: the text is not JSON, or nested deeper than `MAX_DEPTH`, or holds a number beyond the
            range of a double.
    """
    value = _parse(text)
    if _may_be_deep(text) and _is_deep(value):
        raise InvalidJsonError(f"nested deeper than {MAX_DEPTH} levels")
    return value


def dumps(value: JsonValue, *, sort_keys: bool = False) -> bytes:
    """Return a JSON value, or what `model_dump` gives of a canonical model, as compact JSON in UTF-8.

    Times are written as in RFC 3339, in UTC with `Z`.

    Raises:
        TypeError: the value is neither.
    """
    try:
        return orjson.dumps(value, option=orjson.OPT_UTC_Z | (orjson.OPT_SORT_KEYS if sort_keys else 0))
    except orjson.JSONEncodeError:
        text = json.dumps(
            value, sort_keys=sort_keys, separators=(",", ":"), allow_nan=False, default=_time_text
        )
        return text.encode("ascii")


def _parse(text: bytes) -> JsonValue:
    if _is_plain(text):
        try:
            return orjson.loads(text)
        except orjson.JSONDecodeError:
            pass
    return _exact_loads(text)


def _may_be_deep(text: bytes) -> bool:
    """Say whether the text might be nested too deep. Brackets inside strings can make a flat text look deep."""
    brackets = text.translate(_BRACKETS, _NOT_BRACKETS)
    for _ in range(MAX_DEPTH):
        if not brackets:
            return False
        brackets, before = brackets.replace(b"[]", b""), brackets
        if brackets == before:
            return True
    return bool(brackets)


def _is_deep(value: JsonValue) -> bool:
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [child for parent in level for child in _containers(parent)]
        if not level:
            return False
    return True


def _containers(value: JsonValue) -> Iterable[JsonValue]:
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return (child for child in children if isinstance(child, dict | list))


def _is_plain(text: bytes) -> bool:
    """Say whether no number in the text can be beyond 64 bits or beyond the range of a double."""
    # One pass folds digits, exponents and separators into one character each; substring search does the rest.
    shape = text.translate(_CLASSES)
    return _LONG_INTEGER not in shape and _LARGE_EXPONENT.search(shape) is None


def _exact_loads(text: bytes) -> Any:
    try:
        return json.loads(text.decode("utf-8"), parse_constant=_refuse_constant, parse_float=_finite)
    except (ValueError, RecursionError) as error:
        raise InvalidJsonError(str(error)) from error


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise ValueError(f"number out of range: {digits[:40]}")
    return number


def _time_text(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    raise TypeError(f"{type(value).__name__} is not JSON")


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
