"""Writes a graph in the n8n-like shape."""

from collections.abc import Iterator
from typing import Final

from adapters.aitronos.n8n_expressions import references
from adapters.aitronos.n8n_shape import recognises
from adapters.aitronos.render_n8n_edges import CONNECTIONS, layout, write_connections
from adapters.aitronos.render_n8n_nodes import FORM
from adapters.aitronos.render_nodes import (
    NODES,
    Addresses,
    Earlier,
    addresses_after,
    addresses_before,
    write_nodes,
)
from adapters.evidence import pointer
from adapters.rendering import lost
from schemas.base import JsonObject
from schemas.diagnostics import Loss
from schemas.graph import Graph

STALE_NAME: Final = "expressions that read from the node by its former name are left as they are"


def write_graph(definition: JsonObject, before: Graph, after: Graph) -> tuple[Loss, ...]:
    """Write what differs between two graphs into a definition that holds the first."""
    if not definition:
        definition[NODES] = []
    old = addresses_before(before, FORM.address)
    new = addresses_after(before, after, FORM.address)
    write_nodes(definition, before, after, FORM)
    renamed = _renamed(before, after, new)
    sources = {key: renamed.get(name, name) if name is not None else None for key, name in old.items()}
    write_connections(definition, renamed, layout(before, sources, old), layout(after, new, new))
    if not recognises(definition):
        definition[CONNECTIONS] = {}
    return tuple(_stale_references(after, renamed, new))


def _renamed(before: Graph, after: Graph, new: Addresses) -> dict[str, str]:
    """Return the new names by the old ones, of the nodes that edges can reach."""
    earlier = Earlier(before, after)
    renamed = {}
    for node in after.nodes:
        previous, name = earlier.of(node), new[node.key]
        if previous is not None and name is not None and previous.name == previous.key != name:
            renamed[previous.key] = name
    return renamed


def _stale_references(after: Graph, renamed: dict[str, str], new: Addresses) -> Iterator[Loss]:
    if not renamed:
        return
    mentioned = {name for node in after.nodes for name, _ in references(node.config)}
    stale = {renamed[name] for name in mentioned & renamed.keys()}
    for index, node in enumerate(after.nodes):
        if new[node.key] in stale:
            yield lost(pointer("graph", "nodes", index, "name"), STALE_NAME)
