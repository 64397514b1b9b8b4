"""Noxus emulator: the life of a run, and everything one can ask about runs."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from emulators.contract import EmulatorOptions
from emulators.registry import load

NOBODY = "3c90c3cc-0d44-4b50-8888-8dd25736052a"
FIELDS = [
    "id",
    "group_id",
    "workflow_id",
    "status",
    "created_at",
    "input",
    "output",
    "node_ids",
    "single_node_id",
    "workflow_version_id",
    "progress",
    "finished_at",
    "progress_details",
]


class Clock:
    """A clock that stands still until it is told to move."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment

    def pass_by(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def api(in_process: Callable[..., Any], clock: Clock) -> AsyncIterator[httpx.AsyncClient]:
    async with in_process(load("noxus"), EmulatorOptions(api_key="k", clock=clock)) as client:
        client.headers["x-api-key"] = "k"
        yield client


async def named(api: httpx.AsyncClient, name: str) -> dict[str, Any]:
    found = (await api.get("/v1/workflows?size=100")).json()["items"]
    return next(one for one in found if one["name"] == name)


async def flow_id(api: httpx.AsyncClient, name: str = "Support ticket triage") -> str:
    return str((await named(api, name))["id"])


async def started(api: httpx.AsyncClient, name: str = "Support ticket triage", **body: Any) -> dict[str, Any]:
    path = f"/v1/workflows/{await flow_id(api, name)}/runs"
    answer = await api.post(path, json={"input": {"Ticket": "Where is it?"}} | body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def read(api: httpx.AsyncClient, run: dict[str, Any]) -> dict[str, Any]:
    return dict((await api.get(f"/v1/workflows/{run['workflow_id']}/runs/{run['id']}")).json())


async def test_a_run_moves_on_with_every_read(api: httpx.AsyncClient) -> None:
    run = await started(api)
    assert list(run) == FIELDS
    assert (run["status"], run["progress"], run["output"], run["finished_at"]) == ("queued", 0, None, None)
    seen = [await read(api, run) for _ in range(5)]
    assert [one["status"] for one in seen] == ["running", "running", *["completed"] * 3]
    assert [one["progress"] for one in seen] == [30, 60, 100, 100, 100]
    assert seen[2] == seen[3] == seen[4]
    assert seen[2]["output"] == {"Reply": "Reply: Where is it?", "Category": "Category: Where is it?"}
    assert seen[2]["finished_at"] == "2026-11-01T12:00:00Z"


async def test_progress_details_name_the_nodes(api: httpx.AsyncClient) -> None:
    run = await started(api)
    total = len((await named(api, "Support ticket triage"))["definition"]["nodes"])
    details = (await read(api, run))["progress_details"]
    assert len(details["executed_nodes"]) + len(details["remaining_nodes"]) == total
    assert details["running_nodes"] == details["remaining_nodes"][:1]
    assert list(details) == [
        "executed_nodes",
        "remaining_nodes",
        "per_node_progress",
        "running_nodes",
        "skipped_nodes",
        "error_handler_nodes",
        "subflow_executions",
        "per_edge_progress",
        "run_logs",
    ]


async def test_a_run_nobody_reads_moves_on_with_the_clock(api: httpx.AsyncClient, clock: Clock) -> None:
    run = await started(api)
    path = f"/v1/workflows/{run['workflow_id']}/runs?size=1"
    for seconds, status in (
        (0, "queued"),
        (5, "running"),
        (5, "running"),
        (5, "completed"),
        (60, "completed"),
    ):
        clock.pass_by(seconds)
        (listed,) = (await api.get(path)).json()["items"]
        assert (listed["id"], listed["status"]) == (run["id"], status)
    assert listed["finished_at"] == "2026-11-01T12:00:15Z"


async def test_listing_does_not_move_a_run(api: httpx.AsyncClient) -> None:
    run = await started(api)
    for path in ("/v1/runs", f"/v1/workflows/{run['workflow_id']}/runs"):
        for _ in range(4):
            assert (await api.get(path)).json()["items"][0]["status"] == "queued"


@pytest.mark.parametrize(
    ("end", "statuses"),
    [
        ("failed", ["running", "running", "failed", "failed"]),
        ("stopped", ["running", "running", "stopped", "stopped"]),
        ("awaiting_human_feedback", ["running", "running", *["awaiting_human_feedback"] * 2]),
        ("running", ["running"] * 4),
        ("nonsense", ["running", "running", "completed", "completed"]),
    ],
)
async def test_an_input_key_chooses_the_end(api: httpx.AsyncClient, end: str, statuses: list[str]) -> None:
    run = await started(api, input={"Ticket": "x", "emulate": end})
    seen = [await read(api, run) for _ in statuses]
    assert [one["status"] for one in seen] == statuses
    assert (seen[-1]["finished_at"] is not None) == (end in {"failed", "stopped", "nonsense"})
    assert (seen[-1]["output"] is not None) == (end == "nonsense")
    logs = seen[-1]["progress_details"]["run_logs"]
    assert bool(logs) == (end == "failed")


async def test_a_failed_run_names_its_error_handler(api: httpx.AsyncClient) -> None:
    triage = await named(api, "Support ticket triage")
    run = await started(api, input={"emulate": "failed"})
    for _ in range(3):
        run = await read(api, run)
    assert run["progress_details"]["error_handler_nodes"] == [triage["error_handler"]]


async def test_a_flow_with_unknown_nodes_fails_by_itself(api: httpx.AsyncClient) -> None:
    path = f"/v1/workflows/{await flow_id(api, 'Nightly stock check')}/runs/sync"
    run = (await api.post(path, json={"input": {}})).json()
    assert (run["status"], run["output"]) == ("failed", None)
    assert list(run["progress_details"]["run_logs"].values()) == [["Node type ScheduleTriggerNode not found"]]


async def test_a_run_counts(api: httpx.AsyncClient) -> None:
    before = await named(api, "2048")
    await started(api, "2048", input={})
    after = await named(api, "2048")
    assert after == before | {"runs_count": before["runs_count"] + 1, "last_run_at": "2026-11-01T12:00:00Z"}
    assert (await started(api, "Inbox: order numbers", input={}))["status"] == "queued"
    assert (await named(api, "Inbox: order numbers"))["runs_count"] == 1


async def test_a_version_or_a_few_nodes_can_be_run(api: httpx.AsyncClient) -> None:
    flow = await flow_id(api)
    oldest = (await api.get(f"/v1/workflows/{flow}/versions")).json()[-1]
    run = await started(api, workflow_version_id=oldest["id"].upper())
    assert run["workflow_version_id"] == oldest["id"]
    assert len(run["progress_details"]["remaining_nodes"]) == len(oldest["definition"]["nodes"]) == 9
    first = oldest["definition"]["nodes"][0]["id"]
    run = await started(api, node_ids=[first])
    assert run["node_ids"] == run["progress_details"]["remaining_nodes"] == [first]
    run = await started(api, single_node_id=first)
    assert [run["single_node_id"]] == run["progress_details"]["remaining_nodes"] == [first]


@pytest.mark.parametrize(
    ("body", "where", "code"),
    [
        ({}, "input", "missing"),
        ({"input": None}, "input", "dict_type"),
        ({"input": []}, "input", "dict_type"),
        ({"input": {}, "node_ids": "a"}, "node_ids", "list_type"),
        ({"input": {}, "node_ids": [1]}, "node_ids", "list_type"),
        ({"input": {}, "single_node_id": 1}, "single_node_id", "string_type"),
        ({"input": {}, "workflow_version_id": "latest"}, "workflow_version_id", "uuid_parsing"),
        ({"input": {}, "tracing": "on"}, "tracing", "bool_type"),
        ({"input": {}, "debugger": 1}, "debugger", "string_type"),
        ({"input": {}, "callback_url": "ftp://x"}, "callback_url", "url_parsing"),
        ({"input": {}, "callback_url": "http://"}, "callback_url", "url_parsing"),
        ({"input": {}, "callback_url": "http://[x"}, "callback_url", "url_parsing"),
        ({"input": {}, "callback_url": 5}, "callback_url", "url_parsing"),
    ],
)
async def test_refused_requests(api: httpx.AsyncClient, body: dict[str, Any], where: str, code: str) -> None:
    flow = await flow_id(api, "2048")
    for path in ("runs", "runs/sync"):
        answer = await api.post(f"/v1/workflows/{flow}/{path}", json=body)
        (problem,) = answer.json()["detail"]
        assert (answer.status_code, problem["loc"], problem["type"]) == (422, ["body", where], code)
    assert (await api.get(f"/v1/workflows/{flow}/runs")).json()["total"] == 0


async def test_other_refusals(api: httpx.AsyncClient) -> None:
    triage, number = await flow_id(api), await flow_id(api, "2048")
    version = (await api.get(f"/v1/workflows/{triage}/versions")).json()[0]["id"]
    cases: list[tuple[str, dict[str, Any], int, str]] = [
        (number, {"workflow_version_id": version}, 404, "Workflow version not found"),
        (number, {"group_id": NOBODY}, 403, "Not allowed"),
        (await flow_id(api, "Imported without history"), {}, 400, "Workflow has no nodes"),
        (NOBODY, {}, 404, "Workflow not found"),
    ]
    for flow, body, status, detail in cases:
        answer = await api.post(f"/v1/workflows/{flow}/runs", json={"input": {}} | body)
        assert (answer.status_code, answer.json()) == (status, {"detail": detail})
    fine = {"callback_url": "https://hooks.example/x", "tracing": True, "debugger": "d"}
    assert (await started(api, **fine))["status"] == "queued"


async def test_sync_answers_the_end(api: httpx.AsyncClient) -> None:
    flow = await named(api, "2048")
    path, body = f"/v1/workflows/{flow['id']}/runs/sync", {"input": {"Value": "8"}}
    run = (await api.post(path, json=body)).json()
    assert list(run) == FIELDS
    assert (run["status"], run["output"]) == ("completed", {"Output": "Output: 8"})
    assert (await api.post(f"{path}?output_only=True", json=body)).json() == {"Output": "Output: 8"}
    by_id = (await api.post(f"{path}?output_only=true&use_output_ids=true", json=body)).json()
    assert by_id == {flow["definition"]["nodes"][-1]["id"]: "Output: 8"}
    assert (await api.post(f"{path}?output_only=perhaps", json=body)).status_code == 422


async def test_sync_of_other_ends(api: httpx.AsyncClient) -> None:
    path = f"/v1/workflows/{await flow_id(api, '2048')}/runs/sync"
    failed = await api.post(path, json={"input": {"emulate": "failed"}})
    assert (failed.status_code, failed.json()["status"]) == (200, "failed")
    waiting = await api.post(path, json={"input": {"emulate": "awaiting_human_feedback"}})
    assert (waiting.status_code, waiting.json()) == (504, {"detail": "Run did not finish in time"})
    only = await api.post(f"{path}?output_only=true", json={"input": {"emulate": "failed"}})
    assert only.json() == {}


async def test_stop(api: httpx.AsyncClient) -> None:
    for reads, end in ((0, "completed"), (1, "running"), (4, "awaiting_human_feedback")):
        run = await started(api, input={"emulate": end})
        for _ in range(reads):
            run = await read(api, run)
        stopped = (await api.post(f"/v1/runs/{run['id']}/stop")).json()
        assert (stopped["status"], stopped["output"]) == ("stopped", None)
        assert stopped["finished_at"] == "2026-11-01T12:00:00Z"
        assert stopped["progress"] == run["progress"]
        assert await read(api, run) == stopped


async def test_stopping_what_has_ended_changes_nothing(api: httpx.AsyncClient) -> None:
    run = await started(api)
    for _ in range(3):
        run = await read(api, run)
    assert (await api.post(f"/v1/runs/{run['id']}/stop")).json() == run


async def test_a_run_is_not_found_under_another_workflow(api: httpx.AsyncClient) -> None:
    run = await started(api)
    answer = await api.get(f"/v1/workflows/{await flow_id(api, '2048')}/runs/{run['id']}")
    assert (answer.status_code, answer.json()) == (404, {"detail": "Run not found"})


async def test_the_short_read_leaves_out_what_went_in_and_came_out(api: httpx.AsyncClient) -> None:
    run = await started(api)
    short = (await api.get(f"/v1/runs/{run['id']}")).json()
    assert (short["status"], short["input"]) == ("running", None)
    assert "output" not in short
    assert [name for name in FIELDS if name != "output"] == list(short)


async def test_the_list_of_all_runs_nests_their_workflows(api: httpx.AsyncClient) -> None:
    items = (await api.get("/v1/runs?size=100")).json()["items"]
    assert list(items[0]) == [
        "id",
        "group_id",
        "workflow_id",
        "input",
        "node_ids",
        "status",
        "progress",
        "definitions",
        "created_at",
        "finished_at",
        "workflow",
        "source",
    ]
    assert {item["source"] for item in items} == {"api", "trigger"}
    assert all(item["workflow"]["id"] == item["workflow_id"] for item in items)
    assert "settings" not in items[0]["workflow"]
    gone = next(item for item in items if item["workflow"]["name"] == "Summer campaign slogans")
    assert gone["workflow"]["deleted_at"] is not None


async def test_data_shows_every_node(api: httpx.AsyncClient) -> None:
    run = await started(api)
    await read(api, run)
    data = (await api.get(f"/v1/runs/{run['id']}/data")).json()
    assert list(data) == ["id", "status", "input", "output", "nodes"]
    statuses = [node["status"] for node in data["nodes"]]
    assert statuses == ["completed"] * 3 + ["pending"] * 7
    assert data["nodes"][0]["inputs"] == {"Ticket": "Where is it?"}
    bare = (await api.get(f"/v1/runs/{run['id']}/data?fetch_structured_data=false")).json()
    assert all(node["inputs"] is node["outputs"] is None for node in bare["nodes"])
    assert data["status"] == bare["status"] == "running"


async def test_node_io(api: httpx.AsyncClient) -> None:
    flow = await named(api, "2048")
    run = (await api.post(f"/v1/workflows/{flow['id']}/runs/sync", json={"input": {"v": 8}})).json()
    first, second, last = (node["id"] for node in flow["definition"]["nodes"])
    path = f"/v1/runs/{run['id']}/io"
    zeroth, one = [(await api.get(f"{path}/{first}?it={it}")).json() for it in (0, 1)]
    assert (
        zeroth
        == one
        == {
            "node_id": first,
            "inputs": {"v": 8},
            "outputs": {"output": "Input: 8"},
            "it": 1,
            "iterations": 1,
        }
    )
    assert (await api.get(f"{path}/{second}")).json()["outputs"]
    assert (await api.get(f"{path}/{last}")).json()["outputs"] == {}
    assert (await api.get(f"{path}/{first}?it=2")).json() == {"detail": "Iteration not found"}
    assert (await api.get(f"{path}/nothing")).json() == {"detail": "Node not found"}
    assert (await api.get(f"{path}/{first}?it=-1")).status_code == 422
