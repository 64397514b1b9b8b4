"""Nodes of the n8n-like shape."""

from typing import Any

import pytest

from schemas.graph import CredentialReference, NodeRole, Position, RetryPolicy, WorkflowReference
from tests.vendors.aitronos.helpers import found, n8n, node_of, parse, step, to


def test_a_node_has_a_place_for_every_known_field() -> None:
    node = step(
        "A",
        "n8n-nodes-base.httpRequest",
        typeVersion=4.2,
        position=[10, -20.5],
        parameters={"url": "https://example.invalid", "n": 1.0},
        disabled=True,
        notes="why",
        onError="stopWorkflow",
        retryOnFail=True,
        maxTries=5,
        waitBetweenTries=1500,
    )
    (read,) = parse(n8n(node)).graph.nodes
    assert (read.key, read.id, read.name) == ("A", "id-A", "A")
    assert (read.role, read.type, read.type_version) == (NodeRole.HTTP, "n8n-nodes-base.httpRequest", 4.2)
    assert read.position == Position(x=10, y=-20.5)
    assert read.config == {"url": "https://example.invalid", "n": 1.0}
    assert (read.disabled, read.notes, read.on_error) == (True, "why", "stopWorkflow")
    assert read.retry == RetryPolicy(enabled=True, attempts=5, wait_seconds=1.5)
    assert read.extensions == {}


def test_credentials_are_references() -> None:
    credentials = {"one": {"id": "c1", "name": "Key", "value": "hidden"}, "two": "Old", "three": None}
    (node,) = parse(n8n(step("A", credentials=credentials))).graph.nodes
    assert node.credentials == (
        CredentialReference(type="one", id="c1", name="Key"),
        CredentialReference(type="two", name="Old"),
        CredentialReference(type="three"),
    )
    assert "hidden" not in node.model_dump_json()


def test_other_fields_are_kept_and_drawing_is_not() -> None:
    (node,) = parse(n8n(step("A", webhookId="w", notesInFlow=True, color=3))).graph.nodes
    assert node.extensions == {"aitronos": {"webhookId": "w"}}


@pytest.mark.parametrize(
    ("node_type", "role"),
    [
        ("freddyLLM", NodeRole.LLM),
        ("FreddyLLM", NodeRole.LLM),
        ("freddy_llm", NodeRole.LLM),
        ("@n8n/n8n-nodes-langchain.lmChatOpenAi", NodeRole.LLM),
        ("@n8n/n8n-nodes-langchain.agent", NodeRole.AGENT),
        ("assistant", NodeRole.ASSISTANT),
        ("chatTrigger", NodeRole.TRIGGER),
        ("webhook", NodeRole.TRIGGER),
        ("errorTrigger", NodeRole.ERROR_HANDLER),
        ("respond", NodeRole.OUTPUT),
        ("memoryBuffer", NodeRole.MEMORY),
        ("mcpTool", NodeRole.TOOL),
        ("toolHttpRequest", NodeRole.TOOL),
        ("n8n-nodes-base.code", NodeRole.CODE),
        ("n8n-nodes-base.if", NodeRole.CONDITION),
        ("n8n-nodes-base.splitInBatches", NodeRole.LOOP),
        ("n8n-nodes-base.merge", NodeRole.MERGE),
        ("set", NodeRole.TRANSFORM),
        ("executeWorkflow", NodeRole.SUBWORKFLOW),
        ("n8n-nodes-base.stickyNote", NodeRole.NOTE),
        ("brandNew", NodeRole.OTHER),
        ("", NodeRole.OTHER),
    ],
)
def test_the_role_follows_from_the_type(node_type: str, role: NodeRole) -> None:
    assert parse(n8n(step("A", node_type))).graph.nodes[0].role is role


