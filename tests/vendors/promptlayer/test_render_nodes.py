"""Writing nodes and outputs."""

from typing import Any

import pytest

from adapters.promptlayer import VENDOR
from schemas.diagnostics import Severity
from schemas.graph import (
    Condition,
    EdgeKind,
    Graph,
    GraphForm,
    Node,
    NodeRole,
    Operand,
    OperandKind,
    Operator,
    Position,
    Rule,
    WorkflowReference,
)
from schemas.workflow import (
    DataType,
    Variable,
)
from tests.vendors.promptlayer.helpers import (
    changed,
    edited,
    link,
    paths,
    rule,
    with_edge,
    with_edges,
    with_node,
    with_nodes,
)

render = VENDOR.mapping.render


def test_a_configuration_is_written_into_its_node_only(parse: Any, two: Any) -> None:
    config = {"template": {"name": "general", "version_number": 2}}
    rendered = render(with_node(parse(two), 2, config=config), two)

    def edit(document: Any) -> None:
        document["nodes"][2]["configuration"] = config

    assert rendered.document == edited(two, edit)
    assert rendered.losses == ()


def test_a_change_of_a_numbers_type_is_a_change(parse: Any, two: Any) -> None:
    base = edited(two, lambda document: document["nodes"][2].update(configuration={"n": 1}))
    rendered = render(with_node(parse(base), 2, config={"n": True}), base)
    assert rendered.document["nodes"][2]["configuration"]["n"] is True


def test_a_type_and_unknown_fields_are_written_into_their_node(parse: Any, two: Any) -> None:
    extensions = {"promptlayer": {"x": 1, "dependencies": ["user_message"]}}
    rendered = render(
        with_node(parse(two), 2, type="LLM_ASSERTION", role=NodeRole.EVALUATION, extensions=extensions), two
    )

    def edit(document: Any) -> None:
        document["nodes"][2] |= {"node_type": "LLM_ASSERTION", "x": 1}

    assert rendered.document == edited(two, edit)
    assert rendered.losses == ()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("position", Position(x=1, y=2)),
        ("disabled", True),
        ("notes", "n"),
        ("timeout_seconds", 5.0),
        ("id", "another"),
        ("role", NodeRole.CODE),
        ("models", ("gpt-5",)),
        ("subworkflow", WorkflowReference(id="7")),
    ],
)
def test_what_a_node_has_no_place_for_is_lost(parse: Any, two: Any, field: str, value: Any) -> None:
    rendered = render(with_node(parse(two), 1, **{field: value}), two)
    assert (rendered.document, paths(rendered)) == (two, [f"/graph/nodes/1/{field}"])


def test_derived_fields_that_agree_with_the_new_configuration_are_no_loss(parse: Any, two: Any) -> None:
    config = {"template": {"name": "t"}, "engine": {"model": "gpt-5"}}
    rendered = render(with_node(parse(two), 1, config=config, models=("gpt-5",)), two)
    assert rendered.losses == ()
    assert rendered.document["nodes"][1]["configuration"] == config


def test_a_new_name_is_followed_by_every_link(parse: Any, two: Any) -> None:
    def prepare(document: Any) -> None:
        document["nodes"][2]["configuration"]["source"] = "classify"
        for entry in document["edges"]:
            entry["conditionals"][0]["left_config"]["source"]["json_path"] = "$.kind"
        document["edges"][1]["conditionals"][0]["right_config"] = {
            "type": "source",
            "source": {"name": "classify"},
        }

    base = edited(two, prepare)
    rendered = render(with_node(parse(base), 0, name="sort"), base)

    def edit(document: Any) -> None:
        document["nodes"][0]["name"] = "sort"
        for node in document["nodes"][1:]:
            node["dependencies"][0] = "sort"
        for entry in document["edges"]:
            entry["source_node_name"] = "sort"
            entry["conditionals"][0]["left_config"]["source"]["name"] = "sort"
        document["edges"][1]["conditionals"][0]["right_config"]["source"]["name"] = "sort"

    assert rendered.document == edited(base, edit)
    assert paths(rendered) == ["/graph/nodes/2/config/source"], "the configuration is left as it was"


def test_an_operand_of_another_form_that_names_a_node_keeps_its_form(parse: Any, two: Any) -> None:
    odd = Operand(kind=OperandKind.OTHER, reference="classify", value={"type": "odd"})
    condition = Condition(rules=(Rule(left=odd, operator=Operator.IS_NULL),))
    workflow = with_edge(with_node(parse(two), 0, name="sort"), 0, condition=condition)
    document = render(workflow, two).document
    assert document["edges"][0]["conditionals"][0]["left_config"] == {"type": "odd"}


def test_a_new_name_that_is_taken_gets_a_number(parse: Any, two: Any) -> None:
    rendered = render(with_node(parse(two), 1, name="general_reply"), two)
    assert [node["name"] for node in rendered.document["nodes"]] == [
        "classify",
        "billing_reply",
        "general_reply",
    ]
    assert paths(rendered) == ["/graph/nodes/1/name"]


def test_a_node_without_a_free_name_gets_a_number(parse: Any, two: Any) -> None:
    workflow = with_node(parse(two), 0, name="general")
    nodes = (*workflow.graph.nodes, Node(key="general", name="billing_reply", type="COUNT"))
    rendered = render(with_nodes(workflow, *nodes), two)
    assert [node["name"] for node in rendered.document["nodes"]] == [
        "general",
        "billing_reply",
        "general_reply",
        "billing_reply 2",
    ]
    assert "/graph/nodes/3/name" in paths(rendered)


