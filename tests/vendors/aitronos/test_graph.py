"""Edges of the n8n-like shape: kinds, slots, gaps, order, absent ends, references in expressions."""

from typing import Any

import pytest

from schemas.graph import EdgeKind, Endpoint, PortDirection
from tests.vendors.aitronos.helpers import found, n8n, node_of, parse, recording, step, to


def test_edges_go_by_name_and_know_slot_and_order() -> None:
    connections = {"A": {"main": [[to("B"), to("C", index=1)], [to("A")]]}}
    graph = parse(n8n(step("A"), step("B"), step("C"), connections=connections)).graph
    assert [(edge.source.index, edge.order, edge.target.node, edge.target.index) for edge in graph.edges] == [
        (0, 0, "B", 0),
        (0, 1, "C", 1),
        (1, 0, "A", 0),
    ]
    assert {edge.kind for edge in graph.edges} == {EdgeKind.DATA}
    assert {edge.source.port for edge in graph.edges} == {"main"}


def test_parallel_edges_and_loops_are_kept() -> None:
    connections = {"A": {"main": [[to("B"), to("B")]]}, "B": {"main": [[to("A"), to("B")]]}}
    edges = parse(n8n(step("A"), step("B"), connections=connections)).graph.edges
    assert [(edge.source.node, edge.target.node) for edge in edges] == [
        ("A", "B"),
        ("A", "B"),
        ("B", "A"),
        ("B", "B"),
    ]


@pytest.mark.parametrize("gap", [None, []])
def test_unused_slots_are_ports(gap: Any) -> None:
    workflow = parse(n8n(step("A"), step("B"), connections={"A": {"main": [gap, [to("B")], gap]}}))
    ports = node_of(workflow, "A").ports
    assert [(port.direction, port.name, port.index) for port in ports] == [
        (PortDirection.OUTPUT, "main", 0),
        (PortDirection.OUTPUT, "main", 1),
        (PortDirection.OUTPUT, "main", 2),
    ]
    assert [edge.source.index for edge in workflow.graph.edges] == [1]
    assert found(workflow) == []


@pytest.mark.parametrize("kind", ["ai_tool", "ai_memory", "ai_languageModel", "ai_something_new"])
def test_parts_of_an_agent_are_attached(kind: str) -> None:
    workflow = parse(n8n(step("Part"), step("Agent"), connections={"Part": {kind: [[to("Agent", kind)]]}}))
    (edge,) = workflow.graph.edges
    assert (edge.kind, edge.native_kind, edge.target.port) == (EdgeKind.ATTACHMENT, kind, kind)


@pytest.mark.parametrize(
    ("source", "slot", "kind"),
    [
        (step("A", onError="continueErrorOutput"), 0, EdgeKind.DATA),
        (step("A", onError="continueErrorOutput"), 1, EdgeKind.ERROR),
        (step("A", onError="continueRegularOutput"), 1, EdgeKind.DATA),
        (step("A"), 1, EdgeKind.DATA),
        (step("A", "if", onError="continueErrorOutput"), 1, EdgeKind.CONDITIONAL),
        (step("A", "if", onError="continueErrorOutput"), 2, EdgeKind.ERROR),
        (step("A", "if"), 0, EdgeKind.CONDITIONAL),
        (step("A", "condition"), 0, EdgeKind.CONDITIONAL),
    ],
)
def test_the_error_output_comes_after_a_nodes_own(source: Any, slot: int, kind: EdgeKind) -> None:
    slots: list[Any] = [[] for _ in range(slot)]
    workflow = parse(n8n(source, step("B"), connections={"A": {"main": [*slots, [to("B")]]}}))
    assert [edge.kind for edge in workflow.graph.edges] == [kind]


def test_a_connection_kind_error_is_an_error_edge() -> None:
    workflow = parse(n8n(step("A"), step("B"), connections={"A": {"error": [[to("B")]]}}))
    assert [edge.kind for edge in workflow.graph.edges] == [EdgeKind.ERROR]


