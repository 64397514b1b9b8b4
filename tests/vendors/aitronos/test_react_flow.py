"""The React-Flow-like shape."""

from typing import Any

import pytest

from schemas.graph import Branch, Condition, EdgeKind, Endpoint, NodeRole, Position, WorkflowReference
from tests.vendors.aitronos.helpers import found, node_of, parse, react_flow, recording


def test_a_node_takes_name_and_configuration_from_its_data() -> None:
    workflow = parse(recording("get_react_flow"))
    first, second = workflow.graph.nodes
    assert (first.key, first.id, first.name) == ("n1", "n1", "LLM")
    assert (first.role, first.type, first.models) == (NodeRole.LLM, "FreddyLLM", ("ftg-3.0",))
    assert list(first.config) == ["config"]
    assert (second.name, second.config, second.position) == (None, {}, Position(x=200, y=0))
    assert found(workflow) == []


def test_an_edge_has_handles_as_ports() -> None:
    (edge,) = parse(recording("get_react_flow")).graph.edges
    assert (edge.id, edge.kind, edge.order) == ("e1", EdgeKind.DATA, 0)
    assert edge.source == Endpoint(node="n1", port="out")
    assert edge.target == Endpoint(node="n2", port="in")


@pytest.mark.parametrize(
    ("data", "name", "config"),
    [
        ({"label": "L", "name": "N"}, "L", {"name": "N"}),
        ({"name": "N", "title": "T"}, "N", {"title": "T"}),
        ({"title": "T"}, "T", {}),
        ({"label": 5}, None, {"label": 5}),
        (None, None, {}),
    ],
)
def test_the_likeliest_text_is_the_name(data: Any, name: str | None, config: Any) -> None:
    (node,) = parse(react_flow({"id": "a", "data": data})).graph.nodes
    assert (node.name, node.config) == (name, config)


@pytest.mark.parametrize("field", ["parentId", "parentNode"])
def test_a_parent_is_a_container(field: str) -> None:
    workflow = parse(react_flow({"id": "g", "type": "group"}, {"id": "a", field: "g"}))
    assert node_of(workflow, "a").container == "g"
    assert node_of(workflow, "g").role is NodeRole.GROUP
    assert node_of(workflow, "a").extensions == {}


def test_an_absent_parent_is_reported_and_kept() -> None:
    workflow = parse(react_flow({"id": "a", "parentId": "lost"}))
    assert node_of(workflow, "a").container is None
    assert node_of(workflow, "a").extensions == {"aitronos": {"parentId": "lost"}}
    assert found(workflow) == [("dangling_reference", "/definition/nodes/0/parentId")]


def test_drawing_is_left_out() -> None:
    nodes = [{"id": "a", "width": 5, "selected": True, "dragHandle": ".x"}, {"id": "b"}]
    edges = [{"id": "e", "source": "a", "target": "b", "animated": True, "data": {"w": 1}}]
    graph = parse(react_flow(*nodes, edges=edges)).graph
    assert graph.nodes[0].extensions == {"aitronos": {"dragHandle": ".x"}}
    assert graph.edges[0].extensions == {"aitronos": {"data": {"w": 1}}}


def test_the_order_counts_edges_from_the_same_handle() -> None:
    edges = [{"source": "a", "target": "b", "sourceHandle": handle} for handle in ("x", "y", "x", None)]
    graph = parse(react_flow({"id": "a"}, {"id": "b"}, edges=edges)).graph
    assert [edge.order for edge in graph.edges] == [0, 0, 1, 0]


def test_the_handles_of_a_deciding_node_are_its_branches() -> None:
    nodes = [{"id": "if", "type": "condition"}, {"id": "b"}]
    edges = [
        {"source": "if", "target": "b", "sourceHandle": "yes", "label": "fine"},
        {"source": "if", "target": "b", "sourceHandle": "else"},
        {"source": "if", "target": "b"},
    ]
    graph = parse(react_flow(*nodes, edges=edges)).graph
    assert graph.nodes[0].branches == (
        Branch(port="yes", label="fine", condition=Condition()),
        Branch(port="else"),
    )
    assert [edge.kind for edge in graph.edges] == [EdgeKind.CONDITIONAL, EdgeKind.CONDITIONAL, EdgeKind.DATA]
    assert graph.edges[0].label == "fine"


@pytest.mark.parametrize("handle", ["error", "onError", "fail-branch"])
def test_an_error_handle_gives_an_error_edge(handle: str) -> None:
    edges = [{"source": "a", "target": "b", "sourceHandle": handle}]
    assert parse(react_flow({"id": "a"}, {"id": "b"}, edges=edges)).graph.edges[0].kind is EdgeKind.ERROR


def test_numbers_as_ids_are_read_as_text() -> None:
    workflow = parse(react_flow({"id": 1}, {"id": "2"}, edges=[{"source": "1", "target": 2}]))
    (edge,) = workflow.graph.edges
    assert (edge.source.node, edge.target.node) == ("1", "2")
    assert edge.source.exists
    assert edge.target.exists


def test_nodes_without_an_id_of_their_own_are_keyed_by_index() -> None:
    nodes = [{"id": "a"}, {"id": "a"}, {}, "junk", {"id": {}}]
    workflow = parse(react_flow(*nodes, edges=[{"source": "a", "target": "a"}]))
    assert [node.key for node in workflow.graph.nodes] == ["a", "#1", "#2", "#4"]
    assert found(workflow) == [
        ("unreadable_part", "/definition/nodes/3"),
        ("duplicate_node_id", "/definition/nodes/1/id"),
        ("missing_node_id", "/definition/nodes/2/id"),
        ("missing_node_id", "/definition/nodes/4/id"),
    ]


def test_edges_to_absent_nodes_are_kept_and_reported() -> None:
    workflow = parse(react_flow({"id": "a"}, edges=[{"source": "a", "target": "b"}]))
    assert workflow.graph.edges[0].target == Endpoint(node="b", exists=False)
    assert found(workflow) == [("dangling_edge", "/definition/edges/0")]


@pytest.mark.parametrize(
    "edge", [{"source": "a"}, {"source": None, "target": "a"}, {"source": [], "target": "a"}, 5]
)
def test_what_does_not_name_both_ends_is_no_edge(edge: Any) -> None:
    workflow = parse(react_flow({"id": "a"}, edges=[edge]))
    assert workflow.graph.edges == ()
    assert found(workflow) == [("unreadable_part", "/definition/edges/0")]


def test_a_called_workflow_is_referred_to() -> None:
    node = {"id": "a", "type": "subworkflow", "data": {"config": {"workflowId": "flow_2"}}}
    assert parse(react_flow(node)).graph.nodes[0].subworkflow == WorkflowReference(id="flow_2")


@pytest.mark.parametrize("position", [[1, 2], {"x": 1}, {"x": "1", "y": 2}, "left"])
def test_an_odd_position_is_left_out_and_reported(position: Any) -> None:
    workflow = parse(react_flow({"id": "a", "position": position}))
    assert workflow.graph.nodes[0].position is None
    assert found(workflow) == [("wrong_type", "/definition/nodes/0/position")]
