"""The ways out of a `ComplexConditionalNode`, read from its configuration."""

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from adapters.evidence import Evidence
from schemas.base import JsonValue
from schemas.diagnostics import DiagnosticCode, Severity
from schemas.drafts import BranchDraft, ConditionDraft, OperandDraft, RuleDraft
from schemas.graph import Match, OperandKind, Operator

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


def read_branches(config: Evidence) -> Sequence[BranchDraft]:
    """Return the branch that is taken when the conditions hold, and the one taken when they do not."""
    return [{"port": WHEN_TRUE, "condition": _condition(config)}, {"port": WHEN_FALSE}]


def _condition(config: Evidence) -> ConditionDraft:
    entries = [entry for _, entry in config.objects("conditions")]
    joints = {entry.text("logic") for entry in entries}
    if len(joints) > 1:
        message = (
            "the conditions are joined by different words, in an order of evaluation that is not documented"
        )
        config.note(DiagnosticCode.UNREADABLE_PART, message, "conditions", severity=Severity.INFO)
        return {"match": Match.ALL, "rules": ()}
    match = MATCHES.get(next(iter(joints), None) or "", Match.ALL)
    return {"match": match, "rules": [_rule(entry) for entry in entries]}


def _rule(entry: Evidence) -> RuleDraft:
    kind = entry.text("condition_type")
    regular = entry.object("regular_condition") if kind in (REGULAR, None) else None
    rule: RuleDraft = {"operator": Operator.OTHER}
    if regular is None:
        rule["right"] = {"kind": OperandKind.OTHER, "value": entry.fields}
        word = kind
    else:
        word = regular.text("condition")
        rule["operator"] = OPERATORS.get((word or "").lower(), Operator.OTHER)
        rule["left"] = _operand(regular.text("field"), OperandKind.EXPRESSION)
        if rule["operator"] not in ONE_SIDED:
            rule["right"] = _right(regular)
    if word is not None:
        rule["native_operator"] = word
    return rule


def _right(regular: Evidence) -> OperandDraft:
    kind = regular.text("field_type")
    if kind == "TEXT":
        return _operand(regular.text("text_value"), OperandKind.VALUE)
    if kind == "NUMBER":
        return {"kind": OperandKind.VALUE, "value": regular.fields.get("number_value")}
    return {"kind": OperandKind.OTHER, "value": regular.rest("field", "condition")}


def _operand(text: JsonValue, otherwise: OperandKind) -> OperandDraft:
    found = _REFERENCE.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        return {"kind": otherwise, "value": text}
    return {"kind": OperandKind.REFERENCE, "reference": found.group(1) or found.group(2)}
