"""How the gateway does, for whoever operates it."""

from schemas.base import CanonicalModel, JsonObject, Moment
from schemas.problem import FieldProblem


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


class ReloadFailure(CanonicalModel):
    """A configuration that could not be taken over."""

    at: Moment
    errors: tuple[FieldProblem, ...]
    """Every fault, by its key and line."""


class ReloadResult(CanonicalModel):
    """What came of reading the configuration anew."""

    since: Moment
    """When the configuration in force was taken over."""
    waiting: bool = False
    """It can be used, and other processes take it over now; those that answer meanwhile go on with the last one."""
    restart_needed: tuple[str, ...] = ()
    """Keys whose change waits for a restart."""


class ConfigurationInForce(ReloadResult):
    """The configuration that the process which answers goes by."""

    source: str
    """The file."""
    configuration: JsonObject
    """Every setting with its value in force; secrets are masked."""
    failure: ReloadFailure | None = None
    """Why the file was not taken over the last time; None when it was."""
