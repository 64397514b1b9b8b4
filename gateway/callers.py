"""Who calls: gateway keys, their hashes, and what each caller may see."""

import hashlib
import math
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Final, Self

from gateway.limits import Limiter
from gateway.settings.access import CallerSettings
from gateway.settings.values import Right

ANONYMOUS: Final = "anonymous"
KEY_PREFIX: Final = "wg_"
KEY_DIGITS: Final = 8
"""Of a key's hash, enough to tell keys apart."""
_KEY_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever holds a gateway key.

    Attributes:
        name: from the configuration; safe to log.
        connections: the only connections there are for this caller; None for all.
        rights: what the caller may do.
        key: the first digits of the hash of the key that was shown; empty without one.
        limiter: lets the caller's requests in; None for one without limits.
        expires: from when on the key is refused, in seconds of the wall clock; infinite for never.
        digest: the whole hash of the key that was shown; empty without one.
        scope: a text of all that decides what the caller is answered; equal for callers who may see the same.
    """

    name: str
    connections: frozenset[str] | None = None
    rights: frozenset[Right] = frozenset({Right.READ})
    key: str = field(default="", compare=False)
    limiter: Limiter | None = field(default=None, compare=False, repr=False)
    expires: float = field(default=math.inf, compare=False)
    digest: bytes = field(default=b"", compare=False, repr=False)
    scope: str = field(init=False, compare=False)

    def __post_init__(self) -> None:
        seen = ["*"] if self.connections is None else sorted(self.connections)
        object.__setattr__(self, "scope", "\n".join([*sorted(self.rights), "", *seen]))

    def may(self, right: Right) -> bool:
        """Return whether the caller has a right."""
        return right in self.rights

    def may_see(self, connection: str) -> bool:
        """Return whether the connection exists for this caller."""
        return self.connections is None or connection in self.connections


@dataclass(frozen=True, slots=True)
class _Entry:
    key_hash: str
    caller: Caller


class Callers:
    """Every caller of the configuration, found by the hash of a key.

    With no caller configured the gateway is open to this machine: whoever comes is the anonymous caller, with a key
    (a vendor's SDK always sends one) or without.
    """

    def __init__(self, entries: Iterable[_Entry]) -> None:
        self._entries = {_digits(entry.key_hash): entry for entry in entries}
        self._anonymous = None if self._entries else Caller(ANONYMOUS, rights=frozenset(Right))

    @classmethod
    def from_settings(
        cls, settings: Iterable[CallerSettings], limits: Mapping[str, Limiter] = MappingProxyType({})
    ) -> Self:
        """Return the callers that a configuration declares.

        Args:
            settings: as configured.
            limits: see `gateway.limits.limiters`.
        """
        return cls(
            _Entry(key_hash, _caller(declared, key_hash, limits.get(declared.name), expires))
            for declared in settings
            for key_hash, expires in keys_of(declared)
        )

    @property
    def anonymous(self) -> Caller | None:
        """Who comes without a key; None when a key is needed."""
        return self._anonymous

    def identify(self, key: str, now: float) -> Caller | None:
        """Return the key's holder; None for a key that is unknown or has expired, when keys are needed.

        The time that the look-up takes may tell how far a hash agrees with a stored one. That helps nobody: whoever
        could choose a key by its hash would have broken the hash.

        Args:
            key: as presented.
            now: seconds of the wall clock.
        """
        found = self._found(key)
        if found is None:
            return self._anonymous
        return found.caller if now < found.caller.expires else None

    def holder(self, key: str) -> Caller | None:
        """Return whose key it is, or was until it expired; None for a key that is nobody's."""
        found = self._found(key)
        return None if found is None else found.caller

    def again(self, caller: Caller) -> Caller | None:
        """Return who a caller of other `Callers` is here, by the same key; None for nobody."""
        found = self._entries.get(caller.digest)
        return self._anonymous if found is None else found.caller

    def _found(self, key: str) -> _Entry | None:
        return self._entries.get(hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest())


def hash_key(key: str) -> str:
    """Return `sha256:` and the 64 hex digits that the configuration keeps in place of a key.

    A plain hash is enough: keys are 256 random bits, which nobody finds by trying.
    """
    return "sha256:" + hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def new_key() -> tuple[str, str]:
    """Return a new random key, to be given to its caller, and its hash, to be kept."""
    key = KEY_PREFIX + secrets.token_urlsafe(_KEY_BYTES)
    return key, hash_key(key)


def _digits(key_hash: str) -> bytes:
    return bytes.fromhex(key_hash.removeprefix("sha256:"))


def keys_of(declared: CallerSettings) -> Iterator[tuple[str, float]]:
    """Return the hash of every key of a caller, with the seconds of the wall clock from which on it is refused."""
    ends = _seconds(declared.expires)
    for key_hash in declared.key_hashes:
        yield key_hash, ends
    for key in declared.retiring_keys:
        yield key.hash, min(ends, _seconds(key.expires))


def _seconds(expires: datetime | None) -> float:
    return math.inf if expires is None else expires.timestamp()


def _caller(declared: CallerSettings, key_hash: str, limiter: Limiter | None, expires: float) -> Caller:
    seen = None if declared.connections == "all" else frozenset(declared.connections)
    digest = _digits(key_hash)
    key = digest.hex()[:KEY_DIGITS]
    return Caller(declared.name, seen, frozenset(declared.rights), key, limiter, expires, digest)
