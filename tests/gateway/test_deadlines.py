"""A request's own time: what is waited for, what is given when it is over, and who is not disturbed."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.deadlines import deadline, wait_of
from gateway.settings import CacheTimes, LimitSettings
from gateway.settings.models import RetrySettings
from tests.adapters.loopback import Loopback, Received, answer, as_json, until
from tests.gateway.fake_server import FIRST, FakeServer
from tests.gateway.in_process import InProcess
from tests.gateway.writing import BASE, FLOWS, ONE, code_of, told, writing_gateway

SHORT = ("prefer", "wait=0")
WORKFLOW = answer(body=as_json(FIRST))
PAGE = answer(body=as_json({"items": [FIRST]}))


class Slow:
    """A vendor that answers once it is let."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.asked = 0

    async def respond(self, request: Received, writer: asyncio.StreamWriter) -> None:
        self.asked += 1
        await self.open.wait()
        listing = (request.method, request.target) == ("GET", "/workflows")
        await (PAGE if listing else WORKFLOW)(request, writer)


@pytest.fixture
async def loopback() -> AsyncIterator[Loopback]:
    async with Loopback() as server:
        yield server


@pytest.fixture
def slow(loopback: Loopback) -> Slow:
    vendor = Slow()
    loopback.respond = vendor.respond
    return vendor


@pytest.fixture
async def gateway(loopback: Loopback) -> AsyncIterator[InProcess]:
    limits = LimitSettings(timeout_seconds=5, retries=RetrySettings(attempts=1))
    connection = {"limits": limits, "cache": CacheTimes(stale_while_revalidate={"workflow": 0})}
    async with writing_gateway(FakeServer(url=loopback.url), connection=connection) as started:
        yield started


@pytest.mark.parametrize(
    ("prefer", "expected"),
    [
        ("wait=10", 10),
        ("respond-async, wait=10", 10),
        ("WAIT = 10", 10),
        ('wait="10"', 10),
        ("wait=10;of=it", 10),
        ("wait=10, wait=20", 10),
        ("wait=0", 0),
        ("wait=x, wait=20", None),
        ("wait=", None),
        ("wait", None),
        ("wait=-1", None),
        ("wait=1.5", None),
        ("wait=1e3", None),
        ("wait=٣", None),
        ("wait=" + "9" * 40, None),
        ("waiting=10", None),
        ('x="wait=5"', None),
        ('x=", wait=5', None),
        ("", None),
    ],
)
def test_wait_is_read_as_rfc_7240_4_3_has_it(prefer: str, expected: int | None) -> None:
    assert wait_of(prefer) == expected


@given(st.text(), st.floats(0.001, 3600))
def test_no_caller_gets_more_time_than_there_is(prefer: str, most: float) -> None:
    found = deadline(100.0, most, prefer)
    assert 100.0 <= found.at <= 100.0 + most
    assert (found.wished is None) == (found.at == 100.0 + most)


async def test_when_its_time_is_over_a_read_is_504_and_may_be_tried_again(
    gateway: InProcess, slow: Slow
) -> None:
    late = await gateway.ask(ONE, SHORT)
    assert code_of(late) == (504, "deadline_exceeded")
    assert told(late)["retryable"]
    assert late.header("preference-applied") == "wait=0"
    assert "fwd=uri-miss" in str(late.header("cache-status"))


async def test_what_came_too_late_for_one_is_there_for_the_next(gateway: InProcess, slow: Slow) -> None:
    assert (await gateway.ask(ONE, SHORT)).status == 504
    slow.open.set()
    found = await gateway.ask(ONE)
    assert found.status == 200
    assert slow.asked == 1


async def test_who_waits_longer_is_not_disturbed_by_who_began(gateway: InProcess, slow: Slow) -> None:
    impatient = asyncio.create_task(gateway.ask(ONE, SHORT))
    patient = asyncio.create_task(gateway.ask(ONE))
    assert (await impatient).status == 504
    slow.open.set()
    assert (await patient).status == 200
    assert slow.asked == 1


async def test_something_stale_is_better_than_nothing_in_time(
    gateway: InProcess, slow: Slow, loopback: Loopback
) -> None:
    slow.open.set()
    good = await gateway.ask(ONE)
    gateway.clock.now += 600
    slow.open.clear()
    stale = await gateway.ask(ONE, SHORT)
    assert (stale.status, stale.body) == (200, good.body)
    assert "detail=stale-if-error" in str(stale.header("cache-status"))
    assert stale.header("preference-applied") == "wait=0"


async def test_a_hit_is_a_hit_whatever_it_prefers(gateway: InProcess, slow: Slow) -> None:
    slow.open.set()
    await gateway.ask(ONE)
    hit = await gateway.ask(ONE, SHORT)
    assert (hit.status, hit.header("preference-applied")) == (200, None)
    assert slow.asked == 1


@pytest.mark.parametrize("prefer", ["wait=3600", "wait=x", "respond-async", ""])
async def test_what_does_not_shorten_the_time_is_not_applied(
    prefer: str, gateway: InProcess, slow: Slow
) -> None:
    slow.open.set()
    found = await gateway.ask(ONE, ("prefer", prefer))
    assert (found.status, found.header("preference-applied")) == (200, None)


async def test_a_listing_goes_on_without_a_connection_that_takes_longer(
    gateway: InProcess, slow: Slow
) -> None:
    page = await gateway.ask("/v1/workflows", SHORT)
    assert page.status == 200
    document = json.loads(page.body)
    assert [(found["connection"], found["code"]) for found in document["problems"]] == [
        ("acc", "deadline_exceeded")
    ]
    assert not document["complete"]
    assert code_of(await gateway.ask(FLOWS, SHORT)) == (504, "deadline_exceeded")


async def test_a_write_that_was_sent_is_told_as_unknown(gateway: InProcess, slow: Slow) -> None:
    late = await gateway.ask(FLOWS, ("prefer", "wait=1"), method="POST", body={"native": {"name": "n"}})
    assert code_of(late) == (504, "deadline_exceeded")
    assert not told(late)["retryable"]
    assert "may have been made" in told(late)["detail"]
    assert late.header("preference-applied") == "wait=1"


async def test_a_write_whose_time_is_over_before_it_is_sent_is_not_sent(
    gateway: InProcess, slow: Slow
) -> None:
    key = ("idempotency-key", '"k"')
    late = await gateway.ask(FLOWS, SHORT, key, method="POST", body={"native": {"name": "n"}})
    assert code_of(late) == (504, "deadline_exceeded")
    assert told(late)["retryable"]
    assert slow.asked == 0
    slow.open.set()
    made = await gateway.ask(FLOWS, key, method="POST", body={"native": {"name": "n"}})
    assert made.status in (200, 201)
    assert made.header("idempotency-replayed") is None


async def test_the_operators_time_bounds_everything(loopback: Loopback, slow: Slow) -> None:
    fake = FakeServer(url=loopback.url)
    async with writing_gateway(fake, server={"deadline_seconds": 0.05}) as gateway:
        for target in (ONE, ONE + "/versions", BASE + "/assistants/as1/workflow", ONE + "/runs/r1"):
            assert code_of(await gateway.ask(target)) == (504, "deadline_exceeded"), target
        patched = await gateway.ask(ONE, method="PATCH", body={"name": "m"})
        assert code_of(patched) == (504, "deadline_exceeded")
        assert told(patched)["retryable"]
        await until(lambda: slow.asked >= 5)
