"""Which shape a definition is taken for."""

from typing import Any

import pytest

from schemas.digest import digest
from schemas.graph import GraphForm
from tests.vendors.aitronos.helpers import found, parse, record, recording, step


@pytest.mark.parametrize(
    "definition",
    [
        {"nodes": [], "connections": {}},
        {"nodes": [step("A")]},
        {"nodes": "many", "connections": {}},
        {"nodes": None, "connections": None},
        {"nodes": [step("A")], "connections": {}, "edges": []},
    ],
)
def test_nodes_with_connections_are_n8n_like(definition: Any) -> None:
    graph = parse(record(definition)).graph
    assert (graph.form, graph.format) == (GraphForm.GRAPH, "n8n")


@pytest.mark.parametrize(
    "definition",
    [
        {"nodes": [], "edges": []},
        {"nodes": [{"id": "a", "data": {}}]},
        {"nodes": {"a": 1}, "edges": 5},
        {"nodes": [], "edges": [], "viewport": {"zoom": 1}},
    ],
)
def test_nodes_with_edges_are_react_flow_like(definition: Any) -> None:
    graph = parse(record(definition)).graph
    assert (graph.form, graph.format) == (GraphForm.GRAPH, "react-flow")


@pytest.mark.parametrize(
    "definition",
    [{"steps": []}, {"nodes": []}, {"nodes": ["a"]}, {"connections": {}}, {"edges": []}, {"a": None}],
)
def test_other_objects_are_opaque_and_kept(definition: Any) -> None:
    workflow = parse(record(definition))
    assert (workflow.graph.form, workflow.graph.format) == (GraphForm.OPAQUE, None)
    assert workflow.extensions == {"aitronos": {"definition": definition}}
    assert found(workflow) == [("opaque_definition", "/definition")]


@pytest.mark.parametrize("definition", ["{}", 5, [], [{"id": 1}], True])
def test_what_is_no_object_is_opaque_and_of_the_wrong_type(definition: Any) -> None:
    workflow = parse(record(definition))
    assert workflow.graph.form is GraphForm.OPAQUE
    assert workflow.extensions == {"aitronos": {"definition": definition}}
    assert found(workflow) == [("wrong_type", "/definition"), ("opaque_definition", "/definition")]


@pytest.mark.parametrize(("definition", "code"), [({}, "empty_definition"), (None, "missing_field")])
def test_no_content_is_an_empty_graph(definition: Any, code: str) -> None:
    workflow = parse(record(definition))
    assert workflow.graph.form is GraphForm.EMPTY
    assert workflow.extensions == {}
    assert found(workflow) == [(code, "/definition")]


def test_opaque_definitions_of_different_content_have_different_digests() -> None:
    one = recording("get_opaque")
    other = {**one, "definition": {**one["definition"], "format": 3}}
    assert digest(parse(one)) != digest(parse(other))


@pytest.mark.parametrize("field", ["viewport", "versionId", "active", "name", "updatedAt"])
def test_copies_and_the_editors_view_do_not_change_the_digest(field: str) -> None:
    plain = record({"nodes": [step("A")], "connections": {}})
    touched = record({"nodes": [step("A")], "connections": {}, field: "touched"})
    assert digest(parse(plain)) == digest(parse(touched))


def test_other_fields_of_a_definition_are_kept_word_for_word() -> None:
    workflow = parse(record({"nodes": [], "connections": {}, "pinData": {"A": [1.0]}, "staticData": None}))
    assert workflow.extensions == {"aitronos": {"definition": {"pinData": {"A": [1.0]}, "staticData": None}}}
