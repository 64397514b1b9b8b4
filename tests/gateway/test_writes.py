"""Writes of workflows, versions, labels and assistants, through the gateway's own HTTP API."""

import copy
from collections.abc import AsyncIterator
from typing import Any

import pytest

from gateway.callers import hash_key
from gateway.settings import CallerSettings
from gateway.settings.models import CacheTimes, PassthroughSettings
from gateway.settings.values import Right
from schemas.support import Ability
from tests.gateway.fake_server import FIRST, FakeServer
from tests.gateway.fake_vendor import fake_vendor
from tests.gateway.in_process import InProcess
from tests.gateway.writing import BASE, FLOWS, KEY, ONE, READER, RUNNER, code_of, told, writing_gateway

MERGE = ("content-type", "application/merge-patch+json")
CANONICAL: dict[str, Any] = {
    "name": "made",
    "graph": {"form": "graph", "nodes": [{"key": "n", "type": "ask", "config": {"x": 1}}]},
}


@pytest.fixture
async def gateway(fake: FakeServer) -> AsyncIterator[InProcess]:
    async with writing_gateway(fake) as running:
        yield running


async def test_a_patch_changes_what_it_names_and_nothing_else(fake: FakeServer, gateway: InProcess) -> None:
    reply = await gateway.ask(ONE, MERGE, method="PATCH", body={"description": "new"})
    assert reply.status == 200, reply.body
    assert told(reply)["workflow"]["description"] == "new"
    assert (told(reply)["losses"], told(reply)["dry_run"], told(reply)["calls"]) == ([], False, [])
    assert fake.bodies == [{"description": "new"}]
    assert fake.documents["w1"] == {**FIRST, "description": "new", "revision": 2}


@pytest.mark.parametrize("target", [ONE, ONE + "/versions/1", BASE + "/assistants/as1/workflow"])
async def test_a_patch_without_a_body_is_refused(fake: FakeServer, gateway: InProcess, target: str) -> None:
    assert code_of(await gateway.ask(target, method="PATCH")) == (400, "invalid_json")
    assert fake.bodies == []


async def test_what_was_read_before_is_not_given_out_after(fake: FakeServer, gateway: InProcess) -> None:
    by_name = FLOWS + "/first%20flow"
    targets = [ONE, by_name, FLOWS, "/v1/workflows", BASE + "/assistants/as1/workflow", ONE + "/native"]
    for target in targets * 2:
        assert (await gateway.ask(target)).status == 200
    reply = await gateway.ask(ONE, method="PATCH", body={"description": "new"})
    for target in targets:
        body = (await gateway.ask(target)).body
        assert b'"new"' in body, target
        assert b'"the first"' not in body, target
    read = await gateway.ask(ONE)
    assert read.header("etag") == reply.header("etag")


@pytest.mark.parametrize("whole", [True, False])
async def test_the_answer_is_what_a_read_gives(fake: FakeServer, gateway: InProcess, whole: bool) -> None:
    fake.whole_answers = whole
    written = told(await gateway.ask(ONE, method="PATCH", body={"description": "new"}))["workflow"]
    assert written == told(await gateway.ask(ONE))


async def test_a_field_is_taken_away_by_null(fake: FakeServer, gateway: InProcess) -> None:
    reply = await gateway.ask(ONE, method="PATCH", body={"description": None})
    assert "description" not in told(reply)["workflow"]
    assert fake.bodies == [{"description": None}]


async def test_a_patch_that_changes_nothing_sends_nothing(fake: FakeServer, gateway: InProcess) -> None:
    whole = told(await gateway.ask(ONE))
    for patch in ({}, {"description": "the first"}, whole, {"digest": "sha256:other"}):
        reply = await gateway.ask(ONE, method="PATCH", body=patch)
        assert (reply.status, told(reply)["workflow"]) == (200, whole), patch
    assert fake.changes == []


