"""Finds keys that an object holds twice: readers differ in which of them counts (RFC 8259 section 4)."""

import json
import re
from typing import Final

from schemas.base import JsonValue

_TEXT: Final = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"[ \t\r\n]*(:?)', re.DOTALL)
"""A string, and whether it is a key."""


def repeated_key(text: bytes, value: JsonValue) -> str | None:
    """Return a key that occurs twice in one object; None where there is none.

    Counting the keys costs a fraction of reading the text; only where some are missing it is read once more.

    Args:
        text: JSON in UTF-8.
        value: what was read of it, with one of each repeated key.
    """
    if _TEXT.findall(text).count(b":") == _members(value):
        return None
    try:
        json.loads(text, object_pairs_hook=_without_repeats)
    except _Repeated as found:
        return found.key
    return None


class _Repeated(Exception):
    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def _without_repeats(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen:
            raise _Repeated(key)
        seen.add(key)
    return found


def _members(value: JsonValue) -> int:
    """Return how many members all objects in a value have together."""
    count, level = 0, [value]
    while level:
        found = level.pop()
        if isinstance(found, dict):
            count += len(found)
            level.extend(found.values())
        elif isinstance(found, list):
            level.extend(found)
    return count
