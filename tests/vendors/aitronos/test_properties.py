"""What holds for every document, however odd."""

import copy
import json
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from adapters.aitronos import VENDOR
from adapters.aitronos.keys import assign_keys, assign_one_by_one
from adapters.aitronos.n8n_branches import READERS
from adapters.aitronos.n8n_edges import odd_target, plain_target
from adapters.aitronos.n8n_expressions import may_mention, references
from adapters.aitronos.n8n_nodes import NodeReader
from adapters.aitronos.react_flow_edges import is_edge, odd_edge, plain_edge
from adapters.aitronos.roles import DECIDING
from adapters.contract import Fetched
from adapters.errors import VendorSurprise
from adapters.evidence import Evidence, Findings
from schemas.digest import digest, digest_of, stamped
from schemas.graph import Edge, EdgeKind, Endpoint, Node
from schemas.json_codec import dumps
from schemas.workflow import Workflow
from tests.vendors.aitronos.helpers import (
    RECORDED,
    differences,
    parse,
    recording,
    render,
    with_graph,
    with_node,
)

NOISE = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
NAMES = st.sampled_from(["A", "B", "C", "", "#1", "a/b"])
CONFIGS = st.one_of(
    NOISE,
    st.fixed_dictionaries(
        {},
        optional={
            "conditions": NOISE
            | st.fixed_dictionaries({"conditions": st.lists(NOISE, max_size=2), "combinator": NOISE})
            | st.fixed_dictionaries({"string": NOISE, "number": st.lists(NOISE, max_size=2)}),
            "rules": NOISE | st.fixed_dictionaries({}, optional={"values": NOISE, "rules": st.lists(NOISE)}),
            "mode": st.sampled_from(["expression", "rules"]),
            "numberOutputs": NOISE,
            "options": NOISE,
            "model": NOISE,
            "workflowId": NOISE,
            "text": st.sampled_from(["={{ $('A').x }}", "$('B')", "={{ $('Gone').x }}"]),
        },
    ),
)
TYPES = st.one_of(
    NOISE, st.sampled_from(["if", "switch", "splitInBatches", "filter", "freddyLLM", "toolWorkflow"])
)


def some(**fields: Any) -> Any:
    """An object with some of the fields, some of them replaced by noise."""
    return st.fixed_dictionaries({}, optional={name: value | NOISE for name, value in fields.items()}) | NOISE


N8N_NODES = some(
    id=NAMES,
    name=NAMES,
    type=TYPES,
    typeVersion=st.integers(0, 4),
    position=st.lists(st.integers(), max_size=3),
    parameters=CONFIGS,
    credentials=st.dictionaries(NAMES, NOISE, max_size=2),
    disabled=st.booleans(),
    onError=st.just("continueErrorOutput"),
    maxTries=st.integers(),
    waitBetweenTries=st.integers(),
    extra=NOISE,
)
TARGETS = some(node=NAMES, type=st.just("main"), index=st.integers(0, 2), extra=NOISE)
SLOTS = st.lists(st.lists(TARGETS, max_size=3) | NOISE, max_size=3)
CONNECTIONS = st.dictionaries(
    NAMES,
    st.dictionaries(st.sampled_from(["main", "ai_tool", "error", "odd"]), SLOTS | NOISE, max_size=2) | NOISE,
)
N8N = some(
    nodes=st.lists(N8N_NODES, max_size=4),
    connections=CONNECTIONS,
    settings=some(executionTimeout=st.integers(-2, 5), errorWorkflow=NAMES),
    pinData=NOISE,
)
REACT_FLOW = some(
    nodes=st.lists(
        some(
            id=NAMES | st.integers(0, 2),
            type=TYPES,
            data=some(label=NAMES, config=CONFIGS),
            position=some(x=st.integers(), y=st.integers()),
            parentId=NAMES,
            width=NOISE,
        ),
        max_size=4,
    ),
    edges=st.lists(
        some(id=NAMES, source=NAMES, target=NAMES, sourceHandle=NAMES, label=NAMES, type=NAMES, data=NOISE),
        max_size=4,
    ),
    viewport=NOISE,
)
RECORDS = st.fixed_dictionaries(
    {"id": st.just("flow_1"), "definition": N8N | REACT_FLOW | NOISE},
    optional=dict.fromkeys(
        (
            *("organization_id", "name", "description", "version", "is_active", "created_at", "updated_at"),
            *("created_by", "external_id", "assistant_id", "has_assistant", "x_new"),
        ),
        NOISE,
    ),
)
RELAXED = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@given(NOISE | RECORDS | some(id=NAMES, definition=N8N))
@RELAXED
def test_parsing_raises_nothing_but_a_surprise_and_changes_nothing(document: Any) -> None:
    before = copy.deepcopy(document)
    try:
        workflow = parse(document)
    except VendorSurprise:
        assert not (isinstance(document, dict) and isinstance(document.get("id"), str) and document["id"])
    else:
        assert isinstance(document, dict)
        assert parse(document) == workflow
    assert json.dumps(document) == json.dumps(before)


