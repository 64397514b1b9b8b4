"""Makes the store of keys that a configuration asks for: where the cache is shared, so are the keys."""

from collections.abc import Callable, Mapping

from gateway.cache.building import redis_options
from gateway.environment import Secret
from gateway.idempotency.memory import MemoryKeyStore, NoKeyStore
from gateway.idempotency.records import KeyStore
from gateway.settings import SHARED_URL, Settings


def build_key_store(
    settings: Settings, secrets: Mapping[str, Secret], clock: Callable[[], float]
) -> KeyStore:
    """Return the store. No connection is opened yet.

    Args:
        settings: a checked configuration.
        secrets: as `read_credentials` returns them.
        clock: seconds of the wall clock.
    """
    shared = settings.cache.shared
    if shared is not None and not settings.cache.enabled:
        return NoKeyStore("the cache is switched off, and with it what instances share")
    if shared is not None:
        from gateway.idempotency.redis import RedisKeyStore  # noqa: PLC0415 - needs the extra `redis`

        url = secrets[SHARED_URL].reveal()
        return RedisKeyStore.from_url(url, redis_options(shared, settings.folder))
    if settings.server.workers > 1:
        return NoKeyStore(
            f"{settings.server.workers} workers answer and each would remember its own keys; "
            "configure cache.shared, or one worker"
        )
    return MemoryKeyStore(clock, settings.server.idempotency_bytes, len(settings.callers))
