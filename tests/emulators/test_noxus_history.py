"""Noxus emulator: event streams, search and deletion of runs, triggers and their events."""

import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from emulators.contract import EmulatorOptions
from emulators.registry import load

NOBODY = "3c90c3cc-0d44-4b50-8888-8dd25736052a"
MOMENT = datetime(2026, 11, 1, 12, tzinfo=UTC)


@pytest.fixture
async def api(in_process: Callable[..., Any]) -> AsyncIterator[httpx.AsyncClient]:
    options = EmulatorOptions(api_key="k", clock=lambda: MOMENT)
    async with in_process(load("noxus"), options) as client:
        client.headers["x-api-key"] = "k"
        yield client


async def flow_id(api: httpx.AsyncClient, name: str) -> str:
    found = (await api.get("/v1/workflows?size=100")).json()["items"]
    return next(str(one["id"]) for one in found if one["name"] == name)


async def started(api: httpx.AsyncClient, **given: Any) -> str:
    path = f"/v1/workflows/{await flow_id(api, '2048')}/runs"
    return str((await api.post(path, json={"input": given})).json()["id"])


async def events(api: httpx.AsyncClient, run_id: str, etag: str = "") -> list[dict[str, Any]]:
    answer = await api.get(f"/v1/runs/{run_id}/events", params={"etag": etag} if etag else None)
    assert answer.headers["content-type"].startswith("text/event-stream")
    blocks = [block.split("\n") for block in answer.text.split("\n\n") if block]
    assert all(head == "event: message" for head, _ in blocks)
    return [json.loads(data.removeprefix("data: ")) for _, data in blocks]


async def test_events_tell_every_node_and_end_with_the_status(api: httpx.AsyncClient) -> None:
    run_id = await started(api, number="8")
    found = await events(api, run_id)
    assert all(list(event) == ["type", "data", "redisId"] for event in found)
    assert [event["type"] for event in found] == ["content"] * 6 + ["state", "content"]
    assert [event["data"]["status"] for event in found[:2]] == ["running", "completed"]
    assert found[1]["data"]["content"] == "Input: 8"
    assert len(found[-2]["data"]["progress_details"]["executed_nodes"]) == 3
    assert found[-1]["data"] == {"id": run_id, "status": "completed", "workflow_status": "completed"}
    flow = await flow_id(api, "2048")
    assert (await api.get(f"/v1/workflows/{flow}/runs/{run_id}")).json()["status"] == "completed"


async def test_events_resume_behind_an_etag(api: httpx.AsyncClient) -> None:
    run_id = await started(api)
    found = await events(api, run_id)
    ids = [event["redisId"] for event in found]
    assert ids == sorted(set(ids))
    assert await events(api, run_id, ids[3]) == found[4:]
    assert await events(api, run_id, ids[-1]) == []
    assert await events(api, run_id, "nonsense") == found


@pytest.mark.parametrize(
    ("end", "last"),
    [("failed", "content"), ("stopped", "state"), ("awaiting_human_feedback", "state"), ("running", "state")],
)
async def test_only_completed_and_failed_have_a_terminal_event(
    api: httpx.AsyncClient, end: str, last: str
) -> None:
    found = await events(api, await started(api, emulate=end))
    assert found[-1]["type"] == last
    assert found[-1]["data"]["status"] == end
    assert ("workflow_status" in found[-1]["data"]) == (end == "failed")


async def test_a_failed_node_says_why(api: httpx.AsyncClient) -> None:
    found = await events(api, await started(api, emulate="failed"))
    assert found[-3]["data"]["status"] == "failed"
    assert found[-3]["data"]["content"] == "Stopped on purpose by the input"


