"""The connections of the n8n-like shape.

An edge has no id of its own: it is the place `connections[<source name>][<kind>][<output slot>][<order>]`.
"""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from adapters.aitronos.content import VENDOR_NAME
from adapters.aitronos.n8n_branches import MAIN
from adapters.evidence import Evidence
from schemas.base import JsonObject, JsonValue
from schemas.diagnostics import DiagnosticCode, Severity
from schemas.drafts import EdgeDraft, EndpointDraft, NodeDraft
from schemas.graph import EdgeKind, NodeRole

ERROR: Final = "error"
ATTACHED: Final = "ai_"
"""How the kinds of connections begin that attach a model, a tool or a memory to its user."""

ERROR_OUTPUT: Final = "continueErrorOutput"
"""The `onError` that gives a node one more output, after its own, for what failed."""

KNOWN: Final = frozenset({"node", "type", "index"})

# Looking up a member of an enumeration costs as much as ten comparisons, and these are wanted for every edge.
DATA: Final = EdgeKind.DATA
CONDITIONAL: Final = EdgeKind.CONDITIONAL
CONDITION: Final = NodeRole.CONDITION


class _Group(NamedTuple):
    """All edges of one kind that leave one node; no `source` where the node is absent."""

    connections: Evidence
    name: str
    kind: str
    source: NodeDraft | None

    def unreadable(self, message: str, *place: int) -> None:
        """Note a part that is left out."""
        code = DiagnosticCode.UNREADABLE_PART
        self.connections.note(code, message, self.name, self.kind, *place, severity=Severity.ERROR)


def is_kind(word: str | None) -> bool:
    """Say whether a word is a kind of connection that we know."""
    return word is not None and (word in (MAIN, ERROR) or word.startswith(ATTACHED))


def read_edges(
    connections: Evidence, nodes: Mapping[str, NodeDraft], by_name: Mapping[str, str]
) -> list[EdgeDraft]:
    """Return the edges in the document's order; `by_name` gives the keys of `nodes` by name."""
    edges: list[EdgeDraft] = []
    for name, kinds in connections.fields.items():
        if not isinstance(kinds, dict):
            message = "the connections of a node are no object"
            connections.note(DiagnosticCode.UNREADABLE_PART, message, name, severity=Severity.ERROR)
            continue
        source = nodes[by_name[name]] if name in by_name else None
        for kind, slots in kinds.items():
            _read_group(_Group(connections, name, kind, source), slots, by_name, edges)
    return edges


def _read_group(group: _Group, slots: JsonValue, by_name: Mapping[str, str], edges: list[EdgeDraft]) -> None:
    if not isinstance(slots, list):
        group.unreadable("the outputs of a node are no array")
        return
    if not is_kind(group.kind):
        message = f"{group.kind!r} is no kind of connection that we know"
        group.connections.note(DiagnosticCode.UNKNOWN_VALUE, message, group.name, group.kind)
    for index, slot in enumerate(slots):
        if isinstance(slot, list):
            if slot:
                _read_slot(group, index, slot, by_name, edges)
        elif slot is not None:
            group.unreadable("an output is no array", index)


def _read_slot(
    group: _Group, index: int, slot: list[JsonValue], by_name: Mapping[str, str], edges: list[EdgeDraft]
) -> None:
    kind, source = _edge_kind(group, index), _source(group, index)
    for order, item in enumerate(slot):
        if not isinstance(item, dict) or not isinstance(item.get("node"), str):
            group.unreadable("a connection names no node", index, order)
            continue
        target = _plain_target(item, by_name) if source["exists"] else None
        edges.append(
            {
                "kind": kind,
                "source": source,
                "target": target or _odd_target(group, item, (index, order), by_name),
                "native_kind": group.kind,
                "order": order,
                "derived": False,
                "extensions": {} if item.keys() <= KNOWN else _extensions(item),
            }
        )


def _source(group: _Group, index: int) -> EndpointDraft:
    source = group.source
    if source is None:
        return {"node": group.name, "exists": False, "port": group.kind, "index": index}
    return {"node": source["key"], "exists": True, "port": group.kind, "index": index}


def _plain_target(item: JsonObject, by_name: Mapping[str, str]) -> EndpointDraft | None:
    """Return the target of a connection that is as documented, and whose node is there; else None."""
    key, port, index = by_name.get(item["node"]), item.get("type"), item.get("index")
    if key is None or type(port) is not str or type(index) is not int:
        return None
    return {"node": key, "exists": True, "port": port, "index": index}


def _odd_target(
    group: _Group, item: JsonObject, place: tuple[int, int], by_name: Mapping[str, str]
) -> EndpointDraft:
    """Return the same by the careful way, which notes what is odd."""
    name = item["node"]
    key = by_name.get(name)
    if key is None or group.source is None:
        absent = [repr(end) for end, exists in ((group.name, group.source), (name, key)) if exists is None]
        message = f"there is no node named {' or '.join(absent)}"
        group.connections.note(DiagnosticCode.DANGLING_EDGE, message, group.name, group.kind, *place)
    fields = Evidence(item, group.connections.findings, group.connections, group.name, group.kind, *place)
    target: EndpointDraft = {"node": name if key is None else key, "exists": key is not None}
    if (port := fields.text("type", required=True)) is not None:
        target["port"] = port
    if (index := fields.integer("index", required=True)) is not None:
        target["index"] = index
    return target


def _extensions(item: JsonObject) -> dict[str, JsonObject]:
    return {VENDOR_NAME: {name: value for name, value in item.items() if name not in KNOWN}}


def _edge_kind(group: _Group, index: int) -> EdgeKind:
    source = group.source
    if group.kind != MAIN or source is None:
        return _kind_of_word(group.kind)
    if source.get("on_error") == ERROR_OUTPUT and index == own_outputs(
        branch.get("index") for branch in source["branches"]
    ):
        return EdgeKind.ERROR
    return CONDITIONAL if source["branches"] or source["role"] is CONDITION else DATA


def _kind_of_word(word: str) -> EdgeKind:
    if word == ERROR:
        return EdgeKind.ERROR
    return EdgeKind.ATTACHMENT if word.startswith(ATTACHED) else DATA


def own_outputs(branches: Iterable[int | None]) -> int:
    """Return how many outputs a node has before the one for what failed, by the slots of its branches."""
    return 1 + max((index or 0 for index in branches), default=0)
