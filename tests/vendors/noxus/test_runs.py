"""Runs: what is sent, and what the answers say."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.errors import InvalidRequest, VendorNotFound, VendorSurprise
from adapters.event_stream import ServerEvent
from adapters.noxus.api import NoxusApi
from adapters.noxus.run_reading import read_event, read_run, tells_end
from schemas.base import JsonObject, JsonValue
from schemas.runs import RunState
from schemas.writes import RunStart
from tests.vendors.noxus.helpers import WORKFLOW, FakeHttp

API = NoxusApi()
RUN = "1f0c2d3e-0000-4000-8000-000000000001"
ONE = f"v1/workflows/{WORKFLOW}/runs/{RUN}"
START, STOP = f"POST v1/workflows/{WORKFLOW}/runs", f"POST v1/runs/{RUN}/stop"


def native(**fields: JsonValue) -> JsonObject:
    return {
        "id": RUN,
        "group_id": "g",
        "workflow_id": WORKFLOW,
        "status": "running",
        "created_at": "2026-05-04T10:00:00Z",
        "input": {"Ticket": "late"},
        "progress": 40,
        **fields,
    }


async def test_a_run_is_started_with_inputs() -> None:
    http = FakeHttp({}, writes={START: native(status="queued", progress=0)})
    run = await API.start_run(http, WORKFLOW, RunStart(inputs={"Ticket": "late"}))
    assert http.sent == [(START, {"input": {"Ticket": "late"}})]
    assert (run.id, run.state, run.native_state, run.progress) == (RUN, RunState.QUEUED, "queued", 0)


async def test_a_version_is_run() -> None:
    http = FakeHttp({}, writes={START: native(workflow_version_id="v")})
    run = await API.start_run(http, WORKFLOW, RunStart(version="v"))
    assert http.sent == [(START, {"input": {}, "workflow_version_id": "v"})]
    assert run.version == "v"


@pytest.mark.parametrize(
    ("start", "parameter"),
    [
        (RunStart(label="production"), "label"),
        (RunStart(metadata={"a": "b"}), "metadata"),
        (RunStart(all_outputs=True), "all_outputs"),
    ],
)
async def test_what_a_run_cannot_have_is_refused(start: RunStart, parameter: str) -> None:
    http = FakeHttp({})
    with pytest.raises(InvalidRequest) as caught:
        await API.start_run(http, WORKFLOW, start)
    assert caught.value.parameter == parameter
    assert http.sent == []


async def test_a_run_is_looked_at() -> None:
    answer = native(
        status="completed", progress=100, output={"Reply": "soon"}, finished_at="2026-05-04T10:00:09Z"
    )
    run = await API.run(FakeHttp({ONE: answer}), WORKFLOW, RUN)
    assert (run.state, run.output, run.inputs) == (
        RunState.SUCCEEDED,
        {"Reply": "soon"},
        {"Ticket": "late"},
    )
    assert run.started_at == datetime(2026, 5, 4, 10, tzinfo=UTC)
    assert run.finished_at == datetime(2026, 5, 4, 10, 0, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("queued", RunState.QUEUED),
        ("running", RunState.RUNNING),
        ("awaiting_human_feedback", RunState.WAITING),
        ("completed", RunState.SUCCEEDED),
        ("failed", RunState.FAILED),
        ("stopped", RunState.CANCELLED),
        ("paused", RunState.UNKNOWN),
        ("Completed", RunState.UNKNOWN),
        (None, RunState.UNKNOWN),
        (["running"], RunState.UNKNOWN),
    ],
)
def test_every_word_of_the_vendor_has_a_state(word: JsonValue, state: RunState) -> None:
    run = read_run(native(status=word), WORKFLOW)
    assert run.state is state
    assert run.native_state == (word if isinstance(word, str) else None)


def test_an_unknown_word_is_told_and_not_taken_for_an_end() -> None:
    run = read_run(native(status="archived"), WORKFLOW)
    assert (run.native_state, run.state.final) == ("archived", False)


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({}, None),
        ({"error": "out of memory"}, "out of memory"),
        ({"error": {"x": 1}, "progress_details": {"run_logs": {"n": ["No such node"]}}}, "No such node"),
        (
            {
                "progress_details": {
                    "executed_nodes": ["a"],
                    "run_logs": {"a": ["fine"], "b": ["bad", 7, "worse"], "c": "worst"},
                }
            },
            "bad; worse; worst",
        ),
        ({"progress_details": {"run_logs": ["odd"]}}, None),
        ({"progress_details": "odd"}, None),
        ({"error": "x" * 5000}, "x" * 2000),
    ],
)
def test_why_a_run_failed_is_in_its_error_or_in_its_logs(fields: JsonObject, error: str | None) -> None:
    assert read_run(native(status="failed", **fields), WORKFLOW).error == error
    assert read_run(native(status="running", **fields), WORKFLOW).error is None


@pytest.mark.parametrize(
    ("progress", "read"), [(40, 40), (40.9, 40), (float("inf"), None), ("40", 40), ([], None)]
)
def test_progress_is_in_whole_percent(progress: JsonValue, read: int | None) -> None:
    assert read_run(native(progress=progress), WORKFLOW).progress == read


@pytest.mark.parametrize("answer", [None, [], "run", {}, {"id": None}, {"id": ""}])
async def test_what_is_no_run_is_a_surprise(answer: Any) -> None:
    with pytest.raises(VendorSurprise):
        await API.run(FakeHttp({ONE: answer}), WORKFLOW, RUN)
    with pytest.raises(VendorSurprise):
        await API.start_run(FakeHttp({}, writes={START: answer}), WORKFLOW, RunStart())


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)
FIELDS = ("workflow_id", "status", "input", "output", "progress", "progress_details", "error", "created_at")


@given(st.fixed_dictionaries({"id": st.just(RUN)}, optional=dict.fromkeys(FIELDS, JSON)))
def test_whatever_a_run_holds_it_can_be_read(document: JsonObject) -> None:
    run = read_run(document, WORKFLOW)
    assert run.id == RUN
    assert run.output == document.get("output")


@given(st.fixed_dictionaries({}, optional={"type": JSON, "redisId": JSON, "data": JSON}) | JSON)
def test_whatever_an_event_holds_it_can_be_read(native_event: JsonValue) -> None:

    event = read_event(ServerEvent(json.dumps(native_event)), WORKFLOW, RUN)
    assert event.native == native_event
    assert event.run is None or not event.run.state.final
    tells_end(event)


async def test_a_run_is_stopped_after_it_was_found_at_its_workflow() -> None:
    http = FakeHttp({ONE: native()}, writes={STOP: native(status="stopped")})
    run = await API.cancel_run(http, WORKFLOW, RUN)
    assert (run.state, http.sent) == (RunState.CANCELLED, [(STOP, None)])


async def test_a_run_of_another_workflow_is_not_stopped() -> None:
    http = FakeHttp({}, writes={STOP: native()})
    with pytest.raises(VendorNotFound):
        await API.cancel_run(http, WORKFLOW, RUN)
    assert http.sent == []


@pytest.mark.parametrize("word", ["completed", "failed", "stopped"])
async def test_a_run_that_has_ended_is_not_stopped(word: str) -> None:
    http = FakeHttp({ONE: native(status=word)})
    assert (await API.cancel_run(http, WORKFLOW, RUN)).native_state == word
    assert http.sent == []
