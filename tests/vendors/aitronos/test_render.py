"""Writing a changed workflow over its record: only what changed is touched."""

import json
from typing import Any

import pytest

from schemas.diagnostics import Severity
from schemas.graph import EdgeKind, GraphForm, Node, WorkflowReference
from schemas.settings import LimitSettings, Settings, TimeoutSettings
from schemas.workflow import (
    AssistantLink,
    ExternalId,
    Version,
    WorkflowKind,
    WorkflowStatus,
)
from tests.vendors.aitronos.helpers import (
    RECORDED,
    changed,
    differences,
    lost_paths,
    n8n,
    parse,
    record,
    recording,
    render,
    step,
    with_graph,
)


@pytest.mark.parametrize("name", RECORDED)
def test_without_changes_the_document_is_the_base(name: str) -> None:
    base = recording(name)
    rendered = render(parse(base), base)
    assert json.dumps(rendered.document) == json.dumps(base)
    assert rendered.losses == ()


@pytest.mark.parametrize(
    ("field", "value", "native", "written"),
    [
        ("name", "Renamed", "/name", "Renamed"),
        ("description", "New", "/description", "New"),
        ("description", None, "/description", None),
        ("status", WorkflowStatus.INACTIVE, "/is_active", False),
        ("external_ids", (ExternalId(id="fp_2"),), "/external_id", "fp_2"),
        ("external_ids", (), "/external_id", None),
    ],
)
def test_a_changed_field_is_written_to_its_place(field: str, value: Any, native: str, written: Any) -> None:
    base = recording("get_n8n_one_llm")
    rendered = render(changed(parse(base), **{field: value}), base)
    assert differences(base, rendered.document) == [native]
    assert rendered.document[native.removeprefix("/")] == written
    assert rendered.losses == ()


def test_settings_are_written_into_the_definition() -> None:
    base = recording("get_n8n_twelve_nodes")
    settings = Settings(timeouts=TimeoutSettings(execution_seconds=30))
    workflow = changed(parse(base), settings=settings, error_handler=WorkflowReference(id="flow_e"))
    rendered = render(workflow, base)
    assert differences(base, rendered.document) == [
        "/definition/settings/errorWorkflow",
        "/definition/settings/executionTimeout",
    ]
    assert json.dumps(rendered.document["definition"]["settings"]) == (
        '{"executionOrder": "v1", "errorWorkflow": "flow_e", "executionTimeout": 30}'
    )
    assert parse(rendered.document) == workflow


def test_settings_are_taken_away() -> None:
    base = recording("get_n8n_twelve_nodes")
    rendered = render(changed(parse(base), settings=None, error_handler=None), base)
    assert rendered.document["definition"]["settings"] == {"executionOrder": "v1"}
    assert rendered.losses == ()


def test_settings_without_a_place_are_lost() -> None:
    base = recording("get_n8n_twelve_nodes")
    settings = Settings(
        timeouts=TimeoutSettings(execution_seconds=120, model_seconds=4), limits=LimitSettings()
    )
    rendered = render(changed(parse(base), settings=settings), base)
    assert lost_paths(rendered) == ["/settings/timeouts/model_seconds", "/settings/limits"]
    assert rendered.document == base


@pytest.mark.parametrize("name", ["get_react_flow", "get_minimal", "get_opaque"])
def test_other_shapes_have_no_settings(name: str) -> None:
    base = recording(name)
    settings = Settings(timeouts=TimeoutSettings(execution_seconds=30))
    rendered = render(
        changed(parse(base), settings=settings, error_handler=WorkflowReference(id="flow_e")), base
    )
    assert lost_paths(rendered) == ["/error_handler", "/settings/timeouts"]
    assert rendered.document == base


@pytest.mark.parametrize(
    ("field", "value", "severity"),
    [
        ("id", "flow_other", Severity.INFO),
        ("version", Version(number=8, mutable=True, current=True), Severity.INFO),
        ("created_at", None, Severity.INFO),
        ("author", None, Severity.INFO),
        ("workspace", None, Severity.WARNING),
        ("assistant", AssistantLink(assistant_id="asst_2"), Severity.WARNING),
        ("kind", WorkflowKind.INGESTION, Severity.WARNING),
        ("status", WorkflowStatus.DELETED, Severity.WARNING),
        ("name", None, Severity.WARNING),
        ("labels", ("prod",), Severity.WARNING),
        ("tags", ("a",), Severity.WARNING),
        ("external_ids", (ExternalId(id="fp_0001", source="jira"),), Severity.WARNING),
    ],
)
def test_what_has_no_place_is_lost_and_said(field: str, value: Any, severity: Severity) -> None:
    base = recording("get_n8n_one_llm")
    rendered = render(changed(parse(base), **{field: value}), base)
    assert [(loss.path, loss.severity) for loss in rendered.losses] == [(f"/{field}", severity)]
    assert rendered.document == base


def test_one_of_several_external_ids_is_written() -> None:
    base = recording("get_n8n_one_llm")
    rendered = render(changed(parse(base), external_ids=(ExternalId(id="a"), ExternalId(id="b"))), base)
    assert rendered.document["external_id"] == "a"
    assert lost_paths(rendered) == ["/external_ids"]


