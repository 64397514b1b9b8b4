"""Nodes, dependencies, conditional edges."""

from typing import Any

import pytest

from adapters.promptlayer.node_types import ROLES
from schemas.diagnostics import DiagnosticCode, Severity
from schemas.graph import (
    EdgeKind,
    GraphForm,
    Match,
    NodeRole,
    Operand,
    OperandKind,
    Operator,
    WorkflowReference,
)


def node(name: Any, *dependencies: Any, **more: Any) -> dict[str, Any]:
    return {
        "id": f"id of {name}",
        "name": name,
        "node_type": "CODE_EXECUTION",
        "is_output_node": False,
        "configuration": {},
        "dependencies": list(dependencies),
        **more,
    }


def edge(source: str, target: str, *conditionals: Any, **more: Any) -> dict[str, Any]:
    ends = {"source_node_name": source, "target_node_name": target}
    return {"id": f"{source}>{target}", **ends, "is_and": True, "conditionals": list(conditionals), **more}


def document(*nodes: Any, edges: Any = (), **more: Any) -> dict[str, Any]:
    identity = {"workflow_id": 1, "workflow_name": "n", "version": 1, "workflow_version_id": 1}
    return {**identity, "nodes": list(nodes), "edges": list(edges), **more}


def links(workflow: Any) -> list[tuple[str, str, str]]:
    return [(link.kind, link.source.node, link.target.node) for link in workflow.graph.edges]


def found(workflow: Any) -> list[tuple[DiagnosticCode, str]]:
    return [(diagnostic.code, diagnostic.path) for diagnostic in workflow.diagnostics]


def test_dependencies_are_edges_in_the_order_they_are_named(parse: Any) -> None:
    workflow = parse(document(node("a"), node("b", "a"), node("c", "b", "a")))
    assert links(workflow) == [
        (EdgeKind.DEPENDENCY, "a", "b"),
        (EdgeKind.DEPENDENCY, "b", "c"),
        (EdgeKind.DEPENDENCY, "a", "c"),
    ]
    assert workflow.diagnostics == ()
    assert workflow.graph.form is GraphForm.GRAPH


def test_an_input_among_the_dependencies_is_no_edge_and_stays_beside_the_node(parse: Any) -> None:
    workflow = parse(document(node("a", "topic"), required_input_variables={"topic": "string"}))
    assert workflow.graph.edges == ()
    assert workflow.graph.nodes[0].extensions == {"promptlayer": {"dependencies": ["topic"]}}
    assert workflow.diagnostics == ()


def test_a_dependency_on_nothing_is_kept_and_reported(parse: Any) -> None:
    workflow = parse(document(node("a", "ghost")))
    assert links(workflow) == [(EdgeKind.DEPENDENCY, "ghost", "a")]
    assert workflow.graph.edges[0].source.exists is False
    assert found(workflow) == [(DiagnosticCode.DANGLING_REFERENCE, "/nodes/0/dependencies/0")]


def test_a_name_shared_by_a_node_and_an_input_leads_to_the_node(parse: Any) -> None:
    workflow = parse(document(node("a"), node("b", "a"), required_input_variables={"a": "string"}))
    assert links(workflow) == [(EdgeKind.DEPENDENCY, "a", "b")]
    assert found(workflow) == [(DiagnosticCode.CONTRADICTION, "/required_input_variables/a")]


def test_a_repeated_dependency_is_one_edge(parse: Any) -> None:
    workflow = parse(document(node("a"), node("b", "a", "a")))
    assert links(workflow) == [(EdgeKind.DEPENDENCY, "a", "b")]
    assert found(workflow) == [(DiagnosticCode.CONTRADICTION, "/nodes/1/dependencies/1")]


@pytest.mark.parametrize("dependencies", [None, "a", {"a": 1}, 7])
def test_dependencies_of_another_shape_are_reported(parse: Any, dependencies: Any) -> None:
    workflow = parse(document(node("a"), node("b", dependencies=dependencies)))
    assert workflow.graph.edges == ()
    assert [path for _, path in found(workflow)] == ["/nodes/1/dependencies"]


