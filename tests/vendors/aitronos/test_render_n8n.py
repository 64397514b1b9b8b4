"""Writing a changed graph in the n8n-like shape."""

from typing import Any

import pytest

from schemas.graph import (
    Branch,
    CredentialReference,
    Edge,
    EdgeKind,
    Endpoint,
    Node,
    NodeRole,
    Port,
    PortDirection,
    Position,
    RetryPolicy,
)
from tests.vendors.aitronos.helpers import (
    changed,
    differences,
    lost_paths,
    n8n,
    node_of,
    parse,
    record,
    recording,
    render,
    step,
    to,
    with_edge,
    with_graph,
    with_node,
)


def edge(start: str, end: str, **fields: Any) -> Edge:
    ends = {"source": Endpoint(node=start), "target": Endpoint(node=end)}
    return Edge(**{"kind": EdgeKind.DATA, **ends, **fields})


@pytest.mark.parametrize(
    ("fields", "place", "value"),
    [
        ({"config": {"a": 1.0}}, "parameters", {"a": 1.0}),
        ({"position": Position(x=10, y=0.5)}, "position", [10, 0.5]),
        ({"disabled": True}, "disabled", True),
        ({"notes": "why"}, "notes", "why"),
        ({"on_error": "stopWorkflow"}, "onError", "stopWorkflow"),
        ({"type": "code"}, "type", "code"),
        ({"type_version": 2.1}, "typeVersion", 2.1),
        ({"id": "new"}, "id", "new"),
        ({"retry": RetryPolicy(enabled=True)}, "retryOnFail", True),
        ({"retry": RetryPolicy(attempts=4)}, "maxTries", 4),
        ({"retry": RetryPolicy(wait_seconds=1.1)}, "waitBetweenTries", 1100),
        (
            {"credentials": (CredentialReference(type="key", id="c", name="n"),)},
            "credentials",
            {"key": {"id": "c", "name": "n"}},
        ),
        ({"extensions": {"aitronos": {"executeOnce": True}}}, "executeOnce", True),
    ],
)
def test_a_changed_node_is_written_to_its_place(fields: Any, place: str, value: Any) -> None:
    base = n8n(step("A"), step("B"), connections={"A": {"main": [[to("B")]]}})
    workflow = with_node(parse(base), "A", **fields)
    rendered = render(workflow, base)
    assert {path.split("/")[4] for path in differences(base, rendered.document)} == {place}
    assert rendered.document["definition"]["nodes"][0][place] == value
    assert rendered.document["definition"]["nodes"][1] is base["definition"]["nodes"][1] or not differences(
        base["definition"]["nodes"][1], rendered.document["definition"]["nodes"][1]
    )
    assert rendered.losses == ()


@pytest.mark.parametrize(
    ("native", "fields"),
    [
        ({"disabled": True}, {"disabled": False}),
        ({"notes": "x"}, {"notes": None}),
        ({"onError": "x"}, {"on_error": None}),
        ({"retryOnFail": True, "maxTries": 3, "waitBetweenTries": 5}, {"retry": None}),
        ({"credentials": {"a": {"id": "1"}}}, {"credentials": ()}),
        ({"webhookId": "w"}, {"extensions": {}}),
    ],
)
def test_what_is_cleared_is_taken_away(native: Any, fields: Any) -> None:
    base = n8n(step("A", **native))
    rendered = render(with_node(parse(base), "A", **fields), base)
    assert rendered.document == n8n(step("A"))
    assert rendered.losses == ()


def test_a_credential_keeps_what_else_its_entry_holds() -> None:
    base = n8n(step("A", credentials={"key": {"id": "1", "name": "old", "scope": "x"}, "other": "Old"}))
    credentials = (CredentialReference(type="key", id="1", name="new"), CredentialReference(name="no type"))
    rendered = render(with_node(parse(base), "A", credentials=credentials), base)
    written = rendered.document["definition"]["nodes"][0]["credentials"]
    assert written == {"key": {"id": "1", "name": "new", "scope": "x"}}
    assert lost_paths(rendered) == ["/graph/nodes/0/credentials"]


