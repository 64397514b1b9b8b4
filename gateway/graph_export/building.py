"""Makes the drawing of a graph: figures, frames and links, whatever the graph holds."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from gateway.graph_export.drawing import Box, Drawing, Figure, Link, Shape, State
from gateway.graph_export.nesting import drawable
from gateway.graph_export.words import edge_label, line, node_lines
from schemas.graph import Edge, Endpoint, Graph, GraphForm, Node, NodeRole

NO_STEPS: Final = "This workflow has no steps"
OPAQUE: Final = "The definition has no shape that can be drawn"

SHAPES: Final[Mapping[NodeRole, Shape]] = MappingProxyType(
    {
        NodeRole.TRIGGER: Shape.PILL,
        NodeRole.INPUT: Shape.LEANING_RIGHT,
        NodeRole.OUTPUT: Shape.LEANING_LEFT,
        NodeRole.LLM: Shape.ROUNDED,
        NodeRole.AGENT: Shape.ROUNDED,
        NodeRole.ASSISTANT: Shape.ROUNDED,
        NodeRole.TOOL: Shape.DOUBLE,
        NodeRole.MEMORY: Shape.CYLINDER,
        NodeRole.CONDITION: Shape.DIAMOND,
        NodeRole.LOOP: Shape.HEXAGON,
        NodeRole.MERGE: Shape.NARROW_BOTTOM,
        NodeRole.EVALUATION: Shape.NARROW_TOP,
        NodeRole.SUBWORKFLOW: Shape.DOUBLE,
        NodeRole.HUMAN: Shape.NARROW_TOP,
        NodeRole.ERROR_HANDLER: Shape.HEXAGON,
        NodeRole.NOTE: Shape.FLAG,
    }
)
"""The outline of every role; a plain box for the others."""


def drawing(graph: Graph) -> Drawing:
    """Return the drawing of a graph; one figure that says why when there is nothing to draw."""
    if not graph.nodes and not graph.edges:
        return _note(OPAQUE if graph.form is GraphForm.OPAQUE else NO_STEPS)
    return _Plan(graph).drawing()


def _note(text: str) -> Drawing:
    return Drawing(Box("", "", (Figure("n0", (text,), Shape.FLAG),), ()), ())


class _Plan:
    """Numbers what will be drawn: the nodes in the graph's order, then the absent ones as they are met."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._places = {node.key: place for place, node in reversed(tuple(enumerate(graph.nodes)))}
        self._absent: dict[str, int] = {}

    def drawing(self) -> Drawing:
        links = tuple(self._link(edge) for edge in self._graph.edges)
        parents = [self._container(node) for node in self._graph.nodes]
        figures = [_figure(place, node) for place, node in enumerate(self._graph.nodes)]
        figures += [_ghost(number, text) for number, text in enumerate(self._absent)]
        parents += [None] * len(self._absent)
        return Drawing(_root(figures, parents), links)

    def _link(self, edge: Edge) -> Link:
        source, target = self._end(edge.source), self._end(edge.target)
        node = self._graph.nodes[source] if source < len(self._graph.nodes) else None
        return Link(self._id(source), self._id(target), edge.kind, edge.derived, edge_label(edge, node))

    def _end(self, end: Endpoint) -> int:
        place = self._places.get(end.node) if end.exists else None
        return self._ghost_place(end.node) if place is None else place

    def _container(self, node: Node) -> int | None:
        if node.container is None:
            return None
        place = self._places.get(node.container)
        return self._ghost_place(node.container) if place is None else place

    def _ghost_place(self, text: str) -> int:
        return len(self._graph.nodes) + self._absent.setdefault(text, len(self._absent))

    def _id(self, place: int) -> str:
        nodes = len(self._graph.nodes)
        return f"n{place}" if place < nodes else f"g{place - nodes}"


def _figure(place: int, node: Node) -> Figure:
    state = State.DISABLED if node.disabled else State.PRESENT
    return Figure(f"n{place}", node_lines(node), SHAPES.get(node.role, Shape.BOX), state)


def _ghost(number: int, text: str) -> Figure:
    return Figure(f"g{number}", (line(text) or "(no name)", "(not in the workflow)"), Shape.BOX, State.ABSENT)


def _root(figures: Sequence[Figure], parents: Sequence[int | None]) -> Box:
    """Put every container and what lies in it into a frame of its own."""
    members: dict[int | None, list[int]] = {None: []}
    for place, parent in enumerate(drawable(parents)):
        members.setdefault(parent, []).append(place)

    def box(owner: int | None) -> Box:
        inside = members[owner]
        own = () if owner is None else (figures[owner],)
        loose = tuple(figures[place] for place in inside if place not in members)
        boxes = tuple(box(place) for place in inside if place in members)
        if owner is None:
            return Box("", "", loose, boxes)
        return Box(f"b{owner}", figures[owner].lines[0], own + loose, boxes)

    return box(None)
