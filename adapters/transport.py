"""The one module that knows the HTTP library.

It turns path segments into a URL that stays on the connection's host, presents the credential, bounds time, calls at
once and bytes, and translates every outcome that is not a 2xx with JSON into the errors of `adapters.errors`.
"""

import asyncio
import contextlib
import ssl
import unicodedata
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cached_property
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Final, Self
from urllib.parse import quote, urlencode

import httpx
from typing_extensions import override

from adapters.contract import Answer, Http, Parameters, Vendor
from adapters.errors import (
    FieldFault,
    InvalidRequest,
    InvalidSegment,
    VendorBusy,
    VendorError,
    VendorMessage,
    VendorSurprise,
    VendorTimeout,
    VendorUnreachable,
    error_class,
)
from schemas.base import JsonValue
from schemas.json_codec import InvalidJsonError, dumps, loads

MAX_SEGMENT_LENGTH: Final = 1024
_REFUSED: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})
USER_AGENT: Final = "workflow-gateway"
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


class Transport(Http):
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
        self._base = httpx.URL(base_url.rstrip("/"))
        self._limits = limits or Limits()
        self._secret = secret
        self._headers = {
            "accept": "application/json",
            "user-agent": USER_AGENT,
            vendor.credential.header: vendor.credential.prefix + secret,
        }
        self._clients = _Clients(self._limits, client, encrypted=self._base.scheme == "https")
        self._places = asyncio.Semaphore(self._limits.concurrency)
        self._waiting = 0

    async def close(self) -> None:
        """Close every connection."""
        await self._clients.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @override
    async def get(
        self, *segments: str, parameters: Parameters | None = None, final_slash: bool = False
    ) -> Answer:
        return await self._send("GET", self.url(*segments, parameters=parameters, final_slash=final_slash))

    @override
    async def send(
        self,
        method: str,
        *segments: str,
        parameters: Parameters | None = None,
        body: JsonValue = None,
    ) -> Answer:
        return await self._send(method, self.url(*segments, parameters=parameters), body)

    async def _send(self, method: str, url: httpx.URL, body: JsonValue = None) -> Answer:
        headers = dict(self._headers)
        content = None
        if body is not None:
            content = dumps(body)
            headers["content-type"] = "application/json"
        async with self._translated(), asyncio.timeout(self._limits.timeout_seconds), self._place() as client:
            request = client.build_request(method, url, headers=headers, content=content)
            response = await client.send(request, stream=True, follow_redirects=False)
            try:
                payload = await self._read(response)
            finally:
                await response.aclose()
        return self._answer(response, payload)

    def url(
        self, *segments: str, parameters: Parameters | None = None, final_slash: bool = False
    ) -> httpx.URL:
        """Return the URL of a call.

        Raises:
            InvalidSegment: a segment is empty, `.`, `..`, too long, or cannot travel in a path.
            InvalidRequest: a parameter, or the whole, cannot travel in a URL.
        """
        path = self._base.raw_path.decode("ascii").rstrip("/") + "".join(
            f"/{encode(part)}" for part in segments
        )
        path += "/" if final_slash else ""
        texts = {name: _text(value) for name, value in (parameters or {}).items()}
        try:
            query = urlencode(texts, quote_via=quote)
            return self._base.copy_with(raw_path=f"{path}?{query}".rstrip("?").encode("ascii"))
        except UnicodeEncodeError as error:
            raise InvalidRequest("a parameter cannot hold lone surrogates", "query") from error
        except httpx.InvalidURL as error:
            raise InvalidRequest("the ids and parameters are too long for one URL", "query") from error

    @contextlib.asynccontextmanager
    async def _place(self) -> AsyncIterator[httpx.AsyncClient]:
        if self._places.locked() and self._waiting >= self._limits.queue:
            message = f"{self._limits.concurrency} calls to {self._vendor.title} are under way"
            raise VendorBusy(f"{message} and {self._waiting} wait; try again shortly", retry_after=1.0)
        self._waiting += 1
        try:
            await self._places.acquire()
        finally:
            self._waiting -= 1
        try:
            async with self._clients.one() as client:
                yield client
        finally:
            self._places.release()

    @contextlib.asynccontextmanager
    async def _translated(self) -> AsyncIterator[None]:
        """Turn the HTTP library's exceptions into ours; the only place that knows them."""
        title, seconds = self._vendor.title, self._limits.timeout_seconds
        try:
            yield
        except httpx.ConnectTimeout as error:
            seconds = self._limits.connect_seconds
            raise VendorTimeout(f"{title} accepted no connection within {seconds:g} seconds") from error
        except (TimeoutError, httpx.TimeoutException) as error:
            raise VendorTimeout(f"{title} did not answer within {seconds:g} seconds") from error
        except httpx.DecodingError as error:
            raise VendorSurprise(f"{title} sent a body that cannot be decompressed") from error
        except httpx.RemoteProtocolError as error:
            raise VendorUnreachable(f"{title} closed the connection before its answer was whole") from error
        except httpx.TransportError as error:
            raise VendorUnreachable(f"{title} cannot be reached") from error

    async def _read(self, response: httpx.Response) -> bytes:
        if "," in response.headers.get("content-encoding", ""):
            # Every layer of compression multiplies what one small chunk unpacks to, before any of it can be counted.
            message = f"{self._vendor.title} sent a body that is compressed more than once"
            raise VendorSurprise(message, status=response.status_code)
        limit = self._limits.response_bytes
        declared = response.headers.get("content-length", "")
        size = int(declared) if declared.isdigit() and len(declared) < 20 else 0
        chunks: list[bytes] = []
        if size <= limit:
            size = 0
            async for chunk in response.aiter_bytes():
                size += len(chunk)
                if size > limit:
                    break
                chunks.append(chunk)
        if size > limit:
            message = f"{self._vendor.title} sent more than the {limit} bytes allowed for this connection"
            raise VendorSurprise(message, status=response.status_code)
        return b"".join(chunks)

    def _answer(self, response: httpx.Response, payload: bytes) -> Answer:
        headers = {name.lower(): value for name, value in response.headers.multi_items()}
        if not response.is_success:
            raise self._error(response.status_code, headers, payload)
        return Answer(response.status_code, headers, payload, self._document(response.status_code, payload))

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