@pytest.mark.parametrize(
    "fields",
    [
        {"role": NodeRole.LLM},
        {"models": ("m",)},
        {"container": "B"},
        {"timeout_seconds": 3.0},
        {"branches": (Branch(index=0),)},
        {"extensions": {"noxus": {"a": 1}}},
        {"position": Position(x=float("inf"), y=0)},
    ],
)
def test_what_a_node_has_no_place_for_is_lost(fields: Any) -> None:
    base = n8n(step("A"), step("B"))
    rendered = render(with_node(parse(base), "A", **fields), base)
    (path,) = lost_paths(rendered)
    assert path.startswith("/graph/nodes/0/" + next(iter(fields)))


def test_what_follows_from_the_configuration_is_no_loss() -> None:
    base = recording("get_n8n_one_llm")
    config = {**node_of(parse(base), "FreddyLLM").config, "model": "gpt-4o"}
    rendered = render(with_node(parse(base), "FreddyLLM", config=config), base)
    assert differences(base, rendered.document) == ["/definition/nodes/1/parameters/model"]
    assert parse(rendered.document).graph.nodes[1].models == ("gpt-4o",)
    assert rendered.losses == ()


def test_numbers_are_compared_exactly() -> None:
    base = n8n(step("A", parameters={"n": 1}))
    rendered = render(with_node(parse(base), "A", config={"n": True}), base)
    assert rendered.document["definition"]["nodes"][0]["parameters"]["n"] is True


def test_a_renamed_node_keeps_its_edges() -> None:
    connections = {"A": {"main": [[to("B")]]}, "B": {"main": [None, [to("A"), to("B")]]}}
    base = n8n(step("A"), step("B"), connections=connections, meta={"a": 1})
    rendered = render(with_node(parse(base), "B", name="C"), base)
    assert rendered.document["definition"]["connections"] == {
        "A": {"main": [[to("C")]]},
        "C": {"main": [[], [to("A"), to("C")]]},
    }
    assert rendered.losses == ()


def test_a_rename_leaves_other_connections_as_they_were() -> None:
    base = n8n(step("A"), step("B"), connections={"A": {"main": [None, [to("A")]], "odd": 5}, "B": 7})
    rendered = render(with_node(parse(base), "B", name="C"), base)
    assert rendered.document["definition"]["connections"] == {
        "A": {"main": [None, [to("A")]], "odd": 5},
        "C": 7,
    }


def test_a_rename_of_key_and_name_is_told_by_the_id() -> None:
    base = n8n(step("A", notesInFlow=True), step("B"), connections={"A": {"main": [[to("B")]]}})
    workflow = with_node(parse(base), "A", key="Z", name="Z")
    workflow = with_edge(workflow, 0, source=Endpoint(node="Z", port="main", index=0))
    rendered = render(workflow, base)
    assert rendered.document["definition"]["nodes"][0]["notesInFlow"] is True
    assert rendered.document["definition"]["connections"] == {"Z": {"main": [[to("B")]]}}
    assert parse(rendered.document) == workflow
    assert rendered.losses == ()


def test_two_nodes_can_swap_names() -> None:
    base = n8n(step("A"), step("B"), connections={"A": {"main": [[to("B", note=1)]]}})
    rendered = render(with_node(with_node(parse(base), "A", name="B"), "B", name="A"), base)
    assert [node["name"] for node in rendered.document["definition"]["nodes"]] == ["B", "A"]
    assert rendered.document["definition"]["connections"] == {"B": {"main": [[to("A", note=1)]]}}
    assert rendered.losses == ()


def test_a_name_in_use_gets_a_number_and_is_said() -> None:
    base = n8n(step("A"), step("B"))
    rendered = render(with_node(parse(base), "B", name="A"), base)
    assert rendered.document["definition"]["nodes"][1]["name"] == "A 1"
    assert lost_paths(rendered) == ["/graph/nodes/1/name"]


