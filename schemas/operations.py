"""How the gateway does, for whoever operates it."""

from schemas.base import CanonicalModel


class SharedTierFigures(CanonicalModel):
    """How the tier is that several instances share."""

    state: str
    """`closed` when it is used, `open` when it is left alone, `half-open` while it is tried again."""
    pending: int
    """Writes that wait for it."""
    late: int
    """Times that answers came too late for requests to wait, since the start."""
    failed: int
    """Calls that were not answered, since the start."""
    refused: int
    """Writes that were answered with a no, since the start."""
    dropped: int
    """Entries that were not written, since the start."""


class CacheFigures(CanonicalModel):
    """How full the cache of the process that answers is."""

    entries: int
    used_bytes: int
    max_bytes: int
    evicted: int
    """Entries that made room for others, since the start."""
    shared: SharedTierFigures | None = None
    """None when there is no shared tier."""
