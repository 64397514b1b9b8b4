"""Two tiers and two instances: who answers, what the other hears, and what happens in between."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Sequence

import pytest

from gateway.cache.front import ALONE, Tier
from gateway.cache.memory import MemoryStore
from gateway.cache.shared_tier import TierLimits
from gateway.cache.store import Entry, Failure, Forgotten, SharedStore, SharedStoreFailed, Write
from gateway.cache.tiers import TieredStore
from tests.cache.redis_server import RedisServer
from tests.cache.stores import LARGE, PATIENT, entry, redis_store, tiered

KEY = "1:c:f:workflow:0"
TAGS = ("connection:c", "workflow:c:1")


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENT):
        while not true():  # noqa: ASYNC110 - what is waited for happens on another machine
            await asyncio.sleep(0.005)


@pytest.fixture
async def two(redis_server: RedisServer) -> AsyncIterator[tuple[TieredStore, TieredStore]]:
    prefix = f"t{secrets.token_hex(6)}"
    stores = tuple(tiered(redis_store(redis_server.url, prefix)) for _ in range(2))
    for store in stores:
        await store.start()
    yield stores[0], stores[1]
    for store in stores:
        await store.close()


async def test_memory_answers_first_and_is_filled_by_the_shared_tier(
    two: tuple[TieredStore, TieredStore],
) -> None:
    here, there = two
    assert await here.get_with_tier(KEY) == (None, None)
    put = entry("x", *TAGS)
    await here.put(KEY, put)
    assert await here.get_with_tier(KEY) == (put, Tier.MEMORY)
    await here.flush()
    assert there.peek(KEY) is None
    assert await there.get_with_tier(KEY) == (put, "shared")
    assert await there.get_with_tier(KEY) == (put, "memory")


@pytest.mark.parametrize("way", ["invalidate", "remove", "clear"])
async def test_what_one_forgets_the_other_forgets(two: tuple[TieredStore, TieredStore], way: str) -> None:
    here, there = two
    await here.put(KEY, entry("x", *TAGS))
    await here.put("1:d:other", entry("y", "connection:d"))
    await here.flush()
    for key in (KEY, "1:d:other"):
        assert await there.get(key) is not None
    arguments = {"invalidate": ("workflow:c:1",), "remove": (KEY,), "clear": ()}[way]
    await getattr(here, way)(*arguments)
    await until(lambda: there.peek(KEY) is None)
    assert await there.get(KEY) is None
    await until(lambda: (there.peek("1:d:other") is None) == (way == "clear"))


async def test_a_newer_entry_of_the_other_is_found_on_asking(two: tuple[TieredStore, TieredStore]) -> None:
    here, there = two
    older, newer = entry("older", stored_at=1e9, life=1e10), entry("newer", stored_at=1e9 + 1, life=1e10)
    await here.put(KEY, older)
    await here.flush()
    assert await there.get(KEY) == older
    assert await there.newer(KEY, older) is None
    await here.put(KEY, newer)
    await here.flush()
    assert await there.get(KEY) == older
    assert await there.newer(KEY, older) == newer
    assert there.peek(KEY) == newer


async def test_over_both_one_fills_and_the_other_waits(two: tuple[TieredStore, TieredStore]) -> None:
    here, there = two
    token = await here.acquire(KEY, 30)
    assert token not in (None, ALONE)
    assert await there.acquire(KEY, 30) is None
    waiting = asyncio.create_task(there.wait_for(KEY, 30))
    await asyncio.sleep(0.05)
    put = entry("filled")
    await here.put(KEY, put)
    await here.release(KEY, token or "")
    async with asyncio.timeout(PATIENT):
        assert await waiting == put
    assert there.peek(KEY) == put


async def test_a_thousand_who_ask_for_one_key_cost_one_call(two: tuple[TieredStore, TieredStore]) -> None:
    here, there = two
    await here.put(KEY, entry("x"))
    await here.flush()
    asked = []
    original = there._shared._store.get

    async def count(key: str) -> Entry | None:
        asked.append(key)
        return await original(key)

    there._shared._store.get = count  # type: ignore[method-assign]
    leaving = asyncio.create_task(there.get(KEY))
    found = [asyncio.create_task(there.get(KEY)) for _ in range(1000)]
    await asyncio.sleep(0)
    leaving.cancel()
    assert None not in await asyncio.gather(*found)
    assert asked == [KEY]


async def test_whoever_was_cut_off_trusts_nothing_it_has(redis_server: RedisServer) -> None:
    store = tiered(redis_store(redis_server.url))
    await store.start()
    await store.put(KEY, entry("x"))
    await store.flush()
    since = store.changes.now()
    redis_server.run("CLIENT", "KILL", "TYPE", "pubsub")
    await until(lambda: store.peek(KEY) is None)
    assert store.changes.touched(since, "1:c:being-fetched", entry())
    assert (await store.get_with_tier(KEY))[1] is Tier.SHARED
    await store.close()


async def test_strangers_on_the_channel_do_no_harm(redis_server: RedisServer) -> None:
    shared = redis_store(redis_server.url)
    store = tiered(shared)
    await store.start()
    await store.put(KEY, entry("x", *TAGS))
    channel = shared._names.channel
    for said in (b"", b"{}", b"\xff\xfe", b'{"sender":"s","filled":"nobody waits for"}', b"[" * 10_000):
        assert redis_server.run("PUBLISH", channel, said) == 1
    redis_server.run("PUBLISH", channel, b'{"sender":"s","keys":["1:c:end"],"tags":[],"everything":false}')
    await until(lambda: store.changes.touched(0, "1:c:end", entry()))
    assert store.peek(KEY) is not None
    await store.close()


class Slow(SharedStore):
    """A shared store whose every call waits until the test says so, for what must not depend on luck."""

    def __init__(self) -> None:
        self.entries: dict[str, Entry] = {}
        self.said: list[str] = []
        self.tokens: list[str] = []
        self.written: list[tuple[str, bool, tuple[str, ...]]] = []
        self.gates: dict[str, asyncio.Event] = {}
        self.fails: dict[str, Failure] = {}

    def gate(self, call: str) -> asyncio.Event:
        return self.gates.setdefault(call, asyncio.Event())

    async def _pass(self, call: str) -> None:
        self.said.append(call)
        if call in self.gates:
            await self.gates[call].wait()
        if call in self.fails:
            raise SharedStoreFailed(self.fails[call], "told to")

    async def get(self, key: str) -> Entry | None:
        found = self.entries.get(key)
        await self._pass("get")
        return found

    async def write(self, writes: Sequence[Write]) -> None:
        await self._pass("write")
        for each in writes:
            self.written.append((each.key, each.entry is not None, each.tokens))
            if each.entry is not None:
                self.entries[each.key] = each.entry

    async def forget(self, forgotten: Forgotten) -> None:
        await self._pass("forget")
        for key, each in tuple(self.entries.items()):
            if forgotten.everything or key in forgotten.keys or set(forgotten.tags) & set(each.tags):
                del self.entries[key]

    async def acquire(self, key: str, token: str, seconds: float) -> bool:
        await self._pass("acquire")
        self.tokens.append(token)
        return True

    async def wait_for(self, key: str, timeout: float) -> Entry | None:  # noqa: ASYNC109 - as in the protocol
        await self._pass("wait_for")
        return self.entries.get(key)

    async def connect(self) -> None:
        await self._pass("connect")

    async def ping(self) -> None:
        await self._pass("ping")

    def listen(self, on_forgotten: Callable[[Forgotten], None], on_gap: Callable[[], None]) -> None:
        self.on_forgotten, self.on_gap = on_forgotten, on_gap

    async def ready(self) -> None:
        await self._pass("ready")

    async def close(self) -> None:
        self.said.append("close")


@pytest.fixture
def slow() -> Slow:
    return Slow()


@pytest.fixture
async def store(slow: Slow) -> AsyncIterator[TieredStore]:
    made = TieredStore(
        MemoryStore(LARGE), slow, TierLimits(patience_seconds=PATIENT, closing_seconds=0.05), lambda: 0.0
    )
    yield made
    await made.close()


async def turns(number: int = 20) -> None:
    for _ in range(number):
        await asyncio.sleep(0)


FORGETTING = {
    "here": lambda slow, store: store.invalidate(*TAGS),
    "elsewhere": lambda slow, store: asyncio.sleep(0, slow.on_forgotten(Forgotten(tags=TAGS))),
    "a gap": lambda slow, store: asyncio.sleep(0, slow.on_gap()),
}


@pytest.mark.parametrize("how", FORGETTING)
async def test_what_is_forgotten_while_it_is_read_is_not_kept(
    slow: Slow, store: TieredStore, how: str
) -> None:
    slow.entries[KEY] = entry("old", *TAGS)
    gate = slow.gate("get")
    reading = asyncio.create_task(store.get(KEY))
    await turns()
    await FORGETTING[how](slow, store)
    gate.set()
    assert await reading is None
    assert store.peek(KEY) is None


async def test_what_is_read_between_forgetting_here_and_there_is_not_kept(
    slow: Slow, store: TieredStore
) -> None:
    slow.entries[KEY] = entry("old", *TAGS)
    gate = slow.gate("forget")
    forgetting = asyncio.create_task(store.invalidate(*TAGS))
    await turns()
    assert await store.get(KEY) is not None  # not forgotten yet: the call has not returned
    gate.set()
    await forgetting
    assert store.peek(KEY) is None
    assert await store.get(KEY) is None


@pytest.mark.parametrize("how", FORGETTING)
async def test_what_is_forgotten_while_it_waits_to_be_written_is_not_written(
    slow: Slow, store: TieredStore, how: str
) -> None:
    gate = slow.gate("write")
    await store.put("1:d:first", entry("in the way"))
    await turns()
    await store.put(KEY, entry("old", *TAGS))
    forgetting = asyncio.create_task(FORGETTING[how](slow, store))
    await turns()
    gate.set()
    await forgetting
    await store.flush()
    assert KEY not in slow.entries
    assert await store.get(KEY) is None


@pytest.mark.parametrize("how", FORGETTING)
async def test_what_is_forgotten_while_it_is_written_does_not_stay(
    slow: Slow, store: TieredStore, how: str
) -> None:
    gate = slow.gate("write")
    await store.put(KEY, entry("old", *TAGS))
    await turns()
    forgetting = asyncio.create_task(FORGETTING[how](slow, store))
    await turns()
    gate.set()
    await forgetting
    await store.flush()
    assert KEY not in slow.entries


async def test_what_is_put_while_the_shared_tier_is_read_is_the_newer(slow: Slow, store: TieredStore) -> None:
    slow.entries[KEY] = entry("old", stored_at=1.0)
    gate = slow.gate("get")
    reading = asyncio.create_task(store.get(KEY))
    await turns()
    newer = entry("new", stored_at=2.0)
    await store.put(KEY, newer)
    gate.set()
    assert await reading == newer
    assert store.peek(KEY) == newer


async def test_no_put_waits_and_what_finds_no_room_is_counted(slow: Slow) -> None:
    store = TieredStore(MemoryStore(LARGE), slow, TierLimits(pending_keys=10, closing_seconds=0.05))
    slow.gate("write")
    async with asyncio.timeout(PATIENT):
        for number in range(100):
            await store.put(f"1:c:{number}", entry())
            await asyncio.sleep(0)
    assert store.memory.stats.entries == 100
    assert store.shared_figures.pending == 10
    assert store.shared_figures.counts.dropped == 89
    await store.close()
    assert slow.said[-1] == "close"


async def test_what_is_pending_is_written_before_closing(slow: Slow) -> None:
    store = TieredStore(MemoryStore(LARGE), slow)
    for number in range(100):
        await store.put(f"1:c:{number}", entry())
    await store.close()
    assert len(slow.entries) == 100


async def test_the_lock_is_released_after_the_entry_is_written(slow: Slow, store: TieredStore) -> None:
    token = await store.acquire(KEY, 5)
    assert slow.tokens == [token]
    await store.put(KEY, entry())
    await store.release(KEY, token)
    await store.flush()
    assert slow.written == [(KEY, True, (token,))]


async def test_without_a_lock_nothing_is_released(slow: Slow, store: TieredStore) -> None:
    slow.fails["acquire"] = Failure.REFUSED
    token = await store.acquire(KEY, 5)
    assert token == ALONE
    await store.release(KEY, ALONE)
    await store.flush()
    assert slow.said == ["acquire"]


async def test_a_caller_who_leaves_while_forgetting_does_not_undo_it(slow: Slow) -> None:
    now = 0.0
    store = TieredStore(MemoryStore(LARGE), slow, TierLimits(patience_seconds=PATIENT), lambda: now)
    slow.entries[KEY] = entry("old", *TAGS)
    gate = slow.gate("forget")
    forgetting = asyncio.create_task(store.invalidate(*TAGS))
    await turns()
    forgetting.cancel()
    await turns()
    gate.set()
    assert await store.get(KEY) is None  # left alone: it might still have what is forgotten
    assert KEY in slow.entries
    now = 100.0
    assert await store.get(KEY) is None
    await turns()
    assert KEY not in slow.entries
    assert store.shared_figures.state == "closed"
    await store.close()


@pytest.mark.parametrize(
    ("call", "failure", "opens"),
    [
        ("get", Failure.LOST, True),
        ("get", Failure.REFUSED, True),
        ("get", Failure.BUSY, False),
        ("write", Failure.LOST, True),
        ("write", Failure.REFUSED, False),
        ("acquire", Failure.LOST, True),
        ("acquire", Failure.REFUSED, False),
        ("wait_for", Failure.LOST, True),
        ("forget", Failure.LOST, True),
        ("forget", Failure.REFUSED, True),
        ("forget", Failure.BUSY, True),
    ],
)
async def test_which_failures_speak_against_the_shared_tier(
    slow: Slow, store: TieredStore, call: str, failure: Failure, *, opens: bool
) -> None:
    slow.fails[call] = failure
    for number in range(5):
        match call:
            case "write":
                await store.put(f"1:c:{number}", entry())
                await store.flush()
            case "forget":
                await store.remove(KEY)
            case "get":
                assert await store.get(KEY) is None
            case _:
                await getattr(store, call)(KEY, 0.1)
    assert (store.shared_figures.state == "open") == opens
    # Three failures open the breaker; who refuses a write is not asked to write again for a while, and no more.
    once = call == "forget" or (failure is Failure.REFUSED and call != "get")
    assert slow.said.count(call) == (1 if once else 3 if opens else 5)


async def test_a_late_answer_does_not_end_the_rest(slow: Slow, store: TieredStore) -> None:
    slow.fails["forget"] = Failure.LOST
    gate = slow.gate("get")
    late = asyncio.create_task(store.get(KEY))
    await turns()
    await store.remove("1:c:other")
    gate.set()
    assert await late is None
    assert store.shared_figures.state == "open"


async def test_figures_tell_what_happened(slow: Slow, store: TieredStore) -> None:
    slow.fails = {"write": Failure.REFUSED, "get": Failure.LOST}
    await store.put(KEY, entry())
    await store.flush()
    await store.get("1:c:other")
    counts = store.shared_figures.counts
    assert (counts.refused, counts.failed, counts.dropped) == (1, 1, 0)
    slow.fails = {}
    await store.get("1:c:other")
    assert store.shared_figures.state == "closed"