def test_an_entry_of_edges_makes_its_dependency_conditional(parse: Any) -> None:
    rule = {
        "position": 0,
        "operator": "=",
        "left_config": {"type": "source", "source": {"name": "a"}},
        "right_config": {"type": "static_value", "static_value": "x"},
    }
    workflow = parse(document(node("a"), node("b", "a"), node("c", "a"), edges=[edge("a", "c", rule)]))
    assert links(workflow) == [(EdgeKind.DEPENDENCY, "a", "b"), (EdgeKind.CONDITIONAL, "a", "c")]
    conditional = workflow.graph.edges[1]
    assert conditional.id == "a>c"
    assert conditional.condition.match is Match.ALL
    (read,) = conditional.condition.rules
    assert read.left == Operand(kind=OperandKind.REFERENCE, reference="a")
    assert (read.operator, read.native_operator) == (Operator.EQUALS, "=")
    assert read.right == Operand(kind=OperandKind.VALUE, value="x")
    assert workflow.diagnostics == ()


def test_two_entries_between_the_same_nodes_are_parallel_edges(parse: Any) -> None:
    entries = [edge("a", "b", id="1"), edge("a", "b", id="2", is_and=False)]
    workflow = parse(document(node("a"), node("b", "a"), edges=entries))
    assert [(link.id, link.condition.match) for link in workflow.graph.edges] == [
        ("1", Match.ALL),
        ("2", Match.ANY),
    ]


def test_an_entry_without_its_dependency_is_kept_and_reported(parse: Any) -> None:
    workflow = parse(document(node("a"), node("b"), edges=[edge("a", "b")]))
    assert links(workflow) == [(EdgeKind.CONDITIONAL, "a", "b")]
    assert found(workflow) == [(DiagnosticCode.CONTRADICTION, "/edges/0")]


def test_an_entry_to_nowhere_is_kept_and_reported(parse: Any) -> None:
    workflow = parse(document(node("a"), edges=[edge("a", "ghost"), edge("ghost", "a")]))
    assert links(workflow) == [(EdgeKind.CONDITIONAL, "a", "ghost"), (EdgeKind.CONDITIONAL, "ghost", "a")]
    assert [link.target.exists for link in workflow.graph.edges] == [False, True]
    assert found(workflow) == [
        (DiagnosticCode.DANGLING_EDGE, "/edges/0/target_node_name"),
        (DiagnosticCode.DANGLING_EDGE, "/edges/1/source_node_name"),
    ]


@pytest.mark.parametrize("conditionals", [{}, {"conditionals": None}, {"conditionals": []}])
def test_an_entry_without_conditionals_is_a_condition_without_rules(parse: Any, conditionals: Any) -> None:
    entry = {key: value for key, value in edge("a", "b").items() if key != "conditionals"} | conditionals
    workflow = parse(document(node("a"), node("b", "a"), edges=[entry]))
    assert workflow.graph.edges[0].condition.rules == ()
    assert workflow.diagnostics == ()


def test_an_entry_without_an_end_is_reported(parse: Any) -> None:
    workflow = parse(document(node("a"), edges=[{"id": "1", "source_node_name": "a", "is_and": True}, 5]))
    assert workflow.graph.edges == ()
    codes = {code for code, _ in found(workflow)}
    assert codes == {DiagnosticCode.MISSING_FIELD, DiagnosticCode.UNREADABLE_PART}


