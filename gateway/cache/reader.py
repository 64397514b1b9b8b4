"""Reads through the cache: the policy decides, one flight per key asks the vendor, the store keeps what it gave."""

from collections import OrderedDict
from dataclasses import asdict, dataclass
from typing import Final

from adapters.errors import AdapterError, DeadlineExceeded, VendorError, VendorNotFound
from gateway.cache import policy
from gateway.cache.directives import NO_DIRECTIVES, RequestDirectives
from gateway.cache.filler import Clock, Fill, Filler, Got, Question
from gateway.cache.flights import Flight, Flights
from gateway.cache.front import FrontStore
from gateway.cache.policy import Decision
from gateway.cache.store import Entry
from gateway.cache.trace import Outcome, Trace
from gateway.errors import NotCached
from gateway.problems import kind_of
from schemas.operations import CacheFigures, SharedTierFigures

PAUSE_SECONDS: Final = 1.0
"""After a failure the vendor is left alone for so long where something stale can be given out instead."""

_REMEMBERED_FAILURES: Final = 4096


@dataclass(slots=True)
class _Request:
    """One request while it is answered.

    Attributes:
        question: what is read.
        fill: asks the vendor.
        directives: what it says about caching.
        trace: is told what was done.
        until: when it is no longer waited for, in the running loop's time.
        arrived: the flight that began last before it came: only later ones have surely asked since.
    """

    question: Question
    fill: Fill
    directives: RequestDirectives
    trace: Trace
    until: float | None
    arrived: int


