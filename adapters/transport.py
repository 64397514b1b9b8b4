"""The rules of every call to a vendor, spoken in httpx; `adapters.pool` is what lies beneath.

It bounds time, calls at once and bytes, makes again what may be made again, leaves a vendor alone that does not answer,
and translates every outcome that is not a 2xx with JSON into the errors of `adapters.errors`.
"""

import asyncio
import ssl
import zlib
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from typing import Final, Self

import httpx
from typing_extensions import override

from adapters.addresses import AddressRefused
from adapters.answers import Answers, conditions, refused, too_late, validators
from adapters.composing import Composer
from adapters.condition import Condition, Instruments
from adapters.contract import Answer, Http, Parameters, Vendor
from adapters.errors import (
    NotModified,
    VendorError,
    VendorSurprise,
    VendorTimeout,
    VendorUnreachable,
)
from adapters.forwarding import Forward, Forwarded, ForwardingHttp, is_events
from adapters.limits import Bound, Limits
from adapters.masking import Mask
from adapters.onlooking import Seen
from adapters.pieces import Bounds, Pieces, Upload
from adapters.pool import Pool
from adapters.quota import Quotas
from adapters.retrying import Retries
from adapters.turns import Turns, Verdict, verdict_on, verdict_on_failure
from adapters.ways import Way
from adapters.whole import declared, read_whole
from schemas.base import JsonValue

