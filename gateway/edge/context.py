"""The outermost layer: gives every request an id, a log line and, whatever happens inside, an answer."""

import asyncio
import time
from collections.abc import Sequence
from typing import Final

import structlog
from starlette.requests import ClientDisconnect

from gateway.cache.trace import Trace
from gateway.edge.asgi import Application, Header, Message, Receive, Scope, Send, header, send_problem
from gateway.edge.clients import has_left
from gateway.edge.request_ids import RequestIds, accepted
from gateway.edge.telling import TRACE, told
from gateway.problems import problem
from gateway.ratelimit_headers import LEFT_HEADER, QUOTAS, Quota, ratelimit_headers
from gateway.security_headers import secured
from gateway.telemetry.catalogue import LEFT
from gateway.telemetry.counting import Counting

REQUEST_ID: Final = "gateway.request_id"
"""Key in the ASGI scope that holds the request's id."""

NOTES: Final = "gateway.notes"
"""Key in the ASGI scope: a dict that inner layers fill with what the log line shall tell."""

ROUTE: Final = "gateway.route"
"""Key in the ASGI scope: the operation id, where the framework did not route."""


class ContextLayer:
    """Request id, path as sent, log line, and the last resort for errors."""

    def __init__(self, inner: Application, counting: Counting | None = None) -> None:
        """Make a layer.

        Args:
            inner: answers.
            counting: counts the requests; None to count nothing.
        """
        self._inner = inner
        self._counting = counting
        self._ids = RequestIds()
        self._log = structlog.get_logger("gateway.request")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._inner(scope, receive, send)
            return
        request_id = self._request_id(scope)
        notes: dict[str, object] = {}
        # Routes match on the path as it was sent: split first, decode after (ids may hold an encoded slash).
        path = scope.get("raw_path", scope["path"].encode()).decode("latin-1").partition("?")[0]
        quotas: list[Quota] = []
        inner_scope = {**scope, "path": path, REQUEST_ID: request_id, NOTES: notes, QUOTAS: quotas}
        started, status = time.perf_counter(), 0

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                further = told(inner_scope)
                message["headers"] = [
                    *secured(message.get("headers", ())),
                    (b"x-request-id", request_id.encode()),
                    *further,
                    *_told(quotas, message),
                ]
            await send(message)

        try:
            await self._inner(inner_scope, receive, send_with_id)
        except (asyncio.CancelledError, ClientDisconnect):
            if not has_left(scope):
                raise
            status = LEFT
            notes["note"] = "caller left"
        except Exception as error:  # noqa: BLE001 - the one place where nothing may escape
            self._log.exception("request failed", request_id=request_id, path=path)
            if status == 0:
                found = problem(error).model_copy(update={"request_id": request_id, "instance": path})
                await send_problem(send_with_id, found)
        finally:
            self._tell(inner_scope, scope["method"], status, time.perf_counter() - started)

    def _request_id(self, scope: Scope) -> str:
        given = header(scope, b"x-request-id")
        known = None if given is None else accepted(given.encode("latin-1"))
        return (known or self._ids.next()).decode("ascii")

    def _tell(self, scope: Scope, method: str, status: int, seconds: float) -> None:
        """Count the request and log its line."""
        if self._counting is not None:
            self._counting.request(_route(scope), status, seconds)
            self._counting.refused(scope[NOTES].get("problem"))
        trace = scope.get(TRACE)
        cache = {"cache": trace.outcome} if isinstance(trace, Trace) and trace.outcome else {}
        self._log.info(
            "request",
            request_id=scope[REQUEST_ID],
            method=method,
            path=scope["path"],
            status=status,
            milliseconds=round(seconds * 1000, 2),
            **cache,
            **scope[NOTES],
        )


def _route(scope: Scope) -> str | None:
    """Return the operation id of whoever answered: the middle way's, or the framework's."""
    given: str | None = scope.get(ROUTE)
    return given or getattr(scope.get("route"), "operation_id", None)


def _told(quotas: Sequence[Quota], answer: Message) -> Sequence[Header]:
    """Return the headers that tell of quotas; a vendor's own, passed on as they came, are not mixed with them."""
    if not quotas or any(name == LEFT_HEADER for name, _ in answer.get("headers", ())):
        return ()
    return ratelimit_headers(quotas)
