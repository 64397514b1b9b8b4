"""Following a run through streams that come, break off, repeat themselves, or are not there."""

import json
from typing import Any

import pytest

from adapters.errors import (
    VendorBroken,
    VendorError,
    VendorForbids,
    VendorNotFound,
    VendorSurprise,
    VendorTimeout,
    VendorUnreachable,
)
from adapters.noxus.following import follow
from schemas.base import JsonObject, JsonValue
from schemas.runs import RunEvent, RunState
from tests.vendors.noxus.helpers import WORKFLOW, FakeHttp, Turn

RUN = "a-run"
ONE, EVENTS = f"v1/workflows/{WORKFLOW}/runs/{RUN}", f"v1/runs/{RUN}/events"


def sse(identifier: str | None, kind: str, **data: JsonValue) -> bytes:
    event: JsonObject = {"type": kind, "data": data}
    if identifier is not None:
        event["redisId"] = identifier
    return b"event: message\ndata: " + json.dumps(event).encode() + b"\n\n"


STEP = [sse(f"{number}-0", "content", id="n", status="running", content=number) for number in range(1, 5)]
END = sse("9-0", "content", id="n", status="completed", workflow_status="completed")


def looks(*words: str | JsonObject) -> list[Turn]:
    """What a look at the run gives, each time."""
    states: list[JsonObject] = [word if isinstance(word, dict) else {"status": word} for word in words]
    return [Turn({"id": RUN, **state}) for state in states]


class Follower:
    """Follows a run to its end and keeps what came."""

    def __init__(self, streams: list[list[bytes | VendorError]], *words: str | JsonObject) -> None:
        self.http = FakeHttp({ONE: looks(*words)}, streams={EVENTS: streams})
        self.events: list[RunEvent] = []
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        assert not self.http.open, "a stream is left open while nothing is heard from it"
        self.slept.append(seconds)

    async def follow(self, after: str | None = None) -> "Follower":
        async for event in follow(self.http, WORKFLOW, RUN, after, self.sleep):
            self.events.append(event)
        return self

    @property
    def heard(self) -> list[str | None]:
        return [event.id for event in self.events if event.native is not None]

    @property
    def states(self) -> list[RunState]:
        return [event.run.state for event in self.events if event.run is not None]

    @property
    def listened(self) -> list[Any]:
        return [parameters for path, parameters in self.http.calls if path == EVENTS]


def unreachable() -> VendorError:
    return VendorUnreachable("closed the connection before its answer was whole")


async def test_events_come_as_they_are_and_the_run_last() -> None:
    done = {"status": "completed", "output": {"a": 1}}
    follower = await Follower([[*STEP, END]], done).follow()
    assert follower.heard == ["1-0", "2-0", "3-0", "4-0", "9-0"]
    last = follower.events[-1]
    assert last.run is not None
    assert (last.run.state, last.run.output, last.id) == (RunState.SUCCEEDED, {"a": 1}, "9-0")
    assert follower.slept == []
    assert follower.events[0].native == {
        "type": "content",
        "data": {"id": "n", "status": "running", "content": 1},
        "redisId": "1-0",
    }


async def test_following_goes_on_after_the_last_event_seen() -> None:
    follower = await Follower([[STEP[2], END]], "completed").follow("2-0")
    assert follower.listened == [{"etag": "2-0"}]
    assert follower.heard == ["3-0", "9-0"]


async def test_states_are_told_on_the_way_and_the_end_with_the_output_only() -> None:
    stream = [
        sse("1-0", "state", status="running"),
        sse("2-0", "state", status="awaiting_human_feedback"),
        sse("3-0", "state", status="paused"),
        sse("4-0", "state", status="failed"),
        STEP[3],
    ]
    follower = await Follower([stream], "failed").follow()
    assert follower.states == [RunState.RUNNING, RunState.WAITING, RunState.UNKNOWN, RunState.FAILED]
    assert follower.heard == ["1-0", "2-0", "3-0", "4-0"]
    assert follower.events[-1].native is None


