"""What is drawn, before any language: every node and edge once, whatever hangs together how."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.graph_export.building import NO_STEPS, OPAQUE, SHAPES, drawing
from gateway.graph_export.drawing import Box, Figure, Shape, State
from gateway.graph_export.nesting import MAX_NESTING, drawable
from schemas.graph import Edge, EdgeKind, Endpoint, Graph, GraphForm, Node, NodeRole
from tests.gateway.graph_samples import ANY_GRAPH, edge, graph


def figures(box: Box) -> Iterator[Figure]:
    yield from box.figures
    for inner in box.boxes:
        yield from figures(inner)


def depth(box: Box) -> int:
    return max((1 + depth(inner) for inner in box.boxes), default=0)


@given(ANY_GRAPH)
def test_every_node_is_drawn_once_and_every_edge_between_figures(given_graph: Graph) -> None:
    picture = drawing(given_graph)
    ids = [figure.id for figure in figures(picture.root)]
    assert len(ids) == len(set(ids))
    assert len(picture.links) == len(given_graph.edges)
    assert {end for link in picture.links for end in (link.source, link.target)} <= set(ids)
    if given_graph.nodes or given_graph.edges:
        assert [name for name in ids if name.startswith("n")] != [] or not given_graph.nodes
        assert {f"n{place}" for place in range(len(given_graph.nodes))} <= set(ids)
    assert depth(picture.root) <= MAX_NESTING


@pytest.mark.parametrize(
    ("form", "text"),
    [(GraphForm.EMPTY, NO_STEPS), (GraphForm.GRAPH, NO_STEPS), (GraphForm.OPAQUE, OPAQUE)],
)
def test_nothing_to_draw_is_said(form: GraphForm, text: str) -> None:
    (only,) = figures(drawing(Graph(form=form)).root)
    assert (only.lines, only.id) == ((text,), "n0")


def test_absent_nodes_are_drawn_apart_from_present_ones_of_the_same_name() -> None:
    dangling = Edge(kind=EdgeKind.DATA, source=Endpoint(node="a"), target=Endpoint(node="a", exists=False))
    picture = drawing(graph(Node(key="a"), edges=(dangling, dangling)))
    present, absent = figures(picture.root)
    assert (present.state, absent.state) == (State.PRESENT, State.ABSENT)
    assert absent.lines == ("a", "(not in the workflow)")
    assert {(link.source, link.target) for link in picture.links} == {("n0", "g0")}


def test_an_edge_to_a_node_that_is_wrongly_said_to_exist_is_drawn_too() -> None:
    picture = drawing(graph(edges=(edge("x", "y"), edge("y", "x"))))
    assert [(link.source, link.target) for link in picture.links] == [("g0", "g1"), ("g1", "g0")]


def test_self_loops_and_parallel_edges_are_kept_in_order() -> None:
    edges = (edge("a", "a"), edge("a", "b"), edge("a", "b", EdgeKind.ERROR))
    picture = drawing(graph(Node(key="a"), Node(key="b"), edges=edges))
    assert [(link.source, link.target, link.kind) for link in picture.links] == [
        ("n0", "n0", EdgeKind.DATA),
        ("n0", "n1", EdgeKind.DATA),
        ("n0", "n1", EdgeKind.ERROR),
    ]


def test_of_two_nodes_with_one_key_edges_mean_the_first() -> None:
    picture = drawing(graph(Node(key="a"), Node(key="a"), edges=(edge("a", "a"),)))
    assert [(link.source, link.target) for link in picture.links] == [("n0", "n0")]


def test_containers_frame_what_lies_in_them_and_themselves() -> None:
    picture = drawing(
        graph(
            Node(key="loop", name="For each"),
            Node(key="in", container="loop"),
            Node(key="inner", container="loop"),
            Node(key="deep", container="inner"),
            Node(key="out"),
        )
    )
    (frame,) = picture.root.boxes
    (inside,) = frame.boxes
    assert [figure.id for figure in picture.root.figures] == ["n4"]
    assert (frame.id, frame.title, [figure.id for figure in frame.figures]) == (
        "b0",
        "For each",
        ["n0", "n1"],
    )
    assert (inside.id, [figure.id for figure in inside.figures]) == ("b2", ["n2", "n3"])


def test_an_absent_container_frames_too() -> None:
    (frame,) = drawing(graph(Node(key="a", container="gone"))).root.boxes
    assert [(figure.id, figure.state) for figure in frame.figures] == [
        ("g0", State.ABSENT),
        ("n0", State.PRESENT),
    ]


def test_containers_in_a_circle_move_to_the_top() -> None:
    circle = [Node(key="a", container="b"), Node(key="b", container="c"), Node(key="c", container="a")]
    picture = drawing(graph(*circle, Node(key="in", container="b"), Node(key="self", container="self")))
    assert {figure.id for figure in picture.root.figures} == {"n0", "n2", "n4"}
    assert [[figure.id for figure in box.figures] for box in picture.root.boxes] == [["n1", "n3"]]


def test_a_very_deep_nest_is_drawn_to_a_limit_and_in_time() -> None:
    nodes = [Node(key=str(place), container=str(place - 1) if place else None) for place in range(20_000)]
    picture = drawing(graph(*nodes))
    assert depth(picture.root) == MAX_NESTING
    assert sum(1 for _ in figures(picture.root)) == 20_000


@given(
    st.integers(1, 12).flatmap(lambda n: st.lists(st.none() | st.integers(0, n - 1), min_size=n, max_size=n))
)
def test_any_parents_become_a_shallow_forest_that_keeps_what_it_can(parents: list[int | None]) -> None:
    kept = drawable(parents)
    for item in range(len(parents)):
        above = list(ancestors(kept, item))
        assert len(above) == len(set(above)) <= MAX_NESTING
        assert item not in above
        if not in_circle(parents, item) and len(above) < MAX_NESTING:
            assert kept[item] == parents[item]


def ancestors(parents: tuple[int | None, ...], item: int) -> Iterator[int]:
    at = parents[item]
    for _ in parents:
        if at is None:
            return
        yield at
        at = parents[at]


def in_circle(parents: list[int | None], item: int) -> bool:
    return item in ancestors(tuple(parents), item)


def test_every_role_has_an_outline_and_the_telling_ones_their_own() -> None:
    assert set(SHAPES) <= set(NodeRole)
    assert SHAPES[NodeRole.CONDITION] is Shape.DIAMOND
    outlines = {
        figure.shape for figure in figures(drawing(graph(*(Node(key=r, role=r) for r in NodeRole))).root)
    }
    assert outlines == set(Shape)
