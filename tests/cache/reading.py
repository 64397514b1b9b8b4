"""A vendor and a clock of our own, for tests of the reader."""

import asyncio
from dataclasses import dataclass, field

from gateway.cache import policy
from gateway.cache.directives import NO_DIRECTIVES, parse
from gateway.cache.filler import Got, Question
from gateway.cache.policy import Times
from gateway.cache.reader import CachedReader
from gateway.cache.store import Entry
from gateway.cache.trace import Outcome, Trace

TAGS = ("connection:c", "workflow:c:1")
QUESTION = Question("1:c:f:workflow:k", TAGS, not_found_seconds=5.0, patience_seconds=5.0)


class Clock:
    """Seconds that pass when told to."""

    def __init__(self, now: float = 1000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


class Vendor:
    """Counts its calls; gives bytes, an error, says that nothing changed, or waits."""

    def __init__(self, clock: Clock, times: Times | None = None) -> None:
        self.clock, self.times, self.calls = clock, times or Times(10.0), 0
        self.body: bytes | None = None
        self.error: Exception | None = None
        self.gate: asyncio.Event | None = None
        self.unchanged = False

    async def __call__(self, kept: Entry | None) -> Got:
        self.calls += 1
        number = self.calls
        if self.gate is not None:
            await self.gate.wait()
        if self.error is not None:
            raise self.error
        if self.unchanged and kept is not None:
            return Got(policy.confirmed(kept, self.clock.now, self.times.fresh), Outcome.REVALIDATED)
        return Got(self.entry(self.body or f"{number}".encode()))

    def entry(self, body: bytes) -> Entry:
        return Entry(
            {"canonical": body},
            self.clock.now,
            self.times.fresh,
            stale_while_revalidate=self.times.stale_while_revalidate,
            stale_if_error=self.times.stale_if_error,
            tags=TAGS,
        )


@dataclass
class Asked:
    """One read, and what it said."""

    reader: CachedReader
    vendor: Vendor
    trace: Trace = field(default_factory=Trace)

    async def read(self, cache_control: str | None = None, question: Question = QUESTION) -> bytes:
        self.trace = Trace()
        directives = parse(cache_control) if cache_control else NO_DIRECTIVES
        entry = await self.reader.read(question, self.vendor, directives, self.trace)
        return entry.parts["canonical"]


async def turns(count: int = 20) -> None:
    """Let every task that can go on do so."""
    for _ in range(count):
        await asyncio.sleep(0)
