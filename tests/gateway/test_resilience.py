"""A vendor in trouble, as callers and operators see it: breaker, quota, queue and figures."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from gateway.settings import CacheTimes, LimitSettings
from gateway.settings.models import BreakerSettings, RetrySettings
from tests.adapters.loopback import Loopback, Respond, answer, as_json, script, until
from tests.gateway.fake_server import FIRST, FakeServer
from tests.gateway.in_process import InProcess
from tests.gateway.writing import BASE, FLOWS, ONE, code_of, told, writing_gateway
from tests.listening import heard

WORKFLOW = answer(body=as_json(FIRST))
BROKEN = answer(500)
QUOTA = (
    ("x-ratelimit-limit", "100"),
    ("x-ratelimit-remaining", "7"),
    ("x-ratelimit-reset", "1800000030"),
)


@pytest.fixture
async def loopback() -> AsyncIterator[Loopback]:
    async with Loopback() as server:
        yield server


@pytest.fixture
async def gateway(loopback: Loopback) -> AsyncIterator[InProcess]:
    limits = LimitSettings(
        timeout_seconds=5,
        concurrency=1,
        queue=1,
        retries=RetrySettings(base_seconds=0),
        breaker=BreakerSettings(failures=2, rest_seconds=60),
    )
    cache = CacheTimes(workflow=60, stale_while_revalidate={"workflow": 0})
    fake = FakeServer(url=loopback.url)
    async with writing_gateway(fake, connection={"limits": limits, "cache": cache}) as started:
        yield started


async def figures(gateway: InProcess) -> dict[str, float]:
    """Return every sample of the connection by name and further labels."""
    lines = (await gateway.ask("/metrics")).body.decode().splitlines()
    told = [line.rpartition(" ") for line in lines if 'connection="acc"' in line]
    return {name.replace('connection="acc"', "").replace("{,", "{"): float(value) for name, _, value in told}


async def connection(gateway: InProcess) -> dict[str, object]:
    found: dict[str, object] = json.loads((await gateway.ask(BASE)).body)
    return found


async def test_a_read_is_answered_though_the_vendor_failed_twice(
    gateway: InProcess, loopback: Loopback
) -> None:
    loopback.respond = script(answer(429), answer(429), WORKFLOW)
    assert (await gateway.ask(ONE)).status == 200
    shown = await figures(gateway)
    assert shown['workflow_gateway_vendor_retries_total{reason="limited"}'] == 2
    assert shown['workflow_gateway_vendor_calls_total{outcome="ok"}'] == 1


async def test_a_vendor_that_fails_is_left_alone_and_everybody_is_told(
    gateway: InProcess, loopback: Loopback
) -> None:
    loopback.respond = BROKEN
    with heard() as logs:
        for number in (1, 2):
            assert code_of(await gateway.ask(f"{FLOWS}/other{number}")) == (502, "vendor_broken")
        refused = await gateway.ask(ONE)
    assert code_of(refused) == (503, "breaker_open")
    assert 50 <= int(str(refused.header("retry-after"))) <= 60
    assert told(refused)["retryable"]
    assert len(loopback.received) == 2
    assert [line["failures"] for line in logs if line["event"] == "vendor left alone"] == [2]
    shown = await connection(gateway)
    assert shown["breaker"] == {
        "state": "open",
        "consecutive_failures": 2,
        "retry_at": shown["breaker"]["retry_at"],  # type: ignore[index]
    }
    assert shown["health"]["consecutive_failures"] == 2  # type: ignore[index]
    told_figures = await figures(gateway)
    assert told_figures['workflow_gateway_breaker_state{worker="1"}'] == 2
    assert told_figures['workflow_gateway_vendor_refusals_total{reason="breaker"}'] == 1


async def test_a_write_is_refused_before_it_is_sent_and_may_be_tried_again(
    gateway: InProcess, loopback: Loopback
) -> None:
    loopback.respond = BROKEN
    for number in (1, 2):
        await gateway.ask(f"{FLOWS}/other{number}")
    key = ("idempotency-key", '"k"')
    body = {"native": {"name": "n"}}
    refused = await gateway.ask(FLOWS, key, method="POST", body=body)
    assert code_of(refused) == (503, "breaker_open")
    assert told(refused)["retryable"]
    again = await gateway.ask(FLOWS, key, method="POST", body=body)
    assert again.header("idempotency-replayed") is None


async def test_what_is_kept_is_given_while_the_vendor_is_left_alone(
    gateway: InProcess, loopback: Loopback
) -> None:
    loopback.respond = WORKFLOW
    good = await gateway.ask(ONE)
    loopback.respond = BROKEN
    gateway.clock.now += 600
    for number in (1, 2):
        await gateway.ask(f"{FLOWS}/other{number}")
    calls = len(loopback.received)
    for _ in range(3):
        gateway.clock.now += 10
        kept = await gateway.ask(ONE)
        assert (kept.status, kept.body) == (200, good.body)
        assert "detail=stale-if-error" in str(kept.header("cache-status"))
    assert len(loopback.received) == calls


@pytest.mark.parametrize("respond", [answer(404), answer(422)])
async def test_a_no_opens_nothing(respond: Respond, gateway: InProcess, loopback: Loopback) -> None:
    loopback.respond = respond
    for number in range(5):
        assert (await gateway.ask(f"{FLOWS}/other{number}")).status in (404, 422)
    assert (await connection(gateway))["breaker"] == {"state": "closed", "consecutive_failures": 0}


async def test_the_vendors_quota_is_shown_to_operators_and_on_the_answer(
    gateway: InProcess, loopback: Loopback
) -> None:
    loopback.respond = answer(body=as_json(FIRST), headers=QUOTA)
    asked = await gateway.ask(ONE)
    assert asked.header("ratelimit-policy") == '"acc-requests";q=100'
    assert asked.header("ratelimit") == '"acc-requests";r=7;t=30'
    hit = await gateway.ask(ONE)
    assert (hit.header("ratelimit"), hit.header("ratelimit-policy")) == (None, None)
    assert (await connection(gateway))["quota"] == [
        {
            "name": "requests",
            "limit": 100,
            "remaining": 7,
            "resets_at": "2027-01-15T08:00:30Z",
            "seen_at": "2027-01-15T08:00:00Z",
        }
    ]


async def test_an_error_and_a_write_tell_the_quota_too(gateway: InProcess, loopback: Loopback) -> None:
    loopback.respond = answer(404, headers=QUOTA)
    missing = await gateway.ask(f"{FLOWS}/nothing")
    assert (missing.status, missing.header("ratelimit")) == (404, '"acc-requests";r=7;t=30')
    loopback.respond = answer(429, headers=QUOTA)
    limited = await gateway.ask(FLOWS, method="POST", body={"native": {"name": "n"}})
    assert code_of(limited) == (503, "vendor_limited")
    assert limited.header("retry-after") == "30"
    assert limited.header("ratelimit") == '"acc-requests";r=7;t=30'
    loopback.respond = WORKFLOW
    silent = await gateway.ask(ONE)
    assert silent.header("ratelimit") is None


async def test_calls_that_wait_are_shown_and_counted(gateway: InProcess, loopback: Loopback) -> None:
    gate = asyncio.Event()

    async def held(*asked: object) -> None:
        await gate.wait()
        await WORKFLOW(*asked)  # type: ignore[arg-type]

    loopback.respond = held
    asking = [asyncio.create_task(gateway.ask(f"{FLOWS}/other{number}")) for number in range(2)]
    await until(lambda: len(loopback.received) == 1)
    await asyncio.sleep(0.05)
    shown = await connection(gateway)
    assert (shown["under_way"], shown["waiting"]) == (1, 1)
    busy = await gateway.ask(ONE)
    assert code_of(busy) == (503, "vendor_busy")
    assert busy.header("retry-after") == "1"
    gate.set()
    await asyncio.gather(*asking)
    told_figures = await figures(gateway)
    assert told_figures['workflow_gateway_vendor_refusals_total{reason="queue"}'] == 1
    assert told_figures["workflow_gateway_queue_seconds_count{}"] == 1
    assert told_figures['workflow_gateway_vendor_calls_under_way{worker="1"}'] == 0
