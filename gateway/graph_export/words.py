"""Short plain texts for labels: one line each, no control characters, cut to a length."""

import re
import unicodedata
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from schemas.base import JsonValue
from schemas.graph import Branch, Condition, Edge, EdgeKind, Match, Node, Operand, OperandKind, Operator, Rule
from schemas.json_codec import dumps

MAX_LINE: Final = 60
MAX_VALUE: Final = 24
MAX_RULES: Final = 3
ELLIPSIS: Final = "\N{HORIZONTAL ELLIPSIS}"
OTHERWISE: Final = "otherwise"

_JOINERS: Final = "\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}"
_NOT_CHARACTERS: Final = re.compile("[\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")

_OPERATORS: Final[Mapping[Operator, str]] = MappingProxyType(
    {
        Operator.EQUALS: "=",
        Operator.NOT_EQUALS: "\N{NOT EQUAL TO}",
        Operator.LESS_THAN: "<",
        Operator.LESS_OR_EQUAL: "\N{LESS-THAN OR EQUAL TO}",
        Operator.GREATER_THAN: ">",
        Operator.GREATER_OR_EQUAL: "\N{GREATER-THAN OR EQUAL TO}",
    }
)


def line(text: str, limit: int = MAX_LINE) -> str:
    """Return the text on one line of at most `limit` characters, without controls and marks of direction.

    Marks of direction are left out because they would turn round the text after the label, too.
    """
    start = text[: limit * 4]
    seen = start if start.isprintable() else "".join(map(_visible, start))
    plain = " ".join(seen.split())
    if len(plain) <= limit and len(start) == len(text):
        return plain
    return plain[: limit - 1].rstrip(_JOINERS + " ") + ELLIPSIS


def node_lines(node: Node) -> tuple[str, ...]:
    """Return a node's label: its name, then the vendor's type with models or the workflow it runs."""
    name = _first(node.name, node.id, node.key)
    called = node.subworkflow
    details = (node.type or node.role.value, *node.models, called and (called.name or called.id))
    detail = line(", ".join(filter(None, (line(text) for text in details if text))))
    texts = (name, detail, "(disabled)" if node.disabled else "")
    return tuple(filter(None, texts))


def edge_label(edge: Edge, source: Node | None) -> str:
    """Return what an edge says: its label, its condition in words, whether it is derived."""
    branch = _branch(edge, source) or Branch()
    condition = edge.condition or branch.condition
    texts = (edge.label or branch.label, condition_words(condition) if condition else None)
    said = line(": ".join(filter(None, texts)) or _fallback(edge, source, branch))
    return " ".join(filter(None, (said, "(derived)" if edge.derived else "")))


def condition_words(condition: Condition) -> str:
    """Return a condition in a few words, such as `classify = "billing"`."""
    if condition.expression:
        return line(condition.expression)
    joiner = " and " if condition.match is Match.ALL else " or "
    words = joiner.join(rule_words(rule) for rule in condition.rules[:MAX_RULES])
    return line(words + (joiner + ELLIPSIS if len(condition.rules) > MAX_RULES else "")) or "if"


def rule_words(rule: Rule) -> str:
    """Return one comparison in a few words."""
    operator = _OPERATORS.get(rule.operator, rule.operator.value.replace("_", " "))
    if rule.operator is Operator.OTHER:
        operator = rule.native_operator or "?"
    return " ".join(filter(None, (_operand(rule.left), line(operator, MAX_VALUE), _operand(rule.right))))


def _operand(operand: Operand | None) -> str:
    if operand is None:
        return ""
    if operand.kind is OperandKind.REFERENCE:
        return line(operand.reference or "?", MAX_VALUE)
    if operand.kind is OperandKind.EXPRESSION and isinstance(operand.value, str):
        return line(operand.value, MAX_VALUE)
    return line(_json(operand.value), MAX_VALUE)


def _json(value: JsonValue) -> str:
    return dumps(value).decode("utf-8")


def _branch(edge: Edge, source: Node | None) -> Branch | None:
    """Return the source's branch that leaves by the edge's port."""
    port, index = edge.source.port, edge.source.index
    for branch in source.branches if source else ():
        # A branch may tell the port, the slot or both; what it tells has to fit.
        tells = branch.port is not None or branch.index is not None
        if tells and branch.port in (None, port) and branch.index in (None, index):
            return branch
    return None


def _fallback(edge: Edge, source: Node | None, branch: Branch) -> str:
    """Return what to say of an edge with neither label nor condition."""
    if edge.kind is EdgeKind.ERROR:
        return "error"
    siblings = source.branches if source else ()
    if branch in siblings and any(other.condition for other in siblings):
        return OTHERWISE
    return (edge.source.port or "if") if edge.kind is EdgeKind.CONDITIONAL else ""


def _first(*texts: str | None) -> str:
    """Return the first text that shows anything."""
    return next(filter(None, (line(text) for text in texts if text)), "(no name)")


def _visible(character: str) -> str:
    category = unicodedata.category(character)
    if category in ("Cc", "Zl", "Zp"):
        return " "
    if category == "Cf" and character not in _JOINERS:
        return ""
    return _NOT_CHARACTERS.sub("\N{REPLACEMENT CHARACTER}", character)
