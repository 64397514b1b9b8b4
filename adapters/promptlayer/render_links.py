"""Writing links: `dependencies` of the nodes, and the entries of `edges` for the conditional ones."""

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from adapters.evidence import pointer
from adapters.promptlayer.conditions import sayable, write_condition
from adapters.promptlayer.configuration import names_in
from adapters.promptlayer.edges import EDGES, KNOWN_FIELDS, SOURCE, TARGET
from adapters.promptlayer.extensions import write_extensions, written_elsewhere
from adapters.promptlayer.reading import Reading
from adapters.promptlayer.render_dependencies import (
    Wanted,
    inputs_needed,
    sources_before,
    write_dependencies,
)
from adapters.promptlayer.render_names import Names
from adapters.rendering import Writer, lost, same, write_changes
from schemas.base import JsonObject, JsonValue
from schemas.diagnostics import Loss, Severity
from schemas.graph import Condition, Edge, EdgeKind, Endpoint
from schemas.workflow import Workflow

NO_PLACE: Final = -1
"""In place of an index, for an edge that has no entry in the native `edges`."""

NOT_CARRIED: Final = frozenset({EdgeKind.ERROR, EdgeKind.ATTACHMENT})
"""Kinds of edges that would mean something else as a dependency."""

WRITTEN_ELSEWHERE: Final = ("kind", "derived", "condition", "extensions")
"""Fields of an edge that are written one by one."""


def match_edges(before: tuple[Edge, ...], after: tuple[Edge, ...]) -> dict[int, int]:
    """Return for edges to be, by index, the edge they were: the one of the same id, else of the same ends."""
    ids = {edge.id: index for index, edge in reversed(list(enumerate(before))) if edge.id is not None}
    matches: dict[int, int] = {}
    free = set(range(len(before)))
    for index, edge in enumerate(after):
        was = ids.get(edge.id) if edge.id is not None else None
        if was in free and was is not None:
            matches[index] = was
            free.remove(was)
    by_ends: dict[tuple[str, str, bool], list[int]] = {}
    for was in sorted(free, reverse=True):
        by_ends.setdefault(_ends(before[was]), []).append(was)
    for index, edge in enumerate(after):
        if index not in matches and by_ends.get(_ends(edge)):
            matches[index] = by_ends[_ends(edge)].pop()
    return matches


def _ends(edge: Edge) -> tuple[str, str, bool]:
    return edge.source.node, edge.target.node, edge.derived


@dataclass(slots=True)
class LinkWriter:
    """Writes the links of one graph.

    Attributes:
        names: what nodes are called in the document.
        losses: what could not be carried.
        wanted: by key of the target, what leads to it.
        kept: entries of `edges` that stay, by their index.
        added: new entries.
    """

    names: Names
    losses: list[Loss]
    wanted: dict[str, Wanted] = field(default_factory=dict)
    kept: dict[int, JsonObject] = field(default_factory=dict)
    added: list[JsonObject] = field(default_factory=list)

    def write(self, edge: Edge, path: str, prior: Edge | None, native: JsonObject | None, place: int) -> None:
        """Write one edge: a dependency for every one, and an entry for one with a condition."""
        named = self.names.edge(edge)
        if named is None:
            self._lose(path, "PromptLayer links nodes by unique names, and one end has none")
            return
        if edge.kind in NOT_CARRIED:
            self._lose(f"{path}/kind", f"PromptLayer has nothing like an edge of kind {edge.kind}")
            return
        has_entry = self._has_entry(edge, native)
        ends = {SOURCE: named.source.node, TARGET: named.target.node}
        entry = ends if native is None else dict(native)
        self.losses.extend(_write_fields(entry, prior, named, path, has_entry=has_entry))
        if has_entry and native is not None:
            self.kept[place] = entry
        elif has_entry:
            self.added.append(entry)
        self._want(edge, named, path, has_entry=has_entry)

    def entries(self, there: list[JsonValue], read: Container[int]) -> list[JsonValue]:
        """Return the entries of `edges`: the old ones that stay, in their order, then the new ones."""
        old = [
            self.kept.get(place, entry)
            for place, entry in enumerate(there)
            if place in self.kept or place not in read
        ]
        return old + self.added

    def _has_entry(self, edge: Edge, native: JsonObject | None) -> bool:
        if edge.kind is not EdgeKind.CONDITIONAL or edge.target.node in self.names.nameless:
            return False
        return native is not None or sayable(edge.condition)

    def _want(self, edge: Edge, named: Edge, path: str, *, has_entry: bool) -> None:
        if named.target.exists:
            leading_there = self.wanted.setdefault(edge.target.node, Wanted())
            if not leading_there.add(named.source.node, conditional=has_entry):
                info = Severity.INFO
                self.losses.append(lost(path, "another link between the same nodes says it already", info))
        elif not has_entry:
            self._lose(path, "a dependency is written in its target, which is not there")

    def _lose(self, path: str, reason: str) -> None:
        self.losses.append(lost(path, reason, Severity.ERROR))


