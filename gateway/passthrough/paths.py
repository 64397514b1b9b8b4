"""Paths that are passed on as they were sent: which can be, and which the configuration allows.

A path is never decoded for the vendor. It is decoded here only to see what a vendor could read into it that decodes
more often, or splits at other characters, than it should.
"""

import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Final
from urllib.parse import unquote_to_bytes

from gateway.errors import InvalidParameter
from gateway.settings.models import PassthroughSettings

LONGEST_TARGET: Final = 16 * 1024
MOST_DECODINGS: Final = 4
"""Nobody encodes more often than that who means well."""

# RFC 3986 section 3.3, and what browsers and old clients leave as it is (`"<>[]^`{|}`).
_PATH: Final = re.compile(rb"/[\x21-\x7e]*")
_NEVER_IN_A_PATH: Final = re.compile(rb"[?#\\]")
_QUERY: Final = re.compile(rb"[\x21\x22\x24-\x7e]*")
_BROKEN_ESCAPE: Final = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_SEPARATORS: Final = re.compile(r"[/\\]")


def checked(path: bytes, query: bytes) -> tuple[str, ...]:
    """Return the segments of a path that may be passed on, each as it was sent.

    The last one is empty when the path ends with a slash.

    Args:
        path: below the connection's base URL, as it was sent; begins with a slash.
        query: as it was sent, without the question mark.

    Raises:
        InvalidParameter: the path could lead elsewhere than it says, or something cannot travel.
    """
    if len(path) + len(query) > LONGEST_TARGET:
        raise InvalidParameter("path", f"path and query hold at most {LONGEST_TARGET} bytes")
    if not _PATH.fullmatch(path) or _NEVER_IN_A_PATH.search(path):
        raise InvalidParameter("path", "it holds characters that have to be percent-encoded")
    if not _QUERY.fullmatch(query):
        raise InvalidParameter("query", "it holds characters that have to be percent-encoded")
    if _BROKEN_ESCAPE.search(path):
        raise InvalidParameter("path", "a percent sign is followed by two hex digits")
    segments = tuple(path.decode("ascii")[1:].split("/"))
    for segment in segments[:-1]:
        if not segment:
            raise InvalidParameter("path", "it holds an empty segment")
    for segment in segments:
        _check(segment)
    return segments


def _check(segment: str) -> None:
    """Refuse a segment that is more than one, or leads upwards, once somebody decodes it.

    Raises:
        InvalidParameter: it is.
    """
    known = segment
    for _ in range(MOST_DECODINGS):
        if _CONTROL.search(known):
            raise InvalidParameter("path", "a segment holds control characters")
        for part in _SEPARATORS.split(known):
            # Some servers cut off what follows a semicolon before they look for dots.
            if part.partition(";")[0].strip() in {".", ".."}:
                raise InvalidParameter("path", "a segment leads elsewhere (. or ..)")
        decoded = _decoded(known)
        if decoded == known:
            return
        known = decoded
    raise InvalidParameter("path", "a segment is percent-encoded too often")


def _decoded(text: str) -> str:
    try:
        return unquote_to_bytes(text).decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidParameter("path", "a segment is not UTF-8 once percent-decoded") from error


def readings(segments: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """Return a path as it was sent, then as a vendor could take it that decodes before it splits, once or more often.

    Args:
        segments: as `checked` returns them.
    """
    found = [tuple(segments)]
    while "%" in "".join(found[-1]):
        decoded = tuple(part for segment in found[-1] for part in _SEPARATORS.split(_decoded(segment)))
        if decoded == found[-1]:
            break
        found.append(decoded)
    return tuple(found)


class Allowed:
    """What one connection's configuration lets pass.

    Many vendors decode a path before they split it, so `a%2Fb` may be two segments there. What opens a path has to
    match all of its readings; what closes it, only one.
    """

    def __init__(self, settings: PassthroughSettings) -> None:
        self._rules = tuple(
            (frozenset(rule.methods), tuple(map(_Pattern, rule.paths))) for rule in settings.allow
        )
        self._never_kept = tuple(map(_Pattern, settings.never_kept))
        self._keyless = tuple(map(_Pattern, settings.keyless_websockets))

    def passes(self, method: str, segments: Sequence[str]) -> bool:
        """Say whether a request may be passed on."""
        return not self._rules or all(
            any(
                (not methods or method in methods) and (not paths or _any(paths, reading))
                for methods, paths in self._rules
            )
            for reading in _taken(segments)
        )

    def may_be_kept(self, segments: Sequence[str]) -> bool:
        """Say whether the answer to a GET may be kept."""
        return not any(_any(self._never_kept, reading) for reading in _taken(segments))

    def needs_no_key(self, segments: Sequence[str]) -> bool:
        """Say whether a websocket there is open to callers without a key."""
        return all(_any(self._keyless, reading) for reading in _taken(segments))


class _Pattern:
    """A pattern as it was written, and for paths that were decoded."""

    def __init__(self, pattern: str) -> None:
        self._written = self._decoded = tuple(pattern[1:].split("/"))
        with suppress(InvalidParameter):  # not UTF-8: no path that is passed on reads so either
            self._decoded = readings(self._written)[-1]

    def matches(self, reading: tuple[bool, Sequence[str]]) -> bool:
        decoded, segments = reading
        return matches(self._decoded if decoded else self._written, segments)


def _taken(segments: Sequence[str]) -> Iterable[tuple[bool, Sequence[str]]]:
    """Return the readings of a path, each with whether it was decoded."""
    return [(place > 0, reading) for place, reading in enumerate(readings(segments))]


def _any(patterns: Iterable[_Pattern], reading: tuple[bool, Sequence[str]]) -> bool:
    return any(pattern.matches(reading) for pattern in patterns)


def matches(pattern: Sequence[str], segments: Sequence[str]) -> bool:
    """Say whether a path matches a pattern: `*` is one segment that is not empty, `**` any number of segments.

    Everything else has to be there letter by letter.
    """
    # The positions in the pattern that may come next, moved along with each segment: no pattern costs more than that.
    at = _skipping(pattern, {0})
    for segment in segments:
        following = set()
        for position in at:
            wanted = pattern[position] if position < len(pattern) else None
            if wanted == "**":
                following.add(position)
            elif wanted == segment or (wanted == "*" and segment):
                following.add(position + 1)
        at = _skipping(pattern, following)
    return len(pattern) in at


def _skipping(pattern: Sequence[str], positions: set[int]) -> set[int]:
    """Return the positions and those behind each `**` there, which may stand for nothing."""
    found = set(positions)
    for position in sorted(positions):
        behind = position
        while behind < len(pattern) and pattern[behind] == "**":
            behind += 1
            found.add(behind)
    return found
