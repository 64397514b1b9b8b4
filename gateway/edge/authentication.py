"""Who calls: every path needs a key unless it is on the short list of open ones."""

from collections.abc import Callable
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from gateway.callers import Caller, Callers
from gateway.edge.asgi import Application, Receive, Scope, Send, header, send_problem
from gateway.edge.context import NOTES, REQUEST_ID
from gateway.errors import NotAuthenticated
from gateway.problems import problem
from gateway.settings.values import is_loopback

CALLER: Final = "gateway.caller"
"""Key in the ASGI scope that holds the caller."""

OPEN_PATHS: Final = frozenset({"/", "/healthz", "/readyz", "/openapi.json", "/docs"})
OPEN_PREFIXES: Final = ("/schemas/", "/problems/", "/docs/")


class AuthenticationLayer:
    """Lets requests in whose key is known, and says who it is."""

    def __init__(self, inner: Application, callers: Callers, now: Callable[[], datetime]) -> None:
        self._inner = inner
        self._callers = callers
        self._now = now

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or refuse it."""
        if scope["type"] != "http" or is_open(scope["path"]):
            await self._inner(scope, receive, send)
            return
        caller = self._identify(scope)
        if caller is None:
            path = scope["path"]
            refused = problem(NotAuthenticated(_refusal(scope)))
            update = {"request_id": scope.get(REQUEST_ID), "instance": path}
            await send_problem(send, refused.model_copy(update=update))
            return
        scope[CALLER] = caller
        scope.get(NOTES, {})["caller"] = caller.name
        await self._inner(scope, receive, send)

    def _identify(self, scope: Scope) -> Caller | None:
        if self._callers.anonymous is not None and not _is_local(header(scope, b"host")):
            # A web page elsewhere can make its own name resolve to this machine; only the Host header tells.
            return None
        key = presented_key(scope)
        if key is None:
            return self._callers.anonymous
        return self._callers.identify(key, self._now())


def is_open(path: str) -> bool:
    """Say whether a path needs no key."""
    return path in OPEN_PATHS or path.startswith(OPEN_PREFIXES)


def presented_key(scope: Scope) -> str | None:
    """Return the key of `X-API-Key` or `Authorization: Bearer`; two different ones count as none."""
    own = header(scope, b"x-api-key")
    scheme, _, token = (header(scope, b"authorization") or "").partition(" ")
    bearer = token.strip() if scheme.lower() == "bearer" and token.strip() else None
    if own is not None and bearer is not None and own != bearer:
        return None
    return own or bearer


def _is_local(host: str | None) -> bool:
    try:
        name = urlsplit(f"//{host or ''}").hostname
    except ValueError:
        return False
    return name is not None and is_loopback(name)


def _refusal(scope: Scope) -> str:
    names = [name for name, _ in scope["headers"] if name in (b"x-api-key", b"authorization")]
    if presented_key(scope) is None and names:
        return "the key headers contradict each other, repeat, or are not of the form Bearer <key>; send one key, once"
    if not names:
        return "no key was sent; send one as X-API-Key: <key> or Authorization: Bearer <key>"
    return "the key is not one of this gateway's, or it has expired"
