"""What is sent to make, change and delete workflows, and what is made of the answers."""

import asyncio
import copy
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.contract import Fetched
from adapters.errors import InvalidRequest, VendorConflict, VendorSurprise
from adapters.noxus import VENDOR
from adapters.noxus.api import NoxusApi
from adapters.writing import Change
from schemas.base import JsonObject, JsonValue
from schemas.workflow import Workflow
from tests.vendors.noxus.helpers import ORDINARY, WORKFLOW, FakeHttp, names, parse, record, recording

API = NoxusApi()
CREATE = "POST v1/workflows"
UPDATE = f"PATCH v1/workflows/{WORKFLOW}"
UPDATE_SENT = f"{UPDATE}?force=False"
DELETE = f"DELETE v1/workflows/{WORKFLOW}"


def change(base: JsonObject, **fields: JsonValue) -> Change:
    return Change({**base, **fields}, Fetched(base))


async def test_a_workflow_is_made_of_what_a_record_holds() -> None:
    http = FakeHttp({}, {"etag": "1"}, {CREATE: record()})
    written = await API.create(http, recording(ORDINARY) | {"something_new": 1})
    assert (written.workflow_id, written.created) == (WORKFLOW, True)
    assert written.fetched is not None
    assert (written.fetched.document, written.fetched.validators) == (record(), {"etag": "1"})
    ((call, body),) = http.sent
    assert call == CREATE
    assert body["definition"] == recording(ORDINARY)["definition"]
    assert body["something_new"] == 1
    assert not body.keys() & {"id", "group_id", "created_at", "workflow_hash", "app_settings_v2"}
    assert None not in body.values()


@pytest.mark.parametrize(
    ("fields", "parameter"),
    [
        ({"name": None}, "name"),
        ({"type": 7}, "type"),
        ({"definition": None}, "definition"),
        ({"definition": []}, "definition"),
    ],
)
async def test_what_a_workflow_needs_is_asked_for_before_anything_is_sent(
    fields: JsonObject, parameter: str
) -> None:
    http = FakeHttp({})
    with pytest.raises(InvalidRequest) as caught:
        await API.create(http, record(**fields))
    assert caught.value.parameter == parameter
    assert http.sent == []


@pytest.mark.parametrize("answer", [None, [], "made", {}, {"id": 7}, {"id": ""}])
async def test_a_creation_has_to_name_the_workflow(answer: Any) -> None:
    with pytest.raises(VendorSurprise):
        await API.create(FakeHttp({}, writes={CREATE: answer}), record())


async def test_only_what_differs_is_sent() -> None:
    base = recording(ORDINARY)
    http = FakeHttp({}, writes={UPDATE: {**base, "name": "Another"}})
    written = await API.update(http, WORKFLOW, change(base, name="Another"))
    assert http.sent == [(UPDATE_SENT, {"name": "Another"})]
    assert written.workflow_id == WORKFLOW
    assert written.fetched is not None
    assert written.fetched.document["name"] == "Another"


async def test_one_and_true_differ() -> None:
    base = record(settings={"top_p": 1})
    http = FakeHttp({}, writes={UPDATE: {**base, "settings": {"top_p": True}}})
    await API.update(http, WORKFLOW, change(base, settings={"top_p": True}))
    assert http.sent == [(UPDATE_SENT, {"settings": {"top_p": True}})]


async def test_what_is_taken_away_is_sent_as_null() -> None:
    base = record(description="old", error_handler="e", saved=None)
    http = FakeHttp({}, writes={UPDATE: record()})
    await API.update(http, WORKFLOW, Change(record(error_handler=None), Fetched(base)))
    assert http.sent == [(UPDATE_SENT, {"description": None, "error_handler": None})]


async def test_without_a_difference_nothing_is_sent() -> None:
    http = FakeHttp({})
    written = await API.update(http, WORKFLOW, change(record()))
    assert http.sent == []
    assert written.fetched == Fetched(record())


@pytest.mark.parametrize("field", ["id", "deleted_at", "app_settings_v2", "is_app_published", "runs_count"])
async def test_what_the_vendor_keeps_by_itself_cannot_be_changed(field: str) -> None:
    http = FakeHttp({})
    with pytest.raises(InvalidRequest) as caught:
        await API.update(http, WORKFLOW, change(record(), **{field: "x", "name": "Another"}))
    assert caught.value.parameter == field
    assert http.sent == []


async def test_a_change_that_has_to_be_forced_is_a_conflict() -> None:
    http = FakeHttp({}, writes={UPDATE: VendorConflict("use force", status=409)})
    with pytest.raises(VendorConflict):
        await API.update(http, WORKFLOW, change(record(), name="x"))


