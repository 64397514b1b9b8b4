"""What a description makes of documents, odd ones above all."""

import contextlib
import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.contract import Fetched
from adapters.errors import VendorSurprise
from schemas.diagnostics import DiagnosticCode
from schemas.digest import digest, digest_of
from schemas.graph import EdgeKind, GraphForm
from schemas.json_codec import dumps
from schemas.workflow import Workflow
from tests.described.captures import CAPTURED, captures, described
from tests.described.sketch import read, vendor

LEAVES = st.none() | st.booleans() | st.integers(-5, 5) | st.floats(allow_nan=False) | st.text(max_size=3)
ANY = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


def spoilt(value: Any, draw: st.DrawFn, chances: list[int]) -> Any:
    """The value with one of its parts, chosen by chance, replaced by something else."""
    if not chances or not isinstance(value, dict | list) or not value:
        return draw(ANY)
    keys = list(value) if isinstance(value, dict) else list(range(len(value)))
    key = keys[chances[0] % len(keys)]
    value[key] = spoilt(value[key], draw, chances[1:])
    return value


@st.composite
def odd_documents(draw: st.DrawFn) -> tuple[str, Any]:
    name = draw(st.sampled_from(sorted(CAPTURED)))
    bodies = [each.body for each in captures(name) if each.status == 200 and isinstance(each.body, dict)]
    document = copy.deepcopy(min(bodies, key=lambda body: len(json.dumps(body)) + 10**6 * ("id" not in body)))
    for _ in range(draw(st.integers(1, 3))):
        document = spoilt(document, draw, draw(st.lists(st.integers(0, 50), max_size=6)))
    return name, document


@given(odd_documents())
def test_odd_documents_are_read_or_are_a_surprise(case: tuple[str, Any]) -> None:
    name, document = case
    mapping = described()[name].mapping
    before = copy.deepcopy(document)
    try:
        draft = mapping.draft(Fetched(document), "demo")
    except VendorSurprise:
        return
    workflow = mapping.parse(Fetched(document), "demo")
    assert Workflow.model_validate(draft) == workflow
    written = workflow.model_dump(exclude_none=True)
    assert dumps(draft, sort_keys=True) == dumps({**written, "digest": ""}, sort_keys=True)
    assert digest_of(draft) == digest(workflow)
    rendered = mapping.render(workflow, document)
    assert rendered.losses == ()
    assert dumps(rendered.document) == dumps(before) == dumps(document)
    assert mapping.draft_summary(document, "demo")["id"] == workflow.id


@given(ANY)
def test_anything_at_all_is_read_or_is_a_surprise(document: Any) -> None:
    for name, known in described().items():
        with contextlib.suppress(VendorSurprise):
            assert known.mapping.draft_summary(document, "demo")["vendor"] == name
        with contextlib.suppress(VendorSurprise):
            assert known.mapping.draft(Fetched(document), "demo")["vendor"] == name


def test_the_vendors_words_become_ours_and_stay_beside_them() -> None:
    status = {"at": "state", "words": {"live": "active", "gone": "deleted"}}
    workflow = read({"id": 7, "name": "a", "state": "live"}, workflow__status=status)
    assert (workflow.id, workflow.status, workflow.native_status) == ("7", "active", "live")
    workflow = read({"id": 7, "name": "a", "state": "new"}, workflow__status=status)
    assert (workflow.status, workflow.native_status) == ("unknown", "new")
    assert DiagnosticCode.UNKNOWN_VALUE in [found.code for found in workflow.diagnostics]


def test_an_expression_that_does_not_fit_the_document_gives_nothing() -> None:
    workflow = read({"id": "1", "name": "a", "tags": 7}, workflow__tags="sort(join(', ', tags))")
    assert workflow.tags == ()


def test_an_oddity_found_by_an_expression_points_to_what_was_searched() -> None:
    document = {"id": "1", "name": "a", "nodes": [{"id": "n", "name": {"en": "x"}}], "edges": []}
    workflow = read(document, graph__node={"name": "name || label"})
    (found,) = workflow.diagnostics
    assert (found.code, found.path) == (DiagnosticCode.WRONG_TYPE, "/nodes/0")


