"""v1 and v2 definitions as graphs."""

from typing import Any

import pytest

from schemas.base import JsonObject, JsonValue
from schemas.diagnostics import DiagnosticCode
from schemas.graph import (
    Edge,
    EdgeKind,
    Endpoint,
    GraphForm,
    NodeRole,
    Port,
    PortDirection,
    Position,
    RetryPolicy,
    WorkflowReference,
)
from tests.vendors.noxus.helpers import LOOPS, edge, flow, found, node, parse, record, recording

LARGE = "get_workflow_large_v1_twelve_nodes"
ODD = "get_workflow_v1_odd_nodes_and_edges"


def v2(*nodes: JsonObject, edges: JsonValue = ()) -> JsonObject:
    return flow(list(nodes), edges, "v2")


@pytest.mark.parametrize(
    ("definition", "form", "codes"),
    [
        ({"nodes": [], "edges": []}, GraphForm.EMPTY, []),
        ({}, GraphForm.EMPTY, [DiagnosticCode.EMPTY_DEFINITION]),
        ({"flow_version": "v1"}, GraphForm.EMPTY, [DiagnosticCode.EMPTY_DEFINITION]),
        ({"nodes": None, "edges": None}, GraphForm.EMPTY, [DiagnosticCode.EMPTY_DEFINITION]),
        (None, GraphForm.EMPTY, [DiagnosticCode.MISSING_FIELD]),
        ("text", GraphForm.OPAQUE, [DiagnosticCode.WRONG_TYPE]),
        ([], GraphForm.OPAQUE, [DiagnosticCode.WRONG_TYPE]),
        ({"steps": [1]}, GraphForm.OPAQUE, [DiagnosticCode.OPAQUE_DEFINITION]),
        ({"nodes": {"a": 1}}, GraphForm.OPAQUE, [DiagnosticCode.OPAQUE_DEFINITION]),
        ({"nodes": None, "edges": []}, GraphForm.EMPTY, [DiagnosticCode.MISSING_FIELD]),
        ({"nodes": []}, GraphForm.EMPTY, [DiagnosticCode.MISSING_FIELD]),
        ({"nodes": [7], "edges": []}, GraphForm.GRAPH, [DiagnosticCode.UNREADABLE_PART]),
    ],
)
def test_the_form_of_a_definition(definition: Any, form: GraphForm, codes: list[DiagnosticCode]) -> None:
    workflow = parse(record(definition=definition))
    assert workflow.graph.form is form
    assert [code for code, _ in found(workflow)] == codes


@pytest.mark.parametrize(
    ("inner", "outer", "name", "codes"),
    [
        (None, None, "noxus-v1", []),
        ("v2", None, "noxus-v2", []),
        (None, "v2", "noxus-v2", []),
        ("v1", "v1", "noxus-v1", []),
        ("v2", "v1", "noxus-v2", [DiagnosticCode.CONTRADICTION]),
        ("v3", None, "noxus-v3", [DiagnosticCode.UNKNOWN_VALUE]),
        (2, None, "noxus-2", [DiagnosticCode.WRONG_TYPE, DiagnosticCode.UNKNOWN_VALUE]),
    ],
)
def test_the_definitions_own_flow_version_counts_first(
    inner: Any, outer: str | None, name: str, codes: list[DiagnosticCode]
) -> None:
    workflow = parse(record(definition={"flow_version": inner, "nodes": [], "edges": []}, flow_version=outer))
    assert workflow.graph.format == name
    assert [code for code, _ in found(workflow)] == codes


def test_the_twelve_nodes_have_their_roles() -> None:
    roles = [one.role.value for one in parse(recording(LARGE)).graph.nodes]
    assert roles == [
        *("input", "input", "input", "llm", "condition", "condition"),
        *("llm", "llm", "llm", "http", "transform", "output"),
    ]


@pytest.mark.parametrize(
    ("kind", "role"),
    [
        ("InputNodeV2", NodeRole.INPUT),
        ("OutputNodeV2", NodeRole.OUTPUT),
        ("CombineTextV2", NodeRole.TRANSFORM),
        ("InvokeSubflowV2Node", NodeRole.SUBWORKFLOW),
        ("CodeExecutionPythonNode", NodeRole.CODE),
        ("ImageInputNode", NodeRole.INPUT),
        ("EmailNode", NodeRole.TOOL),
        ("AgentStartNode", NodeRole.TRIGGER),
        ("ChatAgentNode", NodeRole.AGENT),
        ("SomethingNew", NodeRole.OTHER),
        ("V2", NodeRole.OTHER),
    ],
)
def test_a_role_follows_from_the_type(kind: str, role: NodeRole) -> None:
    assert parse(flow([node("a", kind)])).graph.nodes[0].role is role


