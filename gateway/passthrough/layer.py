"""The pass-through as an ASGI layer, without the framework: it would parse what is to be passed on as it came."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from typing import Final

from cachetools import TTLCache

from adapters.errors import AdapterError, VendorError
from adapters.forwarding import Forward, Forwarded, is_events
from gateway.api.responses import joined
from gateway.api.state import AppState
from gateway.asking import Ask
from gateway.audit.records import OUTCOME
from gateway.cache import status
from gateway.cache.directives import parse
from gateway.cache.keys import connection_tag
from gateway.cache.status import GATEWAY
from gateway.edge.asgi import Application, Message, Receive, Scope, Send, send_problem
from gateway.edge.authentication import CALLER
from gateway.edge.context import NOTES, REQUEST_ID, ROUTE
from gateway.edge.lasting import NoLonger
from gateway.edge.telling import TRACE
from gateway.errors import GatewayError
from gateway.passthrough import reads
from gateway.passthrough.admission import READS, Admission
from gateway.passthrough.calls import Call, CallerLeft, body_of, opened
from gateway.passthrough.ports import PREFIX
from gateway.problems import problem, unsettled
from gateway.service import Service
from gateway.settings.models import ConnectionSettings
from gateway.settings.values import Right
from gateway.writing.attempt import Outcome

ROUTE_NAME: Final = "passthrough"
"""What stands in the figures in place of an operation id."""

_REMEMBERED: Final = 4096
_REMEMBERED_SECONDS: Final = 60.0


class PassthroughLayer:
    """Passes requests on, or hands them to the rest of the gateway."""

    def __init__(
        self,
        inner: Application,
        connections: Mapping[str, ConnectionSettings],
        state: AppState,
        clock: Callable[[], float],
    ) -> None:
        """Make a layer.

        Args:
            inner: the rest of the gateway.
            connections: the configuration of each, by name.
            state: holds the service while the application runs.
            clock: seconds of the wall clock.
        """
        self._inner = inner
        self._admission = Admission(connections)
        self._state = state
        self._clock = clock
        # What turned out not to be kept is asked for at once the next time, and not read for the cache first.
        self._not_kept: TTLCache[bytes, bool] = TTLCache(_REMEMBERED, _REMEMBERED_SECONDS, timer=clock)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        service = self._state.service
        if scope["type"] != "http" or not scope["path"].startswith(PREFIX) or service is None:
            await self._inner(scope, receive, send)
            return
        scope[ROUTE] = ROUTE_NAME
        began = False

        async def begin(message: Message) -> None:
            nonlocal began
            began = True
            await send(message)

        try:
            call = self._admission.call(service, scope, scope[CALLER])
            await self._answer(service, call, scope, receive, begin)
        except CallerLeft:
            return
        except NoLonger as error:
            # The server closes the connection, as below.
            scope[NOTES]["note"] = str(error)
        except (GatewayError, AdapterError) as error:
            found = problem(error, connection=scope[NOTES].get("connection"))
            scope[NOTES]["problem"] = found.code
            sent = isinstance(error, VendorError) and not error.never_left
            if isinstance(error, VendorError):
                scope[OUTCOME] = (Outcome.UNKNOWN if sent else Outcome.NOTHING).value
            if began:
                # The server closes the connection, so that half an answer is not taken for a whole one.
                return
            if scope["method"] not in READS and sent:
                found = unsettled(found)
            update = {"request_id": scope.get(REQUEST_ID), "instance": scope["path"]}
            await send_problem(begin, found.model_copy(update=update))

    async def _answer(self, service: Service, call: Call, scope: Scope, receive: Receive, send: Send) -> None:
        ask = _ask_of(scope)
        times = call.connection.lifetimes.configured
        kept = reads.may_be_kept(call) and times.passthrough > 0
        kept = kept and self._admission.allowed(call.connection).may_be_kept(call.segments)
        known = reads.name_of(call)
        if kept and known not in self._not_kept:
            scope[TRACE] = ask.trace
            try:
                await self._from_cache(service, call, ask, send)
            except reads.NotKept as other:
                if other.answer is not None:
                    await _send(send, other.answer, status.member(GATEWAY, fwd="bypass"))
                    return
                self._not_kept[known] = True
            else:
                return
        await self._passed_on(service, call, scope, receive, send)

    async def _from_cache(self, service: Service, call: Call, ask: Ask, send: Send) -> None:
        """Answer a GET through the cache.

        Raises:
            NotKept: the answer is not kept.
            GatewayError, VendorError: there is none.
        """
        try:
            reading = await reads.read(service, call, ask)
        except VendorError as error:
            if not isinstance(error.__cause__, reads.Said):
                raise
            await _send(send, error.__cause__.answer, ask.trace.cache_status())
            return
        answer = reads.given(call, reading.entry, self._clock())
        if self._state.counting is not None and ask.trace.forward is None:
            self._state.counting.saved(len(answer.body))
        await _send(send, answer, ask.trace.cache_status())

    async def _passed_on(
        self, service: Service, call: Call, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Pass a request and its answer on as they come.

        Raises:
            NoLonger: the caller may not have the rest of the answer.
        """
        settings = call.connection.settings
        body = body_of(receive, settings.passthrough.request_bytes) if call.framing.has_body else None
        most = settings.passthrough.response_bytes
        forward = Forward(call.method, call.target, call.headers, body, call.framing.length, most)
        async with AsyncExitStack() as stack:
            answer = None
            try:
                answer = await opened(call, forward, stack)
            finally:
                # Without an answer nobody knows whether it was done.
                if call.method not in READS and (answer is None or not 400 <= answer.status <= 499):
                    await _forget(service, call)
            told = status.member(GATEWAY, fwd="bypass" if call.method in READS else "method")
            head = [*call.head_of(answer), (b"cache-status", told.encode())]
            await send({"type": "http.response.start", "status": answer.status, "headers": head})
            async with self._state.held(scope[CALLER], Right.PASSTHROUGH, call.connection.name):
                await _pour(answer, settings.limits.idle_seconds, receive, send)
            if call.method not in READS and is_events(answer.headers):
                # What is told in events goes on happening until the last of them.
                await _forget(service, call)


