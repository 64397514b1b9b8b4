"""Reading the graph: nodes, the links between them, and which nodes give outputs."""

from dataclasses import dataclass
from typing import Final

from adapters.evidence import Evidence
from adapters.promptlayer.edges import Links, PlacedEdge
from adapters.promptlayer.nodes import NODES, read_entries, read_ids, read_node, read_outputs
from adapters.promptlayer.variables import INPUTS
from schemas.diagnostics import DiagnosticCode, Severity
from schemas.graph import Graph, GraphForm
from schemas.workflow import Variable

FORMAT: Final = "promptlayer"


@dataclass(frozen=True, slots=True)
class GraphRead:
    """A graph with where its parts stand in the native document.

    Attributes:
        graph: nodes in the vendor's order; the edges that lead to each, in the order of its dependencies, then
            the conditional edges that are in nobody's dependencies.
        outputs: what the output nodes give.
        node_places: per node its index in the native nodes.
        edge_places: per edge its index in the native edges, -1 where it has no entry there.
    """

    graph: Graph
    outputs: tuple[Variable, ...]
    node_places: tuple[int, ...]
    edge_places: tuple[int, ...]


def read_graph(document: Evidence, inputs: tuple[Variable, ...], version_id: str | None) -> GraphRead:
    """Return the graph of a workflow document.

    Args:
        document: the workflow document.
        inputs: the workflow's inputs, which dependencies may name too.
        version_id: the id of the document's version.
    """
    entries = read_entries(document)
    addressable = frozenset(entry.key for entry in entries if entry.key == entry.name)
    links = Links(addressable, frozenset(variable.name for variable in inputs))
    _note_shared_names(document, links)
    links.read_conditional(document)
    nodes, edges = [], list[PlacedEdge]()
    for entry, node_id in zip(entries, read_ids(entries, version_id), strict=True):
        leading_here, inputs_needed = links.read_dependencies(entry)
        edges.extend(leading_here)
        nodes.append(read_node(entry, node_id, inputs_needed))
    edges.extend(links.rest(document))
    form = _form(document, found=bool(nodes))
    graph = Graph(
        form=form,
        format=FORMAT if form is GraphForm.GRAPH else None,
        nodes=tuple(nodes),
        edges=tuple(placed.edge for placed in edges),
    )
    return GraphRead(
        graph=graph,
        outputs=tuple(read_outputs(entries, nodes)),
        node_places=tuple(entry.place for entry in entries),
        edge_places=tuple(placed.place for placed in edges),
    )


def _form(document: Evidence, *, found: bool) -> GraphForm:
    if found:
        return GraphForm.GRAPH
    if document.fields.get(NODES):
        message = "nodes holds nothing that can be read as a node"
        document.note(DiagnosticCode.OPAQUE_DEFINITION, message, NODES, severity=Severity.ERROR)
        return GraphForm.OPAQUE
    document.note(DiagnosticCode.EMPTY_DEFINITION, "there are no nodes", NODES)
    return GraphForm.EMPTY


def _note_shared_names(document: Evidence, links: Links) -> None:
    for name in sorted(links.nodes & links.inputs):
        message = f"a node and an input are both named {name!r:.80}; dependencies are read as the node"
        document.note(DiagnosticCode.CONTRADICTION, message, INPUTS, name)