@pytest.mark.parametrize(
    ("patch", "pointer"),
    [
        ({"nonsense": 1}, "/nonsense"),
        ({"name": 5}, "/name"),
        ({"graph": {"nodes": [{"key": 1}]}}, "/graph/nodes/0/key"),
        ({"graph": None}, "/graph"),
        ({"id": "other"}, "/id"),
        ({"vendor": "other"}, "/vendor"),
        ({"status": "sleeping"}, "/status"),
        ({"tags": "one"}, "/tags"),
    ],
)
async def test_a_patch_that_does_not_fit_names_the_place(
    fake: FakeServer, gateway: InProcess, patch: Any, pointer: str
) -> None:
    reply = await gateway.ask(ONE, method="PATCH", body=patch)
    assert code_of(reply) == (422, "invalid_document")
    assert [(one["location"], one["name"]) for one in told(reply)["errors"]] == [("body", pointer)]
    assert fake.changes == []


async def test_losses_are_told_and_refused_when_strict(fake: FakeServer, gateway: InProcess) -> None:
    patch = {"tags": ["a"], "description": "new"}
    refused = await gateway.ask(ONE + "?strict=true", method="PATCH", body=patch)
    assert code_of(refused) == (409, "lossy")
    assert told(refused)["errors"] == [
        {"location": "body", "name": "/tags", "detail": "there is no place for tags"}
    ]
    assert fake.changes == []
    written = told(await gateway.ask(ONE, method="PATCH", body=patch))
    assert [loss["path"] for loss in written["losses"]] == ["/tags"]
    assert written["workflow"]["description"] == "new"


async def test_a_workflow_is_made_of_a_canonical_document(fake: FakeServer, gateway: InProcess) -> None:
    await gateway.ask(FLOWS)
    reply = await gateway.ask(FLOWS, method="POST", body={"workflow": CANONICAL})
    assert (reply.status, reply.header("location")) == (201, FLOWS + "/w2"), reply.body
    assert told(reply)["workflow"]["graph"]["nodes"][0]["config"] == {"x": 1}
    assert told(await gateway.ask(FLOWS + "/w2")) == told(reply)["workflow"]
    assert len(told(await gateway.ask(FLOWS))["items"]) == 2


async def test_a_workflow_read_can_be_made_again(fake: FakeServer, gateway: InProcess) -> None:
    read = told(await gateway.ask(ONE + "?include=native"))
    made = told(await gateway.ask(FLOWS, method="POST", body={"workflow": {**read, "name": "twin"}}))
    assert made["workflow"]["graph"] == read["graph"]


async def test_a_native_document_is_sent_as_it_is(fake: FakeServer, gateway: InProcess) -> None:
    native = {"name": "n", "steps": [], "odd": [1.0, None, 2**70]}
    reply = await gateway.ask(FLOWS, method="POST", body={"native": native})
    assert (reply.status, fake.bodies) == (201, [native])


async def test_a_creation_needs_exactly_one_document(fake: FakeServer, gateway: InProcess) -> None:
    for body in ({}, {"workflow": CANONICAL, "native": {}}):
        assert code_of(await gateway.ask(FLOWS, method="POST", body=body)) == (422, "invalid_document")
    reply = await gateway.ask(FLOWS, method="POST", body={"workflow": {"name": 1}})
    assert {one["name"] for one in told(reply)["errors"]} == {"/workflow/name", "/workflow/graph"}
    assert fake.changes == []


async def test_what_the_vendor_finds_wrong_is_told(fake: FakeServer, gateway: InProcess) -> None:
    reply = await gateway.ask(FLOWS, method="POST", body={"native": {"steps": []}})
    assert code_of(reply) == (422, "vendor_rejected")
    assert "a name is required" in told(reply)["detail"]
    field = await gateway.ask(FLOWS, method="POST", body={"native": {"id": "forbidden"}})
    assert code_of(field) == (400, "invalid_request")
    assert [(one["location"], one["name"]) for one in told(field)["errors"]] == [("body", "/id_given")]


async def test_what_is_deleted_is_gone_for_every_reader(fake: FakeServer, gateway: InProcess) -> None:
    by_name = FLOWS + "/first%20flow"
    for target in (ONE, by_name, FLOWS):
        await gateway.ask(target)
    reply = await gateway.ask(by_name, method="DELETE")
    assert (reply.status, reply.body) == (204, b"")
    assert (await gateway.ask(ONE)).status == 404
    assert (await gateway.ask(by_name)).status == 404
    assert told(await gateway.ask(FLOWS))["items"] == []


