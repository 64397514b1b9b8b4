"""What an answer tells beside itself where the vendor was asked for it: its quota, and the time that was waited for."""

from collections.abc import Iterator
from typing import Final

from gateway.cache.trace import Trace
from gateway.deadlines import Deadline
from gateway.edge.asgi import Header, Message, Scope
from gateway.ratelimit_headers import LEFT_HEADER, QUOTAS, Quota, ratelimit_headers

TRACE: Final = "gateway.trace"
"""Key in the ASGI scope: what the caches did, see `gateway.cache.trace`."""

DEADLINE: Final = "gateway.deadline"
"""Key in the ASGI scope: the end of the request's time."""

ASKED: Final = "gateway.asked"
"""Key in the ASGI scope: the connection, and how often its vendor had told of its quotas before."""


def told(scope: Scope, answer: Message) -> list[Header]:
    """Return further headers of a request's answer: of what is kept, only what is left to the caller.

    A vendor's own headers of these names, passed on as they came, are not mixed with them.
    """
    trace, deadline = scope.get(TRACE), scope.get(DEADLINE)
    kept = isinstance(trace, Trace) and trace.forward is None
    headers: list[Header] = []
    if not kept and isinstance(deadline, Deadline) and deadline.wished is not None:
        # RFC 7240 section 3.
        headers.append((b"preference-applied", b"wait=%d" % deadline.wished))
    quotas: list[Quota] = [*scope[QUOTAS], *(() if kept else _of_vendor(scope))]
    if quotas and not any(name == LEFT_HEADER for name, _ in answer.get("headers", ())):
        headers += ratelimit_headers(quotas)
    return headers


def _of_vendor(scope: Scope) -> Iterator[Quota]:
    """Return the vendor's quotas, each as a policy of its own, where it told of them meanwhile."""
    asked = scope.get(ASKED)
    if asked is None:
        return
    connection, times = asked
    if connection.http.times_told == times:
        return
    now = connection.now().timestamp()
    for quota in connection.http.condition().quotas:
        resets = None if quota.resets_at is None else quota.resets_at - now
        name = f"{connection.name}-{quota.name}"
        yield Quota(name, quota.remaining, quota.limit, quota.window_seconds, resets)
