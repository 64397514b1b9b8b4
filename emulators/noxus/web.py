"""From an HTTP request to a handler's call and back: key check, ids in the path, pages, request ids."""

import hmac
import random
import uuid
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from emulators.contract import Application, Message, Receive, Send
from emulators.noxus.errors import ApiError, invalid
from emulators.noxus.state import Record, State
from emulators.noxus.validation import UUID, Query, canonical_uuid, is_uuid, parse_object

if TYPE_CHECKING:
    from emulators.noxus.backend import NoxusBackend

PAGE_SIZE = 50
LARGEST_PAGE = 100


class Call:
    """One authenticated request, as handlers see it."""

    def __init__(self, backend: "NoxusBackend", request: Request, raw: bytes) -> None:
        self.backend = backend
        self.request = request
        self.raw = raw
        self.query = Query(request.query_params)

    @property
    def state(self) -> State:
        """The workspace's records."""
        return self.backend.state

    def variant(self, name: str) -> bool:
        """Say whether a documented contradiction is switched on at this moment."""
        return name in self.backend.variants

    def body(self) -> Record:
        """Return the body's JSON object.

        Raises:
            ApiError: 400 or 422.
        """
        return parse_object(self.raw)

    def path(self, name: str) -> str:
        """Return a path parameter as text."""
        return str(self.request.path_params[name])

    def path_id(self, name: str) -> str:
        """Return a path parameter that is a UUID, in lower case with hyphens.

        Raises:
            ApiError: 422 when it is no UUID.
        """
        text = self.path(name)
        if not is_uuid(text):
            raise invalid(["path", name], UUID.message, UUID.code)
        return canonical_uuid(text)

    def workflow(self) -> Record:
        """Return the workflow the path names.

        Raises:
            ApiError: 404 or 422.
        """
        return self.state.workflow(self.path_id("workflow_id"), deleted=self.variant("deleted_visible"))

    def agent(self) -> Record:
        """Return the agent the path names.

        Raises:
            ApiError: 404 or 422.
        """
        return self.state.agent(self.path_id("agent_id"))


Handler: TypeAlias = Callable[[Call], Any]
"""Answers a call with JSON for a 200, or with a whole response."""
RouteTable: TypeAlias = tuple[tuple[str, str, Handler], ...]
"""Method, path and handler."""


def page(call: Call, items: Sequence[Any]) -> Record:
    """Return one page of a list: `items, total, page, size, pages`.

    Raises:
        ApiError: 422 for a page below 1 or a size outside 1..100.
    """
    number = call.query.number("page", 1, 1)
    size = call.query.number("size", PAGE_SIZE, 1, LARGEST_PAGE)
    start = (number - 1) * size
    return {
        "items": list(items[start : start + size]),
        "total": len(items),
        "page": number,
        "size": size,
        "pages": -(-len(items) // size),
    }


def presented_key(request: Request, *, bearer: bool) -> str | None:
    """Return the key a request carries, in `X-API-Key` or, where that is allowed, as a bearer token."""
    key = request.headers.get("x-api-key")
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if key is None and bearer and scheme.lower() == "bearer":
        return token.strip()
    return key


def authenticate(backend: "NoxusBackend", request: Request) -> None:
    """Check the caller's key.

    Raises:
        ApiError: 401 for a missing or wrong key (403 for a missing one in the older framework's variant).
    """
    key = presented_key(request, bearer="bearer" in backend.variants)
    if not key:
        raise ApiError(403 if "missing_key_403" in backend.variants else 401, "Not authenticated")
    if not hmac.compare_digest(key.encode(), backend.options.api_key.encode()):
        raise ApiError(401, "Invalid API key")


def endpoint(backend: "NoxusBackend", handler: Handler) -> Callable[[Request], Any]:
    """Return the framework's endpoint around a handler."""

    async def answer(request: Request) -> Response:
        try:
            authenticate(backend, request)
            result = handler(Call(backend, request, await request.body()))
        except ApiError as error:
            return error.response()
        return result if isinstance(result, Response) else JSONResponse(result)

    return answer


class RequestIds:
    """An ASGI layer that puts `x-request-id` on every answer; the ids repeat from start to start."""

    def __init__(self, inner: Application) -> None:
        self.inner = inner
        self._random = random.Random(8103)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Pass the request on and mark its answer."""
        request_id = uuid.UUID(int=self._random.getrandbits(128), version=4).hex

        async def mark(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["x-request-id"] = request_id
            await send(message)

        await self.inner(scope, receive, mark)
