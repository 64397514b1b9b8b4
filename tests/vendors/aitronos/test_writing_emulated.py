"""Writes to the emulator over a socket: what one call changes, a later read shows."""

import json
from typing import Any

import pytest

from adapters.aitronos import VENDOR
from adapters.aitronos.api import Api
from adapters.contract import Fetched, Http
from adapters.errors import VendorConflict, VendorNotFound, VendorRejected
from adapters.writing import Change
from emulators.aitronos.seed.blocks import flow_id
from emulators.aitronos.seed.people import make_id
from schemas.workflow import Workflow, WorkflowStatus
from schemas.writes import Conversion, Promotion
from tests.vendors.aitronos.helpers import changed, differences, over_socket, parse, record, recording, render

API = Api()


async def patched(http: Http, workflow_id: str, **fields: Any) -> tuple[Any, Any]:
    """The vendor's copy before and after a change of the canonical form."""
    base = await API.fetch(http, workflow_id)
    document = render(changed(parse(base.document), **fields), base.document).document
    written = await API.update(http, workflow_id, Change(document, base))
    after = await API.fetch(http, workflow_id)
    assert written.fetched == after
    return base.document, after.document


def of(fetched: Fetched) -> Workflow:
    return VENDOR.mapping.parse(fetched, "demo")


async def test_a_workflow_is_made_read_and_deleted() -> None:
    async with over_socket() as (http, _):
        written = await API.create(http, record({"any": {"shape": [1, 1.0, None]}}, description="new"))
        fetched = await API.fetch(http, written.workflow_id)
        assert (written.created, written.fetched) == (True, fetched)
        assert written.workflow_id != "flow_1"
        assert json.dumps(fetched.document["definition"]) == '{"any": {"shape": [1, 1.0, null]}}'
        await API.delete(http, written.workflow_id)
        with pytest.raises(VendorNotFound):
            await API.fetch(http, written.workflow_id)
        with pytest.raises(VendorNotFound):
            await API.delete(http, written.workflow_id)


@pytest.mark.parametrize("status", [WorkflowStatus.ACTIVE, WorkflowStatus.INACTIVE])
async def test_a_canonical_workflow_is_made_in_the_state_it_has(status: WorkflowStatus) -> None:
    source = changed(parse(recording("get_n8n_twelve_nodes")), status=status, external_ids=())
    rendered = render(source)
    async with over_socket("strict_bodies") as (http, _):
        written = await API.create(http, rendered.document)
        made = of(await API.fetch(http, written.workflow_id))
    assert (made.status, made.name, made.graph) == (status, source.name, source.graph)
    assert made.settings == source.settings


@pytest.mark.parametrize(("variant", "told"), [("strict_bodies", None), ("upsert_200", False)])
async def test_a_creation_repeated_with_its_external_id_makes_nothing_new(variant: str, told: Any) -> None:
    async with over_socket(variant) as (http, backend):
        document = {"name": "A", "definition": {}, "external_id": "mine/1"}
        first = await API.create(http, document)
        count = len(backend.state.live_workflows())
        second = await API.create(http, document)
        assert (first.workflow_id, first.created) == (second.workflow_id, None)
        assert second.created is told
        third = await API.create(http, {**document, "definition": {"a": 1}})
        assert (third.workflow_id, third.created) == (first.workflow_id, False)
        assert len(backend.state.live_workflows()) == count


@pytest.mark.parametrize(
    ("field", "value", "native"),
    [
        ("name", "Renamed", "/name"),
        ("description", "Other", "/description"),
        ("description", None, "/description"),
        ("status", WorkflowStatus.INACTIVE, "/is_active"),
        ("external_ids", ({"id": "fp/9"},), "/external_id"),
        ("external_ids", (), "/external_id"),
    ],
)
@pytest.mark.parametrize("variant", ["strict_bodies", "omit_nulls"])
async def test_one_changed_field_is_all_that_changes(
    field: str, value: Any, native: str, variant: str
) -> None:
    async with over_socket(variant) as (http, backend):
        backend.state.workflows[flow_id("gear-quiz")].description = "as it was"
        before, after = await patched(http, flow_id("gear-quiz"), **{field: value})
    assert set(differences(before, after)) - {"/updated_at"} == {native}


