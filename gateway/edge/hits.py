"""The short way as an ASGI layer, for whichever server runs the application."""

import asyncio

from gateway.edge.asgi import Application, Receive, Scope, Send
from gateway.edge.clients import has_left
from gateway.edge.short_way import ShortWay


class HitLayer:
    """Answers out of the cache, or hands the request on."""

    def __init__(self, inner: Application, short_way: ShortWay) -> None:
        """Make a layer.

        Args:
            inner: the long way.
            short_way: finds what can be answered at once; a server may ask it before it makes a task of the request.
        """
        self._inner = inner
        self.short_way = short_way

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        given = None
        if scope["type"] == "http":
            given = self.short_way.answer(
                scope["method"], scope["raw_path"], scope["query_string"], scope["headers"]
            )
        if given is None:
            await self._inner(scope, receive, send)
            return
        body = given.body if scope["method"] == "GET" else b""
        try:
            await send({"type": "http.response.start", "status": given.status, "headers": given.head})
            await send({"type": "http.response.body", "body": body})
        except asyncio.CancelledError:
            if not has_left(scope):
                raise
