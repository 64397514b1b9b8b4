"""Nodes: keys, types, what their configurations tell; and graphs that are none."""

from typing import Any

import pytest

from adapters.promptlayer.node_types import ROLES
from schemas.diagnostics import DiagnosticCode
from schemas.graph import (
    EdgeKind,
    GraphForm,
    NodeRole,
    WorkflowReference,
)
from tests.vendors.promptlayer.helpers import document, edge, found, links, node


def test_a_node_is_known_by_its_name_and_later_ones_by_their_place(parse: Any) -> None:
    twins = document(
        node("a"), node("a", "a", id="2"), node(None, id="3"), node("", id="4"), node("#2", id="5")
    )
    workflow = parse(twins)
    assert [one.key for one in workflow.graph.nodes] == ["a", "#1", "##2", "#3", "#2"]
    assert links(workflow) == [(EdgeKind.DEPENDENCY, "a", "#1")]
    assert [code for code, _ in found(workflow)] == [
        DiagnosticCode.DUPLICATE_NODE_NAME,
        DiagnosticCode.MISSING_NODE_NAME,
        DiagnosticCode.MISSING_NODE_NAME,
    ]


def test_a_made_up_key_is_nothing_that_a_link_leads_to(parse: Any) -> None:
    workflow = parse(document(node(None), node("b", "#0"), node(None, id="3"), edges=[edge("b", "#2")]))
    assert [one.key for one in workflow.graph.nodes] == ["##0", "b", "##2"]
    assert [(link.source.exists, link.target.exists) for link in workflow.graph.edges] == [
        (False, True),
        (True, False),
    ]


def test_an_entry_to_a_shared_name_leads_to_the_first_node(parse: Any) -> None:
    twins = (node("a"), node("b"), node("b", "a", id="2"))
    assert links(parse(document(*twins) | {"edges": None})) == [(EdgeKind.DEPENDENCY, "a", "#2")]
    workflow = parse(document(*twins, edges=[edge("a", "b")]))
    assert links(workflow) == [(EdgeKind.DEPENDENCY, "a", "#2"), (EdgeKind.CONDITIONAL, "a", "b")]


def test_node_ids_are_kept_and_oddities_reported(parse: Any) -> None:
    workflow = parse(document(node("a", id=None), node("b", id="x"), node("c", id="x")))
    assert [one.id for one in workflow.graph.nodes] == [None, "x", "x"]
    assert found(workflow) == [
        (DiagnosticCode.MISSING_NODE_ID, "/nodes/0/id"),
        (DiagnosticCode.DUPLICATE_NODE_ID, "/nodes/2/id"),
    ]


def test_the_version_that_a_node_repeats_is_only_compared(parse: Any) -> None:
    workflow = parse(document(node("a", workflow_version_id=1), node("b", workflow_version_id=2)))
    assert all(one.extensions == {} for one in workflow.graph.nodes)
    assert found(workflow) == [(DiagnosticCode.CONTRADICTION, "/nodes/1/workflow_version_id")]


@pytest.mark.parametrize(("node_type", "role"), ROLES.items())
def test_documented_types_have_a_role(parse: Any, node_type: str, role: NodeRole) -> None:
    configuration = {"template": {"name": "t"}, "workflow_id": 7}
    (read,) = parse(document(node("a", node_type=node_type, configuration=configuration))).graph.nodes
    assert (read.type, read.role) == (node_type, role)
    assert role is not NodeRole.OTHER


def test_an_unknown_type_is_kept_and_reported(parse: Any) -> None:
    workflow = parse(document(node("a", node_type="BRAND_NEW_NODE")))
    assert (workflow.graph.nodes[0].type, workflow.graph.nodes[0].role) == ("BRAND_NEW_NODE", NodeRole.OTHER)
    assert found(workflow) == [(DiagnosticCode.UNKNOWN_VALUE, "/nodes/0/node_type")]


@pytest.mark.parametrize("node_type", [None, [], {"a": 1}, 7, True])
def test_a_type_of_another_type_is_reported(parse: Any, node_type: Any) -> None:
    workflow = parse(document(node("a", node_type=node_type, configuration={"source": "a"})))
    assert workflow.graph.nodes[0].role is NodeRole.OTHER
    assert {path for _, path in found(workflow)} == {"/nodes/0/node_type"}


@pytest.mark.parametrize("configuration", [None, "x", [], 7])
def test_a_configuration_of_another_type_is_reported(parse: Any, configuration: Any) -> None:
    workflow = parse(document(node("a", configuration=configuration)))
    assert workflow.graph.nodes[0].config == {}
    assert [path for _, path in found(workflow)] == ["/nodes/0/configuration"]


def test_models_are_named_by_engine_then_metadata(load: Any, parse: Any) -> None:
    models = {one.key: one.models for one in parse(load("get_loops_and_models")).graph.nodes}
    assert models["plan step/1"] == ("claude-sonnet-4-5", "gpt-4o")
    assert models["each row"] == ("gpt-4o-mini",), "a loop over a prompt names it inside"
    assert models["refine"] == models["approve"] == ()


@pytest.mark.parametrize(
    "configuration",
    [
        {"engine": "gpt"},
        {"engine": {"model": 5}},
        {"engine": {"model": ""}},
        {"inline_template": {"metadata": {"model": "gpt"}}},
        {"inline_template": [], "prompt_config": "x"},
    ],
)
def test_a_model_in_another_shape_is_not_one(parse: Any, configuration: Any) -> None:
    (read,) = parse(document(node("a", configuration=configuration))).graph.nodes
    assert read.models == ()


