"""Reading links: `dependencies` of nodes, upgraded to conditional edges by the entries of `edges`.

Data flows along dependencies, which name nodes or inputs. An entry of `edges` puts a condition on a link that
the target also has among its dependencies; a link without a condition has no entry.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple, TypeGuard

from adapters.evidence import Evidence
from adapters.promptlayer.conditions import MATCH, RULES, plain_condition, read_condition
from adapters.promptlayer.configuration import INNER, LOOP_NAMES, names_in, names_only
from adapters.promptlayer.node_types import LOOPS, ROLES
from adapters.promptlayer.nodes import CONFIGURATION, DEPENDENCIES, VENDOR, NodeEntry
from schemas.base import JsonObject, JsonValue
from schemas.diagnostics import DiagnosticCode, Severity
from schemas.drafts import ConditionDraft, EdgeDraft, EndpointDraft
from schemas.graph import EdgeKind

EDGES: Final = "edges"
SOURCE: Final = "source_node_name"
TARGET: Final = "target_node_name"
GIVEN_BY_VENDOR: Final = frozenset({"id"})
KNOWN_FIELDS: Final = frozenset({*GIVEN_BY_VENDOR, SOURCE, TARGET, MATCH, RULES})

# Looking up a member of an enumeration costs as much as half an edge, and these are wanted for every one.
DEPENDENCY: Final = EdgeKind.DEPENDENCY
DATA: Final = EdgeKind.DATA
CONDITIONAL: Final = EdgeKind.CONDITIONAL

Pair = tuple[str, str]
"""Source and target, by name."""


class PlacedEdge(NamedTuple):
    """A canonical edge, and the index of its entry in the native `edges`."""

    edge: EdgeDraft
    place: int


@dataclass(slots=True)
class Links:
    """Reads the links of one document.

    Attributes:
        nodes: the end of an edge for every name that leads to a node.
        inputs: names of the workflow's inputs.
        conditional: entries of `edges` with their index, until a dependency takes them up.
        edges: what was read so far.
        places: by the place among those, the index in the native `edges` of one that has an entry there.
        known: names of nodes and inputs.
    """

    nodes: Mapping[str, EndpointDraft]
    inputs: frozenset[str]
    conditional: dict[Pair, list[PlacedEdge]] = field(default_factory=dict)
    edges: list[EdgeDraft] = field(default_factory=list)
    places: dict[int, int] = field(default_factory=dict)
    known: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        """Put together what dependencies may name."""
        self.known = self.inputs.union(self.nodes)

    def read_conditional(self, document: Evidence) -> None:
        """Read the entries of `edges`."""
        for place, fields in document.bare_objects(EDGES, required=True):
            edge = self.plain_edge(fields) or self.odd_edge(document.item(EDGES, place))
            if edge is not None:
                pair = edge["source"]["node"], edge["target"]["node"]
                self.conditional.setdefault(pair, []).append(PlacedEdge(edge, place))

    def plain_edge(self, fields: JsonObject) -> EdgeDraft | None:
        """Return an entry of `edges` in which all is as documented, as in most; None for any other."""
        source, target, identifier = fields.get(SOURCE), fields.get(TARGET), fields.get("id")
        if not isinstance(source, str) or not isinstance(target, str) or not isinstance(identifier, str):
            return None
        if source not in self.nodes or target not in self.nodes:
            return None
        condition = plain_condition(fields, self.known)
        if condition is None:
            return None
        return self._conditional(fields, (source, target), identifier, condition)

    def odd_edge(self, entry: Evidence) -> EdgeDraft | None:
        """Return any entry, and note what is odd about it; None for one that does not say what it links."""
        source = entry.text(SOURCE, required=True)
        target = entry.text(TARGET, required=True)
        if source is None or target is None:
            message = "the edge does not say which nodes it links"
            entry.note(DiagnosticCode.UNREADABLE_PART, message, severity=Severity.ERROR)
            return None
        identifier = entry.identifier("id", required=True)
        condition = read_condition(entry, self.known)
        edge = self._conditional(entry.fields, (source, target), identifier, condition)
        _note_dangling(entry, edge)
        return edge

    def _conditional(
        self, fields: JsonObject, pair: Pair, identifier: str | None, condition: ConditionDraft
    ) -> EdgeDraft:
        source, target = pair
        edge: EdgeDraft = {
            "kind": CONDITIONAL,
            "source": self._endpoint(source),
            "target": self._endpoint(target),
            "condition": condition,
            "derived": False,
            "extensions": {} if KNOWN_FIELDS.issuperset(fields) else _extensions(fields),
        }
        if identifier is not None:
            edge["id"] = identifier
        return edge

    def read_dependencies(self, entry: NodeEntry) -> list[str]:
        """Read the links that lead to a node, and return the names of the inputs that it needs."""
        key, nodes, inputs = entry.key, self.nodes, self.inputs
        named = key == entry.name
        target: EndpointDraft = nodes[key] if named else {"node": key, "exists": True}
        names = entry.fields.get(DEPENDENCIES)
        if not self.are_plain(names):
            names = self.odd_names(entry.evidence)
        inputs_needed, edges = [], self.edges
        for name in names:
            source = nodes.get(name)
            if source is None and name in inputs:
                inputs_needed.append(name)
            upgraded = self.conditional.pop((name, key), None) if named and self.conditional else None
            if upgraded is not None:
                self._add(upgraded)
            elif source is not None or name not in inputs:
                edges.append(_link(DEPENDENCY, source or self._endpoint(name), target))
        for name in self._undeclared(entry, names):
            edges.append(_link(DATA, nodes[name], target))
        return inputs_needed

    def read_rest(self, document: Evidence) -> None:
        """Read the conditional edges that no dependency took up; those between nodes are noted."""
        left = [link for links in self.conditional.values() for link in links]
        left.sort(key=lambda link: link.place)
        for edge, place in left:
            if edge["source"]["exists"] and edge["target"]["exists"]:
                message = "the target does not have the source among its dependencies"
                document.note(DiagnosticCode.CONTRADICTION, message, EDGES, place)
        self._add(left)

    def _add(self, links: list[PlacedEdge]) -> None:
        for edge, place in links:
            self.places[len(self.edges)] = place
            self.edges.append(edge)

    def are_plain(self, names: JsonValue) -> TypeGuard[list[str]]:
        """Say whether dependencies are a list of known names, each there once."""
        try:
            known = isinstance(names, list) and self.known.issuperset(names)
        except TypeError:  # what cannot be looked up is no name
            return False
        return known and (len(names) < 2 or len(frozenset(names)) == len(names))

    def odd_names(self, node: Evidence) -> list[str]:
        """Return any dependencies, and note what is odd about them."""
        names: dict[str, None] = {}
        for index, name in enumerate(node.array(DEPENDENCIES, required=True)):
            if not isinstance(name, str):
                message = "a dependency is not a text; left out"
                node.note(DiagnosticCode.WRONG_TYPE, message, DEPENDENCIES, index)
            elif name in names:
                message = f"{name!r:.80} is a dependency more than once; read as one"
                info = Severity.INFO
                node.note(DiagnosticCode.CONTRADICTION, message, DEPENDENCIES, index, severity=info)
            else:
                names[name] = None
                if name not in self.nodes and name not in self.inputs:
                    message = f"no node or input is named {name!r:.80}"
                    node.note(DiagnosticCode.DANGLING_REFERENCE, message, DEPENDENCIES, index)
        return list(names)

    def _undeclared(self, entry: NodeEntry, declared: list[str]) -> Sequence[str]:
        """Return the nodes that a configuration names although they are no dependency."""
        configuration, node_type = entry.fields.get(CONFIGURATION), entry.fields.get("node_type")
        if not isinstance(node_type, str) or node_type not in ROLES or not isinstance(configuration, dict):
            return ()
        if names_only(configuration, [*declared, *LOOP_NAMES] if node_type in LOOPS else declared):
            return ()
        found: dict[str, None] = {}
        said = frozenset(declared)
        for way, name in names_in(configuration):
            if name in said or name in self.inputs or name in LOOP_NAMES:
                continue
            if name in self.nodes:
                message = f"the configuration names {name!r:.80}, which is not among the dependencies"
                entry.evidence.note(DiagnosticCode.CONTRADICTION, message, CONFIGURATION, *way)
                if (name, entry.key) not in self.conditional:
                    found[name] = None
            elif way[0] not in INNER:
                message = f"no node or input is named {name!r:.80}"
                info = Severity.INFO
                code = DiagnosticCode.DANGLING_REFERENCE
                entry.evidence.note(code, message, CONFIGURATION, *way, severity=info)
        return tuple(found)

    def _endpoint(self, name: str) -> EndpointDraft:
        return self.nodes.get(name) or {"node": name, "exists": False}


def _link(kind: EdgeKind, source: EndpointDraft, target: EndpointDraft) -> EdgeDraft:
    return {"kind": kind, "source": source, "target": target, "derived": kind is DATA, "extensions": {}}


def _extensions(fields: JsonObject) -> dict[str, JsonObject]:
    return {VENDOR: {name: value for name, value in fields.items() if name not in KNOWN_FIELDS}}


def _note_dangling(fields: Evidence, edge: EdgeDraft) -> None:
    for endpoint, name in ((edge["source"], SOURCE), (edge["target"], TARGET)):
        if not endpoint["exists"]:
            message = f"no node is named {endpoint['node']!r:.80}"
            fields.note(DiagnosticCode.DANGLING_EDGE, message, name)
