"""The short way inside the server: an answer that is ready is written as soon as its request's head is read.

A task for every request, its events, and an answer taken apart into messages cost more than finding the answer. uvicorn
takes a protocol class for its `http` setting; this one looks for an answer before it prepares all that. Whatever is not
the plainest GET is left to uvicorn, and then to the short way as an ASGI layer. The lock file holds uvicorn's version;
tests/gateway/test_protocol.py says whether another one can be taken.
"""

import asyncio
import sys
from typing import Any, Final, Protocol

from typing_extensions import override
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from gateway.answers import written
from gateway.desk import Given
from gateway.edge.clients import LINE, Clients
from gateway.edge.short_way import ShortWay
from gateway.edge.strict_heads import MOST_HEAD_BYTES, TOO_LARGE, Refusal, refusal, without_offer
from gateway.settings.models import ServerSettings

_ONE_WRITE_BYTES: Final = 64 * 1024
"""Up to here head and body are joined: copying costs less than a second buffer."""


MOST_PIPELINED: Final = 128
"""Requests that may wait for an answer on one connection."""

_TOO_SLOW: Final = Refusal("408 Request Timeout", "The request did not come in time")
_FULL: Final = Refusal("503 Service Unavailable", "Too many connections are open", 1)
_READS: Final = frozenset({"GET", "HEAD"})