_AS_IT_COMES: Final = (("accept", "text/event-stream, */*;q=0.5"), ("accept-encoding", "identity"))
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
        instruments: Instruments | None = None,
    ) -> None:
        """Make a transport; no connection is opened yet.

        Args:
            vendor: its title, credential presentation and error reader are used.
            base_url: absolute http or https URL; a path in it is kept in front of every call's.
            secret: the credential; never logged, never part of an error.
            limits: bounds; the defaults when None.
            client: an httpx client to use for every call, for tests; it is closed with the transport.
            instruments: the clock, the dice and the watcher; none is watching when None.

        Raises:
            ValueError: the secret holds characters that cannot travel in a header.
        """
        self._vendor = vendor
        self._limits = limits or Limits()
        self.composer = Composer(vendor, base_url, secret)
        self._hidden = Mask(secret)
        self._client = client
        base, private = httpx.URL(self.composer.base_url), self._limits.private_addresses
        self._pool = Pool(base, self._limits.connect_seconds, _tls, private=private)
        instruments = instruments or Instruments()
        self._clock, self._watcher = instruments.clock, instruments.watcher
        self._onlooker = instruments.onlooker
        self._answers = Answers(vendor, self._hidden, self._limits.objects, self._clock)
        self._turns = Turns(vendor.title, self._limits, self._watcher)
        self._retries = Retries(self._limits.retries, instruments.draw)
        self._quotas = Quotas(self._hidden)

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
        return await self.call(self.composer.request("GET", segments, parameters))

    @override
    async def send(
        self,
        method: str,
        *segments: str,
        parameters: Parameters | None = None,
        body: JsonValue = None,
    ) -> Answer:
        return await self.call(self.composer.request(method, segments, parameters, body))

    @override
    def stream(
        self,
        method: str,
        *segments: str,
        parameters: Parameters | None = None,
        body: JsonValue = None,
    ) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        return self.streamed(self.composer.request(method, segments, parameters, body))

    @asynccontextmanager
    async def streamed(
        self, request: httpx.Request, until: float | None = None
    ) -> AsyncIterator[AsyncIterator[bytes]]:
        """Send a request as `stream` does; `until` bounds the time until the answer begins."""
        request.headers.update(_AS_IT_COMES)
        async with self._opened(request, until=until) as response:
            if not response.is_success:
                payload = await self._read_in_time(response)
                raise self._answers.error(response.status_code, _by_name(response), payload)
            if response.headers.get("content-encoding", "identity").lower() != "identity":
                message = f"{self._vendor.title} compressed what was to come in pieces"
                raise VendorSurprise(message, status=response.status_code)
            yield self._pieces(response, Bounds(self._limits.idle_seconds, hidden=self._hidden))

    @override
    @asynccontextmanager
    async def forward(self, forward: Forward) -> AsyncIterator[Forwarded]:
        upload = None
        if forward.body is not None:
            upload = Upload(forward.body, self._limits.idle_seconds, self._limits.timeout_seconds)
        request = self.composer.passed_on(forward, upload)
        async with self._opened(request, upload) as response:
            raw = [(name.lower(), value) for name, value in response.headers.raw]
            status, most = response.status_code, None if is_events(raw) else forward.most_bytes
            if (
                most is not None
                and declared(response.headers) > most
                and not (forward.method == "HEAD" or status == 304)
            ):
                raise self._answers.too_large(status, most)
            if status >= 400 and "content-encoding" in response.headers:
                # Vendors repeat a key that they refuse, and what is compressed cannot be looked through.
                raise VendorSurprise(f"{self._vendor.title} compressed an error", status=status)
            headers = tuple(self._hidden.without(raw))
            body = self._pieces(response, Bounds(self._limits.idle_seconds, most, self._hidden))
            yield Forwarded(status, headers, body)

    @override
    def conditional(self, validators: Mapping[str, str], body: bytes | None = None) -> Http:
        return Way(self, conditions(validators), body)

    @override
    def bounded(self, until: float) -> Http:
        return Way(self, until=until)

    @override
    def condition(self) -> Condition:
        breaker, places = self._turns.breaker, self._turns.places
        left = breaker.seconds_left(asyncio.get_running_loop().time())
        quotas = self._quotas.known
        return Condition(breaker.state, breaker.failures, left, places.taken, places.waiting, quotas)

    @property
    @override
    def times_told(self) -> int:
        return self._quotas.times_told

    async def call(
        self,
        request: httpx.Request,
        *,
        conditional: bool = False,
        known: bytes | None = None,
        until: float | None = None,
    ) -> Answer:
        """Send a request within the bounds of the connection and return the successful answer.

        Args:
            request: may be sent more than once.
            conditional: it asks only for something newer.
            known: the body that is known.
            until: when whoever asks no longer waits, in the running loop's time; None for the connection's own bounds.

        Raises:
            VendorError: for everything else.
            NotModified: the request is conditional and the answer 304, or its body is the one known.
        """
        bound = self._bound(until)
        self._retries.budget.put_in()
        made = 1
        while True:
            try:
                response, payload = await self._attempt(request, bound)
                same = known is not None and response.status_code == 200 and payload == known
                if same or (conditional and response.status_code == 304):
                    message = f"{self._vendor.title} has nothing newer"
                    raise NotModified(message, validators(response.headers), same_body=same)
                with self._onlooker.reading():
                    return await self._answers.whole(response.status_code, _by_name(response), payload)
            except VendorError as error:
                seconds = self._pause(request.method, error, made, bound)
                if seconds is None:
                    raise
            await asyncio.sleep(seconds)
            made += 1

    def _pause(self, method: str, error: VendorError, made: int, bound: Bound) -> float | None:
        """Return how long to wait before a call is made again; None when it is not."""
        if not self._turns.breaker.closed:
            return None
        again = self._retries.again(method, error, made, bound.at - _now())
        if again is None:
            return None
        self._watcher.retried(*again)
        return again[1]

    def _bound(self, until: float | None) -> Bound:
        now = _now()
        if until is not None and until <= now:
            raise too_late(self._vendor.title, never_left=True)
        at = now + self._limits.timeout_seconds
        return Bound(at if until is None else min(at, until), until)

    async def _attempt(
        self, request: httpx.Request, bound: Bound, upload: Upload | None = None, *, whole: bool = True
    ) -> tuple[httpx.Response, bytes]:
        """Send a request once and return its answer: with its body, or without and keeping its place."""
        probe: bool | None = None
        began = bound.at
        verdict, payload, held = Verdict.NOTHING, b"", False
        timer = asyncio.timeout_at(bound.at)
        try:
            async with timer:
                probe, began = await self._turns.take(), _now()
                if upload is not None:
                    upload.deadline = timer
                elif self._limits.attempt_seconds is not None:
                    timer.reschedule(min(bound.at, _now() + self._limits.attempt_seconds))
                response, payload = await self._exchange(request, whole=whole)
            verdict, held = verdict_on(response.status_code), not whole
        except VendorSurprise:
            verdict = Verdict.ANSWERED
            raise
        except _FAILURES as error:
            found = self._translated(error, late=timer.when() == bound.until, never_left=probe is None)
            verdict = self._verdict(found, upload, began)
            try:
                raise found from error
            finally:
                del found, timer  # the one remembers this frame, the other the task
        except asyncio.CancelledError:
            verdict = self._verdict(None, upload, began)
            raise
        finally:
            if probe is not None:
                self._turns.tell(verdict, probe=probe)
                if not held:
                    self._turns.give_back()
        return response, payload

    def _verdict(self, found: VendorError | None, upload: Upload | None, began: float) -> Verdict:
        slow = upload is not None and not upload.ended
        return verdict_on_failure(found, slow=slow, long=_now() - began >= self._limits.telling_seconds)

    @asynccontextmanager
    async def _opened(
        self, request: httpx.Request, upload: Upload | None = None, until: float | None = None
    ) -> AsyncIterator[httpx.Response]:
        """Send a request and give the answer once its head is here; it keeps its place until it is left."""
        response, _ = await self._attempt(request, self._bound(until), upload, whole=False)
        try:
            with response.extensions["seen"]:
                try:
                    yield response
                finally:
                    await response.aclose()
        finally:
            self._turns.give_back()

    async def _read_in_time(self, response: httpx.Response) -> bytes:
        try:
            async with asyncio.timeout(self._limits.timeout_seconds):
                return await self._read(response)
        except _FAILURES as error:
            raise self._translated(error) from error

    def _pieces(self, response: httpx.Response, bounds: Bounds) -> Pieces:
        stream = aiter(response.stream)  # type: ignore[arg-type] # no transport of ours is synchronous
        too_large = partial(self._answers.too_large, response.status_code, bounds.most_bytes or 0)
        return Pieces(stream, bounds, too_large, self._broken_off)

    def _broken_off(self, error: Exception) -> VendorError:
        found = self._translated(error)
        if isinstance(found, VendorUnreachable):
            self._turns.tell(Verdict.FAILED, probe=False)
        return found

    async def _exchange(self, request: httpx.Request, *, whole: bool) -> tuple[httpx.Response, bytes]:
        """Send a request and return its answer, with its body or without; somebody looks on until it is over."""
        seen = self._onlooker.request(request.method)
        try:
            response = await self._sent(request, seen)
            payload = await self._read(response) if whole else b""
        except BaseException as error:
            seen.ended(error)
            raise
        if whole:
            seen.ended()
        else:
            response.extensions["seen"] = seen
        return response, payload

    async def _sent(self, request: httpx.Request, seen: Seen) -> httpx.Response:
        for name, value in seen.headers:
            request.headers[name] = value
        if self._client is None:
            response = await self._pool.handle_async_request(request)
        else:
            response = await self._client.send(request, stream=True, follow_redirects=False)
        seen.answered(response.status_code)
        self._quotas.note(response.headers.raw, self._clock)
        return response

    def _translated(self, error: Exception, *, late: bool = False, never_left: bool = False) -> VendorError:
        """Return our error for one of the HTTP library's; the only place that knows them.

        Args:
            error: the library's, or that a time was over.
            late: the time was the caller's.
            never_left: nothing was sent.
        """
        title, limits = self._vendor.title, self._limits
        if isinstance(error, httpx.ConnectTimeout):
            message = f"{title} accepted no connection within {limits.connect_seconds:g} seconds"
            return VendorTimeout(message, never_left=True)
        if isinstance(error, TimeoutError | httpx.TimeoutException):
            if late:
                return too_late(title, never_left=never_left)
            seconds = limits.longest_attempt_seconds
            return VendorTimeout(f"{title} did not answer within {seconds:g} seconds", never_left=never_left)
        if isinstance(error, httpx.DecodingError | zlib.error):
            return VendorSurprise(f"{title} sent a body that cannot be decompressed")
        if isinstance(error, httpx.RemoteProtocolError):
            return VendorUnreachable(f"{title} closed the connection before its answer was whole")
        unsent = isinstance(error, httpx.ConnectError)
        if isinstance(error.__cause__, AddressRefused):
            return refused(title)
        return VendorUnreachable(f"{title} cannot be reached", never_left=unsent)

    async def _read(self, response: httpx.Response) -> bytes:
        """Return the body, and be done with the answer."""
        try:
            coding = response.headers.get("content-encoding", "identity").strip().lower()
            if "," in coding:
                raise self._answers.packed_twice(response.status_code)
            limit = self._limits.response_bytes
            stream = aiter(response.stream)  # type: ignore[arg-type] # no transport of ours is synchronous
            payload = await read_whole(stream, declared(response.headers), coding, limit)
            if payload is None:
                raise self._answers.too_large(response.status_code, limit)
            return payload
        finally:
            await response.aclose()


def _now() -> float:
    return asyncio.get_running_loop().time()


def _by_name(response: httpx.Response) -> dict[str, str]:
    return {name.lower(): value for name, value in response.headers.multi_items()}


def _tls() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)
