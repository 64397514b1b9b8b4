"""The short way, the middle way and the framework answer the same, byte for byte, headers included."""

import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from gateway.cache.status import memory_hit
from gateway.settings import CacheTimes
from tests.gateway.in_process import InProcess, Reply, in_process, path_of
from tests.house import House

LONG_WAY = ("x-ignored", "1"), ("x-ignored", "2")
"""A header that repeats: the short way takes only what is plain."""

HEADERS: dict[str, tuple[tuple[str, str], ...]] = {
    "plain": (),
    "gzip": (("accept-encoding", "gzip"),),
    "zstd": (("accept-encoding", "gzip, deflate, br, zstd"),),
    "as it is": (("accept-encoding", "identity"),),
    "other coding": (("accept-encoding", "br"),),
    "any": (("if-none-match", "*"),),
    "any, if there": (("if-match", "*"),),
    "another tag": (("if-none-match", '"something else"'),),
    "nonsense": (
        ("if-none-match", "nonsense"),
        ("cache-control", "max-age=abc, unheard-of"),
        ("pragma", "x"),
    ),
    "not too old": (("cache-control", "max-age=3600"),),
    "only kept": (("cache-control", "only-if-cached"),),
    "kept by nobody": (("cache-control", "no-store"),),
    "range": (("range", "bytes=0-5"),),
}


LASTING = CacheTimes(
    listing=3600, workflow=3600, label=3600, version=3600, pinned=3600, versions=3600, labels=3600
)


@pytest.fixture
async def gateway(house: House) -> AsyncIterator[InProcess]:
    async with in_process(house, LASTING) as started:
        yield started


async def addresses(gateway: InProcess) -> list[str]:
    """Return an address of every read route, for a workflow of every vendor that offers it."""
    found = ["/v1/workflows", "/v1/workflows?limit=3&text=a"]
    page = json.loads((await gateway.ask("/v1/workflows?limit=200")).body)
    seen: set[str] = set()
    for item in page["items"]:
        if item["connection"] in seen:
            continue
        seen.add(item["connection"])
        found += [f"/v1/connections/{item['connection']}/workflows?limit=2", *_of_workflow(item)]
    assistants = [item for item in page["items"] if "assistant_id" in item.get("assistant", {})]
    found += [
        f"/v1/connections/{item['connection']}/assistants/{item['assistant']['assistant_id']}/workflow"
        for item in assistants[:1]
    ]
    return [target for target in found if (await gateway.ask(target)).status == 200]


def _of_workflow(item: dict[str, Any]) -> list[str]:
    whole = path_of(item)
    versions = f"{whole}/versions"
    numbered = item.get("version", {}).get("number")
    found = [whole, f"{whole}?include=native", f"{whole}/native", f"{whole}/graph", versions]
    found += [f"{whole}/graph?format={form}" for form in ("json", "mermaid", "dot")]
    found += [f"{versions}?limit=1", f"{versions}?limit=1&cursor=1", f"{whole}/labels"]
    found += [f"{whole}/labels/{label}" for label in item.get("labels", [])[:1]]
    found += [f"{whole}?label={label}" for label in item.get("labels", [])[:1]]
    return found + ([f"{whole}?version={numbered}", f"{versions}/{numbered}"] if numbered else [])


def by_the_framework(target: str) -> str:
    """Return the same address with one letter of an id percent-encoded: the middle way leaves that alone."""
    path, _, query = target.partition("?")
    parts = path.split("/")
    if len(parts) > 5:
        parts[5] = f"%{ord(parts[5][0]):02X}{parts[5][1:]}" if not parts[5].startswith("%") else parts[5]
    return "/".join(parts) + (f"?{query}" if query else "")


@pytest.mark.parametrize("wish", HEADERS)
async def test_all_ways_answer_the_same(gateway: InProcess, wish: str) -> None:
    targets = await addresses(gateway)
    assert len(targets) > 25
    for target in targets:
        for method in ("GET", "HEAD"):
            await _compare(gateway, target, HEADERS[wish], method)


async def _compare(
    gateway: InProcess, target: str, headers: tuple[tuple[str, str], ...], method: str
) -> None:
    await gateway.ask(target, *headers)  # made ready, and learnt
    gateway.clock.now += 1
    short = await gateway.ask(target, *headers, method=method)
    middle = await gateway.ask(target, *headers, *LONG_WAY, method=method)
    framework = await gateway.ask(by_the_framework(target), *headers, *LONG_WAY, method=method)
    assert short == middle, target
    assert short == framework, target
    assert short.header("cache-status") is not None
    assert "hit" in str(short.header("cache-status"))
    assert (short.body == b"") == (method == "HEAD" or short.status == 304)


async def test_the_short_way_is_taken(gateway: InProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    """The comparison would be of nothing if the short way were never taken."""
    targets = await addresses(gateway)
    inner = gateway.app._inner

    async def refuse(*_: object) -> None:
        raise AssertionError("the long way was taken")

    monkeypatch.setattr(gateway.app, "_inner", refuse)
    for target in targets:
        assert (await gateway.ask(target)).status == 200, target
    assert inner is not None


@pytest.mark.parametrize(
    "twist",
    [
        lambda reply: (("if-none-match", reply.header("etag")),),
        lambda reply: (("if-none-match", f'"x", W/{reply.header("etag")}'),),
        lambda reply: (("if-none-match", f'{reply.header("etag")[:-1]}-gzip"'),),
    ],
)
async def test_all_ways_find_the_caller_up_to_date(gateway: InProcess, twist: Callable[[Reply], Any]) -> None:
    for target in await addresses(gateway):
        headers = twist(await gateway.ask(target))
        for method in ("GET", "HEAD"):
            await _compare(gateway, target, headers, method)


async def test_all_ways_refuse_another_than_the_one_named(gateway: InProcess) -> None:
    another = ("if-match", '"another"')
    for target in await addresses(gateway):
        for method in ("GET", "HEAD"):
            short = await gateway.ask(target, another, method=method)
            middle = await gateway.ask(target, another, *LONG_WAY, method=method)
            framework = await gateway.ask(by_the_framework(target), another, *LONG_WAY, method=method)
            assert short.status == 412, target
            assert short == middle, target
            assert framework.status == 412, target  # which names its address, and so has another length


async def test_a_304_says_what_the_200_would_rfc_9110_15_4_5(gateway: InProcess) -> None:
    for target in await addresses(gateway):
        whole = await gateway.ask(target)
        short = await gateway.ask(target, ("if-none-match", str(whole.header("etag"))))
        assert (short.status, short.body) == (304, b"")
        for name in ("etag", "cache-control", "vary", "age", "link", "x-request-id"):
            assert short.header(name) == whole.header(name), (target, name)
        assert short.header("content-length") is None
        assert short.header("content-type") is None


async def test_a_hit_says_how_old_it_is_and_how_long_it_lasts_rfc_9111_5_1(gateway: InProcess) -> None:
    (target, *_) = await addresses(gateway)
    fresh = await gateway.ask(target)
    left = int(str(fresh.header("cache-status")).partition("ttl=")[2].partition(";")[0])
    gateway.clock.now += 3
    later = await gateway.ask(target)
    assert later.header("age") == "3"
    assert later.header("cache-status") == memory_hit(left - 3).decode("ascii")
    assert later.body == fresh.body
