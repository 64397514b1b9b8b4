"""Graphs to draw: hostile ones, and any that hypothesis can think of."""

from typing import Final

from hypothesis import strategies as st

from schemas.graph import (
    Branch,
    Condition,
    Edge,
    EdgeKind,
    Endpoint,
    Graph,
    GraphForm,
    Node,
    NodeRole,
    Operand,
    OperandKind,
    Operator,
    Rule,
)

HOSTILE: Final = (
    'say "hi"',
    "x]--> y",
    "end",
    "subgraph",
    "click n0 call alert(1)",
    "callback; n9",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '%%{init: {"theme": "dark"}}%% z',
    "---\ntitle: t\n---",
    "line\nbreak\r\n2",
    "\u202ereversed\u2066",
    "1. list",
    "1) list",
    "# heading",
    "**bold** `code` _x_ a_b",
    "style a:b;#x;",
    "\ufb02\u00b0\u00b034\u00b6\u00df",
    "fa:fa-car",
    "$$x^2$$",
    "a\\N\\n\\",
    "&amp; &#34; #quot;",
    'a"]; evil [label="x',
    'a" ]\n}\ndigraph {',
    "\\",
    '\\"',
    "日本語 📨 العربية",
    "{}|<> // /* */ <b>",
    "\ud800",
    "",
    "   ",
    "x" * 500,
)

NAMES: Final = st.sampled_from(HOSTILE) | st.text(st.characters(exclude_categories=()), max_size=20)
KEYS: Final = st.sampled_from("abcdef")


def rule(text: str) -> Rule:
    reference = Operand(kind=OperandKind.REFERENCE, reference=text)
    return Rule(left=reference, operator=Operator.EQUALS, right=Operand(kind=OperandKind.VALUE, value=text))


CONDITIONS: Final = st.none() | NAMES.map(lambda text: Condition(rules=(rule(text),)))
NODES: Final = st.builds(
    Node,
    key=KEYS | NAMES,
    name=st.none() | NAMES,
    role=st.sampled_from(NodeRole),
    type=st.none() | NAMES,
    models=st.lists(NAMES, max_size=2).map(tuple),
    branches=st.lists(st.builds(Branch, port=KEYS, label=NAMES, condition=CONDITIONS), max_size=2).map(tuple),
    container=st.none() | KEYS | NAMES,
    disabled=st.booleans(),
)
ENDS: Final = st.builds(Endpoint, node=KEYS | NAMES, exists=st.booleans(), port=st.none() | KEYS)
EDGES: Final = st.builds(
    Edge,
    kind=st.sampled_from(EdgeKind),
    source=ENDS,
    target=ENDS,
    label=st.none() | NAMES,
    condition=CONDITIONS,
    derived=st.booleans(),
)
ANY_GRAPH: Final = st.builds(
    Graph,
    form=st.sampled_from(GraphForm),
    nodes=st.lists(NODES, max_size=8).map(tuple),
    edges=st.lists(EDGES, max_size=8).map(tuple),
)


def graph(*nodes: Node, edges: tuple[Edge, ...] = ()) -> Graph:
    return Graph(form=GraphForm.GRAPH, nodes=nodes, edges=edges)


def edge(source: str, target: str, kind: EdgeKind = EdgeKind.DATA, *, derived: bool = False) -> Edge:
    return Edge(kind=kind, source=Endpoint(node=source), target=Endpoint(node=target), derived=derived)
