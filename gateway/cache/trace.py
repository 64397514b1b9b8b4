"""What the caches did with one request, told as `Cache-Status` (RFC 9211) and as one word for the figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from gateway.cache import policy, status
from gateway.cache.front import Tier
from gateway.cache.status import GATEWAY, SHARED, Forward
from gateway.cache.store import Entry


class Outcome(StrEnum):
    """Where an answer came from."""

    HIT = "hit"
    """Kept in this process, and fresh."""
    SHARED = "shared"
    """Kept in the shared tier, and fresh."""
    STALE = "stale"
    """Kept and stale; the vendor is asked beside the request."""
    RESCUED = "rescued"
    """Kept and stale; the vendor failed."""
    REVALIDATED = "revalidated"
    """The vendor said that nothing changed."""
    UNCHANGED = "unchanged"
    """The vendor gave the very bytes that were kept."""
    MISS = "miss"
    """The vendor gave something new."""
    COLLAPSED = "collapsed"
    """Somebody else's question to the vendor was waited for."""
    FAILED = "failed"
    """The vendor failed, or has no such thing, or could not be asked."""


_WORST_LAST: Final = (
    Outcome.HIT,
    Outcome.SHARED,
    Outcome.STALE,
    Outcome.UNCHANGED,
    Outcome.REVALIDATED,
    Outcome.COLLAPSED,
    Outcome.MISS,
    Outcome.RESCUED,
    Outcome.FAILED,
)
"""The outcomes, the further from a hit the later."""


@dataclass(slots=True)
class Trace:
    """Filled while a request is answered.

    Attributes:
        outcome: None until something is known.
        forward: why the vendor was asked; None when it was not.
        shared: there is a shared tier, and it had nothing that would do.
        vendor_status: the vendor's status where it is not the one sent on.
        ttl: seconds of freshness left when it was answered, negative when stale.
        stored: the answer was kept.
        detail: anything else.
    """

    outcome: Outcome | None = None
    forward: Forward | None = None
    shared: bool = False
    vendor_status: int | None = None
    ttl: int | None = None
    stored: bool = False
    detail: str | None = None

    def answered(self, outcome: Outcome, entry: Entry, now: float, tier: Tier | None) -> None:
        """Note that something kept is given out without asking the vendor in the request."""
        self.outcome = Outcome.SHARED if tier is Tier.SHARED and outcome is Outcome.HIT else outcome
        self.ttl = policy.seconds_left(entry, now)
        details = {Outcome.HIT: "memory", Outcome.STALE: "stale-while-revalidate"}
        self.detail = "not-found" if entry.absent is not None else details.get(self.outcome)

    def forwarded(self, reason: Forward, *, shared: bool) -> None:
        """Note that nothing kept will do without asking the vendor."""
        self.forward, self.shared, self.outcome = reason, shared, Outcome.FAILED

    def brought(self, outcome: Outcome, entry: Entry, now: float, *, stored: bool) -> None:
        """Note what asking brought."""
        self.outcome, self.stored = outcome, stored
        self.ttl = policy.seconds_left(entry, now)
        if outcome is Outcome.REVALIDATED:
            self.vendor_status = 304
        self.detail = "unchanged" if outcome is Outcome.UNCHANGED else None

    def failed(self, vendor_status: int | None) -> None:
        """Note that the vendor failed."""
        self.vendor_status = vendor_status

    def rescued(self, entry: Entry, now: float, *, asked: bool) -> None:
        """Note that something stale is given out because the vendor failed, just now or shortly before."""
        self.outcome, self.detail = Outcome.RESCUED, "stale-if-error"
        self.ttl = policy.seconds_left(entry, now)
        if not asked:
            self.forward = None

    def cache_status(self) -> str:
        """Return the value of `Cache-Status`; empty when no cache was asked."""
        if self.outcome is None:
            return ""
        if self.outcome is Outcome.HIT and self.detail == "memory" and self.ttl is not None:
            return status.memory_hit(self.ttl).decode("ascii")
        if self.outcome is Outcome.SHARED:
            found = status.member(SHARED, hit=True, ttl=self.ttl, detail=self.detail)
            return status.field_value(found, status.member(GATEWAY, fwd="uri-miss", stored=True))
        if self.forward is None:
            return status.member(GATEWAY, hit=True, ttl=self.ttl, detail=self.detail)
        behind = status.member(SHARED, fwd=self.forward, stored=self.stored) if self.shared else None
        ours = status.member(
            GATEWAY,
            fwd=self.forward,
            fwd_status=self.vendor_status,
            ttl=self.ttl,
            stored=self.stored,
            collapsed=self.outcome is Outcome.COLLAPSED,
            detail=self.detail,
        )
        return status.field_value(behind, ours)

    def sums_up(self, parts: Sequence["Trace"]) -> None:
        """Tell what was done for all parts of an answer: of their outcomes the one furthest from a hit."""
        told = [part for part in parts if part.outcome is not None]
        if not told:
            return
        worst = max(told, key=lambda part: _WORST_LAST.index(part.outcome or Outcome.HIT))
        self.outcome, self.forward, self.shared = worst.outcome, worst.forward, worst.shared
        self.vendor_status, self.detail = worst.vendor_status, worst.detail
        self.ttl = min((part.ttl for part in told if part.ttl is not None), default=None)
        self.stored = all(part.stored or part.forward is None for part in told)
