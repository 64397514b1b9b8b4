"""Finds the handler of a request by the raw path: split first, decode after, so names may hold slashes."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeAlias
from urllib.parse import unquote

from starlette.responses import Response

from emulators.promptlayer.calls import Call
from emulators.promptlayer.errors import ApiError, refusal

Handler: TypeAlias = Callable[[Call], Awaitable[Response]]
Route: TypeAlias = tuple[str, str, Handler]
"""Method, path with `*` for a value, handler."""


def segments_of(raw_path: bytes) -> list[str]:
    """Return the decoded segments of a raw path."""
    path = raw_path.partition(b"?")[0].decode("latin-1")
    return [unquote(segment) for segment in path.removeprefix("/").split("/")]


def find(routes: Sequence[Route], method: str, raw_path: bytes) -> tuple[Handler, tuple[str, ...]]:
    """Return the handler and the captured values.

    Raises:
        ApiError: 404 no such path, 405 the path has other methods. Their bodies are not documented; the
            usual one is assumed.
    """
    segments = segments_of(raw_path)
    allowed: list[str] = []
    for known, pattern, handler in routes:
        captured = _match(pattern.removeprefix("/").split("/"), segments)
        if captured is None:
            continue
        if known == method:
            return handler, captured
        allowed.append(known)
    if allowed:
        body = {"success": False, "message": "Method Not Allowed"}
        raise ApiError(405, body, headers=(("allow", ", ".join(sorted(set(allowed)))),))
    raise refusal(404, "Not Found")


def _match(pattern: Sequence[str], segments: Sequence[str]) -> tuple[str, ...] | None:
    if len(pattern) != len(segments):
        return None
    captured = []
    for expected, segment in zip(pattern, segments, strict=True):
        if expected == "*" and segment:
            captured.append(segment)
        elif expected != segment:
            return None
    return tuple(captured)
