"""PromptLayer emulator: runs, their results, their callback."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from emulators.contract import EmulatorOptions
from emulators.registry import load

KEY = "pl_demo_promptlayer"
TRIAGE = 4101
Document = dict[str, Any]


class Clock:
    """A clock that only moves when told to."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 2, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **duration: float) -> None:
        self.now += timedelta(**duration)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def client(in_process: Callable[..., Any], clock: Clock) -> AsyncIterator[httpx.AsyncClient]:
    async with in_process(load("promptlayer"), EmulatorOptions(api_key=KEY, clock=clock)) as connected:
        connected.headers["X-API-KEY"] = KEY
        yield connected


async def run(client: httpx.AsyncClient, reference: str | int = TRIAGE, **body: Any) -> httpx.Response:
    return await client.post(f"/workflows/{reference}/run", json=body)


async def results(client: httpx.AsyncClient, started: httpx.Response, **params: Any) -> httpx.Response:
    number = started.json()["workflow_version_execution_id"]
    query = {"workflow_version_execution_id": number, **params}
    return await client.get("/workflow-version-execution-results", params=query)


async def finished(client: httpx.AsyncClient, clock: Clock, reference: str | int, **body: Any) -> Document:
    started = await run(client, reference, **body)
    clock.forward(minutes=1)
    document: Document = (await results(client, started, return_all_outputs="true")).json()
    return document


async def test_a_run_is_created(client: httpx.AsyncClient) -> None:
    answer = await run(client, input_variables={"user_message": "hi", "customer_tier": "gold"})
    assert answer.status_code == 201
    assert answer.json() == {
        "success": True,
        "message": "Workflow execution created successfully",
        "warning": None,
        "workflow_version_execution_id": 98001,
    }
    assert (await run(client)).json()["workflow_version_execution_id"] == 98002


@pytest.mark.parametrize("reference", [4102, "4102", "Help%20Centre%20%2F%20RAG%20answers", "support-triage"])
async def test_ids_and_encoded_names_both_work(client: httpx.AsyncClient, reference: str | int) -> None:
    assert (await run(client, reference)).status_code == 201


async def test_warnings_name_missing_and_unused_inputs(client: httpx.AsyncClient) -> None:
    answer = await run(client, input_variables={"user_message": "hi", "colour": "red"})
    expected = "Missing input variables: customer_tier. Unused input variables: colour"
    assert answer.json()["warning"] == expected


async def test_a_run_takes_the_version_or_the_label(client: httpx.AsyncClient, clock: Clock) -> None:
    first = await finished(client, clock, TRIAGE, workflow_version_number=1)
    assert first.keys() == {"classify", "general_reply"}
    labelled = await finished(client, clock, TRIAGE, workflow_label_name="production")
    assert labelled.keys() == {"classify", "order_lookup", "general_reply", "billing_reply"}


@pytest.mark.parametrize(
    ("status", "reference", "body"),
    [
        (404, 999_999, {}),
        (404, "nothing", {}),
        (404, 4122, {}),
        (404, 4119, {}),
        (404, TRIAGE, {"workflow_version_number": 99}),
        (404, TRIAGE, {"workflow_label_name": "nowhere"}),
        (422, TRIAGE, {"workflow_version_number": 1, "workflow_label_name": "production"}),
    ],
)
async def test_runs_that_are_refused(
    client: httpx.AsyncClient, status: int, reference: str | int, body: Document
) -> None:
    answer = await run(client, reference, **body)
    assert answer.status_code == status
    assert answer.json()["success"] is False


