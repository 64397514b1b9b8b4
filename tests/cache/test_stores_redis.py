"""What is particular to Redis: names, expiry, eras, logins, locks, and what each call costs the server."""

import asyncio
import re
import secrets
import time
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from gateway.cache.redis_store import RedisOptions, RedisStore
from gateway.cache.store import Failure, Forgotten, SharedStoreFailed, Write
from tests.cache.redis_server import HOST, RedisServer, free_port
from tests.cache.stores import PATIENT, entry, redis_store

KEY = "1:c:f:workflow:0"
TAGS = ("connection:c", "workflow:c:1", "listing:c")


@pytest.fixture
async def store(redis_server: RedisServer) -> AsyncIterator[RedisStore]:
    made = redis_store(redis_server.url)
    yield made
    await made.close()


def names_of(store: RedisStore, server: RedisServer) -> list[str]:
    with server.client() as client:
        return sorted(name.decode() for name in client.scan_iter(f"{store._options.prefix}:*"))


async def failure_of(store: RedisStore) -> SharedStoreFailed:
    try:
        with pytest.raises(SharedStoreFailed) as failed:
            await store.put(KEY, entry())
        return failed.value
    finally:
        await store.close()


async def test_everything_of_a_connection_has_its_place_and_an_end(
    store: RedisStore, redis_server: RedisServer
) -> None:
    await store.put(KEY, entry("x", *TAGS))
    await take(store, KEY, 5)
    prefix = store._options.prefix
    names = names_of(store, redis_server)
    assert names == sorted(
        [
            f"{prefix}:{{c}}:entry:{KEY}",
            f"{prefix}:{{c}}:lock:{KEY}",
            *(f"{prefix}:{{c}}:era:{tag}" for tag in TAGS),
            f"{prefix}:{{-}}:era",
        ]
    )
    assert all(0 < redis_server.run("PTTL", name) <= (7 * 24 + 1) * 3_600_000 for name in names)


@pytest.mark.parametrize(
    ("times", "age", "expected"),
    [
        ((60, 0, 0), 0, 60),
        ((60, 30, 0), 0, 90),
        ((60, 30, 3600), 0, 3660),
        ((60, 0, 0), 20, 40),
        ((10**9, 0, 0), 0, 604_800),
    ],
)
async def test_an_entry_lives_as_long_as_it_is_of_use(
    store: RedisStore,
    redis_server: RedisServer,
    times: tuple[float, float, float],
    age: float,
    expected: float,
) -> None:
    fresh, revalidate, on_error = times
    made = entry(stored_at=time.time() - age, life=fresh)
    await store.put(KEY, replace(made, stale_while_revalidate=revalidate, stale_if_error=on_error))
    left = redis_server.run("PTTL", store._names.entry(KEY)) / 1000
    assert expected - PATIENT < left <= expected


async def test_what_is_of_no_use_or_too_large_takes_the_place_of_what_was_there(
    redis_server: RedisServer,
) -> None:
    options = RedisOptions(f"t{secrets.token_hex(6)}", call_seconds=PATIENT, largest_bytes=1000)
    store = RedisStore.from_url(redis_server.url, options=options)
    for late in (entry(life=-1), entry("x" * 2000)):
        await store.put(KEY, entry())
        await store.put(KEY, late)
        assert await store.get(KEY) is None
        assert redis_server.run("EXISTS", store._names.entry(KEY)) == 0
    await store.close()


@pytest.mark.parametrize("value", [b"", b"\n", b"foreign", b"a b c\nwge", bytes(range(256))])
async def test_what_somebody_else_wrote_is_nothing(
    store: RedisStore, redis_server: RedisServer, value: bytes
) -> None:
    await store.put(KEY, entry())
    redis_server.run("SET", store._names.entry(KEY), value)
    assert await store.get(KEY) is None
    await store.put(KEY, entry())
    assert await store.get(KEY) is not None


async def test_another_kind_of_value_is_a_refusal(store: RedisStore, redis_server: RedisServer) -> None:
    redis_server.run("LPUSH", store._names.entry(KEY), "x")
    with pytest.raises(SharedStoreFailed) as failed:
        await store.get(KEY)
    assert failed.value.failure is Failure.REFUSED


