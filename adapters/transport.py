"""The rules of every call to a vendor, spoken in httpx; `adapters.pool` is what lies beneath.

It turns path segments into a URL that stays on the connection's host, presents the credential, bounds time, calls at
once and bytes, and translates every outcome that is not a 2xx with JSON into the errors of `adapters.errors`.
"""

import asyncio
import ssl
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final, Self

import httpx
from typing_extensions import override

from adapters.contract import Answer, ConditionalHttp, Http, Parameters, Vendor
from adapters.errors import (
    FieldFault,
    InvalidRequest,
    NotModified,
    VendorBusy,
    VendorError,
    VendorMessage,
    VendorSurprise,
    VendorTimeout,
    VendorUnreachable,
    error_class,
)
from adapters.paths import encode, query
from adapters.pool import Pool
from schemas.base import JsonValue
from schemas.json_codec import InvalidJsonError, dumps, loads

_MAY_HOLD_CONTENT: Final = frozenset({"POST", "PUT", "PATCH"})
_PACKED: Final = frozenset({"gzip", "x-gzip", "deflate"})
USER_AGENT: Final = b"workflow-gateway"
MASK: Final = "********"
MIN_MASKED_LENGTH: Final = 8
"""A shorter credential would be found in innocent words."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on the calls of one connection.

    Attributes:
        timeout_seconds: for a whole call, from the queue to the last byte.
        connect_seconds: to open a connection.
        concurrency: calls at once.
        queue: calls that may wait for one of those places.
        response_bytes: the largest body, after decompression.
    """

    timeout_seconds: float = 10.0
    connect_seconds: float = 3.0
    concurrency: int = 32
    queue: int = 128
    response_bytes: int = 16 * 1024 * 1024


class Transport(ConditionalHttp):
    """Calls to one connection's vendor. Use as an async context manager, or call `close`."""

    def __init__(
        self,
        vendor: Vendor,
        base_url: str,
        secret: str,
        limits: Limits | None = None,
        client: httpx.AsyncClient | None = None,
    ) -> None:
        """Make a transport; no connection is opened yet.

        Args:
            vendor: its title, credential presentation and error reader are used.
            base_url: absolute http or https URL; a path in it is kept in front of every call's.
            secret: the credential; never logged, never part of an error.
            limits: bounds; the defaults when None.
            client: an httpx client to use for every call, for tests; it is closed with the transport.

        Raises:
            ValueError: the secret holds characters that cannot travel in a header.
        """
        # The HTTP library would refuse it too, with the secret in the words of its error.
        if not (secret.isascii() and secret.isprintable()):
            raise ValueError(f"the credential for {vendor.title} cannot travel in a header")
        self._vendor = vendor
        self._limits = limits or Limits()
        self._secret = secret
        base = httpx.URL(base_url.rstrip("/"))
        self._base = str(base.copy_with(query=None, fragment=None)).rstrip("/")
        self._headers: list[tuple[bytes, bytes]] = [
            (b"Host", base.netloc),
            (b"Accept", b"application/json"),
            (b"Accept-Encoding", b"gzip, deflate"),
            (b"User-Agent", USER_AGENT),
            (vendor.credential.header.encode("ascii"), (vendor.credential.prefix + secret).encode("ascii")),
        ]
        self._client = client
        self._pool = Pool(base, self._limits.connect_seconds, _tls)
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
    def conditional(self, validators: Mapping[str, str]) -> Http:
        return _Conditional(self, validators)

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

    async def call(self, request: httpx.Request, *, conditional: bool = False) -> Answer:
        """Send a request within the bounds of the connection and return the successful answer.

        Raises:
            VendorError: for everything else.
            NotModified: the request is conditional and the answer 304.
        """
        try:
            async with asyncio.timeout(self._limits.timeout_seconds):
                await self._take_place()
                try:
                    response = await self._sent(request)
                    try:
                        payload = await self._read(response)
                    finally:
                        await response.aclose()
                finally:
                    self._places.release()
        except (TimeoutError, httpx.TransportError, httpx.DecodingError) as error:
            translated = self._translated(error)
            translated.never_left = isinstance(error, httpx.ConnectError | httpx.ConnectTimeout)
            raise translated from error
        if conditional and response.status_code == 304:
            raise NotModified(f"{self._vendor.title} has nothing newer", _validators(response.headers))
        return self._answer(response, payload)

    async def _sent(self, request: httpx.Request) -> httpx.Response:
        if self._client is None:
            return await self._pool.handle_async_request(request)
        return await self._client.send(request, stream=True, follow_redirects=False)

    async def _take_place(self) -> None:
        if not self._places.locked():
            await self._places.acquire()
            return
        if self._waiting >= self._limits.queue:
            message = f"{self._limits.concurrency} calls to {self._vendor.title} are under way"
            raise VendorBusy(f"{message} and {self._waiting} wait; try again shortly", retry_after=1.0)
        self._waiting += 1
        try:
            await self._places.acquire()
        finally:
            self._waiting -= 1

    def _translated(self, error: Exception) -> VendorError:
        """Return our error for one of the HTTP library's; the only place that knows them."""
        title, seconds = self._vendor.title, self._limits.timeout_seconds
        if isinstance(error, httpx.ConnectTimeout):
            seconds = self._limits.connect_seconds
            return VendorTimeout(f"{title} accepted no connection within {seconds:g} seconds")
        if isinstance(error, TimeoutError | httpx.TimeoutException):
            return VendorTimeout(f"{title} did not answer within {seconds:g} seconds")
        if isinstance(error, httpx.DecodingError):
            return VendorSurprise(f"{title} sent a body that cannot be decompressed")
        if isinstance(error, httpx.RemoteProtocolError):
            return VendorUnreachable(f"{title} closed the connection before its answer was whole")
        return VendorUnreachable(f"{title} cannot be reached")

    async def _read(self, response: httpx.Response) -> bytes:
        limit = self._limits.response_bytes
        coding = response.headers.get("content-encoding", "identity").strip().lower()
        if "," in coding:
            # Every layer of compression multiplies what one small chunk unpacks to.
            message = f"{self._vendor.title} sent a body that is compressed more than once"
            raise VendorSurprise(message, status=response.status_code)
        declared = response.headers.get("content-length", "")
        size = int(declared) if declared.isdigit() and len(declared) < 20 else 0
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
            payload = _unpacked(payload, coding, limit + 1)
            size = len(payload)
        if size > limit:
            message = f"{self._vendor.title} sent more than the {limit} bytes allowed for this connection"
            raise VendorSurprise(message, status=response.status_code)
        return payload

    def _answer(self, response: httpx.Response, payload: bytes) -> Answer:
        headers = {name.lower(): value for name, value in response.headers.multi_items()}
        status = response.status_code
        if not 200 <= status <= 299:
            raise self._error(status, headers, payload)
        return Answer(status, headers, payload, self._document(status, payload))

    def _document(self, status: int, payload: bytes) -> JsonValue:
        if not payload:
            return None
        try:
            return loads(payload)
        except InvalidJsonError as error:
            start = "HTML" if payload.lstrip()[:1] == b"<" else "a body"
            message = f"{self._vendor.title} sent {start} where JSON was due ({str(error)[:200]})"
            raise VendorSurprise(message, status=status) from error

    def _error(self, status: int, headers: Mapping[str, str], payload: bytes) -> VendorError:
        try:
            said = self._vendor.read_error(loads(payload))
        except InvalidJsonError:
            said = VendorMessage()
        if said.request_id is None and "x-request-id" in headers:
            said = VendorMessage(said.message, said.code, said.faults, headers["x-request-id"][:200])
        said = masked(said, self._secret)
        message = f"{self._vendor.title} answered {status}"
        if said.message:
            message += f": {said.message[:500]}"
        wait = retry_after(headers.get("retry-after"), datetime.now(UTC))
        return error_class(status)(message, status=status, said=said, retry_after=wait)


