"""What is noted of one request on its way."""

import asyncio

import pytest

from gateway.telemetry import journey as journeys
from gateway.telemetry.journey import Journey, StopWatch, arrived, current, parsing, set_out
from gateway.telemetry.spans import Untraced


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that the clock tells."""
    now = [100.0]
    monkeypatch.setattr(journeys.time, "perf_counter", lambda: now[0])
    return now


def test_what_runs_at_the_same_time_is_counted_twice_and_timed_once(time: list[float]) -> None:
    watch = StopWatch()
    with watch:
        time[0] += 1
        with watch:
            time[0] += 1
        time[0] += 1
    time[0] += 10
    with watch:
        time[0] += 0.5
        assert watch.milliseconds == 3500
    assert (watch.count, watch.under_way, watch.milliseconds) == (3, 0, 3500)


def test_what_fails_is_timed_too(time: list[float]) -> None:
    watch = StopWatch()

    def fail() -> None:
        with watch:
            time[0] += 1
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        fail()
    assert watch.milliseconds == 1000


def test_only_a_request_that_asked_a_vendor_tells_its_times(time: list[float]) -> None:
    journey = Journey("r", Untraced().request("GET", None))
    assert (journey.notes, journey.server_timing()) == ({}, "")
    with journey.vendor:
        time[0] += 0.01234
    assert journey.notes == {"vendor_calls": 1, "vendor_milliseconds": 12.34}
    assert journey.server_timing() == "vendor;dur=12.34, total;dur=12.34"
    journey.queue.add(0.001)
    with journey.parse:
        time[0] += 0.001
    assert journey.notes["queue_milliseconds"] == 1
    assert journey.server_timing() == "vendor;dur=12.34, queue;dur=1.0, parse;dur=1.0, total;dur=13.34"


async def test_tasks_work_for_the_request_that_made_them() -> None:
    journey = Journey("r", Untraced().request("GET", None))
    assert current() is None
    token = set_out(journey)
    task = asyncio.create_task(_parse())
    arrived(token)
    assert current() is None
    await task
    assert journey.parse.count == 1
    with parsing():
        assert current() is None


async def _parse() -> None:
    with parsing():
        await asyncio.sleep(0)
