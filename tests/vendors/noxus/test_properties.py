"""Whatever JSON comes: reading never fails, changes nothing, says the same twice, and can be written back."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.contract import Fetched
from adapters.errors import VendorSurprise
from adapters.evidence import Evidence, Findings
from adapters.noxus import VENDOR
from adapters.noxus.edges import Known, plain_edge, read_edge
from adapters.noxus.entries import Entry
from adapters.noxus.nodes import USUAL_ROLES, odd_position, position_of, role_of
from adapters.noxus.settings import TYPED
from schemas.base import JsonObject
from schemas.digest import digest, digest_of, stamped
from schemas.graph import Edge, Node
from schemas.json_codec import dumps
from tests.vendors.noxus.helpers import edge, flow, names, node, parse, record, recording

NOISE: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.sampled_from(
        ["a", "b", ":var[a.out]", ":var[", "a.out", "((x))", "2026-01-01T00:00:00Z", "v2", "#1"]
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
IDENTIFIER = st.sampled_from(["a", "b", "c", "#1", "", 7])


def noisy(fields: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[JsonObject]:
    """Objects with some of the fields, each right or wrong, and unknown ones."""
    optional = {name: value | NOISE for name, value in fields.items()}
    extra = st.dictionaries(st.text(max_size=4), NOISE, max_size=2)
    known = st.fixed_dictionaries({}, optional=optional)
    return st.builds(lambda one, other: {**other, **one}, known, extra)


CONNECTOR = noisy(
    {
        "name": st.sampled_from(["in", "out", "on_error"]),
        "type": st.just("connector"),
        "keys": st.lists(st.text(max_size=3), max_size=3),
        "optional": st.booleans(),
        "definition": st.just({"data_type": "str", "is_list": True}),
        "type_definitions": st.dictionaries(st.text(max_size=3), NOISE, max_size=2),
        "fixed_value": NOISE,
    }
)
CONNECTORS = noisy({"inputs": st.lists(CONNECTOR, max_size=3), "outputs": st.lists(CONNECTOR, max_size=3)})
CONDITION = noisy(
    {
        "logic": st.sampled_from(["AND", "OR"]),
        "condition_type": st.sampled_from(["REGULAR", "AI"]),
        "regular_condition": noisy(
            {"field_type": st.just("TEXT"), "field": st.just("((a))"), "condition": st.just("CONTAINS")}
        ),
    }
)
CONFIG = noisy(
    {
        "label": st.text(max_size=3),
        "model": st.lists(st.text(max_size=3), max_size=2),
        "conditions": st.lists(CONDITION, max_size=3),
        "fixed_value": st.booleans(),
        "__var_keys": st.just({"variables": ["k"]}),
        "retry_attempts": st.integers(),
        "timeout_seconds": st.floats(allow_nan=False, allow_infinity=False),
        "workflow_id": st.text(max_size=3),
    }
)
NODE = noisy(
    {
        "id": IDENTIFIER,
        "type": st.sampled_from(
            ["InputNode", "OutputNodeV2", "ComplexConditionalNode", "InvokeSubflowNode", "X"]
        ),
        "name": st.text(max_size=3),
        "node_config": CONFIG,
        "connector_config": CONNECTORS,
        "inputs": st.lists(CONNECTOR, max_size=2),
        "outputs": st.lists(CONNECTOR, max_size=2),
        "display": noisy({"position": noisy({"x": st.integers(), "y": st.integers()})}),
        "variable_bindings": st.dictionaries(st.text(max_size=3), NOISE, max_size=2),
        "parent_id": IDENTIFIER,
        "subflow_id": st.text(max_size=3),
        "subflow_config": noisy({"workflow_id": st.text(max_size=3), "workflow_name": st.text(max_size=3)}),
    }
)
POINT = noisy({"node_id": IDENTIFIER, "connector_name": st.just("in"), "key": st.text(max_size=2)})
EDGE = noisy(
    {
        "id": IDENTIFIER,
        "from_id": POINT | st.just("a::out"),
        "to_id": POINT,
        "source": IDENTIFIER,
        "target": IDENTIFIER,
        "source_handle": st.just("on_error"),
    }
)
PLAIN_POINT = st.fixed_dictionaries(
    {"node_id": st.sampled_from(["a", "b", "gone"]), "connector_name": st.sampled_from(["in", "on_error"])},
    optional={"key": st.none() | st.text(max_size=2), "optional": st.booleans() | st.none(), "x": NOISE},
)
PLAIN_EDGE = st.fixed_dictionaries({"id": IDENTIFIER, "from_id": PLAIN_POINT, "to_id": PLAIN_POINT}) | (
    st.fixed_dictionaries(
        {"id": IDENTIFIER, "source": IDENTIFIER, "target": IDENTIFIER},
        optional={"source_handle": st.sampled_from([None, "in", "on_error"]), "x": NOISE},
    )
)
COORDINATE = st.integers() | st.floats(allow_nan=False, allow_infinity=False) | NOISE
POSITION = st.fixed_dictionaries({"x": COORDINATE, "y": COORDINATE})
DEFINITION = noisy(
    {
        "flow_version": st.sampled_from(["v1", "v2", "v3", None]),
        "nodes": st.lists(NODE | NOISE, max_size=5),
        "edges": st.lists(EDGE | NOISE, max_size=5),
    }
)
FIELDS = ("name", "type", "group_id", "workflow_hash", "created_at", "last_updated_at", "last_run_at")
RECORD = noisy(
    {
        **dict.fromkeys((*FIELDS, "deleted_at", "author_name", "description"), st.text(max_size=5)),
        "id": st.text(min_size=1, max_size=4),
        "definition": DEFINITION,
        "meta": noisy({"tags": st.lists(st.text(max_size=3), max_size=3)}),
        "settings": noisy(dict.fromkeys(sorted(TYPED), NOISE)),
        "runs_count": st.integers(),
        "error_handler": st.text(max_size=3),
        "is_app_published": st.booleans(),
        "app_settings_v2": noisy({"is_active": st.booleans()}),
        "flow_version": st.sampled_from(["v1", "v2"]),
    }
)


@given(RECORD)
def test_any_record_is_read_or_is_a_surprise(document: JsonObject) -> None:
    before = copy.deepcopy(document)
    try:
        workflow = parse(document)
    except VendorSurprise:
        assert not isinstance(document.get("id"), str) or not document["id"]
        return
    assert document == before
    assert parse(document) == workflow
    assert stamped(workflow).digest == stamped(parse(before)).digest
    keys = [one.key for one in workflow.graph.nodes]
    assert len(set(keys)) == len(keys)
    for one in workflow.graph.edges:
        assert one.source.exists == (one.source.node in keys)
        assert one.target.exists == (one.target.node in keys)


@given(RECORD)
def test_the_draft_of_any_record_is_what_its_model_would_write(document: JsonObject) -> None:
    document["id"] = "x"
    draft, workflow = VENDOR.mapping.draft(Fetched(document), "demo"), parse(document)
    written = workflow.model_dump(exclude_none=True)
    assert dumps(draft, sort_keys=True) == dumps(written, sort_keys=True)
    assert digest_of(draft) == digest(workflow)


@given(RECORD)
def test_the_short_draft_of_any_record_is_what_its_model_would_write(document: JsonObject) -> None:
    document["id"] = "x"
    draft = VENDOR.mapping.draft_summary(document, "demo")
    written = VENDOR.mapping.parse_summary(document, "demo").model_dump(exclude_none=True)
    assert dumps(draft, sort_keys=True) == dumps(written, sort_keys=True)


@given(EDGE | PLAIN_EDGE)
def test_a_plain_edge_reads_as_it_does_by_the_careful_way(edge: JsonObject) -> None:
    nodes = Known(frozenset({"a", "b", "#1"}), {"a": frozenset({"in"})})
    plain, findings = plain_edge(edge, nodes), Findings()
    if plain is not None:
        assert plain == read_edge(Evidence(edge, findings), nodes)
        assert findings.all() == ()


@given(noisy({"position": POSITION}))
def test_a_plain_position_reads_as_it_does_by_the_careful_way(display: JsonObject) -> None:
    fields = {"display": display}
    entry = Entry(0, "a", "a", fields, {}, {}, Evidence({"nodes": [fields]}, Findings()))
    assert position_of(entry, display) == odd_position(entry.evidence)


@pytest.mark.parametrize("native_type", USUAL_ROLES)
def test_a_usual_type_has_the_role_that_its_parts_say(native_type: str) -> None:
    assert USUAL_ROLES[native_type] is role_of(native_type)


@given(RECORD)
def test_any_record_can_be_written_back(document: JsonObject) -> None:
    document["id"] = "x"
    rendered = VENDOR.mapping.render(parse(document), document)
    assert json.dumps(rendered.document) == json.dumps(document)
    assert rendered.losses == ()


@given(RECORD)
def test_any_record_can_be_made_from_nothing(document: JsonObject) -> None:
    document["id"] = "x"
    workflow = parse(document)
    rendered = VENDOR.mapping.render(workflow)
    assert len(parse(rendered.document).graph.nodes) == len(workflow.graph.nodes)


@given(RECORD, st.text(max_size=5))
def test_one_changed_field_changes_one_place(document: JsonObject, text: str) -> None:
    document["id"] = "x"
    workflow = parse(document)
    rendered = VENDOR.mapping.render(workflow.model_copy(update={"description": text}), document)
    without = {key: value for key, value in document.items() if key != "description"}
    assert {key: value for key, value in rendered.document.items() if key != "description"} == without
    assert parse(rendered.document).description == text


@given(RECORD, st.data())
def test_one_changed_node_leaves_the_others_alone(document: JsonObject, data: st.DataObject) -> None:
    document["id"] = "x"
    workflow = parse(document)
    if not workflow.graph.nodes:
        return
    index = data.draw(st.integers(0, len(workflow.graph.nodes) - 1))
    nodes = list(workflow.graph.nodes)
    nodes[index] = nodes[index].model_copy(update={"name": "another name", "config": {"new": True}})
    graph = workflow.graph.model_copy(update={"nodes": tuple(nodes)})
    before = copy.deepcopy(document)
    rendered = VENDOR.mapping.render(workflow.model_copy(update={"graph": graph}), document)
    assert document == before
    again = parse(rendered.document).graph.nodes
    assert (again[index].name, again[index].config) == ("another name", {"new": True})
    natives, old = rendered.document["definition"]["nodes"], document["definition"]["nodes"]
    assert sum(one is not other for one, other in zip(natives, old, strict=True)) == 1


@given(st.data())
def test_any_choice_of_nodes_and_edges_can_be_written(data: st.DataObject) -> None:
    base = flow([node("a"), node("b"), node("c")], [edge("a:x", "b:y", id="1"), edge("b:x", "c:y", id="2")])
    graph = parse(base).graph
    nodes = data.draw(st.permutations([*graph.nodes, Node(key="d", id="d", name="D", type="T")]))
    edges: list[Edge] = data.draw(st.permutations(list(graph.edges)))
    kept = data.draw(st.integers(0, 4)), data.draw(st.integers(0, 2))
    present = {one.key for one in nodes[: kept[0]]}
    wanted = graph.model_copy(
        update={
            "nodes": tuple(nodes[: kept[0]]),
            "edges": tuple(_between(one, present) for one in edges[: kept[1]]),
        }
    )
    rendered = VENDOR.mapping.render(parse(base).model_copy(update={"graph": wanted}), base)
    again = parse(rendered.document).graph
    assert (again.nodes, again.edges) == (wanted.nodes, wanted.edges)
    assert rendered.losses == ()


def _between(one: Edge, present: set[str]) -> Edge:
    ends = {
        name: end.model_copy(update={"exists": end.node in present})
        for name, end in (("source", one.source), ("target", one.target))
    }
    return one.model_copy(update=ends)


@given(NOISE)
def test_any_item_of_a_listing_is_read_or_is_a_surprise(item: Any) -> None:
    try:
        VENDOR.mapping.parse_summary(item, "demo")
    except VendorSurprise:
        return
    assert item["id"]


@given(RECORD)
def test_any_version_is_read(version: JsonObject) -> None:
    workflow = VENDOR.mapping.parse(Fetched(record(), version_document=version), "demo")
    assert workflow.version is not None
    assert workflow.version.current is False


@pytest.mark.parametrize("name", names())
def test_the_order_of_keys_does_not_matter(name: str) -> None:
    document = recording(name)
    shuffled = json.loads(json.dumps(document, sort_keys=True))
    assert stamped(parse(shuffled)).digest == stamped(parse(document)).digest
