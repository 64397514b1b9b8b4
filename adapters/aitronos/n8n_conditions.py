"""Conditions of n8n-like nodes.

The newer filter: `{conditions: [{leftValue, operator: {type, operation}, rightValue}], combinator}`.
The older one: `{string: [{value1, operation, value2}], number: [...], boolean: [...], dateTime: [...]}`.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from adapters.evidence import Evidence
from schemas.base import JsonValue
from schemas.graph import Condition, Match, Operand, OperandKind, Operator, Rule

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
    {Operator.IS_NULL, Operator.IS_NOT_NULL, Operator.IS_EMPTY, Operator.IS_NOT_EMPTY}
)
TRUTHS: Final = MappingProxyType({"true": True, "false": False})
"""Operators that compare with a constant of their own name."""

DEFAULT_OPERATIONS: Final = MappingProxyType(
    {"string": "equal", "number": "smaller", "boolean": "equal", "dateTime": "after"}
)
"""What the older filter means when a comparison says no operation."""


def read_condition(parameters: Evidence) -> Condition:
    """Return the condition in the field `conditions` of some parameters; one without rules if it cannot be read."""
    filters = parameters.object("conditions")
    if filters is None:
        return Condition()
    if "conditions" in filters.fields:
        is_any = filters.text("combinator") == "or"
        rules = tuple(_newer_rule(entry) for _, entry in filters.objects("conditions"))
    else:
        is_any = parameters.text("combineOperation") == "any"
        rules = tuple(_older_rules(filters))
    return Condition(match=Match.ANY if is_any else Match.ALL, rules=rules)


def comparison(left: JsonValue, operation: str | None, right: JsonValue) -> Rule:
    """Return a rule for an operation in n8n's word."""
    if operation is not None and operation in TRUTHS:
        constant = Operand(kind=OperandKind.VALUE, value=TRUTHS[operation])
        return Rule(left=_operand(left), operator=Operator.EQUALS, native_operator=operation, right=constant)
    operator = OPERATORS.get(operation or "", Operator.OTHER)
    return Rule(
        left=_operand(left),
        operator=operator,
        native_operator=operation,
        right=None if operator in ONE_OPERAND else _operand(right),
    )


def _newer_rule(entry: Evidence) -> Rule:
    operator = entry.object("operator")
    operation = operator.text("operation") if operator is not None else None
    return comparison(entry.fields.get("leftValue"), operation, entry.fields.get("rightValue"))


def _older_rules(filters: Evidence) -> Iterator[Rule]:
    for value_type, default in DEFAULT_OPERATIONS.items():
        for _, entry in filters.objects(value_type):
            operation = entry.text("operation") or default
            yield comparison(entry.fields.get("value1"), operation, entry.fields.get("value2"))


def _operand(value: JsonValue) -> Operand:
    is_expression = isinstance(value, str) and value.startswith("=")
    return Operand(kind=OperandKind.EXPRESSION if is_expression else OperandKind.VALUE, value=value)
