"""Reading the graph: nodes, the links between them, and which nodes give outputs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from adapters.evidence import Evidence
from adapters.promptlayer.edges import Links
from adapters.promptlayer.nodes import NODES, read_entries, read_ids, read_node, read_outputs
from adapters.promptlayer.variables import INPUTS
from schemas.diagnostics import DiagnosticCode, Severity
from schemas.drafts import EndpointDraft, GraphDraft, VariableDraft
from schemas.graph import GraphForm

FORMAT: Final = "promptlayer"


@dataclass(frozen=True, slots=True)
class GraphRead:
    """A graph with where its parts stand in the native document.

    Attributes:
        graph: nodes in the vendor's order; the edges that lead to each, in the order of its dependencies, then
            the conditional edges that are in nobody's dependencies.
        outputs: what the output nodes give.
        node_places: per node its index in the native nodes.
        edge_places: by the index of an edge that has an entry in the native edges, the index there.
    """

    graph: GraphDraft
    outputs: Sequence[VariableDraft]
    node_places: Sequence[int]
    edge_places: Mapping[int, int]


def read_graph(document: Evidence, inputs: Sequence[VariableDraft], version_id: str | None) -> GraphRead:
    """Return the graph of a workflow document.

    Args:
        document: the workflow document.
        inputs: the workflow's inputs, which dependencies may name too.
        version_id: the id of the document's version.
    """
    entries = read_entries(document)
    ends: dict[str, EndpointDraft] = {
        entry.key: {"node": entry.key, "exists": True} for entry in entries if entry.key == entry.name
    }
    links = Links(ends, frozenset([variable["name"] for variable in inputs]))
    _note_shared_names(document, links)
    links.read_conditional(document)
    nodes = [
        read_node(entry, node_id, links.read_dependencies(entry))
        for entry, node_id in zip(entries, read_ids(entries, version_id), strict=True)
    ]
    links.read_rest(document)
    form = _form(document, found=bool(nodes))
    graph: GraphDraft = {"form": form, "nodes": nodes, "edges": links.edges}
    if form is GraphForm.GRAPH:
        graph["format"] = FORMAT
    return GraphRead(
        graph=graph,
        outputs=read_outputs(entries, nodes),
        node_places=[entry.place for entry in entries],
        edge_places=links.places,
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
    for name in sorted(links.inputs.intersection(links.nodes)):
        message = f"a node and an input are both named {name!r:.80}; dependencies are read as the node"
        document.note(DiagnosticCode.CONTRADICTION, message, INPUTS, name)