def test_catalogue_copies_are_no_configuration() -> None:
    for one in parse(recording(LARGE)).graph.nodes:
        assert not {"config_definition", "connector_config"} & {*one.config, *one.extensions.get("noxus", {})}


def test_variable_connectors_give_a_port_for_each_key() -> None:
    compose = parse(recording(LARGE)).graph.nodes[10]
    inputs = [port for port in compose.ports if port.direction is PortDirection.INPUT]
    assert [port.key for port in inputs] == ["Billing", "General", "Ticket", "Error"]
    assert inputs[0] == Port(
        direction=PortDirection.INPUT,
        name="variables",
        key="Billing",
        native_kind="variable_type_size_connector",
        data_type="str",
        required=True,
    )


def test_lists_are_marked_in_a_ports_type() -> None:
    text = parse(recording(ODD)).graph.nodes[1]
    assert [(port.name, port.key, port.data_type) for port in text.ports] == [
        ("variables", "error", "str"),
        ("variables", "times", "int[]"),
        ("footer", None, None),
        ("text_output", None, "str"),
    ]


@pytest.mark.parametrize(
    ("connector", "ports"),
    [
        ({"name": "x", "keys": ["a", "a", "b"]}, [("x", "a"), ("x", "b")]),
        ({"name": "x", "keys": []}, [("x", None)]),
        ({"name": "x", "keys": None, "type": 5, "optional": "no", "definition": []}, [("x", None)]),
    ],
)
def test_the_keys_of_a_connector(connector: JsonObject, ports: list[Any]) -> None:
    workflow = parse(flow([node("a", connector_config={"inputs": [connector], "outputs": []})]))
    assert [(port.name, port.key) for port in workflow.graph.nodes[0].ports] == ports
    assert workflow.diagnostics == ()


@pytest.mark.parametrize("keys", [["a", 5], "text", [None]])
def test_keys_that_are_no_texts_are_reported(keys: Any) -> None:
    connector = {"name": "x", "keys": keys}
    workflow = parse(flow([node("a", connector_config={"outputs": [connector, connector]})]))
    assert found(workflow) == [
        (DiagnosticCode.UNREADABLE_PART, "/definition/nodes/0/connector_config/outputs/0/keys")
    ]


def test_v2_keys_and_bound_fields_are_ports() -> None:
    config = {"__var_keys": {"outputs": ["o"], "variables": ["k", 5], "odd": "text"}}
    bindings = {"variables__k": "a.x", "variables__new": "a.x", "plain": "a.x"}
    workflow = parse(v2(node("a"), node("b", node_config=config, variable_bindings=bindings)))
    assert [(port.direction.value, port.name, port.key) for port in workflow.graph.nodes[1].ports] == [
        ("output", "outputs", "o"),
        ("input", "variables", "k"),
        ("input", "plain", None),
        ("input", "variables", "new"),
    ]


def test_a_fixed_value_of_an_input_is_kept() -> None:
    text = parse(recording(ODD)).graph.nodes[1]
    assert text.extensions == {"noxus": {"fixed_values": {"footer": "Sent by a robot"}}}


def test_v1_edges_join_connectors_and_keys() -> None:
    edges = parse(recording(LARGE)).graph.edges
    assert edges[1] == Edge(
        kind=EdgeKind.DATA,
        source=Endpoint(node="e9acdb73-7710-5cb5-b9e8-a7e4debd8cc5", port="category"),
        target=Endpoint(node="c65b4cef-f669-55e8-9990-d1db7848a122", port="variables", key="category"),
        id="c1faa55a-4b3c-5f05-a62e-7b0ccdc2b547",
    )
    assert [one.kind.value for one in edges].count("conditional") == 3
    assert [one.kind.value for one in edges].count("error") == 1
    assert not any(one.derived for one in edges)


def test_v1_texts_are_not_searched_for_v2_tokens() -> None:
    document = flow([node("a", node_config={"text": ":var[b.output]"}), node("b")])
    assert parse(document).graph.edges == ()


def test_a_dangling_edge_is_kept_and_reported() -> None:
    workflow = parse(flow([node("a")], [edge("a:out", "b:in"), edge("gone:out", "a:in")]))
    assert [(one.source.exists, one.target.exists) for one in workflow.graph.edges] == [
        (True, False),
        (False, True),
    ]
    assert found(workflow) == [
        (DiagnosticCode.DANGLING_EDGE, "/definition/edges/0/to_id/node_id"),
        (DiagnosticCode.DANGLING_EDGE, "/definition/edges/1/from_id/node_id"),
    ]


