"""Writing a changed graph in the React-Flow-like shape."""

from typing import Any

import pytest

from schemas.graph import Condition, Edge, EdgeKind, Endpoint, Node, NodeRole, Position
from tests.vendors.aitronos.helpers import (
    differences,
    lost_paths,
    parse,
    react_flow,
    record,
    recording,
    render,
    with_edge,
    with_graph,
    with_node,
)

A = {"id": "a", "type": "set", "data": {"label": "A", "x": 1}, "position": {"x": 1, "y": 2}, "width": 9}
B = {"id": "b", "type": "set", "data": {"x": 1}, "position": {"x": 1, "y": 2, "z": 3}}
A_TO_B = {"id": "e", "source": "a", "target": "b", "type": "step", "animated": True}


def edge(start: str, end: str, **fields: Any) -> Edge:
    ends = {"source": Endpoint(node=start), "target": Endpoint(node=end)}
    return Edge(**{"kind": EdgeKind.DATA, **ends, **fields})


@pytest.mark.parametrize(
    ("key", "fields", "native", "value"),
    [
        ("a", {"name": "New"}, "/data/label", "New"),
        ("b", {"name": "New"}, "/data/label", "New"),
        ("a", {"config": {"x": 2}}, "/data/x", 2),
        ("a", {"type": "code"}, "/type", "code"),
        ("b", {"position": Position(x=5, y=2)}, "/position/x", 5),
        ("a", {"extensions": {"aitronos": {"extent": "parent"}}}, "/extent", "parent"),
        ("a", {"container": "b"}, "/parentId", "b"),
    ],
)
def test_a_changed_node_is_written_to_its_place(key: str, fields: Any, native: str, value: Any) -> None:
    base = react_flow(A, B, edges=[A_TO_B])
    rendered = render(with_node(parse(base), key, **fields), base)
    index = "ab".index(key)
    assert differences(base, rendered.document) == [f"/definition/nodes/{index}{native}"]
    written = rendered.document["definition"]["nodes"][index]
    for part in native.split("/")[1:]:
        written = written[part]
    assert written == value
    assert rendered.losses == ()


@pytest.mark.parametrize(
    ("fields", "native"),
    [
        ({"name": None}, "/data/label"),
        ({"position": None}, "/position"),
        ({"type": None}, "/type"),
        ({"config": {}}, "/data/x"),
    ],
)
def test_what_is_cleared_is_taken_away(fields: Any, native: str) -> None:
    base = react_flow(A, B)
    rendered = render(with_node(parse(base), "a", **fields), base)
    assert differences(base, rendered.document) == [f"/definition/nodes/0{native}"]
    assert rendered.losses == ()


@pytest.mark.parametrize(
    "fields",
    [{"disabled": True}, {"type_version": 2}, {"notes": "n"}, {"on_error": "stop"}, {"role": NodeRole.LLM}],
)
def test_what_a_node_has_no_place_for_is_lost(fields: Any) -> None:
    base = react_flow(A, B)
    rendered = render(with_node(parse(base), "a", **fields), base)
    assert lost_paths(rendered) == [f"/graph/nodes/0/{next(iter(fields))}"]
    assert rendered.document == base


@pytest.mark.parametrize("field", ["parentId", "parentNode"])
def test_a_new_id_is_carried_into_edges_and_children(field: str) -> None:
    child = {"id": "c", field: "a"}
    base = react_flow(A, B, child, edges=[A_TO_B, {"id": "f", "source": "b", "target": "a"}])
    rendered = render(with_node(parse(base), "a", id="z"), base)
    definition = rendered.document["definition"]
    assert definition["nodes"] == [{**A, "id": "z"}, B, {"id": "c", field: "z"}]
    assert definition["edges"] == [{**A_TO_B, "source": "z"}, {"id": "f", "source": "b", "target": "z"}]
    assert rendered.losses == ()


def test_a_node_leaves_its_container() -> None:
    base = recording("get_react_flow_groups")
    rendered = render(with_node(parse(base), "route", container=None), base)
    assert differences(base, rendered.document) == ["/definition/nodes/2/parentNode"]
    assert rendered.losses == ()


def test_a_reference_to_an_absent_parent_stays() -> None:
    base = recording("get_react_flow_groups")
    rendered = render(with_node(parse(base), "sub", name="Other"), base)
    assert differences(base, rendered.document) == ["/definition/nodes/4/data/label"]


def test_an_absent_container_is_lost() -> None:
    base = react_flow(A)
    assert lost_paths(render(with_node(parse(base), "a", container="x"), base)) == [
        "/graph/nodes/0/container"
    ]


def test_a_node_is_added_with_its_edges() -> None:
    base = react_flow(A, B, edges=[A_TO_B, "junk"])
    workflow = parse(base)
    new = Node(key="c", name="C", type="code", config={"x": 1}, position=Position(x=1, y=1))
    edges = (*workflow.graph.edges, edge("b", "c", source=Endpoint(node="b", port="out")), edge("b", "c"))
    rendered = render(with_graph(workflow, nodes=(*workflow.graph.nodes, new), edges=edges), base)
    definition = rendered.document["definition"]
    assert definition["nodes"] == [
        A,
        B,
        {"id": "c", "type": "code", "position": {"x": 1, "y": 1}, "data": {"label": "C", "x": 1}},
    ]
    assert definition["edges"] == [
        A_TO_B,
        "junk",
        {"id": "b-c", "source": "b", "sourceHandle": "out", "target": "c"},
        {"id": "b-c 1", "source": "b", "target": "c"},
    ]
    assert rendered.losses == ()