def test_a_node_cannot_lose_its_name() -> None:
    base = n8n(step("A"))
    rendered = render(with_node(parse(base), "A", name=None), base)
    assert rendered.document == base
    assert lost_paths(rendered) == ["/graph/nodes/0/name"]


def test_expressions_that_name_a_renamed_node_are_said() -> None:
    base = n8n(step("A"), step("B", parameters={"x": "={{ $('A').item }}"}))
    rendered = render(with_node(parse(base), "A", name="C"), base)
    assert rendered.document["definition"]["nodes"][1] == base["definition"]["nodes"][1]
    assert lost_paths(rendered) == ["/graph/nodes/0/name"]


def test_a_node_is_added_with_its_edges() -> None:
    base = n8n(step("A"), step("B"), connections={"A": {"main": [[to("B")]]}})
    workflow = parse(base)
    new = Node(key="C", id="c", name="C", type="code", role=NodeRole.CODE, config={"x": 1}, disabled=True)
    edges = (*workflow.graph.edges, edge("A", "C"), edge("C", "B", target=Endpoint(node="B", index=2)))
    rendered = render(with_graph(workflow, nodes=(*workflow.graph.nodes, new), edges=edges), base)
    definition = rendered.document["definition"]
    assert definition["nodes"][:2] == base["definition"]["nodes"]
    assert definition["nodes"][2] == {
        "id": "c",
        "name": "C",
        "type": "code",
        "typeVersion": 1,
        "position": [0, 0],
        "parameters": {"x": 1},
        "disabled": True,
    }
    assert definition["connections"] == {
        "A": {"main": [[to("B"), to("C")]]},
        "C": {"main": [[to("B", index=2)]]},
    }
    assert rendered.losses == ()


def test_a_new_node_gets_what_n8n_needs() -> None:
    base = n8n(step("A"))
    workflow = parse(base)
    nodes = (*workflow.graph.nodes, Node(key="k", role=NodeRole.LLM), Node(key="l", name="A"))
    rendered = render(with_graph(workflow, nodes=nodes), base)
    written = rendered.document["definition"]["nodes"]
    assert [(node["id"], node["name"], node["type"]) for node in written[1:]] == [
        ("k", "k", "llm"),
        ("l", "A 1", "other"),
    ]
    assert lost_paths(rendered) == ["/graph/nodes/2/name"]


def test_a_copied_node_is_a_new_one() -> None:
    base = n8n(step("A"), connections={"A": {"main": [[to("A")]]}})
    workflow = parse(base)
    copied = workflow.graph.nodes[0].model_copy(update={"key": "A copy", "name": "A copy", "ports": ()})
    rendered = render(with_graph(workflow, nodes=(*workflow.graph.nodes, copied)), base)
    assert [node["name"] for node in rendered.document["definition"]["nodes"]] == ["A", "A copy"]
    assert rendered.document["definition"]["connections"] == base["definition"]["connections"]
    assert rendered.losses == ()


def test_a_node_is_removed_with_its_edges_and_junk_stays() -> None:
    connections = {"A": {"main": [[to("B"), to("C")]]}, "B": {"main": [[to("C")]]}}
    base = n8n("junk", step("A"), step("B"), None, step("C"), connections=connections)
    workflow = parse(base)
    nodes = tuple(node for node in workflow.graph.nodes if node.key != "B")
    edges = tuple(one for one in workflow.graph.edges if "B" not in (one.source.node, one.target.node))
    rendered = render(with_graph(workflow, nodes=nodes, edges=edges), base)
    assert rendered.document["definition"]["nodes"] == ["junk", step("A"), step("C"), None]
    assert rendered.document["definition"]["connections"] == {"A": {"main": [[to("C")]]}}
    assert rendered.losses == ()


