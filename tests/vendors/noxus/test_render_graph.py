"""Writing changed nodes in the flow version that the definition has."""

from typing import Any

import pytest

from adapters.noxus import VENDOR
from schemas.base import JsonObject
from schemas.diagnostics import Severity
from schemas.graph import (
    Branch,
    CredentialReference,
    Graph,
    GraphForm,
    Node,
    NodeRole,
    Port,
    PortDirection,
    Position,
    RetryPolicy,
    WorkflowReference,
)
from tests.vendors.noxus.graphs import V1, V2, definition, paths, rewritten, with_node
from tests.vendors.noxus.helpers import LOOPS, ORDINARY, flow, node, parse, record, recording


@pytest.mark.parametrize(
    ("update", "native"),
    [
        ({"name": "New"}, {"name": "New"}),
        ({"name": None}, {"name": None}),
        ({"type": "OtherNode"}, {"type": "OtherNode"}),
        ({"config": {"k": [1]}}, {"node_config": {"k": [1]}}),
        ({"position": Position(x=5, y=6.5)}, {"display": {"position": {"x": 5, "y": 6.5}, "z": 3}}),
        ({"position": None}, {"display": {"z": 3}}),
        ({"models": ("m",)}, {"node_config": {"model": ["m"]}}),
        (
            {"retry": RetryPolicy(attempts=2, wait_seconds=1.5)},
            {"node_config": {"retry_attempts": 2, "retry_delay": 1.5}},
        ),
        ({"timeout_seconds": 30.0}, {"node_config": {"timeout_seconds": 30}}),
        ({"subworkflow": WorkflowReference(id="w")}, {"subflow_id": "w"}),
        (
            {"subworkflow": WorkflowReference(id="w", name="W")},
            {"subflow_id": "w", "subflow_config": {"workflow_id": "w", "workflow_name": "W"}},
        ),
        (
            {"extensions": {"noxus": {"x": 1, "display": {"z": 4}}}},
            {"x": 1, "display": {"position": {"x": 1, "y": 2}, "z": 4}},
        ),
    ],
)
def test_a_changed_node_changes_its_own_place_only(update: dict[str, Any], native: JsonObject) -> None:
    rendered = with_node(V1, 0, **update)
    first, second = V1["definition"]["nodes"]
    assert definition(rendered) == {**V1["definition"], "nodes": [{**first, **native}, second]}
    assert rendered.losses == ()


@pytest.mark.parametrize(
    ("update", "field"),
    [
        ({"id": "z"}, "id"),
        ({"role": NodeRole.LLM}, "role"),
        ({"type_version": 2}, "type_version"),
        ({"branches": (Branch(port="x"),)}, "branches"),
        ({"container": "b"}, "container"),
        ({"credentials": (CredentialReference(id="c"),)}, "credentials"),
        ({"disabled": True}, "disabled"),
        ({"on_error": "continue"}, "on_error"),
        ({"notes": "n"}, "notes"),
        ({"retry": RetryPolicy(enabled=True)}, "retry"),
        ({"subworkflow": WorkflowReference(id="w", label="prod")}, "subworkflow"),
        ({"extensions": {"n8n": {"x": 1}, "noxus": {"display": {"z": 3}}}}, "extensions/n8n"),
        ({"config": {"model": ["a"]}, "models": ("b",)}, "config"),
    ],
)
def test_what_a_node_cannot_carry_is_a_loss(update: dict[str, Any], field: str) -> None:
    rendered = with_node(V1, 0, **update)
    assert paths(rendered) == [f"/graph/nodes/0/{field}"]
    assert all(loss.reason for loss in rendered.losses)


def test_what_follows_from_a_change_is_no_loss() -> None:
    rendered = with_node(recording(ORDINARY), 1, config={"model": ["other"], "timeout_seconds": 3})
    assert rendered.losses == ()
    text = parse(rendered.document).graph.nodes[1]
    assert (text.models, text.timeout_seconds) == (("other",), 3)


def test_true_and_one_are_two_configurations() -> None:
    base = flow([node("a", node_config={"on": 1})])
    rendered = with_node(base, 0, config={"on": True})
    assert definition(rendered)["nodes"][0]["node_config"]["on"] is True


def test_a_subflow_named_in_the_configuration_stays_there() -> None:
    base = flow([node("a", "InvokeSubflowNode", node_config={"workflow_id": "w1"})])
    rendered = with_node(base, 0, subworkflow=WorkflowReference(id="w2"))
    assert definition(rendered)["nodes"][0]["node_config"] == {"workflow_id": "w2"}
    assert "subflow_id" not in definition(rendered)["nodes"][0]


def test_a_fixed_value_is_written_to_its_input() -> None:
    base = flow([node("a", inputs=[{"node_id": "a", "name": "x", "fixed_value": None, "type": "input"}])])
    rendered = with_node(base, 0, extensions={"noxus": {"fixed_values": {"x": 7}}})
    assert definition(rendered)["nodes"][0]["inputs"][0]["fixed_value"] == 7
    assert rendered.losses == ()


