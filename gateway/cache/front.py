"""What the reader asks of a store, be it one tier, two or none."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Protocol

from gateway.cache.changes import Changes
from gateway.cache.store import Entry, Store
from schemas.catalogue import BreakerState

ALONE: Final = ""
"""The token of whoever fills a key without a lock, because no store gives one."""


class Tier(StrEnum):
    """Which tier answered."""

    MEMORY = "memory"
    SHARED = "shared"


@dataclass(frozen=True, slots=True)
class Stats:
    """How full a memory store is.

    Attributes:
        entries: how many there are.
        used_bytes: what they weigh.
        max_bytes: what they may weigh.
        evicted: how many made room for others since the start.
    """

    entries: int = 0
    used_bytes: int = 0
    max_bytes: int = 0
    evicted: int = 0


@dataclass(slots=True)
class Counts:
    """What happened since the start.

    Attributes:
        late: times that answers came too late for requests to wait.
        failed: calls that were not answered.
        refused: entries and locks that were answered with a no.
        dropped: entries that were not written, for want of room or because the store was left alone.
    """

    late: int = 0
    failed: int = 0
    refused: int = 0
    dropped: int = 0


@dataclass(frozen=True, slots=True)
class SharedFigures:
    """How the shared tier is, for whoever operates the gateway.

    Attributes:
        state: whether it is used.
        pending: writes waiting for it.
        counts: what happened since the start.
    """

    state: BreakerState
    pending: int
    counts: Counts = field(default_factory=Counts)


class FrontStore(Store, Protocol):
    """A store as the reader uses it: a part of it may be shared by instances, and none of its methods raises."""

    is_shared: bool
    """Whether there is a shared tier behind this process's memory."""

    @property
    def changes(self) -> Changes:
        """Return what was forgotten, for whoever fetches."""
        ...

    @property
    def stats(self) -> Stats:
        """Return how full this process's memory is."""
        ...

    @property
    def shared_figures(self) -> SharedFigures | None:
        """Return how the shared tier is; None without one."""
        ...

    async def start(self) -> None:
        """Open what is to be opened, in the running loop; without success the store is used all the same."""
        ...

    def peek(self, key: str) -> Entry | None:
        """Return the entry, however old, if it is in this process's memory; at once. It counts as a use."""
        ...

    def keep(self, key: str, entry: Entry) -> None:
        """Keep the entry in this process's memory alone, replacing the one before; its variants are let go."""
        ...

    def grow(self, key: str, entry: Entry, size_bytes: int) -> bool:
        """Make room beside an entry for a variant of so many bytes.

        Returns:
            Whether the variant may be kept: not when memory no longer holds this very entry or has no such room.
        """
        ...

    async def get_with_tier(self, key: str) -> tuple[Entry | None, Tier | None]:
        """Return the entry, however old, and who had it."""
        ...

    async def newer(self, key: str, than: Entry | None) -> Entry | None:
        """Return the shared tier's entry if it is newer: another instance may have asked the vendor meanwhile."""
        ...

    async def acquire(self, key: str, seconds: float) -> str | None:
        """Return a token if this instance shall fill the key, None if another is about to: then `wait_for` it.

        Where nobody tells, everybody may; the token is then `ALONE`.

        Args:
            key: the entry's key.
            seconds: after this long another instance may, released or not.
        """
        ...

    async def release(self, key: str, token: str) -> None:
        """Say, once the key's pending entry is written, that the filling is over; nobody waits for that here."""
        ...

    async def wait_for(self, key: str, timeout: float) -> Entry | None:  # noqa: ASYNC109 - None, not an error
        """Wait until no instance fills the key any more, and return what there is then; None after `timeout` s."""
        ...