@pytest.mark.parametrize("tag", [*TAGS, None])
async def test_an_era_that_redis_drops_takes_its_entries_along_for_good(
    store: RedisStore, redis_server: RedisServer, tag: str | None
) -> None:
    old, new = f"{KEY}1", f"{KEY}2"
    await store.put(old, entry("old", *TAGS))
    redis_server.run("DEL", store._names.era_of_everything if tag is None else store._names.era(tag))
    await store.put(new, entry("new", *TAGS))  # lost as well, but from now on the store knows
    await store.put(new, entry("new", *TAGS))
    assert await store.get(new) is not None
    assert await store.get(old) is None


async def test_most_writes_ask_for_no_era_and_many_cost_one_round_trip(own_redis: RedisServer) -> None:
    store = redis_store(own_redis.url)
    await store.put(KEY, entry("x", *TAGS))
    own_redis.run("CONFIG", "RESETSTAT")
    await store.write([Write(f"1:c:{number}", entry("x", *TAGS)) for number in range(30)])
    made = calls(own_redis)
    assert {name: made[name] for name in made if name not in {"client", "config", "info"}} == {
        "set": 30,
        "mget": 2,
    }
    assert await store.get("1:c:29") is not None
    await store.close()


async def test_a_full_store_still_gives_up_locks(own_redis: RedisServer) -> None:
    store = redis_store(own_redis.url)
    token = await take(store, KEY, 30)
    assert token is not None
    own_redis.run("CONFIG", "SET", "maxmemory-policy", "noeviction")
    own_redis.run("CONFIG", "SET", "maxmemory", "1")
    with pytest.raises(SharedStoreFailed) as failed:
        await store.write((Write(KEY, entry("x", *TAGS), (token,)),))
    assert failed.value.failure is Failure.REFUSED
    assert await store.wait_for(KEY, 0) is None
    assert own_redis.run("EXISTS", store._names.lock(KEY)) == 0
    await store.close()


async def take(store: RedisStore, key: str, seconds: float) -> str | None:
    token = secrets.token_hex(16)
    return token if await store.acquire(key, token, seconds) else None


def calls(server: RedisServer) -> dict[str, int]:
    with server.client() as client:
        stats = client.info("commandstats")
    return {name.removeprefix("cmdstat_"): each["calls"] for name, each in stats.items()}


async def test_what_each_call_costs_does_not_grow_with_the_number_of_entries(own_redis: RedisServer) -> None:
    store = redis_store(own_redis.url)
    for number in range(300):
        await store.put(f"1:c:{number}", entry("x", "connection:c"))
    own_redis.run("CONFIG", "RESETSTAT")
    assert await store.get("1:c:1") is not None
    await store.invalidate("connection:c")
    made = calls(own_redis)
    assert {name: made.get(name, 0) for name in ("get", "mget", "del", "publish")} == {
        "get": 1,
        "mget": 2,
        "del": 1,
        "publish": 1,
    }
    assert set(made) - {"client", "config", "info"} == {
        "get",
        "mget",
        "del",
        "publish",
    }  # the operator's calls aside
    found = [await store.get(f"1:c:{number}") for number in range(300)]
    assert found == [None] * 300
    await store.close()


async def test_connections_are_bounded_and_many_calls_share_them(own_redis: RedisServer) -> None:
    options = RedisOptions(call_seconds=PATIENT, connections=3)
    store = RedisStore.from_url(own_redis.url, options=options)
    await asyncio.gather(*(store.put(f"1:c:{number}", entry()) for number in range(200)))
    with own_redis.client() as client:
        assert client.info("clients")["connected_clients"] <= 4
    await store.close()


async def test_who_finds_no_connection_free_is_told_so(own_redis: RedisServer) -> None:
    options = RedisOptions(call_seconds=0.3, connect_seconds=PATIENT, connections=1)
    store = RedisStore.from_url(own_redis.url, options=options)
    await store.put(KEY, entry())
    own_redis.freeze()
    slow = asyncio.create_task(store.connect())
    await asyncio.sleep(0.01)
    with pytest.raises(SharedStoreFailed) as failed:
        await store.get(KEY)
    assert failed.value.failure is Failure.BUSY
    own_redis.thaw()
    await slow
    assert await store.get(KEY) is not None
    await store.close()


GRANTED = ("+get", "+set", "+del", "+mget", "+exists", "+pexpire", "+publish", "+subscribe", "+eval", "+ping")