async def test_a_field_that_is_passed_over_does_not_go_unnoticed() -> None:
    base = record(settings={"top_k": 1}, description="old")
    http = FakeHttp({}, writes={UPDATE: {**base, "name": "New"}})
    wanted = change(base, settings={"top_k": 2}, description="new", name="New")
    with pytest.raises(VendorSurprise, match="left settings, description as it was"):
        await API.update(http, WORKFLOW, wanted)


async def test_a_field_that_is_written_in_the_vendors_way_is_not_passed_over() -> None:
    base = record(settings={"top_k": 1})
    http = FakeHttp({}, writes={UPDATE: {**base, "settings": {"top_k": 2, "top_p": 1}}})
    await API.update(http, WORKFLOW, change(base, settings={"top_k": 2}))


@pytest.mark.parametrize("answer", [{"id": WORKFLOW}, {"definition": None}])
async def test_an_answer_without_a_definition_is_not_the_workflow(answer: JsonObject) -> None:
    http = FakeHttp({}, writes={UPDATE: answer})
    assert (await API.update(http, WORKFLOW, change(record(), name="x"))).fetched is None
    made = await API.create(FakeHttp({}, writes={CREATE: {"id": WORKFLOW, **answer}}), record())
    assert (made.workflow_id, made.fetched) == (WORKFLOW, None)


@pytest.mark.parametrize("answer", [{"success": True}, {}, None, [], "gone"])
async def test_a_workflow_is_deleted(answer: JsonValue) -> None:
    http = FakeHttp({}, writes={DELETE: answer})
    await API.delete(http, WORKFLOW)
    assert http.sent == [(DELETE, None)]


async def test_a_deletion_that_was_none_is_a_surprise() -> None:
    with pytest.raises(VendorSurprise):
        await API.delete(FakeHttp({}, writes={DELETE: {"success": False}}), WORKFLOW)


async def test_a_workflow_that_was_made_of_nothing_can_be_sent() -> None:
    workflow = parse(recording(ORDINARY)).model_copy(update={"id": "new", "name": "Copy"})
    rendered = VENDOR.mapping.render(workflow, None)
    http = FakeHttp({}, writes={CREATE: record()})
    await API.create(http, rendered.document)
    ((_, body),) = http.sent
    assert body["name"] == "Copy"
    assert "id" not in body


def test_being_published_is_a_loss_and_not_written() -> None:
    base = record(is_app_published=False)
    wanted = parse(base).model_copy(update={"published": True})
    rendered = VENDOR.mapping.render(wanted, base)
    assert rendered.document == base
    assert [loss.path for loss in rendered.losses] == ["/published"]


UNKNOWN = (
    st.none() | st.booleans() | st.integers(-9, 9) | st.just(1.0) | st.just("ü") | st.just({"deep": [None]})
)


@st.composite
def spiced(draw: st.DrawFn) -> JsonObject:
    """A recorded workflow with fields that nobody knows anywhere inside."""
    document = recording(draw(st.sampled_from(names())))
    for holder in list(_objects(document)):
        if draw(st.booleans()):
            holder["x_unheard_of"] = draw(UNKNOWN)
    return {"id": WORKFLOW, **document}


def _objects(value: JsonValue) -> Iterator[JsonObject]:
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _objects(inner)


def _sent(base: JsonObject, wanted: Workflow) -> JsonValue:
    """What an update sends; None for nothing."""
    http = FakeHttp({}, writes={UPDATE: {}})
    update = Change(VENDOR.mapping.render(wanted, base).document, Fetched(base))
    asyncio.run(API.update(http, WORKFLOW, update))
    return http.sent[0][1] if http.sent else None


@given(spiced())
def test_a_changed_text_is_all_that_is_sent_of_a_document_full_of_unknown_fields(base: JsonObject) -> None:
    untouched = copy.deepcopy(base)
    workflow = parse(base)
    assert _sent(base, workflow) is None
    assert _sent(base, workflow.model_copy(update={"description": "Changed"})) == {"description": "Changed"}
    assert base == untouched


@given(spiced(), st.data())
def test_a_renamed_node_is_all_that_changes_in_the_definition(base: JsonObject, data: st.DataObject) -> None:
    workflow = parse(base)
    if not workflow.graph.nodes:
        return
    index = data.draw(st.integers(0, len(workflow.graph.nodes) - 1))
    nodes = list(workflow.graph.nodes)
    nodes[index] = nodes[index].model_copy(update={"name": "Renamed"})
    sent = _sent(
        base,
        workflow.model_copy(update={"graph": workflow.graph.model_copy(update={"nodes": tuple(nodes)})}),
    )
    assert list(sent) == ["definition"]
    before, after = base["definition"], sent["definition"]
    assert {**after, "nodes": None} == {**before, "nodes": None}
    changed = [pair for pair in zip(before["nodes"], after["nodes"], strict=True) if pair[0] != pair[1]]
    assert [{**old, "name": "Renamed"} for old, _ in changed] == [new for _, new in changed]
    assert len(changed) == 1