async def search(api: httpx.AsyncClient, pages: str = "", /, **body: Any) -> dict[str, Any]:
    answer = await api.post(f"/v1/runs/search{pages}", json=body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_search_as_the_sdk_asks(api: httpx.AsyncClient) -> None:
    got = await search(api, query="SOFA", limit=10, offset=0, exact=True)
    (item,) = got["items"]
    assert item["input"] == {"Ticket": "My sofa came without legs"}
    assert item["search_data"] == {"matched_in": ["input", "output"], "score": 1.0}
    assert (got["total"], got["page"], got["size"], got["pages"]) == (1, 1, 10, 1)
    only = await search(api, query="sofa", search_in=["output"], limit=1)
    assert only["items"][0]["search_data"]["matched_in"] == ["output"]
    assert (await search(api, query=item["id"], search_in=["run_id"]))["total"] == 1
    assert (await search(api, query="refused the request", search_in=["other"]))["total"] == 2


async def test_search_exact_or_by_word(api: httpx.AsyncClient) -> None:
    words = "sofa week"
    assert (await search(api, query=words))["total"] == 0
    assert (await search(api, query=words, exact=False, search_in=["input"]))["total"] == 2


async def test_search_slices_by_offset_or_by_page(api: httpx.AsyncClient) -> None:
    whole = await search(api, "?size=100", query="completed")
    ids = [item["id"] for item in whole["items"]]
    assert whole["total"] == len(ids) == 8
    first = await search(api, query="completed", limit=3, offset=0)
    third = await search(api, query="completed", limit=3, offset=6)
    assert [item["id"] for item in first["items"] + third["items"]] == ids[:3] + ids[6:]
    assert (third["page"], third["pages"]) == (3, 3)
    paged = await search(api, "?page=2&size=3", query="completed", similarity_threshold=0.5)
    assert [item["id"] for item in paged["items"]] == ids[3:6]


@pytest.mark.parametrize(
    ("query", "body", "where"),
    [
        ("", {}, ["body", "query"]),
        ("", {"query": 1}, ["body", "query"]),
        ("", {"query": "x", "limit": 0}, ["body", "limit"]),
        ("", {"query": "x", "limit": 101}, ["body", "limit"]),
        ("", {"query": "x", "offset": -1}, ["body", "offset"]),
        ("", {"query": "x", "exact": "no"}, ["body", "exact"]),
        ("", {"query": "x", "search_in": "input"}, ["body", "search_in"]),
        ("", {"query": "x", "search_in": ["input", "nose"]}, ["body", "search_in", 1]),
        ("", {"query": "x", "similarity_threshold": "high"}, ["body", "similarity_threshold"]),
        ("?size=101", {"query": "x"}, ["query", "size"]),
    ],
)
async def test_search_refuses(
    api: httpx.AsyncClient, query: str, body: dict[str, Any], where: list[Any]
) -> None:
    answer = await api.post(f"/v1/runs/search{query}", json=body)
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == where


async def test_delete_takes_finished_runs_only(api: httpx.AsyncClient) -> None:
    run_id = await started(api)
    early = await api.delete(f"/v1/runs/{run_id}")
    assert early.status_code == 200
    assert early.json() == {
        "succeeded": 0,
        "failed": 1,
        "errors": {run_id: "Run is still in progress"},
        "matched": 0,
    }
    await events(api, run_id)
    done = await api.delete(f"/v1/runs/{run_id}")
    assert done.json() == {"succeeded": 1, "failed": 0, "errors": {}, "matched": 1}
    assert (await api.get(f"/v1/runs/{run_id}")).status_code == 404


async def bulk(api: httpx.AsyncClient, **body: Any) -> httpx.Response:
    return await api.post("/v1/runs/bulk/delete", json=body)


async def test_bulk_delete_by_filter_after_a_preview(api: httpx.AsyncClient) -> None:
    flow = await flow_id(api, "Support ticket triage")
    filters = {"workflow_id": flow, "to_date": "2026-10-31T23:00:00+01:00"}
    total = (await api.get("/v1/runs")).json()["total"]
    trial = (await bulk(api, filters=filters, dry_run=True)).json()
    assert trial == {"succeeded": 0, "failed": 0, "errors": {}, "matched": 3}
    changed = await bulk(api, filters=filters, expected_count=2)
    assert (changed.status_code, changed.json()) == (409, {"detail": "Run count changed"})
    assert (await api.get("/v1/runs")).json()["total"] == total
    done = (await bulk(api, filters=filters, expected_count=3)).json()
    assert (done["succeeded"], (await api.get("/v1/runs")).json()["total"]) == (3, total - 3)
    assert (await api.get(f"/v1/workflows/{flow}/runs")).json()["total"] == 1


async def test_bulk_delete_by_id_reports_what_it_could_not(api: httpx.AsyncClient) -> None:
    waiting, done = await started(api), await started(api)
    await events(api, done)
    answer = (await bulk(api, run_ids=[waiting, done, done, "gone"])).json()
    assert answer == {
        "succeeded": 1,
        "failed": 2,
        "errors": {waiting: "Run is still in progress", "gone": "Run not found"},
        "matched": 1,
    }


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"filters": {}},
        {"run_ids": "x"},
        {"filters": []},
        {"filters": {"to_date": "2026-01-01T00:00:00"}},
        {"filters": {"to_date": "soon"}},
        {"filters": {"to_date": 5}},
        {"filters": {"workflow_id": "x"}},
        {"run_ids": [], "expected_count": "1"},
        {"run_ids": [], "expected_count": True},
        {"run_ids": [], "dry_run": "no"},
    ],
)
async def test_bulk_delete_refuses(api: httpx.AsyncClient, body: dict[str, Any]) -> None:
    assert (await api.post("/v1/runs/bulk/delete", json=body)).status_code == 422


