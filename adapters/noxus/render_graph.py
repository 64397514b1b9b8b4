"""Writes a canonical graph over a native definition, in the flow version that the definition has."""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from adapters.noxus.graph import FLOW_VERSION, FORMAT_PREFIX, V1, V2, reading_of
from adapters.noxus.graph_losses import edge_losses, node_losses
from adapters.noxus.render_edges import match_edges, new_edge, update_edge
from adapters.noxus.render_nodes import adopted, new_node, update_node
from adapters.noxus.rewriting import Kept, owned, rewritten
from adapters.rendering import lost
from schemas.base import JsonObject, JsonValue
from schemas.diagnostics import Loss, Severity
from schemas.graph import Graph, GraphForm

VERSIONS: Final[Mapping[str, str]] = MappingProxyType(
    {FORMAT_PREFIX + version: version for version in (V1, V2)}
)


def write_graph(document: JsonObject, wanted: Graph, *, foreign: bool) -> Iterable[Loss]:
    """Write the nodes and edges that differ; what cannot be read back as it was wanted is a loss."""
    reading = reading_of(document)
    before = Graph.model_validate(reading.graph)
    definition = owned(document, "definition")
    scheduled = _prepare(definition, before, reading.flow_version, wanted) != V1
    _write_nodes(definition, (before, reading.node_places), wanted, scheduled=scheduled, foreign=foreign)
    _write_edges(definition, (before, reading.edge_places), wanted, scheduled=scheduled)
    after = Graph.model_validate(reading_of(document).graph)
    yield from _format_losses(before, wanted, after)
    yield from node_losses(before, wanted, after, foreign=foreign)
    yield from edge_losses(before, wanted, after)


def _prepare(definition: JsonObject, before: Graph, flow_version: str, wanted: Graph) -> str:
    """Return the flow version to write in; a definition without a graph is made ready for the wanted one."""
    if before.form is GraphForm.GRAPH:
        return flow_version
    version = VERSIONS.get(wanted.format or "", flow_version)
    missing = [name for name in ("nodes", "edges") if not isinstance(definition.get(name), list)]
    if missing or version != flow_version:
        definition[FLOW_VERSION] = version
    definition.update({name: [] for name in missing})
    return version


def _write_nodes(
    definition: JsonObject,
    before: tuple[Graph, Sequence[int]],
    wanted: Graph,
    *,
    scheduled: bool,
    foreign: bool,
) -> None:
    graph, places = before
    natives = _list(definition, "nodes")
    old = {node.key: (place, node) for place, node in zip(places, graph.nodes, strict=True)}
    kept: list[tuple[int | None, JsonValue]] = []
    for node in wanted.nodes:
        if node.key in old:
            place, known = old[node.key]
            kept.append((place, update_node(natives[place], known, node, scheduled=scheduled)))
        else:
            kept.append((None, new_node(adopted(node) if foreign else node, scheduled=scheduled)))
    _put(definition, "nodes", places, kept)


def _write_edges(
    definition: JsonObject, before: tuple[Graph, Sequence[int]], wanted: Graph, *, scheduled: bool
) -> None:
    graph, places = before
    natives = _list(definition, "edges")
    old = [edge for edge in graph.edges if not edge.derived]
    new = [edge for edge in wanted.edges if not edge.derived]
    kept: list[tuple[int | None, JsonValue]] = []
    for number, (edge, match) in enumerate(zip(new, match_edges(old, new), strict=True)):
        if match is None:
            kept.append((None, new_edge(edge, number, scheduled=scheduled)))
        else:
            place = places[match]
            kept.append((place, update_edge(natives[place], old[match], edge)))
    _put(definition, "edges", places, kept)


def _list(definition: JsonObject, name: str) -> list[JsonValue]:
    value = definition.get(name)
    return value if isinstance(value, list) else []


def _put(definition: JsonObject, name: str, places: Sequence[int], kept: Kept) -> None:
    """Put the new list in its place, unless it says the same as what is there, even if that is null."""
    natives = _list(definition, name)
    items = rewritten(natives, frozenset(places), kept)
    if len(items) != len(natives) or any(item is not old for item, old in zip(items, natives, strict=True)):
        definition[name] = items


def _format_losses(before: Graph, wanted: Graph, after: Graph) -> Iterable[Loss]:
    if wanted.form is GraphForm.OPAQUE and after.form is not GraphForm.OPAQUE:
        yield lost("/graph", "a definition that could not be read cannot be written", Severity.ERROR)
    if wanted.format is not None and wanted.format not in (before.format, after.format):
        severity = Severity.WARNING if wanted.format in VERSIONS else Severity.INFO
        yield lost("/graph/format", "a definition is written in the flow version that it has", severity)
