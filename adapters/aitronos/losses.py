"""Finds what was not carried, by reading back what was written.

A loss is a value that the caller changed and that reads back as another one. What follows from a change elsewhere (a
node's models follow its configuration) and was not asked for is none.
"""

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from adapters.aitronos.render_nodes import Earlier
from adapters.evidence import pointer
from adapters.rendering import IGNORED, lost, same, sameness
from schemas.base import CanonicalModel
from schemas.diagnostics import Loss, Severity
from schemas.graph import Edge, Endpoint, Graph, GraphForm
from schemas.settings import Settings
from schemas.workflow import Workflow

NO_PLACE: Final = "an Aitronos workflow has no place for it"
BY_VENDOR: Final = "Aitronos sets it itself"
FROM_TYPE: Final = "it follows from the node's type"
FROM_CONFIG: Final = "it follows from the node's configuration"
FROM_ENDS: Final = "it follows from the two nodes and their outputs"

REASONS: Final = MappingProxyType(
    {
        "id": BY_VENDOR,
        "version": BY_VENDOR,
        "created_at": BY_VENDOR,
        "updated_at": BY_VENDOR,
        "author": BY_VENDOR,
        "workspace": "the credential decides in which organization it lies",
        "assistant": "assistants are linked by promoting, converting and detaching",
        "status": "a workflow is either active or inactive",
    }
)
"""By field of a workflow."""

NODE_REASONS: Final = MappingProxyType(
    {"role": FROM_TYPE, "branches": FROM_CONFIG, "models": FROM_CONFIG, "subworkflow": FROM_CONFIG}
)
"""By field of a node."""

EDGE_REASONS: Final = MappingProxyType(
    {"kind": FROM_ENDS, "condition": "conditions are written in the configuration of the node that decides"}
)
"""By field of an edge."""

SET_BY_VENDOR: Final = frozenset(name for name, reason in REASONS.items() if reason == BY_VENDOR)


def find_losses(before: Workflow, wanted: Workflow, got: Workflow) -> Iterator[Loss]:
    """Yield what `wanted` changed in `before` and `got`, read back from the document, does not hold."""
    for name in Workflow.model_fields:
        if name in IGNORED or name in ("graph", "settings"):
            continue
        if not same(getattr(wanted, name), getattr(got, name)):
            severity = Severity.INFO if name in SET_BY_VENDOR else Severity.WARNING
            yield lost(pointer(name), REASONS.get(name, NO_PLACE), severity)
    old, new, read = (workflow.settings or Settings() for workflow in (before, wanted, got))
    yield from _differences(old, new, read, "/settings", MappingProxyType({}))
    yield from _graph_losses(before.graph, wanted.graph, got.graph)


def _graph_losses(before: Graph, wanted: Graph, got: Graph) -> Iterator[Loss]:
    if GraphForm.OPAQUE in (wanted.form, got.form):
        if not (
            same(wanted.form, got.form) and same(wanted.nodes, got.nodes) and same(wanted.edges, got.edges)
        ):
            yield lost("/graph", "a definition of an unknown shape cannot be changed into a graph, nor back")
        return
    keys = {read.key: node.key for node, read in zip(wanted.nodes, got.nodes, strict=True)}
    earlier = Earlier(before, wanted)
    for index, (node, read) in enumerate(zip(wanted.nodes, got.nodes, strict=True)):
        container = keys.get(read.container or "")
        translated = read.model_copy(update={"key": node.key, "container": container})
        path = pointer("graph", "nodes", index)
        yield from _differences(earlier.of(node), node, translated, path, NODE_REASONS)
    edges = [_translated(edge, keys) for edge in got.edges]
    yield from _edge_losses(before, wanted, edges)
    asked, was, read_back = map(_derived, (wanted.edges, before.edges, edges))
    if asked not in (was, read_back):
        yield lost("/graph/edges", "edges read from expressions follow the configurations of nodes")


def _edge_losses(before: Graph, wanted: Graph, got: Iterable[Edge]) -> Iterator[Loss]:
    left: dict[tuple[str, str], dict[Endpoint, deque[Edge]]] = {}
    earlier = {(edge.id, edge.source, edge.target): edge for edge in before.edges}
    equal = Counter(sameness(edge) for edge in wanted.edges)
    for edge in got:
        if edge.derived:
            continue
        looks = sameness(edge)
        if equal[looks]:
            equal[looks] -= 1
        else:
            left.setdefault(_ends(edge), {}).setdefault(edge.source, deque()).append(edge)
    # What is left of the count did not read back; which of several equal ones that is makes no difference.
    changed = []
    for index, edge in reversed([*enumerate(wanted.edges)]):
        looks = sameness(edge)
        if equal[looks] and not edge.derived:
            equal[looks] -= 1
            changed.append((index, edge))
    changed.reverse()
    for index, edge in changed:
        path = pointer("graph", "edges", index)
        others = left.get(_ends(edge), {})
        if not others:
            yield lost(path, "the edge does not read back between the two nodes", Severity.ERROR)
        else:
            read = _taken(others, edge.source)
            if edge.order is None:
                read = read.model_copy(update={"order": None})
            yield from _cut_ends(edge, read, path)
            yield from _differences(
                earlier.get((edge.id, edge.source, edge.target)), edge, read, path, EDGE_REASONS
            )


def _taken(others: dict[Endpoint, deque[Edge]], source: Endpoint) -> Edge:
    """Take an edge out, one from the same output if there is any."""
    if source not in others:
        source = next(iter(others))
    taken = others[source].popleft()
    if not others[source]:
        del others[source]
    return taken


def _cut_ends(wanted: Edge, got: Edge, path: str) -> Iterator[Loss]:
    for name, end, read in (("source", wanted.source, got.source), ("target", wanted.target, got.target)):
        if end.exists and not read.exists:
            yield lost(f"{path}/{name}/exists", "there is no such node in the graph")


def _differences(
    previous: CanonicalModel | None,
    wanted: CanonicalModel,
    got: CanonicalModel,
    path: str,
    reasons: Mapping[str, str],
) -> Iterator[Loss]:
    """Yield the fields that were changed and read back otherwise; with no previous, those that were given."""
    for name, field in type(wanted).model_fields.items():
        value, read = getattr(wanted, name), getattr(got, name)
        if previous is not None:
            was = getattr(previous, name)
        else:
            was = field.get_default(call_default_factory=True, validated_data={})
        if same(value, read) or same(value, was):
            continue
        place = path + pointer(name)
        if isinstance(value, CanonicalModel) and type(value) is type(read):
            yield from _differences(was if type(was) is type(value) else None, value, read, place, reasons)
        else:
            yield lost(place, reasons.get(name, NO_PLACE))


def _translated(edge: Edge, keys: Mapping[str, str]) -> Edge:
    ends = {
        name: end.model_copy(update={"node": keys[end.node]}) if end.exists else end
        for name, end in (("source", edge.source), ("target", edge.target))
    }
    return edge.model_copy(update=ends)


def _derived(edges: Iterable[Edge]) -> frozenset[tuple[str, str]]:
    return frozenset(_ends(edge) for edge in edges if edge.derived)


def _ends(edge: Edge) -> tuple[str, str]:
    return edge.source.node, edge.target.node
