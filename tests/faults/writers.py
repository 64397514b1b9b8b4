"""Clients that write as they should: with a key of its own for every write, sent again until the answer is final."""

import asyncio
import json
import secrets
import time
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

import httpx

PAUSE_SECONDS: Final = 0.03
PATIENCE_SECONDS: Final = 60.0
"""How long a client asks again before it gives up, which no test allows."""


class End(StrEnum):
    """How a write ended for its client."""

    ACKNOWLEDGED = "acknowledged"
    UNKNOWN = "unknown"
    """Nobody knows whether it was made, and the client was told so."""
    HELD = "held"
    """Whoever carried it out has died, and the key says until its time is over that the write is under way."""


@dataclass
class Writes:
    """What became of every write.

    Attributes:
        ends: by the name of the workflow that it made.
        ids: of what was acknowledged, by name.
        sendings: how often requests were sent.
        seconds: the longest that a write took.
    """

    ends: dict[str, End] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    sendings: int = 0
    seconds: float = 0.0

    def names(self, end: End) -> set[str]:
        """Return the names of the writes that ended so."""
        return {name for name, found in self.ends.items() if found is end}


@dataclass(frozen=True)
class Writer:
    """One client.

    Attributes:
        url: of the gateway.
        key: the caller's.
        path: where workflows are made.
        native: the vendor's own document that is made, but for its name.
        held_seconds: how long to ask again about a write that is said to be under way.
    """

    url: str
    key: str
    path: str
    native: dict[str, Any]
    held_seconds: float = PATIENCE_SECONDS

    async def write(self, name: str, writes: Writes) -> None:
        """Make one workflow, however often it takes."""
        headers = {"x-api-key": self.key, "idempotency-key": f'"{secrets.token_hex(12)}"'}
        body = {"native": {**self.native, "name": name}}
        began = time.monotonic()
        while (passed := time.monotonic() - began) < PATIENCE_SECONDS:
            writes.sendings += 1
            end = await self._sent(headers, body, writes)
            if end is End.HELD and passed < self.held_seconds:
                end = None
            if end is not None:
                writes.ends[name] = end
                writes.seconds = max(writes.seconds, time.monotonic() - began)
                return
            await asyncio.sleep(PAUSE_SECONDS)
        raise AssertionError(f"no final answer for {name} within {PATIENCE_SECONDS:g} seconds")

    async def _sent(self, headers: dict[str, str], body: Any, writes: Writes) -> End | None:
        """Send a write once; None when it is worth sending again."""
        try:
            # A connection of its own each time: one that is kept would be a dead process's.
            async with httpx.AsyncClient(base_url=self.url, timeout=20, trust_env=False) as client:
                reply = await client.post(self.path, headers=headers, json=body)
        except httpx.TransportError:
            return None
        told = json.loads(reply.content)
        if reply.is_success:
            writes.ids[body["native"]["name"]] = told["workflow"]["id"]
            return End.ACKNOWLEDGED
        if told["code"] == "outcome_unknown":
            return End.UNKNOWN
        if told["code"] == "idempotency_in_flight":
            return End.HELD
        # Whatever else there is may be over in a moment; the key sees to it that nothing is made twice.
        assert reply.status_code in (409, 502, 503, 504), reply.text
        return None


async def written(writer: Writer, clients: int, each: int, apart_seconds: float = 0.01) -> Writes:
    """Have some clients make some workflows each, one after the other; returns what became of them."""
    writes = Writes()

    async def client(number: int) -> None:
        for turn in range(each):
            await writer.write(f"Kept {number}-{turn}", writes)
            await asyncio.sleep(apart_seconds)

    await asyncio.gather(*(client(number) for number in range(clients)))
    return writes