def test_edges_left_behind_by_a_removed_node_are_said() -> None:
    base = n8n(step("A"), step("B"), connections={"A": {"main": [[to("B")]]}})
    workflow = parse(base)
    rendered = render(with_graph(workflow, nodes=workflow.graph.nodes[:1]), base)
    assert rendered.document["definition"]["connections"] == base["definition"]["connections"]
    assert parse(rendered.document).graph.edges[0].target.exists is False
    assert lost_paths(rendered) == ["/graph/edges/0/target/exists"]


def test_nodes_are_written_in_the_order_given() -> None:
    base = n8n(step("A"), step("B"), step("C"))
    workflow = parse(base)
    rendered = render(with_graph(workflow, nodes=workflow.graph.nodes[::-1]), base)
    assert rendered.document["definition"]["nodes"] == [step("C"), step("B"), step("A")]
    assert rendered.losses == ()


def test_a_removed_edge_leaves_its_slot() -> None:
    connections = {"A": {"main": [[to("B")], None, [to("C")]]}, "B": {"main": [None, [to("C")]]}}
    base = n8n(step("A"), step("B"), step("C"), connections=connections)
    workflow = parse(base)
    rendered = render(with_graph(workflow, edges=workflow.graph.edges[1:]), base)
    assert rendered.document["definition"]["connections"] == {
        "A": {"main": [[], [], [to("C")]]},
        "B": {"main": [None, [to("C")]]},
    }
    assert rendered.losses == ()


def test_a_place_disappears_with_its_last_port_and_edge() -> None:
    base = n8n(
        step("A"), step("B"), connections={"A": {"main": [[to("B")]], "ai_tool": [[to("B", "ai_tool")]]}}
    )
    workflow = parse(base)
    (port,) = (port for port in workflow.graph.nodes[0].ports if port.name == "ai_tool")
    workflow = with_graph(with_node(workflow, "A", ports=(port,)), edges=workflow.graph.edges[1:])
    rendered = render(workflow, base)
    assert rendered.document["definition"]["connections"] == {"A": {"ai_tool": [[to("B", "ai_tool")]]}}
    assert rendered.losses == ()


def test_a_gap_is_added_by_a_port() -> None:
    base = n8n(step("A"))
    port = Port(direction=PortDirection.OUTPUT, name="main", index=1, native_kind="main")
    rendered = render(with_node(parse(base), "A", ports=(port.model_copy(update={"index": 0}), port)), base)
    assert rendered.document["definition"]["connections"] == {"A": {"main": [[], []]}}
    assert rendered.losses == ()


def test_an_edge_is_changed_in_its_place() -> None:
    base = n8n(step("A"), step("B"), connections={"A": {"main": [[to("B"), to("A")]]}})
    target = Endpoint(node="B", port="main", index=3)
    workflow = with_edge(parse(base), 0, target=target, extensions={"aitronos": {"note": 1}})
    rendered = render(workflow, base)
    assert rendered.document["definition"]["connections"] == {
        "A": {"main": [[to("B", index=3, note=1), to("A")]]}
    }
    assert parse(rendered.document) == workflow
    assert rendered.losses == ()


def test_the_order_within_a_slot_is_written() -> None:
    base = n8n(step("A"), step("B"), step("C"), connections={"A": {"main": [[to("B"), to("C")]]}})
    workflow = with_edge(with_edge(parse(base), 0, order=1), 1, order=0)
    rendered = render(workflow, base)
    assert rendered.document["definition"]["connections"] == {"A": {"main": [[to("C"), to("B")]]}}
    assert rendered.losses == ()


