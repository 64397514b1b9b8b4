"""From the canonical workflow back to PromptLayer's documents."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from adapters.contract import Fetched, Rendered
from adapters.errors import VendorSurprise
from adapters.promptlayer import VENDOR
from schemas.diagnostics import Severity
from schemas.digest import digest
from schemas.graph import (
    Condition,
    Edge,
    EdgeKind,
    Endpoint,
    Graph,
    GraphForm,
    Match,
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
    Author,
    DataType,
    ExternalId,
    Variable,
    Version,
    Workflow,
    WorkflowKind,
    WorkflowStatus,
)

RECORDINGS = sorted(path.stem for path in (Path(__file__).parent / "recordings").glob("get_*.json"))
render = VENDOR.mapping.render


def changed(workflow: Workflow, **changes: Any) -> Workflow:
    return workflow.model_copy(update=changes)


def with_nodes(workflow: Workflow, *nodes: Node) -> Workflow:
    return changed(workflow, graph=workflow.graph.model_copy(update={"nodes": nodes}))


def with_edges(workflow: Workflow, *edges: Edge) -> Workflow:
    return changed(workflow, graph=workflow.graph.model_copy(update={"edges": edges}))


def with_node(workflow: Workflow, index: int, **changes: Any) -> Workflow:
    nodes = list(workflow.graph.nodes)
    nodes[index] = nodes[index].model_copy(update=changes)
    return with_nodes(workflow, *nodes)


def with_edge(workflow: Workflow, index: int, **changes: Any) -> Workflow:
    edges = list(workflow.graph.edges)
    edges[index] = edges[index].model_copy(update=changes)
    return with_edges(workflow, *edges)


def link(source: str, target: str, kind: EdgeKind = EdgeKind.DEPENDENCY, **more: Any) -> Edge:
    return Edge(kind=kind, source=Endpoint(node=source), target=Endpoint(node=target), **more)


def rule(left: str, operator: Operator, right: Any = None, **more: Any) -> Rule:
    reference = Operand(kind=OperandKind.REFERENCE, reference=left)
    value = Operand(kind=OperandKind.VALUE, value=right)
    return Rule(left=reference, operator=operator, right=value, **more)


def paths(rendered: Rendered) -> list[str]:
    return [loss.path for loss in rendered.losses]


def edited(document: Any, edit: Callable[[Any], None]) -> Any:
    wanted = copy.deepcopy(document)
    edit(wanted)
    return wanted


@pytest.fixture
def two(load: Any) -> Any:
    return load("get_two_branches")


@pytest.mark.parametrize("name", RECORDINGS)
def test_without_changes_the_document_is_the_base(name: str, load: Any, parse: Any) -> None:
    base = load(name)
    rendered = render(parse(base), base)
    assert json.dumps(rendered.document) == json.dumps(load(name))
    assert rendered.losses == ()


@pytest.mark.parametrize("name", RECORDINGS)
def test_the_base_is_not_touched(name: str, load: Any, parse: Any) -> None:
    base = load(name)
    workflow = changed(
        with_nodes(parse(base), Node(key="only", name="only", type="COUNT")),
        name="other",
        labels=("x",),
        inputs=(),
        external_ids=(),
        extensions={},
    )
    assert render(workflow, base).document != base
    assert base == load(name)


def test_a_base_that_is_no_workflow_is_a_surprise(parse: Any, two: Any) -> None:
    with pytest.raises(VendorSurprise):
        render(parse(two), {"detail": "Not Found"})


def test_a_name_is_written_and_cannot_be_sent(parse: Any, two: Any) -> None:
    rendered = render(changed(parse(two), name="triage"), two)
    assert rendered.document == two | {"workflow_name": "triage"}
    assert paths(rendered) == ["/name"]


def test_a_name_is_written_wherever_the_document_has_it(load: Any, parse: Any) -> None:
    base = load("get_wrapper_beside")
    document = render(changed(parse(base), name="triage"), base).document
    assert (document["workflow_name"], document["workflow"]) == ("triage", {"id": 123, "name": "triage"})
    base = load("get_wrapper_only")
    document = render(changed(parse(base), name="triage"), base).document
    assert document["workflow"] == base["workflow"] | {"name": "triage"}
    assert "workflow_name" not in document


def test_a_name_cannot_be_taken_away(parse: Any, two: Any) -> None:
    rendered = render(changed(parse(two), name=None), two)
    assert (rendered.document, paths(rendered)) == (two, ["/name"])


def test_labels_and_the_note_are_written(parse: Any, two: Any) -> None:
    workflow = parse(two)
    version = workflow.version.model_copy(update={"note": "Better", "current": True})
    rendered = render(changed(workflow, labels=("staging", "prod"), version=version), two)
    assert rendered.document == two | {"release_labels": ["staging", "prod"], "commit_message": "Better"}
    assert rendered.losses == ()


def test_labels_of_the_version_count_when_the_workflows_own_did_not_change(parse: Any, two: Any) -> None:
    workflow = parse(two)
    version = workflow.version.model_copy(update={"labels": ("staging",)})
    assert render(changed(workflow, version=version), two).document["release_labels"] == ["staging"]
    rendered = render(changed(workflow, version=version, labels=("staging",)), two)
    assert (rendered.document["release_labels"], rendered.losses) == (["staging"], ())
    rendered = render(changed(workflow, version=version, labels=("other",)), two)
    assert (rendered.document["release_labels"], paths(rendered)) == (["other"], ["/version/labels"])


def test_what_the_vendor_gives_itself_is_lost(parse: Any, two: Any) -> None:
    version = parse(two).version.model_copy(update={"number": 9, "id": "1", "created_at": None})
    rendered = render(changed(parse(two), version=version, id="9"), two)
    assert rendered.document == two
    assert paths(rendered) == ["/id", "/version/number", "/version/id", "/version/created_at"]
    assert render(changed(parse(two), version=None), two).document["commit_message"] is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("description", "d"),
        ("kind", WorkflowKind.AGENT_FLOW),
        ("status", WorkflowStatus.INACTIVE),
        ("published", True),
        ("tags", ("a",)),
        ("author", Author(id="5")),
        ("error_handler", WorkflowReference(id="1")),
    ],
)
def test_what_the_vendor_has_no_place_for_is_lost(parse: Any, two: Any, field: str, value: Any) -> None:
    rendered = render(changed(parse(two), **{field: value}), two)
    assert (rendered.document, paths(rendered)) == (two, [f"/{field}"])


def test_external_ids_that_stay_keep_what_else_they_hold(parse: Any, two: Any) -> None:
    base = two | {
        "external_ids": [{"source": "a", "external_id": "1", "at": 5}, {"source": "b", "external_id": "2"}]
    }
    wanted = (ExternalId(source="c", id="3"), ExternalId(source="a", id="1"), ExternalId(id="4"))
    rendered = render(changed(parse(base), external_ids=wanted), base)
    assert rendered.document["external_ids"] == [
        {"source": "c", "external_id": "3"},
        {"source": "a", "external_id": "1", "at": 5},
    ]
    assert paths(rendered) == ["/external_ids/2"]


def test_inputs_that_stay_keep_their_word(parse: Any, two: Any) -> None:
    base = two | {"required_input_variables": {"a": "str", "b": {"odd": 1}, "gone": "string"}}
    kept = parse(base).inputs[:2]
    added = (
        Variable(name="c", type=DataType.INTEGER, native_type="int", required=True),
        Variable(name="d", type=DataType.OBJECT, native_type="Struct"),
        Variable(name="e", type=DataType.IMAGE, default=b"".decode(), required=False, node="classify"),
        Variable(name="a"),
    )
    rendered = render(changed(parse(base), inputs=(*kept, *added)), base)
    assert rendered.document["required_input_variables"] == {
        "a": "str",
        "b": {"odd": 1},
        "c": "int",
        "d": "object",
        "e": "string",
    }
    assert paths(rendered) == [
        "/inputs/4/type",
        "/inputs/4/required",
        "/inputs/4/default",
        "/inputs/4/node",
        "/inputs/5",
    ]


def test_inputs_are_written_where_there_were_none(load: Any, parse: Any) -> None:
    base = load("get_nulls_and_dangling")
    wanted = (Variable(name="user_message", type=DataType.STRING, required=True),)
    rendered = render(changed(parse(base), inputs=wanted), base)
    assert rendered.document == base | {"required_input_variables": {"user_message": "string"}}
    assert rendered.losses == ()


def test_unknown_fields_are_written_back_where_they_came_from(load: Any, parse: Any) -> None:
    base = load("get_wrapper_only") | {"x_old": 1, "x_kept": 1}
    fields = {"x_kept": 1.0, "x_new": [], "workflow": {"is_draft": True, "x": 1}, "nodes": []}
    rendered = render(changed(parse(base), extensions={"promptlayer": fields, "noxus": {"a": 1}}), base)
    assert json.dumps(rendered.document["x_kept"]) == "1.0", "a number is not true to the type otherwise"
    assert rendered.document["x_new"] == []
    assert "x_old" not in rendered.document
    assert rendered.document["workflow"] == base["workflow"] | {"is_draft": True, "x": 1}
    assert paths(rendered) == ["/extensions/noxus", "/extensions/promptlayer/nodes"]


def test_a_wrapper_that_is_no_object_cannot_be_written(parse: Any, two: Any) -> None:
    rendered = render(changed(parse(two), extensions={"promptlayer": {"workflow": 5}}), two)
    assert (rendered.document, paths(rendered)) == (two, ["/extensions/promptlayer/workflow"])
    rendered = render(changed(parse(two), extensions={"promptlayer": {"workflow": {"id": 5, "x": 1}}}), two)
    assert rendered.document["workflow"] == {"x": 1}
    assert paths(rendered) == ["/extensions/promptlayer/workflow/id"]


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
    base = edited(two, lambda document: document["nodes"][2]["configuration"].update(source="classify"))
    rendered = render(with_node(parse(base), 0, name="sort"), base)

    def edit(document: Any) -> None:
        document["nodes"][0]["name"] = "sort"
        for node in document["nodes"][1:]:
            node["dependencies"][0] = "sort"
        for entry in document["edges"]:
            entry["source_node_name"] = "sort"
            entry["conditionals"][0]["left_config"]["source"]["name"] = "sort"

    assert rendered.document == edited(base, edit)
    assert paths(rendered) == ["/graph/nodes/2/config/source"], "the configuration is left as it was"


def test_a_new_name_that_is_taken_gets_a_number(parse: Any, two: Any) -> None:
    rendered = render(with_node(parse(two), 1, name="general_reply"), two)
    assert [node["name"] for node in rendered.document["nodes"]] == [
        "classify",
        "billing_reply",
        "general_reply",
    ]
    assert paths(rendered) == ["/graph/nodes/1/name"]


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


def test_a_condition_is_changed_in_its_entry_only(parse: Any, two: Any) -> None:
    workflow = parse(two)
    (kept,) = workflow.graph.edges[0].condition.rules
    condition = Condition(match=Match.ANY, rules=(rule("classify", Operator.IN, ["a"]), kept))
    rendered = render(with_edge(workflow, 0, condition=condition), two)

    def edit(document: Any) -> None:
        entry = document["edges"][0]
        entry["is_and"] = False
        new = {
            "position": 0,
            "operator": "in",
            "left_config": {"type": "source", "source": {"name": "classify"}},
            "right_config": {"type": "static_value", "static_value": ["a"]},
        }
        entry["conditionals"] = [new, entry["conditionals"][0] | {"position": 1}]

    assert rendered.document == edited(two, edit)
    assert rendered.losses == ()


def test_a_rule_that_did_not_change_keeps_what_else_it_holds(load: Any, parse: Any) -> None:
    base = load("get_contradictions")
    workflow = parse(base)
    index = next(
        at for at, edge in enumerate(workflow.graph.edges) if edge.condition and edge.condition.rules
    )
    condition = workflow.graph.edges[index].condition
    shortened = condition.model_copy(update={"rules": condition.rules[1:]})
    document = render(with_edge(workflow, index, condition=shortened), base).document
    assert document["edges"][0]["conditionals"] == [base["edges"][0]["conditionals"][1] | {"position": 0}]


def test_rules_that_cannot_be_said_are_left_out_and_lost(parse: Any, two: Any) -> None:
    expression = Operand(kind=OperandKind.EXPRESSION, value="{{x}}")
    condition = Condition(
        expression="a > b",
        rules=(
            rule("classify", Operator.CONTAINS, "a"),
            rule("classify", Operator.OTHER, "a", native_operator="~="),
            Rule(left=expression, operator=Operator.EQUALS, right=expression),
            Rule(operator=Operator.IS_NULL),
            Rule(left=Operand(kind=OperandKind.OTHER, value={"type": "x"}), operator=Operator.IS_NOT_NULL),
        ),
    )
    rendered = render(with_edge(parse(two), 0, condition=condition), two)
    assert rendered.document["edges"][0]["conditionals"] == [
        {
            "position": 0,
            "operator": "is_not_null",
            "left_config": {"type": "x"},
            "right_config": {"type": "static_value", "static_value": None},
        }
    ]
    where = "/graph/edges/0/condition"
    assert paths(rendered) == [f"{where}/expression", *(f"{where}/rules/{at}" for at in range(4))]
    assert {loss.severity for loss in rendered.losses} == {Severity.ERROR}


def test_the_vendors_own_spelling_of_an_operator_is_kept(parse: Any, two: Any) -> None:
    condition = Condition(rules=(rule("classify", Operator.EQUALS, 1, native_operator="=="),))
    document = render(with_edge(parse(two), 0, condition=condition), two).document
    assert document["edges"][0]["conditionals"][0]["operator"] == "=="
    condition = Condition(rules=(rule("classify", Operator.EQUALS, 1, native_operator="is equal to"),))
    document = render(with_edge(parse(two), 0, condition=condition), two).document
    assert document["edges"][0]["conditionals"][0]["operator"] == "="


def test_a_dependency_becomes_conditional_and_back(parse: Any, two: Any) -> None:
    workflow = parse(two)
    plain = link("classify", "billing_reply")
    unconditional = with_edges(workflow, plain, workflow.graph.edges[1])
    rendered = render(unconditional, two)
    assert rendered.document == edited(two, lambda document: document["edges"].pop(0))
    base = rendered.document
    condition = Condition(match=Match.ANY, rules=(rule("classify", Operator.NOT_EQUALS, "x"),))
    rendered = render(with_edge(parse(base), 0, kind=EdgeKind.CONDITIONAL, condition=condition), base)

    def edit(document: Any) -> None:
        document["edges"].append(
            {
                "source_node_name": "classify",
                "target_node_name": "billing_reply",
                "is_and": False,
                "conditionals": [
                    {
                        "position": 0,
                        "operator": "!=",
                        "left_config": {"type": "source", "source": {"name": "classify"}},
                        "right_config": {"type": "static_value", "static_value": "x"},
                    }
                ],
            }
        )

    assert rendered.document == edited(base, edit)


def test_a_conditional_edge_without_a_rule_is_written_as_a_dependency(parse: Any, two: Any) -> None:
    workflow = parse(two)
    edge = link("billing_reply", "general_reply", EdgeKind.CONDITIONAL, condition=Condition())
    rendered = render(with_edges(workflow, *workflow.graph.edges, edge), two)
    assert rendered.document["edges"] == two["edges"]
    assert rendered.document["nodes"][2]["dependencies"] == ["classify", "user_message", "billing_reply"]
    assert paths(rendered) == ["/graph/edges/2/condition"]


def test_an_edge_is_led_elsewhere(parse: Any, two: Any) -> None:
    rendered = render(with_edge(parse(two), 1, source=Endpoint(node="billing_reply")), two)

    def edit(document: Any) -> None:
        document["edges"][1]["source_node_name"] = "billing_reply"
        document["nodes"][2]["dependencies"] = ["user_message", "billing_reply"]

    assert rendered.document == edited(two, edit)


def test_unknown_fields_of_an_entry_are_written_back(parse: Any, two: Any) -> None:
    base = edited(two, lambda document: document["edges"][0].update(weight=1))
    rendered = render(with_edge(parse(base), 0, extensions={"promptlayer": {"colour": "red"}}), base)

    def edit(document: Any) -> None:
        del document["edges"][0]["weight"]
        document["edges"][0]["colour"] = "red"

    assert rendered.document == edited(base, edit)


def test_what_a_link_cannot_hold_is_lost(parse: Any, two: Any) -> None:
    workflow = parse(two)
    edges = (
        *workflow.graph.edges,
        link("classify", "billing_reply"),
        link("billing_reply", "general_reply", EdgeKind.DATA, label="x", extensions={"n8n": {"a": 1}}),
        Edge(
            kind=EdgeKind.DEPENDENCY,
            source=Endpoint(node="general_reply", port="true"),
            target=Endpoint(node="billing_reply"),
            condition=Condition(),
        ),
        link("classify", "general_reply", EdgeKind.ERROR),
        link("classify", "absent"),
        Edge(
            kind=EdgeKind.DEPENDENCY,
            source=Endpoint(node="classify"),
            target=Endpoint(node="ghost", exists=False),
        ),
    )
    rendered = render(with_edges(workflow, *edges), two)
    assert paths(rendered) == [
        "/graph/edges/2",
        "/graph/edges/3/label",
        "/graph/edges/3/kind",
        "/graph/edges/3/extensions",
        "/graph/edges/4/source",
        "/graph/edges/4/condition",
        "/graph/edges/5/kind",
        "/graph/edges/6",
        "/graph/edges/7",
    ]
    assert rendered.document["edges"] == two["edges"]
    assert [node["dependencies"] for node in rendered.document["nodes"]] == [
        ["user_message"],
        ["classify", "user_message", "general_reply"],
        ["classify", "user_message", "billing_reply"],
    ]


def test_a_derived_edge_goes_only_with_the_configuration(load: Any, parse: Any) -> None:
    base = load("get_contradictions")
    workflow = parse(base)
    edges = [edge for edge in workflow.graph.edges if not edge.derived]
    rendered = render(with_edges(workflow, *edges), base)
    assert (rendered.document, paths(rendered)) == (base, ["/graph/edges"])
    declared = [edge.model_copy(update={"derived": False}) for edge in workflow.graph.edges]
    rendered = render(with_edges(workflow, *declared), base)
    assert rendered.document["nodes"][4]["dependencies"] == ["classify"]
    assert paths(rendered) == ["/graph/edges/3/kind"]


def test_the_inputs_that_a_node_needs_are_written(parse: Any, two: Any) -> None:
    base = two | {"required_input_variables": {"user_message": "string", "tone": "string"}}
    extensions = {"promptlayer": {"dependencies": ["tone", 5]}}
    rendered = render(with_node(parse(base), 1, extensions=extensions), base)
    assert rendered.document["nodes"][1]["dependencies"] == ["classify", "tone"]
    assert rendered.losses == ()
    assert render(with_node(parse(base), 1, extensions={}), base).document["nodes"][1]["dependencies"] == [
        "classify"
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


def test_two_nodes_of_one_key_cannot_both_be_written(parse: Any, two: Any) -> None:
    workflow = parse(two)
    rendered = render(with_nodes(workflow, *workflow.graph.nodes, workflow.graph.nodes[0]), two)
    assert (rendered.document, paths(rendered)) == (two, ["/graph/nodes/3"])


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
