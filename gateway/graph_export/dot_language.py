r"""The DOT language of Graphviz (https://graphviz.org/doc/info/lang.html).

Every label is a quoted string. In it a quote and a backslash need a backslash, which also takes the sense out of
`\N` and its like, and `&` is written as an entity because Graphviz reads entities of HTML in labels.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from gateway.graph_export.building import drawing
from gateway.graph_export.drawing import Box, Figure, Link, Shape, State
from schemas.graph import EdgeKind, Graph

_SHAPES: Final[Mapping[Shape, str]] = MappingProxyType(
    {
        Shape.BOX: "shape=box",
        Shape.ROUNDED: "shape=box",
        Shape.PILL: "shape=oval",
        Shape.DOUBLE: "shape=box, peripheries=2",
        Shape.DIAMOND: "shape=diamond",
        Shape.HEXAGON: "shape=hexagon",
        Shape.CYLINDER: "shape=cylinder",
        Shape.LEANING_RIGHT: "shape=parallelogram",
        Shape.LEANING_LEFT: "shape=parallelogram, skew=-0.2",
        Shape.NARROW_TOP: "shape=trapezium",
        Shape.NARROW_BOTTOM: "shape=invtrapezium",
        Shape.FLAG: "shape=note",
    }
)

_COLOURS: Final[Mapping[State, str]] = MappingProxyType(
    {
        State.DISABLED: 'color="#9e9e9e", fontcolor="#757575"',
        State.ABSENT: 'color="#c62828", fontcolor="#c62828"',
    }
)

_LINES: Final[Mapping[State, str]] = MappingProxyType({State.DISABLED: "dashed", State.ABSENT: "dotted"})

_ARROWS: Final[Mapping[EdgeKind, str]] = MappingProxyType(
    {
        EdgeKind.DATA: "",
        EdgeKind.CONTROL: "style=dashed, penwidth=0.7",
        EdgeKind.DEPENDENCY: "style=dashed, penwidth=0.7",
        EdgeKind.CONDITIONAL: "",
        EdgeKind.ERROR: 'style=dotted, color="#c62828", fontcolor="#c62828"',
        EdgeKind.ATTACHMENT: "style=dotted, arrowhead=odot",
    }
)

_DERIVED: Final = 'color="#9e9e9e", fontcolor="#757575"'


def dot(graph: Graph) -> str:
    """Return the graph as a DOT digraph; equal graphs give equal texts."""
    picture = drawing(graph)
    lines = [
        "digraph workflow {",
        '  graph [charset="UTF-8", rankdir=TB];',
        '  node [fontname="sans-serif"];',
        '  edge [fontname="sans-serif", fontsize=11];',
        *_inside(picture.root, "  "),
        *(_link(link) for link in picture.links),
        "}",
    ]
    return "\n".join(lines) + "\n"


def escaped(text: str) -> str:
    """Return the text as it stands between the quotes of a label."""
    return text.replace("&", "&amp;").replace("\\", "\\\\").replace('"', '\\"')


def _inside(box: Box, indent: str) -> Iterator[str]:
    for figure in box.figures:
        yield indent + _figure(figure)
    for inner in box.boxes:
        yield f"{indent}subgraph cluster_{inner.id} {{"
        yield f'{indent}  label="{escaped(inner.title)}";'
        yield from _inside(inner, indent + "  ")
        yield f"{indent}}}"


def _figure(figure: Figure) -> str:
    label = "\\n".join(escaped(line) for line in figure.lines)
    styles = ["rounded"] if figure.shape is Shape.ROUNDED else []
    if figure.state in _LINES:
        styles.append(_LINES[figure.state])
    parts = [f'label="{label}"', _SHAPES[figure.shape], f'style="{",".join(styles)}"' if styles else ""]
    parts.append(_COLOURS.get(figure.state, ""))
    return f"{figure.id} [{', '.join(filter(None, parts))}];"


def _link(link: Link) -> str:
    label = f'label="{escaped(link.label)}"' if link.label else ""
    colour = _DERIVED if link.derived and link.kind is not EdgeKind.ERROR else ""
    attributes = ", ".join(filter(None, (label, _ARROWS[link.kind], colour)))
    return f"  {link.source} -> {link.target}" + (f" [{attributes}];" if attributes else ";")
