"""Writes as the emulator sees them over a socket, and what is made of answers it would not give."""

from typing import Any

import pytest

from adapters.contract import Fetched
from adapters.errors import (
    InvalidRequest,
    VendorConflict,
    VendorNotFound,
    VendorRejected,
    VendorSurprise,
)
from adapters.promptlayer import VENDOR
from adapters.writing import Change, VersionContent
from schemas.digest import digest
from schemas.graph import EdgeKind
from schemas.workflow import DataType, ExternalId, Variable, Workflow
from tests.vendors.promptlayer.helpers import (
    changed,
    document,
    edited,
    link,
    node,
    with_edges,
    with_node,
    with_nodes,
)
from tests.vendors.promptlayer.serving import API, content_of, read, served

TRIAGE, NAMESAKE, INVOICES = "4101", "4118", "4105"
MADE = {"success": True, "workflow_id": 1, "version_number": 2, "workflow_version_id": 20}


def change(fetched: Fetched, wanted: Workflow, **more: Any) -> Change:
    rendered = VENDOR.mapping.render(wanted, fetched.document)
    return Change(rendered.document, fetched, **more)


async def labels(http: Any, workflow_id: str) -> dict[str, int | None]:
    return {label.name: label.version_number for label in await API.labels(http, workflow_id)}


async def calls(http: Any) -> list[str]:
    """Return the changes that the emulator was asked for."""
    asked = (await http.get("__emulator__", "requests")).document
    return [f"{one['method']} {one['path']}" for one in asked if one["method"] != "GET"]


async def test_a_copy_of_a_workflow_is_made_and_reads_as_it_was_written() -> None:
    async with served() as http:
        _, triage = await read(http, TRIAGE)
        wanted = changed(triage, id="new", name="support / triage copy", external_ids=())
        rendered = VENDOR.mapping.render(wanted)
        written = await API.create(http, rendered.document)
        assert written.created is True
        _, made = await read(http, written.workflow_id)
        assert (made.id, made.name, made.labels) == (
            written.workflow_id,
            "support / triage copy",
            triage.labels,
        )
        assert digest(made) == digest(wanted)
        assert (await read(http, "support / triage copy"))[1].id == written.workflow_id


async def test_a_detail_answer_given_as_it_is_makes_a_new_workflow_and_no_version_of_its_own() -> None:
    async with served() as http:
        fetched, _ = await read(http, TRIAGE)
        native = {**fetched.document, "workflow_name": "twin", "external_ids": []}
        written = await API.create(http, native)
        assert written.workflow_id != TRIAGE
        assert (await read(http, TRIAGE))[0] == fetched
        assert (await read(http, written.workflow_id))[1].version is not None


async def test_a_name_that_is_taken_is_the_vendors_refusal() -> None:
    async with served() as http:
        fetched, _ = await read(http, TRIAGE)
        with pytest.raises(VendorRejected) as caught:
            await API.create(http, {**fetched.document, "external_ids": []})
        assert "already exists" in str(caught.value.said.message)


@pytest.mark.parametrize("answer", [None, [], {}, {"workflow_id": "x"}, {"success": False, "message": "no"}])
async def test_a_creation_has_to_number_the_workflow(taking: Any, answer: Any) -> None:
    with pytest.raises(VendorSurprise):
        await API.create(taking({("POST", "rest", "workflows"): answer}), {"nodes": []})


async def test_one_changed_configuration_is_one_new_version() -> None:
    async with served() as http:
        fetched, triage = await read(http, TRIAGE)
        config = {**triage.graph.nodes[1].config, "x_new": {"a": 1}}
        wanted = change(fetched, with_node(triage, 1, config=config), note="Try x")
        written = await API.update(http, TRIAGE, wanted)
        assert (written.workflow_id, written.fetched) == (TRIAGE, None)
        after, model = await read(http, TRIAGE)
        assert content_of(after.document) == content_of(wanted.document)
        assert model.version is not None
        assert triage.version is not None
        assert (model.version.number, model.version.note) == (5, "Try x")
        assert await calls(http) == ["PATCH /rest/workflows/4101"]