@pytest.mark.parametrize("form", ["both in the URL", "password beside", "only a password"])
async def test_acl_users_need_little(own_redis: RedisServer, form: str) -> None:
    own_redis.run(
        "ACL", "SETUSER", "gate", "on", ">p@ss", "~wg:*", "resetchannels", "&wg:*", "-@all", *GRANTED
    )
    own_redis.run("ACL", "SETUSER", "default", "resetpass", ">p@ss", "on")
    place = f"{HOST}:{own_redis.port}/0"
    url, password = {
        "both in the URL": (f"redis://gate:p%40ss@{place}", None),
        "password beside": (f"redis://gate@{place}", "p@ss"),
        "only a password": (f"redis://{place}", "p@ss"),
    }[form]
    store = RedisStore.from_url(url, password, RedisOptions(call_seconds=PATIENT, connect_seconds=PATIENT))
    store.listen(lambda _: None, lambda: None)
    await store.ready()
    await store.ping()
    await store.put(KEY, entry("x", *TAGS))
    assert await store.get(KEY) is not None
    token = await take(store, KEY, 5)
    assert token is not None
    await store.write((Write(KEY, tokens=(token,)),))
    assert await store.wait_for(KEY, 1) is not None
    await store.forget(Forgotten(keys=(KEY,), tags=TAGS, everything=True))
    assert await store.get(KEY) is None
    await store.close()


async def test_a_wrong_password_is_told_without_the_password(own_redis: RedisServer) -> None:
    own_redis.run("ACL", "SETUSER", "gate", "on", ">right", "~*", "+@all")
    url = f"redis://gate@{HOST}:{own_redis.port}/0"
    failed = await failure_of(RedisStore.from_url(url, "wrong-secret", RedisOptions(call_seconds=PATIENT)))
    assert failed.failure is Failure.LOST
    assert "wrong-secret" not in f"{failed!r}{failed}{failed.__cause__!r}"


async def test_nobody_there_is_told_at_once() -> None:
    started = time.monotonic()
    failed = await failure_of(redis_store(f"redis://{HOST}:{free_port()}/0"))
    assert failed.failure is Failure.LOST
    assert time.monotonic() - started < PATIENT


async def test_a_unix_socket_will_do(redis_server: RedisServer) -> None:
    store = redis_store(redis_server.socket_url)
    await store.put(KEY, entry())
    assert await store.get(KEY) is not None
    await store.close()


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "127.0.0.1:6379", ""])
def test_another_kind_of_url_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=re.compile("scheme|redis", re.IGNORECASE)):
        RedisStore.from_url(url)


