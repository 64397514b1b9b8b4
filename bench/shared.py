"""What the shared tier adds to a read that this process has no answer for: healthy, and while it is in trouble."""

import asyncio
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import uvloop

from bench.measuring import Row, Table, milliseconds, text
from gateway.cache.front import FrontStore
from gateway.cache.memory import MemoryStore
from gateway.cache.redis_store import RedisOptions, RedisStore
from gateway.cache.store import Entry
from gateway.cache.tiers import TieredStore
from gateway.telemetry import logs
from tests.cache.proxy import Proxy
from tests.cache.redis_server import HOST, RedisServer, binary

REQUESTS: Final = 1000
REQUESTS_A_SECOND: Final = 500
ROUNDS: Final = 5
VENDOR_SECONDS: Final = 0.02
SLOW_SECONDS: Final = 0.02
BODY: Final = b"x" * 20_000
ALONE: Final = "without redis"
HIT: Final = "hit in redis"

Break = Callable[[RedisServer, Proxy], None]


def _nothing(_: RedisServer, __: Proxy) -> None:
    """Leave it healthy."""


def _slow(_: RedisServer, proxy: Proxy) -> None:
    proxy.delay = SLOW_SECONDS


def _full(server: RedisServer, _: Proxy) -> None:
    server.run("CONFIG", "SET", "maxmemory-policy", "noeviction")
    server.run("CONFIG", "SET", "maxmemory", "1")


SITUATIONS: Final[dict[str, Break]] = {
    "healthy": _nothing,
    "frozen": lambda server, _: server.freeze(),
    "killed": lambda server, _: server.kill(),
    "slow": _slow,
    "full": _full,
}


def measure(rounds: int = ROUNDS) -> dict[str, Any]:
    """Return seconds by situation, medians of the rounds; nothing but a reason where there is no server to start."""
    try:
        binary()
    except RuntimeError as missing:
        return {"skipped": str(missing)}
    taken: dict[str, list[list[float]]] = {name: [] for name in (ALONE, *SITUATIONS, HIT)}
    logs.configure("error")
    for number in range(rounds + 1):
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            for name, seconds in runner.run(_round()).items():
                if number:  # the first warms up
                    taken[name].append(seconds)
    return {
        "requests": REQUESTS,
        "requests_a_second": REQUESTS_A_SECOND,
        "vendor_seconds": VENDOR_SECONDS,
        "rounds": rounds,
        "situations": {name: _summed_up(each) for name, each in taken.items()},
    }


def shown(result: dict[str, Any]) -> str:
    """Return the result for a terminal."""
    return text(tables(result))


def tables(result: dict[str, Any]) -> list[Table]:
    """Return the result as a table; the last column is what the 99th percentile is above that without Redis."""
    columns = ("", "p50", "p99", "max", "p99 above")
    title = "A miss beside Redis, the vendor takes 20 ms"
    if "skipped" in result:
        return [Table(title, columns, (), (f"Skipped: {result['skipped']}",))]
    situations = result["situations"]
    base = situations[ALONE]["p99_seconds"]
    rows: list[Row] = [
        (
            name,
            milliseconds(each["p50_seconds"]),
            milliseconds(each["p99_seconds"]),
            milliseconds(each["max_seconds"]),
            f"{(each['p99_seconds'] - base) * 1000:+.2f} ms",
        )
        for name, each in situations.items()
    ]
    return [Table(title, columns, tuple(rows))]


def _summed_up(rounds: list[list[float]]) -> dict[str, float]:
    ordered = [sorted(seconds) for seconds in rounds]
    return {
        "p50_seconds": statistics.median(each[len(each) // 2] for each in ordered),
        "p99_seconds": statistics.median(each[len(each) * 99 // 100] for each in ordered),
        "max_seconds": statistics.median(each[-1] for each in ordered),
    }


async def _round() -> dict[str, list[float]]:
    taken = {ALONE: await _misses(MemoryStore(10**9))}
    for name, break_ in SITUATIONS.items():
        with tempfile.TemporaryDirectory(prefix="wg-") as folder, RedisServer(Path(folder)) as server:
            async with Proxy(server.port) as proxy:
                store = _tiered(proxy.port if name == "slow" else server.port)
                await store.start()
                if name == "healthy":
                    taken[HIT] = await _hits(store, _tiered(server.port))
                break_(server, proxy)
                # What is measured begins with the trouble: finding out is part of it.
                taken[name] = await _misses(store)
                await store.close()
    return taken


def _tiered(port: int) -> TieredStore:
    shared = RedisStore.from_url(f"redis://{HOST}:{port}/0", options=RedisOptions())
    return TieredStore(MemoryStore(10**9), shared)


async def _misses(store: FrontStore) -> list[float]:
    """Do what a miss does, from looking to giving the lock back."""

    async def miss(number: int) -> None:
        key = f"1:c:f:workflow:{number}"
        await store.get_with_tier(key)
        token = await store.acquire(key, 10.0)
        await store.newer(key, None)
        await asyncio.sleep(VENDOR_SECONDS)
        await store.put(key, _entry(number))
        if token:
            await store.release(key, token)

    return await _timed(miss)


async def _hits(writer: TieredStore, reader: TieredStore) -> list[float]:
    for number in range(REQUESTS):
        await writer.put(f"1:c:f:hit:{number}", _entry(number))
        if number % 100 == 0:
            await writer.flush()
    await writer.flush()
    await reader.start()

    async def hit(number: int) -> None:
        await reader.get_with_tier(f"1:c:f:hit:{number}")

    taken = await _timed(hit)
    await reader.close()
    return taken


async def _timed(act: Callable[[int], Any]) -> list[float]:
    """Act at a steady rate, whether or not what was begun before is over."""
    taken: list[float] = []
    loop = asyncio.get_running_loop()
    begin = loop.time()

    async def one(number: int) -> None:
        started = time.perf_counter()
        await act(number)
        taken.append(time.perf_counter() - started)

    tasks = []
    for number in range(REQUESTS):
        await asyncio.sleep(begin + number / REQUESTS_A_SECOND - loop.time())
        tasks.append(asyncio.create_task(one(number)))
    await asyncio.gather(*tasks)
    return taken


def _entry(number: int) -> Entry:
    tags = ("connection:c", f"workflow:c:{number}", "listing:c")
    return Entry({"canonical": BODY}, time.time(), 60.0, etag=f'"{number}"', tags=tags)
