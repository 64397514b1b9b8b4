"""What lies beneath httpx: its transport API over asyncio and llhttp, HTTP/1.1 only (RFC 9112).

A line is one connection to the vendor's server. It serves one exchange at a time and is used again only when the
exchange before it came to its proper end; whoever leaves early, for whatever reason, costs the line and nothing else.
Nothing is counted here, so nothing can be lost: how many calls run at once is the caller's to bound.
"""

import asyncio
import contextlib
import math
import ssl
from collections.abc import AsyncIterator, Callable
from copy import copy
from functools import cached_property
from typing import Final, Self

import httpx
from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser
from typing_extensions import override

from adapters.dialling import Names, dial
from adapters.outgoing import still_coming, written_out

MAX_HEAD_BYTES: Final = 64 * 1024
"""For all headers of an answer, its interim answers and trailers included."""
MAX_UNREAD_BYTES: Final = 256 * 1024
"""Of a body that nobody takes; beyond it the server has to wait."""
IDLE_SECONDS: Final = 30.0
WRITE_IDLE_SECONDS: Final = 1.0
"""A write takes no line that lay idle for longer. Servers close idle lines, some after two seconds, and of a write that
meets the closing nobody knows whether it was done (RFC 9112 section 9.3.1)."""
CLOSE_SECONDS: Final = 1.0
"""Closing takes a turn of the loop; whoever closes must not hang on one that says nothing."""
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})

Header = tuple[bytes, bytes]


