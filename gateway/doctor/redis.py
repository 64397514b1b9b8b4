"""Is the shared Redis there, quick enough, and set up so that it forgets what it should?"""

import time
from collections.abc import Iterator, Mapping
from statistics import median
from typing import TYPE_CHECKING, Any, Final

from gateway.cache.building import redis_options
from gateway.doctor.findings import Finding, fail, ok, warn
from gateway.environment import Secret
from gateway.reasons import system_reason
from gateway.settings import SHARED_URL, Settings, SharedCacheSettings

if TYPE_CHECKING:
    from redis.asyncio import Redis

CHECK: Final = "redis"
OLDEST: Final = (6, 2)
CALLS: Final = 11


async def check_redis(settings: Settings, secrets: Mapping[str, Secret]) -> tuple[Finding, ...]:
    """Look at the shared tier; nothing where there is none."""
    shared = settings.cache.shared
    if shared is None or not settings.cache.enabled or SHARED_URL not in secrets:
        return ()
    from redis.exceptions import RedisError, ResponseError  # noqa: PLC0415 - needs the extra `redis`

    from gateway.cache.redis_store import redis_client  # noqa: PLC0415 - likewise

    client = redis_client(secrets[SHARED_URL].reveal(), None, redis_options(shared, settings.folder), 1)
    try:
        found = [await _latency(client, shared)]
        try:
            facts = await client.info()
        except ResponseError:
            advice = "let its user run INFO, so that this check can look at its settings"
            return (*found, warn(CHECK, "", "it may not be asked what it is set up to do", advice))
        return (*found, *_set_up(facts))
    except (RedisError, OSError) as error:
        # The library's own words may hold the address, and so a password.
        message = f"{_place(client)} cannot be used ({system_reason(error) or type(error).__name__})"
        return (
            fail(CHECK, "", message, "look at cache.shared.url and cache.shared.tls, and whether it runs"),
        )
    finally:
        await client.aclose()


def _place(client: "Redis") -> str:
    own = client.connection_pool.connection_kwargs
    return str(own["path"]) if "path" in own else f"{own['host']}:{own['port']}"


async def _latency(client: "Redis", shared: SharedCacheSettings) -> Finding:
    """Return how quick it is, the first call, which connects, left out."""
    await client.ping()
    took: list[float] = []
    for _ in range(CALLS):
        began = time.perf_counter()
        await client.ping()
        took.append(time.perf_counter() - began)
    middle = median(took)
    message = f"it answers, in {middle * 1000:.2f} ms"
    if middle > shared.patience_seconds:
        told = f"{message}; requests wait {shared.patience_seconds * 1000:g} ms for it and go on without"
        return warn(CHECK, "", told, "bring it nearer, or raise cache.shared.patience_seconds")
    return ok(CHECK, "", message)


def _set_up(facts: Mapping[str, Any]) -> Iterator[Finding]:
    version = str(facts.get("valkey_version") or facts.get("redis_version") or "")
    if _parts(version) < OLDEST:
        wanted = ".".join(map(str, OLDEST))
        yield warn(CHECK, "", f"it is version {version or 'unknown'}", f"use {wanted} or newer")
    else:
        yield ok(CHECK, "", f"it is version {version}")
    most, policy = int(facts.get("maxmemory", 0)), str(facts.get("maxmemory_policy", ""))
    if not most:
        advice = "set maxmemory there; the cache is content with little"
        yield warn(CHECK, "", "it may take all of its machine's memory", advice)
    elif policy.startswith("allkeys"):
        message = f"when full it forgets anything ({policy}), idempotency keys too"
        advice = "volatile-ttl there keeps those longest; see docs/writing.md"
        yield warn(CHECK, "", message, advice)
    elif policy == "noeviction":
        yield ok(CHECK, "", "when full it takes nothing new (noeviction): idempotency keys are kept")
    else:
        yield ok(CHECK, "", f"when full it forgets what expires ({policy})")


def _parts(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