async def test_an_external_id_in_use_is_a_conflict() -> None:
    async with over_socket() as (http, _):
        with pytest.raises(VendorConflict):
            await patched(http, flow_id("gear-quiz"), external_ids=({"id": "desk/hand-off #1"},))


async def test_what_the_vendor_refuses_keeps_its_words() -> None:
    async with over_socket("strict_bodies") as (http, _):
        with pytest.raises(VendorRejected) as caught:
            await API.create(http, record({}, x_new=1))
    assert [fault.path for fault in caught.value.said.faults] != []
    with_long_name = {"name": "n" * 256, "definition": {}}
    async with over_socket("fastapi_validation") as (http, _):
        with pytest.raises(VendorRejected) as caught:
            await API.create(http, with_long_name)
    assert [fault.path for fault in caught.value.said.faults] == ["body/name"]


async def test_an_assistants_workflow_is_changed_and_detached() -> None:
    assistant_id, workflow_id = make_id("asst_", "helpdesk"), flow_id("support-triage")
    async with over_socket() as (http, _):
        base = await API.fetch_assistant_workflow(http, assistant_id)
        document = render(changed(of(base), name="Triage 2"), base.document).document
        written = await API.update_assistant_workflow(http, assistant_id, Change(document, base))
        after = await API.fetch(http, workflow_id)
        assert (written.workflow_id, written.fetched) == (workflow_id, after)
        assert set(differences(base.document, after.document)) - {"/updated_at"} == {"/name"}
        result = await API.detach_assistant_workflow(http, assistant_id)
        assert (result.assistant_id, result.workflow_id) == (assistant_id, workflow_id)
        assert result.message
        link = of(await API.fetch(http, workflow_id)).assistant
        assert link is None or link.assistant_id is None
        with pytest.raises(VendorNotFound):
            await API.fetch_assistant_workflow(http, assistant_id)
        again = await API.detach_assistant_workflow(http, assistant_id)
        assert (again.assistant_id, again.workflow_id) == (assistant_id, None)


async def test_a_workflow_becomes_an_assistant() -> None:
    workflow_id = flow_id("tour-ideas")
    async with over_socket("strict_bodies") as (http, _):
        result = await API.promote_to_assistant(http, workflow_id, Promotion(name="Guide", description="d"))
        assert result.assistant_id is not None
        assert result.workflow_id == workflow_id
        answering = of(await API.fetch_assistant_workflow(http, result.assistant_id))
        assert answering.id == workflow_id
        assert answering.assistant is not None
        assert answering.assistant.assistant_id == result.assistant_id
        with pytest.raises(VendorConflict):
            await API.promote_to_assistant(http, workflow_id, Promotion())


@pytest.mark.parametrize("variant", ["strict_bodies", "promote_400"])
async def test_which_of_several_models_answers_has_to_be_said(variant: str) -> None:
    async with over_socket(variant) as (http, _):
        definition = recording("get_n8n_twelve_nodes")["definition"]
        models = [node for node in definition["nodes"] if node["type"].endswith("freddyLLM")]
        assert len(models) > 1
        made = await API.create(http, {"name": "Two models", "definition": definition})
        with pytest.raises(VendorRejected):
            await API.promote_to_assistant(http, made.workflow_id, Promotion())
        promotion = Promotion(primary_node_id=models[1]["id"])
        result = await API.promote_to_assistant(http, made.workflow_id, promotion)
        assert result.workflow_id == made.workflow_id


@pytest.mark.parametrize("variant", ["strict_bodies", "convert_200"])
async def test_an_assistant_becomes_a_workflow(variant: str) -> None:
    assistant_id = make_id("asst_", "gear-advisor")
    async with over_socket(variant) as (http, _):
        result = await API.convert_assistant(http, assistant_id, Conversion(name="Advice", description="d"))
        linked = of(await API.fetch_assistant_workflow(http, assistant_id))
        assert (result.assistant_id, result.workflow_id) == (assistant_id, linked.id)
        assert (linked.name, linked.description) == ("Advice", "d")
        with pytest.raises(VendorConflict):
            await API.convert_assistant(http, assistant_id, Conversion())


async def test_a_deleted_workflow_leaves_its_assistant_alone() -> None:
    async with over_socket("delete_200") as (http, _):
        await API.delete(http, flow_id("support-triage"))
        with pytest.raises(VendorNotFound):
            await API.fetch_assistant_workflow(http, make_id("asst_", "helpdesk"))
