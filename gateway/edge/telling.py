"""What an answer tells beside itself where the vendor was asked for it: its quota, and the time that was waited for."""

from typing import Final

from gateway.cache.trace import Trace
from gateway.connections import Connection
from gateway.deadlines import Deadline
from gateway.edge.asgi import Header, Scope
from gateway.ratelimit_headers import Quota, add_quota

TRACE: Final = "gateway.trace"
"""Key in the ASGI scope: what the caches did, see `gateway.cache.trace`."""

DEADLINE: Final = "gateway.deadline"
"""Key in the ASGI scope: the end of the request's time."""

ASKED: Final = "gateway.asked"
"""Key in the ASGI scope: the connection, and how often its vendor had told of its quotas before."""


def is_kept(scope: Scope) -> bool:
    """Say whether an answer is given out of the cache, whoever is asked beside it."""
    trace = scope.get(TRACE)
    return isinstance(trace, Trace) and trace.forward is None


def told(scope: Scope) -> list[Header]:
    """Return further headers of an answer, and have it tell of the vendor's quotas; nothing for what was kept."""
    deadline, asked = scope.get(DEADLINE), scope.get(ASKED)
    if is_kept(scope):
        return []
    if asked is not None:
        connection, times = asked
        if connection.http.times_told > times:
            _add_quotas(scope, connection)
    if isinstance(deadline, Deadline) and deadline.wished is not None:
        # RFC 7240 section 3.
        return [(b"preference-applied", b"wait=%d" % deadline.wished)]
    return []


def _add_quotas(scope: Scope, connection: Connection) -> None:
    now = connection.now().timestamp()
    for found in connection.http.condition().quotas:
        if found.remaining is not None:
            reset = None if found.resets_at is None else found.resets_at - now
            policy = f"{connection.name}-{found.name}"
            add_quota(scope, Quota(policy, found.remaining, found.limit, found.window_seconds, reset))
