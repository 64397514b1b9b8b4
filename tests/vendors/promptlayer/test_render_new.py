"""Making a document from nothing, and out of another vendor's workflow."""

from typing import Any

import pytest

from adapters.contract import Fetched
from adapters.promptlayer import VENDOR
from schemas.diagnostics import Severity
from schemas.digest import digest
from schemas.graph import (
    EdgeKind,
    Graph,
    GraphForm,
    Node,
    NodeRole,
)
from schemas.workflow import (
    Version,
    Workflow,
    WorkflowKind,
    WorkflowStatus,
)
from tests.vendors.promptlayer.helpers import link

render = VENDOR.mapping.render


@pytest.mark.parametrize(
    "name", ["get_two_branches", "get_twelve_nodes", "get_loops_and_models", "get_documented_example"]
)
def test_a_document_made_from_nothing_means_the_same(name: str, load: Any, parse: Any) -> None:
    workflow = parse(load(name))
    rendered = render(workflow)
    assert digest(parse(rendered.document)) == digest(workflow)
    assert {loss.path.split("/")[1] for loss in rendered.losses} == {"version"}
    assert {loss.severity for loss in rendered.losses} == {Severity.INFO}


def test_a_document_made_from_nothing_has_the_fields_of_a_detail_answer(
    load: Any, parse: Any, two: Any
) -> None:
    document = render(parse(two)).document
    assert list(document) == [
        "workflow_id",
        "workflow_name",
        "commit_message",
        "required_input_variables",
        "release_labels",
        "nodes",
        "edges",
    ]
    assert document["workflow_id"] == 123
    without_ids = [
        {key: value for key, value in node.items() if "id" not in key.split("_")} for node in two["nodes"]
    ]
    assert document["nodes"] == without_ids


def test_a_workflow_of_another_vendor_is_carried_as_far_as_it_goes() -> None:
    foreign = Workflow(
        connection="demo",
        vendor="noxus",
        id="0b9e9f6e-4c5e-4f0f-9a3b-1f1b9e5d2c11",
        name="Triage",
        description="Sorts mail",
        kind=WorkflowKind.FLOW,
        status=WorkflowStatus.ACTIVE,
        version=Version(id="v", name="First", note="n", mutable=True),
        extensions={"noxus": {"meta": 1}},
        graph=Graph(
            form=GraphForm.GRAPH,
            nodes=(
                Node(
                    key="u1",
                    id="u1",
                    name="Ask",
                    role=NodeRole.LLM,
                    type="TextGenerationNode",
                    config={"a": 1},
                ),
                Node(key="u2", id="u2", name="Ask", role=NodeRole.OUTPUT, type="OutputNode"),
                Node(key="u3", id="u3", role=NodeRole.LOOP),
            ),
            edges=(link("u1", "u2", EdgeKind.DATA), link("u2", "u3", EdgeKind.CONTROL)),
        ),
    )
    rendered = render(foreign)
    assert rendered.document["workflow_id"] == foreign.id
    assert [
        (node["name"], node["node_type"], node["dependencies"]) for node in rendered.document["nodes"]
    ] == [
        ("Ask", "PROMPT_TEMPLATE", []),
        ("u2", "OutputNode", ["Ask"]),
        ("u3", "LOOP", ["u2"]),
    ]
    assert rendered.document["nodes"][0]["configuration"] == {"a": 1}
    lost = {loss.path: loss.severity for loss in rendered.losses}
    assert lost["/outputs"] is Severity.ERROR
    assert {"/id", "/description", "/version/name", "/version/mutable", "/extensions/noxus"} <= lost.keys()
    assert {f"/graph/nodes/{at}/type" for at in range(3)} <= lost.keys()
    assert {"/graph/nodes/1/name", "/graph/nodes/2/name", "/graph/edges/0/kind"} <= lost.keys()
    again = VENDOR.mapping.parse(Fetched(rendered.document), "demo")
    assert (again.name, len(again.graph.nodes), len(again.graph.edges)) == ("Triage", 3, 2)
