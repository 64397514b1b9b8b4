"""The support matrix, driven: what a vendor can do is done and seen in a later read; the rest is 501."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from gateway.callers import hash_key
from gateway.settings import CallerSettings
from gateway.settings.values import Right
from schemas.support import Ability
from tests.contract.conftest import vendors
from tests.gateway.in_process import InProcess, Reply, in_process, path_of
from tests.gateway.test_ways import LASTING
from tests.house import KEY, House

CALLERS = (CallerSettings(name="everything", key_hashes=(hash_key(KEY),), rights=tuple(Right)),)
EMULATED = ("aitronos", "noxus", "promptlayer")
COVERED_ELSEWHERE = {Ability.CONDITIONAL_GET}
"""It has no route of its own, see `test_a_vendor_with_validators_is_asked_conditionally`."""


@pytest.fixture
async def gateway(house: House) -> AsyncIterator[InProcess]:
    house.touched.update(EMULATED)  # put back in order after the writes, before the next test
    async with in_process(house, LASTING, callers=CALLERS) as started:
        yield started


class Work:
    """One vendor behind the gateway, and what the scenarios need of it."""

    def __init__(self, gateway: InProcess, vendor: str) -> None:
        self.gateway = gateway
        self.base = f"/v1/connections/{vendor}-test"
        self.made = 0

    async def get(self, target: str, status: int = 200) -> Any:
        reply = await self.gateway.ask(target)
        assert reply.status == status, (target, reply.status, reply.body[:500])
        return json.loads(reply.body)

    async def change(
        self, method: str, target: str, body: Any = None, status: tuple[int, ...] = (200, 201)
    ) -> Any:
        reply: Reply = await self.gateway.ask(target, method=method, body=body)
        assert reply.status in status, (method, target, reply.status, reply.body[:800])
        return json.loads(reply.body) if reply.body else None

    async def readable(self) -> list[dict[str, Any]]:
        """Return seeded workflows with a graph of several nodes, as they are read, from the listing."""
        found = []
        for item in (await self.get(f"{self.base}/workflows?limit=200"))["items"]:
            reply = await self.gateway.ask(path_of(item))
            if reply.status == 200 and len(json.loads(reply.body)["graph"]["nodes"]) > 1:
                found.append(json.loads(reply.body))
        return found

    async def new(self) -> str:
        """Make a copy of a seeded workflow under a name of its own and return its path."""
        self.made += 1
        whole = (await self.readable())[0]
        wanted = {
            name: whole[name]
            for name in ("graph", "kind", "native_kind", "inputs", "outputs")
            if name in whole
        }
        result = await self.change(
            "POST", f"{self.base}/workflows", {"workflow": {**wanted, "name": f"Matrix {self.made}"}}
        )
        return path_of(result["workflow"])


async def lists(work: Work) -> None:
    assert (await work.get(f"{work.base}/workflows"))["items"]


async def gets(work: Work) -> None:
    assert await work.readable()


async def probes(work: Work) -> None:
    assert (await work.get(f"{work.base}?probe=true"))["health"]["state"] == "healthy"


async def creates(work: Work) -> None:
    path = await work.new()
    made = await work.get(path)
    assert made["name"] == "Matrix 1"
    names = [
        item["name"] for item in (await work.get(f"{work.base}/workflows?limit=200&text=Matrix"))["items"]
    ]
    assert "Matrix 1" in names


async def updates(work: Work) -> None:
    path = await work.new()
    before = await work.get(path)
    changed = _with_config(before)
    await work.change("PATCH", path, {"graph": {"nodes": changed}})
    after = await work.get(path)
    assert any("x_matrix" in node["config"] for node in after["graph"]["nodes"])
    assert len(after["graph"]["nodes"]) == len(before["graph"]["nodes"])


async def deletes(work: Work) -> None:
    path = await work.new()
    await work.get(path)
    await work.change("DELETE", path, status=(204,))
    await work.get(path, status=404)
    left = (await work.get(f"{work.base}/workflows?limit=200&text=Matrix"))["items"]
    assert all(item["status"] == "deleted" for item in left)  # PromptLayer goes on listing what is deleted


async def makes_versions(work: Work) -> None:
    path = await work.new()
    before = (await work.get(f"{path}/versions"))["items"]
    body = (
        {"name": "Saved", "note": "by the matrix"}
        if work.base.startswith("/v1/connections/noxus")
        else {"note": "n"}
    )
    await work.change("POST", f"{path}/versions", body)
    assert len((await work.get(f"{path}/versions"))["items"]) == len(before) + 1


async def reads_versions(work: Work) -> None:
    for whole in await work.readable():
        for version in (await work.get(f"{path_of(whole)}/versions"))["items"][:1]:
            reference = version.get("number") or version["id"]
            assert (await work.get(f"{path_of(whole)}?version={reference}"))["id"] == whole["id"]
            return
    raise AssertionError("no workflow has a version")


async def rewrites_versions(work: Work) -> None:
    path = await work.new()
    made = await work.change("POST", f"{path}/versions", {"name": "Saved", "note": "first"})
    await work.get(f"{path}/versions")
    await work.change("PATCH", f"{path}/versions/{made['version']['id']}", {"name": "Renamed"})
    assert "Renamed" in [version["name"] for version in (await work.get(f"{path}/versions"))["items"]]


async def reads_labels(work: Work) -> None:
    for whole in await work.readable():
        for label in (await work.get(f"{path_of(whole)}/labels"))["items"][:1]:
            read = await work.get(f"{path_of(whole)}?label={label['name']}")
            assert read["version"]["number"] == label["version_number"]
            return
    raise AssertionError("no workflow has a label")


async def sets_labels(work: Work) -> None:
    path = await work.new()
    await work.get(f"{path}/labels")
    set_ = await work.change("PUT", f"{path}/labels/matrix", {"version": "1"})
    labels = {label["name"]: label for label in (await work.get(f"{path}/labels"))["items"]}
    assert labels["matrix"]["version_number"] == set_["label"]["version_number"]


async def promotes(work: Work) -> None:
    path = await work.new()
    assistant = (await work.change("POST", f"{path}/promote-to-assistant", await _promotion(work, path)))[
        "assistant_id"
    ]
    linked = await work.get(f"{work.base}/assistants/{assistant}/workflow")
    assert linked["id"] == (await work.get(path))["id"]


async def updates_by_assistant(work: Work) -> None:
    path = await work.new()
    assistant = (await work.change("POST", f"{path}/promote-to-assistant", await _promotion(work, path)))[
        "assistant_id"
    ]
    target = f"{work.base}/assistants/{assistant}/workflow"
    await work.get(target)
    await work.change("PATCH", target, {"name": "Renamed by its assistant"})
    assert (await work.get(target))["name"] == "Renamed by its assistant"
    assert (await work.get(path))["name"] == "Renamed by its assistant"


async def detaches(work: Work) -> None:
    path = await work.new()
    assistant = (await work.change("POST", f"{path}/promote-to-assistant", await _promotion(work, path)))[
        "assistant_id"
    ]
    target = f"{work.base}/assistants/{assistant}/workflow"
    await work.get(target)
    await work.change("DELETE", target, status=(200, 204))
    await work.get(target, status=404)
    await work.get(path)


async def converts(work: Work) -> None:
    path = await work.new()
    assistant = (await work.change("POST", f"{path}/promote-to-assistant", await _promotion(work, path)))[
        "assistant_id"
    ]
    await work.change("DELETE", f"{work.base}/assistants/{assistant}/workflow", status=(200, 204))
    made = await work.change(
        "POST", f"{work.base}/assistants/{assistant}/convert-to-workflow", {"name": "Matrix made"}
    )
    linked = await work.get(f"{work.base}/assistants/{assistant}/workflow")
    assert linked["id"] == made["workflow_id"]


async def runs(work: Work) -> None:
    path = path_of((await work.readable())[0])
    started = await work.change("POST", f"{path}/runs", {"inputs": {}}, status=(200, 201, 202))
    run = await _ended(work, f"{path}/runs/{started['id']}")
    assert run["id"] == started["id"]


async def follows(work: Work) -> None:
    path = path_of((await work.readable())[0])
    started = await work.change("POST", f"{path}/runs", {"inputs": {}}, status=(200, 201, 202))
    reply = await work.gateway.ask(f"{path}/runs/{started['id']}/events")
    assert reply.header("content-type") == "text/event-stream; charset=utf-8" or "event-stream" in str(
        reply.header("content-type")
    )
    events = [json.loads(line[5:]) for line in reply.body.decode().splitlines() if line.startswith("data:")]
    assert events[-1]["run"]["state"] in ("succeeded", "failed", "cancelled")


async def cancels(work: Work) -> None:
    path = path_of((await work.readable())[0])
    started = await work.change("POST", f"{path}/runs", {"inputs": {}}, status=(200, 201, 202))
    await work.change("POST", f"{path}/runs/{started['id']}/cancel", status=(200, 202, 409))
    assert (await _ended(work, f"{path}/runs/{started['id']}"))["state"] in (
        "cancelled",
        "succeeded",
        "failed",
    )


async def _ended(work: Work, target: str) -> Any:
    async with asyncio.timeout(20):
        while (run := await work.get(target))["state"] not in ("succeeded", "failed", "cancelled"):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    return run


async def _promotion(work: Work, path: str) -> dict[str, str]:
    nodes = (await work.get(path))["graph"]["nodes"]
    models = [node for node in nodes if node["role"] == "llm" and "id" in node]
    named = {"primary_node_id": models[0]["id"]} if len(models) > 1 else {}
    return {"name": "Matrix assistant", **named}


def _with_config(whole: dict[str, Any]) -> list[dict[str, Any]]:
    first, *rest = whole["graph"]["nodes"]
    return [{**first, "config": {**first["config"], "x_matrix": "1"}}, *rest]


SCENARIOS: dict[Ability, Callable[[Work], Awaitable[None]]] = {
    Ability.LIST_WORKFLOWS: lists,
    Ability.GET_WORKFLOW: gets,
    Ability.GET_VERSION: reads_versions,
    Ability.GET_LABEL: reads_labels,
    Ability.LIST_VERSIONS: reads_versions,
    Ability.LIST_LABELS: reads_labels,
    Ability.GET_ASSISTANT_WORKFLOW: promotes,
    Ability.PROBE: probes,
    Ability.CREATE_WORKFLOW: creates,
    Ability.UPDATE_WORKFLOW: updates,
    Ability.DELETE_WORKFLOW: deletes,
    Ability.CREATE_VERSION: makes_versions,
    Ability.UPDATE_VERSION: rewrites_versions,
    Ability.SET_LABEL: sets_labels,
    Ability.UPDATE_ASSISTANT_WORKFLOW: updates_by_assistant,
    Ability.DETACH_ASSISTANT_WORKFLOW: detaches,
    Ability.PROMOTE_TO_ASSISTANT: promotes,
    Ability.CONVERT_ASSISTANT: converts,
    Ability.START_RUN: runs,
    Ability.GET_RUN: runs,
    Ability.FOLLOW_RUN: follows,
    Ability.CANCEL_RUN: cancels,
}

REQUESTS: dict[Ability, tuple[str, str, Any]] = {
    Ability.GET_VERSION: ("GET", "/workflows/x?version=1", None),
    Ability.GET_LABEL: ("GET", "/workflows/x?label=production", None),
    Ability.LIST_VERSIONS: ("GET", "/workflows/x/versions", None),
    Ability.LIST_LABELS: ("GET", "/workflows/x/labels", None),
    Ability.GET_ASSISTANT_WORKFLOW: ("GET", "/assistants/x/workflow", None),
    Ability.CREATE_WORKFLOW: ("POST", "/workflows", {"native": {}}),
    Ability.UPDATE_WORKFLOW: ("PATCH", "/workflows/x", {"name": "y"}),
    Ability.DELETE_WORKFLOW: ("DELETE", "/workflows/x", None),
    Ability.CREATE_VERSION: ("POST", "/workflows/x/versions", {}),
    Ability.UPDATE_VERSION: ("PATCH", "/workflows/x/versions/1", {"name": "y"}),
    Ability.SET_LABEL: ("PUT", "/workflows/x/labels/y", {"version": "1"}),
    Ability.UPDATE_ASSISTANT_WORKFLOW: ("PATCH", "/assistants/x/workflow", {"name": "y"}),
    Ability.DETACH_ASSISTANT_WORKFLOW: ("DELETE", "/assistants/x/workflow", None),
    Ability.PROMOTE_TO_ASSISTANT: ("POST", "/workflows/x/promote-to-assistant", {}),
    Ability.CONVERT_ASSISTANT: ("POST", "/assistants/x/convert-to-workflow", {}),
    Ability.START_RUN: ("POST", "/workflows/x/runs", {}),
    Ability.GET_RUN: ("GET", "/workflows/x/runs/y", None),
    Ability.FOLLOW_RUN: ("GET", "/workflows/x/runs/y/events", None),
    Ability.CANCEL_RUN: ("POST", "/workflows/x/runs/y/cancel", None),
}


def pairs(*, available: bool) -> Any:
    found = [
        pytest.param(name, ability, id=f"{name}-{ability}")
        for name in EMULATED
        for ability, support in vendors()[name].support.items()
        if support.available == available and ability not in COVERED_ELSEWHERE
    ]
    return pytest.mark.parametrize(("vendor", "ability"), found)


@pairs(available=True)
async def test_what_a_vendor_can_do_is_done_and_seen_later(
    gateway: InProcess, vendor: str, ability: Ability
) -> None:
    await SCENARIOS[ability](Work(gateway, vendor))


@pairs(available=False)
async def test_what_a_vendor_lacks_is_501_with_the_matrix_s_reason(
    gateway: InProcess, vendor: str, ability: Ability
) -> None:
    method, target, body = REQUESTS[ability]
    reply = await gateway.ask(f"/v1/connections/{vendor}-test{target}", method=method, body=body)
    problem = json.loads(reply.body)
    assert (reply.status, problem["code"]) == (501, "unsupported"), problem
    assert str(vendors()[vendor].support[ability].reason) in problem["detail"]
