"""Mermaid text: only the few lines we mean to write, whatever the names hold."""

import html
import re
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.graph_export import mermaid
from gateway.graph_export.building import drawing
from gateway.graph_export.drawing import Box
from gateway.graph_export.mermaid_language import escaped
from schemas.graph import EdgeKind, Graph, GraphForm, Node, NodeRole
from tests.gateway.graph_samples import ANY_GRAPH, HOSTILE, edge, graph

LABEL = r'"(?P<label>[^"`$%;\\{}\[\]<>|*#&@\n]*(?:(?:\#\w+;|<br/>)[^"`$%;\\{}\[\]<>|*#&@\n]*)*)"'
FORMS = (
    re.compile(rf" *(?P<id>[ng]\d+)[\[({{>/\\]+{LABEL}[\])}}/\\]+(?P<state>:::disabled|:::absent)?"),
    re.compile(rf" *subgraph (?P<box>b\d+)\[{LABEL}\]"),
    re.compile(r" +end"),
    re.compile(
        rf"  (?P<source>[ng]\d+) (?P<arrow>-->|-\.->|-\.-x|-\.-o)(?:\|{LABEL}\|)? (?P<target>[ng]\d+)"
    ),
    re.compile(r"  classDef (disabled|absent) [a-z0-9:#, -]+"),
    re.compile(r"  linkStyle (?P<places>\d+(?:,\d+)*) [a-z0-9:#, -]+"),
)


def statements(text: str) -> Iterator[re.Match[str]]:
    """Yield every line as the one form it has; fails on any other line."""
    first, *rest = text.removesuffix("\n").split("\n")
    assert first == "flowchart TD"
    for written in rest:
        matches = [found for form in FORMS if (found := form.fullmatch(written))]
        assert len(matches) == 1, written
        yield matches[0]


def shown(label: str) -> str:
    """Return what a reader sees of a label."""
    return html.unescape(re.sub(r"#(\d+);", r"&#\1;", re.sub(r"#([a-zA-Z]\w*);", r"&\1;", label)))


def figures(box: Box) -> dict[str, tuple[str, ...]]:
    found = {figure.id: figure.lines for figure in box.figures}
    for inner in box.boxes:
        found |= figures(inner)
    return found


@given(ANY_GRAPH)
def test_any_graph_gives_only_lines_we_mean(given_graph: Graph) -> None:
    found = list(statements(mermaid(given_graph)))
    groups = [match.groupdict() for match in found]
    labels = {group["id"]: group["label"] for group in groups if group.get("id")}
    picture = drawing(given_graph)
    assert {name: plain(label) for name, label in labels.items()} == {
        name: "\n".join(lines) for name, lines in figures(picture.root).items()
    }
    links = [group for group in groups if group.get("source")]
    assert [(link["source"], link["target"], plain(link["label"] or "")) for link in links] == [
        (link.source, link.target, link.label) for link in picture.links
    ]
    opened = sum(1 for group in groups if group.get("box"))
    assert opened == sum(1 for match in found if match[0].strip() == "end")


def plain(label: str) -> str:
    return "\n".join(shown(line) for line in label.split("<br/>")).replace("\u2060", "")


@given(ANY_GRAPH)
def test_styles_name_links_that_are_there_once(given_graph: Graph) -> None:
    places = [match["places"] for match in statements(mermaid(given_graph)) if "places" in match.groupdict()]
    numbers = [int(number) for listed in places for number in listed.split(",")]
    assert len(numbers) == len(set(numbers))
    assert set(numbers) <= set(range(len(given_graph.edges)))


@given(ANY_GRAPH)
def test_equal_graphs_give_equal_texts(given_graph: Graph) -> None:
    assert mermaid(given_graph) == mermaid(given_graph.model_copy(deep=True))


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ('classify = "billing"', "classify = #quot;billing#quot;"),
        ("Sort: by mail-2, v1.4 (a_b)/c?", "Sort: by mail-2, v1.4 (a_b)/c?"),
        ("A & B <c>", "A #amp; B #lt;c#gt;"),
        ("日本語 📨 ≥ é", "日本語 📨 ≥ é"),
        ("x-->y", "x#45;#45;#gt;y"),
        ("%%{init", "#37;#37;#123;init"),
        ("a #quot;", "a #35;quot#59;"),
        ("1. one", "#8288;1#46; one"),
        ("12) one", "#8288;12#41; one"),
        ("- one", "#8288;#45; one"),
        ("# one", "#8288;#35; one"),
        ("=== one", "#8288;#61;#61;#61; one"),
        ("$$x$$", "#36;#8288;#36;x#36;#8288;#36;"),
        ("a\\nb", "a#92;#8288;nb"),
        ("fa:fa-car", "fa#58;#8288;fa-car"),
        ("\ufb02\u00b0\u00b034\u00b6\u00df", "\ufb02#8288;#deg;#deg;34#para;#8288;\u00df"),
        ("style a:b", "style a#58;b"),
        ("`x` *y* _z_", "#96;x#96; #42;y#42; #95;z#95;"),
    ],
)
def test_a_label_is_escaped(text: str, written: str) -> None:
    assert escaped(text) == written


@given(st.sampled_from(HOSTILE) | st.text(st.characters(exclude_categories=("Cs", "Cc"))))
def test_an_escaped_label_shows_what_it_was(text: str) -> None:
    assert shown(escaped(text)).replace("\u2060", "") == text.replace("\u2060", "")
    assert not set(escaped(text)) & set('"`$%\\{}[]<>|*&@\u00b0\u00b6\u2060')


def test_a_whole_drawing() -> None:
    nodes = (
        Node(key="in", name="Mail", role=NodeRole.TRIGGER, type="trigger"),
        Node(key="sort", name="Sort", role=NodeRole.LLM, type="PROMPT", models=("gpt-4o",)),
        Node(key="each", name="For each", role=NodeRole.LOOP, type="FOR_LOOP"),
        Node(key="old", name="Old", container="each", disabled=True, type="CODE"),
    )
    edges = (
        edge("in", "sort"),
        edge("sort", "each", EdgeKind.CONTROL),
        edge("sort", "each", EdgeKind.DATA, derived=True),
        edge("each", "gone", EdgeKind.ERROR),
        edge("old", "old", EdgeKind.ATTACHMENT),
    )
    assert mermaid(graph(*nodes, edges=edges)).splitlines() == [
        "flowchart TD",
        '  n0(["Mail<br/>trigger"])',
        '  n1("Sort<br/>PROMPT, gpt-4o")',
        '  g0["gone<br/>(not in the workflow)"]:::absent',
        '  subgraph b2["For each"]',
        '    n2{{"For each<br/>FOR_LOOP"}}',
        '    n3["Old<br/>CODE<br/>(disabled)"]:::disabled',
        "  end",
        "  n0 --> n1",
        "  n1 -.-> n2",
        '  n1 -->|"(derived)"| n2',
        '  n2 -.-x|"error"| g0',
        "  n3 -.-o n3",
        "  classDef disabled fill:#eeeeee,stroke:#9e9e9e,color:#757575,stroke-dasharray:6 3",
        "  classDef absent fill:#ffffff,stroke:#c62828,color:#c62828,stroke-dasharray:2 3",
        "  linkStyle 1 stroke-width:1px",
        "  linkStyle 2 stroke:#9e9e9e",
        "  linkStyle 3 stroke:#c62828,stroke-dasharray:2 3",
    ]


def test_an_empty_graph_is_a_drawing_that_says_so() -> None:
    assert mermaid(Graph(form=GraphForm.EMPTY)) == 'flowchart TD\n  n0>"This workflow has no steps"]\n'
