"""Making a record from nothing, of workflows of this vendor and of others."""

import pytest

from adapters.aitronos.definition import FIELD
from schemas.diagnostics import Severity
from schemas.graph import (
    Condition,
    Edge,
    EdgeKind,
    Endpoint,
    Graph,
    GraphForm,
    Node,
    NodeRole,
    Port,
    PortDirection,
    Position,
)
from schemas.workflow import ExternalId, Variable, Workflow, WorkflowStatus
from tests.vendors.aitronos.helpers import RECORDED, changed, lost_paths, parse, recording, render


def foreign() -> Workflow:
    port = Port(direction=PortDirection.OUTPUT, name="output", index=0, native_kind="text")
    nodes = (
        Node(
            key="1",
            id="1",
            name="Ask",
            role=NodeRole.INPUT,
            type="InputNode",
            position=Position(x=1, y=2),
            ports=(port,),
        ),
        Node(
            key="2",
            id="2",
            name="Ask",
            role=NodeRole.LLM,
            type="PromptNode",
            config={"model": "m"},
            models=("m",),
        ),
        Node(key="3", role=NodeRole.OUTPUT, container="1"),
    )
    edges = (
        Edge(
            kind=EdgeKind.DATA,
            id="e1",
            source=Endpoint(node="1", port="output"),
            target=Endpoint(node="2", port="prompt"),
            condition=Condition(),
        ),
        Edge(kind=EdgeKind.CONTROL, source=Endpoint(node="2"), target=Endpoint(node="3")),
        Edge(kind=EdgeKind.DATA, source=Endpoint(node="1"), target=Endpoint(node="3"), derived=True),
    )
    return Workflow(
        connection="demo",
        vendor="elsewhere",
        id="77",
        name="Moved in",
        external_ids=(ExternalId(id="x-1"),),
        labels=("prod",),
        inputs=(Variable(name="question"),),
        graph=Graph(form=GraphForm.GRAPH, format="elsewhere-v1", nodes=nodes, edges=edges),
        extensions={"elsewhere": {"a": 1}},
    )


@pytest.mark.parametrize("name", RECORDED)
def test_a_workflow_of_this_vendor_reads_back_with_the_same_content(name: str) -> None:
    workflow = parse(recording(name))
    rendered = render(workflow)
    again = parse(rendered.document)
    own = workflow.extensions.get("aitronos", {})
    assert again.extensions == ({"aitronos": {FIELD: own[FIELD]}} if FIELD in own else {})
    left_out = [f"/extensions/aitronos/{name}" for name in own if name != FIELD]
    assert [path for path in lost_paths(rendered) if path.startswith("/extensions")] == left_out
    assert again.settings == workflow.settings
    assert again.error_handler == workflow.error_handler
    if not any(path.startswith("/graph") for path in lost_paths(rendered)):
        assert without_new_ids(again.graph, workflow.graph) == workflow.graph.nodes
        assert again.graph.edges == workflow.graph.edges


def without_new_ids(again: Graph, graph: Graph) -> tuple[Node, ...]:
    """The nodes read back, without the ids given to those that had none."""
    pairs = zip(again.nodes, graph.nodes, strict=True)
    return tuple(read.model_copy(update={"id": None}) if node.id is None else read for read, node in pairs)


@pytest.mark.parametrize(
    "name", ["get_n8n_one_llm", "get_n8n_twelve_nodes", "get_n8n_branching", "get_react_flow"]
)
def test_only_what_the_vendor_sets_is_lost_of_its_own(name: str) -> None:
    lost = lost_paths(render(parse(recording(name))))
    assert set(lost) == {
        "/id",
        "/version",
        "/created_at",
        "/updated_at",
        "/author",
        "/workspace",
        "/assistant",
    }


def test_a_foreign_workflow_is_laid_out_as_n8n_does() -> None:
    rendered = render(foreign())
    assert rendered.document == {
        "id": "77",
        "name": "Moved in",
        "definition": {
            "nodes": [
                {
                    "id": "1",
                    "name": "Ask",
                    "type": "InputNode",
                    "typeVersion": 1,
                    "position": [1, 2],
                    "parameters": {},
                },
                {
                    "id": "2",
                    "name": "Ask 1",
                    "type": "PromptNode",
                    "typeVersion": 1,
                    "position": [0, 0],
                    "parameters": {"model": "m"},
                },
                {
                    "id": "3",
                    "name": "3",
                    "type": "output",
                    "typeVersion": 1,
                    "position": [0, 0],
                    "parameters": {},
                },
            ],
            "connections": {
                "Ask": {"main": [[{"node": "Ask 1", "type": "main", "index": 0}]]},
                "Ask 1": {"main": [[{"node": "3", "type": "main", "index": 0}]]},
            },
        },
        "external_id": "x-1",
    }


def test_what_a_foreign_workflow_loses_is_said() -> None:
    assert sorted(lost_paths(render(foreign()))) == [
        "/extensions",
        "/graph/edges",
        "/graph/edges/0/condition",
        "/graph/edges/0/id",
        "/graph/edges/0/source/port",
        "/graph/edges/0/target/port",
        "/graph/edges/1/kind",
        "/graph/nodes/0/ports",
        "/graph/nodes/0/role",
        "/graph/nodes/0/type",
        "/graph/nodes/1/models",
        "/graph/nodes/1/name",
        "/graph/nodes/1/role",
        "/graph/nodes/1/type",
        "/graph/nodes/2/container",
        "/id",
        "/inputs",
        "/kind",
        "/labels",
    ]


@pytest.mark.parametrize(
    ("status", "written"), [(WorkflowStatus.ACTIVE, True), (WorkflowStatus.INACTIVE, False)]
)
def test_the_status_is_written_where_it_is_known(status: WorkflowStatus, written: bool) -> None:
    assert render(changed(foreign(), status=status)).document["is_active"] is written


def test_a_workflow_without_a_name_cannot_be_created() -> None:
    rendered = render(changed(foreign(), name=None))
    assert [loss.severity for loss in rendered.losses if loss.path == "/name"] == [Severity.ERROR]


def test_an_opaque_graph_of_another_vendor_is_lost() -> None:
    workflow = changed(foreign(), graph=Graph(form=GraphForm.OPAQUE))
    rendered = render(workflow)
    assert rendered.document["definition"] == {}
    assert "/graph" in lost_paths(rendered)