async def test_what_cannot_be_read_can_be_deleted(fake: FakeServer, gateway: InProcess) -> None:
    del fake.documents["w1"]["steps"]
    assert (await gateway.ask(ONE, ("if-match", '"x"'), method="DELETE")).status == 502
    assert (await gateway.ask(ONE, method="DELETE")).status == 204


async def test_versions_are_made_and_rewritten(fake: FakeServer, gateway: InProcess) -> None:
    assert len(told(await gateway.ask(ONE + "/versions"))["items"]) == 1
    body = {"name": "two", "note": "why", "labels": ["prod"], "patch": {"description": "second"}}
    reply = await gateway.ask(ONE + "/versions", method="POST", body=body)
    assert (reply.status, reply.header("location")) == (201, ONE + "/versions/2"), reply.body
    assert told(reply)["version"]["note"] == "why"
    assert fake.documents["w1"]["description"] == "second"
    assert len(told(await gateway.ask(ONE + "/versions"))["items"]) == 2
    renamed = await gateway.ask(ONE + "/versions/2", method="PATCH", body={"name": "deux"})
    assert told(renamed)["version"]["name"] == "deux"
    assert told(await gateway.ask(ONE + "/versions"))["items"][0]["name"] == "deux"
    as_it_is = await gateway.ask(ONE + "/versions", method="POST")
    assert (as_it_is.status, fake.bodies[-1]["content"]) == (201, {})


async def test_labels_are_set_and_moved(fake: FakeServer, gateway: InProcess) -> None:
    target = ONE + "/labels/pr%2Fod"
    assert (await gateway.ask(ONE + "/labels")).status == 200
    reply = await gateway.ask(target, method="PUT", body={"version": "1"})
    assert (reply.status, told(reply)["label"]) == (200, {"name": "pr/od", "version_number": 1})
    assert told(await gateway.ask(target))["version_number"] == 1
    missing = await gateway.ask(target, method="PUT", body={})
    assert [one["name"] for one in told(missing)["errors"]] == ["/version"]


async def test_an_assistants_workflow_is_changed_and_detached(fake: FakeServer, gateway: InProcess) -> None:
    target = BASE + "/assistants/as1/workflow"
    await gateway.ask(ONE)
    changed = await gateway.ask(target, method="PATCH", body={"name": "renamed"})
    assert told(changed)["workflow"]["name"] == "renamed"
    assert told(await gateway.ask(ONE))["name"] == "renamed"
    assert (await gateway.ask(target)).status == 200
    detached = await gateway.ask(target, method="DELETE")
    assert (detached.status, told(detached)["workflow_id"]) == (200, "w1")
    assert (await gateway.ask(target)).status == 404
    assert (await gateway.ask(ONE)).status == 200


async def test_the_vendors_words_about_a_link_are_told_without_our_credential(
    fake: FakeServer, gateway: InProcess
) -> None:
    fake.words = "done for A-SECRET-OF-SOME-LENGTH"
    detached = await gateway.ask(BASE + "/assistants/as1/workflow", method="DELETE")
    assert told(detached)["message"] == "done for ********"


async def test_assistants_are_made_of_workflows_and_workflows_of_assistants(
    fake: FakeServer, gateway: InProcess
) -> None:
    assert (await gateway.ask(BASE + "/assistants/as2/workflow")).status == 404
    made = await gateway.ask(ONE + "/promote-to-assistant", method="POST", body={"name": "A"})
    assert (made.status, made.header("location")) == (201, BASE + "/assistants/as2/workflow")
    assert (await gateway.ask(BASE + "/assistants/as2/workflow")).status == 200
    turned = await gateway.ask(
        BASE + "/assistants/as9/convert-to-workflow", method="POST", body={"name": "W"}
    )
    assert (turned.status, turned.header("location")) == (201, FLOWS + "/w2")
    assert (await gateway.ask(BASE + "/assistants/as9/workflow")).status == 200