async def test_triggers_are_made_listed_changed_and_deleted(api: httpx.AsyncClient) -> None:
    flow = await flow_id(api, "Lead scoring")
    path = f"/v1/workflows/{flow}/triggers"
    newest, oldest = (await api.get(f"/v1/workflows/{flow}/versions")).json()
    body = {"definition": {"type": "webhook", "path": "/x"}, "workflow_version_id": oldest["id"]}
    made = (await api.post(path, json=body)).json()
    assert (made["definition"], made["workflow_version_id"]) == (body["definition"], oldest["id"])
    assert (await api.get(path)).json()["items"] == [made]
    changed = await api.patch(f"{path}/{made['id']}", json={"definition": {"type": "email"}})
    assert changed.json() == made | {"definition": {"type": "email"}}
    pinned = {"definition": {"type": "email"}, "workflow_version_id": newest["id"]}
    moved = (await api.patch(f"{path}/{made['id']}", json=pinned)).json()
    assert moved["workflow_version_id"] == newest["id"]
    assert (await api.get(f"{path}/{made['id']}/events")).json()["total"] == 0
    assert (await api.delete(f"/v1/triggers/{made['id']}")).json() == {"success": True}
    assert (await api.delete(f"/v1/triggers/{made['id']}")).status_code == 404
    assert (await api.get(path)).json()["total"] == 0


async def test_triggers_check_their_bodies(api: httpx.AsyncClient) -> None:
    flow, other = await flow_id(api, "Lead scoring"), await flow_id(api, "Support ticket triage")
    version = (await api.get(f"/v1/workflows/{other}/versions")).json()[0]["id"]
    kind = {"type": "webhook"}
    cases: list[tuple[dict[str, Any], int]] = [
        ({}, 422),
        ({"definition": kind}, 422),
        ({"definition": {}, "workflow_version_id": version}, 422),
        ({"definition": [], "workflow_version_id": version}, 422),
        ({"definition": kind, "workflow_version_id": "v-1"}, 422),
        ({"definition": kind, "workflow_version_id": version}, 404),
    ]
    for body, status in cases:
        assert (await api.post(f"/v1/workflows/{flow}/triggers", json=body)).status_code == status, body
    mine = (await api.get(f"/v1/workflows/{other}/triggers")).json()["items"][0]["id"]
    path = f"/v1/workflows/{flow}/triggers/{mine}"
    assert (await api.patch(path, json={"definition": kind})).json() == {"detail": "Trigger not found"}


@pytest.mark.parametrize(
    ("query", "total"),
    [
        ("", 12),
        ("event_type=email", 4),
        ("event_type=nothing", 0),
        ("errored=true", 1),
        ("errored=False", 11),
        ("started_run=true", 11),
        ("started_run=0", 1),
        ("search=message 11", 1),
        ("search=too LARGE&event_type=webhook", 1),
    ],
)
async def test_events_of_all_triggers(api: httpx.AsyncClient, query: str, total: int) -> None:
    assert (await api.get(f"/v1/triggers/events?{query}")).json()["total"] == total


async def test_events_of_one_workflow_and_of_one_trigger(api: httpx.AsyncClient) -> None:
    flow = await flow_id(api, "Support ticket triage")
    assert (await api.get(f"/v1/triggers/events?workflow_id={flow}")).json()["total"] == 8
    for trigger in (await api.get(f"/v1/workflows/{flow}/triggers")).json()["items"]:
        path = f"/v1/workflows/{flow}/triggers/{trigger['id']}/events"
        got = (await api.get(path)).json()["items"]
        assert [event["trigger_id"] for event in got] == [trigger["id"]] * 4
        assert [event["created_at"] for event in got] == sorted((e["created_at"] for e in got), reverse=True)
        errored = (await api.get(f"{path}?errored=true&search=large")).json()["total"]
        assert errored == sum(event["error"] is not None for event in got)
    for query in ("workflow_id=x", "errored=perhaps", "started_run="):
        assert (await api.get(f"/v1/triggers/events?{query}")).status_code == 422