async def test_a_workflow_is_changed_by_its_name_and_told_by_its_number() -> None:
    async with served() as http:
        fetched, model = await read(http, "Help Centre / RAG answers")
        inputs = (*model.inputs, Variable(name="tone", type=DataType.STRING, required=True))
        written = await API.update(
            http, "Help Centre / RAG answers", change(fetched, changed(model, inputs=inputs))
        )
        assert written.workflow_id == model.id != "Help Centre / RAG answers"
        assert [variable.name for variable in (await read(http, model.id))[1].inputs][-1] == "tone"


async def test_a_node_is_renamed_by_taking_one_out_and_putting_one_in() -> None:
    async with served() as http:
        fetched, triage = await read(http, TRIAGE)
        wanted = change(fetched, with_node(triage, 2, name="any_reply"))
        await API.update(http, TRIAGE, wanted)
        after, model = await read(http, TRIAGE)
        assert content_of(after.document) == content_of(wanted.document)
        assert [node.name for node in model.graph.nodes] == ["classify", "billing_reply", "any_reply"]
        assert await calls(http) == ["PATCH /rest/workflows/4101"]


async def test_a_key_is_taken_out_of_a_configuration_by_posting_the_whole_content() -> None:
    async with served() as http:
        fetched, triage = await read(http, TRIAGE)
        config = dict(triage.graph.nodes[0].config)
        del config["inline_template"]
        wanted = change(fetched, with_node(triage, 0, config=config))
        await API.update(http, TRIAGE, wanted)
        after, model = await read(http, TRIAGE)
        assert content_of(after.document) == content_of(wanted.document)
        assert model.version is not None
        assert model.version.number == 5
        assert await calls(http) == ["POST /rest/workflows"]


async def test_a_link_and_its_condition_are_taken_out_and_another_put_in() -> None:
    async with served("double_equals") as http:
        fetched, triage = await read(http, TRIAGE)
        others = [edge for edge in triage.graph.edges if edge.target.node != "general_reply"]
        added = link("billing_reply", "general_reply", EdgeKind.DEPENDENCY)
        wanted = change(fetched, with_edges(triage, *others, added))
        await API.update(http, TRIAGE, wanted)
        _, model = await read(http, TRIAGE)
        found = {(edge.kind, edge.source.node, edge.target.node) for edge in model.graph.edges}
        assert (EdgeKind.DEPENDENCY, "billing_reply", "general_reply") in found
        assert not [ends for ends in found if ends[1:] == ("classify", "general_reply") and ends[0] != "data"]


async def test_a_removed_node_goes_with_what_leads_to_it() -> None:
    async with served() as http:
        fetched, triage = await read(http, TRIAGE)
        kept = [node for node in triage.graph.nodes if node.key != "general_reply"]
        edges = [edge for edge in triage.graph.edges if edge.target.node != "general_reply"]
        outputs = tuple(one for one in triage.outputs if one.node != "general_reply")
        smaller = changed(with_edges(with_nodes(triage, *kept), *edges), outputs=outputs)
        await API.update(http, TRIAGE, change(fetched, smaller))
        _, model = await read(http, TRIAGE)
        assert [node.key for node in model.graph.nodes] == ["classify", "billing_reply"]
        assert len(model.graph.edges) == len(edges)


async def test_without_a_difference_no_version_is_made() -> None:
    async with served() as http:
        fetched, triage = await read(http, TRIAGE)
        written = await API.update(http, TRIAGE, change(fetched, triage))
        assert written.fetched is fetched
        assert await calls(http) == []


async def test_a_change_is_made_over_the_version_that_was_read() -> None:
    async with served() as http:
        fetched, triage = await read(http, TRIAGE)
        other = change(fetched, with_node(triage, 0, config={**triage.graph.nodes[0].config, "other": 1}))
        await API.update(http, TRIAGE, other)
        mine = change(fetched, with_node(triage, 1, config={**triage.graph.nodes[1].config, "mine": 1}))
        await API.update(http, TRIAGE, mine)
        after, _ = await read(http, TRIAGE)
        assert content_of(after.document) == content_of(mine.document)


async def test_a_name_cannot_be_changed_and_nothing_is_sent() -> None:
    async with served() as http:
        fetched, triage = await read(http, TRIAGE)
        with pytest.raises(InvalidRequest) as caught:
            await API.update(http, TRIAGE, change(fetched, changed(triage, name="other")))
        assert caught.value.parameter == "name"
        assert await calls(http) == []


