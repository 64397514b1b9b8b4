"""Writing changed edges in the flow version that the definition has."""

from typing import Any

import pytest

from schemas.graph import Edge, EdgeKind, Endpoint
from tests.vendors.noxus.graphs import V1, V2, definition, paths, rewritten
from tests.vendors.noxus.helpers import edge, flow, node, parse


def link(source: str, target: str, kind: EdgeKind = EdgeKind.DATA, **fields: Any) -> Edge:
    return Edge(kind=kind, source=Endpoint(node=source), target=Endpoint(node=target), **fields)


def test_edges_are_added_in_the_form_of_the_definition() -> None:
    named = Edge(
        kind=EdgeKind.DATA,
        source=Endpoint(node="b", port="text"),
        target=Endpoint(node="a", port="variables", key="k"),
        id="new",
    )
    rendered = rewritten(V1, edges=(*parse(V1).graph.edges, named))
    assert definition(rendered)["edges"] == [
        *V1["definition"]["edges"],
        edge("b:text", "a:variables:k", id="new"),
    ]
    assert rendered.losses == ()
    ordered = link("b", "a", EdgeKind.CONTROL, id="new")
    rendered = rewritten(V2, edges=(ordered, *parse(V2).graph.edges))
    assert definition(rendered)["edges"][0] == {
        "id": "new",
        "source": "b",
        "target": "a",
        "source_handle": None,
        "target_handle": None,
    }
    assert rendered.losses == ()


def test_an_edge_without_an_id_gets_one_that_is_always_the_same() -> None:
    edges = (*parse(V1).graph.edges, link("a", "b"), link("a", "b"))
    first, second = (definition(rewritten(V1, edges=edges))["edges"] for _ in range(2))
    assert first == second
    assert len({native["id"] for native in first}) == 3


def test_ports_that_are_not_named_are_the_sdks_defaults() -> None:
    rendered = rewritten(V1, edges=[link("a", "b"), link("a", "b", EdgeKind.ERROR)])
    connectors = [
        (native["from_id"]["connector_name"], native["to_id"]["connector_name"])
        for native in definition(rendered)["edges"]
    ]
    assert connectors == [("output", "input"), ("on_error", "input")]
    assert rendered.losses == ()


def test_a_changed_edge_keeps_its_form_and_what_is_unknown_about_it() -> None:
    base = flow([node("a"), node("b")], [{**edge("a:out", "b:in", id="e"), "x": 1}])
    (only,) = parse(base).graph.edges
    moved = only.model_copy(update={"target": Endpoint(node="a", port="other", key="k")})
    assert definition(rewritten(base, edges=[moved]))["edges"] == [
        {**edge("a:out", "a:other:k", id="e"), "x": 1}
    ]
    bare = moved.model_copy(update={"id": None, "extensions": {"noxus": {"to_id": {"optional": True}}}})
    (native,) = definition(rewritten(base, edges=[bare]))["edges"]
    assert "x" not in native
    assert native["to_id"]["optional"] is True


def test_points_own_fields_can_be_taken_away() -> None:
    native = edge("a:out", "b:in", id="e")
    native["to_id"]["optional"] = True
    base = flow([node("a"), node("b")], [native])
    (only,) = parse(base).graph.edges
    rendered = rewritten(base, edges=[only.model_copy(update={"extensions": {}})])
    assert definition(rendered)["edges"] == [edge("a:out", "b:in", id="e")]


def test_a_v2_edge_is_changed_by_its_handles() -> None:
    (only, data) = parse(V2).graph.edges
    moved = only.model_copy(update={"source": Endpoint(node="b", port="on_error"), "kind": EdgeKind.ERROR})
    rendered = rewritten(V2, edges=[moved, data])
    assert definition(rendered)["edges"] == [
        {"id": "e", "source": "b", "target": "b", "source_handle": "on_error", "target_handle": None}
    ]
    assert rendered.losses == ()