@given(RECORDS)
@RELAXED
def test_the_canonical_form_survives_its_own_json(document: Any) -> None:
    workflow = stamped(parse(document))
    assert Workflow.model_validate_json(workflow.model_dump_json()) == workflow


@given(RECORDS)
@RELAXED
def test_the_draft_of_any_record_is_what_its_model_would_write(document: Any) -> None:
    draft, workflow = VENDOR.mapping.draft(Fetched(document), "demo"), parse(document)
    written = workflow.model_dump(exclude_none=True)
    assert dumps(draft, sort_keys=True) == dumps(written, sort_keys=True)
    assert digest_of(draft) == digest(workflow)


@given(RECORDS)
@RELAXED
def test_the_short_draft_of_any_record_is_what_its_model_would_write(document: Any) -> None:
    draft = VENDOR.mapping.draft_summary(document, "demo")
    written = VENDOR.mapping.parse_summary(document, "demo").model_dump(exclude_none=True)
    assert dumps(draft, sort_keys=True) == dumps(written, sort_keys=True)


@given(RECORDS)
@RELAXED
def test_keys_are_unique_and_ends_that_exist_are_keys(document: Any) -> None:
    graph = parse(document).graph
    keys = [node.key for node in graph.nodes]
    assert len(set(keys)) == len(keys)
    ends = [end for edge in graph.edges for end in (edge.source, edge.target)]
    assert all(end.node in keys for end in ends if end.exists)
    assert all(node.container in (None, *keys) for node in graph.nodes)


@given(RECORDS)
@RELAXED
def test_without_changes_the_document_is_the_base(document: Any) -> None:
    rendered = render(parse(document), document)
    assert json.dumps(rendered.document) == json.dumps(document)
    assert rendered.losses == ()


@given(RECORDS, st.text(max_size=5))
@RELAXED
def test_a_changed_name_changes_nothing_else(document: Any, name: str) -> None:
    workflow = parse(document)
    assume(workflow.name != name)
    rendered = render(workflow.model_copy(update={"name": name}), document)
    assert differences(document, rendered.document) == ["/name"]
    assert rendered.losses == ()


USUAL_NODE = st.fixed_dictionaries(
    {
        "id": NAMES,
        "name": NAMES,
        "type": st.sampled_from(["n8n-nodes-base.if", "switch", "splitInBatches", "freddyLLM", "set"]),
        "typeVersion": st.integers(0, 4),
        "position": st.lists(st.integers() | st.floats(), min_size=2, max_size=2),
        "parameters": CONFIGS.filter(lambda config: isinstance(config, dict)),
    },
    optional={"disabled": NOISE, "notes": NOISE, "maxTries": NOISE, "credentials": NOISE, "x": NOISE},
)
BY_ADDRESS = {"A": "A", "B": "#1"}
CONNECTION = some(node=NAMES, type=st.sampled_from(["main", "ai_tool"]), index=st.integers(0, 2))
ORDINARY_EDGE = st.fixed_dictionaries(
    {"id": NAMES, "source": NAMES, "target": NAMES},
    optional={"sourceHandle": NAMES, "targetHandle": NAMES, "type": NAMES, "label": NAMES, "data": NOISE},
)


@given(USUAL_NODE | N8N_NODES.filter(lambda node: isinstance(node, dict)))
@RELAXED
def test_a_usual_node_reads_as_it_does_by_the_careful_way(fields: Any) -> None:
    quick, careful = Findings(), Findings()
    node = NodeReader(Evidence({"nodes": [fields]}, quick)).read(0, fields, "A")
    assert node == NodeReader(Evidence({"nodes": [fields]}, careful)).odd_node(0, "A")
    assert quick.all() == careful.all()


def test_every_type_that_decides_has_a_reader() -> None:
    assert READERS.keys() == DECIDING


@given(CONNECTION)
@RELAXED
def test_a_plain_connection_reads_as_it_does_by_the_careful_way(item: Any) -> None:
    plain, findings = plain_target(item, BY_ADDRESS), Findings()
    if plain is not None:
        assert plain == odd_target(Evidence(item, findings), BY_ADDRESS)
        assert findings.all() == ()


@given(ORDINARY_EDGE | some(id=NAMES, source=NAMES, target=NAMES, label=NAMES).filter(is_edge))
@RELAXED
def test_a_plain_edge_reads_as_it_does_by_the_careful_way(fields: Any) -> None:
    plain, findings = plain_edge(fields, BY_ADDRESS), Findings()
    if plain is not None:
        assert plain == odd_edge(Evidence(fields, findings), BY_ADDRESS)
        assert findings.all() == ()