async def test_external_ids_are_attached_and_detached_without_a_version() -> None:
    async with served() as http:
        fetched, triage = await read(http, TRIAGE)
        ids = (triage.external_ids[0], ExternalId(source="crm / eu", id="ü/1"))
        written = await API.update(http, TRIAGE, change(fetched, changed(triage, external_ids=ids)))
        assert written.fetched is None
        _, model = await read(http, TRIAGE)
        assert model.external_ids == ids
        assert model.version == triage.version
        assert await calls(http) == [
            "POST /workflows/4101/external-ids",
            "DELETE /workflows/4101/external-ids/zendesk/trigger%2F360001",
        ]


async def test_an_external_id_of_another_workflow_is_a_conflict_before_a_version_is_made() -> None:
    async with served() as http:
        fetched, invoices = await read(http, INVOICES)
        ids = (*invoices.external_ids, ExternalId(source="acme_cms", id="wf-9"))
        wanted = change(fetched, changed(invoices, external_ids=ids), note="more")
        with pytest.raises(VendorConflict):
            await API.update(http, INVOICES, wanted)
        assert (await read(http, INVOICES))[0] == fetched


async def test_a_deleted_workflow_is_gone() -> None:
    async with served() as http:
        await API.delete(http, "meeting-notes")
        assert await calls(http) == ["DELETE /api/public/v2/folders/entities"]
        with pytest.raises(VendorNotFound):
            await API.delete(http, "meeting-notes")


@pytest.mark.parametrize("variant", [(), ("names_first",)])
async def test_a_number_deletes_no_workflow_that_is_named_so(variant: Any) -> None:
    async with served(*variant) as http:
        if not variant:
            await API.delete(http, TRIAGE)
        _, namesake = await read(http, TRIAGE)
        assert namesake.id == NAMESAKE
        with pytest.raises(InvalidRequest, match="delete that by its number") as caught:
            await API.delete(http, TRIAGE)
        assert caught.value.parameter == "id"
        assert (await read(http, NAMESAKE))[1] == namesake


@pytest.mark.parametrize("answer", [{"moved_count": 1}, {"moved_count": None}, {}, None])
async def test_a_deletion_may_say_little(taking: Any, answer: Any) -> None:
    entities = ("DELETE", "api", "public", "v2", "folders", "entities")
    http = taking({("workflows", "n"): {"workflow_id": 7}, entities: answer}, 200)
    await API.delete(http, "n")
    assert http.sent == [(entities, {"entities": [{"id": 7, "type": "WORKFLOW"}]})]


@pytest.mark.parametrize("answer", [{"moved_count": 0}, {"success": False}, []])
async def test_a_deletion_that_was_none_is_a_surprise(taking: Any, answer: Any) -> None:
    entities = ("DELETE", "api", "public", "v2", "folders", "entities")
    with pytest.raises(VendorSurprise):
        await API.delete(taking({("workflows", "n"): {"workflow_id": 7}, entities: answer}), "n")


@pytest.mark.parametrize("variant", [(), ("old_write_answers",)])
async def test_a_version_is_made_of_the_same_content_with_note_and_labels(variant: Any) -> None:
    async with served(*variant) as http:
        fetched, triage = await read(http, TRIAGE)
        content = VersionContent(Change(fetched.document, fetched, labels=("production",)), note="Freeze")
        made = await API.create_version(http, TRIAGE, content)
        assert (made.number, made.note, made.labels, made.current) == (5, "Freeze", ("production",), True)
        after, model = await read(http, TRIAGE)
        assert content_of(after.document) == content_of(fetched.document)
        assert model.version is not None
        assert (model.version.id, model.labels) == (made.id, ("production",))
        assert await labels(http, TRIAGE) == {"production": 5, "eu-rollout": 3, "staging": 4}
        assert triage.labels == ("staging",), "labels that are not named stay where they are"