def test_a_new_key_of_a_variable_connector_is_written() -> None:
    base = recording(ORDINARY)
    ports = parse(base).graph.nodes[1].ports
    new = ports[0].model_copy(update={"key": "Language", "data_type": "str[]"})
    rendered = with_node(base, 1, ports=(ports[0], new, *ports[1:]))
    assert rendered.losses == ()
    connector = definition(rendered)["nodes"][1]["connector_config"]["inputs"][0]
    assert connector["keys"] == ["User Question", "Language"]
    assert connector["type_definitions"]["Language"] == {"data_type": "str", "is_list": True}
    assert connector["label"] == "Variables"
    outputs = base["definition"]["nodes"][1]["connector_config"]["outputs"]
    assert definition(rendered)["nodes"][1]["connector_config"]["outputs"] == outputs


def test_a_new_connector_is_written_to_both_lists() -> None:
    port = Port(direction=PortDirection.OUTPUT, name="extra", data_type="int", required=False)
    rendered = with_node(V1, 0, ports=(port,))
    native = definition(rendered)["nodes"][0]
    definition_ = {"data_type": "int", "is_list": False}
    assert native["connector_config"]["outputs"] == [
        {"name": "extra", "type": "connector", "optional": True, "definition": definition_}
    ]
    assert native["outputs"] == [{"node_id": "a", "name": "extra", "type": "connector"}]
    assert paths(rendered) == ["/graph/nodes/0/ports"], "the kind of connector was made up"


def test_a_port_without_a_name_cannot_be_written() -> None:
    rendered = with_node(V1, 0, ports=(Port(direction=PortDirection.INPUT, index=0),))
    assert paths(rendered) == ["/graph/nodes/0/ports"]


def test_ports_of_v2_follow_from_the_configuration() -> None:
    rendered = with_node(V2, 0, ports=(Port(direction=PortDirection.INPUT, name="x"),))
    assert paths(rendered) == ["/graph/nodes/0/ports"]
    assert rendered.document == V2


def test_a_v2_node_can_be_moved_out_of_its_container() -> None:
    rendered = with_node(V2, 1, container=None)
    assert definition(rendered)["nodes"][1]["parent_id"] is None
    assert rendered.losses == ()


def test_nodes_are_added_removed_and_reordered() -> None:
    base = flow(["stray", node("a"), node("b"), 7, node("c")])
    a, b, c = parse(base).graph.nodes
    new = Node(key="d", id="d", name="D", type="EmailNode", role=NodeRole.TOOL, config={"to": "x"})
    rendered = rewritten(base, (c, new, a))
    natives = base["definition"]["nodes"]
    assert rendered.losses == ()
    assert definition(rendered)["nodes"] == [
        "stray",
        natives[4],
        {
            "id": "d",
            "type": "EmailNode",
            "name": "D",
            "node_config": {"to": "x"},
            "display": {},
            "connector_config": {"inputs": [], "outputs": []},
            "config_definition": {},
            "subflow_config": None,
            "subflow_id": None,
            "inputs": [],
            "outputs": [],
        },
        natives[1],
        7,
    ]
    assert b.key not in [one.key for one in parse(rendered.document).graph.nodes]


def test_a_new_node_without_an_id_takes_its_key() -> None:
    rendered = rewritten(V2, (*parse(V2).graph.nodes, Node(key="new")))
    assert definition(rendered)["nodes"][2]["id"] == "new"
    assert rendered.losses == ()


def test_the_flow_version_of_a_graph_stays() -> None:
    rendered = rewritten(V1, format="noxus-v2")
    assert [(loss.path, loss.severity) for loss in rendered.losses] == [("/graph/format", Severity.WARNING)]
    assert rendered.document == V1


@pytest.mark.parametrize("native", [{}, None, {"nodes": None}, {"nodes": [], "edges": []}, "text", {"x": 1}])
@pytest.mark.parametrize("version", ["v1", "v2"])
def test_a_definition_without_a_graph_takes_the_wanted_form(native: Any, version: str) -> None:
    base = record(definition=native)
    graph = Graph(
        form=GraphForm.GRAPH, format=f"noxus-{version}", nodes=(Node(key="a", id="a", name="A", type="T"),)
    )
    rendered = VENDOR.mapping.render(parse(base).model_copy(update={"graph": graph}), base)
    again = parse(rendered.document).graph
    assert rendered.losses == ()
    assert again == graph
    assert definition(rendered)["edges"] == []


def test_a_graph_can_be_emptied() -> None:
    rendered = rewritten(recording(ORDINARY), nodes=(), edges=(), form=GraphForm.EMPTY)
    assert definition(rendered) == {"flow_version": "v1", "nodes": [], "edges": []}


def test_a_graph_full_of_oddities_can_be_changed() -> None:
    for name in (LOOPS, "get_workflow_v1_odd_nodes_and_edges"):
        base = recording(name)
        rendered = with_node(base, 2, name="Renamed")
        assert rendered.losses == ()
        natives, old = definition(rendered)["nodes"], base["definition"]["nodes"]
        assert [index for index, pair in enumerate(zip(natives, old, strict=True)) if pair[0] != pair[1]] == [
            2
        ]
        assert definition(rendered)["edges"] == base["definition"]["edges"]
