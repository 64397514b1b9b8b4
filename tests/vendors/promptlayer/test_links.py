"""Dependencies, conditional edges and their conditions."""

from typing import Any

import pytest

from schemas.diagnostics import DiagnosticCode, Severity
from schemas.graph import (
    EdgeKind,
    GraphForm,
    Match,
    Operand,
    OperandKind,
    Operator,
)
from tests.vendors.promptlayer.helpers import document, edge, found, links, node


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
