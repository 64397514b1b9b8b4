"""References to other nodes inside expressions and code: `$('Name')`, `$node["Name"]`, `$items("Name")`."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from adapters.evidence import Evidence
from schemas.base import JsonObject, JsonValue
from schemas.diagnostics import DiagnosticCode
from schemas.drafts import EdgeDraft, NodeDraft
from schemas.graph import EdgeKind

_REFERENCE: Final = re.compile(r"""\$(?:\(|items\(|node\[)\s*(["'`])((?:\\.|(?!\1)[^\\])+)\1""")
_ESCAPE: Final = re.compile(r"\\(.)")

DATA: Final = EdgeKind.DATA


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


def derived_edges(
    definition: Evidence, nodes: Iterable[tuple[int, NodeDraft]], by_name: Mapping[str, str]
) -> list[EdgeDraft]:
    """Return an edge for every node that another one's configuration reads from, once for each pair.

    In texts that are no expressions (code, HTML) the same letters may mean something else: there only names of
    nodes that exist count. The nodes are given with their places.
    """
    edges: list[EdgeDraft] = []
    for place, node in nodes:
        for name, is_expression in _mentioned(node["config"]).items():
            key = by_name.get(name)
            if key is not None:
                edges.append(_derived(key, node["key"], exists=True))
            elif is_expression:
                message = f"there is no node named {name!r}"
                note = definition.item("nodes", place).note
                note(DiagnosticCode.DANGLING_REFERENCE, message, "parameters")
                edges.append(_derived(name, node["key"], exists=False))
    return edges


def _mentioned(config: JsonObject) -> dict[str, bool]:
    mentioned: dict[str, bool] = {}
    for name, is_expression in references(config):
        mentioned[name] = is_expression or mentioned.get(name, False)
    return mentioned


def _derived(source: str, target: str, *, exists: bool) -> EdgeDraft:
    return {
        "kind": DATA,
        "source": {"node": source, "exists": exists},
        "target": {"node": target, "exists": True},
        "derived": True,
        "extensions": {},
    }
