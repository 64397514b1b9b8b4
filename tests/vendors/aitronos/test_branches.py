"""The ways out of deciding nodes, and their conditions."""

from typing import Any

import pytest

from schemas.graph import Branch, Condition, Match, Operand, OperandKind, Operator, Rule
from tests.vendors.aitronos.helpers import found, n8n, parse, step


def branches_of(node_type: str, parameters: Any, **fields: Any) -> tuple[Branch, ...]:
    return parse(n8n(step("A", node_type, parameters=parameters, **fields))).graph.nodes[0].branches


def rules_of(parameters: Any) -> tuple[Rule, ...]:
    condition = branches_of("if", parameters)[0].condition
    assert condition is not None
    return condition.rules


def newer(operation: str, left: Any = "={{ $json.a }}", right: Any = 1) -> Any:
    rule = {"leftValue": left, "rightValue": right, "operator": {"type": "any", "operation": operation}}
    return {"conditions": {"conditions": [rule], "combinator": "and"}}


def test_an_if_has_a_true_and_a_false_branch() -> None:
    true, false = branches_of("n8n-nodes-base.if", newer("gt"))
    assert (true.port, true.index, true.label) == ("main", 0, "true")
    assert (false.port, false.index, false.label, false.condition) == ("main", 1, "false", None)
    assert true.condition == Condition(
        match=Match.ALL,
        rules=(
            Rule(
                left=Operand(kind=OperandKind.EXPRESSION, value="={{ $json.a }}"),
                operator=Operator.GREATER_THAN,
                native_operator="gt",
                right=Operand(kind=OperandKind.VALUE, value=1),
            ),
        ),
    )


@pytest.mark.parametrize(
    ("operation", "operator"),
    [
        ("equals", Operator.EQUALS),
        ("notEquals", Operator.NOT_EQUALS),
        ("lt", Operator.LESS_THAN),
        ("lte", Operator.LESS_OR_EQUAL),
        ("gte", Operator.GREATER_OR_EQUAL),
        ("contains", Operator.CONTAINS),
        ("notContains", Operator.NOT_CONTAINS),
        ("startsWith", Operator.STARTS_WITH),
        ("endsWith", Operator.ENDS_WITH),
        ("regex", Operator.MATCHES),
        ("after", Operator.GREATER_THAN),
        ("notRegex", Operator.OTHER),
        ("brandNew", Operator.OTHER),
    ],
)
def test_operators_of_two_operands(operation: str, operator: Operator) -> None:
    (rule,) = rules_of(newer(operation))
    assert (rule.operator, rule.native_operator) == (operator, operation)
    assert rule.right == Operand(kind=OperandKind.VALUE, value=1)


@pytest.mark.parametrize(
    ("operation", "operator"),
    [
        ("exists", Operator.IS_NOT_NULL),
        ("notExists", Operator.IS_NULL),
        ("empty", Operator.IS_EMPTY),
        ("notEmpty", Operator.IS_NOT_EMPTY),
    ],
)
def test_operators_of_one_operand(operation: str, operator: Operator) -> None:
    (rule,) = rules_of(newer(operation, right=""))
    assert (rule.operator, rule.right) == (operator, None)


@pytest.mark.parametrize(("operation", "truth"), [("true", True), ("false", False)])
def test_truth_is_compared_with_a_constant(operation: str, truth: bool) -> None:
    (rule,) = rules_of(newer(operation, right=""))
    assert rule.operator is Operator.EQUALS
    assert rule.right is not None
    assert rule.right.value is truth


@pytest.mark.parametrize(("combinator", "match"), [("and", Match.ALL), ("or", Match.ANY), (None, Match.ALL)])
def test_rules_are_joined_by_all_or_any(combinator: str | None, match: Match) -> None:
    condition = branches_of("if", {"conditions": {"conditions": [], "combinator": combinator}})[0].condition
    assert condition == Condition(match=match)


def test_the_older_form_groups_comparisons_by_type() -> None:
    conditions = {
        "string": [{"value1": "={{ $json.a }}", "value2": "x"}],
        "number": [{"value1": 1, "operation": "largerEqual", "value2": 2}, {"value1": 1, "value2": 2}],
        "boolean": [{"value1": True}],
        "dateTime": [{"value1": "2026-01-01", "value2": "2027-01-01"}],
    }
    branch = branches_of("if", {"conditions": conditions, "combineOperation": "any"})[0]
    assert branch.condition is not None
    assert branch.condition.match is Match.ANY
    assert [(rule.operator, rule.native_operator) for rule in branch.condition.rules] == [
        (Operator.EQUALS, "equal"),
        (Operator.GREATER_OR_EQUAL, "largerEqual"),
        (Operator.LESS_THAN, "smaller"),
        (Operator.EQUALS, "equal"),
        (Operator.GREATER_THAN, "after"),
    ]


