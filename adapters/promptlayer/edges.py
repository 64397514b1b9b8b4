"""Reading links: `dependencies` of nodes, upgraded to conditional edges by the entries of `edges`.

Data flows along dependencies, which name nodes or inputs. An entry of `edges` puts a condition on a link that
the target also has among its dependencies; a link without a condition has no entry.
"""

from dataclasses import dataclass, field
from typing import Final

from adapters.evidence import Evidence
from adapters.promptlayer.conditions import MATCH, RULES, read_condition
from adapters.promptlayer.configuration import INNER, LOOP_NAMES, names_in
from adapters.promptlayer.node_types import ROLES
from adapters.promptlayer.nodes import CONFIGURATION, DEPENDENCIES, VENDOR, NodeEntry
from schemas.diagnostics import DiagnosticCode, Severity
from schemas.graph import Edge, EdgeKind, Endpoint

EDGES: Final = "edges"
SOURCE: Final = "source_node_name"
TARGET: Final = "target_node_name"
NO_PLACE: Final = -1
KNOWN_FIELDS: Final = ("id", SOURCE, TARGET, MATCH, RULES)

Pair = tuple[str, str]
"""Source and target, by name."""


@dataclass(frozen=True, slots=True)
class PlacedEdge:
    """A canonical edge, and its index in the native `edges`; -1 where it has no entry there."""

    edge: Edge
    place: int = NO_PLACE


@dataclass(slots=True)
class Links:
    """Reads the links of one document.

    Attributes:
        nodes: names that lead to a node.
        inputs: names of the workflow's inputs.
        conditional: entries of `edges` with their index, until a dependency takes them up.
        endpoints: an end of an edge by name, made once.
    """

    nodes: frozenset[str]
    inputs: frozenset[str]
    conditional: dict[Pair, list[PlacedEdge]] = field(default_factory=dict)
    endpoints: dict[str, Endpoint] = field(default_factory=dict)

    def read_conditional(self, document: Evidence) -> None:
        """Read the entries of `edges`."""
        known = self.nodes | self.inputs
        for place, fields in document.objects(EDGES, required=True):
            source = fields.text(SOURCE, required=True)
            target = fields.text(TARGET, required=True)
            if source is None or target is None:
                message = "the edge does not say which nodes it links"
                fields.note(DiagnosticCode.UNREADABLE_PART, message, severity=Severity.ERROR)
                continue
            rest = fields.rest(*KNOWN_FIELDS)
            edge = Edge(
                kind=EdgeKind.CONDITIONAL,
                id=fields.identifier("id", required=True),
                source=self._endpoint(source),
                target=self._endpoint(target),
                condition=read_condition(fields, known),
                extensions={VENDOR: rest} if rest else {},
            )
            _note_dangling(fields, edge)
            self.conditional.setdefault((source, target), []).append(PlacedEdge(edge, place))

    def read_dependencies(self, entry: NodeEntry) -> tuple[list[PlacedEdge], list[str]]:
        """Return the links that lead to a node, and the names of the inputs that it needs."""
        target = self._endpoint(entry.key) if entry.key == entry.name else Endpoint(node=entry.key)
        names = self._names(entry)
        inputs_needed = [name for name in names if name in self.inputs and name not in self.nodes]
        links: list[PlacedEdge] = []
        for name in names:
            upgraded = self.conditional.pop((name, entry.key), None) if entry.key == entry.name else None
            if upgraded is not None:
                links.extend(upgraded)
            elif name in self.nodes or name not in self.inputs:
                edge = Edge(kind=EdgeKind.DEPENDENCY, source=self._endpoint(name), target=target)
                links.append(PlacedEdge(edge))
        for name in self._undeclared(entry, names):
            edge = Edge(kind=EdgeKind.DATA, source=self._endpoint(name), target=target, derived=True)
            links.append(PlacedEdge(edge))
        return links, inputs_needed

    def rest(self, document: Evidence) -> list[PlacedEdge]:
        """Return the conditional edges that no dependency took up; those between nodes are noted."""
        left = [link for links in self.conditional.values() for link in links]
        left.sort(key=lambda link: link.place)
        for link in left:
            if link.edge.source.exists and link.edge.target.exists:
                message = "the target does not have the source among its dependencies"
                document.note(DiagnosticCode.CONTRADICTION, message, EDGES, link.place)
        return left

    def _names(self, entry: NodeEntry) -> list[str]:
        """Return the dependencies once each; other items are left out and noted."""
        names: dict[str, None] = {}
        for index, name in enumerate(entry.fields.array(DEPENDENCIES, required=True)):
            if not isinstance(name, str):
                message = "a dependency is not a text; left out"
                entry.fields.note(DiagnosticCode.WRONG_TYPE, message, DEPENDENCIES, index)
            elif name in names:
                message = f"{name!r:.80} is a dependency more than once; read as one"
                info = Severity.INFO
                entry.fields.note(DiagnosticCode.CONTRADICTION, message, DEPENDENCIES, index, severity=info)
            else:
                names[name] = None
                if name not in self.nodes and name not in self.inputs:
                    message = f"no node or input is named {name!r:.80}"
                    entry.fields.note(DiagnosticCode.DANGLING_REFERENCE, message, DEPENDENCIES, index)
        return list(names)

    def _undeclared(self, entry: NodeEntry, declared: list[str]) -> list[str]:
        """Return the nodes that a configuration names although they are no dependency."""
        configuration, node_type = (entry.fields.fields.get(name) for name in (CONFIGURATION, "node_type"))
        if not isinstance(configuration, dict) or not isinstance(node_type, str) or node_type not in ROLES:
            return []
        found: dict[str, None] = {}
        said = self.inputs.union(declared, LOOP_NAMES)
        for way, name in names_in(configuration):
            if name in said:
                continue
            if name in self.nodes:
                message = f"the configuration names {name!r:.80}, which is not among the dependencies"
                entry.fields.note(DiagnosticCode.CONTRADICTION, message, CONFIGURATION, *way)
                if (name, entry.key) not in self.conditional:
                    found[name] = None
            elif way[0] not in INNER:
                message = f"no node or input is named {name!r:.80}"
                info = Severity.INFO
                code = DiagnosticCode.DANGLING_REFERENCE
                entry.fields.note(code, message, CONFIGURATION, *way, severity=info)
        return list(found)

    def _endpoint(self, name: str) -> Endpoint:
        endpoint = self.endpoints.get(name)
        if endpoint is None:
            endpoint = self.endpoints[name] = Endpoint(node=name, exists=name in self.nodes)
        return endpoint


def _note_dangling(fields: Evidence, edge: Edge) -> None:
    for endpoint, name in ((edge.source, SOURCE), (edge.target, TARGET)):
        if not endpoint.exists:
            message = f"no node is named {endpoint.node!r:.80}"
            fields.note(DiagnosticCode.DANGLING_EDGE, message, name)
