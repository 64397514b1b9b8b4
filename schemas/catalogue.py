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
    """The latest failure; kept after a success."""


class ConnectionDescription(CanonicalModel):
    """A configured account on a vendor."""

    name: str
    title: str
    vendor: str
    base_url: str
    health: ConnectionHealth


class VendorList(CanonicalModel):
    """All vendors."""

    items: tuple[VendorDescription, ...]


class ConnectionList(CanonicalModel):
    """All connections that the caller may see."""

    items: tuple[ConnectionDescription, ...]