def masked(said: VendorMessage, secret: str) -> VendorMessage:
    """Return what the vendor said without our credential, which some vendors repeat to tell that it is wrong."""
    if len(secret) < MIN_MASKED_LENGTH:
        return said

    def clean(text: str | None) -> str | None:
        return text and text.replace(secret, MASK)

    faults = tuple(
        FieldFault(fault.path.replace(secret, MASK), fault.message.replace(secret, MASK))
        for fault in said.faults
    )
    return VendorMessage(clean(said.message), clean(said.code), faults, clean(said.request_id))


def retry_after(value: str | None, now: datetime) -> float | None:
    """Return the seconds that a `Retry-After` header asks to wait (RFC 9110 section 10.2.3); None if unreadable."""
    if value is None:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())


def _validators(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: headers[name] for name in ("etag", "last-modified") if name in headers}


def conditions(known: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    """Return the headers that ask for an answer only if it is another than the one known (RFC 9110 section 13.1).

    The date is sent only where there is no tag: a server that knows tags has to ignore it (section 13.1.3).
    """
    for name, header in (("etag", b"If-None-Match"), ("last-modified", b"If-Modified-Since")):
        value = known.get(name, "")
        if value and value.isascii() and value.isprintable():
            return [(header, value.encode("ascii"))]
    return []


class _Conditional(Http):
    """Asks conditionally once, with the first GET; everything else goes as usual."""

    def __init__(self, transport: Transport, known: Mapping[str, str]) -> None:
        self._transport = transport
        self._conditions = conditions(known)

    @override
    async def get(self, *segments: str, parameters: Parameters | None = None) -> Answer:
        asked, self._conditions = self._conditions, []
        transport = self._transport
        request = transport.request("GET", transport.url(*segments, parameters=parameters), conditions=asked)
        return await transport.call(request, conditional=bool(asked))

    @override
    async def send(
        self,
        method: str,
        *segments: str,
        parameters: Parameters | None = None,
        body: JsonValue = None,
    ) -> Answer:
        return await self._transport.send(method, *segments, parameters=parameters, body=body)


def _tls() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)


def _unpacked(packed: bytes, coding: str, most: int) -> bytes:
    """Return at most so many bytes of what a compressed body holds.

    Raises:
        httpx.DecodingError: it holds nothing of the kind, or breaks off.
    """
    # 47 reads zlib's and gzip's header, whichever stands there; some servers send deflate without either.
    for window in (47, -15) if coding == "deflate" else (47,):
        unpacker = zlib.decompressobj(window)
        try:
            unpacked = unpacker.decompress(packed, most)
        except zlib.error:
            continue
        if len(unpacked) == most or unpacker.eof:
            return unpacked
    raise httpx.DecodingError("the body is not what its content-encoding says")
