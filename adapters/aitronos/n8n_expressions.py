"""References to other nodes inside expressions and code: `$('Name')`, `$node["Name"]`, `$items("Name")`."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from adapters.aitronos.n8n_nodes import NODES, PARAMETERS
from adapters.evidence import Evidence
from schemas.base import JsonObject, JsonValue
from schemas.diagnostics import DiagnosticCode
from schemas.drafts import EdgeDraft, NodeDraft
from schemas.graph import EdgeKind
from schemas.json_codec import dumps

_REFERENCE: Final = re.compile(r"""\$(?:\(|items\(|node\[)\s*(["'`])((?:\\.|(?!\1)[^\\])+)\1""")
_OPENING: Final = re.compile(rb"\$(?:\(|items\(|node\[)")
_ESCAPE: Final = re.compile(r"\\(.)")

CONTAINERS: Final = (dict, list)
DATA: Final = EdgeKind.DATA


def references(value: JsonObject) -> list[tuple[str, bool]]:
    """Return the node names that texts inside a value mention, and whether each text is an expression."""
    texts: list[str] = []
    _collect_texts(value, texts)
    return [
        (_ESCAPE.sub(r"\1", found[1]), text.startswith("="))
        for text in texts
        for found in _REFERENCE.findall(text)
    ]


def derived_edges(
    definition: Evidence, nodes: Sequence[NodeDraft], places: Sequence[int], by_name: Mapping[str, str]
) -> list[EdgeDraft]:
    """Return an edge for every node that another one's configuration reads from, once for each pair.

    In texts that are no expressions (code, HTML) the same letters may mean something else: there only names of
    nodes that exist count. `places` are those of the nodes in the vendor's list.
    """
    edges: list[EdgeDraft] = []
    if not may_mention([node["config"] for node in nodes]):
        return edges
    for place, node in zip(places, nodes, strict=True):
        for name, is_expression in _mentioned(node["config"]).items():
            key = by_name.get(name)
            if key is not None:
                edges.append(_derived(key, node["key"], exists=True))
            elif is_expression:
                message = f"there is no node named {name!r}"
                fields = definition.item(NODES, place)
                fields.note(DiagnosticCode.DANGLING_REFERENCE, message, PARAMETERS)
                edges.append(_derived(name, node["key"], exists=False))
    return edges


def may_mention(configurations: Sequence[JsonObject]) -> bool:
    """Say whether a reference may be in there: writing it all takes a quarter of the time of looking through it."""
    return _OPENING.search(dumps(configurations)) is not None


def _mentioned(config: JsonObject) -> dict[str, bool]:
    mentioned: dict[str, bool] = {}
    for name, is_expression in references(config):
        mentioned[name] = is_expression or mentioned.get(name, False)
    return mentioned


def _collect_texts(part: JsonValue, texts: list[str]) -> None:
    """Collect the texts that may hold a reference, in the document's order."""
    for inner in part.values() if isinstance(part, dict) else part:
        if isinstance(inner, str):
            if "$" in inner:
                texts.append(inner)
        elif inner and isinstance(inner, CONTAINERS):
            _collect_texts(inner, texts)


def _derived(source: str, target: str, *, exists: bool) -> EdgeDraft:
    return {
        "kind": DATA,
        "source": {"node": source, "exists": exists},
        "target": {"node": target, "exists": True},
        "derived": True,
        "extensions": {},
    }