@pytest.mark.parametrize(
    ("word", "operator", "severity"),
    [
        ("=", Operator.EQUALS, None),
        ("==", Operator.EQUALS, Severity.INFO),
        ("!=", Operator.NOT_EQUALS, None),
        ("<", Operator.LESS_THAN, None),
        (">", Operator.GREATER_THAN, None),
        ("<=", Operator.LESS_OR_EQUAL, None),
        (">=", Operator.GREATER_OR_EQUAL, None),
        ("in", Operator.IN, None),
        ("not_in", Operator.NOT_IN, None),
        ("is_null", Operator.IS_NULL, None),
        ("is_not_null", Operator.IS_NOT_NULL, None),
        ("~=", Operator.OTHER, Severity.WARNING),
    ],
)
def test_operators(parse: Any, word: str, operator: Operator, severity: Severity | None) -> None:
    rule = {
        "operator": word,
        "left_config": {"type": "source", "source": {"name": "a"}},
        "right_config": {"type": "static_value", "static_value": 0},
    }
    workflow = parse(document(node("a"), node("b", "a"), edges=[edge("a", "b", rule)]))
    (read,) = workflow.graph.edges[0].condition.rules
    assert (read.operator, read.native_operator) == (operator, word)
    assert [diagnostic.severity for diagnostic in workflow.diagnostics] == ([severity] if severity else [])


def test_an_operator_of_one_operand_has_one(parse: Any) -> None:
    nothing = {"type": "static_value", "static_value": None}
    left = {"type": "source", "source": {"name": "a"}}
    rules = [
        {"operator": "is_null", "left_config": left, "right_config": nothing},
        {"operator": "is_not_null", "left_config": left},
        {"operator": "=", "left_config": left, "right_config": nothing},
    ]
    workflow = parse(document(node("a"), node("b", "a"), edges=[edge("a", "b", *rules)]))
    alone, absent, compared = workflow.graph.edges[0].condition.rules
    assert alone.right is absent.right is None
    assert compared.right == Operand(kind=OperandKind.VALUE, value=None)
    assert workflow.diagnostics == ()


@pytest.mark.parametrize(
    ("config", "kind", "reference"),
    [
        ({"type": "source", "source": {"name": "a", "json_path": "$.x"}}, OperandKind.OTHER, "a"),
        ({"type": "source", "source": "a"}, OperandKind.OTHER, None),
        ({"type": "static_value"}, OperandKind.OTHER, None),
        ({"type": "variable", "variable": "x"}, OperandKind.OTHER, None),
        ({}, OperandKind.OTHER, None),
    ],
)
def test_an_operand_of_another_form_is_kept_as_it_is(
    parse: Any, config: Any, kind: OperandKind, reference: str | None
) -> None:
    rule = {"operator": "is_null", "left_config": config}
    workflow = parse(document(node("a"), node("b", "a"), edges=[edge("a", "b", rule)]))
    (read,) = workflow.graph.edges[0].condition.rules
    assert read.left == Operand(kind=kind, reference=reference, value=config)


def test_an_operand_that_refers_to_nothing_is_reported(parse: Any) -> None:
    rule = {"operator": "is_null", "left_config": {"type": "source", "source": {"name": "ghost"}}}
    workflow = parse(document(node("a"), node("b", "a"), edges=[edge("a", "b", rule)]))
    path = "/edges/0/conditionals/0/left_config/source/name"
    assert found(workflow) == [(DiagnosticCode.DANGLING_REFERENCE, path)]


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
    workflow = parse(document(node("a"), node("b"), node("b", "a", id="2"), edges=[edge("a", "b")]))
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
    configuration = {"sources": ["a", "b", "topic", "nowhere"], "value_source": "a"}
    nodes = [node("a"), node("b"), node("c", "b", node_type="COALESCE", configuration=configuration)]
    workflow = parse(document(*nodes, required_input_variables={"topic": "string"}))
    assert links(workflow) == [(EdgeKind.DEPENDENCY, "b", "c"), (EdgeKind.DATA, "a", "c")]
    assert [link.derived for link in workflow.graph.edges] == [False, True]
    assert found(workflow) == [
        (DiagnosticCode.CONTRADICTION, "/nodes/2/configuration/sources/0"),
        (DiagnosticCode.DANGLING_REFERENCE, "/nodes/2/configuration/sources/3"),
        (DiagnosticCode.CONTRADICTION, "/nodes/2/configuration/value_source"),
    ]


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
