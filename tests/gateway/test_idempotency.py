"""Requests with an `Idempotency-Key`: carried out once, on whichever instance."""

import asyncio
import secrets
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from adapters.errors import VendorUnreachable
from gateway.settings import CacheSettings, SharedCacheSettings
from tests.cache.redis_server import RedisServer
from tests.gateway.fake_server import FakeServer
from tests.gateway.in_process import InProcess
from tests.gateway.logged import logged
from tests.gateway.test_shared_cache import eventually
from tests.gateway.writing import FLOWS, ONE, OTHER, code_of, told, writing_gateway

KEY = ("idempotency-key", '"8e03978e-40d5-43dd-bc93-6894a57f9324"')
NEW = {"native": {"name": "n", "steps": []}}


@pytest.fixture(scope="module")
def redis_server() -> Iterator[RedisServer]:
    with tempfile.TemporaryDirectory(prefix="wg-") as folder, RedisServer(Path(folder)) as server:
        yield server


@pytest.fixture(params=["alone", "shared"])
async def pair(
    fake: FakeServer, request: pytest.FixtureRequest, redis_server: RedisServer
) -> AsyncIterator[tuple[InProcess, InProcess]]:
    """One gateway asked twice, or two that share a Redis."""
    async with AsyncExitStack() as stack:
        if request.param == "alone":
            one = await stack.enter_async_context(writing_gateway(fake))
            yield one, one
            return
        prefix = secrets.token_hex(4)
        first, second = [
            await stack.enter_async_context(writing_gateway(fake, None, redis_server.url, prefix=prefix))
            for _ in range(2)
        ]
        yield first, second


async def test_what_is_sent_twice_is_made_once(fake: FakeServer, pair: tuple[InProcess, InProcess]) -> None:
    first, second = pair
    made = await first.ask(FLOWS, KEY, method="POST", body=NEW)
    again = await second.ask(FLOWS, KEY, method="POST", body=NEW)
    assert fake.changes == ["POST /workflows"]
    assert (made.status, again.status, again.body) == (201, 201, made.body)
    assert made.header("idempotency-replayed") is None
    assert again.header("idempotency-replayed") == "true"
    for name in ("location", "etag", "content-type", "cache-control"):
        assert made.header(name) == again.header(name) is not None


async def test_the_log_says_in_the_request_s_line_what_came_of_a_write(
    fake: FakeServer, pair: tuple[InProcess, InProcess]
) -> None:
    gateway, _ = pair
    with logged() as lines:
        for _ in range(2):
            await gateway.ask(FLOWS, KEY, method="POST", body=NEW)
        await gateway.ask(f"{FLOWS}?dry_run=true", method="POST", body=NEW)
        fake.fail = 422
        await gateway.ask(FLOWS, method="POST", body=NEW)
        told = [(line["event"], line["outcome"]) for line in lines() if line["event"] != "audit"]
    assert told == [("request", outcome) for outcome in ("done", "replayed", "dry_run", "refused")]


async def test_a_write_through_one_is_read_through_the_other_at_once(
    fake: FakeServer, pair: tuple[InProcess, InProcess]
) -> None:
    first, second = pair
    for number in range(5):
        for gateway in pair:
            await gateway.ask(ONE)
            await gateway.ask(FLOWS)
        assert (await first.ask(ONE, method="PATCH", body={"description": f"d{number}"})).status == 200
        wanted = f'"d{number}"'.encode()
        for target in (ONE, FLOWS):
            await eventually(
                lambda target=target: second.ask(target), lambda reply, w=wanted: w in reply.body
            )


async def test_a_key_that_is_under_way_is_told_so(
    fake: FakeServer, pair: tuple[InProcess, InProcess]
) -> None:
    first, second = pair
    fake.gate.clear()
    sending = asyncio.create_task(first.ask(FLOWS, KEY, method="POST", body=NEW))
    while not fake.changes:  # noqa: ASYNC110 - another server's doing has no event
        await asyncio.sleep(0.005)
    reply = await second.ask(FLOWS, KEY, method="POST", body=NEW)
    assert code_of(reply) == (409, "idempotency_in_flight")
    fake.gate.set()
    assert (await sending).status == 201
    assert (await second.ask(FLOWS, KEY, method="POST", body=NEW)).status == 201
    assert fake.changes == ["POST /workflows"]


async def test_a_key_is_for_one_request(fake: FakeServer, pair: tuple[InProcess, InProcess]) -> None:
    first, second = pair
    assert (await first.ask(FLOWS, KEY, method="POST", body=NEW)).status == 201
    other = {"native": {"name": "other", "steps": []}}
    for target, body in ((FLOWS, other), (FLOWS + "?strict=true", NEW), (ONE + "/versions", None)):
        reply = await second.ask(target, KEY, method="POST", body=body)
        assert code_of(reply) == (422, "idempotency_key_reused"), target
    assert fake.changes == ["POST /workflows"]


async def test_callers_do_not_meet_each_others_keys(
    fake: FakeServer, pair: tuple[InProcess, InProcess]
) -> None:
    first, second = pair
    assert (await first.ask(FLOWS, KEY, method="POST", body=NEW)).status == 201
    reply = await second.ask(FLOWS, KEY, method="POST", body=NEW, key=OTHER)
    assert (reply.status, reply.header("idempotency-replayed")) == (201, None)
    assert len(fake.changes) == 2


@pytest.mark.parametrize("status", [429, 401, 403])
async def test_a_key_of_which_nothing_came_is_free(
    fake: FakeServer, pair: tuple[InProcess, InProcess], status: int
) -> None:
    first, second = pair
    fake.fail = status
    assert (await first.ask(FLOWS, KEY, method="POST", body=NEW)).status in (502, 503)
    reply = await second.ask(FLOWS, KEY, method="POST", body=NEW)
    assert (reply.status, reply.header("idempotency-replayed")) == (201, None)


