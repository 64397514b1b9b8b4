"""The short way: what is kept, fresh and ready is given out before anything else of the gateway is asked.

Whatever is not plain takes the long way: a header that repeats, a key that is not known, something stale. Both ways
answer the same, see tests/gateway/test_short_way.py.
"""

import os
import time
from typing import Final

import structlog

from gateway.api.state import AppState
from gateway.callers import Caller
from gateway.desk import Given
from gateway.edge.asgi import Application, Receive, Scope, Send
from gateway.edge.context import ACCEPTED_ID
from gateway.edge.gate import Gate
from gateway.targets import Target

LOG_EVERY: Final = 100
"""One of so many answers of the short way is logged: a line costs more than the answer."""


class HitLayer:
    """Answers out of the cache, or hands the request on."""

    def __init__(self, inner: Application, gate: Gate, state: AppState) -> None:
        """Make a layer.

        Args:
            inner: the long way.
            gate: tells who calls.
            state: holds the desk while the application runs.
        """
        self._inner = inner
        self._gate = gate
        self._state = state
        self._log = structlog.get_logger("gateway.request")
        self._answered = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        started = time.perf_counter()
        found = self._find(scope) if scope["type"] == "http" else None
        if found is None:
            await self._inner(scope, receive, send)
            return
        given, target = found
        body = given.body if scope["method"] == "GET" else b""
        await send({"type": "http.response.start", "status": given.status, "headers": given.head})
        await send({"type": "http.response.body", "body": body})
        counting = self._state.counting
        if counting is not None and target.cells is not None:
            counting.hit(target.cells, given.status, len(body), time.perf_counter() - started)

    def _find(self, scope: Scope) -> tuple[Given, Target] | None:
        desk = self._state.desk
        if desk is None or scope["method"] not in ("GET", "HEAD"):
            return None
        headers = dict(scope["headers"])
        if len(headers) != len(scope["headers"]):
            return None
        caller = self._caller(headers)
        if caller is None:
            return None
        target = desk.targets.find((caller.scope, scope["raw_path"], scope["query_string"]))
        if target is None:
            return None
        given = desk.give_at_once(target, headers)
        if given is None:
            return None
        request_id = headers.get(b"x-request-id")
        if request_id is None or ACCEPTED_ID.fullmatch(request_id) is None:
            request_id = os.urandom(16).hex().encode()
        given.head.append((b"x-request-id", request_id))
        self._answered += 1
        if not self._answered % LOG_EVERY:
            self._tell(scope, given, target, caller.name)
        return given, target

    def _caller(self, headers: dict[bytes, bytes]) -> Caller | None:
        own, authorization, host = (
            headers.get(b"x-api-key"),
            headers.get(b"authorization"),
            headers.get(b"host"),
        )
        return self._gate.identify(
            None if own is None else own.decode("latin-1"),
            None if authorization is None else authorization.decode("latin-1"),
            None if host is None else host.decode("latin-1"),
        )

    def _tell(self, scope: Scope, given: Given, target: Target, caller: str) -> None:
        self._log.info(
            "request",
            request_id=given.head[-1][1].decode("ascii"),
            method=scope["method"],
            path=scope["raw_path"].decode("latin-1"),
            status=given.status,
            caller=caller,
            connection=target.connection,
            cache="hit",
            one_of=LOG_EVERY,
        )