@pytest.mark.parametrize(
    ("name", "note", "of_change", "written"),
    [
        (None, None, None, None),
        ("Title", None, None, "Title"),
        ("Title", "why", None, "Title: why"),
        (None, None, "what", "what"),
        (None, "why", "what", "why"),
    ],
)
async def test_a_title_goes_before_the_note(
    taking: Any, name: Any, note: Any, of_change: Any, written: Any
) -> None:
    http = taking({("PATCH", "rest", "workflows", "1"): MADE})
    native = document(node("a"))
    content = VersionContent(Change(native, Fetched(native), of_change), name, note)
    version = await API.create_version(http, "1", content)
    assert version.note == written
    assert http.sent[0][1].get("commit_message") == written


async def test_a_version_with_another_content_and_external_ids_is_made(taking: Any) -> None:
    mappings = ("workflows", "1", "external-ids")
    answers = {
        ("POST", *mappings): {"success": True},
        ("PATCH", "rest", "workflows", "w"): {"version_number": 2},
        ("DELETE", *mappings, "a", "1"): {"success": True},
    }
    base = document(node("a"), external_ids=[{"source": "a", "external_id": "1"}])
    wanted = {**base, "external_ids": [{"source": "b", "external_id": "2"}]}
    http = taking(answers)
    version = await API.create_version(http, "w", VersionContent(Change(wanted, Fetched(base))))
    assert [call for call, _ in http.sent] == list(answers)
    assert (version.number, version.id) == (2, None)


async def test_a_version_has_to_be_numbered(taking: Any) -> None:
    native = document(node("a"))
    http = taking({("PATCH", "rest", "workflows", "1"): {"success": True}})
    with pytest.raises(VendorSurprise, match="number"):
        await API.create_version(http, "1", VersionContent(Change(native, Fetched(native))))


async def test_a_label_moves_with_a_new_version_of_the_same_content() -> None:
    async with served() as http:
        second = await API.fetch_version(http, TRIAGE, "2")
        label = await API.set_label(http, TRIAGE, "production", "2")
        assert (label.name, label.version_number) == ("production", 5)
        (found,) = [one for one in await API.labels(http, TRIAGE) if one.name == "production"]
        assert found == label
        at_label = await API.fetch_label(http, TRIAGE, "production")
        assert content_of(at_label.document) == content_of(second.document)
        assert at_label.document["commit_message"] == "Version 2 again, for the label production"
        assert (await read(http, TRIAGE))[0].document["version"] == 5, "the new version is the latest"


async def test_a_label_that_is_there_already_makes_nothing() -> None:
    async with served() as http:
        label = await API.set_label(http, TRIAGE, "production", "3")
        assert (label.version_number, label.id is not None) == (3, True)
        assert await calls(http) == []


async def test_a_new_label_is_made(taking: Any) -> None:
    http = taking(
        {("workflows", "1", "labels"): {"release_labels": []}, ("PATCH", "rest", "workflows", "1"): MADE}
    )
    label = await API.set_label(http, "1", "new", "1")
    assert (label.name, label.id, label.version_number, label.version_id) == ("new", None, 2, "20")


@pytest.mark.parametrize(("label", "version", "parameter"), [("", "1", "label"), ("a", "v1", "version")])
async def test_a_label_needs_a_name_and_a_version(
    taking: Any, label: str, version: str, parameter: str
) -> None:
    http = taking({})
    with pytest.raises(InvalidRequest) as caught:
        await API.set_label(http, "1", label, version)
    assert caught.value.parameter == parameter
    assert http.asked == http.sent == []


async def test_a_label_on_a_version_that_is_not_there_is_not_found() -> None:
    async with served() as http:
        with pytest.raises(VendorNotFound):
            await API.set_label(http, TRIAGE, "production", "99")
        assert await labels(http, TRIAGE) == {"production": 3, "eu-rollout": 3, "staging": 4}


async def test_a_workflow_of_the_documented_example_is_changed_too() -> None:
    async with served("example_shape", "prompt_name") as http:
        fetched, triage = await read(http, TRIAGE)
        wanted = change(fetched, with_node(triage, 1, config={**triage.graph.nodes[1].config, "new": 1}))
        await API.update(http, TRIAGE, wanted)
        after, _ = await read(http, TRIAGE)
        assert content_of(after.document) == {**content_of(wanted.document), "version_number": 5}


def test_editing_leaves_its_original_alone() -> None:
    native = document(node("a"))
    assert edited(native, lambda wanted: wanted["nodes"].clear()) != native
