"""References to other nodes inside expressions and code: `$('Name')`, `$node["Name"]`, `$items("Name")`."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from adapters.evidence import Evidence
from schemas.base import JsonValue
from schemas.diagnostics import DiagnosticCode
from schemas.graph import Edge, EdgeKind, Endpoint, Node

_REFERENCE: Final = re.compile(r"""\$(?:\(|items\(|node\[)\s*(["'`])((?:\\.|(?!\1)[^\\])+)\1""")
_ESCAPE: Final = re.compile(r"\\(.)")


def references(value: JsonValue) -> Iterator[tuple[str, bool]]:
    """Yield the node names that texts inside a value mention, and whether each text is an expression."""
    rest = [value]
    while rest:
        part = rest.pop()
        if isinstance(part, str):
            if "$" in part:
                is_expression = part.startswith("=")
                yield from (
                    (_ESCAPE.sub(r"\1", found[1]), is_expression) for found in _REFERENCE.findall(part)
                )
        elif isinstance(part, dict):
            rest.extend(reversed(part.values()))
        elif isinstance(part, list):
            rest.extend(reversed(part))


def derived_edges(nodes: Iterable[tuple[Evidence, Node]], by_name: Mapping[str, str]) -> Iterator[Edge]:
    """Yield an edge for every node that another one's configuration reads from, once for each pair.

    In texts that are no expressions (code, HTML) the same letters may mean something else: there only names of
    nodes that exist count.
    """
    for fields, node in nodes:
        for name, is_expression in _mentioned(node).items():
            key = by_name.get(name)
            if key is not None:
                yield _derived(key, node, exists=True)
            elif is_expression:
                message = f"there is no node named {name!r}"
                fields.note(DiagnosticCode.DANGLING_REFERENCE, message, "parameters")
                yield _derived(name, node, exists=False)


def _mentioned(node: Node) -> dict[str, bool]:
    mentioned: dict[str, bool] = {}
    for name, is_expression in references(node.config):
        mentioned[name] = is_expression or mentioned.get(name, False)
    return mentioned


def _derived(source: str, node: Node, *, exists: bool) -> Edge:
    return Edge(
        kind=EdgeKind.DATA,
        source=Endpoint(node=source, exists=exists),
        target=Endpoint(node=node.key),
        derived=True,
    )
