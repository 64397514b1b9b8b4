"""The condition on an edge: `is_and` and `conditionals`, both ways."""

from collections.abc import Container, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from adapters.evidence import Evidence, Findings
from adapters.rendering import lost, same
from schemas.base import JsonObject, JsonValue
from schemas.diagnostics import DiagnosticCode, Loss, Severity
from schemas.drafts import ConditionDraft, OperandDraft, RuleDraft
from schemas.graph import Condition, Match, Operand, OperandKind, Operator, Rule

MATCH: Final = "is_and"
RULES: Final = "conditionals"

WORDS: Final[Mapping[Operator, str]] = MappingProxyType(
    {
        Operator.EQUALS: "=",
        Operator.NOT_EQUALS: "!=",
        Operator.LESS_THAN: "<",
        Operator.GREATER_THAN: ">",
        Operator.LESS_OR_EQUAL: "<=",
        Operator.GREATER_OR_EQUAL: ">=",
        Operator.IN: "in",
        Operator.NOT_IN: "not_in",
        Operator.IS_NULL: "is_null",
        Operator.IS_NOT_NULL: "is_not_null",
    }
)
"""The documented operators."""

DOCUMENTED: Final[Mapping[str, Operator]] = MappingProxyType(
    {word: operator for operator, word in WORDS.items()}
)

OPERATORS: Final[Mapping[str, Operator]] = MappingProxyType(
    {word: operator for operator, word in WORDS.items()} | {"==": Operator.EQUALS}
)
"""The vendor's pages on its interface write `==` for `=`."""

WITH_ONE_OPERAND: Final = frozenset({Operator.IS_NULL, Operator.IS_NOT_NULL})
NULL: Final = Operand(kind=OperandKind.VALUE)

# Looking up a member of an enumeration costs more than all else about an operand.
REFERENCE: Final = OperandKind.REFERENCE
VALUE: Final = OperandKind.VALUE
ALL: Final = Match.ALL
ANY: Final = Match.ANY


def plain_condition(edge: JsonObject, known: Container[str]) -> ConditionDraft | None:
    """Return an edge's condition when all of it is as documented, as most are; None for any other.

    Args:
        edge: the native edge.
        known: names of nodes and inputs, which operands may refer to.
    """
    joined, conditionals = edge.get(MATCH), edge.get(RULES)
    if not isinstance(joined, bool) or not isinstance(conditionals, list):
        return None
    rules = []
    for conditional in conditionals:
        rule = _plain_rule(conditional, known) if isinstance(conditional, dict) else None
        if rule is None:
            return None
        rules.append(rule)
    return {"match": ALL if joined else ANY, "rules": rules}


def _plain_rule(conditional: JsonObject, known: Container[str]) -> RuleDraft | None:
    word = conditional.get("operator")
    operator = DOCUMENTED.get(word) if isinstance(word, str) else None
    left = _plain_operand(conditional.get("left_config"), known)
    right = _plain_operand(conditional.get("right_config"), known)
    if operator is None or left is None or right is None:
        return None
    return _rule(left, operator, word, right)


def read_condition(edge: Evidence, known: Container[str] | None = None) -> ConditionDraft:
    """Return any edge's condition, and note what is odd about it; without conditionals it has no rules.

    Args:
        edge: the native edge.
        known: names of nodes and inputs; an operand that refers to anything else is noted.
    """
    joined = edge.boolean(MATCH, required=True)
    rules = [rule for _, rule in read_rules(edge, known)]
    return {"match": ANY if joined is False else ALL, "rules": rules}


def read_rules(edge: Evidence, known: Container[str] | None = None) -> Iterator[tuple[int, RuleDraft]]:
    """Yield each rule with its place among the conditionals."""
    for index, conditional in edge.objects(RULES):
        yield index, _odd_rule(conditional, known)


def _odd_rule(conditional: Evidence, known: Container[str] | None) -> RuleDraft:
    word = conditional.text("operator", required=True)
    operator = OPERATORS.get(word, Operator.OTHER) if word is not None else Operator.OTHER
    if word is not None and WORDS.get(operator) != word:
        severity = Severity.WARNING if operator is Operator.OTHER else Severity.INFO
        message = f"{word!r:.80} is not a documented operator"
        conditional.note(DiagnosticCode.UNKNOWN_VALUE, message, "operator", severity=severity)
    right = _odd_operand(conditional, "right_config", known, required=operator not in WITH_ONE_OPERAND)
    left = _odd_operand(conditional, "left_config", known, required=True)
    return _rule(left, operator, word, right)


def _rule(
    left: OperandDraft | None, operator: Operator, word: str | None, right: OperandDraft | None
) -> RuleDraft:
    rule: RuleDraft = {"operator": operator}
    if left is not None:
        rule["left"] = left
    if word is not None:
        rule["native_operator"] = word
    if right is not None and not (operator in WITH_ONE_OPERAND and _is_null(right)):
        rule["right"] = right
    return rule


