"""The ways out of a conditional node."""

from typing import Any

import pytest

from schemas.base import JsonObject
from schemas.diagnostics import DiagnosticCode
from schemas.graph import Branch, Condition, Match, Operand, OperandKind, Operator, Rule
from tests.vendors.noxus.helpers import flow, found, node, parse


def entry(logic: str = "AND", **fields: Any) -> JsonObject:
    regular = {"field_type": "TEXT", "field": "((x))", "condition": "CONTAINS", "text_value": "a", **fields}
    return {"logic": logic, "condition_type": "REGULAR", "regular_condition": regular}


def branches(*conditions: Any) -> tuple[Branch, ...]:
    config = {"conditions": list(conditions)}
    return parse(flow([node("a", "ComplexConditionalNode", node_config=config)])).graph.nodes[0].branches


def rule(*conditions: Any) -> Rule:
    condition = branches(*conditions)[0].condition
    assert condition is not None
    return condition.rules[0]


def test_there_are_two_ways_out() -> None:
    first, second = branches(entry())
    assert (first.port, second.port) == ("when_true", "when_false")
    assert second.condition is None


def test_a_rule_compares_a_variable_with_a_text() -> None:
    assert rule(entry()) == Rule(
        left=Operand(kind=OperandKind.REFERENCE, reference="x"),
        operator=Operator.CONTAINS,
        native_operator="CONTAINS",
        right=Operand(kind=OperandKind.VALUE, value="a"),
    )


def test_a_number_is_compared_with_the_number() -> None:
    found_rule = rule(entry(field_type="NUMBER", condition="GREATER_THAN", number_value=0.5))
    assert found_rule.operator is Operator.GREATER_THAN
    assert found_rule.right == Operand(kind=OperandKind.VALUE, value=0.5)


def test_a_text_that_is_more_than_one_reference_is_an_expression() -> None:
    assert rule(entry(field="((a)) ((b))")).left == Operand(kind=OperandKind.EXPRESSION, value="((a)) ((b))")
    assert rule(entry(field=":var[n.out]")).left == Operand(kind=OperandKind.REFERENCE, reference="n.out")


def test_an_unknown_operator_keeps_the_vendors_word() -> None:
    found_rule = rule(entry(condition="SOUNDS_LIKE"))
    assert (found_rule.operator, found_rule.native_operator) == (Operator.OTHER, "SOUNDS_LIKE")


def test_an_operator_with_one_side_has_no_right() -> None:
    assert rule(entry(condition="IS_EMPTY")).right is None


def test_a_field_of_another_type_is_kept_as_it_is() -> None:
    found_rule = rule(entry(field_type="DATE", date_value="2026-01-01"))
    assert found_rule.right is not None
    assert found_rule.right.value == {"field_type": "DATE", "text_value": "a", "date_value": "2026-01-01"}


def test_a_condition_of_another_type_is_kept_as_it_is() -> None:
    native = {"logic": "OR", "condition_type": "AI", "prompt": "polite?"}
    found_rule = rule(native)
    assert (found_rule.operator, found_rule.native_operator) == (Operator.OTHER, "AI")
    assert found_rule.right == Operand(kind=OperandKind.OTHER, value=native)


@pytest.mark.parametrize(("logic", "match"), [("AND", Match.ALL), ("OR", Match.ANY)])
def test_rules_are_joined_by_one_word(logic: str, match: Match) -> None:
    condition = branches(entry(logic), entry(logic, text_value="b"))[0].condition
    assert condition is not None
    assert (condition.match, len(condition.rules)) == (match, 2)


def test_mixed_words_are_not_guessed_at() -> None:
    config = {"conditions": [entry("AND"), entry("OR")]}
    workflow = parse(flow([node("a", "ComplexConditionalNode", node_config=config)]))
    assert workflow.graph.nodes[0].branches[0].condition == Condition()
    assert found(workflow) == [(DiagnosticCode.UNREADABLE_PART, "/definition/nodes/0/node_config/conditions")]


@pytest.mark.parametrize("conditions", [None, "text", [], [1]])
def test_no_conditions_are_no_rules(conditions: Any) -> None:
    document = flow([node("a", "ComplexConditionalNode", node_config={"conditions": conditions})])
    branch = parse(document).graph.nodes[0].branches[0]
    assert branch.condition == Condition()
