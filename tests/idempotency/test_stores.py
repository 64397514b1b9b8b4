"""Where keys are remembered: one suite over memory and a real Redis, then what each has of its own."""

import asyncio
import random
import secrets
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.cache.redis_store import RedisOptions
from gateway.idempotency.building import build_key_store
from gateway.idempotency.memory import MOST_ANSWER_BYTES, MemoryKeyStore
from gateway.idempotency.records import (
    KEPT_SECONDS,
    Answered,
    KeyStore,
    KeyStoreFailed,
    Record,
    State,
    decode,
    encode,
)
from gateway.idempotency.redis import RedisKeyStore
from gateway.settings import Settings
from gateway.settings.models import MIB, ConnectionSettings, ServerSettings
from tests.cache.reading import Clock
from tests.cache.redis_server import RedisServer

FIRST = Record("t" * 32, "f" * 64, State.IN_FLIGHT, 1000.0)
ANSWER = Answered(201, (("content-type", "application/json"), ("location", "/v1/x")), b'{"a":1}' * 9)
TEXT = st.text(st.characters(exclude_categories=["Cs"]))
HEADERS = st.lists(st.tuples(TEXT, TEXT)).map(tuple)


@given(st.sampled_from(State), st.floats(allow_nan=False, allow_infinity=False), HEADERS, st.binary())
def test_a_record_comes_back_as_it_was(
    state: State, until: float, headers: tuple[tuple[str, str], ...], body: bytes
) -> None:
    for answer in (None, Answered(200, headers, body)):
        record = Record("a" * 32, "f", state, until, answer)
        assert decode(encode(record)) == record


@given(st.binary())
def test_what_is_no_record_is_none(data: bytes) -> None:
    assert decode(data) is None
    broken = encode(replace(FIRST, answer=ANSWER))[: len(data)] + data
    found = decode(broken)
    assert found is None or isinstance(found, Record)


@pytest.fixture(scope="module")
def redis_server() -> Iterator[RedisServer]:
    with tempfile.TemporaryDirectory(prefix="wg-") as folder, RedisServer(Path(folder)) as server:
        yield server


@pytest.fixture(params=["memory", "redis"])
async def store(request: pytest.FixtureRequest, redis_server: RedisServer) -> AsyncIterator[KeyStore]:
    made: KeyStore = MemoryKeyStore(Clock())
    if request.param == "redis":
        made = RedisKeyStore.from_url(
            redis_server.url, RedisOptions(prefix=secrets.token_hex(4), connect_seconds=5, connections=4)
        )
    yield made
    await made.close()


async def test_the_first_one_begins_and_others_are_told_of_it(store: KeyStore) -> None:
    assert await store.begin("n", FIRST) is None
    assert await store.begin("n", replace(FIRST, token="u" * 32)) == FIRST
    assert await store.begin("other", FIRST) is None


async def test_of_many_at_once_one_begins(store: KeyStore) -> None:
    records = [replace(FIRST, token=f"{number:032}") for number in range(50)]
    found = await asyncio.gather(*(store.begin("n", record) for record in records))
    assert found.count(None) == 1
    winner = records[found.index(None)]
    assert {record for record in found if record is not None} == {winner}


async def test_an_answer_is_given_again(store: KeyStore) -> None:
    await store.begin("n", FIRST)
    answered = replace(FIRST, state=State.ANSWERED, answer=ANSWER)
    await store.finish("n", answered)
    assert await store.begin("n", FIRST) == answered


async def test_what_is_released_is_free(store: KeyStore) -> None:
    await store.begin("n", FIRST)
    await store.release("n", FIRST.token)
    assert await store.begin("n", FIRST) is None


async def test_nobody_changes_anothers_record(redis_server: RedisServer) -> None:
    options = RedisOptions(prefix=secrets.token_hex(4), connect_seconds=5)
    store = RedisKeyStore.from_url(redis_server.url, options)
    await store.begin("n", FIRST)
    stranger = replace(FIRST, token="u" * 32)
    await store.release("n", stranger.token)
    await store.finish("n", replace(stranger, state=State.UNKNOWN))
    assert await store.begin("n", stranger) == FIRST
    await store.close()


async def test_what_redis_dropped_is_remembered_all_the_same(redis_server: RedisServer) -> None:
    options = RedisOptions(prefix=secrets.token_hex(4), connect_seconds=5)
    store = RedisKeyStore.from_url(redis_server.url, options)
    unknown = replace(FIRST, state=State.UNKNOWN)
    await store.finish("n", unknown)
    assert await store.begin("n", FIRST) == unknown
    await store.close()


async def test_records_expire(redis_server: RedisServer) -> None:
    clock = Clock()
    memory = MemoryKeyStore(clock)
    await memory.begin("n", FIRST)
    clock.now += KEPT_SECONDS - 1
    assert await memory.begin("n", FIRST) == FIRST
    clock.now += 1
    assert await memory.begin("n", FIRST) is None


