"""The connections of the n8n-like shape.

An edge has no id of its own: it is the place `connections[<source name>][<kind>][<output slot>][<order>]`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from adapters.aitronos.content import VENDOR_NAME
from adapters.aitronos.n8n_branches import MAIN
from adapters.evidence import Evidence
from schemas.base import JsonObject, JsonValue
from schemas.diagnostics import DiagnosticCode, Severity
from schemas.graph import Edge, EdgeKind, Endpoint, Node, NodeRole

ERROR: Final = "error"
ATTACHED: Final = "ai_"
"""How the kinds of connections begin that attach a model, a tool or a memory to its user."""

ERROR_OUTPUT: Final = "continueErrorOutput"
"""The `onError` that gives a node one more output, after its own, for what failed."""

KNOWN: Final = frozenset({"node", "type", "index"})


@dataclass(frozen=True, slots=True)
class _Group:
    """All edges of one kind that leave one node; no `source` where the node is absent."""

    connections: Evidence
    name: str
    kind: str
    source: Node | None

    def unreadable(self, message: str, *place: int) -> None:
        """Note a part that is left out."""
        code = DiagnosticCode.UNREADABLE_PART
        self.connections.note(code, message, self.name, self.kind, *place, severity=Severity.ERROR)


def is_kind(word: str | None) -> bool:
    """Say whether a word is a kind of connection that we know."""
    return word is not None and (word in (MAIN, ERROR) or word.startswith(ATTACHED))


def read_edges(
    connections: Evidence, nodes: Mapping[str, Node], by_name: Mapping[str, str]
) -> Iterator[Edge]:
    """Yield the edges in the document's order; `by_name` gives the keys of `nodes` by name."""
    for name, kinds in connections.fields.items():
        if not isinstance(kinds, dict):
            message = "the connections of a node are no object"
            connections.note(DiagnosticCode.UNREADABLE_PART, message, name, severity=Severity.ERROR)
            continue
        source = nodes[by_name[name]] if name in by_name else None
        for kind, slots in kinds.items():
            yield from _read_group(_Group(connections, name, kind, source), slots, by_name)


def _read_group(group: _Group, slots: JsonValue, by_name: Mapping[str, str]) -> Iterator[Edge]:
    if not isinstance(slots, list):
        group.unreadable("the outputs of a node are no array")
        return
    if not is_kind(group.kind):
        message = f"{group.kind!r} is no kind of connection that we know"
        group.connections.note(DiagnosticCode.UNKNOWN_VALUE, message, group.name, group.kind)
    for index, slot in enumerate(slots):
        if isinstance(slot, list):
            yield from _read_slot(group, index, slot, by_name)
        elif slot is not None:
            group.unreadable("an output is no array", index)


def _read_slot(
    group: _Group, index: int, slot: list[JsonValue], by_name: Mapping[str, str]
) -> Iterator[Edge]:
    kind = _edge_kind(group, index)
    source = Endpoint(
        node=group.source.key if group.source is not None else group.name,
        exists=group.source is not None,
        port=group.kind,
        index=index,
    )
    for order, item in enumerate(slot):
        if not isinstance(item, dict) or not isinstance(item.get("node"), str):
            group.unreadable("a connection names no node", index, order)
            continue
        target = _read_target(group, item, (index, order), by_name)
        rest = {name: value for name, value in item.items() if name not in KNOWN}
        yield Edge(
            kind=kind,
            source=source,
            target=target,
            native_kind=group.kind,
            order=order,
            extensions={VENDOR_NAME: rest} if rest else {},
        )


def _read_target(
    group: _Group, item: JsonObject, place: tuple[int, int], by_name: Mapping[str, str]
) -> Endpoint:
    name = item["node"]
    key = by_name.get(name)
    if key is None or group.source is None:
        absent = [repr(end) for end, exists in ((group.name, group.source), (name, key)) if exists is None]
        message = f"there is no node named {' or '.join(absent)}"
        group.connections.note(DiagnosticCode.DANGLING_EDGE, message, group.name, group.kind, *place)
    port, index = item.get("type"), item.get("index")
    if type(port) is not str or type(index) is not int:
        path = group.connections.at(group.name, group.kind, *place)
        odd = Evidence(item, group.connections.findings, path)
        port, index = odd.text("type", required=True), odd.integer("index", required=True)
    return Endpoint(node=name if key is None else key, exists=key is not None, port=port, index=index)


def _edge_kind(group: _Group, index: int) -> EdgeKind:
    if group.kind == ERROR:
        return EdgeKind.ERROR
    if group.kind.startswith(ATTACHED):
        return EdgeKind.ATTACHMENT
    source = group.source
    if source is None or group.kind != MAIN:
        return EdgeKind.DATA
    if source.on_error == ERROR_OUTPUT and index == own_outputs(source):
        return EdgeKind.ERROR
    decides = bool(source.branches) or source.role is NodeRole.CONDITION
    return EdgeKind.CONDITIONAL if decides else EdgeKind.DATA


def own_outputs(node: Node) -> int:
    """Return how many outputs a node has before the one for what failed."""
    return 1 + max((branch.index or 0 for branch in node.branches), default=0)