def test_extensions_are_written_and_taken_away() -> None:
    base = recording("get_n8n_nulls_and_dangling")
    extensions = {
        "aitronos": {
            "x_newer": 1,
            "definition": {"pinData": {"A": 1}, "settings": {"executionOrder": "v2", "timezone": "UTC"}},
        }
    }
    workflow = changed(parse(base), extensions=extensions)
    rendered = render(workflow, base)
    assert rendered.losses == ()
    assert parse(rendered.document) == workflow
    assert sorted(differences(base, rendered.document)) == [
        "/definition/pinData/A",
        "/definition/settings/executionOrder",
        "/definition/settings/timezone",
        "/definition/staticData",
        "/x_new",
        "/x_newer",
    ]


def test_extensions_cannot_reach_fields_with_a_place() -> None:
    base = n8n(step("A"), settings={"executionTimeout": 5})
    extensions = {
        "aitronos": {"name": "x", "definition": {"nodes": [], "settings": {"executionTimeout": 7}}},
        "noxus": {"a": 1},
    }
    rendered = render(changed(parse(base), extensions=extensions), base)
    assert rendered.document == base
    assert lost_paths(rendered) == ["/extensions"]


def test_an_opaque_definition_is_changed_through_its_extension() -> None:
    base = recording("get_opaque")
    workflow = changed(parse(base), extensions={"aitronos": {"definition": {"steps": []}}})
    rendered = render(workflow, base)
    assert differences(base, rendered.document) == ["/definition/steps", "/definition/format"]
    assert rendered.losses == ()


def test_an_opaque_definition_is_not_changed_into_a_graph() -> None:
    base = recording("get_opaque")
    workflow = with_graph(parse(base), form=GraphForm.GRAPH, nodes=(Node(key="a"),))
    rendered = render(workflow, base)
    assert rendered.document == base
    assert lost_paths(rendered) == ["/graph"]


def test_a_graph_is_not_changed_into_an_opaque_definition() -> None:
    base = recording("get_n8n_one_llm")
    workflow = with_graph(parse(base), form=GraphForm.OPAQUE, nodes=(), edges=())
    rendered = render(workflow, base)
    assert rendered.document == base
    assert lost_paths(rendered) == ["/graph"]


def test_an_emptied_graph_keeps_the_rest_of_the_definition() -> None:
    base = recording("get_n8n_twelve_nodes")
    rendered = render(with_graph(parse(base), form=GraphForm.EMPTY, nodes=(), edges=()), base)
    definition = rendered.document["definition"]
    assert (definition["nodes"], definition["connections"]) == ([], {})
    assert definition["settings"] == base["definition"]["settings"]
    assert rendered.losses == ()


@pytest.mark.parametrize("definition", [{}, None])
@pytest.mark.parametrize(
    ("shape", "fields"), [("n8n", {"nodes", "connections"}), ("react-flow", {"nodes", "edges"})]
)
def test_an_empty_definition_takes_the_shape_of_the_graph(
    definition: Any, shape: str, fields: set[str]
) -> None:
    base = record(definition)
    source = parse(recording("get_n8n_one_llm" if shape == "n8n" else "get_react_flow")).graph
    workflow = changed(parse(base), graph=source)
    rendered = render(workflow, base)
    assert set(rendered.document["definition"]) == fields
    assert parse(rendered.document).graph == source
    assert rendered.losses == ()


def test_edge_kinds_that_follow_from_a_change_are_no_loss() -> None:
    connections = {"A": {"main": [[], [{"node": "B", "type": "main", "index": 0}]]}}
    base = n8n(step("A"), step("B"), connections=connections)
    workflow = parse(base)
    nodes = (
        workflow.graph.nodes[0].model_copy(update={"on_error": "continueErrorOutput"}),
        workflow.graph.nodes[1],
    )
    rendered = render(with_graph(workflow, nodes=nodes), base)
    assert rendered.losses == ()
    assert parse(rendered.document).graph.edges[0].kind is EdgeKind.ERROR


def test_settings_without_a_place_do_not_make_one() -> None:
    base = n8n(step("A"))
    rendered = render(changed(parse(base), settings=Settings(limits=LimitSettings(tokens=1))), base)
    assert rendered.document == base
    assert lost_paths(rendered) == ["/settings/limits"]


def test_an_opaque_definition_cannot_be_emptied_through_its_extension() -> None:
    base = recording("get_opaque")
    rendered = render(changed(parse(base), extensions={}), base)
    assert rendered.document == base
    assert lost_paths(rendered) == ["/extensions"]


def test_a_field_of_the_definition_is_added_without_touching_settings() -> None:
    base = n8n(step("A"))
    workflow = changed(parse(base), extensions={"aitronos": {"definition": {"meta": {"a": 1}}}})
    rendered = render(workflow, base)
    assert differences(base, rendered.document) == ["/definition/meta"]
    assert rendered.losses == ()