def test_subworkflows_are_referenced_by_number_version_and_label(load: Any, parse: Any) -> None:
    references = {one.key: one.subworkflow for one in parse(load("get_loops_and_models")).graph.nodes}
    assert references["again"] == WorkflowReference(id="9007199254740993", version="11", label="stable")
    assert references["refine"] == WorkflowReference(id="77", version="3")
    assert references["each row"] is None


@pytest.mark.parametrize("workflow_id", [None, True, {}, ""])
def test_a_workflow_node_that_does_not_say_which_is_reported(parse: Any, workflow_id: Any) -> None:
    configuration = {"workflow_id": workflow_id}
    workflow = parse(document(node("a", node_type="WORKFLOW", configuration=configuration)))
    assert workflow.graph.nodes[0].subworkflow is None
    assert found(workflow) == [(DiagnosticCode.MISSING_FIELD, "/nodes/0/configuration/workflow_id")]


@pytest.mark.parametrize(
    ("configuration", "code", "path"),
    [
        ({}, DiagnosticCode.MISSING_FIELD, "template"),
        ({"template": {"name": "t"}, "inline_template": {}}, DiagnosticCode.CONTRADICTION, "inline_template"),
        ({"template": {"prompt_name": "t"}}, DiagnosticCode.CONTRADICTION, "template/prompt_name"),
    ],
)
def test_a_prompt_node_names_one_template(
    parse: Any, configuration: Any, code: DiagnosticCode, path: str
) -> None:
    workflow = parse(document(node("a", node_type="PROMPT_TEMPLATE", configuration=configuration)))
    assert found(workflow) == [(code, f"/nodes/0/configuration/{path}")]


def test_a_node_named_by_a_configuration_only_is_a_derived_edge(parse: Any) -> None:
    configuration = {"sources": ["a", "b", "topic", "nowhere", 5], "value_source": "a"}
    nodes = [node("a"), node("b"), node("c", "b", node_type="COALESCE", configuration=configuration)]
    workflow = parse(document(*nodes, required_input_variables={"topic": "string"}))
    assert links(workflow) == [(EdgeKind.DEPENDENCY, "b", "c"), (EdgeKind.DATA, "a", "c")]
    assert [link.derived for link in workflow.graph.edges] == [False, True]
    assert found(workflow) == [
        (DiagnosticCode.CONTRADICTION, "/nodes/2/configuration/sources/0"),
        (DiagnosticCode.DANGLING_REFERENCE, "/nodes/2/configuration/sources/3"),
        (DiagnosticCode.CONTRADICTION, "/nodes/2/configuration/value_source"),
    ]


def test_a_name_that_only_the_inside_of_a_loop_knows_is_not_reported(parse: Any) -> None:
    inside = {"prompt_template_variable_mappings": {"row": "row", "topic": "a", "n": 5}}
    loop = node("b", node_type="FOR_LOOP", configuration={"prompt_config": inside})
    workflow = parse(document(node("a"), loop))
    assert links(workflow) == [(EdgeKind.DATA, "a", "b")]
    assert [code for code, _ in found(workflow)] == [DiagnosticCode.CONTRADICTION]


def test_names_that_only_a_loop_knows_are_no_references(load: Any, parse: Any) -> None:
    assert parse(load("get_loops_and_models")).diagnostics == ()


def test_a_link_that_has_an_entry_is_not_derived_again(parse: Any) -> None:
    reader = node("b", node_type="COUNT", configuration={"source": "a"})
    workflow = parse(document(node("a"), reader, edges=[edge("a", "b")]))
    assert links(workflow) == [(EdgeKind.CONDITIONAL, "a", "b")]


@pytest.mark.parametrize(
    ("nodes", "form", "code"),
    [
        ([], GraphForm.EMPTY, DiagnosticCode.EMPTY_DEFINITION),
        (None, GraphForm.EMPTY, DiagnosticCode.EMPTY_DEFINITION),
        ({}, GraphForm.EMPTY, DiagnosticCode.EMPTY_DEFINITION),
        ({"a": {}}, GraphForm.OPAQUE, DiagnosticCode.OPAQUE_DEFINITION),
        ("text", GraphForm.OPAQUE, DiagnosticCode.OPAQUE_DEFINITION),
        ([1, "a", None], GraphForm.OPAQUE, DiagnosticCode.OPAQUE_DEFINITION),
    ],
)
def test_a_document_without_readable_nodes_is_no_error(
    parse: Any, nodes: Any, form: GraphForm, code: DiagnosticCode
) -> None:
    workflow = parse(document() | {"nodes": nodes})
    assert workflow.graph.form is form
    assert (code, "/nodes") in found(workflow)


def test_an_item_that_is_no_node_is_reported_and_the_others_keep_their_place(parse: Any) -> None:
    workflow = parse(document("text", node(None), node("a")))
    assert [one.key for one in workflow.graph.nodes] == ["#1", "a"]
    assert (DiagnosticCode.UNREADABLE_PART, "/nodes/0") in found(workflow)


def test_unknown_fields_of_nodes_and_edges_are_kept_beside_them(parse: Any) -> None:
    entry = edge("a", "b", weight=[1, 1.0])
    workflow = parse(document(node("a", position={"x": 1}), node("b", "a"), edges=[entry]))
    assert workflow.graph.nodes[0].extensions == {"promptlayer": {"position": {"x": 1}}}
    assert workflow.graph.edges[0].extensions == {"promptlayer": {"weight": [1, 1.0]}}
