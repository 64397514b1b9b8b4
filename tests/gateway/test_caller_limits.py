"""What a caller may ask: counted on every way, refused before anything is done, told in headers."""

import asyncio
import json
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import pytest

from adapters.registry import load_all
from gateway.app import board, create_app
from gateway.callers import hash_key
from gateway.limits import Limiter, limiters
from gateway.settings import CallerLimitSettings, CallerSettings
from gateway.telemetry.metrics import Metrics
from tests.cache.reading import Clock
from tests.gateway.in_process import InProcess, Reply, started
from tests.gateway.test_ways import LASTING, LONG_WAY, by_the_framework, path_of
from tests.house import KEY, House, settings_for

LIMITED = "test-key-with-limits"
OTHER = "test-key-of-the-same-caller"


def caller(**limits: Any) -> CallerSettings:
    return CallerSettings(
        name="limited",
        key_hashes=(hash_key(LIMITED), hash_key(OTHER)),
        limits=CallerLimitSettings(**limits),
    )


class Ticks:
    """A clock that does not go back, nor on by itself."""

    def __init__(self) -> None:
        self.now = 500.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def ticks() -> Ticks:
    return Ticks()


async def gateway_with(house: House, ticks: Ticks, metrics: Metrics | None = None, **limits: Any) -> Any:
    settings, secrets = settings_for(house.emulators, LASTING, hasty=False)
    everything = CallerSettings(name="everything", key_hashes=(hash_key(KEY),))
    settings = settings.model_copy(update={"callers": (everything, caller(**limits))})
    clock = Clock(1_800_000_000.0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("gateway.app.limiters", partial(limiters, now=ticks))
        return started(create_app(settings, load_all(), secrets, clock, metrics), clock)


@pytest.fixture
async def gateway(house: House, ticks: Ticks) -> AsyncIterator[InProcess]:
    async with await gateway_with(house, ticks, requests_per_second=2, burst=3) as running:
        yield running


async def a_workflow(gateway: InProcess) -> str:
    page = json.loads((await gateway.ask("/v1/connections/noxus-test/workflows")).body)
    return path_of(page["items"][0])


def is_short(reply: Reply) -> bool:
    return "hit" in str(reply.header("cache-status"))


async def test_hits_and_misses_of_all_keys_use_the_same_quota(gateway: InProcess, ticks: Ticks) -> None:
    target = await a_workflow(gateway)
    first = await gateway.ask(target, key=LIMITED)
    second = await gateway.ask(target, key=OTHER)
    third = await gateway.ask("/v1/vendors", key=LIMITED)
    assert [first.status, second.status, third.status] == [200, 200, 200]
    assert is_short(second)
    assert [reply.header("ratelimit") for reply in (first, second, third)] == [
        '"caller";r=2;t=1',
        '"caller";r=1;t=1',
        '"caller";r=0;t=2',
    ]
    assert {reply.header("ratelimit-policy") for reply in (first, second, third)} == {'"caller";q=4;w=2'}
    for refused in (await gateway.ask(target, key=LIMITED), await gateway.ask("/v1/vendors", key=OTHER)):
        assert refused.status == 429
        told = json.loads(refused.body)
        assert (told["code"], told["retryable"], told["request_id"]) == ("rate_limited", True, "fixed")
        assert refused.header("retry-after") == "1"
        assert refused.header("ratelimit") == '"caller";r=0;t=2'
        assert refused.header("cache-status") is None
    ticks.now += 1
    assert (await gateway.ask(target, key=LIMITED)).status == 200


async def test_every_way_answers_a_limited_caller_the_same(gateway: InProcess, ticks: Ticks) -> None:
    target = await a_workflow(gateway)
    await gateway.ask(target, key=LIMITED)
    replies = []
    for asked, headers in ((target, ()), (target, LONG_WAY), (by_the_framework(target), LONG_WAY)):
        ticks.now += 100
        replies.append(await gateway.ask(asked, *headers, key=LIMITED))
    assert replies[0].header("ratelimit") == '"caller";r=2;t=1'
    assert replies[0] == replies[1] == replies[2]


async def test_whoever_has_no_limits_is_told_of_none(gateway: InProcess) -> None:
    target = await a_workflow(gateway)
    for _ in range(20):
        assert (await gateway.ask(target)).header("ratelimit") is None


async def test_nothing_is_asked_of_a_vendor_for_a_refused_request(house: House, ticks: Ticks) -> None:
    async with await gateway_with(house, ticks, requests_per_second=1, burst=1) as gateway:
        await gateway.ask("/v1/vendors", key=LIMITED)
        before = house.control("noxus", "GET", "requests")
        refused = await gateway.ask("/v1/connections/noxus-test/workflows", key=LIMITED)
        assert refused.status == 429
        assert house.control("noxus", "GET", "requests") == before


async def test_workers_share_one_rate(house: House, ticks: Ticks) -> None:
    settings, _ = settings_for(house.emulators, LASTING, hasty=False)
    cells = board(settings, workers=2)
    limits = {"requests_per_second": 1, "burst": 3}
    async with (
        await gateway_with(house, ticks, Metrics(cells, 1), **limits) as one,
        await gateway_with(house, ticks, Metrics(cells, 2), **limits) as two,
    ):
        statuses = [
            (await worker.ask("/v1/vendors", key=LIMITED)).status for worker in (one, two, one, two, one)
        ]
    assert statuses == [200, 200, 200, 429, 429]


async def test_so_many_at_once_and_hits_count_while_others_take_their_time(
    house: House, ticks: Ticks
) -> None:
    async with await gateway_with(house, ticks, concurrency=1) as gateway:
        target = await a_workflow(gateway)
        assert (await gateway.ask(target, key=LIMITED)).status == 200
        assert is_short(await gateway.ask(target, key=LIMITED))
        house.control("noxus", "PUT", "faults", [{"fault": "latency", "seconds": 0.5}])
        slow = asyncio.create_task(gateway.ask("/v1/connections/noxus-test/workflows?limit=7", key=LIMITED))
        await asyncio.sleep(0.1)
        refused = await gateway.ask(target, key=LIMITED)
        assert (refused.status, json.loads(refused.body)["code"]) == (429, "concurrency_limited")
        assert refused.header("retry-after") == "1"
        assert (await gateway.ask(target)).status == 200  # another caller's
        assert (await slow).status == 200
        assert (await gateway.ask(target, key=LIMITED)).status == 200


async def test_a_failed_request_gives_its_place_back(house: House, ticks: Ticks) -> None:
    async with await gateway_with(house, ticks, concurrency=1) as gateway:
        for target in ("/v1/nothing", "/v1/connections/unknown", "/v1/vendors?odd=1") * 3:
            assert (await gateway.ask(target, key=LIMITED)).status in (400, 404)


async def test_open_paths_are_open_however_much_was_asked(gateway: InProcess) -> None:
    for _ in range(9):
        assert (await gateway.ask("/healthz", key=LIMITED)).status == 200


def test_a_burst_is_a_second_s_worth_where_none_is_given() -> None:
    limiter = Limiter(CallerLimitSettings(requests_per_second=2.5), [0.0], 0, lambda: 1.0)
    quota = limiter.quota()
    assert quota is not None
    assert (quota.left, quota.most, quota.window_seconds) == (3, 5, 2)


def test_callers_find_the_same_place_in_whatever_order_they_are_listed() -> None:
    marks = [0.0, 0.0]
    listed = [
        CallerSettings(
            name=name, key_hashes=(hash_key(name),), limits=CallerLimitSettings(requests_per_second=1)
        )
        for name in ("b", "a")
    ]
    limiters(listed, marks, lambda: 7.0)["a"].let_in()
    limiters(listed[::-1], marks, lambda: 9.0)["b"].let_in()
    assert marks == [8.0, 10.0]


def test_where_there_is_no_place_left_a_rate_is_the_process_s_own() -> None:
    limited = caller(requests_per_second=1)
    limiters([limited], [], lambda: 1.0)["limited"].let_in()
