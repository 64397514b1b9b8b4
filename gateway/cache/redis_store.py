"""Entries in Redis or Valkey, shared by processes and machines. Needs the extra `redis`.

How entries are forgotten: every tag has an *era*, a random text under a name of its own, and so has everything
together. An entry is written with the eras of its tags and is only valid while they are the same. To forget a tag its
era is deleted: that costs the same however many entries carry it, nothing is searched for, and what no longer counts
expires by itself. If Redis drops an era to make room, its entries are lost; they never come back to life.
"""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from redis.asyncio import Redis
from redis.exceptions import RedisError, ResponseError
from typing_extensions import override

from gateway.cache import messages
from gateway.cache.encoding import decode, encode
from gateway.cache.eras import REFRESH_SECONDS, KnownEras
from gateway.cache.messages import Filled, Message
from gateway.cache.redis_listener import Listener, ListenerTimes
from gateway.cache.shared_names import SharedNames, by_connection
from gateway.cache.store import Entry, Failure, Forgotten, SharedStore, SharedStoreFailed, Store, Write

if TYPE_CHECKING:
    from redis.asyncio.client import Pipeline

_RELEASE: Final = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1])
redis.call('PUBLISH', ARGV[2], ARGV[3])
return 1
"""
"""Deletes a lock if it is still the caller's, and says so to whoever waits."""


@dataclass(frozen=True, slots=True)
class RedisOptions:
    """How Redis is used.

    Attributes:
        prefix: what all names begin with; keeps several installations in one Redis apart.
        call_seconds: the longest that one call may take, once it has one of the connections; and the longest that it
            may wait for that.
        connect_seconds: the longest that connecting may take where no request waits for it.
        connections: the most connections for calls; one more listens.
        longest_seconds: the longest that anything is kept.
        largest_bytes: entries beyond that are not shared.
        poll_seconds: how often a lock is looked at while somebody waits for it, if no message comes.
        silence_seconds: see `ListenerTimes.silence`.
        ca_file: PEM file of whom the server's certificate must come from; the system's authorities when None.
        certificate_file: PEM file with the client's certificate, for servers that ask for one.
        key_file: PEM file with its key; None when it is in the same file.
    """

    prefix: str = "wg"
    call_seconds: float = 0.05
    connect_seconds: float = 1.0
    connections: int = 10
    longest_seconds: float = 7 * 86_400.0
    largest_bytes: int = 8 * 1024 * 1024
    poll_seconds: float = 0.1
    silence_seconds: float = 5.0
    ca_file: str | None = None
    certificate_file: str | None = None
    key_file: str | None = None


def redis_client(url: str, password: str | None, options: RedisOptions, connections: int) -> "Redis":
    """Return a client for a URL as `RedisStore.from_url` takes it; no connection is opened yet."""
    given: dict[str, Any] = {
        "password": password,
        "protocol": 2,
        "driver_info": None,  # two round trips less per connection
        # Every call is bounded by whoever makes it. With a limit of its own the client sends through
        # `asyncio.wait_for`, which before Python 3.12 can lose a cancellation.
        "socket_timeout": None,
        "socket_connect_timeout": options.connect_seconds,
    }
    if url.startswith("rediss:"):
        given["ssl_ca_certs"] = options.ca_file
        given["ssl_certfile"] = options.certificate_file
        given["ssl_keyfile"] = options.key_file
    return Redis.from_url(url, **given, max_connections=connections)


