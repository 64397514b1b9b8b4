"""The short way: what is kept, fresh and ready is given out before anything else of the gateway is asked.

Whatever is not plain takes the long way: a header that repeats, a key that is not known, something stale. Both ways
answer the same, see tests/gateway/test_ways.py.
"""

import time
from collections.abc import Mapping, Sequence
from typing import Final

import structlog

from gateway.answers import RawHeader
from gateway.api.state import AppState
from gateway.callers import Caller
from gateway.desk import Given
from gateway.edge.gate import Gate
from gateway.edge.request_ids import RequestIds, accepted
from gateway.errors import CallerLimited
from gateway.ratelimit_headers import ratelimit_headers
from gateway.targets import Target
from gateway.telemetry import trace_context

LOG_EVERY: Final = 1000
"""One of so many answers is logged unless the settings say otherwise: a line costs ten times what the answer does."""


class ShortWay:
    """Finds answers that can be given at once."""

    def __init__(
        self, gate: Gate, state: AppState, log_every: int = LOG_EVERY, *, pages: bool = False
    ) -> None:
        """Make it.

        Args:
            gate: tells who calls.
            state: holds the desk while the application runs, and counts.
            log_every: one of so many answers is logged; none for 0.
            pages: web pages of other origins may call; what they are told beside the answer the long way knows.
        """
        self._pages = pages
        self._gate = gate
        self._state = state
        self._ids = RequestIds()
        self._log = structlog.get_logger("gateway.request")
        # Counted down, so that an answer that is not logged costs one comparison. Below zero it never comes to zero.
        self._log_every = log_every
        self._unlogged = log_every

    def answer(self, method: str, path: bytes, query: bytes, raw: Sequence[RawHeader]) -> Given | None:
        """Return the answer to a request, counted as given, or None when it has to take the long way.

        Args:
            method: upper case.
            path: as it was sent.
            query: as it was sent, without the question mark.
            raw: the headers, names in lower case.
        """
        started = time.perf_counter()
        desk = self._state.desk
        if desk is None or method not in ("GET", "HEAD"):
            return None
        headers = dict(raw)
        if len(headers) != len(raw) or b"host" not in headers or (self._pages and b"origin" in headers):
            return None
        caller = self._gate.identify_raw(headers)
        if caller is None:
            return None
        target = desk.targets.find((caller.scope, path, query))
        if target is None:
            return None
        given = desk.give_at_once(target, headers)
        if given is None or not _let_in(caller, given):
            return None
        given.request_id = accepted(headers.get(b"x-request-id")) or self._ids.next()
        counting = self._state.counting
        size = 0 if given.unchanged or method == "HEAD" else len(given.made.body)
        seconds = time.perf_counter() - started
        if counting is not None and target.cells is not None:
            counting.hit(target.cells, size, seconds, unchanged=given.unchanged)
        self._unlogged -= 1
        if self._unlogged == 0:
            self._unlogged = self._log_every
            asked = {"method": method, "path": path.decode("latin-1"), "route": target.route}
            told = {"milliseconds": round(seconds * 1000, 2), "bytes_out": size, "caller": caller.name}
            self._tell({**_ids(given, raw), **asked, "status": given.status, **told}, target)
        return given

    def _tell(self, facts: Mapping[str, object], target: Target) -> None:
        about = {"connection": target.connection, "vendor": target.vendor}
        known = {name: value for name, value in about.items() if value is not None}
        self._log.info("request", **facts, **known, cache="hit", one_of=self._log_every)


def _ids(given: Given, raw: Sequence[RawHeader]) -> dict[str, str]:
    """Return the ids of a request, and of the trace that its caller has; a hit takes no place in it."""
    ids = {"request_id": (given.request_id or b"").decode("ascii")}
    trace = trace_context.read(raw)
    return ids if trace is None else {**ids, "trace_id": trace.trace_id}


def _let_in(caller: Caller, given: Given) -> bool:
    """Say whether the caller's limits let the answer out; the long way says why they do not."""
    limiter = caller.limiter
    if limiter is None:
        return True
    try:
        limiter.let_in()
    except CallerLimited:
        return False
    quota = limiter.quota()
    if quota is not None:
        given.quota = ratelimit_headers([quota])
    return True
