"""Mermaid flowcharts (https://mermaid.js.org/syntax/flowchart.html).

Every label is a quoted text in which all but letters, digits and harmless marks is written as an entity code
(`#quot;`, `#37;`). That keeps out quotes, HTML, directives (`%%{init`) and the Markdown that Mermaid reads in labels.
Mermaid itself refuses diagrams of more than 50,000 characters or 500 edges unless it is configured otherwise.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from html.entities import codepoint2name
from types import MappingProxyType
from typing import Final

from gateway.graph_export.building import drawing
from gateway.graph_export.drawing import Box, Figure, Link, Shape, State
from schemas.graph import EdgeKind, Graph

_ENCODED: Final = re.compile(
    r"""
    [^\w .,:()/?!=_\u00a1-\u00af\u00b1-\u00b5\u00b7-\u205f\u2061-\U0010ffff-]
    | :(?!\ )                          # Mermaid takes `style x:y #34;` for a line of styles
    | (?<!\w)[._-] | [._-](?!\w)        # lists and emphasis of Markdown, `--`
    | (?<!\w\ )= | (?<=\d)\)           # headings and numbered lists of Markdown
    """,
    re.VERBOSE,
)

_READ_TWICE: Final = re.compile(
    r"""
    (?<=\$)(?=\$)                      # formulas
    | (?<=\\)(?=n)                     # line breaks
    | (?<=:)(?=fa-)                    # icons
    | ^(?=[-+*\#>=]|\d+[.)])             # lists and headings, in versions that read Markdown everywhere
    | (?<=\ufb02)(?=\xb0) | (?<=\xb6)(?=\xdf)  # what Mermaid itself writes for entity codes
    """,
    re.VERBOSE,
)
"""Places inside what Mermaid still reads after it has decoded the entity codes."""

_WORD_JOINER: Final = "\N{WORD JOINER}"

_OUTLINES: Final[Mapping[Shape, tuple[str, str]]] = MappingProxyType(
    {
        Shape.BOX: ("[", "]"),
        Shape.ROUNDED: ("(", ")"),
        Shape.PILL: ("([", "])"),
        Shape.DOUBLE: ("[[", "]]"),
        Shape.DIAMOND: ("{", "}"),
        Shape.HEXAGON: ("{{", "}}"),
        Shape.CYLINDER: ("[(", ")]"),
        Shape.LEANING_RIGHT: ("[/", "/]"),
        Shape.LEANING_LEFT: ("[\\", "\\]"),
        Shape.NARROW_TOP: ("[/", "\\]"),
        Shape.NARROW_BOTTOM: ("[\\", "/]"),
        Shape.FLAG: (">", "]"),
    }
)

_ARROWS: Final[Mapping[EdgeKind, str]] = MappingProxyType(
    {
        EdgeKind.DATA: "-->",
        EdgeKind.CONTROL: "-.->",
        EdgeKind.DEPENDENCY: "-.->",
        EdgeKind.CONDITIONAL: "-->",
        EdgeKind.ERROR: "-.-x",
        EdgeKind.ATTACHMENT: "-.-o",
    }
)

_CLASSES: Final[Mapping[State, str]] = MappingProxyType(
    {
        State.DISABLED: "fill:#eeeeee,stroke:#9e9e9e,color:#757575,stroke-dasharray:6 3",
        State.ABSENT: "fill:#ffffff,stroke:#c62828,color:#c62828,stroke-dasharray:2 3",
    }
)

_ERROR: Final = "stroke:#c62828,stroke-dasharray:2 3"
_DERIVED: Final = "stroke:#9e9e9e"
_THIN: Final = "stroke-width:1px"


def mermaid(graph: Graph) -> str:
    """Return the graph as a Mermaid flowchart; equal graphs give equal texts."""
    picture = drawing(graph)
    lines = ["flowchart TD", *_inside(picture.root, "  ")]
    lines += (_link(link) for link in picture.links)
    lines += _class_lines(picture.root)
    lines += _link_style_lines(picture.links)
    return "\n".join(lines) + "\n"


def escaped(text: str) -> str:
    """Return the text as it stands between the quotes of a label."""
    return _ENCODED.sub(_entity_code, _READ_TWICE.sub(_WORD_JOINER, text))


def _entity_code(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"#{codepoint2name.get(code, code)};"


def _inside(box: Box, indent: str) -> Iterator[str]:
    for figure in box.figures:
        yield indent + _figure(figure)
    for inner in box.boxes:
        yield f'{indent}subgraph {inner.id}["{escaped(inner.title)}"]'
        yield from _inside(inner, indent + "  ")
        yield f"{indent}end"


def _figure(figure: Figure) -> str:
    start, end = _OUTLINES[figure.shape]
    label = "<br/>".join(escaped(line) for line in figure.lines)
    name = f":::{figure.state.value}" if figure.state in _CLASSES else ""
    return f'{figure.id}{start}"{label}"{end}{name}'


def _link(link: Link) -> str:
    label = f'|"{escaped(link.label)}"|' if link.label else ""
    return f"  {link.source} {_ARROWS[link.kind]}{label} {link.target}"


def _class_lines(root: Box) -> Iterator[str]:
    used = {figure.state for figure in _figures(root)}
    return (f"  classDef {state.value} {style}" for state, style in _CLASSES.items() if state in used)


def _figures(box: Box) -> Iterable[Figure]:
    yield from box.figures
    for inner in box.boxes:
        yield from _figures(inner)


def _link_style_lines(links: Iterable[Link]) -> Iterator[str]:
    """Yield one line for each style in use; Mermaid knows links by their place only."""
    places: dict[str, list[str]] = {}
    for place, link in enumerate(links):
        style = _style(link)
        if style:
            places.setdefault(style, []).append(str(place))
    return (f"  linkStyle {','.join(numbers)} {style}" for style, numbers in places.items())


def _style(link: Link) -> str:
    if link.kind is EdgeKind.ERROR:
        return _ERROR
    if link.derived:
        return _DERIVED
    return _THIN if link.kind in (EdgeKind.CONTROL, EdgeKind.DEPENDENCY) else ""
