"""One request on its way to a vendor, and the vendor's answer on its way back."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from adapters.contract import Http
from adapters.errors import VendorError, error_class
from adapters.forwarding import Forward, Forwarded
from gateway.answers import RawHeader
from gateway.connections import Connection
from gateway.edge.asgi import Receive
from gateway.errors import BodyTooLarge
from gateway.passthrough.heads import Framing, location, to_caller


class CallerLeft(Exception):
    """The caller closed the connection; there is nobody to answer."""


@dataclass(frozen=True, slots=True)
class Call:
    """A request that may be passed on.

    Attributes:
        connection: whose vendor is asked.
        method: an HTTP method.
        path: below the connection's base URL, as it was sent and checked.
        query: as it was sent and checked.
        segments: of the path.
        headers: those that the vendor is given.
        framing: how long the body is.
        mount: what stands before the vendor's paths at the gateway.
    """

    connection: Connection
    method: str
    path: bytes
    query: bytes
    segments: tuple[str, ...]
    headers: tuple[RawHeader, ...]
    framing: Framing = field(default_factory=lambda: Framing(has_body=False, length=None))
    mount: str = ""

    @property
    def target(self) -> bytes:
        """Return path and query."""
        return self.path + b"?" + self.query if self.query else self.path

    def header(self, name: bytes) -> bytes:
        """Return a header, the lines of a repeated one joined by commas; empty when it is absent."""
        return b", ".join(value for key, value in self.headers if key == name)

    def head_of(self, answer: Forwarded) -> list[RawHeader]:
        """Return the headers of a vendor's answer that the caller is given."""
        head = to_caller(answer.headers, self.connection.settings.passthrough.headers)
        if answer.status in {204, 304}:
            # There is no body, and a length would have the server wait for one.
            head = [pair for pair in head if pair[0] != b"content-length"]
        told = [value for name, value in answer.headers if name == b"location"]
        if len(told) == 1 and told[0].isascii():
            asked = self.connection.base_url + self.target.decode("ascii")
            found = location(told[0].decode("ascii"), asked, self.connection.base_url, self.mount)
            if found is not None:
                head.append((b"location", found.encode("ascii")))
        return head


async def opened(call: Call, forward: Forward, stack: AsyncExitStack) -> Forwarded:
    """Send a request and return the vendor's answer, whatever it says; the call is over when the stack is left.

    Raises:
        VendorError: there is no answer.
    """
    held: list[Forwarded] = []

    async def operation(_: Http) -> Forwarded:
        answer = await stack.enter_async_context(call.connection.http.forward(forward))
        held.append(answer)
        if answer.status >= 400:
            # For the connection's health and the figures, which do not care who asked.
            message = f"{call.connection.vendor.title} answered {answer.status}"
            raise error_class(answer.status)(message, status=answer.status)
        return answer

    try:
        return await call.connection.call(operation)
    except VendorError:
        if not held:
            raise
        return held[0]


async def body_of(receive: Receive, most_bytes: int) -> AsyncIterator[bytes]:
    """Yield a request's body as it comes.

    Raises:
        CallerLeft: it breaks off.
        BodyTooLarge: it is larger than that.
    """
    seen, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise CallerLeft
        piece: bytes = message.get("body", b"")
        seen += len(piece)
        if seen > most_bytes:
            raise BodyTooLarge(most_bytes)
        if piece:
            yield piece
        more = message.get("more_body", False)