def test_times_in_seconds_and_in_texts() -> None:
    document = {"id": "1", "name": "a", "made": 86_400}
    for form, codes in (("unix", []), ("iso", [DiagnosticCode.WRONG_TYPE])):
        workflow = read(
            {**document, "nodes": [], "edges": []}, workflow__created_at="made", workflow__times=form
        )
        assert str(workflow.created_at) == "1970-01-02 00:00:00+00:00"
        assert [found.code for found in workflow.diagnostics] == codes


def test_what_has_no_place_is_kept_and_what_says_nothing_is_left_out() -> None:
    document = {
        "id": "1",
        "name": "a",
        "meta": {"tags": ["x"], "more": 1, "icon": "i"},
        "n": None,
        "nodes": [],
    }
    workflow = read(document, workflow__tags="meta.tags", workflow__left_out=["meta.icon"])
    assert workflow.extensions == {"acme": {"meta": {"more": 1}}}


@pytest.mark.parametrize(
    ("definition", "form"),
    [
        (None, GraphForm.EMPTY),
        ({}, GraphForm.EMPTY),
        ({"nodes": [], "edges": []}, GraphForm.EMPTY),
        ({"steps": [1]}, GraphForm.OPAQUE),
        ("text", GraphForm.OPAQUE),
        ({"nodes": [{"id": "a"}]}, GraphForm.GRAPH),
    ],
)
def test_a_definition_is_a_graph_or_empty_or_opaque(definition: Any, form: GraphForm) -> None:
    document = {"id": "1", "name": "a", "definition": definition}
    assert read(document, graph__at="definition").graph.form is form


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ('{"nodes": [{"id": "a"}], "edges": []}', GraphForm.GRAPH),
        ("", GraphForm.EMPTY),
        (None, GraphForm.EMPTY),
        ("not json", GraphForm.OPAQUE),
        ("[1]", GraphForm.OPAQUE),
        ({"nodes": []}, GraphForm.OPAQUE),
        ("\ud800", GraphForm.OPAQUE),
    ],
)
def test_a_graph_inside_a_text(text: Any, form: GraphForm) -> None:
    document = {"id": "1", "name": "a", "flow": text}
    assert read(document, graph__at="flow", graph__encoded=True).graph.form is form


def test_nodes_without_an_address_of_their_own_get_one_and_are_told() -> None:
    nodes = [{"id": "a"}, {"id": "a"}, {}, 7]
    workflow = read({"id": "1", "name": "a", "nodes": nodes, "edges": []})
    assert [node.key for node in workflow.graph.nodes] == ["a", "#1", "#2"]
    assert [found.code for found in workflow.diagnostics] == [
        DiagnosticCode.UNREADABLE_PART,
        DiagnosticCode.DUPLICATE_NODE_ID,
        DiagnosticCode.MISSING_NODE_ID,
    ]


def test_containers_that_hold_themselves_or_are_not_there_are_told() -> None:
    nodes = [{"id": "a", "in": "b"}, {"id": "b", "in": "a"}, {"id": "c", "in": "a"}, {"id": "d", "in": "z"}]
    workflow = read({"id": "1", "name": "a", "nodes": nodes, "edges": []}, graph__node={"container": "in"})
    assert [node.container for node in workflow.graph.nodes] == [None, None, "a", None]
    codes = [found.code for found in workflow.diagnostics]
    assert codes == [DiagnosticCode.DANGLING_REFERENCE, *[DiagnosticCode.CONTRADICTION] * 2]


def test_edges_as_objects() -> None:
    edges = [
        {"source": "a", "target": "b", "sourceHandle": "out", "what": "err", "extra": 1},
        {"source": "a", "target": "gone", "what": "new"},
        {"source": "a"},
        None,
    ]
    document = {"id": "1", "name": "a", "nodes": [{"id": "a"}, {"id": "b"}], "edges": edges}
    workflow = read(document, graph__edges={"native_kind": "what", "kinds": {"err": "error"}})
    first, second = workflow.graph.edges
    assert (first.kind, first.native_kind, first.source.port) == (EdgeKind.ERROR, "err", "out")
    assert first.extensions == {"acme": {"extra": 1}}
    assert (second.kind, second.target.node, second.target.exists) == (EdgeKind.DATA, "gone", False)
    assert sorted(found.code for found in workflow.diagnostics) == [
        "dangling_edge",
        "unknown_value",
        "unreadable_part",
        "unreadable_part",
    ]


