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
from schemas.drafts import EdgeDraft, EndpointDraft, NodeDraft, PortDraft
from schemas.graph import EdgeKind, NodeRole, PortDirection

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
OUTPUT: Final = PortDirection.OUTPUT


class _Group(NamedTuple):
    """All edges of one kind that leave one node; no `source` where the node is absent."""

    connections: Evidence
    name: str
    kind: str
    source: NodeDraft | None
    by_name: Mapping[str, str]

    def unreadable(self, message: str, *place: int) -> None:
        """Note a part that is left out."""
        code = DiagnosticCode.UNREADABLE_PART
        self.connections.note(code, message, self.name, self.kind, *place, severity=Severity.ERROR)


def is_kind(word: str | None) -> bool:
    """Say whether a word is a kind of connection that we know."""
    return word is not None and (word in (MAIN, ERROR) or word.startswith(ATTACHED))


def read_connections(
    connections: Evidence, nodes: Mapping[str, NodeDraft], by_name: Mapping[str, str]
) -> list[EdgeDraft]:
    """Return the edges in the document's order, and give the nodes that they leave their ports.

    `by_name` gives the keys of `nodes` by name. There is one port for every slot, so that unused slots before, between
    and after used ones survive.
    """
    edges: list[EdgeDraft] = []
    for name, kinds in connections.fields.items():
        if not isinstance(kinds, dict):
            message = "the connections of a node are no object"
            connections.note(DiagnosticCode.UNREADABLE_PART, message, name, severity=Severity.ERROR)
            continue
        key = by_name.get(name)
        source = nodes[key] if key is not None else None
        ports: list[PortDraft] = []
        for kind, slots in kinds.items():
            group = _Group(connections, name, kind, source, by_name)
            if isinstance(slots, list):
                _read_slots(group, slots, ports, edges)
            else:
                group.unreadable("the outputs of a node are no array")
        if source is not None:
            source["ports"] = ports
    return edges


def _read_slots(
    group: _Group, slots: list[JsonValue], ports: list[PortDraft], edges: list[EdgeDraft]
) -> None:
    kind = group.kind
    if not is_kind(kind):
        message = f"{kind!r} is no kind of connection that we know"
        group.connections.note(DiagnosticCode.UNKNOWN_VALUE, message, group.name, kind)
    for index, slot in enumerate(slots):
        ports.append({"direction": OUTPUT, "name": kind, "index": index, "native_kind": kind})
        if isinstance(slot, list):
            if slot:
                _read_slot(group, index, slot, edges)
        elif slot is not None:
            group.unreadable("an output is no array", index)


def _read_slot(group: _Group, index: int, slot: list[JsonValue], edges: list[EdgeDraft]) -> None:
    _, _, port, node, by_name = group
    edge_kind = _edge_kind(port, node, index)
    source: EndpointDraft = {
        "node": group.name if node is None else node["key"],
        "exists": node is not None,
        "port": port,
        "index": index,
    }
    for order, item in enumerate(slot):
        target = _plain_target(item, by_name) if node is not None else None
        if target is None:
            target = _odd_target(group, item, (index, order))
        if target is not None:
            edge: EdgeDraft = {
                "kind": edge_kind,
                "source": source,
                "target": target,
                "native_kind": port,
                "order": order,
                "derived": False,
                "extensions": {} if KNOWN.issuperset(item) else _extensions(item),
            }
            edges.append(edge)


def _plain_target(item: JsonValue, by_name: Mapping[str, str]) -> EndpointDraft | None:
    """Return the target of a connection that is as documented, and whose node is there; else None."""
    if not isinstance(item, dict):
        return None
    name, port, index = item.get("node"), item.get("type"), item.get("index")
    if type(name) is not str or type(port) is not str or type(index) is not int:
        return None
    key = by_name.get(name)
    return {"node": key, "exists": True, "port": port, "index": index} if key is not None else None


def _odd_target(group: _Group, item: JsonValue, place: tuple[int, int]) -> EndpointDraft | None:
    """Return any target by the careful way, which notes what is odd; None when none is named."""
    if not isinstance(item, dict) or not isinstance(item.get("node"), str):
        group.unreadable("a connection names no node", *place)
        return None
    name = item["node"]
    key = group.by_name.get(name)
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


def _edge_kind(port: str, source: NodeDraft | None, index: int) -> EdgeKind:
    if port != MAIN or source is None:
        return _kind_of_word(port)
    branches = source["branches"]
    if source.get("on_error") == ERROR_OUTPUT and index == own_outputs(
        branch.get("index") for branch in branches
    ):
        return EdgeKind.ERROR
    return CONDITIONAL if branches or source["role"] is CONDITION else DATA


def _kind_of_word(word: str) -> EdgeKind:
    if word == ERROR:
        return EdgeKind.ERROR
    return EdgeKind.ATTACHMENT if word.startswith(ATTACHED) else DATA


def own_outputs(branches: Iterable[int | None]) -> int:
    """Return how many outputs a node has before the one for what failed, by the slots of its branches."""
    return 1 + max((index or 0 for index in branches), default=0)
