"""What is remembered of a request with a key: that it is under way, how it was answered, or that nobody knows."""

import zlib
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Protocol

from schemas.base import JsonObject
from schemas.json_codec import InvalidJsonError, dumps, loads

KEPT_SECONDS: Final = 24 * 3600.0
"""How long a key is remembered."""


class State(StrEnum):
    """How far a request is."""

    IN_FLIGHT = "in_flight"
    ANSWERED = "answered"
    UNKNOWN = "unknown"
    """It was sent to the vendor, and nobody knows what came of it."""


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer as it is given again."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


@dataclass(frozen=True, slots=True)
class Record:
    """One key's request.

    Attributes:
        token: of whoever carries it out; nobody else may change the record.
        fingerprint: see `gateway.idempotency.keys`.
        state: how far it is.
        until: seconds of the wall clock; when it is in flight beyond that, whoever carried it out has died.
        answer: to be given again.
        owner: the caller's name; only a store in memory needs it.
    """

    token: str
    fingerprint: str
    state: State
    until: float = 0.0
    answer: Answered | None = None
    owner: str = field(default="", compare=False)


class KeyStoreFailed(Exception):
    """Where keys are remembered does not answer."""


class KeyStore(Protocol):
    """Remembers records by name. Every method may raise `KeyStoreFailed`, within a bounded time."""

    async def begin(self, name: str, record: Record) -> Record | None:
        """Remember the record for `KEPT_SECONDS` if there is none of that name; else return the one there is."""
        ...

    async def finish(self, name: str, record: Record) -> None:
        """Put the record in place of the one with the same token."""
        ...

    async def release(self, name: str, token: str) -> None:
        """Forget the record if it has this token."""
        ...

    async def close(self) -> None:
        """Let go of what the store holds open."""
        ...


def encode(record: Record) -> bytes:
    """Return a record as bytes: its token, a line of JSON, and the packed body."""
    told: JsonObject = {"fingerprint": record.fingerprint, "state": record.state, "until": record.until}
    body = b""
    if record.answer is not None:
        told |= {"status": record.answer.status, "headers": [list(pair) for pair in record.answer.headers]}
        body = zlib.compress(record.answer.body, 1)
    return b"\n".join((record.token.encode(), dumps(told), body))


def decode(data: bytes) -> Record | None:
    """Return the record; None for what this version does not understand."""
    try:
        token, told, body = data.split(b"\n", 2)
        return _record(token.decode(), loads(told), body)
    except (ValueError, KeyError, TypeError, InvalidJsonError, zlib.error):
        return None


def _record(token: str, told: JsonObject, body: bytes) -> Record:
    answer = None
    if "status" in told:
        headers = tuple((str(name), str(value)) for name, value in told["headers"])
        answer = Answered(int(told["status"]), headers, zlib.decompress(body))
    return Record(token, told["fingerprint"], State(told["state"]), float(told["until"]), answer)
