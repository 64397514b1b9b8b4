"""A native `definition` as a canonical graph, whichever flow version it is of."""

from dataclasses import dataclass
from typing import Final

from adapters.evidence import Evidence, Findings
from adapters.noxus.edges import Known, is_pointed, known, plain_edge, read_edge
from adapters.noxus.entries import NODES, read_entries
from adapters.noxus.nodes import read_nodes
from adapters.noxus.references import read_references
from schemas.base import JsonObject
from schemas.diagnostics import DiagnosticCode, Severity
from schemas.drafts import EdgeDraft, GraphDraft
from schemas.graph import GraphForm

V1: Final = "v1"
V2: Final = "v2"
FORMAT_PREFIX: Final = "noxus-"
FLOW_VERSION: Final = "flow_version"
EDGES: Final = "edges"
KNOWN: Final = frozenset({FLOW_VERSION, NODES, EDGES})


@dataclass(frozen=True, slots=True)
class Reading:
    """A graph and where its parts lie.

    Attributes:
        graph: the canonical graph, as a draft.
        flow_version: `v1`, `v2` or the vendor's word for something later; `v1` when it does not say.
        node_places: for each canonical node its index in the native list.
        edge_places: for each canonical edge that is not derived its index in the native list.
        rest: what the definition holds beyond nodes, edges and flow version; empty when it is opaque.
    """

    graph: GraphDraft
    flow_version: str
    node_places: tuple[int, ...] = ()
    edge_places: tuple[int, ...] = ()
    rest: JsonObject | None = None


def read_graph(record: Evidence, version: Evidence | None = None) -> Reading:
    """Return the graph of a workflow record, or of one of its versions."""
    holder = version or record
    definition = holder.object("definition", required=True)
    flow_version = _flow_version(record, definition)
    if definition is None:
        opaque = holder.has("definition")
        return Reading(_bare(GraphForm.OPAQUE if opaque else GraphForm.EMPTY), flow_version)
    fields = definition.fields
    rest = {name: value for name, value in fields.items() if name not in KNOWN}
    if isinstance(fields.get(NODES), list) or isinstance(fields.get(EDGES), list):
        return _read(definition, flow_version, rest)
    return _without_graph(definition, flow_version, opaque=bool(rest) or _has_content(fields))


def reading_of(document: JsonObject) -> Reading:
    """Return the graph of a bare workflow record, without its diagnostics."""
    return read_graph(Evidence(document, Findings()))


def _read(definition: Evidence, flow_version: str, rest: JsonObject) -> Reading:
    entries = read_entries(definition)
    nodes = read_nodes(entries)
    places, edges = _read_edges(definition, known(nodes, entries.keys), flow_version)
    if flow_version != V1:
        edges.extend(read_references(entries))
    empty = not definition.fields.get(NODES) and not definition.fields.get(EDGES)
    graph: GraphDraft = {
        "form": GraphForm.EMPTY if empty else GraphForm.GRAPH,
        "format": FORMAT_PREFIX + flow_version,
        "nodes": nodes,
        "edges": edges,
    }
    return Reading(graph, flow_version, tuple([entry.place for entry in entries.all]), tuple(places), rest)


def _read_edges(definition: Evidence, nodes: Known, flow_version: str) -> tuple[list[int], list[EdgeDraft]]:
    """Return the readable edges, and where in the vendor's list each is."""
    places: list[int] = []
    edges: list[EdgeDraft] = []
    for index, native in definition.bare_objects(EDGES, required=True):
        edge = plain_edge(native, nodes) or read_edge(definition.item(EDGES, index), nodes)
        if edge is not None:
            places.append(index)
            edges.append(edge)
            if is_pointed(native) != (flow_version == V1):
                _note_form(definition.item(EDGES, index), flow_version)
    return places, edges


def _bare(form: GraphForm) -> GraphDraft:
    return {"form": form, "nodes": (), "edges": ()}


def _without_graph(definition: Evidence, flow_version: str, *, opaque: bool) -> Reading:
    if opaque:
        message = "the definition has neither nodes nor edges that can be read; see the native document"
        definition.note(DiagnosticCode.OPAQUE_DEFINITION, message)
        return Reading(_bare(GraphForm.OPAQUE), flow_version)
    definition.note(DiagnosticCode.EMPTY_DEFINITION, "the definition has no nodes and no edges")
    return Reading(_bare(GraphForm.EMPTY), flow_version)


def _has_content(fields: JsonObject) -> bool:
    return fields.get(NODES) is not None or fields.get(EDGES) is not None


def _flow_version(record: Evidence, definition: Evidence | None) -> str:
    """Return the flow version: the definition's own word, else the record's, else v1."""
    inner = None if definition is None else definition.text(FLOW_VERSION)
    outer = record.text(FLOW_VERSION)
    if definition is not None and inner and outer and inner != outer:
        message = f"the definition is {inner}, but the workflow says {outer}; the definition is followed"
        definition.note(DiagnosticCode.CONTRADICTION, message, FLOW_VERSION)
    found = inner or outer or V1
    if found not in (V1, V2):
        holder = definition if definition is not None and inner else record
        message = f"flow version {found!r} is not known; read by what it looks like"
        holder.note(DiagnosticCode.UNKNOWN_VALUE, message, FLOW_VERSION)
    return found


def _note_form(edge: Evidence, flow_version: str) -> None:
    if flow_version in (V1, V2):
        message = f"the edge does not have the form of flow version {flow_version}; read as it is"
        edge.note(DiagnosticCode.CONTRADICTION, message, severity=Severity.INFO)
