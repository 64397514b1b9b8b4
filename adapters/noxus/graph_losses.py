"""Says what of a graph was not carried: the written definition is read again and compared with what was wanted.

A field counts when the caller changed it and it does not read back as wanted. What follows from other changes
(models from a configuration, a role from a type) is no loss.
"""

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from adapters.evidence import pointer
from adapters.noxus.render_edges import match_edges
from adapters.noxus.summary import VENDOR_NAME
from adapters.rendering import lost, same
from schemas.diagnostics import Loss, Severity
from schemas.graph import Edge, Endpoint, Graph, Node

NODE_REASONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "id": "a node's id is what edges refer to: its key",
        "role": "the role follows from the node's type",
        "type": "written as the type that comes nearest",
        "type_version": "Noxus has no versions of node types",
        "config": "another field was written into the same place of the configuration",
        "ports": "connectors follow from the node's type and its variable keys",
        "branches": "conditions are read from the node's configuration: change them there",
        "models": "models are read from the node's configuration: change them there",
        "container": "only a node of flow version v2 can lie in another, which must be there",
        "subworkflow": "Noxus names a workflow by its id and name, and of its own workflows only",
        "credentials": "Noxus keeps credentials outside of workflows",
        "disabled": "Noxus cannot switch a node off",
        "retry": "Noxus knows attempts and the seconds between them",
        "on_error": "what follows an error is an edge from the node's on_error output",
        "notes": "Noxus has no notes on nodes",
    }
)

EDGE_REASONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "kind": "the kind follows from the flow version and from the output that the edge leaves",
        "source": "the edge could not be joined as wanted",
        "target": "the edge could not be joined as wanted",
        "native_kind": "Noxus has no kinds of edges",
        "order": "Noxus does not order the edges of one output",
        "label": "Noxus has no labels on edges",
        "condition": "Noxus keeps conditions in nodes",
    }
)

OTHERWISE: Final = "Noxus has no place for it"


def node_losses(before: Graph, wanted: Graph, after: Graph, *, foreign: bool) -> Iterator[Loss]:
    """Yield what was lost of the wanted nodes; the written ones stand in the same order."""
    old = {node.key: node for node in before.nodes}
    for index, (node, found) in enumerate(zip(wanted.nodes, after.nodes, strict=True)):
        path = pointer("graph", "nodes", index)
        known = old.get(node.key) or Node(key=node.key)
        for name in Node.model_fields:
            if name not in ("key", "extensions", "config"):
                yield from _field_loss(path, name, (known, node, found), NODE_REASONS)
        if foreign and node.config:
            yield lost(path + "/config", "kept as it is, in the words of another vendor")
        elif not same(known.config, node.config) and not _holds(found.config, node.config):
            yield lost(path + "/config", NODE_REASONS["config"])
        yield from _extension_losses(path, node.extensions)


def edge_losses(before: Graph, wanted: Graph, after: Graph) -> Iterator[Loss]:
    """Yield what was lost of the wanted edges; those that are not derived stand in the same order."""
    old = [edge for edge in before.edges if not edge.derived]
    new = [(index, edge) for index, edge in enumerate(wanted.edges) if not edge.derived]
    written = [edge for edge in after.edges if not edge.derived]
    matches = match_edges(old, [edge for _, edge in new])
    for (index, edge), found, match in zip(new, written, matches, strict=True):
        path = pointer("graph", "edges", index)
        known = old[match] if match is not None else None
        yield from _edge_losses(path, known, edge, found)
        yield from _extension_losses(path, edge.extensions)
    yield from _derived_losses(before, wanted, after)


def _edge_losses(path: str, known: Edge | None, wanted: Edge, found: Edge) -> Iterator[Loss]:
    for name in EDGE_REASONS:
        value, read = getattr(wanted, name), getattr(found, name)
        same = _reaches(value, read) if isinstance(value, Endpoint) else value == read
        if not same and value is not None and (known is None or value != getattr(known, name)):
            yield lost(path + pointer(name), EDGE_REASONS[name])


def _reaches(wanted: Endpoint, found: Endpoint) -> bool:
    """Say whether an end is where it should be; a port that was not asked for may be filled in."""
    asked = (name for name in Endpoint.model_fields if getattr(wanted, name) is not None)
    return all(getattr(wanted, name) == getattr(found, name) for name in asked)


def _field_loss(
    path: str, name: str, nodes: tuple[Node, Node, Node], reasons: Mapping[str, str]
) -> Iterator[Loss]:
    before, wanted, found = (getattr(node, name) for node in nodes)
    if wanted not in (before, found):
        severity = Severity.INFO if name == "id" else Severity.WARNING
        yield lost(path + pointer(name), reasons.get(name, OTHERWISE), severity)


def _holds(found: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    return all(name in found and same(found[name], value) for name, value in wanted.items())


def _extension_losses(path: str, extensions: Mapping[str, Any]) -> Iterator[Loss]:
    for vendor in extensions:
        if vendor != VENDOR_NAME:
            yield lost(path + pointer("extensions", vendor), f"fields of {vendor} mean nothing to Noxus")


def _derived_losses(before: Graph, wanted: Graph, after: Graph) -> Iterator[Loss]:
    """Yield the derived edges that were added or removed without the configuration that they are read from."""
    old, new, written = _derived(before.edges), _derived(wanted.edges), _derived(after.edges)
    for key, index in new.items():
        if key not in old and key not in written:
            reason = "such an edge is read from a reference in the target's configuration: write it there"
            yield lost(pointer("graph", "edges", index), reason)
    for key in old:
        if key not in new and key in written:
            reason = f"the configuration of node {key[3]!r} still refers to {key[0]!r}"
            yield lost("/graph/edges", reason)


def _derived(edges: Iterable[Edge]) -> dict[tuple[str | None, ...], int]:
    return {
        (
            *(edge.source.node, edge.source.port, edge.source.key),
            *(edge.target.node, edge.target.port, edge.target.key),
            edge.native_kind,
        ): index
        for index, edge in enumerate(edges)
        if edge.derived
    }
