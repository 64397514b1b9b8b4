"""Writing `dependencies`: the names of nodes that lead to a node, and of the inputs it needs."""

from collections.abc import Container, Mapping
from dataclasses import dataclass, field

from adapters.promptlayer.nodes import DEPENDENCIES, VENDOR
from adapters.promptlayer.render_names import Names
from schemas.base import JsonObject, JsonValue
from schemas.graph import Edge, Node


@dataclass(slots=True)
class Wanted:
    """What leads to one node to be: names of sources, and those among them that have an entry in `edges`."""

    sources: dict[str, None] = field(default_factory=dict)
    conditional: set[str] = field(default_factory=set)

    def add(self, source: str, *, conditional: bool) -> bool:
        """Add a source; False when a dependency already says all that the link says."""
        repeated = source in self.sources and not (conditional and source in self.conditional)
        self.sources[source] = None
        if conditional:
            self.conditional.add(source)
        return not repeated


def sources_before(edges: tuple[Edge, ...], names: Names) -> Mapping[str, set[str]]:
    """Return by target the names of the nodes that led to it, by the names they are to have."""
    found: dict[str, set[str]] = {}
    for edge in edges:
        if not edge.derived and edge.target.exists:
            name = edge.source.node
            found.setdefault(edge.target.node, set()).add(names.renamed.get(name, name))
    return found


def inputs_needed(node: Node | None) -> list[str]:
    """Return the inputs that a canonical node says it needs."""
    listed = {} if node is None else node.extensions.get(VENDOR, {})
    names = listed.get(DEPENDENCIES)
    return [name for name in names if isinstance(name, str)] if isinstance(names, list) else []


def write_dependencies(
    native: JsonObject,
    names: Names,
    were: Container[str],
    wanted: Wanted,
    inputs: tuple[list[str], list[str]],
) -> None:
    """Write a node's dependencies, in their old order, new ones at the end.

    Args:
        native: the native node.
        names: what nodes are called now.
        were: sources that led to the node before, by their names of now.
        wanted: sources that are to lead to it.
        inputs: the inputs it needed before, and those it is to need.
    """
    there = native.get(DEPENDENCIES)
    inputs_before, inputs_after = inputs
    kept = []
    for name in there if isinstance(there, list) else ():
        called = names.renamed.get(name, name) if isinstance(name, str) else name
        was_read = isinstance(called, str) and (called in were or called in inputs_before)
        if not was_read or called in wanted.sources or called in inputs_after:
            kept.append(called)
    for name in wanted.sources:
        if name not in kept and not (name in were and name in wanted.conditional):
            kept.append(name)
    for name in inputs_after:
        if name not in kept and name not in inputs_before:
            kept.append(name)
    _order_inputs(kept, [name for name in inputs_after if name in kept])
    if kept != (there if isinstance(there, list) else []):
        native[DEPENDENCIES] = kept


def _order_inputs(names: list[JsonValue], inputs: list[str]) -> None:
    """Put the inputs among the names into their order; a repeated name counts once."""
    places = sorted(names.index(name) for name in dict.fromkeys(inputs))
    for place, name in zip(places, dict.fromkeys(inputs), strict=True):
        names[place] = name
