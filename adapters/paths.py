"""How ids and parameters travel in a URL."""

import unicodedata
from typing import Final
from urllib.parse import quote, urlencode

from adapters.contract import Parameters
from adapters.errors import InvalidSegment

MAX_SEGMENT_LENGTH: Final = 1024
_REFUSED: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})


class _FinalSlash(str):
    """A segment that nothing but `FINAL_SLASH` can be: ids are plain texts."""

    __slots__ = ()


FINAL_SLASH: Final = _FinalSlash()
"""The last segment of a path that ends with a slash."""


def encode(segment: str) -> str:
    """Return a text percent-encoded as one segment of a path (RFC 3986 section 3.3).

    Raises:
        InvalidSegment: the text is empty, `.`, `..`, too long, or holds control characters, line separators
            or lone surrogates.
    """
    if isinstance(segment, _FinalSlash):
        return ""
    if segment in ("", ".", ".."):
        raise InvalidSegment(f"{segment!r} cannot be an id")
    if len(segment) > MAX_SEGMENT_LENGTH:
        raise InvalidSegment(f"an id holds at most {MAX_SEGMENT_LENGTH} characters, this one {len(segment)}")
    if not (segment.isascii() and segment.isprintable()) and any(
        unicodedata.category(character) in _REFUSED for character in segment
    ):
        raise InvalidSegment("an id cannot hold control characters, line separators or lone surrogates")
    return quote(segment, safe="")


def query(parameters: Parameters) -> str:
    """Return parameters as the query of a URL.

    Raises:
        UnicodeEncodeError: a text holds lone surrogates.
    """
    return urlencode({name: _text(value) for name, value in parameters.items()}, quote_via=quote)


def _text(value: str | int) -> str:
    """Return a query value as text; booleans, which are integers in Python, in JSON's spelling."""
    return str(value).lower() if isinstance(value, bool) else str(value)
