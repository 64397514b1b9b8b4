"""The short way inside the server: an answer that is ready is written as soon as its request's head is read.

A task for every request, its events, and an answer taken apart into messages cost more than finding the answer. uvicorn
takes a protocol class for its `http` setting; this one looks for an answer before it prepares all that. Whatever is not
the plainest GET is left to uvicorn, and then to the short way as an ASGI layer. The lock file holds uvicorn's version;
tests/gateway/test_protocol.py says whether another one can be taken.
"""

from typing import Any, Final

from typing_extensions import override
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from gateway.answers import written
from gateway.desk import Given
from gateway.edge.short_way import ShortWay

_ONE_WRITE_BYTES: Final = 64 * 1024
"""Up to here head and body are joined: copying costs less than a second buffer."""


MOST_HEAD_BYTES: Final = 64 * 1024
"""Of a request's head or trailers that are not complete, give or take what one read of the socket brings."""

_HEAD_TOO_LARGE: Final = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"content-type: text/plain; charset=utf-8\r\ncontent-length: 36\r\nconnection: close\r\n\r\n"
    b"The head of the request is too large"
)


class _Answered:
    """Stands where uvicorn keeps the request under way: it is over."""

    __slots__ = ("disconnected", "keep_alive", "message_event")
    response_complete: Final = True

    def __init__(self) -> None:
        self.disconnected = False
        self.keep_alive = True
        self.message_event = self

    def set(self) -> None:
        """Wake whoever waits for the request's body: nobody does."""


class GuardedProtocol(HttpToolsProtocol):
    """uvicorn's protocol, that reads only so much of a head, and takes no trailer for a header.

    Some clients offer an empty list of subprotocols, for which the parser of the handshake would answer 400 (RFC 6455
    section 4.1 wants at least one name in it): here it is taken for none.
    """

    _moved = False
    _unfinished_bytes = 0

    @override
    def data_received(self, data: bytes) -> None:
        # Counted by what arrives and not by header: the parser holds a value back until it has all of it.
        self._moved = False
        super().data_received(data)
        if self._moved:
            self._unfinished_bytes = 0
            return
        self._unfinished_bytes += len(data)
        if self._unfinished_bytes > MOST_HEAD_BYTES and not self.transport.is_closing():
            self.transport.write(_HEAD_TOO_LARGE)
            self.transport.close()

    @override
    def on_headers_complete(self) -> None:
        self._moved = True
        super().on_headers_complete()
        if not (self.parser.should_upgrade() and self._should_upgrade()):
            # What comes now are trailers (RFC 9110 section 6.5.1): they are not put among the headers.
            self.headers = []

    @override
    def on_body(self, body: bytes) -> None:
        self._moved = True
        super().on_body(body)

    @override
    def on_message_complete(self) -> None:
        self._moved = True
        super().on_message_complete()

    @override
    def handle_websocket_upgrade(self) -> None:
        self.headers[:] = [
            (name, value)
            for name, value in self.headers
            if name != b"sec-websocket-protocol" or value.strip()
        ]
        super().handle_websocket_upgrade()


class ShortWayProtocol(GuardedProtocol):
    """uvicorn's protocol with the short way in front of the application."""

    def __init__(self, short_way: ShortWay, **given: Any) -> None:
        """Make the protocol of one connection.

        Args:
            short_way: finds what can be answered at once.
            given: what uvicorn gives.
        """
        super().__init__(**given)
        self._short_way = short_way
        self._over = _Answered()

    @override
    def on_headers_complete(self) -> None:
        given = self._found() if self._is_plain() else None
        if given is None:
            super().on_headers_complete()
        else:
            self._moved = True
            self._write(given)

    def _is_plain(self) -> bool:
        """Say whether uvicorn would do nothing but hand the request to the application."""
        cycle: RequestResponseCycle | _Answered | None = self.cycle
        under_way = cycle is not None and not cycle.response_complete
        parser = self.parser
        return not (
            under_way
            or self.expect_100_continue
            or self.flow.write_paused
            or self.limit_concurrency is not None
            or parser.get_method() != b"GET"
            or parser.get_http_version() != "1.1"
            or not parser.should_keep_alive()
            or parser.should_upgrade()
        )

    def _found(self) -> Given | None:
        url = self.url
        if not url.startswith(b"/") or b"#" in url:
            return None
        path, _, query = url.partition(b"?")
        return self._short_way.answer("GET", path, query, self.headers)

    def _write(self, given: Given) -> None:
        made = given.made
        server = b"".join([b"%b: %b\r\n" % pair for pair in self.server_state.default_headers])
        own = b"age: %d\r\ncache-status: %b\r\nx-request-id: %b\r\n%b\r\n" % (
            given.age,
            given.told,
            given.request_id or b"",
            written(given.quota) if given.quota else b"",
        )
        if given.unchanged:
            self.transport.write(b"HTTP/1.1 304 Not Modified\r\n" + server + made.written_unchanged + own)
        elif len(made.body) <= _ONE_WRITE_BYTES:
            pieces = (b"HTTP/1.1 200 OK\r\n", server, made.written, own, made.body)
            self.transport.write(b"".join(pieces))
        else:
            head = b"".join((b"HTTP/1.1 200 OK\r\n", server, made.written, own))
            self.transport.writelines((head, made.body))
        self.cycle = self._over  # type: ignore[assignment] # all that uvicorn asks of it
        self.on_response_complete()