def encode(segment: str) -> str:
    """Return a text percent-encoded as one segment of a path (RFC 3986 section 3.3).

    Raises:
        InvalidSegment: the text is empty, `.`, `..`, too long, or holds control characters, line separators
            or lone surrogates.
    """
    if segment in ("", ".", ".."):
        raise InvalidSegment(f"{segment!r} cannot be an id")
    if len(segment) > MAX_SEGMENT_LENGTH:
        raise InvalidSegment(f"an id holds at most {MAX_SEGMENT_LENGTH} characters, this one {len(segment)}")
    if any(unicodedata.category(character) in _REFUSED for character in segment):
        raise InvalidSegment("an id cannot hold control characters, line separators or lone surrogates")
    return quote(segment, safe="")


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


def _text(value: str | int) -> str:
    """Return a query value as text; booleans, which are integers in Python, in JSON's spelling."""
    return str(value).lower() if isinstance(value, bool) else str(value)


class _Clients:
    """HTTP clients of one connection each, lent to one call at a time.

    A call that is cancelled at the wrong moment leaves its connection in the library's pool for good, neither used
    nor usable (httpcore issue 1093). So no two calls share a pool, and after a failure it goes with its connection.
    """

    def __init__(self, limits: Limits, shared: httpx.AsyncClient | None, *, encrypted: bool) -> None:
        self._limits = limits
        self._shared = shared
        self._encrypted = encrypted
        self._spare: list[httpx.AsyncClient] = []
        self._closing: set[asyncio.Task[None]] = set()

    @contextlib.asynccontextmanager
    async def one(self) -> AsyncIterator[httpx.AsyncClient]:
        """Lend a client, the one used last if any is free."""
        if self._shared is not None:
            yield self._shared
            return
        client = self._spare.pop() if self._spare else self._new()
        try:
            yield client
        except BaseException:
            self._closing.add(closing := asyncio.create_task(_close(client)))
            closing.add_done_callback(self._closing.discard)
            raise
        self._spare.append(client)

    async def close(self) -> None:
        """Close every connection that is not in use."""
        clients = [*self._spare, *([self._shared] if self._shared else [])]
        self._spare.clear()
        await asyncio.gather(*map(_close, clients), *self._closing)

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return httpx.create_ssl_context(trust_env=False)

    def _new(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            # Reading the authorities' certificates takes longer than many a call; where nothing is encrypted there
            # is nothing to verify, and redirects to anywhere else are off.
            verify=self._tls if self._encrypted else False,
            timeout=httpx.Timeout(self._limits.timeout_seconds, connect=self._limits.connect_seconds),
            limits=httpx.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=30),
            follow_redirects=False,
            trust_env=False,
            # One caller's answer must not change what the vendor is sent for the next: no cookie is kept.
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
        )


async def _close(client: httpx.AsyncClient) -> None:
    with contextlib.suppress(httpx.TransportError, OSError):
        await client.aclose()