async def test_without_a_stream_the_run_is_looked_at_until_it_ends() -> None:
    follower = await Follower([], "queued", "running", "running", "running", "stopped").follow()
    assert follower.states == [RunState.QUEUED, RunState.RUNNING, RunState.CANCELLED]
    assert follower.listened == [{}]
    assert follower.slept == [0.5, 0.5, 1.0, 2.0]


async def test_a_run_that_does_not_move_is_looked_at_less_and_less() -> None:
    follower = await Follower([], *["awaiting_human_feedback"] * 7, "completed").follow()
    assert follower.states == [RunState.WAITING, RunState.SUCCEEDED]
    assert follower.slept == [0.5, 1.0, 2.0, 5.0, 5.0, 5.0, 5.0]


@pytest.mark.parametrize("error", [unreachable(), VendorTimeout("silent")], ids=["broken", "silent"])
async def test_a_stream_that_breaks_off_is_taken_up_where_it_broke(error: VendorError) -> None:
    streams: list[list[bytes | VendorError]] = [[STEP[0], STEP[1][:20], error], [*STEP[1:], END]]
    follower = await Follower(streams, "running", "completed").follow()
    assert follower.listened == [{}, {"etag": "1-0"}]
    assert follower.heard == ["1-0", "2-0", "3-0", "4-0", "9-0"]
    assert follower.states == [RunState.RUNNING, RunState.SUCCEEDED]


async def test_what_a_stream_repeats_is_told_once() -> None:
    streams: list[list[bytes | VendorError]] = [STEP[:2], [*STEP, END]]
    follower = await Follower(streams, "running", "completed").follow()
    assert follower.heard == ["1-0", "2-0", "3-0", "4-0", "9-0"]


async def test_a_stream_without_ids_is_not_listened_to_again() -> None:
    streams: list[list[bytes | VendorError]] = [[sse(None, "content", x=1)], [sse(None, "content", x=1)]]
    follower = await Follower(streams, "running", "completed").follow()
    assert follower.listened == [{}]
    assert follower.heard == [None]


async def test_a_run_that_does_not_move_is_not_listened_to_again() -> None:
    streams: list[list[bytes | VendorError]] = [[STEP[0]], [STEP[1]], [STEP[2]]]
    waiting = "awaiting_human_feedback"
    follower = await Follower(streams, waiting, waiting, waiting, "completed").follow()
    assert follower.listened == [{}, {"etag": "1-0"}]


async def test_an_end_that_the_run_does_not_show_yet_is_waited_for() -> None:
    follower = await Follower([[END], []], "running", "completed").follow()
    assert follower.states == [RunState.RUNNING, RunState.SUCCEEDED]


@pytest.mark.parametrize(
    "error",
    [VendorNotFound("no", status=404), VendorBroken("no", status=501), VendorSurprise("no", status=405)],
)
async def test_a_stream_that_is_not_offered_is_not_asked_for_again(error: VendorError) -> None:
    follower = await Follower([[error], []], "queued", "running", "completed").follow()
    assert len(follower.listened) == 1


@pytest.mark.parametrize("error", [VendorForbids("no", status=403), VendorBroken("no", status=500)])
async def test_a_refusal_is_told(error: VendorError) -> None:
    with pytest.raises(type(error)):
        await Follower([[error]], "running").follow()


async def test_a_run_that_is_not_there_is_not_found() -> None:
    http = FakeHttp({})
    with pytest.raises(VendorNotFound):
        await anext(follow(http, WORKFLOW, RUN, None))


async def test_data_that_is_no_json_is_passed_on_as_text() -> None:
    follower = await Follower([[b": hello\n\nid: 5\ndata: ping\n\n", END]], "completed").follow()
    assert (follower.events[0].native, follower.events[0].id) == ("ping", "5")


async def test_leaving_closes_the_stream() -> None:
    follower = Follower([[*STEP, END]], "completed")
    events = follow(follower.http, WORKFLOW, RUN, None, follower.sleep)
    assert (await anext(events)).id == "1-0"
    assert follower.http.open == 1
    await events.aclose()
    assert follower.http.open == 0