def write_links(
    document: JsonObject,
    before: Reading,
    after: Workflow,
    names: Names,
    natives: Mapping[str, JsonObject],
) -> list[Loss]:
    """Write dependencies into the native nodes and entries into `edges`; return what could not be carried."""
    was_edges, places = before.workflow.graph.edges, before.edge_places
    there = document.get(EDGES)
    entries = there if isinstance(there, list) else []
    links = LinkWriter(names, [])
    matches = match_edges(was_edges, after.graph.edges)
    for index, edge in enumerate(after.graph.edges):
        was = matches.get(index)
        prior, place = (None, NO_PLACE) if was is None else (was_edges[was], places.get(was, NO_PLACE))
        if prior != edge or not edge.derived:
            native = None if place == NO_PLACE else entries[place]
            links.write(edge, pointer("graph", "edges", index), prior, native, place)
    _write_dependencies(before.workflow, after, links, natives)
    written = links.entries(entries, frozenset(places.values()))
    if written or isinstance(there, list):
        document[EDGES] = written
    matched = frozenset(matches.values())
    gone = [edge for index, edge in enumerate(was_edges) if index not in matched]
    return [*links.losses, *_still_derived(gone, after, links), *_order_losses(matches)]


def _write_dependencies(
    before: Workflow, after: Workflow, links: LinkWriter, natives: Mapping[str, JsonObject]
) -> None:
    were = sources_before(before.graph.edges, links.names)
    priors = {node.key: node for node in before.graph.nodes}
    for node in after.graph.nodes:
        inputs = (inputs_needed(priors.get(node.key)), inputs_needed(node))
        wanted = links.wanted.get(node.key, Wanted())
        write_dependencies(natives[node.key], links.names, were.get(node.key, ()), wanted, inputs)


def _write_fields(
    entry: JsonObject, prior: Edge | None, edge: Edge, path: str, *, has_entry: bool
) -> Iterator[Loss]:
    """Write an edge's fields into its entry, as far as it has one."""
    was = prior or Edge(
        kind=edge.kind,
        source=Endpoint(node=edge.source.node),
        target=Endpoint(node=edge.target.node),
        id=edge.id,
        derived=edge.derived,
    )
    writers: Mapping[str, Writer] = {
        "source": _end_writer(SOURCE, f"{path}/source"),
        "target": _end_writer(TARGET, f"{path}/target"),
        **dict.fromkeys(WRITTEN_ELSEWHERE, written_elsewhere),
    }
    yield from write_changes(was, edge, entry, writers, path)
    if edge.kind not in (EdgeKind.DEPENDENCY, EdgeKind.CONDITIONAL):
        yield lost(f"{path}/kind", "written as a dependency", Severity.INFO)
    if has_entry:
        yield from write_extensions(entry, was.extensions, edge.extensions, KNOWN_FIELDS, path)
        if not same(was.condition, edge.condition):
            yield from write_condition(entry, edge.condition or Condition(), f"{path}/condition")
        return
    if edge.kind is EdgeKind.CONDITIONAL or edge.condition is not None:
        reason = "a condition needs a conditional edge and a rule; written as a dependency"
        yield lost(f"{path}/condition", reason, Severity.ERROR)
    if edge.extensions:
        yield lost(f"{path}/extensions", "a dependency is a name and nothing else")


def _end_writer(field_name: str, path: str) -> Writer:
    def write(entry: JsonObject, endpoint: Endpoint) -> Iterable[Loss]:
        entry[field_name] = endpoint.node
        if endpoint.port is not None or endpoint.index is not None or endpoint.key is not None:
            yield lost(path, "nodes of PromptLayer have no ports")

    return write


def _still_derived(gone: list[Edge], after: Workflow, links: LinkWriter) -> Iterator[Loss]:
    """Yield the derived edges that are to go although a configuration still says them."""
    nodes = {node.key: node for node in after.graph.nodes}
    for edge in gone:
        target = nodes.get(edge.target.node)
        if (
            not edge.derived
            or target is None
            or edge.source.node in links.wanted.get(target.key, Wanted()).sources
        ):
            continue
        if any(name == edge.source.node for _, name in names_in(target.config)):
            reason = f"the configuration of {target.key!r:.80} still names {edge.source.node!r:.80}"
            yield lost("/graph/edges", reason)


def _order_losses(matches: Mapping[int, int]) -> Iterator[Loss]:
    order = [matches[index] for index in sorted(matches)]
    if order != sorted(order):
        reason = "PromptLayer's edges follow the order of nodes and dependencies"
        yield lost("/graph/edges", reason, Severity.INFO)
