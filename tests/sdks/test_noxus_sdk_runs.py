"""The real noxus-sdk starts, follows, searches and deletes runs on the emulator."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from noxus_sdk.client import Client
from noxus_sdk.errors import ForbiddenError, NotFoundError, NoxusApiError
from noxus_sdk.resources.runs import RunFailureError
from noxus_sdk.workflows import WorkflowDefinition

KEY = "nx_demo_noxus"


@pytest.fixture
def base_url(emulator: Callable[..., str]) -> str:
    return emulator("noxus")


@pytest.fixture
def client(base_url: str) -> Iterator[Client]:
    with Client(KEY, base_url=base_url) as opened:
        yield opened


@pytest.fixture
def flow(client: Client) -> WorkflowDefinition:
    return next(one for one in client.workflows.list() if one.name == "2048")


def test_a_run_is_waited_for(flow: WorkflowDefinition) -> None:
    run = flow.run({"Value": "8"}, callback_url="https://hooks.example/done")
    assert (run.get_status(), run.progress, run.output) == ("queued", 0, None)
    done = run.wait()
    assert (done.status, done.output, done.progress) == ("completed", {"Output": "Output: 8"}, 100)
    assert run.wait(output_only=True) == {"Output": "Output: 8"}


def test_a_run_is_polled(flow: WorkflowDefinition) -> None:
    run = flow.run({})
    statuses = [run.refresh().status for _ in range(4)]
    assert statuses == ["running", "running", "completed", "completed"]


def test_a_version_is_run(client: Client, flow: WorkflowDefinition) -> None:
    version = flow.save_version("one")
    run = flow.run({}, workflow_version_id=version.id)
    assert client.runs.get(flow.id, run.id).status == "running"


def test_events_are_streamed_and_resumed(flow: WorkflowDefinition) -> None:
    run = flow.run({"Value": "8"})
    events = list(run.stream())
    assert [event.type for event in events] == ["content"] * 6 + ["state", "content"]
    assert [event.is_terminal for event in events] == [False] * 7 + [True]
    rest = list(run.stream(etag=events[4].redis_id))
    assert [event.redis_id for event in rest] == [event.redis_id for event in events[5:]]
    assert list(flow.run_and_stream({}))[-1].data["workflow_status"] == "completed"


@pytest.mark.parametrize("end", ["stopped", "awaiting_human_feedback"])
def test_wait_returns_when_the_stream_just_closes(flow: WorkflowDefinition, end: str) -> None:
    run = flow.run({"emulate": end})
    assert run.wait().status == end


def test_a_failure_is_raised(flow: WorkflowDefinition) -> None:
    with pytest.raises(RunFailureError):
        flow.run({"emulate": "failed"}).wait()


def test_without_the_event_stream_it_polls(emulator: Callable[..., str]) -> None:
    with Client(KEY, base_url=emulator("noxus", "--variant", "no_run_events")) as client:
        flow = next(one for one in client.workflows.list() if one.name == "2048")
        assert flow.run({"Value": 1}).wait(interval=0, output_only=True) == {"Output": "Output: 1"}


def test_synchronous_runs(client: Client, flow: WorkflowDefinition) -> None:
    whole = client.runs.run_sync(flow.id, {"Value": "8"})
    assert (whole["status"], whole["output"]) == ("completed", {"Output": "Output: 8"})
    assert client.runs.run_sync(flow.id, {"Value": "8"}, output_only=True) == {"Output": "Output: 8"}


def test_runs_are_stopped(client: Client, flow: WorkflowDefinition) -> None:
    first, second = flow.run({"emulate": "running"}), flow.run({})
    assert first.refresh().status == "running"
    assert first.stop().status == "stopped"
    assert client.runs.stop(second.id).status == "stopped"
    assert [run.status for run in client.runs.list(flow.id)] == ["stopped", "stopped"]


def test_runs_are_listed_by_page(client: Client, flow: WorkflowDefinition) -> None:
    made = [flow.run({"Value": str(number)}).id for number in range(5)]
    # The SDK sends its page_size twice over, as `page_size` and as `size`.
    listed = [run.id for page in (1, 2, 3) for run in client.runs.list(flow.id, page=page, page_size=2)]
    assert listed == made[::-1]


def test_inside_a_run(client: Client, flow: WorkflowDefinition) -> None:
    run = flow.run({"Value": "8"}).wait()
    first = flow.nodes[0].id
    assert run.data()["nodes"][0]["inputs"] == {"Value": "8"}
    assert client.runs.get_data(run.id, fetch_structured_data=False)["nodes"][0]["inputs"] is None
    assert client.runs.get_node_io(run.id, first)["outputs"] == {"output": "Input: 8"}
    assert client.runs.get_node_io(run.id, first, it=1)["it"] == 1
    with pytest.raises(NotFoundError, match="Node not found"):
        client.runs.get_node_io(run.id, "nothing")


def test_search(client: Client) -> None:
    (found,) = client.runs.search("without legs")
    assert found["input"]["Ticket"] == "My sofa came without legs"
    assert client.runs.search("without legs", search_in=["run_id"]) == []
    some = client.runs.search("sofa week", exact=False, limit=1, offset=1, search_in=["input", "output"])
    assert len(some) == 1


def test_runs_are_deleted(client: Client, flow: WorkflowDefinition) -> None:
    first, second, waiting = (flow.run({"emulate": end}) for end in ("completed", "completed", "running"))
    first.wait()
    second.wait()
    assert first.delete().succeeded == 1
    refused = client.runs.delete(waiting.id)
    assert refused.errors == {waiting.id: "Run is still in progress"}
    assert client.runs.bulk_delete(run_ids=[second.id, waiting.id]).model_dump(exclude={"errors"}) == {
        "succeeded": 1,
        "failed": 1,
        "matched": 1,
    }


def test_old_runs_are_deleted_after_a_preview(client: Client) -> None:
    cutoff = datetime(2026, 10, 31, tzinfo=UTC)
    flow = next(one for one in client.workflows.list() if one.name == "Invoice extraction")
    trial = client.runs.bulk_delete(older_than=cutoff, workflow_id=flow.id, dry_run=True)
    assert (trial.matched, trial.succeeded) == (1, 0)
    with pytest.raises(NoxusApiError, match="409 Run count changed") as caught:
        client.runs.bulk_delete(older_than=cutoff, workflow_id=flow.id, expected_count=2)
    assert type(caught.value) is NoxusApiError
    later = cutoff + timedelta(days=2)
    assert (
        client.runs.bulk_delete(older_than=later.isoformat(), workflow_id=flow.id, expected_count=2).succeeded
        == 2
    )


def test_deleting_needs_the_permission(client: Client, base_url: str, flow: WorkflowDefinition) -> None:
    run = flow.run({}).wait()
    httpx.put(f"{base_url}/__emulator__/variants", headers={"x-api-key": KEY}, json=["no_delete_history"])
    with pytest.raises(ForbiddenError, match="resource:delete_history"):
        run.delete()