class Pool(httpx.AsyncBaseTransport):
    """Lines to one server, opened when none is free.

    The timeouts that a client notes in its requests are not read: the caller bounds the whole call.
    """

    def __init__(
        self,
        url: httpx.URL,
        connect_seconds: float,
        tls: Callable[[], ssl.SSLContext],
        *,
        private: bool = False,
    ) -> None:
        """Make a pool; nothing is opened yet.

        Args:
            url: scheme, host and port of every request to come.
            connect_seconds: to open a line, encryption included.
            tls: makes the context for https; not called for http, since reading the authorities' certificates
                takes longer than many a call.
            private: whether the server may be at a private address.
        """
        self._encrypted = url.scheme == "https"
        port = url.port or (443 if self._encrypted else 80)
        self._names = Names(url.raw_host.decode("ascii"), port, private=private)
        self._connect_seconds = connect_seconds
        self._make_tls = tls
        self._lines: set[_Line] = set()
        self._free: list[_Line] = []
        self._sweep: asyncio.TimerHandle | None = None
        self._closed = False

    @override
    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request; returns once the head of the answer is here.

        Raises:
            httpx.TransportError: one of its classes, by what went wrong.
        """
        # What is not whole yet is written as it comes, and cannot be written a second time.
        whole = isinstance(request.stream, httpx.ByteStream)
        written = written_out(request, await request.aread() if whole else b"", whole=whole)
        coming = None if whole else still_coming(request)
        line = self._take(request.method)
        if line is not None:
            try:
                return await self._exchange(line, request.method, written, coming)
            except _Stale:
                # The server closed it while we wrote (RFC 9112 section 9.3.1); only what changes nothing is sent again.
                if coming is not None or request.method not in _SAFE:
                    raise
        return await self._exchange(await self._open(), request.method, written, coming)

    @override
    async def aclose(self) -> None:
        """Close every line; an exchange under way fails."""
        self._closed = True
        if self._sweep is not None:
            self._sweep.cancel()
        lines = tuple(self._lines)
        for line in lines:
            line.abort()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_SECONDS):
                await asyncio.gather(*(line.lost.wait() for line in lines))

    async def _exchange(
        self, line: "_Line", method: str, written: bytes, coming: AsyncIterator[bytes] | None
    ) -> httpx.Response:
        try:
            status, headers = await line.ask(written, coming, bodiless=method == "HEAD")
        except BaseException:
            line.abort()
            raise
        return httpx.Response(status, headers=headers, stream=_Body(self, line))

    def _take(self, method: str) -> "_Line | None":
        """Return the line used last that is still good for a method, if there is one."""
        oldest = -math.inf
        if method not in _SAFE:
            oldest = asyncio.get_running_loop().time() - WRITE_IDLE_SECONDS
        while self._free and self._free[-1].free_since >= oldest:
            line = self._free.pop()
            if line.ready:
                return line
        return None

    def put_back(self, line: "_Line") -> None:
        """Keep a line for the next exchange, or close it where it cannot serve another."""
        if self._closed or not line.ready:
            line.abort()
            return
        loop = asyncio.get_running_loop()
        line.free_since = loop.time()
        self._free.append(line)
        if self._sweep is None:
            self._sweep = loop.call_later(IDLE_SECONDS, self._close_idle)

    def _close_idle(self) -> None:
        """Close the lines that nobody has used for a while: the free ones stand in that order."""
        loop = asyncio.get_running_loop()
        self._sweep = None
        while self._free and self._free[0].free_since + IDLE_SECONDS <= loop.time():
            self._free.pop(0).abort()
        if self._free:
            self._sweep = loop.call_at(self._free[0].free_since + IDLE_SECONDS, self._close_idle)

    async def _open(self) -> "_Line":
        made: list[_Line] = []
        line: _Line | None = None

        def make() -> _Line:
            made.append(_Line(self._lines))
            return made[-1]

        try:
            async with asyncio.timeout(self._connect_seconds):
                tls = self._tls if self._encrypted else None
                line = await dial(self._names, tls, make)
        except TimeoutError as error:
            raise httpx.ConnectTimeout("no connection in time") from error
        except (OSError, UnicodeError) as error:
            raise httpx.ConnectError(str(error)) from error
        finally:
            for other in made:
                if other is not line:
                    other.abort()
        # Only now: a connection whose opening is cancelled is closed by the loop, which may not say so.
        if not line.lost.is_set():
            self._lines.add(line)
        return line

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return self._make_tls()


class _Stale(httpx.RemoteProtocolError):
    """A line was lost before a byte of the answer came, after it had served before."""


class _Body(httpx.AsyncByteStream):
    """The body of one answer, as it comes; closing it frees the line."""

    def __init__(self, pool: Pool, line: "_Line") -> None:
        self._pool = pool
        self._line: _Line | None = line

    @override
    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        piece = b"" if self._line is None else await self._line.piece()
        if not piece:
            raise StopAsyncIteration
        return piece

    @override
    async def aclose(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            self._pool.put_back(line)


class _Line(asyncio.Protocol):
    """One connection, and the exchange on it. Methods named `on_...` are called by the parser."""

    def __init__(self, open_lines: "set[_Line]") -> None:
        self.free_since = 0.0
        self.lost = asyncio.Event()
        self._open_lines = open_lines
        self._parser = HttpResponseParser(self)
        self._transport: asyncio.Transport | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._failure: httpx.TransportError | None = None
        self._exchanges = 0
        self._idle = True
        self._full = False
        self._begin(bodiless=False)

    def _begin(self, *, bodiless: bool) -> None:
        self._bodiless = bodiless
        self._headers: list[Header] = []
        self._pieces: list[bytes] = []
        self._head_bytes = self._header_bytes = self._unread = self._status = 0
        self._framed = self._headed = self._whole = self._paused = self._cut = False
        self._reusable = True

    @property
    def ready(self) -> bool:
        """Whether another exchange can begin."""
        sound = self._failure is None and not self.lost.is_set() and not self._cut
        return self._idle and self._reusable and not self._paused and sound

    async def ask(
        self, written: bytes, coming: AsyncIterator[bytes] | None = None, *, bodiless: bool
    ) -> tuple[int, list[Header]]:
        """Send a request, with what is still coming of it, and return the status and headers of the answer."""
        self._begin(bodiless=bodiless)
        self._idle = False
        self._exchanges += 1
        if self._transport is None:
            raise httpx.ReadError("the server closed the connection at once")
        self._transport.write(written)
        if coming is not None:
            await self._pour(coming)
        while not self._headed:
            await self._news()
        return self._status, self._headers

    async def _pour(self, coming: AsyncIterator[bytes]) -> None:
        """Write the rest of a request no faster than the server takes it, and only until it answers."""
        async for piece in coming:
            while self._full and not self._headed:
                await self._news()
            if self._headed or self._failure is not None or self._transport is None:
                self._cut = True
                return
            self._transport.write(piece)

    async def piece(self) -> bytes:
        """Return what has come of the body since last time; nothing at its end."""
        while not self._pieces:
            if self._whole:
                return b""
            await self._news()
        joined = self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces)
        self._pieces.clear()
        self._unread = 0
        if self._paused and self._transport is not None:
            self._paused = False
            self._transport.resume_reading()
        return joined

    def abort(self) -> None:
        """Close at once, whatever is under way."""
        self._fail(httpx.ReadError("the connection was closed on our side"))
        if self._transport is not None:
            self._transport.abort()

    async def _news(self) -> None:
        """Wait until more of the answer is here."""
        if self._failure is not None:
            raise copy(self._failure)  # one that was raised remembers who it met, this line too
        self._waiter = asyncio.get_running_loop().create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _fail(self, failure: httpx.TransportError) -> None:
        if self._failure is None:
            self._failure = failure
        self._wake()

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment] # a stream's transport is asyncio.Transport

    @override
    def data_received(self, data: bytes) -> None:
        if not self._headed:
            self._head_bytes += len(data)
        try:
            self._parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade):
            # The parser's words quote what the server sent.
            self._fail(httpx.RemoteProtocolError("the server does not speak HTTP/1.1"))
        if not self._headed and self._head_bytes > MAX_HEAD_BYTES:
            self._fail(httpx.RemoteProtocolError("the head of the answer is too large"))
        if self._failure is not None:
            self.abort()
        self._wake()

    @override
    def pause_writing(self) -> None:
        self._full = True

    @override
    def resume_writing(self) -> None:
        self._full = False
        self._wake()

    @override
    def eof_received(self) -> None:
        self._reusable = False
        if self._failure is None and self._headed and not self._framed:
            # RFC 9112 section 6.3, rule 8: without a length the body lasts until the connection ends.
            self._whole = True
        elif not self._idle:
            early = not self._head_bytes and self._exchanges > 1
            failure = _Stale if early else httpx.RemoteProtocolError
            self._fail(failure("the server closed the connection before its answer was whole"))
        self._wake()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._open_lines.discard(self)
        self._transport = None
        del self._parser  # the two hold each other
        if exc is None:
            self.eof_received()
        else:
            early = not self._head_bytes and self._exchanges > 1
            self._fail((_Stale if early else httpx.ReadError)(str(exc)))
        self.lost.set()

    def on_message_begin(self) -> None:
        if self._idle or self._headed:
            raise ValueError("an answer that nobody asked for")

    def on_header(self, name: bytes, value: bytes) -> None:
        self._header_bytes += len(name) + len(value)
        if self._header_bytes > MAX_HEAD_BYTES:
            raise ValueError("too many headers")
        if not self._headed:
            self._headers.append((name, value))

    def on_headers_complete(self) -> None:
        self._status = self._parser.get_status_code()
        if self._status < 200:
            self._headers.clear()
            return
        names = {name.lower() for name, _ in self._headers}
        self._framed = not names.isdisjoint({b"content-length", b"transfer-encoding"})
        self._reusable = self._parser.should_keep_alive()
        self._headed = True
        if self._bodiless:
            # The parser waits for a body that an answer to HEAD announces and does not have.
            self._reusable, self._whole = False, True

    def on_body(self, body: bytes) -> None:
        self._pieces.append(body)
        self._unread += len(body)
        if self._unread > MAX_UNREAD_BYTES and not self._paused and self._transport is not None:
            self._paused = True
            self._transport.pause_reading()

    def on_message_complete(self) -> None:
        if self._headed:
            self._whole = self._idle = True