async def test_memory_forgets_old_answers_and_never_what_is_under_way() -> None:
    store = MemoryKeyStore(Clock(), most_bytes=5000)
    await store.begin("under way", FIRST)
    for number in range(50):
        record = replace(FIRST, token=f"{number:032}")
        assert await store.begin(f"n{number}", record) is None
        await store.finish(f"n{number}", replace(record, state=State.ANSWERED, answer=ANSWER))
    assert await store.begin("under way", FIRST) == FIRST
    assert await store.begin("n49", FIRST) is not None
    assert await store.begin("n0", FIRST) is None


async def test_memory_holds_as_much_as_the_configuration_says() -> None:
    server = ServerSettings(idempotency_bytes=MIB)
    connections = {"acc": ConnectionSettings(vendor="any", credential="env:UNUSED")}
    settings = Settings(source=Path("test.yaml"), server=server, connections=connections)
    store = build_key_store(settings, {}, Clock())
    half = replace(FIRST, state=State.ANSWERED, answer=replace(ANSWER, body=random.randbytes(MIB // 2)))
    for name in ("first", "second", "third"):
        await store.begin(name, FIRST)
        await store.finish(name, half)
    assert await store.begin("third", FIRST) is not None
    assert await store.begin("first", FIRST) is None


async def test_memory_gives_no_huge_answer_again_and_does_not_forget_the_key() -> None:
    store = MemoryKeyStore(Clock())
    for name, size in (("large", MOST_ANSWER_BYTES), ("small", MOST_ANSWER_BYTES // 2)):
        await store.begin(name, FIRST)
        answer = replace(ANSWER, body=random.randbytes(size))
        await store.finish(name, replace(FIRST, state=State.ANSWERED, answer=answer))
    assert await store.begin("large", FIRST) == replace(FIRST, state=State.UNKNOWN)
    small = await store.begin("small", FIRST)
    assert small is not None
    assert small.answer == answer


async def test_memory_refuses_when_too_much_is_under_way() -> None:
    store = MemoryKeyStore(Clock(), most_bytes=5000)
    begun = 0
    while begun < 50 and await tried(store, f"n{begun}"):
        begun += 1
    assert 5 < begun < 15
    await store.release("n0", FIRST.token)
    assert await tried(store, "another")


async def tried(store: KeyStore, name: str, owner: str = "") -> bool:
    try:
        return await store.begin(name, replace(FIRST, owner=owner)) is None
    except KeyStoreFailed:
        return False


async def test_a_redis_that_does_not_answer_is_an_error_in_time() -> None:
    options = RedisOptions(connect_seconds=0.05, connections=2)
    with tempfile.TemporaryDirectory(prefix="wg-") as folder, RedisServer(Path(folder)) as server:
        store = RedisKeyStore.from_url(server.url, options)
        server.freeze()
        found = await asyncio.gather(
            *(store.begin(f"n{n}", FIRST) for n in range(10)), return_exceptions=True
        )
        assert all(isinstance(error, KeyStoreFailed) for error in found)
        await store.close()


async def test_no_caller_pushes_out_what_another_has_within_its_share() -> None:
    store = MemoryKeyStore(Clock(), most_bytes=20_000, callers=2)

    async def answered(owner: str, number: int) -> None:
        record = replace(FIRST, owner=owner)
        await store.begin(f"{owner}{number}", record)
        await store.finish(f"{owner}{number}", replace(record, state=State.ANSWERED, answer=ANSWER))

    for number in range(5):
        await answered("quiet", number)
    for number in range(200):
        await answered("loud", number)
    for number in range(5):
        assert await store.begin(f"quiet{number}", FIRST) is not None
    assert await store.begin("loud0", replace(FIRST, owner="loud")) is None


async def test_what_one_caller_leaves_another_uses_and_gives_back() -> None:
    store = MemoryKeyStore(Clock(), most_bytes=20_000, callers=2)
    loud = replace(FIRST, owner="loud", state=State.ANSWERED, answer=ANSWER)
    for number in range(30):
        await store.begin(f"loud{number}", replace(FIRST, owner="loud"))
        await store.finish(f"loud{number}", loud)
    before = sum([await store.begin(f"loud{number}", loud) is not None for number in range(30)])
    for number in range(10):
        assert await store.begin(f"quiet{number}", replace(FIRST, owner="quiet")) is None
    assert before > 15
    for number in range(10):
        assert await store.begin(f"quiet{number}", FIRST) is not None


async def test_what_a_caller_has_under_way_leaves_the_others_their_share() -> None:
    store = MemoryKeyStore(Clock(), most_bytes=20_000, callers=2)
    begun = 0
    while begun < 50 and await tried(store, f"loud{begun}", "loud"):
        begun += 1
    assert 5 < begun < 50
    for number in range(begun):
        assert await tried(store, f"quiet{number}", "quiet")
