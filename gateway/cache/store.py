"""What a store keeps and how it is asked. A store holds; it does not decide what is fresh."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Protocol

# Measured on CPython 3.11 with entries as the gateway makes them, and rounded up: tests/cache/test_stores_memory.py.
_OVERHEAD: Final = 580
"""What an entry costs beside its texts and bytes: the record, its mappings and the headers of their strings."""

_TAG_OVERHEAD: Final = 210
"""What a tag costs beside its text, with its place in an index."""

_VALIDATOR_OVERHEAD: Final = 240
"""What a validator costs beside its text."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Something kept.

    Attributes:
        parts: ready bytes by name, such as `canonical` and `native`.
        stored_at: seconds of the wall clock when the vendor gave it, or last confirmed it.
        fresh_seconds: how long from then it may be given out without asking the vendor (RFC 9111 section 4.2).
        etag: strong entity tag of the canonical bytes, without quotes; empty where it is made when it is needed.
        stale_while_revalidate: how much longer it may be given out while the vendor is asked (RFC 5861 section 3).
        stale_if_error: how much longer it may be given out when the vendor fails (RFC 5861 section 4).
        digest: digest of the workflow's content; empty where there is none.
        validators: the vendor's `etag` and `last-modified`, for conditional requests.
        tags: what a write or a purge names to have it forgotten, such as `connection:<c>`, `workflow:<c>:<id>`
            and `listing:<c>`.
        absent: when set, the vendor said that there is no such thing, in these words; then there are no parts.
        immutable: it never changes, as a pinned version (RFC 8246).
        whole: the native part is the one answer that all of it was made of, byte for byte.
        variants: what was made of the parts meanwhile, such as compressed bodies, by name; weighed by
            `FrontStore.grow`, seen by this process alone, and not taken along by `dataclasses.replace`.
    """

    parts: Mapping[str, bytes]
    stored_at: float
    fresh_seconds: float
    etag: str = ""
    stale_while_revalidate: float = 0.0
    stale_if_error: float = 0.0
    digest: str = ""
    validators: Mapping[str, str] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    absent: str | None = None
    immutable: bool = False
    whole: bool = False
    variants: dict[str, object] = field(default_factory=dict, init=False, compare=False, repr=False)

    @property
    def useful_seconds(self) -> float:
        """Return how long from `stored_at` it can be of any use, stale or not."""
        return self.fresh_seconds + max(self.stale_while_revalidate, self.stale_if_error)

    @property
    def weight(self) -> int:
        """Return about how many bytes it occupies, without its variants."""
        texts = len(self.etag) + len(self.digest) + len(self.absent or "") + sum(map(len, self.tags))
        texts += sum(len(name) + len(value) for name, value in self.validators.items())
        overhead = _OVERHEAD + _TAG_OVERHEAD * len(self.tags) + _VALIDATOR_OVERHEAD * len(self.validators)
        return overhead + texts + sum(map(len, self.parts.values()))


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What is to be forgotten.

    Attributes:
        keys: these entries.
        tags: every entry that carries at least one of these.
        everything: every entry.
    """

    keys: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    everything: bool = False


@dataclass(frozen=True, slots=True)
class Write:
    """What is to be done for one key in a shared store, in this order.

    Attributes:
        key: the entry's key.
        entry: to be kept for what is left of its useful time, replacing the one before; None if there is none.
        tokens: of the key's locks to be released.
    """

    key: str
    entry: Entry | None = None
    tokens: tuple[str, ...] = ()


class Store(Protocol):
    """Keeps entries by key. Every method may lose an entry and none may fail the request."""

    async def get(self, key: str) -> Entry | None:
        """Return the entry, however old, or None."""
        ...

    async def put(self, key: str, entry: Entry) -> None:
        """Keep the entry, replacing the one before."""
        ...

    async def remove(self, key: str) -> None:
        """Forget the entry if it is there."""
        ...

    async def invalidate(self, *tags: str) -> None:
        """Forget every entry that carries at least one of the tags."""
        ...

    async def clear(self) -> None:
        """Forget every entry."""
        ...

    async def close(self) -> None:
        """Let go of what the store holds open."""
        ...


class Failure(StrEnum):
    """Why a shared store did not do what it was asked."""

    LOST = "lost"
    """No connection, no login, or no answer in time."""
    REFUSED = "refused"
    """It answered, and said no."""
    BUSY = "busy"
    """It was not asked: too many of our own calls were under way."""


class SharedStoreFailed(Exception):
    """A shared store did not do what it was asked; the caller goes on without it."""

    def __init__(self, failure: Failure, reason: str) -> None:
        super().__init__(reason)
        self.failure = failure


class SharedStore(Protocol):
    """Keeps entries for several processes and machines.

    Every method but `listen` and `close` may raise `SharedStoreFailed`, within a bounded time.
    """

    async def get(self, key: str) -> Entry | None:
        """Return the entry, however old, or None."""
        ...

    async def write(self, writes: Sequence[Write]) -> None:
        """Keep entries and release locks."""
        ...

    async def forget(self, forgotten: Forgotten) -> None:
        """Forget it, and tell every other instance to."""
        ...

    async def acquire(self, key: str, token: str, seconds: float) -> bool:
        """Return whether the caller shall fill the key, and not somebody else who is about to.

        The token is given back with `write`. After a failure nobody knows: it is to be given back then too.

        Args:
            key: the entry's key.
            token: that nobody else can guess.
            seconds: after this long somebody else may, released or not.
        """
        ...

    async def wait_for(self, key: str, timeout: float) -> Entry | None:  # noqa: ASYNC109 - None, not an error
        """Wait until nobody fills the key any more, and return what there is then; None after `timeout` seconds."""
        ...

    async def connect(self) -> None:
        """Open every connection that there may be, so that no other call has to; may take longer than those."""
        ...

    async def ping(self) -> None:
        """Make sure that it answers."""
        ...

    def listen(self, on_forgotten: Callable[[Forgotten], None], on_gap: Callable[[], None]) -> None:
        """Begin to hear, in the running loop, what other instances forget, until the store is closed.

        Args:
            on_forgotten: called with what another instance forgot.
            on_gap: called each time that listening begins (again): what was forgotten before is not known.
        """
        ...

    async def ready(self) -> None:
        """Wait until what other instances forget is heard."""
        ...

    async def close(self) -> None:
        """Let go of what the store holds open."""
        ...