def test_parallel_edges_are_told_apart() -> None:
    natives = [edge("a:x", "b:y"), {**edge("a:x", "b:y"), "mark": 1}, edge("a:x", "b:y", id="i")]
    base = flow([node("a"), node("b")], natives)
    edges = parse(base).graph.edges
    assert definition(rewritten(base, edges=edges[:2]))["edges"] == natives[:2]
    assert definition(rewritten(base, edges=[edges[2]]))["edges"] == [natives[2]]


@pytest.mark.parametrize(
    ("update", "field"),
    [
        ({"kind": EdgeKind.CONTROL}, "kind"),
        ({"label": "yes"}, "label"),
        ({"order": 2}, "order"),
        ({"native_kind": "main"}, "native_kind"),
        ({"source": Endpoint(node="a", port="out", index=1)}, "source"),
        ({"target": Endpoint(node="gone", port="in")}, "target"),
    ],
)
def test_what_an_edge_cannot_carry_is_a_loss(update: dict[str, Any], field: str) -> None:
    (only,) = parse(V1).graph.edges
    assert paths(rewritten(V1, edges=[only.model_copy(update=update)])) == [f"/graph/edges/0/{field}"]


def test_a_dangling_edge_that_is_said_to_dangle_is_no_loss() -> None:
    (only,) = parse(V1).graph.edges
    away = only.model_copy(update={"target": Endpoint(node="gone", port="in", exists=False)})
    rendered = rewritten(V1, edges=[away])
    assert rendered.losses == ()
    assert definition(rendered)["edges"][0]["to_id"]["node_id"] == "gone"


def test_edges_that_could_not_be_read_survive() -> None:
    base = flow([node("a")], ["odd", edge("a:x", "a:y", id="1"), {"source": "a"}, edge("a:x", "a:z", id="2")])
    first, second = parse(base).graph.edges
    natives = base["definition"]["edges"]
    assert definition(rewritten(base, edges=[second]))["edges"] == ["odd", {"source": "a"}, natives[3]]
    assert definition(rewritten(base, edges=[first]))["edges"] == natives[:3]


def test_derived_edges_follow_the_configuration() -> None:
    ordered, data = parse(V2).graph.edges
    added = data.model_copy(update={"source": Endpoint(node="a", port="other")})
    assert paths(rewritten(V2, edges=[ordered, data, added])) == ["/graph/edges/2"]
    assert paths(rewritten(V2, edges=[ordered])) == ["/graph/edges"]
    nodes = list(parse(V2).graph.nodes)
    nodes[1] = nodes[1].model_copy(update={"config": {"text": ":var[a.other]"}})
    moved = data.model_copy(update={"source": Endpoint(node="a", port="other")})
    rendered = rewritten(V2, nodes, [ordered, moved])
    assert rendered.losses == ()
    assert parse(rendered.document).graph.edges == (ordered, moved)


def test_an_edge_whose_id_alone_changed_is_the_same_edge() -> None:
    (only, data) = parse(V2).graph.edges
    rendered = rewritten(V2, edges=[only.model_copy(update={"id": "another"}), data])
    assert definition(rendered)["edges"] == [{**V2["definition"]["edges"][0], "id": "another"}]
    assert rendered.losses == ()


def test_a_new_v2_error_edge_leaves_the_error_output() -> None:
    (only, data) = parse(V2).graph.edges
    rendered = rewritten(V2, edges=[only, link("b", "a", EdgeKind.ERROR), data])
    assert definition(rendered)["edges"][1]["source_handle"] == "on_error"
    assert rendered.losses == ()


def test_data_cannot_travel_on_a_v2_edge() -> None:
    rendered = rewritten(V2, edges=[*parse(V2).graph.edges, link("b", "a")])
    assert paths(rendered) == ["/graph/edges/2/kind"]
    assert len(definition(rendered)["edges"]) == 2
