"""Writing dependencies and conditional edges."""

from typing import Any

from adapters.promptlayer import VENDOR
from schemas.diagnostics import Severity
from schemas.graph import (
    Condition,
    Edge,
    EdgeKind,
    Endpoint,
    Match,
    Operand,
    OperandKind,
    Operator,
    Rule,
)
from tests.vendors.promptlayer.helpers import edited, link, paths, rule, with_edge, with_edges, with_node

render = VENDOR.mapping.render


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


def test_all_or_any_is_changed_alone(parse: Any, two: Any) -> None:
    condition = parse(two).graph.edges[0].condition.model_copy(update={"match": Match.ANY})
    rendered = render(with_edge(parse(two), 0, condition=condition), two)
    assert rendered.document == edited(two, lambda document: document["edges"][0].update(is_and=False))
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


def test_an_edge_to_nowhere_is_changed_in_its_entry(load: Any, parse: Any) -> None:
    base = load("get_nulls_and_dangling")
    workflow = parse(base)
    last = len(workflow.graph.edges) - 1
    condition = Condition(rules=(rule("classify", Operator.EQUALS, 1),))
    rendered = render(with_edge(workflow, last, condition=condition), base)
    assert rendered.document["edges"][1]["conditionals"][0]["operator"] == "="
    assert rendered.document["nodes"] == base["nodes"]
    assert rendered.losses == ()


def test_the_order_of_edges_alone_is_lost(parse: Any, two: Any) -> None:
    workflow = parse(two)
    rendered = render(with_edges(workflow, *reversed(workflow.graph.edges)), two)
    assert rendered.document == two
    assert [(loss.path, loss.severity) for loss in rendered.losses] == [("/graph/edges", Severity.INFO)]


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
    index = next(at for at, node in enumerate(workflow.graph.nodes) if node.key == "shared")
    silent = with_edges(with_node(workflow, index, config={}), *edges[1:])
    assert "/graph/edges" not in paths(render(with_edges(silent, *edges), base))
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
