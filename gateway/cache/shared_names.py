"""What things are called in the store that machines share.

Everything of one connection is named `wg:{<connection>}:...`. In a Redis Cluster the text in braces decides where a key
lives, so that one command may touch several keys of one connection. The connection is the second part of a cache
key (`<version>:<connection>:...`) and of a tag (`workflow:<connection>:<id>`).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

_PREFIX: Final = re.compile(r"[a-zA-Z0-9_-]+")

NO_CONNECTION: Final = "-"
"""In braces for what belongs to no connection; no connection has this name."""


@dataclass(frozen=True, slots=True)
class SharedNames:
    """Names under one prefix.

    Attributes:
        prefix: keeps what several installations put into one Redis apart.
    """

    prefix: str = "wg"

    def __post_init__(self) -> None:
        if not _PREFIX.fullmatch(self.prefix):
            raise ValueError("a prefix is made of a-z, A-Z, 0-9, - and _")

    @property
    def channel(self) -> str:
        """Return the name of the channel on which instances tell each other."""
        return f"{self.prefix}:messages"

    @property
    def era_of_everything(self) -> bytes:
        """Return the name of the era of all entries."""
        return f"{self.prefix}:{{{NO_CONNECTION}}}:era".encode()

    def entry(self, key: str) -> bytes:
        """Return the name of an entry."""
        return self._name("entry", key)

    def lock(self, key: str) -> bytes:
        """Return the name of the lock of whoever fills an entry."""
        return self._name("lock", key)

    def era(self, tag: str) -> bytes:
        """Return the name of a tag's era."""
        return self._name("era", tag)

    def eras(self, tags: Iterable[str]) -> tuple[bytes, ...]:
        """Return the names of the eras that an entry with these tags belongs to, everything's last."""
        return (*map(self.era, tags), self.era_of_everything)

    def _name(self, kind: str, text: str) -> bytes:
        return f"{self.prefix}:{{{_connection(text)}}}:{kind}:".encode() + _bytes(text)


def by_connection(names: Iterable[bytes]) -> Mapping[bytes, list[bytes]]:
    """Return the names grouped so that each group may be touched by one command."""
    groups: dict[bytes, list[bytes]] = {}
    for name in names:
        groups.setdefault(name.partition(b"{")[2].partition(b"}")[0], []).append(name)
    return groups


def _connection(text: str) -> str:
    return quote(_bytes(text.split(":", 2)[1]), safe="") if ":" in text else NO_CONNECTION


def _bytes(text: str) -> bytes:
    # Texts that come out of JSON may hold lone surrogates.
    return text.encode("utf-8", "surrogatepass")
