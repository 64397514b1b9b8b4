"""Websockets passed on to a vendor, message by message."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import AbstractAsyncContextManager, contextmanager, nullcontext
from typing import Final

import structlog

from adapters.errors import AdapterError
from adapters.websocket import Socket, SocketClosed
from gateway.api.state import AppState
from gateway.audit.log import AuditLog
from gateway.audit.records import DENIED, outcome_of
from gateway.callers import Caller
from gateway.edge.asgi import PROBLEM_TYPE, Application, Receive, Scope, Send, header, problem_headers
from gateway.edge.authentication import CALLER
from gateway.edge.context import NOTES, REQUEST_ID
from gateway.edge.gate import Gate, key_of, shown_path
from gateway.edge.lasting import NoLonger
from gateway.errors import GatewayError, NotAuthenticated, NotPassedOn, RouteMissing, UnknownConnection
from gateway.passthrough.admission import Admission, split
from gateway.passthrough.calls import Call
from gateway.passthrough.paths import checked
from gateway.passthrough.ports import PREFIX
from gateway.passthrough.traffic import Traffic
from gateway.problems import problem
from gateway.ratelimit_headers import ratelimit_headers
from gateway.security_headers import secured
from gateway.service import Service
from gateway.settings.models import ConnectionSettings
from gateway.settings.values import Right
from gateway.writing.attempt import Outcome
from schemas.problem import Problem
from schemas.serialising import to_json

REFUSABLE: Final = "websocket.http.response"
"""The extension of ASGI that lets a websocket be refused with an answer of one's own."""

_BAD_GATEWAY: Final = 1014
_NOT_ALLOWED: Final = 1008
_LONGEST_REASON: Final = 120


