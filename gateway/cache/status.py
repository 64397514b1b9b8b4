"""The `Cache-Status` header: what each cache did with the request (RFC 9211).

Written as structured fields (RFC 8941 section 4.1), so that no name, key or detail can break out of its place.
"""

import re
from typing import Final, Literal, TypeAlias, TypedDict, Unpack

GATEWAY: Final = "workflow-gateway"
"""The name of the tier in this process."""

SHARED: Final = "shared"
"""The name of the tier that several processes share."""

Forward: TypeAlias = Literal[
    "bypass", "method", "uri-miss", "vary-miss", "miss", "request", "stale", "partial"
]
"""Why a request went on towards the vendor, most specific first (RFC 9211 section 2.2)."""

_MOST_INTEGER: Final = 999_999_999_999_999
"""RFC 8941 section 3.3.1."""

_TOKEN: Final = re.compile(r"[A-Za-z*][A-Za-z0-9!#$%&'*+\-.^_`|~:/]*")
"""RFC 8941 section 3.3.4."""

_NOT_IN_A_STRING: Final = re.compile(r"[^\x20-\x7e]")
"""What a string cannot hold, line breaks included (RFC 8941 section 3.3.3)."""


class Handling(TypedDict, total=False):
    """How one cache handled a request; what is not given is not said."""

    hit: bool
    """It answered without asking further, stale or not (RFC 9211 section 2.1)."""
    fwd: Forward | None
    """Why it asked further (RFC 9211 section 2.2)."""
    fwd_status: int | None
    """The status that came back, where it is not the one sent on (RFC 9211 section 2.3)."""
    ttl: int | None
    """Seconds of freshness left, negative when stale (RFC 9211 section 2.4)."""
    stored: bool
    """It kept what came back (RFC 9211 section 2.5)."""
    collapsed: bool
    """It shared one request with others who asked the same (RFC 9211 section 2.6)."""
    key: str | None
    """The cache key (RFC 9211 section 2.7)."""
    detail: str | None
    """Anything else (RFC 9211 section 2.8)."""


def member(name: str, **handling: Unpack[Handling]) -> str:
    """Return what one cache says: its name and its parameters, in the order of RFC 9211 section 2.

    Parameters that only mean something for a forwarded request (`fwd_status`, `stored`, `collapsed`) are left out
    when there is no `fwd`.

    Raises:
        ValueError: both `hit` and `fwd` are given, which exclude each other (RFC 9211 section 2.1).
    """
    hit, fwd = handling.get("hit", False), handling.get("fwd")
    if hit and fwd is not None:
        raise ValueError("a cache either answers or forwards: give hit or fwd, not both")
    text = _word(name)
    if hit:
        text += "; hit"
    elif fwd is not None:
        text += f"; fwd={fwd}"
        text += _integer("fwd-status", handling.get("fwd_status"))
    text += _integer("ttl", handling.get("ttl"))
    if fwd is not None:
        text += "; stored" if handling.get("stored") else ""
        text += "; collapsed" if handling.get("collapsed") else ""
    return text + _texts(handling.get("key"), handling.get("detail"))


def memory_hit(ttl: int) -> bytes:
    """Return `member(GATEWAY, hit=True, ttl=ttl, detail="memory")` as it travels, at a small part of its cost."""
    return b"workflow-gateway; hit; ttl=%d; detail=memory" % ttl


def field_value(*members: str | None) -> str:
    """Return the header's value: the cache closest to the vendor first, the one closest to the caller last.

    So what the vendor sent comes first, then the shared tier, then ours (RFC 9211 section 2); None is left out.
    """
    return ", ".join([said for said in members if said])


def _integer(key: str, value: int | None) -> str:
    if value is None:
        return ""
    return f"; {key}={max(-_MOST_INTEGER, min(value, _MOST_INTEGER))}"


def _texts(key: str | None, detail: str | None) -> str:
    """Write the key, which is always a string, and the detail, which is a token where it can be."""
    text = "" if key is None else f"; key={_string(key)}"
    return text if detail is None else f"{text}; detail={_word(detail)}"


def _word(text: str) -> str:
    return text if _TOKEN.fullmatch(text) else _string(text)


def _string(text: str) -> str:
    """Write a string (RFC 8941 section 4.1.6); what it cannot hold becomes a question mark."""
    safe = _NOT_IN_A_STRING.sub("?", text)
    return '"' + safe.replace("\\", "\\\\").replace('"', '\\"') + '"'