@pytest.mark.parametrize(
    ("body", "location", "kind"),
    [
        ({"input_variables": []}, ["body", "input_variables"], "dict_type"),
        ({"input_variables": None}, ["body", "input_variables"], "dict_type"),
        ({"metadata": {"a": 1}}, ["body", "metadata", "a"], "string_type"),
        ({"workflow_version_number": "1"}, ["body", "workflow_version_number"], "int_type"),
        ({"return_all_outputs": "true"}, ["body", "return_all_outputs"], "bool_type"),
        ({"callback_url": "not a url"}, ["body", "callback_url"], "url_parsing"),
        ({"callback_url": "ftp://127.0.0.1/x"}, ["body", "callback_url"], "url_parsing"),
        ({"callback_url": "http://[::1"}, ["body", "callback_url"], "url_parsing"),
    ],
)
async def test_runs_of_the_wrong_shape(
    client: httpx.AsyncClient, body: Document, location: list[str], kind: str
) -> None:
    answer = await run(client, **body)
    assert answer.status_code == 422
    [entry] = answer.json()["detail"]
    assert (entry["loc"], entry["type"]) == (location, kind)


async def test_what_the_sdk_sends_is_accepted(client: httpx.AsyncClient) -> None:
    answer = await run(
        client,
        input_variables={},
        metadata=None,
        workflow_label_name=None,
        workflow_version_number=None,
        return_all_outputs=False,
        channel_name_suffix="0123456789abcdef0123456789abcdef",
    )
    assert answer.status_code == 201


async def test_nodes_finish_one_after_the_other(client: httpx.AsyncClient, clock: Clock) -> None:
    started = await run(client, input_variables={"user_message": "hi"})
    seen = []
    for _ in range(4):
        answer = await results(client, started, return_all_outputs=True)
        seen.append((answer.status_code, [result["status"] for result in answer.json().values()]))
        clock.forward(milliseconds=84)
    assert seen == [
        (202, ["RUNNING", "QUEUED", "QUEUED"]),
        (202, ["SUCCESS", "RUNNING", "QUEUED"]),
        (202, ["SUCCESS", "SKIPPED", "RUNNING"]),
        (200, ["SUCCESS", "SKIPPED", "SUCCESS"]),
    ]


async def test_a_pending_node_shows_no_value(client: httpx.AsyncClient) -> None:
    answer = await results(client, await run(client), return_all_outputs=True)
    assert answer.json()["general_reply"] == {
        "status": "QUEUED",
        "value": None,
        "error_message": None,
        "raw_error_message": None,
        "is_output_node": True,
    }


async def test_the_bare_value_of_the_output_node(client: httpx.AsyncClient, clock: Clock) -> None:
    started = await run(client, 4118)
    waiting = await results(client, started)
    assert (waiting.status_code, waiting.json()) == (202, None)
    clock.forward(seconds=1)
    for params in ({}, {"return_all_outputs": "false"}, {"return_all_outputs": "0"}):
        answer = await results(client, started, **params)
        assert (answer.status_code, answer.json()) == (200, "[echo] see ticket 4101")


@pytest.mark.parametrize(
    ("words", "taken", "left"), [(3, "short_notes", "long_notes"), (900, "long_notes", "short_notes")]
)
async def test_conditional_edges_choose(
    client: httpx.AsyncClient, clock: Clock, words: int, taken: str, left: str
) -> None:
    document = await finished(client, clock, "meeting-notes", input_variables={"transcript": "word " * words})
    assert (document[taken]["status"], document[left]["status"]) == ("SUCCESS", "SKIPPED")


async def test_a_failed_node_takes_its_followers_along(client: httpx.AsyncClient, clock: Clock) -> None:
    document = await finished(client, clock, "status-page-update", input_variables={"service": "shop"})
    assert document["probe"]["status"] == "FAILED"
    assert document["probe"]["error_message"] == "Could not reach probe.fernweh.invalid"
    assert document["probe"]["raw_error_message"].startswith("[Errno -2]")
    assert (document["notice"]["status"], document["severity"]["status"]) == ("SKIPPED", "SUCCESS")


async def test_the_output_of_a_failed_run_is_null(client: httpx.AsyncClient, clock: Clock) -> None:
    started = await run(client, "status-page-update")
    clock.forward(seconds=1)
    answer = await results(client, started)
    assert (answer.status_code, answer.json()) == (200, None)


