"""A workflow's graph, by the places of a description."""

from dataclasses import dataclass

from adapters.evidence import Evidence
from adapters.generic.description import Description, GraphPlaces
from adapters.generic.edges import STYLES, Source, edge_tree
from adapters.generic.keys import read_entries
from adapters.generic.nodes import node_tree, read_node
from adapters.generic.reading import Reader, Tree
from schemas.base import JsonObject
from schemas.diagnostics import DiagnosticCode
from schemas.drafts import GraphDraft
from schemas.graph import GraphForm
from schemas.json_codec import InvalidJsonError, loads


@dataclass(frozen=True, slots=True)
class GraphReading:
    """What a description says of graphs, made ready once."""

    places: GraphPlaces
    vendor: str
    nodes: Tree
    edges: Tree
    ignored: frozenset[str]
    """What the object that holds nodes and edges may hold without having content."""


def graph_reading(description: Description, vendor: str) -> GraphReading:
    """Return the reading of a description's graphs."""
    places = description.graph
    wires = (places.edges.at,) if places.edges.style == "wires" else ()
    at = places.at.names or ()
    ignored = frozenset(
        place.names[len(at)]
        for place in description.workflow.left_out
        if place.names is not None and len(place.names) > len(at) and place.names[: len(at)] == at
    )
    return GraphReading(places, vendor, node_tree(places.node, *wires), edge_tree(places.edges), ignored)


def holder_of(record: Reader, places: GraphPlaces) -> tuple[Evidence | None, bool]:
    """Return the object that holds nodes and edges, or None; and whether there was something that is no such object."""
    if not places.at.names:
        return record.evidence, False
    holder, name = record.place(places.at)
    if not places.encoded:
        found = holder.object(name)
        return found, found is None and holder.has(name)
    text = holder.text(name)
    if text is None or not text.strip():
        return None, text is None and holder.has(name)
    try:
        decoded = loads(text.encode("utf-8", "surrogatepass"))
    except InvalidJsonError:
        decoded = None
    if isinstance(decoded, dict):
        return Evidence(decoded, holder.findings, holder, name), False
    holder.note(DiagnosticCode.WRONG_TYPE, f"{name} does not hold a JSON object in a text", name)
    return None, True


def read_graph(record: Reader, reading: GraphReading) -> tuple[GraphDraft, JsonObject]:
    """Return the graph's draft, and the object that holds it when that was JSON in a text."""
    places = reading.places
    graph, opaque = holder_of(record, places)
    decoded = graph.fields if graph is not None and places.encoded else {}
    nodes = None if graph is None else places.nodes.find(graph.fields)
    edges = None if graph is None or places.edges.style == "wires" else places.edges.at.find(graph.fields)
    if graph is None or (not isinstance(nodes, list) and not isinstance(edges, list | dict)):
        return _without(record, graph, reading, opaque=opaque), decoded
    holder, name = Reader(graph).place(places.nodes)
    entries = read_entries(list(holder.objects(name, required=True)), places)
    source = Source(graph, entries, places.edges, reading.edges, reading.vendor)
    draft: GraphDraft = {
        "form": GraphForm.GRAPH if nodes or edges else GraphForm.EMPTY,
        "nodes": [
            read_node(entry, places.node, reading.nodes, entries.containers.get(entry.key), reading.vendor)
            for entry in entries.all
        ],
        "edges": list(STYLES[places.edges.style](source)),
    }
    shape = _format(record, places)
    return ({**draft, "format": shape} if shape else draft), decoded


def _without(record: Reader, graph: Evidence | None, reading: GraphReading, *, opaque: bool) -> GraphDraft:
    """Return the graph of a workflow that has neither nodes nor edges that can be read."""
    holder = record.evidence if graph is None else graph
    whole = not reading.places.at.names
    fields = {} if graph is None or whole else graph.fields
    told = any(value is not None for name, value in fields.items() if name not in reading.ignored)
    if opaque or told:
        holder.note(DiagnosticCode.OPAQUE_DEFINITION, "there are neither nodes nor edges that can be read")
        return {"form": GraphForm.OPAQUE, "nodes": (), "edges": ()}
    holder.note(DiagnosticCode.EMPTY_DEFINITION, "the workflow has no nodes and no edges")
    return {"form": GraphForm.EMPTY, "nodes": (), "edges": ()}


def _format(record: Reader, places: GraphPlaces) -> str | None:
    found = record.value(places.format_at)
    return found if isinstance(found, str) and found else places.format
