"""Where the pass-through is reached: under a prefix, or on a port of one connection where the vendor's root is ours.

Some SDKs drop the path of their base URL for one of their calls; a port has no path to drop.
"""

from typing import Final

from gateway.edge.asgi import Application, Receive, Scope, Send

PREFIX: Final = "/passthrough/"

MOUNT: Final = "gateway.mount"
"""Key in the ASGI scope: what stands before the vendor's paths, where that is not the prefix and the connection."""


class PortLayer:
    """Leads everything that comes in at a connection's own port to that connection."""

    def __init__(self, inner: Application, connection: str) -> None:
        """Make a layer.

        Args:
            inner: the whole application.
            connection: the connection's name.
        """
        self._inner = inner
        self._below = f"{PREFIX}{connection}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] in ("http", "websocket"):
            raw = self._below.encode() + scope["raw_path"]
            scope = {**scope, "path": self._below + scope["path"], "raw_path": raw, MOUNT: ""}
        await self._inner(scope, receive, send)
