"""The rules of every call to a vendor, spoken in httpx; `adapters.pool` is what lies beneath.

It turns path segments into a URL that stays on the connection's host, presents the credential, bounds time, calls at
once and bytes, and translates every outcome that is not a 2xx with JSON into the errors of `adapters.errors`.
"""

import asyncio
import ssl
import time
import zlib
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from typing import Final, Self

import httpx
from typing_extensions import override

from adapters.addresses import AddressRefused
from adapters.answers import MIN_MASKED_LENGTH, Answers, conditions, declared, refused, unpacked, validators
from adapters.contract import Answer, Http, Parameters, Vendor
from adapters.errors import (
    InvalidRequest,
    NotModified,
    VendorBusy,
    VendorError,
    VendorSurprise,
    VendorTimeout,
    VendorUnreachable,
)
from adapters.forwarding import Forward, Forwarded, ForwardingHttp, is_events
from adapters.limits import Limits
from adapters.onlooking import NOBODY, TRACE_HEADERS, Onlooker, Seen
from adapters.outgoing import Outgoing
from adapters.paths import encode, query
from adapters.pieces import Bounds, Pieces, Upload
from adapters.pool import Pool
from schemas.base import JsonValue
from schemas.json_codec import dumps

_MAY_HOLD_CONTENT: Final = frozenset({"POST", "PUT", "PATCH"})
_AS_IT_COMES: Final = (("accept", "text/event-stream, */*;q=0.5"), ("accept-encoding", "identity"))
_OURS: Final = frozenset({b"host", b"accept-encoding", b"content-length", b"transfer-encoding"})
_PACKED: Final = frozenset({"gzip", "x-gzip", "deflate"})
USER_AGENT: Final = b"workflow-gateway"
_FAILURES: Final = (TimeoutError, httpx.TransportError, httpx.DecodingError, zlib.error)
"""What `Transport._translated` knows."""