EVERY_WRITE: tuple[tuple[str, str, Any, Ability], ...] = (
    ("POST", FLOWS, {"workflow": CANONICAL}, Ability.CREATE_WORKFLOW),
    ("PATCH", ONE, {"name": "x"}, Ability.UPDATE_WORKFLOW),
    ("DELETE", ONE, None, Ability.DELETE_WORKFLOW),
    ("POST", ONE + "/versions", {"note": "n"}, Ability.CREATE_VERSION),
    ("PATCH", ONE + "/versions/1", {"name": "n"}, Ability.UPDATE_VERSION),
    ("PUT", ONE + "/labels/prod", {"version": "1"}, Ability.SET_LABEL),
    ("PATCH", BASE + "/assistants/as1/workflow", {"name": "x"}, Ability.UPDATE_ASSISTANT_WORKFLOW),
    ("DELETE", BASE + "/assistants/as1/workflow", None, Ability.DETACH_ASSISTANT_WORKFLOW),
    ("POST", ONE + "/promote-to-assistant", {}, Ability.PROMOTE_TO_ASSISTANT),
    ("POST", BASE + "/assistants/as1/convert-to-workflow", {}, Ability.CONVERT_ASSISTANT),
    ("POST", ONE + "/runs", {"inputs": {"a": 1}}, Ability.START_RUN),
    ("POST", ONE + "/runs/r1/cancel", None, Ability.CANCEL_RUN),
)


@pytest.mark.parametrize(("method", "target", "body", "_"), EVERY_WRITE)
async def test_a_dry_run_tells_the_call_and_sends_nothing(
    fake: FakeServer, gateway: InProcess, method: str, target: str, body: Any, _: Ability
) -> None:
    before = copy.deepcopy((fake.documents, fake.versions, fake.labels, fake.assistants, fake.runs))
    reply = await gateway.ask(target + "?dry_run=true", method=method, body=body)
    assert reply.status == 200, reply.body
    assert told(reply)["dry_run"] is True
    (call,) = told(reply)["calls"]
    assert call["method"] in ("POST", "PATCH", "PUT", "DELETE")
    assert call["path"].startswith("/")
    assert fake.changes == []
    assert (fake.documents, fake.versions, fake.labels, fake.assistants, fake.runs) == before


@pytest.mark.parametrize(("method", "target", "body", "ability"), EVERY_WRITE)
async def test_what_the_vendor_lacks_is_said_before_anything_else(
    fake: FakeServer, method: str, target: str, body: Any, ability: Ability
) -> None:
    async with writing_gateway(fake, fake_vendor(ability)) as gateway:
        reply = await gateway.ask(target, ("content-type", "text/plain"), method=method, body=body)
        assert code_of(reply) == (501, "unsupported")
        assert "was told not to" in told(reply)["detail"]
    assert fake.calls == []


@pytest.mark.parametrize(("method", "target", "body", "_"), EVERY_WRITE)
async def test_a_right_is_needed(
    fake: FakeServer, gateway: InProcess, method: str, target: str, body: Any, _: Ability
) -> None:
    assert code_of(await gateway.ask(target, method=method, body=body, key=READER)) == (403, "not_allowed")
    if "/runs" not in target:
        assert code_of(await gateway.ask(target, method=method, body=body, key=RUNNER)) == (
            403,
            "not_allowed",
        )
    assert fake.calls == []


async def test_what_was_read_with_the_vendor_s_own_api_is_forgotten_too(fake: FakeServer) -> None:
    own = {"passthrough": PassthroughSettings(enabled=True), "cache": CacheTimes(passthrough=300)}
    rights = (Right.READ, Right.WRITE, Right.PASSTHROUGH)
    callers = (CallerSettings(name="writer", key_hashes=(hash_key(KEY),), rights=rights),)
    async with writing_gateway(fake, connection=own, callers=callers) as gateway:
        for _ in range(2):
            before = await gateway.ask("/passthrough/acc/workflows/w1")
        assert "hit" in (before.header("cache-status") or "")
        assert (await gateway.ask(ONE, method="PATCH", body={"name": "Changed"})).status == 200
        assert told(await gateway.ask("/passthrough/acc/workflows/w1"))["name"] == "Changed"
