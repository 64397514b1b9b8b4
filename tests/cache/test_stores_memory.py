"""The store in this process: its bound, its order, its index and what a look-up costs."""

import gc
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.cache.memory import MemoryStore
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


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("keep"), st.sampled_from(sorted(SIZED)), st.sampled_from(sorted(SIZED))),
            st.tuples(st.just("key"), st.sampled_from(sorted(SIZED))),
            st.tuples(st.just("tag"), st.sampled_from(["a", "t1", "t5", "none"])),
            st.tuples(st.just("all")),
        )
    )
)
def test_no_sequence_breaks_the_bound_or_leaks(steps: list[tuple]) -> None:
    store = MemoryStore(12_000)
    for step in steps:
        match step:
            case "keep", key, of:
                store.keep(key, SIZED[of])
            case "key", key:
                store.forget(Forgotten(keys=(key,)))
            case "tag", tag:
                store.forget(Forgotten(tags=(tag,)))
            case _:
                store.forget(Forgotten(everything=True))
        assert_sound(store)


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
