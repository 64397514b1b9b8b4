"""JSON in and out: fast where that is exact, and exact where it is not fast.

orjson turns integers beyond 64 bits into floats and refuses lone surrogates; vendors send both. Texts that
may hold either go through the standard library, which keeps them.
"""

import json
import math
import re
from collections.abc import Iterable
from datetime import datetime
from typing import Final, NoReturn

import orjson

from schemas.base import JsonValue

MAX_DEPTH: Final = 128
"""Arrays and objects inside each other; deeper texts are refused, since serialisers give up on them."""

MOST_DIGITS: Final = 4300
"""Of a whole number; Python reads no longer ones, as the time for that grows with their square."""

_TEXT: Final = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)', re.DOTALL)
"""A string; one without an end reaches to the end, so that nothing is looked at twice."""

_DIGITS: Final = bytes.maketrans(b"123456789", b"000000000")
_LONG_INTEGER: Final = b"0" * 19
"""The shape of the shortest integer beyond 64 bits."""

_SHELLS: Final = 15
_SHELL_DEPTH: Final = 9
_AROUND: Final = _SHELLS * _SHELL_DEPTH
"""Arrays put around a value so that orjson, which writes some 254 levels, refuses one that might be too deep.

A few more than it takes, since the limit moves between versions; what it refuses is looked at level by level.
"""


class InvalidJsonError(ValueError):
    """The text is not JSON (RFC 8259); the message says where."""


def loads(text: bytes) -> JsonValue:
    """Return the value of a JSON text in UTF-8. `NaN` and `Infinity` are not JSON.

    Raises:
        InvalidJsonError: the text is not JSON, or nested deeper than `MAX_DEPTH`, or holds a number beyond the
            range of a double or a whole one of more than `MOST_DIGITS` digits.
    """
    try:
        value = orjson.loads(text)
        again = orjson.dumps(_surrounded(value))
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):
        return _exact_loads(text)
    # What comes out as it went in has lost nothing, and most vendors write as compactly as orjson does.
    if again[_AROUND:-_AROUND] == text or _LONG_INTEGER not in text.translate(_DIGITS):
        return value
    return _exact_loads(text)


def holds_more(text: bytes, most: int) -> bool:
    """Return whether a JSON text holds more objects and arrays than that, without making any of them."""
    if text.count(b"{") + text.count(b"[") <= most:
        return False
    outside = _TEXT.sub(b"", text)
    return outside.count(b"{") + outside.count(b"[") > most


def dumps(value: JsonValue, *, sort_keys: bool = False) -> bytes:
    """Return a JSON value, or what `model_dump` gives of a canonical model, as compact JSON in UTF-8.

    Times are written as in RFC 3339, in UTC with `Z`.

    Raises:
        TypeError: the value is neither.
    """
    try:
        written = orjson.dumps(value, option=orjson.OPT_UTC_Z | (orjson.OPT_SORT_KEYS if sort_keys else 0))
        # A copy: orjson gives its bytes away in the buffer that it wrote them in, which can be eight times as large.
        return bytes(memoryview(written))
    except orjson.JSONEncodeError:
        text = json.dumps(
            value, sort_keys=sort_keys, separators=(",", ":"), allow_nan=False, default=_time_text
        )
        return text.encode("ascii")


def _surrounded(value: JsonValue) -> JsonValue:
    for _ in range(_SHELLS):
        value = [[[[[[[[[value]]]]]]]]]
    return value


def _exact_loads(text: bytes) -> JsonValue:
    try:
        value = json.loads(
            text.decode("utf-8"), parse_constant=_refuse_constant, parse_float=_finite, parse_int=_whole
        )
    except (ValueError, RecursionError) as error:
        raise InvalidJsonError(str(error)) from error
    if _is_deep(value):
        raise InvalidJsonError(f"nested deeper than {MAX_DEPTH} levels")
    return value


def _is_deep(value: JsonValue) -> bool:
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [child for parent in level for child in _children(parent) if isinstance(child, dict | list)]
        if not level:
            return False
    return True


def _children(value: JsonValue) -> Iterable[JsonValue]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _whole(digits: str) -> int:
    if len(digits) > MOST_DIGITS:
        raise ValueError(f"a whole number of more than {MOST_DIGITS} digits: {digits[:40]}")
    return int(digits)


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
