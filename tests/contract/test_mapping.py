"""From native to canonical and back, for every recording of every vendor."""

import copy
import json

import pytest

from adapters.contract import Fetched, Vendor
from adapters.errors import VendorSurprise
from schemas.diagnostics import DiagnosticCode
from schemas.digest import digest, digest_of, stamped
from schemas.json_codec import dumps
from schemas.workflow import Workflow
from tests.contract.conftest import Recording, captured, coded_recordings, recordings, vendors


def _parse(recording: Recording, document: object = None) -> Workflow:
    native = recording.document if document is None else document
    return stamped(vendors()[recording.vendor].mapping.parse(Fetched(native), "demo"))


@pytest.mark.parametrize("recording", [*coded_recordings("get_*.json"), *captured("get")])
def test_a_recording_gives_the_expected_canonical_form(recording: Recording) -> None:
    assert json.loads(_parse(recording).model_dump_json()) == recording.expected


@pytest.mark.parametrize("recording", recordings("get_*.json"))
def test_the_canonical_form_can_be_read_again(recording: Recording) -> None:
    workflow = _parse(recording)
    assert Workflow.model_validate_json(workflow.model_dump_json()) == workflow


@pytest.mark.parametrize("recording", recordings("get_*.json"))
def test_a_draft_is_what_the_model_would_write(recording: Recording) -> None:
    mapping = vendors()[recording.vendor].mapping
    draft = mapping.draft(Fetched(recording.document), "demo")
    workflow = mapping.parse(Fetched(recording.document), "demo")
    assert Workflow.model_validate(draft) == workflow
    written = workflow.model_dump(exclude_none=True, exclude={"digest"})
    assert dumps({**draft, "digest": ""}, sort_keys=True) == dumps({**written, "digest": ""}, sort_keys=True)
    assert digest_of(draft) == digest(workflow)


@pytest.mark.parametrize("recording", recordings("list_*.json"))
def test_a_short_draft_is_what_the_model_would_write(recording: Recording) -> None:
    mapping = vendors()[recording.vendor].mapping
    for item in _items(recording.document):
        try:
            summary = mapping.parse_summary(item, "demo")
        except VendorSurprise:
            with pytest.raises(VendorSurprise):
                mapping.draft_summary(item, "demo")
            continue
        draft = mapping.draft_summary(item, "demo")
        written = summary.model_dump(exclude_none=True)
        assert dumps(draft, sort_keys=True) == dumps(written, sort_keys=True)


def _items(answer: object) -> list[object]:
    """Return the items of a listing answer, whatever the vendor calls the field they are in."""
    if isinstance(answer, list):
        return answer
    lists = (
        [value for value in answer.values() if isinstance(value, list)] if isinstance(answer, dict) else []
    )
    return max(lists, key=len, default=[])


@pytest.mark.parametrize("recording", recordings("get_*.json"))
def test_identity_is_stamped(recording: Recording) -> None:
    workflow = _parse(recording)
    assert (workflow.connection, workflow.vendor) == ("demo", recording.vendor)
    assert workflow.digest == digest(workflow)


@pytest.mark.parametrize("recording", recordings("get_*.json"))
def test_parsing_is_deterministic_and_leaves_its_input_alone(recording: Recording) -> None:
    document = recording.document
    before = copy.deepcopy(document)
    assert _parse(recording, document) == _parse(recording, document)
    assert document == before


@pytest.mark.parametrize("recording", recordings("get_*.json"))
def test_render_of_parse_is_the_document_itself(recording: Recording) -> None:
    document = recording.document
    workflow = _parse(recording, document)
    rendered = vendors()[recording.vendor].mapping.render(workflow, document)
    assert json.dumps(rendered.document) == json.dumps(document)
    assert rendered.losses == ()


@pytest.mark.parametrize("recording", recordings("get_*.json"))
def test_unknown_fields_survive(recording: Recording) -> None:
    document = {**recording.document, "x_unheard_of": {"deep": [1, None, {"a": "ü"}]}}
    workflow = _parse(recording, document)
    assert workflow.extensions[recording.vendor]["x_unheard_of"] == {"deep": [1, None, {"a": "ü"}]}
    renamed = workflow.model_copy(update={"description": "another description"})
    rendered = vendors()[recording.vendor].mapping.render(renamed, document)
    assert rendered.document["x_unheard_of"] == {"deep": [1, None, {"a": "ü"}]}


@pytest.mark.parametrize("recording", recordings("get_*.json"))
def test_keys_are_unique_and_edges_know_their_ends(recording: Recording) -> None:
    graph = _parse(recording).graph
    keys = [node.key for node in graph.nodes]
    assert len(set(keys)) == len(keys)
    for edge in graph.edges:
        for end in (edge.source, edge.target):
            assert end.exists == (end.node in keys)
    for node in graph.nodes:
        assert node.container is None or node.container in keys


@pytest.mark.parametrize("recording", recordings("get_*.json"))
def test_an_edge_to_nowhere_is_reported(recording: Recording) -> None:
    workflow = _parse(recording)
    dangling = [edge for edge in workflow.graph.edges if not (edge.source.exists and edge.target.exists)]
    codes = {found.code for found in workflow.diagnostics}
    if dangling:
        assert codes & {DiagnosticCode.DANGLING_EDGE, DiagnosticCode.DANGLING_REFERENCE}


@pytest.mark.parametrize("recording", coded_recordings("get_*.json"))
def test_a_document_can_be_made_from_nothing(recording: Recording) -> None:
    workflow = _parse(recording)
    mapping = vendors()[recording.vendor].mapping
    again = mapping.parse(Fetched(mapping.render(workflow).document), "demo")
    assert len(again.graph.nodes) == len(workflow.graph.nodes)
    assert again.name == workflow.name


@pytest.mark.parametrize("document", [{}, {"error": "no"}, {"detail": "Not Found"}])
def test_what_is_no_workflow_is_a_surprise(vendor: Vendor, document: dict[str, object]) -> None:
    with pytest.raises(VendorSurprise):
        vendor.mapping.parse(Fetched(document), "demo")


@pytest.mark.parametrize("item", [None, 1, "x", [], {}, {"items": []}])
def test_what_is_no_item_is_a_surprise(vendor: Vendor, item: object) -> None:
    with pytest.raises(VendorSurprise):
        vendor.mapping.parse_summary(item, "demo")