def test_edges_by_the_sources_name() -> None:
    connections = {
        "A": {"main": [None, [{"node": "B", "type": "main", "index": 1}, {"node": "B"}]], "ai_x": "odd"},
        "Z": {"main": [[{"node": "A", "type": "main", "index": 0, "more": True}], 7]},
        "B": 7,
    }
    document = {"id": "1", "name": "a", "nodes": [{"name": "A"}, {"name": "B"}], "connections": connections}
    edges = {"style": "connections", "at": "connections", "kinds": {"main": "data"}}
    workflow = read(document, graph__edges=edges)
    first, second, third = workflow.graph.edges
    assert (first.source.node, first.source.index, first.target.index, first.order) == ("A", 1, 1, 0)
    assert (second.order, second.target.port) == (1, None)
    assert (third.source.node, third.source.exists) == ("Z", False)
    assert third.extensions == {"acme": {"more": True}}
    assert sorted({found.code for found in workflow.diagnostics}) == [
        "dangling_edge",
        "unknown_value",
        "unreadable_part",
        "wrong_type",
    ]


def test_edges_as_wires() -> None:
    nodes = [{"id": "a", "wires": [["b", "c"], ["a"], [7], "b"]}, {"id": "b"}, {"id": "c", "wires": "odd"}]
    document = {"id": "1", "name": "a", "nodes": nodes}
    workflow = read(document, graph__edges={"style": "wires", "at": "wires"}, graph__node={"config": "@"})
    found = [
        (edge.source.node, edge.source.index, edge.order, edge.target.node) for edge in workflow.graph.edges
    ]
    assert found == [("a", 0, 0, "b"), ("a", 0, 1, "c"), ("a", 1, 0, "a"), ("a", 3, 0, "b")]
    assert all(node.config == {} for node in workflow.graph.nodes)


def test_name_description_and_tags_are_written_where_their_places_are_plain() -> None:
    document = {"id": "1", "meta": {"name": "a", "deep": [1]}, "tags": ["x"], "about": "old", "nodes": []}
    places = {
        "workflow__name": "meta.name",
        "workflow__tags": "tags",
        "workflow__description": "about || text",
    }
    mapping = vendor(**places).mapping
    workflow = mapping.parse(Fetched(document), "demo")
    changed = workflow.model_copy(
        update={"name": "b", "tags": ("y",), "description": "new", "published": True}
    )
    rendered = mapping.render(changed, document)
    assert rendered.document == {**document, "meta": {"name": "b", "deep": [1]}, "tags": ["y"]}
    assert [loss.path for loss in rendered.losses] == ["/description", "/published"]
    assert document["meta"] == {"name": "a", "deep": [1]}


def test_from_nothing_there_is_a_document_and_the_graph_is_a_loss() -> None:
    workflow = read({"id": "1", "name": "a", "nodes": [{"id": "n"}], "edges": []})
    rendered = vendor().mapping.render(workflow)
    assert rendered.document == {"id": "1", "name": "a"}
    assert {"/id", "/graph"} <= {loss.path for loss in rendered.losses}


def test_settings_are_read_by_our_own_names() -> None:
    places = {
        "sampling": {"temperature": "s.t", "stop_sequences": "s.stop"},
        "guardrails": {"categories": "s.watch[*].{name: n, level: lower(l)}"},
        "retries": {"status_codes": "s.codes"},
    }
    document = {"t": 1, "stop": ["END", 7], "watch": [{"n": "crime", "l": "High"}], "codes": ["many"]}
    workflow = read(
        {"id": "1", "name": "a", "s": document, "nodes": [], "edges": []}, workflow__settings=places
    )
    assert workflow.settings is not None
    assert workflow.settings.sampling is not None
    assert (workflow.settings.sampling.temperature, workflow.settings.sampling.stop_sequences) == (
        1.0,
        ("END",),
    )
    assert workflow.settings.guardrails is not None
    assert [category.level for category in workflow.settings.guardrails.categories] == ["high"]
    assert workflow.settings.retries is None
    assert [found.code for found in workflow.diagnostics] == [DiagnosticCode.WRONG_TYPE] * 2