@given(st.lists(st.none() | NAMES, max_size=4) | st.lists(NAMES, max_size=4, unique=True))
def test_keys_are_the_same_by_the_short_and_by_the_careful_way(addresses: list[str | None]) -> None:
    places = [2 * place for place in range(len(addresses))]
    assert assign_keys(places, addresses) == assign_one_by_one(places, addresses)


@given(
    st.dictionaries(
        st.text(max_size=2),
        st.builds(
            "{}${}{}{}{}".format,
            st.text(max_size=2),
            st.sampled_from(["(", "node[", "items("]),
            st.sampled_from(["'A'", '"A"', "`A`", " '\ud800'", "A"]),
            st.text(st.characters(), max_size=2),
            st.sampled_from(["", ")", "]"]),
        )
        | NOISE,
        max_size=3,
    )
)
def test_no_reference_is_overlooked(config: dict[str, Any]) -> None:
    assert may_mention([{}, config]) or not references(config)


OBJECTS = N8N_NODES.filter(lambda node: isinstance(node, dict))
GRAPHS = st.fixed_dictionaries(
    {
        "id": st.just("flow_1"),
        "definition": st.fixed_dictionaries(
            {"nodes": st.lists(OBJECTS, min_size=1, max_size=3), "connections": CONNECTIONS}
        ),
    }
)


@given(GRAPHS, st.data())
@RELAXED
def test_a_changed_configuration_changes_nothing_else(document: Any, data: st.DataObject) -> None:
    workflow = parse(document)
    index = data.draw(st.integers(0, len(workflow.graph.nodes) - 1))
    node = workflow.graph.nodes[index]
    rendered = render(with_node(workflow, node.key, config={"fresh": 1}), document)
    places = {path.split("/")[2] for path in differences(document, rendered.document)}
    assert places == {"nodes"}
    assert parse(rendered.document).graph.nodes[index].config == {"fresh": 1}


NEW_NODES = st.builds(
    Node,
    key=NAMES.filter(bool),
    id=st.none() | NAMES,
    name=st.none() | NAMES,
    type=st.none() | st.sampled_from(["if", "set"]),
    config=st.dictionaries(st.text(max_size=2), NOISE, max_size=2),
)
ENDPOINTS = st.builds(
    Endpoint,
    node=NAMES,
    exists=st.booleans(),
    port=st.none() | st.sampled_from(["main", "ai_tool", "out"]),
    index=st.none() | st.integers(-1, 3),
)
NEW_EDGES = st.builds(
    Edge,
    kind=st.sampled_from(EdgeKind),
    source=ENDPOINTS,
    target=ENDPOINTS,
    id=st.none() | NAMES,
    order=st.none() | st.integers(0, 3),
    derived=st.booleans(),
)


@given(
    RECORDS, st.lists(NEW_NODES, max_size=3, unique_by=lambda node: node.key), st.lists(NEW_EDGES, max_size=3)
)
@RELAXED
def test_any_other_graph_is_written_or_said_to_be_lost(
    document: Any, nodes: list[Node], edges: list[Edge]
) -> None:
    workflow = with_graph(parse(document), nodes=tuple(nodes), edges=tuple(edges))
    rendered = render(workflow, document)
    lost = {loss.path for loss in rendered.losses}
    graph = parse(rendered.document).graph
    if "/graph" in lost:
        assert rendered.document == document
        return
    for index, (wanted, got) in enumerate(zip(workflow.graph.nodes, graph.nodes, strict=True)):
        assert wanted.config == got.config or f"/graph/nodes/{index}/config" in lost
        assert wanted.name in (None, got.name) or f"/graph/nodes/{index}/name" in lost
    authored = [edge for edge in graph.edges if not edge.derived]
    unwritten = [path for path in lost if path.startswith("/graph/edges/") and path.count("/") == 3]
    wanted_edges = sum(not edge.derived for edge in edges)
    assert wanted_edges - len(unwritten) <= len(authored) <= wanted_edges


@given(st.sampled_from(RECORDED), st.sampled_from(RECORDED))
@RELAXED
def test_any_workflow_can_be_written_over_any_other(one: str, other: str) -> None:
    workflow, base = parse(recording(one)), recording(other)
    rendered = render(workflow, base)
    again = parse(rendered.document)
    lost = {loss.path.split("/")[1] for loss in rendered.losses}
    for name in ("name", "description", "external_ids", "error_handler", "settings", "version"):
        assert getattr(again, name) == getattr(workflow, name) or name in lost
