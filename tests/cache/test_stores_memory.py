"""The store in this process: its bound, its order, its index and what a look-up costs."""

import gc
import tracemalloc
from dataclasses import replace

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from gateway.cache.front import ALONE, Stats, Tier
from gateway.cache.memory import MemoryStore, NoStore
from gateway.cache.store import Entry, Forgotten
from tests.cache.stores import entry

SIZED = {
    f"k{number}": Entry({"canonical": b"x" * (number * 700)}, 0.0, 10.0, tags=("a", f"t{number}"))
    for number in range(8)
}


def keys_in(store: MemoryStore) -> set[str]:
    return set(store._entries)


def assert_sound(store: MemoryStore) -> None:
    """Nothing of an entry stays behind when it goes."""
    assert set(store._weights) == keys_in(store)
    assert store.used_bytes == sum(store._weights.values()) <= store.stats.max_bytes
    carried = {(tag, key) for key, each in store._entries.items() for tag in each.tags}
    assert {(tag, key) for tag, keys in store._tagged.items() for key in keys} == carried
    assert all(store._tagged.values())


class Accounts(RuleBasedStateMachine):
    """A store beside the plainest model of it: keys in order of use, with an entry and a weight each."""

    keys = st.sampled_from(sorted(SIZED))
    sizes = st.integers(0, 14_000)

    def __init__(self) -> None:
        super().__init__()
        self.store = MemoryStore(12_000)
        self.model: dict[str, tuple[Entry, int]] = {}
        self.let_go: list[tuple[str, Entry]] = []

    def touch(self, key: str) -> None:
        self.model[key] = self.model.pop(key)

    def drop(self, key: str) -> None:
        if key in self.model:
            self.let_go.append((key, self.model.pop(key)[0]))

    def make_room(self) -> None:
        while sum(weight for _, weight in self.model.values()) > 12_000:
            self.drop(next(iter(self.model)))

    @rule(key=keys, of=keys)
    def keep(self, key: str, of: str) -> None:
        made = replace(SIZED[of])
        self.store.keep(key, made)
        self.drop(key)
        weight = made.weight + len(key) + 310
        if weight <= 12_000:
            self.model[key] = (made, weight)
            self.make_room()

    @rule(key=keys)
    def keep_the_same_again(self, key: str) -> None:
        if key in self.model:
            same = self.model.pop(key)[0]
            self.store.keep(key, same)
            self.model[key] = (same, same.weight + len(key) + 310)
            assert same.variants == {}

    @rule(key=keys, size=sizes)
    def grow(self, key: str, size: int) -> None:
        if key not in self.model:
            return
        held, weight = self.model[key]
        fits = weight + size <= 12_000
        assert self.store.grow(key, held, size) is fits
        if fits:
            held.variants[str(len(held.variants))] = size
            self.model[key] = (held, weight + size)
            self.touch(key)
            self.make_room()
            assert key in self.model

    @rule(size=sizes)
    def grow_what_was_let_go(self, size: int) -> None:
        for key, gone in self.let_go:
            assert not self.store.grow(key, gone, size)

    @rule(key=keys)
    def peek(self, key: str) -> None:
        found = self.store.peek(key)
        assert found is (self.model[key][0] if key in self.model else None)
        if key in self.model:
            self.touch(key)

    @rule(key=keys)
    def forget_a_key(self, key: str) -> None:
        self.store.forget(Forgotten(keys=(key,)))
        self.drop(key)

    @rule(tag=st.sampled_from(["a", "t1", "t5", "none"]))
    def forget_a_tag(self, tag: str) -> None:
        self.store.forget(Forgotten(tags=(tag,)))
        for key in [key for key, (held, _) in self.model.items() if tag in held.tags]:
            self.drop(key)

    @rule()
    def forget_everything(self) -> None:
        self.store.forget(Forgotten(everything=True))
        for key in list(self.model):
            self.drop(key)

    @invariant()
    def the_accounts_are_exact(self) -> None:
        assert list(self.store._entries.items()) == [(key, held) for key, (held, _) in self.model.items()]
        assert self.store._weights == {key: weight for key, (_, weight) in self.model.items()}
        for held, weight in self.model.values():
            grown = sum(size for size in held.variants.values() if isinstance(size, int))
            assert weight >= held.weight + grown
        assert_sound(self.store)


TestAccounts = Accounts.TestCase