def test_a_node_is_taken_out_with_its_links(parse: Any, two: Any) -> None:
    workflow = parse(two)
    without = with_edges(with_nodes(workflow, *workflow.graph.nodes[:2]), *workflow.graph.edges[:1])
    rendered = render(changed(without, outputs=workflow.outputs[:1]), two)

    def edit(document: Any) -> None:
        del document["nodes"][2]
        del document["edges"][1]

    assert rendered.document == edited(two, edit)
    assert rendered.losses == ()


def test_a_link_to_a_node_taken_out_is_lost(parse: Any, two: Any) -> None:
    workflow = parse(two)
    rendered = render(with_nodes(workflow, *workflow.graph.nodes[:2]), two)
    assert paths(rendered) == ["/graph/edges/1", "/outputs/1"]
    assert len(rendered.document["edges"]) == 1


def test_a_node_is_put_in_with_its_links(parse: Any, two: Any) -> None:
    workflow = parse(two)
    node = Node(
        key="n1",
        name="shorten",
        role=NodeRole.TRANSFORM,
        type="COUNT",
        config={"source": "classify", "type": "words"},
        extensions={"promptlayer": {"dependencies": ["user_message"], "x": 1}},
    )
    grown = with_nodes(workflow, workflow.graph.nodes[0], node, *workflow.graph.nodes[1:])
    grown = with_edges(grown, *workflow.graph.edges, link("classify", "n1"), link("n1", "general_reply"))
    rendered = render(
        changed(grown, outputs=(*workflow.outputs, Variable(name="shorten", node="n1", type="integer"))), two
    )

    def edit(document: Any) -> None:
        new = {
            "name": "shorten",
            "node_type": "COUNT",
            "configuration": {"source": "classify", "type": "words"},
            "is_output_node": True,
            "dependencies": ["classify", "user_message"],
            "x": 1,
        }
        document["nodes"].insert(1, new)
        document["nodes"][3]["dependencies"].append("shorten")

    assert rendered.document == edited(two, edit)
    assert [(loss.path, loss.severity) for loss in rendered.losses] == [("/outputs/2", Severity.INFO)]


def test_the_order_of_nodes_is_written(parse: Any, two: Any) -> None:
    workflow = parse(two)
    rendered = render(with_nodes(workflow, *reversed(workflow.graph.nodes)), two)
    assert rendered.document["nodes"] == list(reversed(two["nodes"]))
    assert [loss.severity for loss in rendered.losses] == [Severity.INFO]


def test_items_that_could_not_be_read_stay(load: Any, parse: Any) -> None:
    base = load("get_contradictions")
    workflow = parse(base)
    document = render(with_node(workflow, 4, config={"workflow_id": 7}), base).document
    assert document["nodes"][3] == "not a node"
    assert document["edges"] == base["edges"]
    document = render(with_nodes(workflow, *workflow.graph.nodes[3:]), base).document
    assert [node for node in document["nodes"] if isinstance(node, str)] == ["not a node"]


def test_outputs_are_flags_of_nodes(parse: Any, two: Any) -> None:
    workflow = parse(two)
    outputs = (Variable(name="classify", node="classify", type=DataType.STRING), workflow.outputs[0])
    rendered = render(changed(workflow, outputs=outputs), two)
    assert [node["is_output_node"] for node in rendered.document["nodes"]] == [True, True, False]
    assert rendered.losses == ()


def test_what_a_flag_cannot_say_about_an_output_is_lost(parse: Any, two: Any) -> None:
    outputs = (
        Variable(name="answer", node="general_reply", type=DataType.OBJECT, default=1),
        Variable(name="billing_reply", node="billing_reply", type=DataType.STRING),
        Variable(name="nowhere"),
    )
    rendered = render(changed(parse(two), outputs=outputs), two)
    assert rendered.document == two
    assert paths(rendered) == [
        "/outputs/0/name",
        "/outputs/0/type",
        "/outputs/0/default",
        "/outputs/1",
        "/outputs/2",
    ]


def test_nodes_and_links_are_written_where_there_were_none(parse: Any) -> None:
    base = {"workflow_id": 1, "nodes": "opaque"}
    graph = Graph(
        form=GraphForm.GRAPH,
        nodes=(
            Node(key="a", name="a", type="COUNT", role=NodeRole.TRANSFORM),
            Node(key="b", name="b", type="COUNT", role=NodeRole.TRANSFORM),
        ),
        edges=(
            link(
                "a",
                "b",
                EdgeKind.CONDITIONAL,
                condition=Condition(rules=(rule("a", Operator.GREATER_THAN, 1),)),
            ),
        ),
    )
    rendered = render(changed(parse(base), graph=graph), base)
    assert rendered.losses == ()
    assert [node["dependencies"] for node in rendered.document["nodes"]] == [[], ["a"]]
    assert len(rendered.document["edges"]) == 1
    assert render(parse(base), base).document == base
    rendered = render(changed(parse(base), outputs=(Variable(name="a"),)), base)
    assert (rendered.document, paths(rendered)) == (base, ["/outputs/0"])


def test_two_nodes_of_one_key_cannot_both_be_written(parse: Any, two: Any) -> None:
    workflow = parse(two)
    rendered = render(with_nodes(workflow, *workflow.graph.nodes, workflow.graph.nodes[0]), two)
    assert (rendered.document, paths(rendered)) == (two, ["/graph/nodes/3"])
