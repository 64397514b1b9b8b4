"""From the canonical workflow back to PromptLayer's documents: fields of the workflow."""

import json
from pathlib import Path
from typing import Any

import pytest

from adapters.errors import VendorSurprise
from adapters.promptlayer import VENDOR
from schemas.graph import (
    Node,
    WorkflowReference,
)
from schemas.workflow import (
    Author,
    DataType,
    ExternalId,
    Variable,
    WorkflowKind,
    WorkflowStatus,
)
from tests.vendors.promptlayer.helpers import changed, paths, with_nodes

RECORDINGS = sorted(path.stem for path in (Path(__file__).parent / "recordings").glob("get_*.json"))
render = VENDOR.mapping.render


@pytest.mark.parametrize("name", RECORDINGS)
def test_without_changes_the_document_is_the_base(name: str, load: Any, parse: Any) -> None:
    base = load(name)
    rendered = render(parse(base), base)
    assert json.dumps(rendered.document) == json.dumps(load(name))
    assert rendered.losses == ()


@pytest.mark.parametrize("name", RECORDINGS)
def test_the_base_is_not_touched(name: str, load: Any, parse: Any) -> None:
    base = load(name)
    workflow = changed(
        with_nodes(parse(base), Node(key="only", name="only", type="COUNT")),
        name="other",
        labels=("x",),
        inputs=(),
        external_ids=(),
        extensions={},
    )
    assert render(workflow, base).document != base
    assert base == load(name)


def test_a_base_that_is_no_workflow_is_a_surprise(parse: Any, two: Any) -> None:
    with pytest.raises(VendorSurprise):
        render(parse(two), {"detail": "Not Found"})


def test_a_name_is_written_and_cannot_be_sent(parse: Any, two: Any) -> None:
    rendered = render(changed(parse(two), name="triage"), two)
    assert rendered.document == two | {"workflow_name": "triage"}
    assert paths(rendered) == ["/name"]


def test_a_name_is_written_wherever_the_document_has_it(load: Any, parse: Any) -> None:
    base = load("get_wrapper_beside")
    document = render(changed(parse(base), name="triage"), base).document
    assert (document["workflow_name"], document["workflow"]) == ("triage", {"id": 123, "name": "triage"})
    base = load("get_wrapper_only")
    document = render(changed(parse(base), name="triage"), base).document
    assert document["workflow"] == base["workflow"] | {"name": "triage"}
    assert "workflow_name" not in document


def test_a_name_cannot_be_taken_away(parse: Any, two: Any) -> None:
    rendered = render(changed(parse(two), name=None), two)
    assert (rendered.document, paths(rendered)) == (two, ["/name"])


def test_labels_and_the_note_are_written(parse: Any, two: Any) -> None:
    workflow = parse(two)
    version = workflow.version.model_copy(update={"note": "Better", "current": True})
    rendered = render(changed(workflow, labels=("staging", "prod"), version=version), two)
    assert rendered.document == two | {"release_labels": ["staging", "prod"], "commit_message": "Better"}
    assert rendered.losses == ()


def test_labels_of_the_version_count_when_the_workflows_own_did_not_change(parse: Any, two: Any) -> None:
    workflow = parse(two)
    version = workflow.version.model_copy(update={"labels": ("staging",)})
    assert render(changed(workflow, version=version), two).document["release_labels"] == ["staging"]
    rendered = render(changed(workflow, version=version, labels=("staging",)), two)
    assert (rendered.document["release_labels"], rendered.losses) == (["staging"], ())
    rendered = render(changed(workflow, version=version, labels=("other",)), two)
    assert (rendered.document["release_labels"], paths(rendered)) == (["other"], ["/version/labels"])