class SocketLayer:
    """Passes websockets on, or hands them to the rest of the gateway."""

    def __init__(
        self,
        inner: Application,
        connections: Mapping[str, ConnectionSettings],
        state: AppState,
        gate: Gate,
        audit: AuditLog,
    ) -> None:
        """Make a layer.

        Args:
            inner: the rest of the gateway.
            connections: the configuration of each, by name.
            state: holds the service while the application runs.
            gate: tells who calls.
            audit: is told of every websocket that is opened or denied.
        """
        self._audit = audit
        self._inner = inner
        self._admission = Admission(connections)
        self._state = state
        self._gate = gate
        self._open: Counter[tuple[str, bool]] = Counter()
        self._log = structlog.get_logger("gateway.websocket")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one websocket, or hand on whatever else it is."""
        service = self._state.service
        passed_on = scope["type"] == "websocket" and scope["raw_path"].startswith(PREFIX.encode())
        if service is None or not passed_on:
            await self._inner(scope, receive, send)
            return
        await receive()
        scope = {**scope, NOTES: scope.get(NOTES, {})}
        try:
            caller = self._known(scope)
            if caller is not None:
                scope[CALLER] = caller
            with _place_of(caller):
                call, known = self._call(service, scope, caller)
                self._audit.opened(scope)
                # Whoever shows no key takes no place of those who do.
                place = (call.connection.name, known)
                self._open[place] += 1
                try:
                    await self._bridge(call, scope, receive, send, known=known)
                finally:
                    self._open[place] -= 1
        except (GatewayError, AdapterError) as error:
            found = problem(error).model_copy(update={"request_id": scope.get(REQUEST_ID)})
            scope[NOTES]["problem"] = found.code
            denied = outcome_of(scope, found.status) == DENIED
            if denied or isinstance(error, AdapterError):
                outcome = DENIED if denied else Outcome.NOTHING.value
                self._audit.tell(scope, outcome, found.status)
            path = shown_path(scope["path"], key_of(scope))
            self._log.info("websocket refused", path=path, status=found.status, **scope[NOTES])
            await _refuse(scope, send, found)

    def _known(self, scope: Scope) -> Caller | None:
        own, authorization = header(scope, b"x-api-key"), header(scope, b"authorization")
        return self._gate.identify(own, authorization, header(scope, b"host"))

    def _call(self, service: Service, scope: Scope, caller: Caller | None) -> tuple[Call, bool]:
        """Return what a websocket is passed on as, and whether its caller is known.

        Raises:
            GatewayError: it is not.
        """
        scope = {**scope, "method": "GET"}
        known = caller is not None and caller.may(Right.PASSTHROUGH)
        if caller is None or not known:
            caller = self._keyless(service, scope)
        scope.setdefault(NOTES, {})["caller"] = caller.name
        call = self._admission.call(service, scope, caller)
        if self._open[call.connection.name, known] >= call.connection.settings.passthrough.websockets:
            raise NotPassedOn(f"{call.connection.name} has as many websockets as it may")
        return call, known

    def _keyless(self, service: Service, scope: Scope) -> Caller:
        """Return the caller that anybody is where the vendor asks for a token of its own.

        Raises:
            NotAuthenticated: this is no such place.
        """
        name, path = split(scope)
        caller = Caller("websocket", frozenset({name}), frozenset({Right.PASSTHROUGH}))
        refused = NotAuthenticated("a websocket needs the gateway's key here, and the right passthrough")
        try:
            connection = service.connection(name, caller)
            allowed = self._admission.allowed(connection)
        except (UnknownConnection, NotPassedOn):
            raise refused from None
        if not allowed.needs_no_key(checked(path, scope["query_string"])):
            raise refused
        return caller

    async def _bridge(self, call: Call, scope: Scope, receive: Receive, send: Send, *, known: bool) -> None:
        connection = call.connection
        if connection.sockets is None:
            raise RouteMissing("this connection has no websockets")
        offered = scope.get("subprotocols") or ()
        most = connection.settings.passthrough.response_bytes
        async with connection.sockets.opened(call.target, offered, most, with_credential=known) as socket:
            await send({"type": "websocket.accept", "subprotocol": socket.subprotocol})
            with self._told(scope, traffic := Traffic(), connection.name):
                try:
                    async with self._held(scope, connection.name, known=known):
                        await _both_ways(socket, traffic, receive, send)
                except NoLonger as error:
                    if traffic.closed_by != "gateway":
                        return
                    traffic.closed("gateway", _NOT_ALLOWED)
                    await send({"type": "websocket.close", "code": _NOT_ALLOWED, "reason": str(error)})

    def _held(self, scope: Scope, connection: str, *, known: bool) -> AbstractAsyncContextManager[None]:
        """Return what ends a websocket that a known caller may no longer have; the vendor's token is the vendor's."""
        if not known:
            return nullcontext()
        return self._state.held(scope[CALLER], Right.PASSTHROUGH, connection)

    @contextmanager
    def _told(self, scope: Scope, traffic: Traffic, connection: str) -> Iterator[None]:
        """Log and count a websocket."""
        about, began = {"path": shown_path(scope["path"], key_of(scope))}, time.perf_counter()
        about |= scope.get(NOTES, {})
        counting = self._state.counting
        self._log.info("websocket opened", **about)
        try:
            with nullcontext() if counting is None else counting.websocket(connection):
                yield
        finally:
            seconds = round(time.perf_counter() - began, 3)
            self._log.info("websocket closed", **about, seconds=seconds, **traffic.notes)


@contextmanager
def _place_of(caller: Caller | None) -> Iterator[None]:
    """Count a websocket among the caller's requests under way, for as long as it is open.

    Raises:
        CallerLimited: the caller's limits do not let it in.
    """
    limiter = None if caller is None else caller.limiter
    if limiter is None:
        yield
        return
    limiter.enter()
    try:
        yield
    finally:
        limiter.leave()


async def _both_ways(socket: Socket, traffic: Traffic, receive: Receive, send: Send) -> None:
    """Pass messages on until either side leaves."""
    ways = {
        asyncio.create_task(_to_vendor(socket, traffic, receive)),
        asyncio.create_task(_to_caller(socket, traffic, send)),
    }
    try:
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)


async def _to_vendor(socket: Socket, traffic: Traffic, receive: Receive) -> None:
    while True:
        message = await receive()
        if message["type"] == "websocket.disconnect":
            code = message.get("code") or 1000
            traffic.closed("caller", code)
            await socket.close(code if _may_be_sent(code) else 1000, message.get("reason") or "")
            return
        text = message.get("text")
        sent = message.get("bytes") or b"" if text is None else text
        traffic.came(sent)
        try:
            await socket.send(sent)
        except SocketClosed:
            # The other way has the vendor's last words.
            await asyncio.sleep(1)
            return


async def _to_caller(socket: Socket, traffic: Traffic, send: Send) -> None:
    while True:
        try:
            message = await socket.receive()
        except SocketClosed as closed:
            traffic.closed("vendor", closed.code)
            code = closed.code if closed.code is not None and _may_be_sent(closed.code) else _BAD_GATEWAY
            await send({"type": "websocket.close", "code": code, "reason": closed.reason[:_LONGEST_REASON]})
            return
        kind = "text" if isinstance(message, str) else "bytes"
        traffic.went(message)
        await send({"type": "websocket.send", kind: message})


def _may_be_sent(code: int) -> bool:
    """Say whether a close code may travel; some only ever stand for what happened (RFC 6455 section 7.4.1)."""
    return 3000 <= code <= 4999 or (1000 <= code <= 1014 and code not in {1004, 1005, 1006})


async def _refuse(scope: Scope, send: Send, found: Problem) -> None:
    if REFUSABLE not in scope.get("extensions", {}):
        await send({"type": "websocket.close", "code": _NOT_ALLOWED})
        return
    body = to_json(found.model_copy(update={"instance": scope["path"]}))
    headers = {"content-type": PROBLEM_TYPE, "content-length": str(len(body)), **problem_headers(found)}
    raw = [(name.encode("ascii"), value.encode("latin-1")) for name, value in headers.items()]
    caller: Caller | None = scope.get(CALLER)
    quota = None if caller is None or caller.limiter is None else caller.limiter.quota()
    told = [*secured(raw), *ratelimit_headers([] if quota is None else [quota])]
    await send({"type": f"{REFUSABLE}.start", "status": found.status, "headers": told})
    await send({"type": f"{REFUSABLE}.body", "body": body})
