"""What a store keeps and how it is asked. A store holds; it does not decide what is fresh."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

_OVERHEAD: Final = 512
"""What an entry costs beside its texts and bytes: the record, its mappings and the headers of its strings."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Something kept.

    Attributes:
        parts: ready bytes by name, such as `canonical` and `native`.
        stored_at: seconds of the wall clock when the vendor gave it, or last confirmed it.
        fresh_seconds: how long from then it may be given out without asking the vendor (RFC 9111 section 4.2).
        stale_while_revalidate: how much longer it may be given out while the vendor is asked (RFC 5861 section 3).
        stale_if_error: how much longer it may be given out when the vendor fails (RFC 5861 section 4).
        etag: strong entity tag of the canonical bytes, quotes included; empty where there is none.
        digest: digest of the workflow's content; empty where there is none.
        validators: the vendor's `etag` and `last-modified`, for conditional requests.
        tags: what a write or a purge names to have it forgotten, such as `connection:<c>`, `workflow:<c>:<id>`
            and `listing:<c>`.
        absent: when set, the vendor said that there is no such thing, in these words; then there are no parts.
    """

    parts: Mapping[str, bytes]
    stored_at: float
    fresh_seconds: float
    stale_while_revalidate: float = 0.0
    stale_if_error: float = 0.0
    etag: str = ""
    digest: str = ""
    validators: Mapping[str, str] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    absent: str | None = None

    @property
    def useful_seconds(self) -> float:
        """Return how long from `stored_at` it can be of any use, stale or not."""
        return self.fresh_seconds + max(self.stale_while_revalidate, self.stale_if_error)

    @property
    def weight(self) -> int:
        """Return about how many bytes it occupies."""
        texts = sum(len(name) + len(value) for name, value in self.validators.items())
        texts += sum(map(len, self.tags)) + len(self.absent or "")
        return _OVERHEAD + texts + sum(map(len, self.parts.values()))


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