class Transport(ForwardingHttp):
    """Calls to one connection's vendor. Use as an async context manager, or call `close`."""

    def __init__(
        self,
        vendor: Vendor,
        base_url: str,
        secret: str,
        limits: Limits | None = None,
        client: httpx.AsyncClient | None = None,
        onlooker: Onlooker = NOBODY,
    ) -> None:
        """Make a transport; no connection is opened yet.

        Args:
            vendor: its title, credential presentation and error reader are used.
            base_url: absolute http or https URL; a path in it is kept in front of every call's.
            secret: the credential; never logged, never part of an error.
            limits: bounds; the defaults when None.
            client: an httpx client to use for every call, for tests; it is closed with the transport.
            onlooker: looks on.

        Raises:
            ValueError: the secret holds characters that cannot travel in a header.
        """
        # The HTTP library would refuse it too, with the secret in the words of its error.
        if not (secret.isascii() and secret.isprintable()):
            raise ValueError(f"the credential for {vendor.title} cannot travel in a header")
        self._vendor = vendor
        self._limits = limits or Limits()
        self._answers = Answers(vendor, secret, self._limits.objects)
        self._hidden = secret.encode("ascii") if len(secret) >= MIN_MASKED_LENGTH else b""
        base = httpx.URL(base_url.rstrip("/"))
        self._base = str(base.copy_with(query=None, fragment=None)).rstrip("/")
        presented = vendor.credential
        self._credential = (presented.header.encode("ascii"), (presented.prefix + secret).encode("ascii"))
        self._host = base.netloc
        self._headers: list[tuple[bytes, bytes]] = [
            (b"Host", self._host),
            (b"Accept", b"application/json"),
            (b"Accept-Encoding", b"gzip, deflate"),
            (b"User-Agent", USER_AGENT),
            self._credential,
        ]
        self._client, self._onlooker = client, onlooker
        self._pool = Pool(base, self._limits.connect_seconds, _tls, private=self._limits.private_addresses)
        self._places = asyncio.Semaphore(self._limits.concurrency)
        self._waiting = 0

    async def close(self) -> None:
        """Close every connection."""
        await self._pool.aclose()
        if self._client is not None:
            await self._client.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @override
    async def get(self, *segments: str, parameters: Parameters | None = None) -> Answer:
        return await self.call(self.request("GET", self.url(*segments, parameters=parameters)))

    @override
    async def send(
        self,
        method: str,
        *segments: str,
        parameters: Parameters | None = None,
        body: JsonValue = None,
    ) -> Answer:
        return await self.call(self.request(method, self.url(*segments, parameters=parameters), body))

    @override
    @asynccontextmanager
    async def stream(
        self,
        method: str,
        *segments: str,
        parameters: Parameters | None = None,
        body: JsonValue = None,
    ) -> AsyncIterator[AsyncIterator[bytes]]:
        request = self.request(method, self.url(*segments, parameters=parameters), body)
        request.headers.update(_AS_IT_COMES)
        async with self._opened(request) as response:
            if not response.is_success:
                told = dict(response.headers.multi_items())
                raise self._answers.error(response.status_code, told, await self._read_in_time(response))
            if response.headers.get("content-encoding", "identity").lower() != "identity":
                message = f"{self._vendor.title} compressed what was to come in pieces"
                raise VendorSurprise(message, status=response.status_code)
            yield self._pieces(response, Bounds(self._limits.idle_seconds))

    @override
    @asynccontextmanager
    async def forward(self, forward: Forward) -> AsyncIterator[Forwarded]:
        request, upload = self._passed_on(forward)
        async with self._opened(request, upload) as response:
            raw = [(name.lower(), value) for name, value in response.headers.raw]
            status, most = response.status_code, None if is_events(raw) else forward.most_bytes
            bodiless = forward.method == "HEAD" or status == 304
            if most is not None and declared(response.headers) > most and not bodiless:
                raise self._answers.too_large(status, most)
            if status >= 400 and "content-encoding" in response.headers:
                # Vendors repeat a key that they refuse, and what is compressed cannot be looked through.
                raise VendorSurprise(f"{self._vendor.title} compressed an error", status=status)
            headers = tuple(pair for pair in raw if not self._hidden or self._hidden not in pair[1])
            body = self._pieces(response, Bounds(self._limits.idle_seconds, most, self._hidden))
            yield Forwarded(status, headers, body)

    @override
    def conditional(self, validators: Mapping[str, str], body: bytes | None = None) -> Http:
        return _Conditional(self, validators, body)

    def url(self, *segments: str, parameters: Parameters | None = None) -> httpx.URL:
        """Return the URL of a call.

        Raises:
            InvalidSegment: a segment is empty, `.`, `..`, too long, or cannot travel in a path.
            InvalidRequest: a parameter, or the whole, cannot travel in a URL.
        """
        text = "/".join([self._base, *map(encode, segments)])
        try:
            if parameters:
                text = f"{text}?{query(parameters)}"
            return httpx.URL(text)
        except UnicodeEncodeError as error:
            raise InvalidRequest("a parameter cannot hold lone surrogates", "query") from error
        except httpx.InvalidURL as error:
            raise InvalidRequest("the ids and parameters are too long for one URL", "query") from error

    def request(
        self,
        method: str,
        url: httpx.URL,
        body: JsonValue = None,
        conditions: Iterable[tuple[bytes, bytes]] = (),
    ) -> httpx.Request:
        """Return a request with the credential; `conditions` are headers of its own."""
        content = b""
        headers = [*self._headers, *conditions]
        if body is not None:
            content = dumps(body)
            headers.append((b"Content-Type", b"application/json"))
        if content or method in _MAY_HOLD_CONTENT:
            headers.append((b"Content-Length", b"%d" % len(content)))
        # Given a stream, httpx adds no headers of its own and looks at nothing twice.
        return httpx.Request(method, url, headers=headers, stream=httpx.ByteStream(content))

    async def call(
        self, request: httpx.Request, *, conditional: bool = False, known: bytes | None = None
    ) -> Answer:
        """Send a request within the bounds of the connection and return the successful answer.

        Raises:
            VendorError: for everything else.
            NotModified: the request is conditional and the answer 304, or its body is the one known.
        """
        try:
            async with asyncio.timeout(self._limits.timeout_seconds):
                await self._take_place()
                try:
                    with self._onlooker.request(request.method) as seen:
                        response = await self._sent(request, seen)
                        try:
                            payload = await self._read(response)
                        finally:
                            await response.aclose()
                finally:
                    self._places.release()
        except _FAILURES as error:
            raise self._translated(error) from error
        same = known is not None and response.status_code == 200 and payload == known
        if same or (conditional and response.status_code == 304):
            title = self._vendor.title
            raise NotModified(f"{title} has nothing newer", validators(response.headers), same_body=same)
        told = dict(response.headers.multi_items())
        with self._onlooker.reading():
            return await self._answers.whole(response.status_code, told, payload)

    def _passed_on(self, forward: Forward) -> tuple[httpx.Request, Upload | None]:
        """Return a caller's request with our host, credential and framing."""
        own = _OURS | TRACE_HEADERS | {self._credential[0].lower()}
        headers = [(b"Host", self._host), (b"Accept-Encoding", b"identity"), self._credential]
        headers += [pair for pair in forward.headers if pair[0] not in own]
        upload = None
        stream: httpx.AsyncByteStream = httpx.ByteStream(b"")
        if forward.body is not None:
            upload = Upload(forward.body, self._limits.idle_seconds, self._limits.timeout_seconds)
            stream = Outgoing(upload)
        if upload is not None and forward.length is None:
            headers.append((b"Transfer-Encoding", b"chunked"))
        elif upload is not None or forward.method in _MAY_HOLD_CONTENT:
            headers.append((b"Content-Length", b"%d" % (forward.length or 0)))
        url = httpx.URL(self._base)
        target = url.raw_path.rstrip(b"/") + forward.target
        # The library would write the target in its own way; this one travels as it is (see `adapters.pool`).
        return httpx.Request(
            forward.method, url, headers=headers, stream=stream, extensions={"target": target}
        ), upload

    @asynccontextmanager
    async def _opened(
        self, request: httpx.Request, upload: Upload | None = None
    ) -> AsyncIterator[httpx.Response]:
        """Send a request and give the answer once its head is here; it keeps its place until it is left."""
        seconds = self._limits.timeout_seconds
        try:
            async with asyncio.timeout(seconds):
                await self._take_place()
        except TimeoutError as error:
            raise self._translated(error) from error
        try:
            with self._onlooker.request(request.method) as seen:
                try:
                    async with asyncio.timeout(seconds) as deadline:
                        if upload is not None:
                            upload.deadline = deadline
                        response = await self._sent(request, seen)
                except _FAILURES as error:
                    raise self._translated(error) from error
                try:
                    yield response
                finally:
                    await response.aclose()
        finally:
            self._places.release()

    async def _read_in_time(self, response: httpx.Response) -> bytes:
        try:
            async with asyncio.timeout(self._limits.timeout_seconds):
                return await self._read(response)
        except _FAILURES as error:
            raise self._translated(error) from error

    def _pieces(self, response: httpx.Response, bounds: Bounds) -> Pieces:
        stream = aiter(response.stream)  # type: ignore[arg-type] # no transport of ours is synchronous
        too_large = partial(self._answers.too_large, response.status_code, bounds.most_bytes or 0)
        return Pieces(stream, bounds, too_large, self._translated)

    async def _sent(self, request: httpx.Request, seen: Seen) -> httpx.Response:
        for name, value in seen.headers:
            request.headers[name] = value
        if self._client is None:
            response = await self._pool.handle_async_request(request)
        else:
            response = await self._client.send(request, stream=True, follow_redirects=False)
        seen.answered(response.status_code)
        return response

    async def _take_place(self) -> None:
        if not self._places.locked():
            await self._places.acquire()
            return
        if self._waiting >= self._limits.queue:
            message = f"{self._limits.concurrency} calls to {self._vendor.title} are under way"
            raise VendorBusy(f"{message} and {self._waiting} wait; try again shortly", retry_after=1.0)
        self._waiting, started = self._waiting + 1, time.perf_counter()
        try:
            await self._places.acquire()
        finally:
            self._waiting -= 1
            self._onlooker.waited(time.perf_counter() - started)

    def _translated(self, error: Exception) -> VendorError:
        """Return our error for one of the HTTP library's; the only place that knows them."""
        title, seconds = self._vendor.title, self._limits.timeout_seconds
        if isinstance(error, httpx.ConnectTimeout):
            seconds = self._limits.connect_seconds
            return VendorTimeout(
                f"{title} accepted no connection within {seconds:g} seconds", never_left=True
            )
        if isinstance(error, TimeoutError | httpx.TimeoutException):
            return VendorTimeout(f"{title} did not answer within {seconds:g} seconds")
        if isinstance(error, httpx.DecodingError | zlib.error):
            return VendorSurprise(f"{title} sent a body that cannot be decompressed")
        if isinstance(error, httpx.RemoteProtocolError):
            return VendorUnreachable(f"{title} closed the connection before its answer was whole")
        unsent = isinstance(error, httpx.ConnectError)
        if isinstance(error.__cause__, AddressRefused):
            return refused(title)
        return VendorUnreachable(f"{title} cannot be reached", never_left=unsent)

    async def _read(self, response: httpx.Response) -> bytes:
        limit = self._limits.response_bytes
        coding = response.headers.get("content-encoding", "identity").strip().lower()
        if "," in coding:
            # Every layer of compression multiplies what one small chunk unpacks to.
            message = f"{self._vendor.title} sent a body that is compressed more than once"
            raise VendorSurprise(message, status=response.status_code)
        size = declared(response.headers)
        pieces: list[bytes] = []
        if size <= limit:
            size = 0
            # The stream and not `aiter_bytes`, which unpacks a piece whole before anybody can count it.
            async for piece in response.stream:  # type: ignore[union-attr] # no transport of ours is synchronous
                size += len(piece)
                if size > limit:
                    break
                pieces.append(piece)
        payload = b"".join(pieces)
        if size <= limit and payload and coding in _PACKED:
            payload = unpacked(payload, coding, limit + 1)
            size = len(payload)
        if size > limit:
            raise self._answers.too_large(response.status_code, limit)
        return payload


class _Conditional(Http):
    """Asks conditionally once, with the first GET; everything else goes as usual."""

    def __init__(self, transport: Transport, known: Mapping[str, str], body: bytes | None) -> None:
        self._transport = transport
        self._conditions = conditions(known)
        self._body = body

    @override
    async def get(self, *segments: str, parameters: Parameters | None = None) -> Answer:
        asked, self._conditions = self._conditions, []
        body, self._body = self._body, None
        transport = self._transport
        request = transport.request("GET", transport.url(*segments, parameters=parameters), conditions=asked)
        return await transport.call(request, conditional=bool(asked), known=body)

    @override
    async def send(
        self,
        method: str,
        *segments: str,
        parameters: Parameters | None = None,
        body: JsonValue = None,
    ) -> Answer:
        return await self._transport.send(method, *segments, parameters=parameters, body=body)

    @override
    def stream(
        self,
        method: str,
        *segments: str,
        parameters: Parameters | None = None,
        body: JsonValue = None,
    ) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        return self._transport.stream(method, *segments, parameters=parameters, body=body)


def _tls() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)
