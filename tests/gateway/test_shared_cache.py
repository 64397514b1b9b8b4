"""Two gateways that share a real Redis: one call for both, forgotten by both, and its troubles are no caller's."""

import asyncio
import json
import secrets
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.cache.redis_server import RedisServer
from tests.gateway.in_process import InProcess, Reply, in_process, path_of
from tests.gateway.test_isolation import CALLERS, OPERATOR
from tests.gateway.test_ways import LASTING, addresses
from tests.house import House


@pytest.fixture(scope="module")
def redis_server() -> Iterator[RedisServer]:
    with tempfile.TemporaryDirectory(prefix="wg-") as folder, RedisServer(Path(folder)) as server:
        yield server


@pytest.fixture
async def pair(house: House, redis_server: RedisServer) -> AsyncIterator[tuple[InProcess, InProcess]]:
    prefix = secrets.token_hex(4)
    async with AsyncExitStack() as stack:
        first, second = [
            await stack.enter_async_context(
                in_process(house, LASTING, redis_server.url, prefix=prefix, callers=CALLERS)
            )
            for _ in range(2)
        ]
        yield first, second


@pytest.fixture
async def target(pair: tuple[InProcess, InProcess]) -> str:
    page = json.loads((await pair[0].ask("/v1/connections/noxus-test/workflows?limit=1")).body)
    return path_of(page["items"][0])


def status_of(reply: Reply) -> str:
    return str(reply.header("cache-status"))


async def eventually(ask: Callable[[], Any], wanted: Callable[[Reply], bool]) -> Reply:
    """Ask until the answer is as wanted: what one instance writes reaches the others a moment later."""
    async with asyncio.timeout(10):
        while not wanted(reply := await ask()):  # noqa: ASYNC110 - another process's doing has no event
            await asyncio.sleep(0.005)
    return reply


async def test_what_one_read_the_other_need_not_ask_for(pair: tuple[InProcess, InProcess]) -> None:
    first, second = pair
    for target in await addresses(first):
        if target.startswith("/v1/workflows"):
            continue
        one = await first.ask(target, ("x-ignored", "1"), ("x-ignored", "2"))
        await asyncio.sleep(0.02)
        other = await second.ask(target)
        assert (one.status, one.body, one.header("etag")) == (200, other.body, other.header("etag")), target
        assert "fwd=uri-miss; ttl" not in status_of(other), target


async def test_both_tiers_are_named(pair: tuple[InProcess, InProcess], target: str) -> None:
    first, second = pair
    missed = status_of(await first.ask(target))
    assert missed.startswith("shared; fwd=uri-miss; stored, workflow-gateway; fwd=uri-miss; ttl=")
    await asyncio.sleep(0.05)
    shared = status_of(await second.ask(target))
    assert shared.startswith("shared; hit; ttl=")
    assert shared.endswith(", workflow-gateway; fwd=uri-miss; stored")
    assert status_of(await second.ask(target)).endswith("detail=memory")


async def test_a_thousand_misses_on_two_instances_make_one_call(
    house: House, pair: tuple[InProcess, InProcess], target: str
) -> None:
    house.control("noxus", "PUT", "faults", [{"fault": "latency", "seconds": 0.3}])
    house.control("noxus", "DELETE", "requests")
    asking = [instance.ask(target) for instance in pair for _ in range(500)]
    replies = await asyncio.gather(*asking)
    assert {reply.status for reply in replies} == {200}
    assert len({reply.body for reply in replies}) == 1
    assert len(house.control("noxus", "GET", "requests")) == 1


async def test_what_is_purged_on_one_is_gone_on_the_other(
    pair: tuple[InProcess, InProcess], target: str
) -> None:
    first, second = pair
    for instance in pair:
        await instance.ask(target)
    assert "hit" in status_of(await second.ask(target))
    purged = await first.ask("/v1/admin/cache?connection=noxus-test", method="DELETE", key=OPERATOR)
    assert purged.status == 204
    await eventually(lambda: second.ask(target), lambda reply: "detail=memory" not in status_of(reply))


async def test_the_figures_tell_how_the_shared_tier_is(pair: tuple[InProcess, InProcess]) -> None:
    figures = json.loads((await pair[0].ask("/v1/admin/cache", key=OPERATOR)).body)
    assert figures["shared"]["state"] == "closed"


TROUBLES: dict[str, Callable[[RedisServer], object]] = {
    "killed": RedisServer.kill,
    "frozen": RedisServer.freeze,
    "refusing writes": lambda server: server.run("CONFIG", "SET", "maxmemory", "1"),
}


@pytest.mark.parametrize("trouble", TROUBLES)
async def test_no_request_fails_because_of_redis(house: House, trouble: str) -> None:
    with tempfile.TemporaryDirectory(prefix="wg-") as folder, RedisServer(Path(folder)) as server:
        async with in_process(house, LASTING, server.url, callers=CALLERS) as gateway:
            listing = json.loads((await gateway.ask("/v1/connections/noxus-test/workflows?limit=20")).body)
            first, *rest = [path_of(item) for item in listing["items"]]
            assert (await gateway.ask(first)).status == 200
            TROUBLES[trouble](server)
            for target in [first, *rest, first, *rest]:
                reply = await gateway.ask(target)
                assert reply.status == 200, (trouble, target, reply.body)
            purge = "/v1/admin/cache?all=true"
            assert (await gateway.ask(purge, method="DELETE", key=OPERATOR)).status == 204
            assert (await gateway.ask(first)).status == 200


async def test_a_gateway_starts_without_its_redis(house: House) -> None:
    async with in_process(house, LASTING, "redis://127.0.0.1:9/0") as gateway:
        assert (await gateway.ask("/v1/workflows?limit=5")).status == 200
