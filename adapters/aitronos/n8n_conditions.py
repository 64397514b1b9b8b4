"""Conditions of n8n-like nodes.

The newer filter: `{conditions: [{leftValue, operator: {type, operation}, rightValue}], combinator}`.
The older one: `{string: [{value1, operation, value2}], number: [...], boolean: [...], dateTime: [...]}`.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from adapters.evidence import Evidence
from schemas.base import JsonValue
from schemas.drafts import ConditionDraft, OperandDraft, RuleDraft
from schemas.graph import Match, OperandKind, Operator

_WORDS: Final[Mapping[Operator, str]] = {
    Operator.EQUALS: "equals equal",
    Operator.NOT_EQUALS: "notEquals notEqual",
    Operator.LESS_THAN: "lt smaller before",
    Operator.LESS_OR_EQUAL: "lte smallerEqual beforeOrEquals",
    Operator.GREATER_THAN: "gt larger after",
    Operator.GREATER_OR_EQUAL: "gte largerEqual afterOrEquals",
    Operator.CONTAINS: "contains",
    Operator.NOT_CONTAINS: "notContains",
    Operator.STARTS_WITH: "startsWith",
    Operator.ENDS_WITH: "endsWith",
    Operator.MATCHES: "regex",
    Operator.IS_NULL: "notExists",
    Operator.IS_NOT_NULL: "exists",
    Operator.IS_EMPTY: "empty isEmpty",
    Operator.IS_NOT_EMPTY: "notEmpty isNotEmpty",
}

OPERATORS: Final = MappingProxyType(
    {word: operator for operator, words in _WORDS.items() for word in words.split()}
)
ONE_OPERAND: Final = frozenset(
    word
    for operator in (Operator.IS_NULL, Operator.IS_NOT_NULL, Operator.IS_EMPTY, Operator.IS_NOT_EMPTY)
    for word in _WORDS[operator].split()
)
"""The operations that compare with nothing."""

TRUTHS: Final = MappingProxyType({"true": True, "false": False})
"""Operators that compare with a constant of their own name."""

DEFAULT_OPERATIONS: Final = MappingProxyType(
    {"string": "equal", "number": "smaller", "boolean": "equal", "dateTime": "after"}
)
"""What the older filter means when a comparison says no operation."""

# Looking up a member of an enumeration costs as much as ten comparisons, and these are wanted for every rule.
ALL: Final = Match.ALL
ANY: Final = Match.ANY
EQUALS: Final = Operator.EQUALS
OTHER: Final = Operator.OTHER
EXPRESSION: Final = OperandKind.EXPRESSION
VALUE: Final = OperandKind.VALUE


def read_condition(parameters: Evidence) -> ConditionDraft:
    """Return the condition in the field `conditions` of some parameters; one without rules if it cannot be read."""
    filters = parameters.object("conditions")
    if filters is None:
        return unknown_condition()
    if "conditions" in filters.fields:
        is_any = filters.text("combinator") == "or"
        rules = _newer_rules(filters)
    else:
        is_any = parameters.text("combineOperation") == "any"
        rules = _older_rules(filters)
    return {"match": ANY if is_any else ALL, "rules": rules}


def unknown_condition() -> ConditionDraft:
    """Return a condition that is there, but whose rules are not told."""
    return {"match": ALL, "rules": ()}


def single_condition(rule: RuleDraft) -> ConditionDraft:
    """Return a condition of one rule."""
    return {"match": ALL, "rules": (rule,)}


def comparison(left: JsonValue, operation: str | None, right: JsonValue) -> RuleDraft:
    """Return a rule for an operation in n8n's word."""
    rule: RuleDraft = {"operator": OPERATORS.get(operation or "", OTHER), "left": _operand(left)}
    if operation is not None:
        rule["native_operator"] = operation
    if operation is not None and operation in TRUTHS:
        rule["operator"] = EQUALS
        rule["right"] = {"kind": VALUE, "value": TRUTHS[operation]}
    elif operation not in ONE_OPERAND:
        rule["right"] = _operand(right)
    return rule


def _newer_rules(filters: Evidence) -> list[RuleDraft]:
    rules = []
    for place, entry in filters.bare_objects("conditions"):
        operator = entry.get("operator")
        operation = operator.get("operation") if isinstance(operator, dict) else None
        if not isinstance(operation, str):
            careful = filters.item("conditions", place).object("operator")
            operation = careful.text("operation") if careful is not None else None
        rules.append(comparison(entry.get("leftValue"), operation, entry.get("rightValue")))
    return rules


def _older_rules(filters: Evidence) -> list[RuleDraft]:
    rules = []
    for value_type, default in DEFAULT_OPERATIONS.items():
        if value_type not in filters.fields:
            continue
        for place, entry in filters.bare_objects(value_type):
            operation = entry.get("operation")
            if operation is not None and not isinstance(operation, str):
                operation = filters.item(value_type, place).text("operation")
            rules.append(comparison(entry.get("value1"), operation or default, entry.get("value2")))
    return rules


def _operand(value: JsonValue) -> OperandDraft:
    is_expression = isinstance(value, str) and value.startswith("=")
    return {"kind": EXPRESSION if is_expression else VALUE, "value": value}