def _is_null(operand: OperandDraft) -> bool:
    return operand["kind"] is VALUE and operand["value"] is None


def _plain_operand(config: JsonValue, known: Container[str] | None) -> OperandDraft | None:
    """Return an operand that is as documented and refers to nothing unknown."""
    if not isinstance(config, dict):
        return None
    kind = config.get("type")
    if kind == "static_value" and "static_value" in config:
        return {"kind": VALUE, "value": config["static_value"]}
    source = config.get("source")
    if kind != "source" or not isinstance(source, dict) or len(source) != 1:
        return None
    name = source.get("name")
    if not isinstance(name, str) or (known is not None and name not in known):
        return None
    return {"kind": REFERENCE, "reference": name}


def _odd_operand(
    conditional: Evidence, field: str, known: Container[str] | None, *, required: bool
) -> OperandDraft | None:
    plain = _plain_operand(conditional.fields.get(field), known)
    if plain is not None:
        return plain
    config = conditional.object(field, required=required)
    if config is None:
        return None
    fields = config.fields
    source = fields.get("source")
    name = source.get("name") if isinstance(source, dict) else None
    if fields.get("type") != "source" or not isinstance(name, str):
        message = f"{field} is neither a source with a name nor a static value"
        config.note(DiagnosticCode.UNKNOWN_VALUE, message, "type")
        return {"kind": OperandKind.OTHER, "value": fields}
    if known is not None and name not in known:
        message = f"no node or input is named {name!r:.80}"
        config.note(DiagnosticCode.DANGLING_REFERENCE, message, "source", "name")
    if source == {"name": name}:
        return {"kind": REFERENCE, "reference": name}
    return {"kind": OperandKind.OTHER, "reference": name, "value": fields}


def write_condition(edge: JsonObject, condition: Condition, path: str) -> Iterator[Loss]:
    """Write what differs between the edge's condition and the wanted one.

    Conditionals whose rule did not change are kept as they are. A rule that cannot be said is left out.
    """
    current = Condition.model_validate(read_condition(Evidence(edge, Findings())))
    if MATCH not in edge or condition.match is not current.match:
        edge[MATCH] = condition.match is Match.ALL
    if condition.expression is not None:
        yield lost(f"{path}/expression", "PromptLayer has rules, no expressions", Severity.ERROR)
    if not same(condition.rules, current.rules):
        yield from _write_rules(edge, condition.rules, f"{path}/rules")


def _write_rules(edge: JsonObject, rules: tuple[Rule, ...], path: str) -> Iterator[Loss]:
    there = edge.get(RULES)
    read = read_rules(Evidence(edge, Findings()))
    old = [(Rule.model_validate(rule), there[index]) for index, rule in read] if there else []
    conditionals: list[JsonObject] = []
    for index, rule in enumerate(rules):
        native = next((item for known, item in old if same(known, rule)), None)
        if native is None:
            yield from _rule_losses(rule, f"{path}/{index}")
            native = _conditional(rule)
        if native is not None:
            place = {"position": len(conditionals)}
            conditionals.append(place | native | place)
    edge[RULES] = conditionals


def sayable(condition: Condition | None) -> bool:
    """Say whether at least one rule of the condition can be written; the vendor takes no edge without."""
    return condition is not None and any(_conditional(rule) is not None for rule in condition.rules)


def _conditional(rule: Rule) -> JsonObject | None:
    word = _word(rule)
    alone = rule.right is None and rule.operator in WITH_ONE_OPERAND
    left, right = _config(rule.left), _config(NULL if alone else rule.right)
    if word is None or left is None or right is None:
        return None
    return {"operator": word, "left_config": left, "right_config": right}


def _word(rule: Rule) -> str | None:
    native = rule.native_operator
    if native is not None and OPERATORS.get(native) is rule.operator:
        return native
    return WORDS.get(rule.operator)


def _config(operand: Operand | None) -> JsonObject | None:
    if operand is None:
        return None
    if operand.kind is OperandKind.REFERENCE:
        return {"type": "source", "source": {"name": operand.reference}}
    if operand.kind is OperandKind.VALUE:
        return {"type": "static_value", "static_value": operand.value}
    if operand.kind is OperandKind.OTHER and isinstance(operand.value, dict):
        return operand.value
    return None


def _rule_losses(rule: Rule, path: str) -> Iterator[Loss]:
    if _word(rule) is None:
        word = rule.native_operator or rule.operator
        yield lost(
            path, f"PromptLayer has no operator for {word!r:.80}; the rule is left out", Severity.ERROR
        )
    elif _conditional(rule) is None:
        yield lost(path, "PromptLayer cannot say this operand; the rule is left out", Severity.ERROR)
