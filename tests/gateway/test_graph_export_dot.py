"""DOT text: read back by a small reader of the language, it holds the drawing and nothing else."""

import html
import re
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.graph_export import dot
from gateway.graph_export.building import drawing
from gateway.graph_export.dot_language import escaped
from gateway.graph_export.drawing import Box
from schemas.graph import EdgeKind, Graph, GraphForm, Node, NodeRole
from tests.gateway.graph_samples import ANY_GRAPH, HOSTILE, edge, graph

TOKEN = re.compile(r'\s*(?P<token>"(?:[^"\\\n]|\\.)*"|->|[{}\[\];,=]|[A-Za-z_][A-Za-z0-9_]*|-?[0-9.]+)\s*')
ALLOWED_WORDS = {
    "digraph",
    "workflow",
    "graph",
    "node",
    "edge",
    "subgraph",
    "label",
    "shape",
    "style",
    "color",
} | {
    *("fontcolor", "fontname", "fontsize", "charset", "rankdir", "TB", "peripheries", "skew", "penwidth"),
    *("arrowhead", "odot", "dashed", "dotted", "box", "oval", "diamond", "hexagon", "cylinder", "note"),
    *("parallelogram", "trapezium", "invtrapezium"),
}


GREY = 'color="#9e9e9e", fontcolor="#757575"'


def tokens(text: str) -> Iterator[str]:
    at = 0
    while at < len(text):
        found = TOKEN.match(text, at)
        assert found, text[at : at + 40]
        yield found["token"]
        at = found.end()


def shown(quoted: str) -> str:
    """Return what Graphviz shows of a quoted label."""
    lines = re.sub(r"\\(.)", lambda found: "\n" if found[1] == "n" else found[1], quoted[1:-1])
    return html.unescape(lines)


def figures(box: Box) -> dict[str, tuple[str, ...]]:
    found = {figure.id: figure.lines for figure in box.figures}
    for inner in box.boxes:
        found |= figures(inner)
    return found


def boxes(box: Box) -> list[str]:
    return [title for inner in box.boxes for title in (inner.title, *boxes(inner))]


@given(ANY_GRAPH)
def test_any_graph_reads_back_as_its_drawing(given_graph: Graph) -> None:
    found = list(tokens(dot(given_graph)))
    picture = drawing(given_graph)
    words = {token for token in found if token[0].isalpha()}
    assert {word for word in words if not re.fullmatch(r"[ng]\d+|cluster_b\d+", word)} <= ALLOWED_WORDS
    assert found.count("{") == found.count("}")
    assert found.count("[") == found.count("]")
    nodes = {found[at - 1]: found[at + 3] for at in starts(found) if found[at - 2] != "->"}
    assert {name: shown(label) for name, label in nodes.items()} == {
        name: "\n".join(lines) for name, lines in figures(picture.root).items()
    }
    arrows = [(found[at - 1], found[at + 1]) for at, token in enumerate(found) if token == "->"]
    assert arrows == [(link.source, link.target) for link in picture.links]
    titles = [shown(found[at + 5]) for at, token in enumerate(found) if token == "subgraph"]
    assert titles == boxes(picture.root)


def starts(found: list[str]) -> list[int]:
    """Return where the attributes of figures and links with a label start."""
    return [
        at
        for at, token in enumerate(found)
        if token == "[" and found[at + 1] == "label" and re.fullmatch(r"[ng]\d+", found[at - 1])
    ]


@given(ANY_GRAPH)
def test_link_labels_read_back_in_order(given_graph: Graph) -> None:
    found = list(tokens(dot(given_graph)))
    labels = [shown(found[at + 3]) for at in starts(found) if found[at - 2] == "->"]
    assert labels == [link.label for link in drawing(given_graph).links if link.label]


@given(ANY_GRAPH)
def test_equal_graphs_give_equal_texts(given_graph: Graph) -> None:
    assert dot(given_graph) == dot(given_graph.model_copy(deep=True))


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ('say "hi"', 'say \\"hi\\"'),
        ("\\N \\G", "\\\\N \\\\G"),
        ('ends with \\"', 'ends with \\\\\\"'),
        ("&amp; <b>", "&amp;amp; <b>"),
        ("日本語", "日本語"),
    ],
)
def test_a_label_is_escaped(text: str, written: str) -> None:
    assert escaped(text) == written


@given(st.sampled_from(HOSTILE) | st.text(st.characters(exclude_categories=("Cs", "Cc"))))
def test_an_escaped_label_shows_what_it_was(text: str) -> None:
    quoted = f'"{escaped(text)}"'.replace("\n", " ")
    assert next(tokens(quoted)) == quoted
    assert shown(quoted) == text.replace("\n", " ")


def test_a_whole_drawing() -> None:
    nodes = (
        Node(key="in", name="Mail", role=NodeRole.TRIGGER, type="trigger"),
        Node(key="sort", name="Sort", role=NodeRole.LLM, type="PROMPT", models=("gpt-4o",)),
        Node(key="each", name="For each", role=NodeRole.LOOP, type="FOR_LOOP"),
        Node(key="old", name="Old", container="each", disabled=True, type="CODE", role=NodeRole.LLM),
    )
    edges = (
        edge("in", "sort"),
        edge("sort", "each", EdgeKind.CONTROL),
        edge("sort", "each", EdgeKind.DATA, derived=True),
        edge("each", "gone", EdgeKind.ERROR),
        edge("old", "old", EdgeKind.ATTACHMENT),
    )
    assert dot(graph(*nodes, edges=edges)).splitlines() == [
        "digraph workflow {",
        '  graph [charset="UTF-8", rankdir=TB];',
        '  node [fontname="sans-serif"];',
        '  edge [fontname="sans-serif", fontsize=11];',
        '  n0 [label="Mail\\ntrigger", shape=oval];',
        '  n1 [label="Sort\\nPROMPT, gpt-4o", shape=box, style="rounded"];',
        '  g0 [label="gone\\n(not in the workflow)", shape=box, style="dotted", color="#c62828", fontcolor="#c62828"];',
        "  subgraph cluster_b2 {",
        '    label="For each";',
        '    n2 [label="For each\\nFOR_LOOP", shape=hexagon];',
        '    n3 [label="Old\\nCODE\\n(disabled)", shape=box, style="rounded,dashed", ' + GREY + "];",
        "  }",
        "  n0 -> n1;",
        "  n1 -> n2 [style=dashed, penwidth=0.7];",
        '  n1 -> n2 [label="(derived)", ' + GREY + "];",
        '  n2 -> g0 [label="error", style=dotted, color="#c62828", fontcolor="#c62828"];',
        "  n3 -> n3 [style=dotted, arrowhead=odot];",
        "}",
    ]


def test_an_opaque_graph_is_a_drawing_that_says_so() -> None:
    text = dot(Graph(form=GraphForm.OPAQUE))
    assert '  n0 [label="The definition has no shape that can be drawn", shape=note];' in text.splitlines()
