"""Runs: started, looked at and followed, over the emulator and from answers in a table."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from adapters.contract import Answer
from adapters.errors import InvalidRequest, VendorForbids, VendorNotFound, VendorSurprise
from adapters.promptlayer.following import follow
from adapters.promptlayer.run_reading import read_run
from schemas.runs import Run, RunState
from schemas.writes import RunStart
from tests.vendors.promptlayer.serving import API, served

TRIAGE, NAMESAKE = "4101", "4118"
RUN = ("POST", "workflows", "w", "run")


def result(status: str, value: Any = None, *, output: bool = False, **more: Any) -> dict[str, Any]:
    return {"status": status, "value": value, "is_output_node": output, **more}


def run_of(document: Any, status: int = 200) -> Run:
    return read_run(Answer(status, {}, json.dumps(document).encode(), document), "7")


async def follow_to_end(http: Any, run: Run) -> list[Run]:
    assert run.workflow_id is not None
    events = API.follow_run(http, run.workflow_id, run.id, None)
    return [event.run async for event in events if event.run is not None]


async def test_a_run_is_started_and_followed_to_its_end() -> None:
    async with served() as http:
        start = RunStart(inputs={"user_message": "hello"}, metadata={"ticket": "7"}, all_outputs=True)
        run = await API.start_run(http, TRIAGE, start)
        assert (run.workflow_id, run.state, run.inputs) == (TRIAGE, RunState.QUEUED, start.inputs)
        seen = await follow_to_end(http, run)
        assert len(seen) > 1, "it is seen on its way"
        assert not any(one.state.final for one in seen[:-1])
        ended = seen[-1]
        assert (ended.state, ended.native_state, ended.error) == (RunState.SUCCEEDED, "SUCCESS", None)
        assert ended.output in ended.node_outputs.values()
        assert (ended.id, ended.workflow_id) == (run.id, None), "the vendor does not tell whose it is"
        assert await API.run(http, TRIAGE, run.id) == ended
        assert await API.run(http, "whatever", run.id) == ended


@pytest.mark.parametrize("where", [{"version": "1"}, {"label": "production"}, {}])
async def test_a_run_is_of_the_version_that_was_asked_for(where: Any) -> None:
    async with served() as http:
        run = await API.start_run(http, "support-triage", RunStart(inputs={"user_message": "x"}, **where))
        assert run.version == where.get("version")
        nodes = (await follow_to_end(http, run))[-1].node_outputs
        assert ("order_lookup" in nodes) == ("label" in where)


@pytest.mark.parametrize("where", [{"version": "99"}, {"label": "nowhere"}])
async def test_a_run_of_what_is_not_there_is_not_found(where: Any) -> None:
    async with served() as http:
        with pytest.raises(VendorNotFound):
            await API.start_run(http, TRIAGE, RunStart(**where))


@pytest.mark.parametrize(
    ("where", "parameter"),
    [
        ({"version": "1", "label": "x"}, "label"),
        ({"version": "v1"}, "version"),
        ({"label": ""}, "label"),
    ],
)
async def test_a_run_that_cannot_be_is_refused_before_it_is_sent(
    taking: Any, where: Any, parameter: str
) -> None:
    http = taking({})
    with pytest.raises(InvalidRequest) as caught:
        await API.start_run(http, "w", RunStart(**where))
    assert caught.value.parameter == parameter
    assert http.sent == []


async def test_only_what_was_asked_for_is_sent(taking: Any) -> None:
    http = taking({RUN: {"success": True, "workflow_version_execution_id": 7}})
    assert (await API.start_run(http, "w", RunStart())).id == "7"
    more = RunStart(inputs={"a": [1]}, label="x", metadata={"k": "v"}, all_outputs=True)
    await API.start_run(http, "w", more)
    assert [body for _, body in http.sent] == [
        {"input_variables": {}, "return_all_outputs": False},
        {
            "input_variables": {"a": [1]},
            "return_all_outputs": True,
            "workflow_label_name": "x",
            "metadata": {"k": "v"},
        },
    ]


@pytest.mark.parametrize("answer", [None, [], {}, {"success": False}, {"workflow_version_execution_id": "x"}])
async def test_a_run_has_to_be_numbered(taking: Any, answer: Any) -> None:
    with pytest.raises(VendorSurprise):
        await API.start_run(taking({RUN: answer}), "w", RunStart())


async def test_runs_of_others_and_runs_that_never_were() -> None:
    async with served() as http:
        with pytest.raises(VendorForbids):
            await API.run(http, TRIAGE, "97311")
        with pytest.raises(VendorNotFound):
            await API.run(http, TRIAGE, "1")


@pytest.mark.parametrize("run_id", ["", "0", "x", "-1", "1.0", "٣", "../1", "9" * 19])
async def test_what_is_no_number_is_no_run(taking: Any, run_id: str) -> None:
    http = taking({})
    for call in (API.run(http, "w", run_id), anext(follow(http, run_id))):
        with pytest.raises(InvalidRequest) as caught:
            await call
        assert caught.value.parameter == "run"
    assert http.asked == []


FAULT = {"error_message": "Could not reach it", "raw_error_message": "[Errno -2]"}


@pytest.mark.parametrize(
    ("document", "state", "word"),
    [
        ({"a": result("SUCCESS", 1, output=True)}, RunState.SUCCEEDED, "SUCCESS"),
        ({"a": result("FAILED"), "b": result("SUCCESS", output=True)}, RunState.SUCCEEDED, "SUCCESS"),
        ({"a": result("FAILED", output=True)}, RunState.FAILED, "FAILED"),
        ({"a": result("FAILURE", output=True)}, RunState.FAILED, "FAILURE"),
        ({"a": result("FAILED"), "b": result("SKIPPED", output=True)}, RunState.FAILED, "FAILED"),
        ({"a": result("SUCCESS"), "b": result("SKIPPED", output=True)}, RunState.FAILED, "SKIPPED"),
        ({"a": result("FAILED")}, RunState.FAILED, "FAILED"),
        ({"a": result("SUCCESS", 1)}, RunState.SUCCEEDED, "SUCCESS"),
        ({}, RunState.SUCCEEDED, "SUCCESS"),
        ({"a": result("RUNNING", output=True)}, RunState.RUNNING, "RUNNING"),
        ({"a": result("PAUSED", output=True)}, RunState.UNKNOWN, "PAUSED"),
    ],
)
def test_an_ended_run_goes_by_its_outputs(document: Any, state: RunState, word: str) -> None:
    run = run_of(document)
    assert (run.state, run.native_state) == (state, word)


@pytest.mark.parametrize(
    ("document", "state"),
    [
        ({"a": result("QUEUED"), "b": result("QUEUED")}, RunState.QUEUED),
        ({"a": result("RUNNING"), "b": result("QUEUED")}, RunState.RUNNING),
        ({"a": result("SUCCESS", 1, output=True), "b": result("QUEUED")}, RunState.RUNNING),
        ({"a": result("FAILED", output=True)}, RunState.RUNNING),
        (None, RunState.RUNNING),
        ("so far", RunState.RUNNING),
    ],
)
def test_a_run_that_is_under_way_is_never_final(document: Any, state: RunState) -> None:
    run = run_of(document, 202)
    assert (run.state, run.output, run.error) == (state, None, None)


def test_the_first_output_that_came_to_a_value_is_the_runs() -> None:
    first, second = result("SUCCESS", {"x": 1}, output=True), result("SUCCESS", 2, output=True)
    run = run_of({"a": result("SUCCESS", 0), "b": result("SKIPPED", output=True), "c": first, "d": second})
    assert run.output == {"x": 1}
    assert run.node_outputs == {"a": 0, "c": {"x": 1}, "d": 2}


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (FAULT, "Could not reach it"),
        ({**FAULT, "error_message": None}, "[Errno -2]"),
        ({"error_message": ""}, None),
        ({}, None),
    ],
)
def test_a_failure_is_told_in_the_vendors_words(fault: Any, said: str | None) -> None:
    assert run_of({"a": result("SUCCESS"), "b": result("FAILED", output=True, **fault)}).error == said


@pytest.mark.parametrize("value", ["text", 7, None, [1], {"answer": 1}, {"a": {"status": 1, "value": 2}}])
def test_a_bare_value_is_the_output(value: Any) -> None:
    run = run_of(value)
    assert (run.state, run.output, run.native_state) == (RunState.SUCCEEDED, value, None)


def test_an_answer_without_a_body_is_no_value() -> None:
    with pytest.raises(VendorSurprise):
        read_run(Answer(200, {}, b"", None), "7")


def test_an_error_with_the_status_of_a_success_is_a_surprise() -> None:
    with pytest.raises(VendorSurprise):
        run_of({"success": False, "message": "no"})


class Looks:
    """An `Http` whose run has moved at every look."""

    def __init__(self, *answers: tuple[int, Any]) -> None:
        self.answers = list(answers)
        self.asked: list[Mapping[str, Any]] = []

    async def get(self, *segments: str, parameters: Mapping[str, Any] | None = None) -> Answer:
        assert segments == ("workflow-version-execution-results",)
        self.asked.append(parameters or {})
        status, document = self.answers.pop(0)
        return Answer(status, {}, b"", document)

    async def send(self, *_: Any, **__: Any) -> Answer:
        raise AssertionError("following changes nothing")


def keeping(pauses: list[float]) -> Callable[[float], Any]:
    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    return sleep


async def test_pauses_grow_to_two_seconds_and_a_run_that_stands_still_is_told_once() -> None:
    pauses: list[float] = []
    same = (202, {"a": result("RUNNING", output=True)})
    http = Looks(*[same] * 6, (200, {"a": result("SUCCESS", 1, output=True)}))
    events = [event async for event in follow(http, "7", keeping(pauses))]
    states = [event.run.state for event in events if event.run is not None]
    assert states == [RunState.RUNNING, RunState.SUCCEEDED]
    assert pauses == [0.2, 0.4, 0.8, 1.6, 2.0, 2.0]
    assert http.asked[0] == {"workflow_version_execution_id": 7, "return_all_outputs": True}


async def test_a_word_that_we_do_not_know_does_not_end_a_run() -> None:
    odd = (200, {"a": result("PAUSED", output=True)})
    http = Looks(odd, odd, (200, {"a": result("FAILURE", output=True, **FAULT)}))
    events = [event async for event in follow(http, "7", keeping([]))]
    last = events[-1].run
    assert last is not None
    assert (len(events), last.state, last.error) == (2, RunState.FAILED, "Could not reach it")


async def test_a_run_that_fails_is_followed_to_its_failure() -> None:
    async with served("failure_word") as http:
        native = {
            "name": "unreachable",
            "nodes": [
                {
                    "name": "call",
                    "node_type": "ENDPOINT",
                    "is_output_node": True,
                    "configuration": {"url": "https://nowhere.invalid/"},
                }
            ],
        }
        made = await API.create(http, native)
        run = await API.start_run(http, made.workflow_id, RunStart())
        ended = (await follow_to_end(http, run))[-1]
        assert (ended.state, ended.native_state) == (RunState.FAILED, "FAILURE")
        assert ended.error == "Could not reach nowhere.invalid"
