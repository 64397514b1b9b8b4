"""Our own load generator, in a process of its own: a plan as JSON on standard input, what happened on standard output.

A closed loop: every connection sends its next request when the answer to the last is whole. It ends after the plan's
seconds, or when its requests are spent; answers are counted by status, and hits by `Cache-Status`.
"""

import asyncio
import itertools
import json
import random
import re
import sys
import time
from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any, Final, cast

import uvloop
from typing_extensions import override

LENGTH: Final = re.compile(rb"\r\ncontent-length: *([0-9]+)", re.IGNORECASE)
HIT: Final = re.compile(rb"\r\ncache-status:[^\r]*; *hit", re.IGNORECASE)
BODILESS: Final = frozenset({204, 304})
MOST_REQUESTS: Final = 5_000_000
GRACE_SECONDS: Final = 15.0
"""For what is under way when the time is up."""


@dataclass(frozen=True)
class Plan:
    """What to ask for.

    Attributes:
        port: on this machine.
        patterns: paths with a place `{:08d}` for a number, taken by the number's remainder.
        order: `same` number 0 always, `rising`, `cycle` through so many, or `zipf` among so many.
        first: the number to begin with, of `rising` and `cycle`.
        among: how many numbers there are, for `cycle` and `zipf`.
        headers: sent with every request.
        connections: how many at once.
        seconds: after which no further request is sent.
        count: the most requests.
        pause_seconds: how long a connection rests between an answer and its next request.
        apart_seconds: how long after one connection the next one begins.
        seed: of the random order.
    """

    port: int
    patterns: tuple[str, ...]
    order: str = "same"
    first: int = 0
    among: int = 1
    headers: dict[str, str] = field(default_factory=dict)
    connections: int = 32
    seconds: float = 2.0
    count: int = MOST_REQUESTS
    pause_seconds: float = 0.0
    apart_seconds: float = 0.0
    seed: int = 1


def numbers(plan: Plan) -> Iterator[int]:
    """Yield the numbers that the requests ask for, without end."""
    if plan.order == "same":
        return itertools.repeat(plan.first)
    if plan.order == "rising":
        return itertools.count(plan.first)
    if plan.order == "cycle":
        return (number % plan.among for number in itertools.count(plan.first))
    if plan.order == "zipf":
        return zipf(plan.among, plan.seed)
    raise ValueError(f"there is no order {plan.order!r}")


def zipf(among: int, seed: int) -> Iterator[int]:
    """Yield numbers below a bound, the k-th most wanted 1/k as often as the first.

    Which number is how wanted depends on the bound alone, so that two seeds want the same ones.
    """
    ranked = list(range(among))
    random.Random(among).shuffle(ranked)
    chance = random.Random(seed)
    weights = list(itertools.accumulate(1 / rank for rank in range(1, among + 1)))
    while True:
        yield from chance.choices(ranked, cum_weights=weights, k=1000)


class Tally:
    """What happened so far; times are in seconds."""

    def __init__(self, plan: Plan) -> None:
        """Make a tally of nothing."""
        self._numbers = numbers(plan)
        self._plan = plan
        self.pause_seconds = plan.pause_seconds
        lines = "".join(f"{name}: {value}\r\n" for name, value in plan.headers.items())
        self._rest = f" HTTP/1.1\r\nhost: 127.0.0.1:{plan.port}\r\n{lines}\r\n".encode("ascii")
        self._left = plan.count
        self._until = time.perf_counter() + plan.seconds
        self.statuses: Counter[int] = Counter()
        self.errors: Counter[str] = Counter()
        self.bytes = 0
        self.hits, self.others = array("d"), array("d")

    def request(self) -> bytes | None:
        """Return the next request; None when it is over."""
        if not self._left or time.perf_counter() >= self._until:
            return None
        self._left -= 1
        number = next(self._numbers)
        pattern = self._plan.patterns[number % len(self._plan.patterns)]
        return b"GET " + pattern.format(number).encode("ascii") + self._rest

    def add(self, head: bytes, status: int, size: int, seconds: float) -> None:
        """Count a whole answer of so many bytes."""
        self.statuses[status] += 1
        self.bytes += size
        (self.hits if HIT.search(head) else self.others).append(seconds)


