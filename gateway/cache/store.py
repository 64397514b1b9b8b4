"""What a store keeps and how it is asked. A store holds; it does not decide what is fresh."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Entry:
    """Something kept.

    Attributes:
        parts: ready bytes by name, such as `canonical` and `native`.
        stored_at: seconds of the wall clock when it was fetched.
        fresh_seconds: how long from then it may be given out without asking the vendor.
        etag: strong entity tag of the canonical bytes, quotes included; empty where there is none.
        absent: when set, the vendor said that there is no such thing, in these words; then there are no parts.
    """

    parts: Mapping[str, bytes]
    stored_at: float
    fresh_seconds: float
    etag: str = ""
    absent: str | None = None

    @property
    def weight(self) -> int:
        """Return about how many bytes it occupies."""
        return 512 + sum(len(part) for part in self.parts.values())


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

    async def close(self) -> None:
        """Let go of what the store holds open."""
        ...