async def test_an_unknown_node_type_fails(client: httpx.AsyncClient, clock: Clock) -> None:
    document = await finished(client, clock, 4121)
    assert document["classify"]["error_message"] == "Unsupported node type: BRAND_NEW_NODE"


async def test_a_workflow_without_nodes_is_finished_at_once(client: httpx.AsyncClient) -> None:
    answer = await results(client, await run(client, 4120), return_all_outputs=True)
    assert (answer.status_code, answer.json()) == (200, {})


async def test_results_of_one_node(client: httpx.AsyncClient, clock: Clock) -> None:
    started = await run(client, 4118)
    clock.forward(seconds=1)
    assert (await results(client, started, workflow_node_name="note")).json() == "see ticket 4101"
    every = await results(client, started, workflow_node_name="note", return_all_outputs=True)
    assert list(every.json()) == ["note"]
    assert (await results(client, started, workflow_node_name="ghost")).status_code == 404
    assert (await results(client, started, workflow_node_id=7)).status_code == 404


@pytest.mark.parametrize(
    ("status", "params"),
    [
        (404, {"workflow_version_execution_id": 1}),
        (403, {"workflow_version_execution_id": 97311}),
        (422, {}),
        (422, {"workflow_version_execution_id": "abc"}),
        (422, {"workflow_version_execution_id": 1, "return_all_outputs": "perhaps"}),
        (422, {"workflow_version_execution_id": 1, "workflow_node_id": "first"}),
    ],
)
async def test_results_that_are_refused(client: httpx.AsyncClient, status: int, params: Document) -> None:
    answer = await client.get("/workflow-version-execution-results", params=params)
    assert answer.status_code == status
    assert ("detail" in answer.json()) == (status == 422)


async def test_reset_forgets_runs(client: httpx.AsyncClient) -> None:
    started = await run(client)
    await client.post("/__emulator__/reset")
    assert (await results(client, started)).status_code == 404
    assert (await run(client)).json() == started.json()


class Receiver:
    """A callback's receiving end."""

    def __init__(self) -> None:
        self.received: asyncio.Queue[bytes] = asyncio.Queue()

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r")[0])
        await self.received.put(head + await reader.readexactly(length))
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        await writer.drain()
        writer.close()


async def test_a_callback_brings_the_results(client: httpx.AsyncClient) -> None:
    receiver = Receiver()
    async with await asyncio.start_server(receiver.take, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        url = f"http://127.0.0.1:{port}/hooks/run?x=1"
        answer = await run(client, "status-page-update", callback_url=url)
        request = await asyncio.wait_for(receiver.received.get(), 5)
    assert answer.status_code == 202
    assert answer.json()["message"] == "Workflow execution accepted"
    head, _, body = request.partition(b"\r\n\r\n")
    assert head.startswith(b"POST /hooks/run?x=1 HTTP/1.1\r\n")
    document = json.loads(body)
    assert document["workflow_version_execution_id"] == answer.json()["workflow_version_execution_id"]
    statuses = {name: result["status"] for name, result in document["final_output"].items()}
    assert statuses == {"probe": "FAILURE", "severity": "SUCCESS", "notice": "SKIPPED"}


async def test_a_callback_elsewhere_is_accepted_and_not_tried(client: httpx.AsyncClient) -> None:
    answer = await run(client, callback_url="https://hooks.fernweh.example/run")
    assert answer.status_code == 202
    await asyncio.sleep(0.3)
    assert (await results(client, answer)).status_code == 202


async def test_a_callback_nobody_listens_to_changes_nothing(client: httpx.AsyncClient, clock: Clock) -> None:
    answer = await run(client, 4118, callback_url="http://127.0.0.1:9/nobody")
    await asyncio.sleep(0.3)
    clock.forward(seconds=1)
    assert (await results(client, answer)).json() == "[echo] see ticket 4101"