def test_what_the_vendor_gives_itself_is_lost(parse: Any, two: Any) -> None:
    version = parse(two).version.model_copy(update={"number": 9, "id": "1", "created_at": None})
    rendered = render(changed(parse(two), version=version, id="9"), two)
    assert rendered.document == two
    assert paths(rendered) == ["/id", "/version/number", "/version/id", "/version/created_at"]
    assert render(changed(parse(two), version=None), two).document["commit_message"] is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("description", "d"),
        ("kind", WorkflowKind.AGENT_FLOW),
        ("status", WorkflowStatus.INACTIVE),
        ("published", True),
        ("tags", ("a",)),
        ("author", Author(id="5")),
        ("error_handler", WorkflowReference(id="1")),
    ],
)
def test_what_the_vendor_has_no_place_for_is_lost(parse: Any, two: Any, field: str, value: Any) -> None:
    rendered = render(changed(parse(two), **{field: value}), two)
    assert (rendered.document, paths(rendered)) == (two, [f"/{field}"])


def test_external_ids_that_stay_keep_what_else_they_hold(parse: Any, two: Any) -> None:
    base = two | {
        "external_ids": [{"source": "a", "external_id": "1", "at": 5}, {"source": "b", "external_id": "2"}]
    }
    wanted = (ExternalId(source="c", id="3"), ExternalId(source="a", id="1"), ExternalId(id="4"))
    rendered = render(changed(parse(base), external_ids=wanted), base)
    assert rendered.document["external_ids"] == [
        {"source": "c", "external_id": "3"},
        {"source": "a", "external_id": "1", "at": 5},
    ]
    assert paths(rendered) == ["/external_ids/2"]


def test_inputs_that_stay_keep_their_word(parse: Any, two: Any) -> None:
    base = two | {"required_input_variables": {"a": "str", "b": {"odd": 1}, "gone": "string"}}
    kept = parse(base).inputs[:2]
    added = (
        Variable(name="c", type=DataType.INTEGER, native_type="int", required=True),
        Variable(name="d", type=DataType.OBJECT, native_type="Struct"),
        Variable(name="e", type=DataType.IMAGE, default=b"".decode(), required=False, node="classify"),
        Variable(name="a"),
    )
    rendered = render(changed(parse(base), inputs=(*kept, *added)), base)
    assert rendered.document["required_input_variables"] == {
        "a": "str",
        "b": {"odd": 1},
        "c": "int",
        "d": "object",
        "e": "string",
    }
    assert paths(rendered) == [
        "/inputs/4/type",
        "/inputs/4/required",
        "/inputs/4/default",
        "/inputs/4/node",
        "/inputs/5",
    ]


def test_inputs_are_written_where_there_were_none(load: Any, parse: Any) -> None:
    base = load("get_nulls_and_dangling")
    wanted = (Variable(name="user_message", type=DataType.STRING, required=True),)
    rendered = render(changed(parse(base), inputs=wanted), base)
    assert rendered.document == base | {"required_input_variables": {"user_message": "string"}}
    assert rendered.losses == ()


def test_unknown_fields_are_written_back_where_they_came_from(load: Any, parse: Any) -> None:
    base = load("get_wrapper_only") | {"x_old": 1, "x_same": 1, "x_kept": 1}
    fields = {"x_same": 1, "x_kept": 1.0, "x_new": [], "workflow": {"is_draft": True, "x": 1}, "nodes": []}
    rendered = render(changed(parse(base), extensions={"promptlayer": fields, "noxus": {"a": 1}}), base)
    assert json.dumps(rendered.document["x_kept"]) == "1.0", "a number is not true to the type otherwise"
    assert rendered.document["x_new"] == []
    assert "x_old" not in rendered.document
    assert rendered.document["workflow"] == base["workflow"] | {"is_draft": True, "x": 1}
    assert paths(rendered) == ["/extensions/noxus", "/extensions/promptlayer/nodes"]


def test_a_wrapper_that_is_no_object_cannot_be_written(parse: Any, two: Any) -> None:
    rendered = render(changed(parse(two), extensions={"promptlayer": {"workflow": 5}}), two)
    assert (rendered.document, paths(rendered)) == (two, ["/extensions/promptlayer/workflow"])
    rendered = render(changed(parse(two), extensions={"promptlayer": {"workflow": {"id": 5, "x": 1}}}), two)
    assert rendered.document["workflow"] == {"x": 1}
    assert paths(rendered) == ["/extensions/promptlayer/workflow/id"]