def test_a_filter_has_one_way_out() -> None:
    (branch,) = branches_of("filter", newer("equals"))
    assert (branch.index, branch.label) == (0, "kept")
    assert branch.condition is not None
    assert len(branch.condition.rules) == 1


def test_a_newer_switch_has_a_branch_for_each_rule() -> None:
    rules = [{**newer("equals", right="CH"), "outputKey": "Swiss"}, newer("equals", right="DE")]
    first, second = branches_of("switch", {"rules": {"values": rules}})
    assert (first.index, first.label) == (0, "Swiss")
    assert (second.index, second.label) == (1, None)
    assert second.condition is not None
    assert second.condition.rules[0].right == Operand(kind=OperandKind.VALUE, value="DE")


@pytest.mark.parametrize(
    ("options", "fallback"),
    [
        ({"fallbackOutput": "extra"}, Branch(port="main", index=1, label="fallback")),
        (
            {"fallbackOutput": "extra", "renameFallbackOutput": "rest"},
            Branch(port="main", index=1, label="rest"),
        ),
        ({"fallbackOutput": 0}, Branch(port="main", index=0, label="fallback")),
        ({"fallbackOutput": "none"}, None),
        ({"fallbackOutput": -1}, None),
        ({}, None),
    ],
)
def test_a_newer_switch_may_fall_back(options: Any, fallback: Branch | None) -> None:
    branches = branches_of("switch", {"rules": {"values": [newer("equals")]}, "options": options})
    assert branches[1:] == ((fallback,) if fallback is not None else ())


def test_an_older_switch_says_its_outputs() -> None:
    parameters = {
        "dataType": "string",
        "value1": "={{ $json.size }}",
        "rules": {"rules": [{"value2": "L", "output": 2}, {"operation": "contains", "value2": "S"}]},
        "fallbackOutput": 3,
    }
    large, small, fallback = branches_of("switch", parameters)
    assert [branch.index for branch in (large, small, fallback)] == [2, 1, 3]
    assert large.condition is not None
    assert large.condition.rules[0].operator is Operator.EQUALS
    assert fallback.condition is None


def test_an_expression_switch_compares_with_the_output_number() -> None:
    parameters = {"mode": "expression", "numberOutputs": 2, "output": "={{ $json.lane }}"}
    branches = branches_of("switch", parameters)
    assert [branch.index for branch in branches] == [0, 1]
    assert branches[1].condition is not None
    (rule,) = branches[1].condition.rules
    assert rule.left == Operand(kind=OperandKind.EXPRESSION, value="={{ $json.lane }}")
    assert rule.right == Operand(kind=OperandKind.VALUE, value=1)


@pytest.mark.parametrize("count", [10**9, -3])
def test_an_absurd_number_of_outputs_is_not_believed(count: int) -> None:
    assert branches_of("switch", {"mode": "expression", "numberOutputs": count}) == ()


@pytest.mark.parametrize(
    ("version", "labels"), [(3, ["done", "loop"]), (2, ["loop", "done"]), (1, []), (None, []), ("3", [])]
)
def test_a_batch_loop_ends_or_goes_on(version: Any, labels: list[str]) -> None:
    branches = branches_of("splitInBatches", {}, typeVersion=version)
    assert [branch.label for branch in branches] == labels
    assert [branch.index for branch in branches] == list(range(len(labels)))
    assert [branch.label for branch in branches if branch.condition is None] == [
        label for label in labels if label == "done"
    ]


@pytest.mark.parametrize(
    ("node_type", "parameters", "path"),
    [
        ("if", {"conditions": 5}, "conditions"),
        ("if", {"conditions": {"conditions": "x"}}, "conditions/conditions"),
        ("if", {"conditions": {"conditions": ["x"]}}, "conditions/conditions/0"),
        ("if", {"conditions": {"conditions": [{"operator": 5}]}}, "conditions/conditions/0/operator"),
        ("if", {"conditions": {"string": [5]}}, "conditions/string/0"),
        ("switch", {"rules": 5}, "rules"),
        ("switch", {"rules": {"values": [5]}}, "rules/values/0"),
        ("switch", {"rules": {"values": []}, "options": 5}, "options"),
        ("switch", {"rules": {"rules": [{"output": "two"}]}}, "rules/rules/0/output"),
    ],
)
def test_an_odd_condition_is_reported_where_it_is(node_type: str, parameters: Any, path: str) -> None:
    workflow = parse(n8n(step("A", node_type, parameters=parameters)))
    assert [place for _, place in found(workflow)] == [f"/definition/nodes/0/parameters/{path}"]