@pytest.mark.parametrize(
    ("parameters", "models"),
    [
        ({"model": "ftg-3.0"}, ("ftg-3.0",)),
        ({"model": {"__rl": True, "mode": "list", "value": "gpt-4o"}}, ("gpt-4o",)),
        ({"modelId": {"__rl": True, "value": "gpt-4o"}, "model": "gpt-4o"}, ("gpt-4o",)),
        ({"model": ["a", 5, "b"]}, ("a", "b")),
        ({"model": "={{ $json.model }}"}, ()),
        ({"model": None}, ()),
        ({"model": {"value": 5}}, ()),
    ],
)
def test_models_are_named(parameters: Any, models: tuple[str, ...]) -> None:
    assert parse(n8n(step("A", "freddyLLM", parameters=parameters))).graph.nodes[0].models == models
    assert parse(n8n(step("A", "set", parameters=parameters))).graph.nodes[0].models == ()


@pytest.mark.parametrize(
    ("workflow_id", "reference"),
    [
        ("flow_2", WorkflowReference(id="flow_2")),
        ({"value": "flow_2", "cachedResultName": "Two"}, WorkflowReference(id="flow_2", name="Two")),
        ({"value": "flow_2", "cachedResultName": 2}, WorkflowReference(id="flow_2")),
        ("={{ $json.flow }}", None),
        (None, None),
    ],
)
@pytest.mark.parametrize("node_type", ["executeWorkflow", "toolWorkflow"])
def test_other_workflows_are_referred_to(
    workflow_id: Any, reference: WorkflowReference | None, node_type: str
) -> None:
    node = step("A", node_type, parameters={"workflowId": workflow_id})
    assert parse(n8n(node)).graph.nodes[0].subworkflow == reference


def test_nodes_without_a_name_of_their_own_are_keyed_by_index() -> None:
    nodes = [step("A"), step("A", id="other"), {"type": "set", "parameters": {}, "id": "x"}]
    workflow = parse(n8n(*nodes, connections={"A": {"main": [[to("A")]]}}))
    assert [node.key for node in workflow.graph.nodes] == ["A", "#1", "#2"]
    assert [len(node.ports) for node in workflow.graph.nodes] == [1, 0, 0]
    assert workflow.graph.edges[0].target.node == "A"
    assert found(workflow) == [
        ("duplicate_node_name", "/definition/nodes/1/name"),
        ("missing_node_name", "/definition/nodes/2/name"),
    ]


def test_a_node_that_is_really_named_like_a_key_is_reached_by_its_name() -> None:
    nodes = [step("A"), step("A"), step("#1")]
    workflow = parse(n8n(*nodes, connections={"A": {"main": [[to("#1")]]}}))
    assert [node.key for node in workflow.graph.nodes] == ["A", "#1", "##1"]
    target = workflow.graph.edges[0].target
    assert target.exists
    assert node_of(workflow, target.node).name == "#1"


def test_ids_are_watched_though_edges_do_not_use_them() -> None:
    workflow = parse(n8n(step("A", id="same"), step("B", id="same"), step("C", id=None), step("D", id=7)))
    assert [node.id for node in workflow.graph.nodes] == ["same", "same", None, "7"]
    assert found(workflow) == [
        ("duplicate_node_id", "/definition/nodes/1/id"),
        ("missing_node_id", "/definition/nodes/2/id"),
    ]


@pytest.mark.parametrize("position", [[1], [1, "2"], [1, 2, 3], {"x": 1}, "left", [True, 1], [10**400, 1]])
def test_an_odd_position_is_left_out_and_reported(position: Any) -> None:
    workflow = parse(n8n(step("A", position=position)))
    assert workflow.graph.nodes[0].position is None
    assert found(workflow) == [("wrong_type", "/definition/nodes/0/position")]


def test_entries_that_are_no_nodes_are_reported_and_counted() -> None:
    workflow = parse(n8n("junk", step("A"), None, {"parameters": {}, "type": "set", "id": "x"}))
    assert [node.key for node in workflow.graph.nodes] == ["A", "#3"]
    assert ("unreadable_part", "/definition/nodes/0") in found(workflow)
    assert ("unreadable_part", "/definition/nodes/2") in found(workflow)


def test_parameters_of_another_type_are_left_out_and_reported() -> None:
    workflow = parse(n8n(step("A", "if", parameters=[1])))
    assert workflow.graph.nodes[0].config == {}
    assert found(workflow) == [("wrong_type", "/definition/nodes/0/parameters")]
