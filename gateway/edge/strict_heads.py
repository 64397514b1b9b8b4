"""Heads of requests that two readers could read differently, and those that are too much to read: refused at once.

The parser is strict already about lengths, chunks, line ends and the characters of names and values. What is here it
lets pass, and some server in front of the gateway may take it for something else (RFC 9112 sections 3, 6 and 11.2).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from gateway.answers import RawHeader

MOST_HEAD_BYTES: Final = 64 * 1024
"""Of a request's head; of one that is not complete, give or take what one read of the socket brings."""

MOST_HEADERS: Final = 256
"""Lines in a request's head."""

_OFFER: Final = frozenset({b"upgrade", b"http2-settings"})

_HOST: Final = re.compile(rb"[A-Za-z0-9._~!$&'()*+,;=%-]*(:[0-9]*)?|\[[0-9A-Fa-f:.]+\](:[0-9]*)?")
_ABSOLUTE: Final = re.compile(rb"[Hh][Tt][Tt][Pp][Ss]?://([^/?#]*)")


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer to a head that is not read any further.

    Attributes:
        status: code and phrase.
        text: says why.
        retry_after: seconds after which it may be tried again; None where that helps nothing.
    """

    status: str
    text: str
    retry_after: int | None = None

    @property
    def written(self) -> bytes:
        """Return the whole answer; the connection is closed after it, since nobody knows where the next begins."""
        again = () if self.retry_after is None else (f"retry-after: {self.retry_after}",)
        lines = (
            f"HTTP/1.1 {self.status}",
            "content-type: text/plain; charset=utf-8",
            f"content-length: {len(self.text)}",
            "connection: close",
            *again,
        )
        return "\r\n".join((*lines, "", self.text)).encode("ascii")


TOO_LARGE: Final = Refusal("431 Request Header Fields Too Large", "The head of the request is too large")


def refusal(version: str, method: bytes, target: bytes, headers: Sequence[RawHeader]) -> Refusal | None:
    """Return why a head is refused, or None.

    Args:
        version: as the parser tells it, such as `1.1`.
        method: as it was sent.
        target: likewise.
        headers: the lines, with names in lower case.
    """
    size = len(target) + sum(len(name) + len(value) + 4 for name, value in headers)
    if size > MOST_HEAD_BYTES or len(headers) > MOST_HEADERS:
        return TOO_LARGE
    if version not in ("1.1", "1.0"):
        return Refusal("505 HTTP Version Not Supported", "HTTP/1.1 and HTTP/1.0 are spoken here")
    hosts = [value for name, value in headers if name == b"host"]
    if len(hosts) > 1 or (not hosts and version == "1.1"):
        return _bad("A request has one Host header")
    if hosts and not _HOST.fullmatch(hosts[0]):
        return _bad("The Host header is no host")
    return _target(method, target, hosts) or _codings(version, headers)


def without_offer(method: bytes, target: bytes, headers: Sequence[RawHeader]) -> bytes:
    """Return a head without what offers another protocol, as it is sent."""
    lines = [b"%b %b HTTP/1.1" % (method, target)]
    for name, value in headers:
        if name == b"connection":
            options = [option.strip() for option in value.split(b",")]
            kept = [option for option in options if option.lower() not in _OFFER]
            lines += [b"connection: " + b", ".join(kept)] if kept else []
        elif name not in _OFFER:
            lines.append(b"%b: %b" % (name, value))
    return b"\r\n".join((*lines, b"", b""))


def _target(method: bytes, target: bytes, hosts: Sequence[bytes]) -> Refusal | None:
    if b"#" in target:
        return _bad("The target of a request has no fragment")
    if target.startswith(b"/") or (target == b"*" and method == b"OPTIONS"):
        return None
    absolute = _ABSOLUTE.match(target)
    if absolute is None:
        return _bad("The target of a request is a path, or a whole URL")
    if [absolute[1].lower()] != [host.lower() for host in hosts]:
        return _bad("The target of the request names another host than its Host header")
    return None


def _codings(version: str, headers: Sequence[RawHeader]) -> Refusal | None:
    codings = [value.strip().lower() for name, value in headers if name == b"transfer-encoding"]
    if not codings:
        return None
    if version == "1.0":
        return _bad("HTTP/1.0 has no transfer codings")
    if codings != [b"chunked"]:
        return Refusal("501 Not Implemented", "The only transfer coding that is taken is chunked, once")
    return None


def _bad(text: str) -> Refusal:
    return Refusal("400 Bad Request", text)
