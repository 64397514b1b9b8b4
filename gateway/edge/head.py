"""HEAD for everything that GET is offered on: the same answer without its body (RFC 9110 section 9.3.2)."""

from gateway.edge.asgi import Application, Message, Receive, Scope, Send
from gateway.passthrough.ports import PREFIX


class HeadLayer:
    """Asks the inner application with GET where HEAD was asked for."""

    def __init__(self, inner: Application) -> None:
        self._inner = inner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        # A vendor is asked with HEAD itself.
        if scope["type"] != "http" or scope["method"] != "HEAD" or scope["path"].startswith(PREFIX):
            await self._inner(scope, receive, send)
            return

        async def send_without_body(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        scope["method"] = "GET"
        await self._inner(scope, receive, send_without_body)
