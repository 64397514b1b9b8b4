"""The connections of the n8n-like shape.

An edge has no id of its own: it is the place `connections[<source name>][<kind>][<output slot>][<order>]`.
"""

from collections.abc import Iterable, Mapping
from typing import Final

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


def is_kind(word: str | None) -> bool:
    """Say whether a word is a kind of connection that we know."""
    return word is not None and (word in (MAIN, ERROR) or word.startswith(ATTACHED))


class ConnectionReader:
    """Reads the connections of one definition.

    What is as documented is taken as it is; only the rest is wrapped as evidence, which notes what is odd.
    """

    __slots__ = ("_by_name", "_connections", "_edges", "_nodes")

    def __init__(
        self, connections: Evidence, nodes: Mapping[str, NodeDraft], by_name: Mapping[str, str]
    ) -> None:
        """Prepare for the connections of some nodes; `by_name` gives the keys of `nodes` by name."""
        self._connections = connections
        self._nodes = nodes
        self._by_name = by_name
        self._edges: list[EdgeDraft] = []

    def read(self) -> list[EdgeDraft]:
        """Return the edges in the document's order, and give the nodes that they leave their ports."""
        for name, kinds in self._connections.fields.items():
            if not isinstance(kinds, dict):
                self._unreadable("the connections of a node are no object", name)
                continue
            key = self._by_name.get(name)
            source = self._nodes[key] if key is not None else None
            ports: list[PortDraft] = []
            for kind, slots in kinds.items():
                if isinstance(slots, list):
                    self._read_slots(name, kind, source, slots, ports)
                else:
                    self._unreadable("the outputs of a node are no array", name, kind)
            if source is not None:
                source["ports"] = ports
        return self._edges

    def _read_slots(
        self, name: str, kind: str, source: NodeDraft | None, slots: list[JsonValue], ports: list[PortDraft]
    ) -> None:
        """Read all edges of one kind that leave one node, `source`; None where it is absent."""
        if kind != MAIN and not is_kind(kind):
            message = f"{kind!r} is no kind of connection that we know"
            self._connections.note(DiagnosticCode.UNKNOWN_VALUE, message, name, kind)
        for index, slot in enumerate(slots):
            # One port for every slot, so that unused slots before, between and after used ones survive.
            ports.append({"direction": OUTPUT, "name": kind, "index": index, "native_kind": kind})
            if isinstance(slot, list):
                if slot:
                    self._read_slot((name, kind, index), source, slot)
            elif slot is not None:
                self._unreadable("an output is no array", name, kind, index)

    def _read_slot(
        self, place: tuple[str, str, int], source: NodeDraft | None, slot: list[JsonValue]
    ) -> None:
        name, port, index = place
        edge_kind, by_name, edges = _edge_kind(port, source, index), self._by_name, self._edges
        exists = source is not None
        end: EndpointDraft = {"node": name, "exists": exists, "port": port, "index": index}
        if source is not None:
            end["node"] = source["key"]
        for order, item in enumerate(slot):
            target = plain_target(item, by_name) if exists else None
            extensions: dict[str, JsonObject] = {}
            if target is None:
                target = self._odd_target(item, source, (*place, order))
                if target is None:
                    continue
                extensions = _extensions(item)
            edge: EdgeDraft = {
                "kind": edge_kind,
                "source": end,
                "target": target,
                "native_kind": port,
                "order": order,
                "derived": False,
                "extensions": extensions,
            }
            edges.append(edge)

    def _odd_target(
        self, item: JsonValue, source: NodeDraft | None, place: tuple[str, str, int, int]
    ) -> EndpointDraft | None:
        """Return any target and note what is odd; None when none is named."""
        if not isinstance(item, dict) or not isinstance(item.get("node"), str):
            self._unreadable("a connection names no node", *place)
            return None
        name, connections = item["node"], self._connections
        if name not in self._by_name or source is None:
            absent = [] if source is not None else [repr(place[0])]
            absent += [] if name in self._by_name else [repr(name)]
            message = f"there is no node named {' or '.join(absent)}"
            connections.note(DiagnosticCode.DANGLING_EDGE, message, *place)
        return odd_target(Evidence(item, connections.findings, connections, *place), self._by_name)

    def _unreadable(self, message: str, *place: str | int) -> None:
        """Note a part that is left out."""
        self._connections.note(DiagnosticCode.UNREADABLE_PART, message, *place, severity=Severity.ERROR)


def plain_target(item: JsonValue, by_name: Mapping[str, str]) -> EndpointDraft | None:
    """Return the target of a connection that is as documented, and whose node is there; else None."""
    if not isinstance(item, dict) or len(item) != len(KNOWN):
        return None
    name, port, index = item.get("node"), item.get("type"), item.get("index")
    if type(name) is not str or type(port) is not str or type(index) is not int:
        return None
    key = by_name.get(name)
    return {"node": key, "exists": True, "port": port, "index": index} if key is not None else None


def odd_target(item: Evidence, by_name: Mapping[str, str]) -> EndpointDraft:
    """Return the target of any connection that names a node, by the careful way, which notes what is odd."""
    name = item.fields["node"]
    key = by_name.get(name)
    target: EndpointDraft = {"node": name if key is None else key, "exists": key is not None}
    if (port := item.text("type", required=True)) is not None:
        target["port"] = port
    if (index := item.integer("index", required=True)) is not None:
        target["index"] = index
    return target


def _extensions(item: JsonObject) -> dict[str, JsonObject]:
    rest = {name: value for name, value in item.items() if name not in KNOWN}
    return {VENDOR_NAME: rest} if rest else {}


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
