"""Web pages of other origins: those that the configuration names may call, with a key, from a browser."""

from typing import Final

from starlette.middleware.cors import CORSMiddleware

from gateway.edge.asgi import Application, Receive, Scope, Send, header
from gateway.settings.access import CorsSettings

_METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
_READABLE: Final = (
    *("Age", "Cache-Status", "ETag", "Idempotency-Replayed", "Link", "Location"),
    *("RateLimit", "RateLimit-Policy", "Retry-After", "Server-Timing", "X-Request-Id"),
)
"""What of an answer's headers a page may read, beside what every page may."""


class CorsLayer:
    """Answers what browsers ask beforehand, and tells them that a page may read an answer.

    For a page of any other origin it is not there: the answer says nothing, and the browser keeps it to itself.
    """

    def __init__(self, inner: Application, settings: CorsSettings) -> None:
        """Make a layer.

        Args:
            inner: the rest of the gateway.
            settings: with at least one origin.
        """
        self._inner = inner
        self._origins = frozenset(settings.origins)
        # A page that may call at all may send any header: its key counts, and the browser adds no cookies.
        self._told = CORSMiddleware(
            inner,
            allow_origins=settings.origins,
            allow_methods=_METHODS,
            allow_headers=("*",),
            expose_headers=_READABLE,
            max_age=settings.max_age_seconds,
            allow_private_network=True,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        known = scope["type"] == "http" and header(scope, b"origin") in self._origins
        await (self._told if known else self._inner)(scope, receive, send)
