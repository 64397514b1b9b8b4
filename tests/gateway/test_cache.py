"""The store's bounds, and keys."""

from gateway.cache.keys import cache_key
from gateway.cache.memory import MemoryStore
from gateway.cache.store import Entry


async def test_the_store_is_bounded_by_bytes() -> None:
    store = MemoryStore(10_000)
    for index in range(100):
        await store.put(str(index), Entry({"canonical": b"x" * 1000}, 0, 10))
        assert store.used_bytes <= 10_000
    assert await store.get("99") is not None
    assert await store.get("0") is None


async def test_the_least_recently_used_makes_room() -> None:
    store = MemoryStore(5_000)
    for name in "abc":
        await store.put(name, Entry({"canonical": b"x" * 500}, 0, 10))
    await store.get("a")
    await store.put("d", Entry({"canonical": b"x" * 500}, 0, 10))
    assert await store.get("a") is not None
    assert await store.get("b") is None


async def test_what_is_larger_than_the_store_is_not_kept_and_leaves_nothing_old() -> None:
    store = MemoryStore(2_000)
    await store.put("k", Entry({"canonical": b"old"}, 0, 10))
    await store.put("k", Entry({"canonical": b"x" * 5_000}, 0, 10))
    assert await store.get("k") is None
    await store.put("k", Entry({}, 0, 10))
    await store.remove("k")
    await store.remove("k")
    assert store.used_bytes == 0


def test_every_part_of_the_question_is_in_the_key() -> None:
    keys = {
        cache_key(connection, credential, operation, parameters)
        for connection in ("a", "b")
        for credential in ("1", "2")
        for operation in ("workflow", "listing")
        for parameters in ({"id": "x"}, {"id": "y"}, {"id": "x", "version": "1"}, {"id": "x", "label": "1"})
    }
    assert len(keys) == 32
    assert cache_key("a", "1", "o", {"x": 1, "y": 2}) == cache_key("a", "1", "o", {"y": 2, "x": 1, "z": None})