def test_a_point_in_text_form_is_read() -> None:
    workflow = parse(flow([node("a"), node("b")], [{"from_id": "a::out", "to_id": "b::in::key"}]))
    (one,) = workflow.graph.edges
    assert (one.source.port, one.target.port, one.target.key) == ("out", "in", "key")


@pytest.mark.parametrize(
    "native", [{}, {"from_id": None, "to_id": {}}, {"from_id": {"node_id": "a"}}, {"source": "a"}, "edge"]
)
def test_an_edge_that_does_not_say_what_it_joins_is_left_out(native: JsonValue) -> None:
    workflow = parse(flow([node("a")], [native]))
    assert workflow.graph.edges == ()
    assert (DiagnosticCode.UNREADABLE_PART, "/definition/edges/0") in found(workflow)


def test_parallel_edges_and_self_loops_are_real() -> None:
    document = flow([node("a")], [edge("a:x", "a:y"), edge("a:x", "a:y")])
    assert len(parse(document).graph.edges) == 2


def test_keys_are_ids_unless_missing_or_repeated() -> None:
    document = flow([node("a"), node("#1"), node("a"), {"type": "x"}, {"type": "x", "id": ""}, node("#3")])
    workflow = parse(document)
    assert [one.key for one in workflow.graph.nodes] == ["a", "#1", "#2", "#3#", "#4", "#3"]
    assert found(workflow) == [
        (DiagnosticCode.DUPLICATE_NODE_ID, "/definition/nodes/2/id"),
        (DiagnosticCode.MISSING_NODE_ID, "/definition/nodes/3/id"),
        (DiagnosticCode.MISSING_NODE_ID, "/definition/nodes/4/id"),
    ]


def test_a_numeric_id_is_found_by_edges() -> None:
    workflow = parse(flow([{**node("x"), "id": 7}, node("b")], [edge("b:out", "x:in")]))
    assert workflow.graph.nodes[0].key == "7"
    assert not workflow.graph.edges[0].target.exists


def test_what_a_nodes_configuration_tells() -> None:
    api = parse(recording(ODD)).graph.nodes[2]
    assert api.retry == RetryPolicy(attempts=4, wait_seconds=2.5)
    assert api.timeout_seconds == 15
    assert api.extensions == {"noxus": {"x_colour": "red"}}


@pytest.mark.parametrize(
    ("model", "models"),
    [(["a", "preset:cost"], ("a", "preset:cost")), ("a", ("a",)), ([1, "a"], ("a",)), ({}, ()), (None, ())],
)
def test_models_are_a_list_or_one_name(model: Any, models: tuple[str, ...]) -> None:
    assert parse(flow([node("a", node_config={"model": model})])).graph.nodes[0].models == models


@pytest.mark.parametrize(
    ("fields", "reference"),
    [
        ({}, None),
        ({"subflow_id": "w1"}, WorkflowReference(id="w1")),
        (
            {"subflow_config": {"workflow_id": "w2", "workflow_name": "Two"}},
            WorkflowReference(id="w2", name="Two"),
        ),
        (
            {"subflow_id": "w1", "subflow_config": {"workflow_id": "w2", "workflow_name": "Two"}},
            WorkflowReference(id="w1"),
        ),
        ({"node_config": {"workflow_id": "w3"}}, WorkflowReference(id="w3")),
        ({"subflow_id": None, "subflow_config": None, "node_config": {"workflow_id": 3}}, None),
    ],
)
def test_a_subflow_is_a_reference(fields: JsonObject, reference: WorkflowReference | None) -> None:
    assert parse(flow([node("a", "InvokeSubflowNode", **fields)])).graph.nodes[0].subworkflow == reference


@pytest.mark.parametrize(
    ("display", "position"),
    [
        ({"position": {"x": 1, "y": 2.5}}, Position(x=1, y=2.5)),
        ({"position": {"x": 1}}, None),
        ({"position": "left"}, None),
        ({}, None),
        (None, None),
    ],
)
def test_positions(display: Any, position: Position | None) -> None:
    assert parse(flow([node("a", display=display)])).graph.nodes[0].position == position


def test_v2_edges_fix_the_order_and_tokens_carry_the_data() -> None:
    graph = parse(recording("get_workflow_typical_v2_edges_are_hints")).graph
    assert [(one.kind, one.derived) for one in graph.edges] == [
        *[(EdgeKind.CONTROL, False)] * 2,
        *[(EdgeKind.DATA, True)] * 2,
    ]
    assert (graph.edges[3].source.port, graph.edges[3].target.port) == ("text_output", "value")


