"""The ways out of a `ComplexConditionalNode`, read from its configuration."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from adapters.evidence import Evidence
from schemas.base import JsonValue
from schemas.diagnostics import DiagnosticCode, Severity
from schemas.graph import Branch, Condition, Match, Operand, OperandKind, Operator, Rule

WHEN_TRUE: Final = "when_true"
WHEN_FALSE: Final = "when_false"

MATCHES: Final[Mapping[str, Match]] = MappingProxyType({"AND": Match.ALL, "OR": Match.ANY})

OPERATORS: Final = MappingProxyType({operator.value: operator for operator in Operator})
"""The vendor lists no operators; those seen are ours in capitals (`CONTAINS`), the rest stay `other`."""

ONE_SIDED: Final = frozenset(
    {Operator.IS_NULL, Operator.IS_NOT_NULL, Operator.IS_EMPTY, Operator.IS_NOT_EMPTY}
)

REGULAR: Final = "REGULAR"
"""The condition type that compares a field with a value."""

_REFERENCE: Final = re.compile(r"\(\(([^()]+)\)\)|:var\[([^\[\]]+)\]")
"""A text that is one reference: `((key))` in v1, `:var[node.output]` in v2."""


def read_branches(config: Evidence) -> tuple[Branch, ...]:
    """Return the branch that is taken when the conditions hold, and the one taken when they do not."""
    return (Branch(port=WHEN_TRUE, condition=_condition(config)), Branch(port=WHEN_FALSE))


def _condition(config: Evidence) -> Condition:
    entries = [entry for _, entry in config.objects("conditions")]
    joints = {entry.text("logic") for entry in entries}
    if len(joints) > 1:
        message = (
            "the conditions are joined by different words, in an order of evaluation that is not documented"
        )
        config.note(DiagnosticCode.UNREADABLE_PART, message, "conditions", severity=Severity.INFO)
        return Condition()
    match = MATCHES.get(next(iter(joints), None) or "", Match.ALL)
    return Condition(match=match, rules=tuple(_rule(entry) for entry in entries))


def _rule(entry: Evidence) -> Rule:
    kind = entry.text("condition_type")
    regular = entry.object("regular_condition") if kind in (REGULAR, None) else None
    if regular is None:
        whole = Operand(kind=OperandKind.OTHER, value=entry.fields)
        return Rule(operator=Operator.OTHER, native_operator=kind, right=whole)
    word = regular.text("condition")
    operator = OPERATORS.get((word or "").lower(), Operator.OTHER)
    left = _operand(regular.text("field"), OperandKind.EXPRESSION)
    right = None if operator in ONE_SIDED else _right(regular)
    return Rule(left=left, operator=operator, native_operator=word, right=right)


def _right(regular: Evidence) -> Operand:
    kind = regular.text("field_type")
    if kind == "TEXT":
        return _operand(regular.text("text_value"), OperandKind.VALUE)
    if kind == "NUMBER":
        return Operand(kind=OperandKind.VALUE, value=regular.fields.get("number_value"))
    return Operand(kind=OperandKind.OTHER, value=regular.rest("field", "condition"))


def _operand(text: JsonValue, otherwise: OperandKind) -> Operand:
    found = _REFERENCE.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        return Operand(kind=otherwise, value=text)
    return Operand(kind=OperandKind.REFERENCE, reference=found.group(1) or found.group(2))
