"""Makes the store that a configuration asks for."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from adapters.breaker import BreakerLimits
from gateway.cache.front import FrontStore
from gateway.cache.memory import MemoryStore, NoStore
from gateway.cache.shared_tier import TierLimits
from gateway.cache.tiers import TieredStore
from gateway.environment import Secret
from gateway.settings import SHARED_URL, Settings, SharedCacheSettings

if TYPE_CHECKING:
    from gateway.cache.redis_store import RedisOptions

_TURNS: Final = 5
"""A request waits for its turn as long as for so many answers, while they come in time."""


def build_store(settings: Settings, secrets: Mapping[str, Secret]) -> FrontStore:
    """Return the store: memory, memory before Redis, or one that keeps nothing. No connection is opened yet.

    The caller calls `start()` before the first request and `close()` after the last.

    Args:
        settings: a checked configuration.
        secrets: as `read_credentials` returns them.
    """
    cache = settings.cache
    if not cache.enabled:
        return NoStore()
    memory = MemoryStore(cache.max_bytes)
    if cache.shared is None:
        return memory
    return _tiered(memory, cache.shared, secrets[SHARED_URL], settings.folder)


def _tiered(memory: MemoryStore, shared: SharedCacheSettings, url: Secret, folder: Path) -> TieredStore:
    from gateway.cache.redis_store import RedisStore  # noqa: PLC0415 - needs the extra `redis`

    options = redis_options(shared, folder)
    limits = TierLimits(
        breaker=BreakerLimits(shared.breaker.failures, shared.breaker.rest_seconds),
        patience_seconds=shared.patience_seconds,
        queue_seconds=_TURNS * shared.patience_seconds,
        # What is written or told beside the requests finds a connection too.
        at_once=max(1, shared.connections - 2),
    )
    return TieredStore(memory, RedisStore.from_url(url.reveal(), options=options), limits)


def redis_options(shared: SharedCacheSettings, folder: Path) -> "RedisOptions":
    """Return how Redis is used; paths in the settings are relative to the folder."""
    from gateway.cache.redis_store import RedisOptions  # noqa: PLC0415 - needs the extra `redis`

    tls = shared.tls
    return RedisOptions(
        prefix=shared.prefix,
        call_seconds=shared.call_seconds,
        connect_seconds=shared.connect_seconds,
        connections=shared.connections,
        longest_seconds=shared.longest_seconds,
        largest_bytes=shared.largest_bytes,
        ca_file=_path(folder, tls.ca_file),
        certificate_file=_path(folder, tls.certificate_file),
        key_file=_path(folder, tls.key_file),
    )


def _path(folder: Path, name: str | None) -> str | None:
    return None if name is None else str(folder / name)
