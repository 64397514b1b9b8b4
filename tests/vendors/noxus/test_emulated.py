"""Noxus's writes, agents and runs against its emulator, whose documented contradictions are switched on in turn."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from adapters.contract import Fetched, Http, PageRequest
from adapters.errors import VendorConflict, VendorNotFound, VendorRejected
from adapters.noxus import VENDOR
from adapters.noxus.api import NoxusApi
from adapters.noxus.following import follow
from adapters.noxus.links import is_linked, without_link
from adapters.writing import Change, VersionContent
from schemas.base import JsonObject
from schemas.runs import RunEvent, RunState
from schemas.writes import Promotion, RunStart
from tests.contract.conftest import served

API = NoxusApi()
BY_THEMSELVES = {"last_updated_at", "workflow_hash"}
"""Fields of a record that follow a change."""


async def records(http: Http) -> AsyncIterator[Fetched]:
    for item in (await API.page(http, PageRequest(100))).items:
        yield await API.fetch(http, item["id"])


async def runnable(http: Http) -> str:
    async for fetched in records(http):
        if fetched.document["name"] == "Support ticket triage":
            return str(fetched.document["id"])
    raise AssertionError("the seed has changed")


async def agents(http: Http) -> list[JsonObject]:
    answer: Any = (await http.get("v1", "agents")).document
    return list(answer["items"])


def rendered(fetched: Fetched, **update: Any) -> Change:
    workflow = VENDOR.mapping.parse(fetched, "demo").model_copy(update=update)
    return Change(VENDOR.mapping.render(workflow, fetched.base).document, fetched)


async def test_a_change_of_one_field_leaves_every_other_field_of_the_record() -> None:
    async with served(VENDOR) as http:
        count = 0
        async for fetched in records(http):
            update = rendered(fetched, description="Changed by a test")
            written = await API.update(http, fetched.document["id"], update)
            wanted = {**fetched.document, "description": "Changed by a test"}
            assert written.fetched is not None
            after = (await API.fetch(http, fetched.document["id"])).document
            assert after == written.fetched.document
            assert after.keys() - BY_THEMSELVES == wanted.keys() - BY_THEMSELVES
            assert {name for name in wanted if after[name] != wanted[name]} <= BY_THEMSELVES
            count += 1
        assert count >= 12


async def test_fields_that_nobody_knows_outlive_a_change_of_the_graph() -> None:
    async with served(VENDOR) as http:
        fetched = await anext(one async for one in records(http) if _is_ordinary(one.document))
        odd = {"x_unheard_of": [1, None, {"deep": 1.0}]}
        definition = {**fetched.document["definition"], **odd}
        nodes = [{**node, **odd} for node in definition["nodes"]]
        document = {**fetched.document, "definition": {**definition, "nodes": nodes}}
        await API.update(http, document["id"], Change(document, fetched))
        odd_one = await API.fetch(http, document["id"])
        assert odd_one.document["definition"] == document["definition"]
        workflow = VENDOR.mapping.parse(odd_one, "demo")
        renamed = workflow.graph.nodes[0].model_copy(update={"name": "Renamed"})
        graph = workflow.graph.model_copy(update={"nodes": (renamed, *workflow.graph.nodes[1:])})
        await API.update(http, document["id"], rendered(odd_one, graph=graph))
        nodes[0] = {**nodes[0], "name": "Renamed"}
        after = (await API.fetch(http, document["id"])).document
        assert after["definition"] == {**document["definition"], "nodes": nodes}


async def test_the_graph_of_a_live_app_is_a_conflict() -> None:
    async with served(VENDOR) as http:
        found = [one async for one in records(http) if _is_live(one.document)]
        assert found
        definition = {**found[0].document["definition"], "edges": []}
        document = {**found[0].document, "definition": definition}
        with pytest.raises(VendorConflict) as caught:
            await API.update(http, document["id"], Change(document, found[0]))
        assert caught.value.said.message is not None
        assert (await API.fetch(http, document["id"])).document == found[0].document


def _is_ordinary(record: JsonObject) -> bool:
    definition = record.get("definition")
    return not _is_live(record) and isinstance(definition, dict) and len(definition.get("nodes") or ()) > 2


def _is_live(record: JsonObject) -> bool:
    return bool((record.get("app_settings_v2") or {}).get("is_active"))


async def test_what_the_vendor_finds_wrong_is_told_with_its_place() -> None:
    async with served(VENDOR) as http:
        document = {"name": "x", "type": "flow", "definition": {"nodes": [{"id": "a"}], "edges": []}}
        with pytest.raises(VendorRejected) as caught:
            await API.create(http, document)
        assert caught.value.said.faults[0].path == "body/definition/nodes/0/type"


@pytest.mark.parametrize("variants", [(), ("delete_204",)])
async def test_a_deletion_is_one_with_and_without_an_answer(variants: tuple[str, ...]) -> None:
    async with served(VENDOR, *variants) as http:
        workflow_id = await runnable(http)
        await API.delete(http, workflow_id)
        with pytest.raises(VendorNotFound):
            await API.fetch(http, workflow_id)


async def test_every_record_can_be_copied_as_it_is() -> None:
    async with served(VENDOR) as http:
        originals = [one.document async for one in records(http)]
        refused: list[str] = []
        for original in originals:
            try:
                copy = (await API.create(http, original)).fetched
            except VendorRejected as error:
                refused.append(str(error.said.message))
                continue
            assert copy is not None
            assert copy.document["id"] != original["id"]
            for name in ("name", "type", "definition", "description", "meta", "settings", "error_handler"):
                if original.get(name) is not None:
                    assert copy.document[name] == original[name], name
        assert len(refused) == 2, "an unknown type, and an error handler that is gone"


async def test_a_version_keeps_what_nobody_knows_when_it_is_rewritten() -> None:
    async with served(VENDOR) as http:
        fetched = await API.fetch(http, await runnable(http))
        workflow_id = fetched.document["id"]
        held = {**fetched.document["definition"], "x_unheard_of": {"deep": 1}}
        saved = Change({**fetched.document, "definition": held}, fetched)
        version = await API.create_version(http, workflow_id, VersionContent(saved, "Odd", "why"))
        assert version.id is not None
        at_version = await API.fetch_version(http, workflow_id, version.id)
        workflow = VENDOR.mapping.parse(at_version, "demo")
        first, *others = workflow.graph.nodes
        renamed = first.model_copy(update={"name": "Renamed"})
        graph = workflow.graph.model_copy(update={"nodes": (renamed, *others)})
        change = rendered(at_version, graph=graph)
        await API.update_version(http, workflow_id, version.id, VersionContent(change))
        nodes = [{**held["nodes"][0], "name": "Renamed"}, *held["nodes"][1:]]
        again = (await API.fetch_version(http, workflow_id, version.id)).version_document
        assert again is not None
        assert again["definition"] == {**held, "nodes": nodes}
        assert (again["name"], again["description"]) == ("Odd", "why")
        assert (await API.fetch(http, workflow_id)).document == fetched.document


@pytest.mark.parametrize("variants", [(), ("agent_model_key",)])
async def test_links_of_the_seeded_agents_are_ended_and_nothing_else(variants: tuple[str, ...]) -> None:
    async with served(VENDOR, *variants) as http:
        ended: list[str] = []
        for agent in await agents(http):
            try:
                result = await API.detach_assistant_workflow(http, agent["id"])
            except (VendorNotFound, VendorConflict):
                continue
            assert result.workflow_id is not None
            assert is_linked(agent["definition"], result.workflow_id)
            after: Any = (await http.get("v1", "agents", agent["id"])).document
            before = {**agent, "last_updated_at": after["last_updated_at"]}
            before["definition"] = without_link(agent["definition"], result.workflow_id)
            assert after == before
            ended.append(agent["name"])
        assert {"Returns assistant", "Sales copilot"} <= set(ended)


async def test_an_agent_flow_is_promoted_to_an_agent_of_its_own() -> None:
    async with served(VENDOR) as http:
        flows = [one.document async for one in records(http) if one.document["type"] == "agent_flow"]
        made = await API.promote_to_assistant(http, flows[0]["id"].upper(), Promotion(description="Helps"))
        assert made.assistant_id is not None
        agent: Any = (await http.get("v1", "agents", made.assistant_id)).document
        assert (agent["name"], agent["description"]) == (flows[0]["name"], "Helps")
        assert agent["definition"]["agent_flow_id"] == flows[0]["id"]
        assert agent["definition"]["model_selection"] == flows[0]["settings"]["model"]


ENDS = [
    ("completed", RunState.SUCCEEDED),
    ("failed", RunState.FAILED),
    ("stopped", RunState.CANCELLED),
]


async def _no_sleep(_: float) -> None:
    return


async def _followed(http: Http, workflow_id: str, inputs: JsonObject) -> list[RunEvent]:
    run = await API.start_run(http, workflow_id, RunStart(inputs=inputs))
    return [event async for event in follow(http, workflow_id, run.id, None, _no_sleep)]


@pytest.mark.parametrize("variants", [(), ("no_run_events",)], ids=["with events", "without events"])
@pytest.mark.parametrize(("end", "state"), ENDS)
async def test_a_run_is_followed_to_each_end(end: str, state: RunState, variants: tuple[str, ...]) -> None:
    async with served(VENDOR, *variants) as http:
        events = await _followed(http, await runnable(http), {"emulate": end, "Ticket": "late"})
    last = events[-1].run
    assert last is not None
    assert (last.state, last.native_state) == (state, end)
    assert (last.error is not None) == (state is RunState.FAILED)
    assert (last.output is not None) == (state is RunState.SUCCEEDED)
    assert not [event for event in events[:-1] if event.run is not None and event.run.state.final]
    assert bool([event for event in events if event.native is not None]) != bool(variants)


async def test_following_goes_on_after_a_break() -> None:
    async with served(VENDOR) as http:
        workflow_id = await runnable(http)
        run = await API.start_run(http, workflow_id, RunStart(inputs={}))
        whole = [event async for event in API.follow_run(http, workflow_id, run.id, None)]
        rest = [event async for event in API.follow_run(http, workflow_id, run.id, whole[2].id)]
        assert [event.native for event in rest] == [event.native for event in whole[3:]]


async def test_a_run_that_waits_is_told_and_can_be_cancelled() -> None:
    async with served(VENDOR) as http:
        workflow_id = await runnable(http)
        run = await API.start_run(http, workflow_id, RunStart(inputs={"emulate": "awaiting_human_feedback"}))

        async def cancel(_: float) -> None:
            await API.cancel_run(http, workflow_id, run.id)

        events = [event async for event in follow(http, workflow_id, run.id, None, cancel)]
        states = [event.run.state for event in events if event.run is not None]
        assert (states[0], states[-1]) == (RunState.WAITING, RunState.CANCELLED)


async def test_a_saved_version_is_run() -> None:
    async with served(VENDOR) as http:
        workflow_id = await runnable(http)
        version = (await API.versions(http, workflow_id))[0]
        run = await API.start_run(http, workflow_id, RunStart(version=version.reference))
        assert run.version == version.id
        unknown = RunStart(version="00000000-0000-4000-8000-000000000000")
        with pytest.raises(VendorNotFound):
            await API.start_run(http, workflow_id, unknown)
