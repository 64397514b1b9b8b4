"""The outermost layer: gives every request an id, a place in a trace, a log line and, whatever happens, an answer."""

import asyncio
from collections.abc import Mapping, Sequence
from traceback import format_exception
from typing import Final

import structlog
from starlette.requests import ClientDisconnect

from adapters.masking import Mask
from gateway.cache.trace import Trace
from gateway.edge.asgi import Application, Header, Message, Receive, Scope, Send, header, send_problem
from gateway.edge.clients import has_left
from gateway.edge.gate import key_of, shown_path
from gateway.edge.request_ids import RequestIds, accepted
from gateway.edge.telling import TRACE, is_kept, told
from gateway.problems import problem
from gateway.ratelimit_headers import LEFT_HEADER, QUOTAS, Quota, ratelimit_headers
from gateway.security_headers import secured
from gateway.telemetry import trace_context
from gateway.telemetry.catalogue import LEFT
from gateway.telemetry.counting import Counting
from gateway.telemetry.journey import Journey, arrived, set_out
from gateway.telemetry.spans import Tracer, Untraced

REQUEST_ID: Final = "gateway.request_id"
"""Key in the ASGI scope that holds the request's id."""

NOTES: Final = "gateway.notes"
"""Key in the ASGI scope: a dict that inner layers fill with what the log line shall tell."""

ROUTE: Final = "gateway.route"
"""Key in the ASGI scope: the operation id, where the framework did not route."""

_IN_SPANS: Final = ("connection", "vendor", "caller", "cache", "problem", "outcome")
"""Of what the log line tells that which the span tells too."""


class ContextLayer:
    """Request id, trace, path as sent, log line, and the last resort for errors."""

    def __init__(
        self,
        inner: Application,
        counting: Counting | None = None,
        tracer: Tracer | None = None,
        *,
        to_vendors: bool = True,
    ) -> None:
        """Make a layer.

        Args:
            inner: answers.
            counting: counts the requests; None to count nothing.
            tracer: makes the requests' spans; None to record nothing.
            to_vendors: vendors are told which trace a request belongs to.
        """
        self._inner = inner
        self._counting = counting
        self._tracer = tracer or Untraced()
        self._to_vendors = to_vendors
        self._ids = RequestIds()
        self._log = structlog.get_logger("gateway.request")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] not in ("http", "websocket"):
            await self._inner(scope, receive, send)
            return
        request_id = self._request_id(scope)
        # Routes match on the path as it was sent: split first, decode after (ids may hold an encoded slash).
        path = scope.get("raw_path", scope["path"].encode()).decode("latin-1").partition("?")[0]
        span = self._tracer.request(scope.get("method", "GET"), trace_context.read(scope["headers"]))
        journey = Journey(request_id, span, self._tracer, self._to_vendors)
        notes = {"trace_id": span.context.trace_id, "span_id": span.context.span_id}
        inner_scope = {**scope, "path": path, REQUEST_ID: request_id, NOTES: notes, QUOTAS: []}
        token = set_out(journey)
        try:
            if scope["type"] == "http":
                await self._answer(journey, inner_scope, receive, send)
            else:
                await self._inner(inner_scope, receive, send)
        finally:
            arrived(token)
            if scope["type"] == "websocket":
                span.tell({**_facts(inner_scope[NOTES]), "gateway.route": "passthrough"})
                span.end()

    async def _answer(self, journey: Journey, scope: Scope, receive: Receive, send: Send) -> None:
        method, status, size = scope["method"], 0, 0

        async def send_with_id(message: Message) -> None:
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
                own = [(b"x-request-id", journey.request_id.encode()), *told(scope)]
                if not is_kept(scope) and (timing := journey.server_timing()):
                    own.append((b"server-timing", timing.encode()))
                own += _told(scope[QUOTAS], message)
                message["headers"] = [*secured(message.get("headers", ())), *own]
            else:
                size += len(message.get("body", b""))
            await send(message)

        try:
            await self._inner(scope, receive, send_with_id)
        except (asyncio.CancelledError, ClientDisconnect):
            if not has_left(scope):
                raise
            status = LEFT
            scope[NOTES]["note"] = "caller left"
        except Exception as error:  # noqa: BLE001 - the one place where nothing may escape
            # Somebody's key may be in the words of the error, and only here it is known.
            words = Mask(key_of(scope) or "").text("".join(format_exception(error)))
            self._log.error("request failed", path=_path(scope), exception=words)
            if status == 0:
                update = {"request_id": journey.request_id, "instance": scope["path"]}
                await send_problem(send_with_id, problem(error).model_copy(update=update))
        finally:
            # A HEAD's scope says GET further in.
            self._tell(journey, {**scope, "method": method}, status, size)

    def _request_id(self, scope: Scope) -> str:
        given = header(scope, b"x-request-id")
        known = None if given is None else accepted(given.encode("latin-1"))
        return (known or self._ids.next()).decode("ascii")

    def _tell(self, journey: Journey, scope: Scope, status: int, size: int) -> None:
        """Count the request, log its line and end its span."""
        seconds, route = journey.seconds, _route(scope)
        if self._counting is not None:
            self._counting.request(route, status, seconds)
            self._counting.refused(scope[NOTES].get("problem"))
        trace = scope.get(TRACE)
        cache = {"cache": str(trace.outcome)} if isinstance(trace, Trace) and trace.outcome else {}
        notes = {**cache, **scope[NOTES]}
        self._log.info(
            "request",
            request_id=journey.request_id,
            method=scope["method"],
            path=_path(scope),
            **({"route": route} if route else {}),
            status=status,
            milliseconds=round(seconds * 1000, 2),
            bytes_out=size,
            **journey.notes,
            **notes,
        )
        facts = _facts(notes) | ({"gateway.route": route} if route else {})
        journey.span.tell({**facts, "gateway.request_id": journey.request_id})
        journey.span.end(status, None if status else "no_answer")


def _path(scope: Scope) -> str:
    """Return the path as the log may tell it."""
    return shown_path(scope["path"], key_of(scope))


def _facts(notes: Mapping[str, object]) -> dict[str, str]:
    return {f"gateway.{name}": str(notes[name]) for name in _IN_SPANS if name in notes}


def _route(scope: Scope) -> str | None:
    """Return the operation id of whoever answered: the middle way's, or the framework's."""
    given: str | None = scope.get(ROUTE)
    return given or getattr(scope.get("route"), "operation_id", None)


def _told(quotas: Sequence[Quota], answer: Message) -> Sequence[Header]:
    """Return the headers that tell of quotas; a vendor's own, passed on as they came, are not mixed with them."""
    if not quotas or any(name == LEFT_HEADER for name, _ in answer.get("headers", ())):
        return ()
    return ratelimit_headers(quotas)
