"""How much a caller may ask, looked at before anything is done for the request."""

from gateway.callers import Caller
from gateway.edge.asgi import Application, Receive, Scope, Send, send_problem
from gateway.edge.authentication import CALLER
from gateway.edge.context import NOTES, REQUEST_ID
from gateway.errors import CallerLimited
from gateway.problems import problem
from gateway.ratelimit_headers import add_quota


class LimitLayer:
    """Lets in what the caller's limits allow, and has every answer tell what is left."""

    def __init__(self, inner: Application) -> None:
        self._inner = inner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or refuse it."""
        caller: Caller | None = scope.get(CALLER)
        limiter = None if caller is None else caller.limiter
        if limiter is None:
            await self._inner(scope, receive, send)
            return
        try:
            limiter.enter()
        except CallerLimited as error:
            refused = problem(error)
            scope[NOTES]["problem"] = refused.code
            _tell_quota(scope, caller)
            update = {"request_id": scope.get(REQUEST_ID), "instance": scope["path"]}
            await send_problem(send, refused.model_copy(update=update))
            return
        try:
            _tell_quota(scope, caller)
            await self._inner(scope, receive, send)
        finally:
            limiter.leave()


def _tell_quota(scope: Scope, caller: Caller | None) -> None:
    limiter = None if caller is None else caller.limiter
    quota = None if limiter is None else limiter.quota()
    if quota is not None:
        add_quota(scope, quota)
