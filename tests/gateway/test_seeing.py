"""What a request leaves in the log, what a vendor is told of its trace, and where its time went."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.cache.status import Forward
from gateway.cache.trace import Trace
from gateway.edge import telling
from gateway.edge.context import ContextLayer
from gateway.settings import ConnectionSettings, LimitSettings, ServerSettings, TracingSettings
from gateway.settings.models import RetrySettings
from gateway.telemetry.journey import current
from gateway.telemetry.trace_context import parse
from tests.adapters.loopback import Loopback, Received, answer
from tests.gateway.in_process import InProcess, in_process, path_of
from tests.gateway.logged import Lines, logged
from tests.gateway.test_ways import LASTING
from tests.house import House

TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = f"00-{TRACE}-b7ad6b7169203331-01"
PAGE = (Path(__file__).parents[2] / "docs" / "observing.md").read_text("utf-8")
MILLISECONDS = r"\d+\.\d{1,2}"


@pytest.fixture
def lines() -> Iterator[Lines]:
    """`lines()` returns what was logged since the last time."""
    with logged() as gathered:
        yield gathered


@pytest.fixture
async def gateway(house: House) -> AsyncIterator[InProcess]:
    async with in_process(house, LASTING) as started:
        yield started


async def some_workflow(gateway: InProcess) -> str:
    listing = await gateway.ask("/v1/connections/noxus-test/workflows?limit=1")
    return path_of(json.loads(listing.body)["items"][0])


def documented(heading: str) -> set[str]:
    """Return the fields that the page names in the table below a heading."""
    section = PAGE.partition(f"\n### {heading}\n")[2].partition("\n#")[0]
    cells = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    return {name for cell in cells for name in re.findall(r"`(\w+)`", cell)}


async def test_the_line_of_a_request_has_the_fields_that_are_documented(
    house: House, gateway: InProcess, lines: Lines
) -> None:
    target = await some_workflow(gateway)
    await gateway.ask(target)
    house.control("noxus", "PUT", "faults", [{"fault": "status", "status": 503}])
    await gateway.ask("/v1/connections/noxus-test/workflows?limit=7")
    seen = [line for line in lines() if line["event"] == "request"]
    known = documented("One line for each request")
    told = {name for line in seen for name in line} - {"event", "level", "timestamp"}
    assert told <= known
    # What writes, waiting, attempts and hits leave there has tests of its own.
    assert told == known - {"outcome", "queue_milliseconds", "pause_milliseconds", "note", "one_of"}


async def test_a_read_tells_whom_it_asked_and_for_how_long(gateway: InProcess, lines: Lines) -> None:
    target = await some_workflow(gateway)
    lines()
    whole = await gateway.ask(target, ("traceparent", PARENT))
    (line,) = lines()
    assert line["request_id"] == "fixed"
    assert line["trace_id"] == TRACE
    assert re.fullmatch("[0-9a-f]{16}", line["span_id"])
    assert (line["method"], line["path"], line["route"]) == ("GET", target, "get_workflow")
    assert (line["status"], line["bytes_out"]) == (200, len(whole.body))
    assert (line["caller"], line["connection"], line["vendor"]) == ("everything", "noxus-test", "noxus")
    assert (line["cache"], line["vendor_calls"]) == ("miss", 1)
    assert 0 < line["vendor_milliseconds"] <= line["milliseconds"]


async def test_a_head_is_logged_as_one(gateway: InProcess, lines: Lines) -> None:
    target = await some_workflow(gateway)
    lines()
    await gateway.ask(target, method="HEAD")
    (line,) = lines()
    assert (line["method"], line["bytes_out"], line["status"]) == ("HEAD", 0, 200)


async def test_lines_within_a_request_carry_its_ids(house: House, gateway: InProcess, lines: Lines) -> None:
    house.control("noxus", "PUT", "faults", [{"fault": "status", "status": 503}])
    await gateway.ask("/v1/connections/noxus-test/workflows", ("traceparent", PARENT))
    failed, request = lines()
    assert (failed["event"], request["event"]) == ("vendor call failed", "request")
    assert failed["request_id"] == request["request_id"] == "fixed"
    assert failed["trace_id"] == request["trace_id"] == TRACE


@pytest.mark.parametrize(("every", "logged"), [(0, 0), (1, 6), (3, 2), (1000, 0)])
async def test_of_hits_as_many_are_logged_as_the_configuration_says(
    every: int, logged: int, house: House, lines: Lines
) -> None:
    server = ServerSettings(log_hits_every=every)
    async with in_process(house, LASTING, server=server) as gateway:
        target = await some_workflow(gateway)
        whole = await gateway.ask(target)
        lines()
        for _ in range(6):
            await gateway.ask(target, ("traceparent", PARENT))
    seen = lines()
    assert len(seen) == logged
    for line in seen:
        assert line["one_of"] == every
        assert (line["trace_id"], line["route"], line["cache"]) == (TRACE, "get_workflow", "hit")
        assert (line["bytes_out"], line["vendor"]) == (len(whole.body), "noxus")
        assert set(line) - {"event", "level", "timestamp"} <= documented("One line for each request")


@pytest.fixture
async def vendor() -> AsyncIterator[Loopback]:
    async with Loopback() as server:
        server.respond = answer(200, b"[]", [("content-type", "application/json")])
        yield server


async def told(
    vendor: Loopback, *headers: tuple[str, str], to_vendors: bool = True
) -> tuple[str | None, str | None]:
    """Return what a vendor is told of the trace of a call."""
    tracing = TracingSettings(to_vendors=to_vendors)
    async with in_process(House(emulators={"noxus": vendor.url}), LASTING, tracing=tracing) as gateway:
        await gateway.ask("/v1/connections/noxus-test/workflows", *headers)
    seen = vendor.received[-1].headers
    return seen.get("traceparent"), seen.get("tracestate")


async def test_a_trace_goes_on_at_the_vendor_with_a_place_of_its_own(vendor: Loopback, lines: Lines) -> None:
    parent, state = await told(vendor, ("traceparent", PARENT), ("tracestate", "a=1"), ("tracestate", "b=2"))
    found = parse(parent or "")
    assert found is not None
    assert (found.trace_id, found.sampled, state) == (TRACE, True, "a=1,b=2")
    assert found.span_id != PARENT.split("-")[2]
    assert lines()[-1]["span_id"] == found.span_id


@pytest.mark.parametrize(
    "headers",
    [
        (),
        (("traceparent", "nonsense"), ("tracestate", "a=1")),
        (("traceparent", PARENT), ("traceparent", PARENT), ("tracestate", "a=1")),
        (("traceparent", PARENT.replace("00-", "ff-")),),
        (("tracestate", "a=1"),),
    ],
)
async def test_without_a_valid_trace_another_begins(
    headers: tuple[tuple[str, str], ...], vendor: Loopback, lines: Lines
) -> None:
    parent, state = await told(vendor, *headers)
    found = parse(parent or "")
    assert found is not None
    assert (found.sampled, state) == (False, None)
    assert found.trace_id != TRACE
    assert lines()[-1]["trace_id"] == found.trace_id


async def test_vendors_are_told_nothing_where_the_configuration_says_so(
    vendor: Loopback, lines: Lines
) -> None:
    found = await told(vendor, ("traceparent", PARENT), ("tracestate", "a=1"), to_vendors=False)
    assert found == (None, None)
    assert lines()[-1]["trace_id"] == TRACE


async def test_an_answer_for_which_the_vendor_was_asked_says_where_the_time_went(gateway: InProcess) -> None:
    target = await some_workflow(gateway)
    asked = await gateway.ask(target)
    form = f"vendor;dur={MILLISECONDS}, parse;dur={MILLISECONDS}, total;dur={MILLISECONDS}"
    assert re.fullmatch(form, asked.header("server-timing") or "")
    durations = [float(found) for found in re.findall(r"dur=([\d.]+)", asked.header("server-timing") or "")]
    assert sum(durations[:2]) <= durations[2] + 0.02
    for way in ((), (("x-ignored", "1"), ("x-ignored", "2"))):
        assert (await gateway.ask(target, *way)).header("server-timing") is None
    assert (await gateway.ask("/healthz")).header("server-timing") is None


async def test_a_call_that_waits_for_its_place_says_for_how_long(house: House, lines: Lines) -> None:
    async with in_process(house, LASTING) as gateway:
        service = gateway.app.short_way._state.service
        transport = service._connections["noxus-test"].http
        places = transport._turns.places
        while not places._free.locked():
            await places.take()
        asking = asyncio.create_task(gateway.ask("/v1/connections/noxus-test/workflows"))
        async with asyncio.timeout(5):
            while not places.waiting:  # noqa: ASYNC110 - a figure, no event
                await asyncio.sleep(0.005)
        places.give_back()
        answered = await asking
    assert "queue;dur=" in (answered.header("server-timing") or "")
    assert lines()[-1]["queue_milliseconds"] > 0


@pytest.mark.parametrize("asked", [True, False])
async def test_an_answer_out_of_the_cache_does_not_tell_of_the_call_beside_it(*, asked: bool) -> None:
    async def inner(scope: Any, _: Any, send: Any) -> None:
        journey, trace = current(), Trace()
        assert journey is not None
        with journey.vendor:
            trace.forward = Forward.STALE if asked else None
            scope[telling.TRACE] = trace
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body"})

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": "/", "raw_path": b"/", "headers": []}
    await ContextLayer(inner)(scope, send, send)
    assert (b"server-timing" in dict(sent[0]["headers"])) is asked


async def test_a_federated_listing_counts_every_call_and_no_time_twice(
    gateway: InProcess, lines: Lines
) -> None:
    await gateway.ask("/v1/workflows")
    (line,) = lines()
    assert line["vendor_calls"] >= 3
    assert line["vendor_milliseconds"] <= line["milliseconds"]
    assert "connection" not in line


async def test_whoever_waits_for_another_s_call_leaves_it_to_that_one(house: House, lines: Lines) -> None:
    house.control("noxus", "PUT", "faults", [{"fault": "latency", "seconds": 0.3, "times": 1}])
    async with in_process(house, LASTING) as gateway:
        asked = [gateway.ask("/v1/connections/noxus-test/workflows") for _ in range(3)]
        answers = await asyncio.gather(*asked)
    seen = {line["cache"]: line for line in lines()}
    assert seen["miss"]["vendor_calls"] == 1
    assert "vendor_calls" not in seen["collapsed"]
    assert sum(each.header("server-timing") is not None for each in answers) == 1


async def test_every_attempt_of_a_call_is_counted_and_has_the_trace(vendor: Loopback, lines: Lines) -> None:
    answers = iter([answer(503), vendor.respond])

    async def fail_once(received: Received, writer: asyncio.StreamWriter) -> None:
        await next(answers)(received, writer)

    vendor.respond = fail_once
    limits = LimitSettings(retries=RetrySettings(base_seconds=0.001))
    own = ConnectionSettings(vendor="noxus", base_url=vendor.url, credential="env:UNUSED", limits=limits)
    house = House(emulators={"noxus": vendor.url})
    async with in_process(house, LASTING, connections={"noxus-test": own}) as gateway:
        told = await gateway.ask("/v1/connections/noxus-test/workflows", ("traceparent", PARENT))
    line = lines()[-1]
    assert line["vendor_calls"] == len(vendor.received) == 2
    assert line["pause_milliseconds"] <= 1
    assert f"pause;dur={line['pause_milliseconds']}" in (told.header("server-timing") or "")
    places = [parse(each.headers["traceparent"]) for each in vendor.received]
    assert [place and place.trace_id for place in places] == [TRACE, TRACE]
