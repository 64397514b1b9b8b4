"""What stands before the routes: the request id, the vendor's answer headers, and the rate limit."""

from time import perf_counter
from typing import Protocol

from starlette.datastructures import MutableHeaders
from starlette.responses import JSONResponse

from emulators.aitronos.errors import Document, Refusal
from emulators.aitronos.state import State
from emulators.aitronos.variants import RATE_LIMITS, SPLIT_LIMIT_HEADERS
from emulators.contract import Application, Message, Receive, Send

REQUEST_ID = "aitronos.request_id"
"""Key in the ASGI scope."""

API_VERSION = "2025-01-01"


class Server(Protocol):
    """What the front needs to know of the backend."""

    state: State

    def on(self, variant: str) -> bool:
        """Say whether a variant is switched on."""

    def new_request_id(self) -> str:
        """Return a new request id."""

    def refusal_body(self, refusal: Refusal, request_id: str) -> Document:
        """Return an error body."""


class Front:
    """An ASGI layer around the routes."""

    def __init__(self, inner: Application, server: Server) -> None:
        self._inner = inner
        self._server = server

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer with the vendor's headers; refuse at once when the rate limit is switched on and used up."""
        if scope["type"] != "http":
            await self._inner(scope, receive, send)
            return
        started = perf_counter()
        scope[REQUEST_ID] = self._server.new_request_id()
        allowed, quota = self._limit()

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(quota | self._headers(scope[REQUEST_ID], perf_counter() - started))
            await send(message)

        inner = self._inner if allowed else self._too_many(scope[REQUEST_ID])
        await inner(scope, receive, with_headers)

    def _limit(self) -> tuple[bool, dict[str, str]]:
        enforced, split = self._server.on(RATE_LIMITS), self._server.on(SPLIT_LIMIT_HEADERS)
        if not enforced and not split:
            return True, {}
        now = self._server.state.now().timestamp()
        allowed = self._server.state.bucket.take(now) or not enforced
        return allowed, self._server.state.bucket.headers(now, split=split)

    def _headers(self, request_id: str, seconds: float) -> dict[str, str]:
        return {
            "aitronos-organization": self._server.state.organization_id,
            "freddy-processing-ms": str(round(seconds * 1000)),
            "freddy-api-version": API_VERSION,
            "x-request-id": request_id,
        }

    def _too_many(self, request_id: str) -> Application:
        wait = self._server.state.bucket.wait()
        refusal = Refusal(429, details={"retry_after": wait})
        headers = {"retry-after": str(wait), "x-ratelimit-retry-after": str(wait)}
        response: Application = JSONResponse(
            self._server.refusal_body(refusal, request_id), 429, headers=headers
        )
        return response
