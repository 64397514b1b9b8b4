"""Requests as they travel: HTTP/1.1 written out (RFC 9112), and nothing that could be taken for two."""

from collections.abc import AsyncIterator
from typing import Final

import httpx
from typing_extensions import override

_FRAMING: Final = frozenset({b"content-length", b"transfer-encoding"})


class Outgoing(httpx.AsyncByteStream):
    """A request's body that is not here yet."""

    def __init__(self, upload: AsyncIterator[bytes]) -> None:
        self._upload = upload

    @override
    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._upload


def written_out(request: httpx.Request, body: bytes, *, whole: bool) -> bytes:
    """Return a request, or its head where the body is not whole yet, as it travels (RFC 9112 section 3)."""
    method, headers = request.method, request.headers.raw
    target = request.extensions.get("target", request.url.raw_path)
    head = b"%b %b HTTP/1.1\r\n" % (method.encode("ascii"), target)
    head += b"".join([b"%b: %b\r\n" % header for header in headers]) + b"\r\n"
    ends = len(headers) + 2
    if head.count(b"\r") != ends or head.count(b"\n") != ends or b"\0" in head or not method.isalpha():
        raise httpx.LocalProtocolError("a line break or null in the head of a request")
    if target.count(b" ") or not target.startswith(b"/"):
        raise httpx.LocalProtocolError("the target of a request is no path")
    framing = [name.lower() for name, _ in headers if name.lower() in _FRAMING]
    if len(framing) > 1 or (whole and b"transfer-encoding" in framing) or not (whole or framing):
        raise httpx.LocalProtocolError("nobody could tell where the body of a request ends")
    return head + body


async def still_coming(request: httpx.Request) -> AsyncIterator[bytes]:
    """Yield the body of a request as it travels: as long as was said, or in chunks (RFC 9112 section 7.1)."""
    left = int(request.headers.get("content-length", -1))
    async for piece in aiter(request.stream):  # type: ignore[arg-type] # only asynchronous streams come here
        if left < 0:
            if piece:
                yield b"%x\r\n%b\r\n" % (len(piece), piece)
        elif len(piece) > left:
            raise httpx.LocalProtocolError("the body of a request is longer than was said")
        else:
            left -= len(piece)
            yield piece
    if left > 0:
        raise httpx.LocalProtocolError("the body of a request is shorter than was said")
    if left < 0:
        yield b"0\r\n\r\n"