async def test_tls_is_spoken_from_the_first_byte_and_plain_text_never() -> None:
    heard: asyncio.Queue[bytes] = asyncio.Queue()

    async def hear(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await heard.put(await reader.read(1000))
        writer.close()

    server = await asyncio.start_server(hear, HOST, 0)
    port = server.sockets[0].getsockname()[1]
    failed = await failure_of(redis_store(f"rediss://gate:pass-word@{HOST}:{port}/0"))
    assert failed.failure is Failure.LOST
    hello = await heard.get()
    assert hello[:2] == b"\x16\x03"  # a handshake record of TLS, RFC 8446 section 5.1
    assert b"pass-word" not in hello
    server.close()
    await server.wait_closed()


async def test_a_certificate_that_nobody_vouches_for_is_refused(redis_server: RedisServer) -> None:
    store = redis_store("rediss://localhost:1/0")
    settings = store._client.connection_pool.make_connection().ssl_context
    assert (settings.cert_reqs.name, settings.check_hostname) == ("CERT_REQUIRED", True)
    await store.close()


async def pair(server: RedisServer, **given: float) -> tuple[RedisStore, RedisStore]:
    options = RedisOptions(f"t{secrets.token_hex(6)}", PATIENT, PATIENT, **given)
    made = [RedisStore.from_url(server.url, options=options) for _ in range(2)]
    for each in made:
        each.listen(lambda _: None, lambda: None)
        await each.ready()
    return made[0], made[1]


async def test_of_all_who_would_fill_one_may(redis_server: RedisServer) -> None:
    first, second = await pair(redis_server)
    tokens = await asyncio.gather(*(take(each, KEY, 30) for each in (first, second) * 20))
    (token,) = (token for token in tokens if token is not None)
    await second.write((Write(KEY, tokens=("somebody else's",)),))
    assert await take(second, KEY, 30) is None
    await first.write((Write(KEY, tokens=(token,)),))
    assert await take(second, KEY, 30) is not None
    assert await take(first, f"{KEY}1", 30) is not None
    await asyncio.gather(first.close(), second.close())


async def test_whoever_waits_gets_the_entry_as_soon_as_it_is_there(redis_server: RedisServer) -> None:
    first, second = await pair(redis_server, poll_seconds=60.0)
    token = await take(first, KEY, 30)
    assert token is not None
    waiting = [asyncio.create_task(second.wait_for(KEY, 30)) for _ in range(5)]
    await asyncio.sleep(0.1)
    assert not any(task.done() for task in waiting)
    filled = entry("filled")
    await first.put(KEY, filled)
    await first.write((Write(KEY, tokens=(token,)),))
    async with asyncio.timeout(PATIENT):
        assert await asyncio.gather(*waiting) == [filled] * 5
    assert second._waiting == {}
    await asyncio.gather(first.close(), second.close())


async def test_without_messages_the_lock_is_looked_at_now_and_then(redis_server: RedisServer) -> None:
    store = redis_store(redis_server.url)  # not listening
    token = await take(store, KEY, 30)
    assert token is not None
    waiting = asyncio.create_task(store.wait_for(KEY, 30))
    await asyncio.sleep(0.05)
    await store.put(KEY, entry("filled"))
    await store.write((Write(KEY, tokens=(token,)),))
    async with asyncio.timeout(PATIENT):
        found = await waiting
    assert found is not None
    await store.close()


async def test_waiting_has_an_end_and_so_has_a_lock(store: RedisStore) -> None:
    assert await store.wait_for(KEY, 30) is None  # nobody fills it
    await store.put(KEY, entry("older"))
    assert await take(store, KEY, 0.3) is not None
    assert await store.wait_for(KEY, 0.05) is None
    found = await store.wait_for(KEY, 30)
    assert found is not None
    assert found.parts["canonical"] == b"older"
    assert await take(store, KEY, 1) is not None


async def test_whoever_stops_waiting_leaves_nothing_behind(store: RedisStore) -> None:
    await take(store, KEY, 30)
    waiting = asyncio.create_task(store.wait_for(KEY, 30))
    await asyncio.sleep(0.05)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert store._waiting == {}
    assert store._places._value == store._options.connections


async def test_a_call_that_is_cancelled_spoils_no_connection(store: RedisStore) -> None:
    large = entry("x" * 500_000)
    await store.put(KEY, large)
    for pause in range(30):
        task = asyncio.create_task(store.get(KEY))
        for _ in range(pause):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert await store.get(KEY) == large
        assert await store.get("1:c:other") is None


async def test_an_instance_hears_the_others_and_not_itself(redis_server: RedisServer) -> None:
    options = RedisOptions(f"t{secrets.token_hex(6)}", PATIENT, PATIENT)
    here, there = (RedisStore.from_url(redis_server.url, options=options) for _ in range(2))
    heard: asyncio.Queue[Forgotten] = asyncio.Queue()
    here.listen(heard.put_nowait, lambda: None)
    await here.ready()
    await here.invalidate("connection:own")
    await there.invalidate("connection:c", "workflow:c:1")
    await there.remove(KEY)
    await there.clear()
    async with asyncio.timeout(PATIENT):
        assert await heard.get() == Forgotten(tags=("connection:c", "workflow:c:1"))
        assert await heard.get() == Forgotten(keys=(KEY,))
        assert await heard.get() == Forgotten(everything=True)
    assert (here.listening, there.listening) == (True, False)
    await asyncio.gather(here.close(), there.close())


async def test_closing_works_however_the_moment_falls(redis_server: RedisServer) -> None:
    for pause in (0.0, 0.1, 0.2, 0.3, 0.5):
        store = redis_store(redis_server.url)
        store.listen(lambda _: None, lambda: None)
        await store.ready()
        time.sleep(pause)  # noqa: ASYNC251 - timers of the listener are due in the turn that cancels it
        async with asyncio.timeout(PATIENT):
            await store.close()