def test_an_entry_that_is_replaced_takes_its_variants_weight_along() -> None:
    each, other = entry("x" * 1000), entry("x" * 1000)
    store = MemoryStore(10_000)
    store.keep("k", each)
    before = store.used_bytes
    assert store.grow("k", each, 500)
    assert store.used_bytes == before + 500
    store.keep("k", other)
    assert store.used_bytes == before
    assert not store.grow("k", each, 1)


def test_a_variant_makes_room_for_itself_but_never_beside_what_it_belongs_to() -> None:
    each = {key: entry("x" * 1000) for key in "ab"}
    weight = each["a"].weight + 311
    store = MemoryStore(2 * weight)
    for key, kept in each.items():
        store.keep(key, kept)
    assert not store.grow("a", each["a"], weight + 1)
    assert keys_in(store) == {"a", "b"}
    assert store.grow("a", each["a"], weight)
    assert keys_in(store) == {"a"}
    assert (store.used_bytes, store.stats.evicted) == (2 * weight, 1)


async def test_a_store_alone_lets_everybody_fill() -> None:
    for store in (MemoryStore(10_000), NoStore()):
        await store.start()
        assert await store.acquire("k", 1.0) == ALONE
        assert await store.acquire("k", 1.0) == ALONE
        await store.release("k", ALONE)
        assert await store.wait_for("k", 1.0) is None
        assert await store.newer("k", None) is None
        assert (store.is_shared, store.shared_figures) == (False, None)
        await store.close()


async def test_memory_says_that_it_answered_and_no_store_keeps_nothing() -> None:
    memory, nothing, each = MemoryStore(10_000), NoStore(), entry("x", "t")
    for store in (memory, nothing):
        await store.put("k", each)
        since = store.changes.now()
        await store.invalidate("other")
        assert store.changes.touched(since, "k", entry("x", "other"))
    assert await memory.get_with_tier("k") == (each, Tier.MEMORY)
    assert await memory.get_with_tier("other") == (None, None)
    assert await nothing.get_with_tier("k") == (None, None)
    assert not nothing.grow("k", each, 0)
    assert nothing.stats == Stats()


def test_the_least_recently_used_goes_first_and_a_peek_is_a_use() -> None:
    each = entry("x" * 1000)
    store = MemoryStore(3 * (each.weight + 400))
    for key in "abc":
        store.keep(key, each)
    assert store.peek("a") is each
    store.keep("d", each)
    assert keys_in(store) == {"a", "c", "d"}
    assert store.stats.evicted == 1
    store.keep("c", each)
    store.keep("e", each)
    assert keys_in(store) == {"d", "c", "e"}


def test_tags_that_are_used_once_do_not_pile_up() -> None:
    store = MemoryStore(20_000)
    for number in range(5_000):
        store.keep(f"k{number}", entry("x", "connection:c", f"workflow:c:{number}"))
    assert len(store._tagged) == len(store._entries) + 1
    assert_sound(store)
    assert store.stats.evicted == 5_000 - store.stats.entries


def test_a_closed_store_is_empty() -> None:
    store = MemoryStore(20_000)
    store.keep("k", entry("x", "t"))
    store._empty()
    assert (store.used_bytes, store._tagged, store.peek("k")) == (0, {}, None)


def _like_the_gateways(number: int, tags: int, size: int) -> tuple[str, Entry]:
    key = f"1:conn-a:{'f' * 16}:workflow:{number:064x}"
    parts = {name: name[:1].encode() * size + str(number).encode() for name in ("canonical", "native")}
    return key, Entry(
        parts,
        1e9 + number,
        60.0 + number,
        etag=f'"{number:032x}"',
        stale_while_revalidate=30.0 + number,
        stale_if_error=3600.0 + number,
        digest=f"sha256:{number:064x}",
        validators={"etag": f'W/"{number:020x}"'} if tags > 1 else {},
        tags=("connection:conn-a", f"workflow:conn-a:{number:036x}", "listing:conn-a")[:tags],
    )


@pytest.mark.parametrize("size", [0, 1000])
@pytest.mark.parametrize("tags", [0, 1, 2, 3])
def test_the_weight_is_what_memory_really_takes(tags: int, size: int) -> None:
    store = MemoryStore(2**40)
    gc.collect()
    tracemalloc.start()
    try:
        for number in range(3000):
            store.keep(*_like_the_gateways(number, tags, size))
        taken = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert 0.8 < taken / store.used_bytes < 1.1
