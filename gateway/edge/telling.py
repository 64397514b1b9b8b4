"""What an answer tells beside itself where the vendor was asked for it: its quota, and the time that was waited for."""

from typing import Final

from adapters.quota import Quota
from gateway.cache.trace import Trace
from gateway.connections import Connection
from gateway.deadlines import Deadline
from gateway.edge.asgi import Header, Scope

TRACE: Final = "gateway.trace"
"""Key in the ASGI scope: what the caches did, see `gateway.cache.trace`."""

DEADLINE: Final = "gateway.deadline"
"""Key in the ASGI scope: the end of the request's time."""

ASKED: Final = "gateway.asked"
"""Key in the ASGI scope: the connection, and how often its vendor had told of its quotas before."""


def told(scope: Scope) -> list[Header]:
    """Return further headers of a request's answer; none where what was kept answered it."""
    trace, deadline, asked = scope.get(TRACE), scope.get(DEADLINE), scope.get(ASKED)
    if isinstance(trace, Trace) and trace.forward is None:
        return []
    headers: list[Header] = []
    if isinstance(deadline, Deadline) and deadline.wished is not None:
        # RFC 7240 section 3.
        headers.append((b"preference-applied", b"wait=%d" % deadline.wished))
    if asked is not None:
        connection, times = asked
        if connection.http.times_told > times:
            headers += quota_headers(connection)
    return headers


def quota_headers(connection: Connection) -> list[Header]:
    """Return the vendor's quotas as policies of their own (draft-ietf-httpapi-ratelimit-headers sections 3 and 4)."""
    now = connection.now().timestamp()
    quotas = connection.http.condition().quotas
    policies = [found for quota in quotas if (found := _policy(connection.name, quota))]
    left = [found for quota in quotas if (found := _left(connection.name, quota, now))]
    headers = [(b"ratelimit-policy", ", ".join(policies).encode("ascii"))] if policies else []
    return [*headers, (b"ratelimit", ", ".join(left).encode("ascii"))] if left else headers


def _policy(connection: str, quota: Quota) -> str:
    if quota.limit is None:
        return ""
    window = "" if quota.window_seconds is None else f";w={quota.window_seconds}"
    return f"{_name(connection, quota)};q={quota.limit}{window}"


def _left(connection: str, quota: Quota, now: float) -> str:
    if quota.remaining is None:
        return ""
    seconds = "" if quota.resets_at is None else f";t={max(0, round(quota.resets_at - now))}"
    return f"{_name(connection, quota)};r={quota.remaining}{seconds}"


def _name(connection: str, quota: Quota) -> str:
    """Return the policy's name as a string of structured fields; a quota's name holds nothing that ends one."""
    return f'"{connection}-{quota.name}"'