def test_an_unknown_kind_is_kept_and_reported() -> None:
    workflow = parse(n8n(step("A"), step("B"), connections={"A": {"sideways": [[to("B", "sideways")]]}}))
    (edge,) = workflow.graph.edges
    assert (edge.kind, edge.native_kind) == (EdgeKind.DATA, "sideways")
    assert found(workflow) == [("unknown_value", "/definition/connections/A/sideways")]


def test_edges_to_absent_nodes_are_kept_and_reported() -> None:
    workflow = parse(recording("get_n8n_nulls_and_dangling"))
    dangling = workflow.graph.edges[-1]
    assert dangling.source == Endpoint(node="Ghost", exists=False, port="main", index=1)
    assert dangling.target == Endpoint(node="Nowhere", exists=False, port="main", index=0)
    assert ("dangling_edge", "/definition/connections/Ghost/main/1/0") in found(workflow)


def test_a_pointer_to_a_strange_name_is_escaped() -> None:
    workflow = parse(n8n(connections={"a/b~c": {"main": [[to("x")]]}}))
    assert found(workflow) == [("dangling_edge", "/definition/connections/a~1b~0c/main/0/0")]


@pytest.mark.parametrize(
    ("connections", "path"),
    [
        ({"A": []}, "/definition/connections/A"),
        ({"A": {"main": {}}}, "/definition/connections/A/main"),
        ({"A": {"main": ["B"]}}, "/definition/connections/A/main/0"),
        ({"A": {"main": [["B"]]}}, "/definition/connections/A/main/0/0"),
        ({"A": {"main": [[{"type": "main"}]]}}, "/definition/connections/A/main/0/0"),
        ({"A": {"main": [[{"node": 5}]]}}, "/definition/connections/A/main/0/0"),
    ],
)
def test_an_unreadable_connection_is_reported_where_it_is(connections: Any, path: str) -> None:
    workflow = parse(n8n(step("A"), step("B"), connections=connections))
    assert workflow.graph.edges == ()
    assert found(workflow) == [("unreadable_part", path)]


def test_a_connection_without_type_and_index_is_an_edge_all_the_same() -> None:
    workflow = parse(n8n(step("A"), step("B"), connections={"A": {"main": [[{"node": "B", "note": 1}]]}}))
    (edge,) = workflow.graph.edges
    assert edge.target == Endpoint(node="B")
    assert edge.extensions == {"aitronos": {"note": 1}}
    assert [code for code, _ in found(workflow)] == ["missing_field", "missing_field"]


@pytest.mark.parametrize(
    "text",
    [
        "={{ $('Basket').item.json.total }}",
        '={{ $("Basket").first() }}',
        '={{ $node["Basket"].json.total }}',
        "={{ $items('Basket')[0] }}",
        "return $('Basket').all();",
    ],
)
def test_a_reference_inside_a_configuration_is_a_derived_edge(text: str) -> None:
    reader = step("Reader", "code", parameters={"options": [{"text": text}]})
    (edge,) = parse(n8n(step("Basket"), reader)).graph.edges
    assert edge.derived
    assert (edge.source.node, edge.target.node, edge.native_kind) == ("Basket", "Reader", None)


def test_a_reference_is_derived_once_and_quotes_may_be_escaped() -> None:
    parameters = {"a": "={{ $('It\\'s').x }}", "b": "={{ $('It\\'s').y }}"}
    edges = parse(n8n(step("It's"), step("Reader", parameters=parameters))).graph.edges
    assert [edge.source.node for edge in edges] == ["It's"]


def test_an_expression_that_names_an_absent_node_is_reported_and_code_is_not() -> None:
    expression = step("One", parameters={"a": "={{ $('Gone').x }}"})
    code = step("Two", parameters={"a": "document.write($('#basket'))"})
    workflow = parse(n8n(expression, code))
    assert [(edge.source.node, edge.source.exists) for edge in workflow.graph.edges] == [("Gone", False)]
    assert found(workflow) == [("dangling_reference", "/definition/nodes/0/parameters")]
