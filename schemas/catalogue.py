"""Vendors and connections, as the gateway describes them to its callers."""

from enum import StrEnum

from schemas.base import CanonicalModel, Moment
from schemas.problem import Problem
from schemas.support import Ability, Support


class VendorDescription(CanonicalModel):
    """A platform that the gateway has an adapter for."""

    name: str
    title: str
    docs_url: str
    base_url: str | None = None
    """The vendor's own host; None when every installation has its own."""
    support: dict[Ability, Support]
    """One entry for every ability."""


class HealthState(StrEnum):
    """What the latest calls to a connection's vendor say."""

    UNKNOWN = "unknown"
    """Not called yet."""
    HEALTHY = "healthy"
    FAILING = "failing"


class ConnectionHealth(CanonicalModel):
    """How the latest calls went."""

    state: HealthState
    consecutive_failures: int = 0
    last_success_at: Moment | None = None
    last_failure_at: Moment | None = None
    last_problem: Problem | None = None
    """The latest failure, without what the vendor said, which is for who had asked; kept after a success."""


class BreakerState(StrEnum):
    """Whether calls are made to something that may not answer."""

    CLOSED = "closed"
    """All calls are made."""
    OPEN = "open"
    """None is: it did not answer and is left alone."""
    HALF_OPEN = "half-open"
    """One is, to see whether it answers again."""


class BreakerDescription(CanonicalModel):
    """What the process that answers makes of the latest attempts to reach the vendor."""

    state: BreakerState = BreakerState.CLOSED
    consecutive_failures: int = 0
    retry_at: Moment | None = None
    """When it is called again at the earliest; None when it is called now."""


class QuotaDescription(CanonicalModel):
    """What the vendor said last of how much may be asked of it."""

    name: str
    """What is limited, in the vendor's word; `requests` where it has none."""
    limit: int | None = None
    remaining: int | None = None
    window_seconds: int | None = None
    """The time that the limit is for, where it says so."""
    resets_at: Moment | None = None
    """When there is all of it again."""
    seen_at: Moment
    """When it said so."""


class ConnectionDescription(CanonicalModel):
    """A configured account on a vendor; of several processes each tells of its own calls."""

    name: str
    title: str
    vendor: str
    base_url: str
    health: ConnectionHealth
    breaker: BreakerDescription = BreakerDescription()
    quota: tuple[QuotaDescription, ...] = ()
    """Empty where the vendor says nothing of it."""
    under_way: int = 0
    """Calls to the vendor now."""
    waiting: int = 0
    """Calls that wait for their turn."""


class VendorList(CanonicalModel):
    """All vendors."""

    items: tuple[VendorDescription, ...]


class ConnectionList(CanonicalModel):
    """All connections that the caller may see."""

    items: tuple[ConnectionDescription, ...]