class HasShortWay(Protocol):
    """An application that has a short way, now this one and later perhaps another."""

    short_way: ShortWay


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

    It has no timers of its own: `Clients` has it look now and then. When the client leaves, a read that is under way
    for it is cancelled; a write goes on, so that what came of it is known.

    Some clients offer an empty list of subprotocols, for which the parser of the handshake would answer 400 (RFC 6455
    section 4.1 wants at least one name in it): here it is taken for none.
    """

    left = False
    _moved = False
    _unfinished_bytes = 0
    _unsent_bytes = 0
    _piece = b""
    _refusal: Refusal | None = None
    _answering: RequestResponseCycle | None = None
    _task: asyncio.Task[None] | None = None

    def __init__(self, clients: Clients, **given: Any) -> None:
        """Make the protocol of one connection.

        Args:
            clients: all connections of the process.
            given: what uvicorn gives.
        """
        super().__init__(**given)
        self._clients = clients
        # Moments of the latest look at the connections: when the head began, a piece of the body came, an answer was
        # whole, and something was last taken of what is to be sent.
        self._head_at = self._heard_at = self._answered_at = self._taken_at = clients.now

    @override
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        if not self._clients.enter(self, self.loop):
            transport.write(_FULL.written)
            transport.set_protocol(asyncio.Protocol())
            transport.close()
            return
        self._head_at = self._clients.now
        super().connection_made(transport)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self.left = True
        self._clients.leave(self)
        self.pipeline.clear()
        super().connection_lost(exc)
        cycle, task = self._answering, self._task
        if cycle is None or task is None or cycle.response_complete:
            return
        # uvicorn tells the request that came last, which may have to wait for this one.
        cycle.disconnected = True
        cycle.message_event.set()
        if cycle.scope["method"] in _READS:
            task.cancel()

    @override
    def data_received(self, data: bytes) -> None:
        # Counted by what arrives and not by header: the parser holds a value back until it has all of it.
        self._moved = False
        self._piece = data
        super().data_received(data)
        self._piece = b""
        if self._moved:
            self._unfinished_bytes = 0
            return
        if not self._unfinished_bytes and self.cycle is not None:
            self._head_at = self._clients.now
        self._unfinished_bytes += len(data)
        if self._unfinished_bytes > MOST_HEAD_BYTES and not self.transport.is_closing():
            self._refuse(TOO_LARGE)

    @override
    def on_headers_complete(self) -> None:
        self._moved = True
        self._heard_at = self._clients.now
        self.scope[LINE] = self  # type: ignore[typeddict-unknown-key] # ours
        parser = self.parser
        self._refusal = refusal(parser.get_http_version(), parser.get_method(), self.url, self.headers)
        if self._refusal is not None:
            # The parser stops, and `send_400_response` is called.
            raise ValueError(self._refusal.text)
        if self._offers_unknown():
            return
        super().on_headers_complete()
        if not (parser.should_upgrade() and self._should_upgrade()):
            # What comes now are trailers (RFC 9110 section 6.5.1): they are not put among the headers.
            self.headers = []
            if self._clients.ending:
                self.cycle.keep_alive = False
        if len(self.pipeline) > MOST_PIPELINED:
            # uvicorn takes it for a request that it cannot read, and closes the connection.
            raise ValueError("too many requests at once")

    @override
    def on_body(self, body: bytes) -> None:
        self._moved = True
        self._heard_at = self._clients.now
        super().on_body(body)

    @override
    def on_message_complete(self) -> None:
        self._moved = True
        if not self._offers_unknown():
            super().on_message_complete()

    def _offers_unknown(self) -> bool:
        """Say whether the request offers a protocol that is not spoken here, as Java's client does with HTTP/2."""
        return self.parser.should_upgrade() and not self._should_upgrade()

    @override
    def _unsupported_upgrade_warning(self) -> None:
        """Take such a request for the one of HTTP/1.1 that it is too (RFC 9110 section 7.8).

        The parser left at the end of its head, and would take its body for the next request.
        """
        left = sys.exception()
        rest = self._piece[left.args[0] :] if left is not None else b""
        head = without_offer(self.parser.get_method(), self.url, self.headers)
        self.parser = type(self.parser)(self)
        super().data_received(head + rest)

    @override
    def send_400_response(self, msg: str) -> None:
        if self._is_answering():
            # It would be taken for the answer to a request that came before.
            self.transport.close()
        elif self._refusal is None:
            super().send_400_response(msg)
        else:
            self.transport.write(self._refusal.written)
            self.transport.close()

    def _is_answering(self) -> bool:
        """Say whether an answer is under way to something else than what is read now."""
        cycle: RequestResponseCycle | _Answered | None = self.cycle
        if not isinstance(cycle, RequestResponseCycle) or cycle.response_complete:
            return False
        return cycle.response_started or not cycle.more_body or bool(self.pipeline)

    @override
    def on_response_complete(self) -> None:
        # As uvicorn's, without the timer that every answer would set and every request take back.
        self.server_state.total_requests += 1
        self._answered_at = self._clients.now
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())

    @override
    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        if self._clients.ending:
            cycle.keep_alive = False
        self._answering = cycle
        self._task = self.loop.create_task(cycle.run_asgi(app))
        self._task.add_done_callback(self.tasks.discard)
        self.tasks.add(self._task)

    @override
    def resume_writing(self) -> None:
        self._unsent_bytes = 0
        super().resume_writing()

    @override
    def handle_websocket_upgrade(self) -> None:
        self._clients.upgrade(self, self.transport)
        self.headers[:] = [
            (name, value)
            for name, value in self.headers
            if name != b"sec-websocket-protocol" or value.strip()
        ]
        super().handle_websocket_upgrade()

    def look(self, now: float, limits: ServerSettings) -> None:
        """End the connection if its client has been waited for long enough."""
        if self._takes_nothing(now, limits.write_seconds):
            self.transport.abort()
        elif not self.transport.is_closing():
            cycle: RequestResponseCycle | _Answered | None = self.cycle
            if isinstance(cycle, RequestResponseCycle) and not cycle.response_complete:
                self._look_at_body(cycle, now - self._heard_at > limits.body_idle_seconds)
            elif cycle is None or self._unfinished_bytes:
                self._look_at_head(now - self._head_at > limits.head_seconds)
            elif now - self._answered_at > limits.keep_alive_seconds + self._clients.look_seconds:
                self.transport.close()

    def _takes_nothing(self, now: float, seconds: float) -> bool:
        """Say whether the client has taken nothing for so long; only asked where nothing is added to what it gets."""
        if not (self.flow.write_paused or self.transport.is_closing()):
            self._unsent_bytes = 0
            return False
        unsent = self.transport.get_write_buffer_size()
        if not self._unsent_bytes or unsent < self._unsent_bytes:
            self._unsent_bytes, self._taken_at = unsent, now
            return False
        return now - self._taken_at > seconds

    def _look_at_head(self, late: bool) -> None:  # noqa: FBT001 - one word for one comparison
        if late and self._unfinished_bytes:
            self._refuse(_TOO_SLOW)
        elif late:
            self.transport.close()

    def _look_at_body(self, cycle: RequestResponseCycle, late: bool) -> None:  # noqa: FBT001 - likewise
        # Whoever is told to wait, or is not read from, is not late.
        if late and cycle.more_body and not (cycle.waiting_for_100_continue or self.flow.read_paused):
            self._refuse(_TOO_SLOW)

    def _refuse(self, refusal: Refusal) -> None:
        """Say why no more is read, unless that would be taken for another answer, and close."""
        self._refusal = refusal
        self.send_400_response("")


class ShortWayProtocol(GuardedProtocol):
    """uvicorn's protocol with the short way in front of the application."""

    def __init__(self, application: HasShortWay, clients: Clients, **given: Any) -> None:
        """Make the protocol of one connection.

        Args:
            application: its short way finds what can be answered at once; it is asked for it each time.
            clients: all connections of the process.
            given: what uvicorn gives.
        """
        super().__init__(clients, **given)
        self._application = application
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
            or self._clients.ending
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
        return self._application.short_way.answer("GET", path, query, self.headers)

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