class RedisStore(SharedStore, Store):
    """The shared tier. Every method may raise `SharedStoreFailed`, at the latest after twice `call_seconds`."""

    def __init__(
        self, client: "Redis", listening: "Redis", options: RedisOptions, clock: Callable[[], float]
    ) -> None:
        """Make a store; no connection is opened yet.

        Args:
            client: for calls.
            listening: for the subscription, with a pool of its own.
            options: how Redis is used.
            clock: seconds of the wall clock, as in `Entry.stored_at`.
        """
        self._client = client
        self._options = options
        self._clock = clock
        self._names = SharedNames(options.prefix)
        self._instance = secrets.token_hex(8)
        self._places = asyncio.Semaphore(options.connections)
        self._known_eras = KnownEras()
        self._waiting: dict[str, set[asyncio.Event]] = {}
        self._on_forgotten: Callable[[Forgotten], None] = _ignore
        self._on_gap: Callable[[], None] = _ignore
        times = ListenerTimes(options.connect_seconds, options.silence_seconds)
        self._listener = Listener(listening, self._names.channel, times, self._hear, self._on_subscribed)

    @classmethod
    def from_url(
        cls,
        url: str,
        password: str | None = None,
        options: RedisOptions | None = None,
        clock: Callable[[], float] = time.time,
    ) -> "RedisStore":
        """Make a store for a `redis://`, `rediss://` (TLS, certificates checked) or `unix://` URL.

        Args:
            url: with the name of an ACL user where there is one (`rediss://user@host:6380/0`).
            password: of that user, or of the default user; one in the URL counts instead.
            options: how Redis is used.
            clock: seconds of the wall clock.

        Raises:
            ValueError: the URL is of another kind.
        """
        options = options or RedisOptions()
        client = redis_client(url, password, options, options.connections + 1)
        return cls(client, redis_client(url, password, options, 1), options, clock)

    @override
    async def get(self, key: str) -> Entry | None:
        async with self._bounded(self._options.call_seconds):
            value: Any = await self._client.get(self._names.entry(key))
            if value is None:
                return None
            eras, _, data = value.partition(b"\n")
            entry = decode(data)
            if entry is None or await self._eras(entry) != eras.split(b" "):
                return None
            return entry

    @override
    async def put(self, key: str, entry: Entry) -> None:
        await self.write((Write(key, entry),))

    @override
    async def write(self, writes: Sequence[Write]) -> None:
        kept = [(each.key, each.entry) for each in writes if each.entry is not None]
        names = self._names.eras({tag for _, entry in kept for tag in entry.tags}) if kept else ()
        async with self._bounded(self._options.call_seconds):
            pipeline = self._client.pipeline(transaction=False)
            try:
                await self._begin_eras(names)
            except ResponseError:
                self._add_releases(pipeline, writes)  # a full store still gives up locks
                await pipeline.execute()
                raise
            for key, entry in kept:
                self._add_entry(pipeline, key, entry)
            groups = _add_question(pipeline, names)
            self._add_releases(pipeline, writes)
            answers = await pipeline.execute()
            self._note_eras(groups, answers[len(kept) :])

    @override
    async def forget(self, forgotten: Forgotten) -> None:
        names = self._names_of(forgotten)
        self._known_eras.forget(names)
        async with self._bounded(self._options.call_seconds):
            pipeline = self._client.pipeline(transaction=False)
            for group in by_connection(names).values():
                pipeline.delete(*group)
            pipeline.publish(self._names.channel, messages.write(Message(self._instance, forgotten)))
            await pipeline.execute()

    @override
    async def remove(self, key: str) -> None:
        await self.forget(Forgotten(keys=(key,)))

    @override
    async def invalidate(self, *tags: str) -> None:
        await self.forget(Forgotten(tags=tags))

    @override
    async def clear(self) -> None:
        await self.forget(Forgotten(everything=True))

    @override
    async def acquire(self, key: str, token: str, seconds: float) -> bool:
        milliseconds = max(1, int(seconds * 1000))
        async with self._bounded(self._options.call_seconds):
            return bool(await self._client.set(self._names.lock(key), token, nx=True, px=milliseconds))

    @override
    async def wait_for(self, key: str, timeout: float) -> Entry | None:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout
        news = asyncio.Event()
        self._waiting.setdefault(key, set()).add(news)
        try:
            while await self._is_locked(key):
                left = deadline - loop.time()
                if left <= 0:
                    return None
                await _wait(news, min(left, self._options.poll_seconds))
            return await self.get(key)
        finally:
            self._stop_waiting(key, news)

    @override
    async def connect(self) -> None:
        pings = [self._ping(self._options.connect_seconds) for _ in range(self._options.connections)]
        failed = [each for each in await asyncio.gather(*pings, return_exceptions=True) if each is not None]
        if failed:
            raise failed[0]

    @override
    async def ping(self) -> None:
        await self._ping(self._options.call_seconds)

    @override
    def listen(self, on_forgotten: Callable[[Forgotten], None], on_gap: Callable[[], None]) -> None:
        self._on_forgotten = on_forgotten
        self._on_gap = on_gap
        self._listener.start()

    @override
    async def ready(self) -> None:
        try:
            async with asyncio.timeout(self._options.connect_seconds):
                await self._listener.subscribed.wait()
        except TimeoutError:
            raise SharedStoreFailed(Failure.LOST, "not subscribed") from None

    @property
    def listening(self) -> bool:
        """Say whether messages of other instances arrive, as far as is known."""
        return self._listener.subscribed.is_set()

    @override
    async def close(self) -> None:
        await self._listener.close()
        await self._client.aclose()

    async def _ping(self, seconds: float) -> None:
        async with self._bounded(seconds):
            await self._client.ping()

    @asynccontextmanager
    async def _bounded(self, seconds: float) -> AsyncIterator[None]:
        """Do something with one of the connections, in bounded time, with one kind of error."""
        await self._take_place()
        try:
            async with asyncio.timeout(seconds):
                yield
        except TimeoutError:
            raise SharedStoreFailed(Failure.LOST, f"no answer within {seconds} s") from None
        except ResponseError as error:
            raise SharedStoreFailed(Failure.REFUSED, str(error)) from error
        except (RedisError, OSError) as error:
            raise SharedStoreFailed(Failure.LOST, f"{type(error).__name__}: {error}") from error
        finally:
            self._places.release()

    async def _take_place(self) -> None:
        if not self._places.locked():
            await self._places.acquire()
            return
        try:
            async with asyncio.timeout(self._options.call_seconds):
                await self._places.acquire()
        except TimeoutError:
            raise SharedStoreFailed(Failure.BUSY, "every connection is in use") from None

    async def _eras(self, entry: Entry) -> list[bytes | None]:
        """Return the eras of the entry's tags, None for each that has none."""
        names = self._names.eras(entry.tags)
        pipeline = self._client.pipeline(transaction=False)
        groups = _add_question(pipeline, names)
        found = self._note_eras(groups, await pipeline.execute())
        return [found[name] for name in names]

    def _note_eras(
        self, groups: Sequence[Sequence[bytes]], answers: Sequence[Any]
    ) -> dict[bytes, bytes | None]:
        found = {
            name: era
            for group, eras in zip(groups, answers, strict=False)
            for name, era in zip(group, eras, strict=True)
        }
        for name, era in found.items():
            self._known_eras.seen(name, era)
        return found

    async def _begin_eras(self, names: Iterable[bytes]) -> None:
        """Begin the eras that there are not, and make sure that all outlive what is written now."""
        now = self._clock()
        unsure = [name for name in names if not self._known_eras.is_sure(name, now)]
        if not unsure:
            return
        milliseconds = int((self._options.longest_seconds + REFRESH_SECONDS) * 1000)
        pipeline = self._client.pipeline(transaction=False)
        for name in unsure:
            pipeline.set(name, secrets.token_hex(8), nx=True, px=milliseconds)
            pipeline.pexpire(name, milliseconds)
            pipeline.get(name)
        answers = await pipeline.execute()
        for name, era in zip(unsure, answers[2::3], strict=True):
            self._known_eras.put_off(name, era, now)

    def _add_entry(self, pipeline: "Pipeline", key: str, entry: Entry) -> None:
        milliseconds = self._useful_milliseconds(entry)
        value = self._value(entry) if milliseconds > 0 else b""
        if not value:
            pipeline.delete(self._names.entry(key))
            return
        eras = map(self._known_eras.get, self._names.eras(entry.tags))
        # An era that is over already is left out: the entry is then never valid.
        marked = b" ".join(era for era in eras if era is not None) + b"\n" + value
        pipeline.set(self._names.entry(key), marked, px=milliseconds)

    def _add_releases(self, pipeline: "Pipeline", writes: Iterable[Write]) -> None:
        for each in writes:
            message = messages.write(Message(self._instance, Filled(each.key)))
            for token in each.tokens:
                pipeline.eval(_RELEASE, 1, self._names.lock(each.key), token, self._names.channel, message)

    def _names_of(self, forgotten: Forgotten) -> list[bytes]:
        names = [*map(self._names.entry, forgotten.keys), *map(self._names.era, forgotten.tags)]
        return [*names, self._names.era_of_everything] if forgotten.everything else names

    def _value(self, entry: Entry) -> bytes:
        """Return the entry as bytes; none when it is too large to be shared or cannot be written."""
        try:
            value = encode(entry)
        except ValueError:
            return b""
        return value if len(value) <= self._options.largest_bytes else b""

    def _useful_milliseconds(self, entry: Entry) -> int:
        left = entry.stored_at + entry.useful_seconds - self._clock()
        return int(min(left, self._options.longest_seconds) * 1000)

    async def _is_locked(self, key: str) -> bool:
        async with self._bounded(self._options.call_seconds):
            return bool(await self._client.exists(self._names.lock(key)))

    def _stop_waiting(self, key: str, news: asyncio.Event) -> None:
        waiting = self._waiting[key]
        waiting.discard(news)
        if not waiting:
            del self._waiting[key]

    def _on_subscribed(self) -> None:
        self._known_eras.clear()
        self._on_gap()

    def _hear(self, data: bytes) -> None:
        message = messages.read(data)
        if message is None:
            return
        if isinstance(message.news, Filled):
            for news in self._waiting.get(message.news.key, ()):
                news.set()
        elif message.sender != self._instance:
            self._known_eras.forget(self._names_of(message.news))
            self._on_forgotten(message.news)


def _add_question(pipeline: "Pipeline", names: Iterable[bytes]) -> list[list[bytes]]:
    """Ask for eras, as few times as a cluster allows; returns the names by answer."""
    groups = list(by_connection(names).values())
    for group in groups:
        pipeline.mget(group)
    return groups


def _ignore(*_: object) -> None:
    """Do nothing: nobody listens yet."""


async def _wait(news: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await news.wait()
    except TimeoutError:
        return
    news.clear()