def test_a_node_is_removed_with_its_edges() -> None:
    base = react_flow(A, "junk", B, edges=[A_TO_B])
    workflow = parse(base)
    rendered = render(with_graph(workflow, nodes=workflow.graph.nodes[:1], edges=()), base)
    assert rendered.document == react_flow(A, "junk")
    assert rendered.losses == ()


@pytest.mark.parametrize(
    ("fields", "changes"),
    [
        ({"label": "yes"}, {"label": "yes"}),
        ({"native_kind": "straight"}, {"type": "straight"}),
        ({"id": "f"}, {"id": "f"}),
        ({"target": Endpoint(node="a", port="in")}, {"target": "a", "targetHandle": "in"}),
        ({"source": Endpoint(node="x", exists=False)}, {"source": "x"}),
        ({"extensions": {"aitronos": {"data": {"w": 1}}}}, {"data": {"w": 1}}),
    ],
)
def test_a_changed_edge_is_written_to_its_place(fields: Any, changes: Any) -> None:
    base = react_flow(A, B, edges=[A_TO_B])
    rendered = render(with_edge(parse(base), 0, **fields), base)
    assert rendered.document["definition"]["edges"] == [{**A_TO_B, **changes}]
    assert rendered.losses == ()


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"kind": EdgeKind.ERROR}, "/kind"),
        ({"condition": Condition()}, "/condition"),
        ({"source": Endpoint(node="a", index=1)}, "/source/index"),
    ],
)
def test_what_an_edge_has_no_place_for_is_lost(fields: Any, path: str) -> None:
    base = react_flow(A, B, edges=[A_TO_B])
    rendered = render(with_edge(parse(base), 0, **fields), base)
    assert lost_paths(rendered) == [f"/graph/edges/0{path}"]


def test_edges_are_written_in_the_order_given() -> None:
    other = {"id": "f", "source": "b", "target": "a"}
    base = react_flow(A, B, edges=[A_TO_B, other])
    workflow = parse(base)
    rendered = render(with_graph(workflow, edges=workflow.graph.edges[::-1]), base)
    assert rendered.document["definition"]["edges"] == [other, A_TO_B]
    assert rendered.losses == ()


def test_parallel_edges_without_ids_keep_what_is_theirs() -> None:
    edges = [{"source": "a", "target": "b", "style": 1}, {"source": "a", "target": "b", "style": 2}]
    base = react_flow(A, B, edges=edges)
    rendered = render(with_edge(parse(base), 1, label="second"), base)
    assert rendered.document["definition"]["edges"] == [edges[0], {**edges[1], "label": "second"}]
    assert rendered.losses == ()


def test_numbers_as_ids_stay_numbers() -> None:
    base = react_flow({"id": 1}, {"id": 2}, edges=[{"id": 3, "source": 1, "target": 2}])
    rendered = render(with_edge(with_node(parse(base), "1", name="One"), 0, label="x"), base)
    definition = rendered.document["definition"]
    assert definition["nodes"] == [{"id": 1, "data": {"label": "One"}}, {"id": 2}]
    assert definition["edges"] == [{"id": 3, "source": 1, "target": 2, "label": "x"}]


def test_edges_that_share_an_id_are_each_written_once() -> None:
    edges = [{**A_TO_B, "style": 1}, {**A_TO_B, "target": "a", "style": 2}, {**A_TO_B, "style": 3}]
    base = react_flow(A, B, edges=edges)
    rendered = render(with_edge(parse(base), 2, label="third"), base)
    assert rendered.document["definition"]["edges"] == [*edges[:2], {**edges[2], "label": "third"}]


def test_an_edge_without_an_end_cannot_be_written() -> None:
    base = react_flow(A)
    rendered = render(with_graph(parse(base), edges=(edge("a", ""),)), base)
    assert lost_paths(rendered) == ["/graph/edges/0"]


def test_a_definition_keeps_its_shape_when_its_last_node_goes() -> None:
    base = record({"nodes": [A]})
    rendered = render(with_graph(parse(base), nodes=()), base)
    assert rendered.document["definition"] == {"nodes": [], "edges": []}
    assert rendered.losses == ()


def test_a_new_edge_beside_an_equal_one_does_not_take_its_place() -> None:
    base = react_flow(A, B, edges=[A_TO_B])
    workflow = parse(base)
    rendered = render(with_graph(workflow, edges=(edge("a", "b"), *workflow.graph.edges)), base)
    assert rendered.document["definition"]["edges"] == [{"id": "a-b", "source": "a", "target": "b"}, A_TO_B]
    assert rendered.losses == ()


def test_an_edge_given_without_its_id_keeps_it() -> None:
    base = react_flow(A, B, edges=[A_TO_B])
    rendered = render(with_edge(parse(base), 0, id=None, label="yes"), base)
    assert rendered.document["definition"]["edges"] == [{**A_TO_B, "label": "yes"}]
    assert rendered.losses == ()