class CachedReader:
    """Looks up, fills and keeps entries over one store."""

    def __init__(self, store: FrontStore, clock: Clock) -> None:
        """Make a reader.

        Args:
            store: where entries are kept.
            clock: seconds of the wall clock.
        """
        self._store = store
        self._clock = clock
        self._filler = Filler(store, clock)
        self._flights: Flights[Got] = Flights()
        self._failed: OrderedDict[str, float] = OrderedDict()

    async def read(
        self,
        question: Question,
        fill: Fill,
        directives: RequestDirectives = NO_DIRECTIVES,
        trace: Trace | None = None,
        until: float | None = None,
    ) -> Entry:
        """Return the entry of a question: a kept one if the policy has it do, else what the vendor gives.

        Args:
            question: what is read.
            fill: asks the vendor.
            directives: what the request says about caching.
            trace: is told what was done.
            until: when the vendor is no longer waited for, in the running loop's time; None for its own bounds.

        Raises:
            DeadlineExceeded: the time is over, and nothing kept may be given out instead.
            VendorNotFound: the vendor has no such thing, said now or not long before.
            NotCached: `only-if-cached` was asked for and nothing kept will do.
            AdapterError: the vendor failed, and nothing kept may be given out instead.
        """
        request = _Request(question, fill, directives, trace or Trace(), until, self._flights.latest)
        kept, tier = await self._store.get_with_tier(question.key)
        now = self._clock()
        decision = policy.decide(kept, now, directives)
        if kept is not None and decision is Decision.FRESH:
            request.trace.answered(Outcome.HIT, kept, now, tier)
            return _present(kept)
        if kept is not None and decision is Decision.STALE_WHILE_REVALIDATE:
            self._refresh(request, kept, now)
            request.trace.answered(Outcome.STALE, kept, now, tier)
            return kept
        request.trace.forwarded(policy.forward_reason(kept, now), shared=self._store.is_shared)
        if decision is Decision.GATEWAY_TIMEOUT:
            raise NotCached
        return await self._ask(request, kept, now)

    async def forget(self, *tags: str) -> None:
        """Forget what carries one of the tags, on every instance; everything without any."""
        await (self._store.invalidate(*tags) if tags else self._store.clear())

    def figures(self) -> CacheFigures:
        """Return how full the store is."""
        stats, shared = self._store.stats, self._store.shared_figures
        return CacheFigures(
            entries=stats.entries,
            used_bytes=stats.used_bytes,
            max_bytes=stats.max_bytes,
            evicted=stats.evicted,
            shared=None
            if shared is None
            else SharedTierFigures(state=shared.state, pending=shared.pending, **asdict(shared.counts)),
        )

    async def close(self) -> None:
        """Cancel what is under way; the store is closed by whoever made it."""
        await self._flights.close()

    async def _ask(self, request: _Request, kept: Entry | None, now: float) -> Entry:
        """Ask the vendor; where it fails, what is kept may be given out instead."""
        key, trace = request.question.key, request.trace
        if kept is not None and self._failed_lately(key, now) and self._may_rescue(request, kept):
            trace.rescued(kept, now, asked=False)
            return kept
        try:
            flight, joined = await self._board(request, kept)
            entry, outcome, stored = await self._landing(flight, request)
        except VendorNotFound:
            trace.stored = request.question.not_found_seconds > 0
            raise
        except AdapterError as error:
            trace.failed(error.status if isinstance(error, VendorError) else None)
            if kept is None or not _is_error(error) or not self._may_rescue(request, kept):
                raise
            trace.rescued(kept, self._clock(), asked=True)
            return kept
        trace.brought(Outcome.COLLAPSED if joined else outcome, entry, self._clock(), stored=stored)
        return _present(entry)

    async def _board(self, request: _Request, kept: Entry | None) -> tuple[Flight, bool]:
        """Return a flight that will do for the request, and whether somebody else began it."""
        question, wish = request.question, request.directives
        if wish.no_store:
            # A flight of its own, since those who join one expect that what it brings is kept.
            return self._flights.begin(question.key, lambda: request.fill(kept), 0, hidden=True), False
        flight = self._flights.get(question.key)
        if flight is not None and wish.no_cache and flight.number <= request.arrived:
            # It may have asked before the request came; the next one has not (RFC 9111 section 5.2.1.4).
            try:
                await self._landing(flight, request)
            except DeadlineExceeded:
                raise
            except AdapterError:
                pass  # the next one may fare better
            flight = self._flights.get(question.key)
        if flight is not None and not self._outdated(flight, question):
            return flight, True
        return self._begin(request, kept, alone=wish.no_cache), False

    async def _landing(self, flight: Flight, request: _Request) -> Got:
        """Return what a flight brings, if it does in the request's time."""
        try:
            return await self._flights.wait(flight, request.until)
        except TimeoutError as error:
            raise DeadlineExceeded(
                "the time of this request was over before the vendor had answered"
            ) from error

    def _begin(
        self, request: _Request, kept: Entry | None, *, alone: bool = False, background: bool = False
    ) -> Flight:
        key = request.question.key

        async def fly() -> Got:
            try:
                got = await self._filler.fill(request.question, request.fill, kept, alone=alone)
            except AdapterError as error:
                if _is_error(error):
                    self._note_failure(key)
                raise
            self._failed.pop(key, None)
            return got

        return self._flights.begin(key, fly, self._store.changes.now(), background=background)

    def _refresh(self, request: _Request, kept: Entry, now: float) -> None:
        """Ask the vendor beside the request (RFC 5861 section 3)."""
        key = request.question.key
        if self._flights.get(key) is None and not self._failed_lately(key, now):
            self._begin(request, kept, background=True)

    def _outdated(self, flight: Flight, question: Question) -> bool:
        """Say whether what the flight brings was forgotten since it began."""
        named = Entry({}, 0.0, 0.0, tags=question.tags)
        return self._store.changes.touched(flight.since, question.key, named)

    def _may_rescue(self, request: _Request, kept: Entry) -> bool:
        return policy.may_serve_on_error(kept, self._clock(), request.directives)

    def _failed_lately(self, key: str, now: float) -> bool:
        return now < self._failed.get(key, 0.0)

    def _note_failure(self, key: str) -> None:
        self._failed[key] = self._clock() + PAUSE_SECONDS
        self._failed.move_to_end(key)
        if len(self._failed) > _REMEMBERED_FAILURES:
            self._failed.popitem(last=False)


def _is_error(error: AdapterError) -> bool:
    """Say whether a failure is of the kind that something stale is better than (RFC 5861 section 4)."""
    return kind_of(error).status in policy.ERROR_STATUSES


def _present(entry: Entry) -> Entry:
    if entry.absent is not None:
        raise VendorNotFound(entry.absent, status=404)
    return entry
