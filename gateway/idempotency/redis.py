"""Keys remembered in Redis or Valkey, for every instance. Needs the extra `redis`."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final

from redis.exceptions import RedisError
from typing_extensions import override

from gateway.cache.redis_store import RedisOptions, redis_client
from gateway.idempotency.records import KEPT_SECONDS, KeyStore, KeyStoreFailed, Record, decode, encode

if TYPE_CHECKING:
    from redis.asyncio import Redis

_KEPT_MILLISECONDS: Final = int(KEPT_SECONDS * 1000)

_BEGIN: Final = """
local held = redis.call('GET', KEYS[1])
if held then return held end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return false
"""
"""Remembers a record, or returns the one there is."""

_FINISH: Final = """
local held = redis.call('GET', KEYS[1])
if held and string.sub(held, 1, string.len(ARGV[1])) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1
"""
"""Changes a record that is still the caller's, or that Redis has dropped meanwhile."""

_RELEASE: Final = """
local held = redis.call('GET', KEYS[1])
if not held or string.sub(held, 1, string.len(ARGV[1])) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
"""
"""Deletes a record if it is still the caller's."""


class RedisKeyStore(KeyStore):
    """Remembers records under names of its own beside the cache's.

    A key that Redis drops to make room is a key that nobody remembers: give it room, or a policy that only drops
    what expires soonest.
    """

    def __init__(self, client: "Redis", options: RedisOptions) -> None:
        """Make a store; no connection is opened yet.

        Args:
            client: with a pool of its own.
            options: `connect_seconds` is the longest that a call may take: a write can wait, a lost key cannot.
        """
        self._client = client
        self._prefix = options.prefix
        self._seconds = options.connect_seconds
        self._places = asyncio.Semaphore(options.connections)

    @classmethod
    def from_url(cls, url: str, options: RedisOptions) -> "RedisKeyStore":
        """Make a store for a URL as the cache takes it.

        Raises:
            ValueError: the URL is of another kind.
        """
        return cls(redis_client(url, None, options, options.connections), options)

    @override
    async def begin(self, name: str, record: Record) -> Record | None:
        async with self._bounded():
            held = await self._run(_BEGIN, name, encode(record), _KEPT_MILLISECONDS)
        if held is None:
            return None
        found = decode(held)
        if found is None:
            raise KeyStoreFailed("the key is remembered in a form of another version")
        return found

    @override
    async def finish(self, name: str, record: Record) -> None:
        async with self._bounded():
            await self._run(_FINISH, name, record.token, encode(record), _KEPT_MILLISECONDS)

    @override
    async def release(self, name: str, token: str) -> None:
        async with self._bounded():
            await self._run(_RELEASE, name, token)

    @override
    async def close(self) -> None:
        await self._client.aclose()

    async def _run(self, script: str, name: str, *arguments: Any) -> Any:
        return await self._client.eval(script, 1, f"{self._prefix}:once:{name}", *arguments)

    @asynccontextmanager
    async def _bounded(self) -> AsyncIterator[None]:
        """Do something with one of the connections, in bounded time, with one kind of error."""
        try:
            async with asyncio.timeout(self._seconds), self._places:
                yield
        except TimeoutError:
            raise KeyStoreFailed(f"no answer within {self._seconds:g} s") from None
        except (RedisError, OSError) as error:
            raise KeyStoreFailed(f"{type(error).__name__}: {error}") from error