class Asker(asyncio.Protocol):
    """One connection."""

    def __init__(self, tally: Tally, done: "asyncio.Future[None]") -> None:
        """Make the asker of a connection that is about to open; `done` is set when it has nothing more to do."""
        self._tally, self._done = tally, done
        self._head, self._missing, self._size, self._sent = b"", 0, 0, 0.0
        self._status = 0

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._next()

    @override
    def data_received(self, data: bytes) -> None:
        self._size += len(data)
        if self._status:
            self._missing -= len(data)
        else:
            self._head += data
            self._read_head()
        if self._status and self._missing <= 0:
            self._tally.add(self._head, self._status, self._size, time.perf_counter() - self._sent)
            self._rest()

    @override
    def connection_lost(self, error: Exception | None) -> None:
        if not self._done.done():
            self._tally.errors["closed"] += 1
            self._done.set_result(None)

    def _read_head(self) -> None:
        end = self._head.find(b"\r\n\r\n")
        if end < 0:
            return
        body = len(self._head) - end - 4
        self._head = self._head[: end + 2]
        self._status = int(self._head[9:12])
        found = LENGTH.search(self._head)
        if found is None and self._status not in BODILESS:
            self._tally.errors["no length"] += 1
            self._finish()
            return
        length = 0 if found is None or self._status in BODILESS else int(found[1])
        self._missing = length - body

    def _rest(self) -> None:
        pause = self._tally.pause_seconds
        if pause:
            asyncio.get_running_loop().call_later(pause, self._next)
        else:
            self._next()

    def _next(self) -> None:
        request = self._tally.request()
        self._head, self._missing, self._size, self._status = b"", 0, 0, 0
        if request is None:
            self._finish()
            return
        self._sent = time.perf_counter()
        self._transport.write(request)

    def _finish(self) -> None:
        if not self._done.done():
            self._done.set_result(None)
        self._transport.close()


async def run(plan: Plan) -> dict[str, Any]:
    """Carry out a plan; returns requests, seconds, bytes, statuses, errors and percentiles in milliseconds."""
    loop = asyncio.get_running_loop()
    started = time.perf_counter()
    tally = Tally(plan)
    ends = [loop.create_future() for _ in range(plan.connections)]
    askers = []
    for done in ends:
        asker = await loop.create_connection(partial(Asker, tally, done), "127.0.0.1", plan.port)
        askers.append(asker)
        await asyncio.sleep(plan.apart_seconds)
    _, late = await asyncio.wait(ends, timeout=plan.seconds + GRACE_SECONDS)
    seconds = time.perf_counter() - started
    tally.errors["unanswered"] += len(late)
    for end in late:
        end.cancel()
    for transport, _ in askers:
        transport.abort()
    return _told(tally, seconds)


def _told(tally: Tally, seconds: float) -> dict[str, Any]:
    every = sorted((*tally.hits, *tally.others))
    return {
        "requests": len(every),
        "seconds": seconds,
        "bytes": tally.bytes,
        "statuses": {str(status): count for status, count in sorted(tally.statuses.items())},
        "errors": {what: count for what, count in tally.errors.items() if count},
        "hits": len(tally.hits),
        "p50_ms": percentile(every, 0.50),
        "p99_ms": percentile(every, 0.99),
        "hit_p50_ms": percentile(sorted(tally.hits), 0.50),
        "hit_p99_ms": percentile(sorted(tally.hits), 0.99),
        "other_p50_ms": percentile(sorted(tally.others), 0.50),
    }


def percentile(ordered: Sequence[float], part: float) -> float | None:
    """Return the time in milliseconds within which a part of the answers came, None of no answer."""
    if not ordered:
        return None
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))] * 1000


def read_plan(text: str) -> Plan:
    """Return the plan of a JSON text."""
    given = json.loads(text)
    return Plan(**{**given, "patterns": tuple(given["patterns"])})


def written(plan: Plan) -> str:
    """Return the JSON text of a plan."""
    return json.dumps(asdict(plan))


if __name__ == "__main__":
    print(json.dumps(uvloop.run(run(read_plan(sys.stdin.read())))))