async def test_a_refusal_of_the_gateways_own_leaves_the_key_free(
    fake: FakeServer, pair: tuple[InProcess, InProcess]
) -> None:
    assert (await pair[0].ask(FLOWS, KEY, method="POST", body={})).status == 422
    assert (await pair[1].ask(FLOWS, KEY, method="POST", body=NEW)).status == 201


async def test_the_vendors_own_no_is_final(fake: FakeServer, pair: tuple[InProcess, InProcess]) -> None:
    first, second = pair
    body = {"native": {"steps": []}}
    refused = await first.ask(FLOWS, KEY, method="POST", body=body)
    again = await second.ask(FLOWS, KEY, method="POST", body=body)
    assert code_of(again) == code_of(refused) == (422, "vendor_rejected")
    assert again.header("content-type") == "application/problem+json"
    assert (again.header("idempotency-replayed"), len(fake.changes)) == ("true", 1)


@pytest.mark.parametrize("done", [True, False])
async def test_what_may_have_happened_does_not_happen_again(
    fake: FakeServer, pair: tuple[InProcess, InProcess], done: bool
) -> None:
    first, second = pair
    assert (await first.ask(FLOWS)).status == 200
    fake.fail, fake.done = 500, done
    broken = await first.ask(FLOWS, KEY, method="POST", body=NEW)
    assert code_of(broken) == (502, "vendor_broken")
    assert "may have been made" in told(broken)["detail"]
    assert told(broken)["retryable"] is False
    reply = await second.ask(FLOWS, KEY, method="POST", body=NEW)
    assert code_of(reply) == (409, "outcome_unknown")
    assert len(fake.changes) == 1
    # What may have changed is not given out of the cache.
    assert len(told(await first.ask(FLOWS))["items"]) == (2 if done else 1)


async def test_a_vendor_that_cannot_be_reached_leaves_the_key_free(
    fake: FakeServer, pair: tuple[InProcess, InProcess]
) -> None:
    url, fake.url = fake.url, "http://127.0.0.1:9"
    async with writing_gateway(fake) as cut_off:
        reply = await cut_off.ask(FLOWS, KEY, method="POST", body=NEW)
        assert code_of(reply) == (502, "vendor_unreachable")
        assert told(reply)["retryable"] is VendorUnreachable.retryable
        # The very key, once more: not "unknown".
        assert code_of(await cut_off.ask(FLOWS, KEY, method="POST", body=NEW)) == (502, "vendor_unreachable")
    fake.url = url


async def test_a_dry_run_does_not_use_the_key_up(fake: FakeServer, pair: tuple[InProcess, InProcess]) -> None:
    planned = await pair[0].ask(FLOWS + "?dry_run=true", KEY, method="POST", body=NEW)
    assert (planned.status, told(planned)["dry_run"]) == (200, True)
    assert (await pair[1].ask(FLOWS, KEY, method="POST", body=NEW)).status == 201


async def test_patches_are_made_once_too(fake: FakeServer, pair: tuple[InProcess, InProcess]) -> None:
    for gateway in pair:
        assert (await gateway.ask(ONE, KEY, method="PATCH", body={"name": "x"})).status == 200
    assert len(fake.changes) == 1


@pytest.mark.parametrize("key", ["", '""', "a b", '"open', "a,b", "ü", "x" * 256])
async def test_what_is_no_key_is_refused(fake: FakeServer, key: str) -> None:
    async with writing_gateway(fake) as gateway:
        reply = await gateway.ask(FLOWS, ("idempotency-key", key), method="POST", body=NEW)
        assert code_of(reply) == (400, "invalid_request")
        assert told(reply)["errors"][0]["name"] == "idempotency-key"
    assert fake.calls == []


async def test_nothing_is_written_while_keys_cannot_be_remembered(fake: FakeServer) -> None:
    async with writing_gateway(fake, None, "redis://127.0.0.1:9/0") as gateway:
        reply = await gateway.ask(FLOWS, KEY, method="POST", body=NEW)
        assert code_of(reply) == (503, "idempotency_unavailable")
        assert fake.calls == []
        # Without a key nothing was promised.
        assert (await gateway.ask(FLOWS, method="POST", body=NEW)).status == 201


async def test_keys_are_refused_where_instances_could_not_agree(fake: FakeServer) -> None:
    off = CacheSettings(enabled=False, shared=SharedCacheSettings(url="redis://127.0.0.1:9/0"))
    for changes in ({"server": {"workers": 2}}, {"cache": off}):
        async with writing_gateway(fake, **changes) as gateway:
            reply = await gateway.ask(FLOWS, KEY, method="POST", body=NEW)
            assert code_of(reply) == (503, "idempotency_unavailable")
    assert fake.calls == []


async def test_the_answer_is_given_although_it_cannot_be_remembered(fake: FakeServer) -> None:
    with tempfile.TemporaryDirectory(prefix="wg-") as folder, RedisServer(Path(folder)) as server:
        async with writing_gateway(fake, None, server.url) as gateway:
            fake.gate.clear()
            sending = asyncio.create_task(gateway.ask(FLOWS, KEY, method="POST", body=NEW))
            while not fake.changes:  # noqa: ASYNC110 - another server's doing has no event
                await asyncio.sleep(0.005)
            server.kill()
            fake.gate.set()
            assert (await sending).status == 201
            reply = await gateway.ask(FLOWS, KEY, method="POST", body=NEW)
            assert code_of(reply) == (503, "idempotency_unavailable")
    assert len(fake.changes) == 1
