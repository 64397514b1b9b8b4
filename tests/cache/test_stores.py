"""The same tests over every kind of store, against a real Redis, alone and as a cluster's node."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.cache.store import Entry
from tests.cache.redis_server import RedisServer
from tests.cache.stores import KINDS, Kept, entry

ON_A_SERVER = [kind for kind in KINDS if kind != "memory"]
PLACES = [
    ("memory", "redis_server"),
    *((kind, "redis_server") for kind in ON_A_SERVER),
    ("redis", "redis_cluster"),
]


@pytest.fixture(params=PLACES, ids=lambda place: f"{place[0]}-{place[1]}")
async def kept(request: pytest.FixtureRequest) -> AsyncIterator[Kept]:
    kind, place = request.param
    server: RedisServer = request.getfixturevalue(place)
    async with KINDS[kind](server.url) as made:
        yield made


async def test_nothing_is_there_at_first(kept: Kept) -> None:
    assert await kept.store.get("1:c:nothing") is None


async def test_what_is_put_comes_back_whole(kept: Kept) -> None:
    whole = Entry(
        {"canonical": b'{"a":1}', "native": bytes(range(256)), "empty": b""},
        time.time(),
        60.5,
        etag='"strong"',
        stale_while_revalidate=30.25,
        stale_if_error=3600.0,
        digest="sha256:0",
        validators={"etag": 'W/"v"', "last-modified": "Tue, 15 Nov 1994 12:45:26 GMT"},
        tags=("connection:c", "workflow:c:ä/ö", "listing:c"),
    )
    await kept.put("1:c:key", whole)
    assert await kept.store.get("1:c:key") == whole
    assert await kept.store.get("1:c:key") == whole


async def test_what_the_vendor_does_not_have_comes_back_too(kept: Kept) -> None:
    absent = Entry({}, time.time(), 10.0, absent="no workflow “x”")
    await kept.put("1:c:key", absent)
    assert await kept.store.get("1:c:key") == absent


async def test_the_newer_replaces_the_older_with_its_tags(kept: Kept) -> None:
    older, newer = entry("older", "workflow:c:1"), entry("newer", "workflow:c:2")
    await kept.put("1:c:key", older)
    await kept.put("1:c:key", newer)
    await kept.store.invalidate("workflow:c:1")
    assert await kept.store.get("1:c:key") == newer
    await kept.store.invalidate("workflow:c:2")
    assert await kept.store.get("1:c:key") is None


async def test_remove_forgets_one(kept: Kept) -> None:
    await kept.put("1:c:a", entry("a"))
    await kept.put("1:c:b", entry("b"))
    await kept.store.remove("1:c:a")
    await kept.store.remove("1:c:never")
    assert await kept.store.get("1:c:a") is None
    assert await kept.store.get("1:c:b") is not None
    await kept.put("1:c:a", entry("again"))
    assert await kept.store.get("1:c:a") is not None


@pytest.mark.parametrize("tag", ["connection:c", "workflow:c:1", "listing:c"])
async def test_each_tag_forgets_what_carries_it_and_nothing_else(kept: Kept, tag: str) -> None:
    carried = {
        "1:c:document": ("connection:c", "workflow:c:1"),
        "1:c:versions": ("connection:c", "workflow:c:1"),
        "1:c:listing": ("connection:c", "listing:c"),
        "1:d:document": ("connection:d", "workflow:d:1"),
        "1:c:untagged": (),
    }
    for key, tags in carried.items():
        await kept.put(key, entry(key, *tags))
    await kept.store.invalidate(tag)
    for key, tags in carried.items():
        assert (await kept.store.get(key) is None) == (tag in tags)
    for key, tags in carried.items():
        await kept.put(key, entry(f"{key} again", *tags))
        assert await kept.store.get(key) is not None


async def test_several_tags_and_none(kept: Kept) -> None:
    for name in "abc":
        await kept.put(f"1:{name}:key", entry(name, f"connection:{name}"))
    await kept.store.invalidate()
    await kept.store.invalidate("connection:a", "connection:b", "connection:nothing", "no colon")
    found = [await kept.store.get(f"1:{name}:key") for name in "abc"]
    assert [each is not None for each in found] == [False, False, True]


async def test_a_tag_said_twice_counts_once(kept: Kept) -> None:
    await kept.put("1:c:key", entry("x", "connection:c", "connection:c"))
    assert await kept.store.get("1:c:key") is not None
    await kept.store.invalidate("connection:c", "connection:c")
    assert await kept.store.get("1:c:key") is None


async def test_clear_forgets_everything(kept: Kept) -> None:
    keys = [f"1:{connection}:{number}" for connection in "abc" for number in range(5)] + ["no colon"]
    for key in keys:
        await kept.put(key, entry(key, "connection:a"))
    await kept.store.clear()
    assert [await kept.store.get(key) for key in keys] == [None] * len(keys)
    await kept.put(keys[0], entry("again"))
    assert await kept.store.get(keys[0]) is not None


async def test_an_entry_whose_time_is_over_is_gone_or_says_so(kept: Kept) -> None:
    now = time.time()
    stale = replace(entry("stale", life=0.0, stored_at=now - 5), stale_if_error=100.0)
    await kept.put("1:c:stale", stale)
    await kept.put("1:c:short", entry("short", life=0.05))
    await kept.put("1:c:over", entry("good"))
    await kept.put("1:c:over", entry("over", stored_at=now - 2000))
    await asyncio.sleep(0.1)
    assert await kept.store.get("1:c:stale") == stale
    for key in ("1:c:short", "1:c:over"):
        found = await kept.store.get(key)
        assert found is None or found.stored_at + found.useful_seconds <= time.time()


async def test_large_values(kept: Kept) -> None:
    large = Entry({"canonical": b"\0" * 2_000_000, "native": bytes(range(256)) * 8_000}, time.time(), 60.0)
    await kept.put("1:c:large", large)
    assert await kept.store.get("1:c:large") == large


async def test_many_keys(kept: Kept) -> None:
    keys = [f"1:c:{number}" for number in range(500)]
    await asyncio.gather(*(kept.put(key, entry(key, "connection:c", f"workflow:c:{key}")) for key in keys))
    found = await asyncio.gather(*map(kept.store.get, keys))
    assert [each is not None and each.parts["canonical"].decode() for each in found] == keys
    await kept.store.invalidate("connection:c")
    assert await asyncio.gather(*map(kept.store.get, keys)) == [None] * len(keys)


async def test_everything_at_once_ends_in_one_of_the_written_states(kept: Kept) -> None:
    written = [entry(str(number), "connection:c") for number in range(50)]

    async def write(each: Entry) -> None:
        await kept.put("1:c:key", each)
        assert await kept.store.get("1:c:key") in written

    await asyncio.gather(*map(write, written))
    await asyncio.gather(
        kept.store.invalidate("connection:c"), kept.store.clear(), kept.store.remove("1:c:key")
    )
    assert await kept.store.get("1:c:key") is None


@pytest.mark.parametrize(
    "key",
    [
        "",
        ":",
        "::",
        "1:é:ü",
        "1:{a}b}:x",
        "1:{}:x",
        "{",
        "1:c:\ud800",
        "1:\udfff:x",
        "1:c:\0\r\n ",
        "k" * 5000,
    ],
)
async def test_any_text_can_be_a_key_and_a_tag(kept: Kept, key: str) -> None:
    await kept.put(key, entry("x", key))
    assert await kept.store.get(key) is not None
    assert await kept.store.get(f"{key}2") is None
    await kept.store.invalidate(f"{key}2")
    assert await kept.store.get(key) is not None
    await kept.store.invalidate(key)
    assert await kept.store.get(key) is None


NAMES = st.sampled_from(["a", "1:c:1", "1:c:2", "1:d:1", "é:{}"])
TAGS = st.lists(st.sampled_from(["connection:c", "connection:d", "workflow:c:1", "t"]), max_size=3).map(tuple)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), NAMES, TAGS, st.binary(max_size=20)),
        st.tuples(st.just("remove"), NAMES),
        st.tuples(st.just("invalidate"), TAGS),
        st.tuples(st.just("clear")),
    ),
    max_size=25,
)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=25, deadline=None)
@given(steps=STEPS)
def test_any_sequence_leaves_what_a_dict_would(
    redis_server: RedisServer, kind: str, steps: list[tuple]
) -> None:
    asyncio.run(_compare(redis_server.url, kind, steps))


async def _compare(url: str, kind: str, steps: list[tuple]) -> None:
    model: dict[str, Entry] = {}
    async with KINDS[kind](url) as kept:
        for step in steps:
            match step:
                case "put", key, tags, content:
                    model[key] = Entry({"canonical": content}, time.time(), 1000.0, tags=tags)
                    await kept.put(key, model[key])
                case "remove", key:
                    model.pop(key, None)
                    await kept.store.remove(key)
                case "invalidate", tags:
                    model = {key: each for key, each in model.items() if set(tags).isdisjoint(each.tags)}
                    await kept.store.invalidate(*tags)
                case _:
                    model.clear()
                    await kept.store.clear()
            for key in ("a", "1:c:1", "1:c:2", "1:d:1", "é:{}"):
                assert await kept.store.get(key) == model.get(key)
