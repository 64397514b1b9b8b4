"""Labels: one line, cut, without what would turn the text after it round; conditions in a few words."""

import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.graph_export.words import MAX_LINE, condition_words, edge_label, line, node_lines
from schemas.graph import (
    Branch,
    Condition,
    Edge,
    EdgeKind,
    Endpoint,
    Match,
    Node,
    NodeRole,
    Operand,
    OperandKind,
    Operator,
    Rule,
    WorkflowReference,
)


def rule(operator: Operator, reference: str | None = "classify", value: Any = "billing", **more: Any) -> Rule:
    return Rule(
        left=Operand(kind=OperandKind.REFERENCE, reference=reference),
        operator=operator,
        right=Operand(kind=OperandKind.VALUE, value=value),
        **more,
    )


def edge(
    kind: EdgeKind = EdgeKind.DATA, port: str | None = None, index: int | None = None, **more: Any
) -> Edge:
    return Edge(
        kind=kind, source=Endpoint(node="a", port=port, index=index), target=Endpoint(node="b"), **more
    )


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("two\nlines\r\nand\ttabs", "two lines and tabs"),
        ("  much \u2028 space\u00a0here ", "much space here"),
        ("\u202eturned\u2066 round\u200f", "turned round"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("\x00bell\x07", "bell"),
        ("\ud800half", "\ufffdhalf"),
        ("\uffff\ufdd0", "\ufffd\ufffd"),
        ("👩\u200d🔬", "👩\u200d🔬"),
        ("日本語 العربية", "日本語 العربية"),
        ("x" * MAX_LINE, "x" * MAX_LINE),
        ("x" * (MAX_LINE + 1), "x" * (MAX_LINE - 1) + "…"),
        ("", ""),
    ],
)
def test_a_text_becomes_one_plain_line(text: str, shown: str) -> None:
    assert line(text) == shown


@given(st.text(st.characters(exclude_categories=())), st.integers(2, 80))
def test_any_text_becomes_one_plain_line(text: str, limit: int) -> None:
    shown = line(text, limit)
    assert len(shown) <= limit
    assert shown == " ".join(shown.split())
    assert not {unicodedata.category(character) for character in shown} & {"Cc", "Cs", "Zl", "Zp"}
    assert {c for c in shown if unicodedata.category(c) == "Cf"} <= {"\u200c", "\u200d"}


def test_a_huge_text_is_not_read_to_its_end() -> None:
    assert line("ab" * 10_000_000) == "ab" * 29 + "a…"
    assert line("\u200b" * 10_000 + "x") == "…"


@pytest.mark.parametrize(
    ("node", "lines"),
    [
        (Node(key="k", id="7", name="Sort", type="PROMPT"), ("Sort", "PROMPT")),
        (Node(key="k", id="7", role=NodeRole.LLM), ("7", "llm")),
        (Node(key="k", name="  "), ("k", "other")),
        (Node(key="\u200b"), ("(no name)", "other")),
        (Node(key="k", type="P", models=("gpt", "", "claude")), ("k", "P, gpt, claude")),
        (Node(key="k", type="R", subworkflow=WorkflowReference(id="9", name="Bill")), ("k", "R, Bill")),
        (Node(key="k", type="R", subworkflow=WorkflowReference(id="9")), ("k", "R, 9")),
        (Node(key="k", type="R", subworkflow=WorkflowReference()), ("k", "R")),
        (Node(key="k", type="R", disabled=True), ("k", "R", "(disabled)")),
    ],
)
def test_a_node_shows_its_name_and_what_it_is(node: Node, lines: tuple[str, ...]) -> None:
    assert node_lines(node) == lines


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        (Condition(rules=(rule(Operator.EQUALS),)), 'classify = "billing"'),
        (Condition(rules=(rule(Operator.NOT_EQUALS, value=3),)), "classify ≠ 3"),
        (Condition(rules=(rule(Operator.GREATER_OR_EQUAL, value=0.5),)), "classify ≥ 0.5"),
        (Condition(rules=(rule(Operator.IN, value=["a", 1]),)), 'classify in ["a",1]'),
        (Condition(rules=(rule(Operator.STARTS_WITH, value="x"),)), 'classify starts with "x"'),
        (Condition(rules=(rule(Operator.OTHER, native_operator="~="),)), 'classify ~= "billing"'),
        (Condition(rules=(rule(Operator.OTHER),)), 'classify ? "billing"'),
        (Condition(rules=(rule(Operator.EQUALS, reference=None, value=True),)), "? = true"),
        (
            Condition(rules=(rule(Operator.LESS_THAN, value=1), rule(Operator.GREATER_THAN, value=9))),
            "classify < 1 and classify > 9",
        ),
        (
            Condition(match=Match.ANY, rules=(rule(Operator.LESS_THAN, value=1),) * 4),
            "classify < 1 or classify < 1 or classify < 1 or …",
        ),
        (Condition(expression="score >\n 3"), "score > 3"),
        (Condition(), "if"),
        (Condition(rules=(Rule(operator=Operator.IS_NULL),)), "is null"),
        (Condition(rules=(rule(Operator.EQUALS, value="v" * 99),)), 'classify = "' + "v" * 22 + "…"),
    ],
)
def test_a_condition_is_said_in_a_few_words(condition: Condition, words: str) -> None:
    assert condition_words(condition) == words


def test_an_expression_stands_as_it_is_and_other_operands_as_json() -> None:
    operands = (
        Operand(kind=OperandKind.EXPRESSION, value="{{ a }}"),
        Operand(kind=OperandKind.OTHER, value={"x": 2**70}),
    )
    condition = Condition(rules=(Rule(left=operands[0], operator=Operator.EQUALS, right=operands[1]),))
    assert condition_words(condition) == '{{ a }} = {"x":118059162071741130…'


CONDITION = Condition(rules=(rule(Operator.EQUALS),))
ROUTER = Node(
    key="a",
    branches=(
        Branch(port="yes", label="Billing", condition=CONDITION),
        Branch(index=1, condition=CONDITION),
        Branch(port="else"),
    ),
)
PLAIN_ROUTER = Node(key="a", branches=(Branch(port="true"), Branch(port="false")))


@pytest.mark.parametrize(
    ("given_edge", "source", "label"),
    [
        (edge(), None, ""),
        (edge(label="next"), None, "next"),
        (edge(EdgeKind.CONDITIONAL), None, "if"),
        (edge(EdgeKind.CONDITIONAL, port="true"), None, "true"),
        (edge(EdgeKind.CONDITIONAL, condition=CONDITION), None, 'classify = "billing"'),
        (edge(EdgeKind.CONDITIONAL, condition=CONDITION, label="A"), None, 'A: classify = "billing"'),
        (edge(EdgeKind.CONDITIONAL, port="yes"), ROUTER, 'Billing: classify = "billing"'),
        (edge(EdgeKind.CONDITIONAL, index=1), ROUTER, 'classify = "billing"'),
        (edge(EdgeKind.CONDITIONAL, port="else"), ROUTER, "otherwise"),
        (edge(EdgeKind.CONDITIONAL, port="none such"), ROUTER, "none such"),
        (edge(EdgeKind.CONDITIONAL, port="false"), PLAIN_ROUTER, "false"),
        (edge(EdgeKind.ERROR), None, "error"),
        (edge(EdgeKind.ERROR, label="timeout"), None, "timeout"),
        (edge(derived=True), None, "(derived)"),
        (edge(label="x", derived=True), None, "x (derived)"),
    ],
)
def test_an_edge_says_why_it_is_taken(given_edge: Edge, source: Node | None, label: str) -> None:
    assert edge_label(given_edge, source) == label