@pytest.mark.parametrize(
    ("source_type", "fields", "kind", "slot"),
    [
        ("set", {}, "main", 0),
        ("set", {"kind": EdgeKind.ATTACHMENT}, "ai_tool", 0),
        ("memory", {"kind": EdgeKind.ATTACHMENT}, "ai_memory", 0),
        ("freddyLLM", {"kind": EdgeKind.ATTACHMENT}, "ai_languageModel", 0),
        ("set", {"native_kind": "ai_outputParser", "kind": EdgeKind.ATTACHMENT}, "ai_outputParser", 0),
        ("set", {"source": Endpoint(node="A", port="error"), "kind": EdgeKind.ERROR}, "error", 0),
        ("if", {"source": Endpoint(node="A", port="false"), "kind": EdgeKind.CONDITIONAL}, "main", 1),
        ("if", {"source": Endpoint(node="A", index=1), "kind": EdgeKind.CONDITIONAL}, "main", 1),
    ],
)
def test_a_new_edge_finds_its_slot(source_type: str, fields: Any, kind: str, slot: int) -> None:
    base = n8n(step("A", source_type), step("B"))
    workflow = with_graph(parse(base), edges=(edge("A", "B", **fields),))
    slots: list[Any] = [*([] for _ in range(slot)), [to("B", kind)]]
    rendered = render(workflow, base)
    assert rendered.document["definition"]["connections"] == {"A": {kind: slots}}
    assert lost_paths(rendered) in ([], ["/graph/edges/0/source/port"])


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"kind": EdgeKind.ERROR}, "/kind"),
        ({"label": "yes"}, "/label"),
        ({"id": "e1"}, "/id"),
        ({"source": Endpoint(node="A", index=10**9)}, "/source/index"),
        ({"source": Endpoint(node="A", index=-1)}, "/source/index"),
        ({"source": Endpoint(node="A", key="k")}, "/source/key"),
        ({"target": Endpoint(node="Z")}, "/target/exists"),
        ({"target": Endpoint(node="B", port="left")}, "/target/port"),
    ],
)
def test_what_an_edge_has_no_place_for_is_lost(fields: Any, path: str) -> None:
    base = n8n(step("A"), step("B"))
    rendered = render(with_graph(parse(base), edges=(edge("A", "B", **fields),)), base)
    assert lost_paths(rendered) == [f"/graph/edges/0{path}"]


def test_edges_from_expressions_follow_the_configuration() -> None:
    base = n8n(step("A"), step("B", parameters={"x": "={{ $('A').item }}"}))
    workflow = parse(base)
    assert lost_paths(render(with_graph(workflow, edges=()), base)) == ["/graph/edges"]
    without = with_node(with_graph(workflow, edges=()), "B", config={})
    assert lost_paths(render(without, base)) == []


def test_connections_of_a_wrong_type_are_replaced_when_edges_come() -> None:
    base = n8n(step("A"), step("B"))
    base["definition"]["connections"] = ["odd"]
    workflow = parse(base)
    untouched = render(changed(workflow, name="x"), base)
    assert untouched.document["definition"]["connections"] == ["odd"]
    rendered = render(with_graph(workflow, edges=(edge("A", "B"),)), base)
    assert rendered.document["definition"]["connections"] == {"A": {"main": [[to("B")]]}}


def test_an_unknown_kind_of_connection_can_be_extended() -> None:
    base = n8n(step("A"), step("B"), connections={"A": {"sideways": [[to("B", "sideways")]]}})
    workflow = parse(base)
    again = workflow.graph.edges[0].model_copy(update={"order": 1})
    rendered = render(with_graph(workflow, edges=(*workflow.graph.edges, again)), base)
    assert rendered.document["definition"]["connections"] == {
        "A": {"sideways": [[to("B", "sideways"), to("B", "sideways")]]}
    }
    assert rendered.losses == ()


def test_a_definition_keeps_its_shape_when_its_last_node_goes() -> None:
    base = record({"nodes": [step("A")]})
    rendered = render(with_graph(parse(base), nodes=()), base)
    assert rendered.document["definition"] == {"nodes": [], "connections": {}}
    assert rendered.losses == ()


def test_ports_that_are_no_output_slots_are_lost() -> None:
    base = n8n(step("A"))
    ports = (
        Port(direction=PortDirection.INPUT, name="main", index=0),
        Port(direction=PortDirection.OUTPUT, name="x"),
    )
    rendered = render(with_node(parse(base), "A", ports=ports), base)
    assert rendered.document == base
    assert lost_paths(rendered) == ["/graph/nodes/0/ports"]