def _ask_of(scope: Scope) -> Ask:
    """Return what a request says about caching."""
    said = {name: value.decode("latin-1") for name, value in joined(scope["headers"]).items()}
    return Ask(parse(said.get(b"cache-control"), said.get(b"pragma")))


async def _send(send: Send, answer: reads.Answer, cache_status: str) -> None:
    """Send a whole answer."""
    head = list(answer.headers)
    if cache_status:
        head.append((b"cache-status", cache_status.encode("latin-1")))
    await send({"type": "http.response.start", "status": answer.status, "headers": head})
    await send({"type": "http.response.body", "body": answer.body})


async def _pour(answer: Forwarded, idle_seconds: float, receive: Receive, send: Send) -> None:
    """Send a body as it comes, until its end or until the caller leaves.

    Raises:
        VendorError: it breaks off.
        CallerLeft: the caller did, or takes nothing any more.
    """

    async def pour() -> None:
        async for piece in answer.body:
            async with asyncio.timeout(idle_seconds):
                await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    async def leave() -> None:
        message = await receive()
        while message["type"] != "http.disconnect":
            await asyncio.sleep(0)
            message = await receive()

    pouring, leaving = asyncio.create_task(pour()), asyncio.create_task(leave())
    try:
        await asyncio.wait({pouring, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if not pouring.done():
            raise CallerLeft
        pouring.result()
    except TimeoutError as error:
        raise CallerLeft from error
    finally:
        for task in (pouring, leaving):
            task.cancel()
        await asyncio.gather(pouring, leaving, return_exceptions=True)


async def _forget(service: Service, call: Call) -> None:
    """Forget everything that was read through the connection, on every instance: a write may have changed any of it."""
    await service.purge(call.connection.name, connection_tag(call.connection.name))
