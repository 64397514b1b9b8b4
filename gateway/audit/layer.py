"""The one place where writes and denied attempts of known callers are written down, whatever answers them."""

from typing import Final

from gateway.audit.log import AuditLog
from gateway.audit.records import DENIED, REPLAYED, SAFE, outcome_of
from gateway.edge.asgi import Application, Message, Receive, Scope, Send, send_problem
from gateway.edge.authentication import CALLER
from gateway.edge.context import NOTES, REQUEST_ID
from gateway.errors import AuditUnavailable
from gateway.passthrough.ports import PREFIX
from gateway.problems import problem

_MADE: Final = frozenset({201, 202})


class AuditLayer:
    """Has every write written down, and every request that is denied."""

    def __init__(self, inner: Application, log: AuditLog) -> None:
        """Make a layer.

        Args:
            inner: the rest of the gateway.
            log: takes the lines.
        """
        self._inner = inner
        self._log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; the log is open as long as the application runs."""
        if scope["type"] == "lifespan":
            self._log.open()
            try:
                await self._inner(scope, receive, send)
            finally:
                self._log.close()
            return
        if scope["type"] != "http" or CALLER not in scope:
            await self._inner(scope, receive, send)
            return
        await self._watched(scope, receive, send)

    async def _watched(self, scope: Scope, receive: Receive, send: Send) -> None:
        changes = scope["method"] not in SAFE
        try:
            if changes:
                self._log.begin(scope)
        except AuditUnavailable as error:
            refused = problem(error)
            scope[NOTES]["problem"] = refused.code
            update = {"request_id": scope.get(REQUEST_ID), "instance": scope["path"]}
            await send_problem(send, refused.model_copy(update=update))
            return
        seen = _Seen(send)
        try:
            await self._inner(scope, receive, seen)
        except Exception:
            seen.status = seen.status or 500
            raise
        finally:
            # Also when the caller has left, or the gateway stops.
            outcome = REPLAYED if seen.replayed else outcome_of(scope, seen.status)
            if changes or outcome == DENIED:
                own = not scope["path"].startswith(PREFIX)
                self._log.tell(scope, outcome, seen.status, seen.made if own else None)


class _Seen:
    """Passes an answer on and notes what it says."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.status = 0
        self.made: str | None = None
        self.replayed = False

    async def __call__(self, message: Message) -> None:
        """Pass a message on."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            for name, value in message.get("headers", ()):
                if name == b"location" and self.status in _MADE:
                    self.made = value.decode("latin-1")
                self.replayed = self.replayed or name == b"idempotency-replayed"
        await self._send(message)
