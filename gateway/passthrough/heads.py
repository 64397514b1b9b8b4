"""Which headers are passed on, and which requests are refused because two readers could read them differently."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urljoin, urlsplit

from gateway.answers import RawHeader
from gateway.errors import InvalidParameter
from gateway.passthrough.paths import checked

REQUEST: Final = frozenset(
    {
        b"accept",
        b"accept-language",
        b"content-encoding",
        b"content-language",
        b"content-type",
        b"idempotency-key",
    }
    | {
        b"if-match",
        b"if-modified-since",
        b"if-none-match",
        b"if-range",
        b"if-unmodified-since",
        b"last-event-id",
    }
    | {b"prefer", b"range", b"user-agent"}
)
"""What is passed on to the vendor; everything else stays here, whoever sent it. Of traces the gateway tells itself."""

ANSWER: Final = frozenset(
    {
        b"accept-ranges",
        b"allow",
        b"content-disposition",
        b"content-encoding",
        b"content-language",
        b"content-length",
    }
    | {b"content-range", b"content-type", b"deprecation", b"etag", b"last-modified", b"preference-applied"}
    | {b"retry-after", b"retry-after-ms", b"sunset", b"vary"}
)
"""What is passed on to the caller. Cookies are the connection's; `Link` would lead past the gateway with our key."""

ANSWER_FAMILIES: Final = (b"ratelimit", b"x-ratelimit", b"x-rate-limit")

NOT_IN_THE_KEY: Final = frozenset(
    {b"if-modified-since", b"if-none-match", b"traceparent", b"tracestate", b"user-agent"}
)
"""Of the request's headers those that do not change what is answered."""

SHORTEST_SECRET: Final = 8
"""A shorter key would be found in innocent words."""

_TOKEN: Final = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE: Final = re.compile(rb"[\t\x20-\x7e\x80-\xff]*")
_DIGITS: Final = re.compile(rb"[0-9]{1,18}")


@dataclass(frozen=True, slots=True)
class Framing:
    """How long a request's body is.

    Attributes:
        has_body: it has one, be it empty.
        length: in bytes; None when nobody knows.
    """

    has_body: bool
    length: int | None


def framing(headers: Iterable[RawHeader]) -> Framing:
    """Return how long a request's body is.

    Raises:
        InvalidParameter: the headers contradict each other, or hold what no header holds (RFC 9112 section 6.3).
    """
    lengths, codings = [], []
    for name, value in headers:
        if not _TOKEN.fullmatch(name) or not _VALUE.fullmatch(value):
            raise InvalidParameter("headers", "a header holds what no header can")
        if name.lower() == b"content-length":
            lengths.append(value.strip())
        elif name.lower() == b"transfer-encoding":
            codings.append(value.strip().lower())
    if len(lengths) + len(codings) > 1 or not all(map(_DIGITS.fullmatch, lengths)):
        raise InvalidParameter("headers", "nobody could tell how long the body is")
    if codings and codings != [b"chunked"]:
        raise InvalidParameter("headers", "the only transfer coding that is taken is chunked")
    return Framing(bool(lengths or codings), int(lengths[0]) if lengths else None)


def to_vendor(headers: Iterable[RawHeader], further: Iterable[str], key: str | None) -> tuple[RawHeader, ...]:
    """Return the headers that the vendor is given.

    Args:
        headers: the caller's.
        further: names that the configuration adds.
        key: the caller's gateway key; a header that holds it stays here.
    """
    named = list(headers)
    allowed = REQUEST | {name.encode("ascii") for name in further}
    # RFC 9110 section 7.6.1: what `Connection` names is meant for us alone.
    own = {
        option.strip().lower()
        for name, value in named
        if name.lower() == b"connection"
        for option in value.split(b",")
    }
    secret = key.encode("latin-1", "replace") if key and len(key) >= SHORTEST_SECRET else None
    return tuple(
        (name.lower(), value)
        for name, value in named
        if name.lower() in allowed - own and (secret is None or secret not in value)
    )


def to_caller(headers: Sequence[RawHeader], further: Iterable[str]) -> list[RawHeader]:
    """Return the headers that the caller is given, without `Location`.

    Args:
        headers: the vendor's, by lower-case name.
        further: names that the configuration adds.
    """
    allowed = ANSWER | {name.encode("ascii") for name in further}
    given = [
        (name, value)
        for name, value in headers
        if (name in allowed or name.startswith(ANSWER_FAMILIES)) and _VALUE.fullmatch(value)
    ]
    # `X-Request-Id` of an answer is the gateway's own.
    given += [(b"x-vendor-request-id", value) for name, value in headers if name == b"x-request-id"]
    return [*given, (b"cache-control", _cache_control(headers))]


def _cache_control(headers: Iterable[RawHeader]) -> bytes:
    """Say that nobody else may have it: the vendor does not know of the keys by which we tell callers apart."""
    said = b",".join(value.lower() for name, value in headers if name == b"cache-control")
    return b"no-store" if b"no-store" in said else b"private, no-cache"


def location(value: str, asked: str, base_url: str, prefix: str) -> str | None:
    """Return where a vendor's redirect leads by way of the gateway; None when it leads elsewhere.

    Args:
        value: the vendor's `Location`.
        asked: the URL that was asked for.
        base_url: the connection's.
        prefix: what stands before the vendor's paths at the gateway.
    """
    try:
        target, base = urlsplit(urljoin(asked, value)), urlsplit(base_url)
        same = (target.scheme, target.netloc.lower()) == (base.scheme, base.netloc.lower())
    except ValueError:
        return None
    below = base.path.rstrip("/")
    if not same or not target.path.startswith(f"{below}/"):
        return None
    rest = target.path[len(below) :]
    try:
        # Only what would be let in again: anything else, `//elsewhere` say, is for a client to make something of.
        checked(rest.encode("ascii"), target.query.encode("ascii"))
    except (InvalidParameter, UnicodeEncodeError):
        return None
    query = f"?{target.query}" if target.query else ""
    fragment = f"#{target.fragment}" if target.fragment else ""
    return f"{prefix}{rest}{query}{fragment}"
