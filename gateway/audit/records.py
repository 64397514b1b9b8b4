"""What a line of the audit log says: who, what, when, and what came of it. Never a body, a query or a secret."""

from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote

from gateway.callers import Caller
from gateway.edge.asgi import Scope
from gateway.edge.authentication import CALLER
from gateway.edge.context import NOTES, REQUEST_ID, ROUTE
from gateway.edge.gate import key_of, shown_path
from gateway.writing.attempt import Outcome
from schemas.base import JsonObject

OUTCOME: Final = "gateway.outcome"
"""Key in the ASGI scope: what came of a write, where somebody knows better than the status tells."""

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing (RFC 9110 section 9.2.1)."""

DENIALS: Final = frozenset({"not_authenticated", "not_allowed", "not_passed_on", "unknown_connection"})
"""The codes of problems that say that a caller asked for what it may not have."""

BEGUN: Final = "begun"
DENIED: Final = "denied"
REPLAYED: Final = "replayed"

_LONGEST_PATH: Final = 2000
_PRINTABLE: Final = "".join(map(chr, range(0x21, 0x7F)))
"""Of a path; whatever else it holds is percent-encoded, since it could steer the terminal of whoever reads the log."""

_NOT_DONE: Final = 501


def record(scope: Scope, outcome: str, now: float, status: int = 0) -> JsonObject:
    """Return a line about a request; what is not known is left out.

    Args:
        scope: the request's, with what the layers noted there.
        outcome: see `outcome_of`.
        now: seconds of the wall clock.
        status: of the answer; 0 when there is none.
    """
    caller = _caller(scope)
    notes = scope.get(NOTES, {})
    client = scope.get("client")
    found: JsonObject = {
        "time": moment(now),
        "outcome": outcome,
        "caller": None if caller is None else caller.name,
        "key": (caller.key or None) if caller is not None else None,
        "address": client[0] if client else None,
        "method": scope.get("method", "WEBSOCKET"),
        "path": _path(scope),
        "route": scope.get(ROUTE) or getattr(scope.get("route"), "operation_id", None),
        "connection": notes.get("connection"),
        "status": status or None,
        "problem": notes.get("problem"),
        "expired": notes.get("expired"),
        "request_id": scope.get(REQUEST_ID),
        "trace_id": notes.get("trace_id"),
    }
    return {name: value for name, value in found.items() if value is not None}


def outcome_of(scope: Scope, status: int) -> str:
    """Return what came of a request.

    Args:
        scope: the request's, with what the layers noted there.
        status: of the answer; 0 when there is none.
    """
    if scope.get(NOTES, {}).get("problem") in DENIALS:
        return DENIED
    noted: str | None = scope.get(OUTCOME)
    if noted is not None:
        return noted
    if not status:
        return Outcome.UNKNOWN.value
    if status < 400:
        return Outcome.DONE.value
    return Outcome.REFUSED.value if status < 500 or status == _NOT_DONE else Outcome.UNKNOWN.value


def moment(now: float) -> str:
    """Return a time as RFC 3339 writes it, in UTC, to the millisecond."""
    return datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _caller(scope: Scope) -> Caller | None:
    found: Caller | None = scope.get(CALLER)
    return found


def _path(scope: Scope) -> str:
    """Return the path as it was sent; one that holds the key that came with it is not told."""
    path = shown_path(scope["path"], key_of(scope))
    return quote(path[:_LONGEST_PATH], safe=_PRINTABLE, encoding="latin-1", errors="replace")