def derived(document: JsonObject) -> list[tuple[str, str | None, str, str | None, str | None]]:
    return [
        (one.source.node, one.source.port, one.target.node, one.target.port, one.target.key)
        for one in parse(document).graph.edges
        if one.derived
    ]


def test_tokens_are_found_anywhere_in_a_configuration() -> None:
    config = {
        "text": ":var[a.x] and :var[b.y], :var[a.x] again",
        "rows": [{"deep": [":var[a.z]"]}, 1, None],
        "variables__Key": ":var[ b.out ]",
        "__var_keys": {"variables": ["Key", ":var[a.no]"]},
        "none": ":var[] :var[unclosed",
    }
    document = v2(node("a"), node("b"), node("c", node_config=config))
    assert derived(document) == [
        ("a", "z", "c", "rows", "0/deep/0"),
        ("a", "x", "c", "text", None),
        ("b", "y", "c", "text", None),
        ("b", "out", "c", "variables", "Key"),
    ]


@pytest.mark.parametrize(
    ("reference", "node_key", "output"),
    [
        ("a.out", "a", "out"),
        ("a.out.inner", "a", "out.inner"),
        ("b.c.out", "b.c", "out"),
        ("a", "a", None),
        ("b.c", "b.c", None),
        ("a.rows[0]", "a", "rows[0]"),
        ("gone.out", "gone", "out"),
    ],
)
def test_a_reference_is_split_by_the_ids_that_are_there(
    reference: str, node_key: str, output: str | None
) -> None:
    document = v2(node("a"), node("b.c"), node("z", node_config={"f": f":var[{reference}]"}))
    assert derived(document) == [(node_key, output, "z", "f", None)]


def test_bindings_are_references_too() -> None:
    bindings = {"plain": "a.out", "token": ":var[a.out]", "number": 4}
    workflow = parse(v2(node("a"), node("b", variable_bindings=bindings)))
    assert [(one.target.port, one.native_kind) for one in workflow.graph.edges] == [
        ("plain", "variable_bindings"),
        ("token", "variable_bindings"),
    ]
    assert workflow.graph.nodes[1].extensions == {"noxus": {"variable_bindings": bindings}}
    assert found(workflow) == [
        (DiagnosticCode.UNREADABLE_PART, "/definition/nodes/1/variable_bindings/number")
    ]


def test_a_dangling_token_is_kept_and_reported() -> None:
    workflow = parse(v2(node("b", node_config={"rows": [":var[gone.out]"]})))
    assert workflow.graph.edges[0].source == Endpoint(node="gone", exists=False, port="out")
    assert found(workflow) == [(DiagnosticCode.DANGLING_REFERENCE, "/definition/nodes/0/node_config/rows/0")]


def test_containers() -> None:
    nodes = parse(recording(LOOPS)).graph.nodes
    loop = nodes[1]
    assert loop.role is NodeRole.LOOP
    assert [one.container for one in nodes] == [None, None, loop.key, loop.key, loop.key, None, None]
    assert nodes[6].extensions["noxus"]["parent_id"] == "no-such-loop"


def test_a_node_cannot_lie_in_itself() -> None:
    document = v2(
        node("a", parent_id="b"), node("b", parent_id="a"), node("c", parent_id="a"), node("d", parent_id="d")
    )
    workflow = parse(document)
    assert [one.container for one in workflow.graph.nodes] == [None, None, "a", None]
    assert found(workflow) == [
        (DiagnosticCode.CONTRADICTION, f"/definition/nodes/{index}/parent_id") for index in (0, 1, 3)
    ]


def test_v2_handles_tell_error_and_condition() -> None:
    kinds = [one.kind.value for one in parse(recording(LOOPS)).graph.edges if not one.derived]
    assert kinds == ["control", "control", "conditional", "conditional", "control", "error", "control"]


def test_an_edge_of_the_other_flow_version_is_read_as_it_is() -> None:
    document = flow([node("a"), node("b")], [{"source": "a", "target": "b"}])
    workflow = parse(document)
    assert workflow.graph.edges[0].kind is EdgeKind.CONTROL
    assert found(workflow) == [(DiagnosticCode.CONTRADICTION, "/definition/edges/0")]


def test_what_is_unknown_about_an_edge_is_kept() -> None:
    native = edge("a:x", "a:y", id=5, animated=True)
    native["to_id"]["optional"] = True
    native["from_id"]["colour"] = "red"
    (one,) = parse(flow([node("a")], [native])).graph.edges
    assert one.id == "5"
    assert one.extensions == {
        "noxus": {"animated": True, "from_id": {"colour": "red"}, "to_id": {"optional": True}}
    }
