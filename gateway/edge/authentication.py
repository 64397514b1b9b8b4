"""Who calls: every path needs a key unless it is on the short list of open ones."""

from collections.abc import Callable
from typing import Final

from gateway.edge.asgi import Application, Receive, Scope, Send, header, send_problem
from gateway.edge.context import NOTES, REQUEST_ID
from gateway.edge.gate import Gate, presented_key
from gateway.errors import NotAuthenticated
from gateway.problems import problem

CALLER: Final = "gateway.caller"
"""Key in the ASGI scope that holds the caller."""

OPEN_PATHS: Final = frozenset({"/", "/healthz", "/readyz", "/openapi.json", "/docs"})
OPEN_PREFIXES: Final = ("/schemas/", "/problems/", "/docs/")


class AuthenticationLayer:
    """Lets requests in whose key is known, and says who it is."""

    def __init__(self, inner: Application, gate: Gate, denied: Callable[[Scope], None] | None = None) -> None:
        """Make a layer.

        Args:
            inner: for those who are let in.
            gate: tells who calls.
            denied: takes note of a request that is refused.
        """
        self._inner = inner
        self._gate = gate
        self._denied = denied

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or refuse it."""
        if scope["type"] != "http" or is_open(scope["path"]):
            await self._inner(scope, receive, send)
            return
        own, authorization = header(scope, b"x-api-key"), header(scope, b"authorization")
        caller = self._gate.identify(own, authorization, header(scope, b"host"))
        if caller is None:
            key = presented_key(own, authorization)
            refused = problem(NotAuthenticated(_refusal(scope, key)))
            self._note(scope, key, refused.code)
            update = {"request_id": scope.get(REQUEST_ID), "instance": scope["path"]}
            await send_problem(send, refused.model_copy(update=update))
            return
        scope[CALLER] = caller
        scope.get(NOTES, {})["caller"] = caller.name
        await self._inner(scope, receive, send)

    def _note(self, scope: Scope, key: str | None, code: str) -> None:
        """Say whose key it was, to the operator alone."""
        notes = scope.get(NOTES, {})
        notes["problem"] = code
        holder = None if key is None else self._gate.holder(key)
        if holder is not None:
            notes.update(caller=holder.name, expired=True)
        if self._denied is not None:
            self._denied(scope if holder is None else {**scope, CALLER: holder})


def is_open(path: str) -> bool:
    """Say whether a path needs no key."""
    return path in OPEN_PATHS or path.startswith(OPEN_PREFIXES)


def _refusal(scope: Scope, key: str | None) -> str:
    if key is not None:
        return "the key is not one of this gateway's, or it has expired"
    if any(name in (b"x-api-key", b"authorization") for name, _ in scope["headers"]):
        return "the key headers contradict each other, repeat, or are not of the form Bearer <key>; send one key, once"
    return "no key was sent; send one as X-API-Key: <key> or Authorization: Bearer <key>"
