"""What a drawing of a graph shows, before any drawing language.

Names in the drawing are made up (`n0`, `g0`, `b0`), so that nothing a vendor or its users wrote is ever more than
a label. Labels are plain text; each language escapes them its own way.
"""

from dataclasses import dataclass
from enum import StrEnum

from schemas.graph import EdgeKind


class Shape(StrEnum):
    """The outline of a figure."""

    BOX = "box"
    ROUNDED = "rounded"
    PILL = "pill"
    DOUBLE = "double"
    DIAMOND = "diamond"
    HEXAGON = "hexagon"
    CYLINDER = "cylinder"
    LEANING_RIGHT = "leaning_right"
    LEANING_LEFT = "leaning_left"
    NARROW_TOP = "narrow_top"
    NARROW_BOTTOM = "narrow_bottom"
    FLAG = "flag"


class State(StrEnum):
    """Whether the node takes part."""

    PRESENT = "present"
    DISABLED = "disabled"
    ABSENT = "absent"
    """Referred to, and not there."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One node. `lines` are its label."""

    id: str
    lines: tuple[str, ...]
    shape: Shape
    state: State = State.PRESENT


@dataclass(frozen=True, slots=True)
class Box:
    """A frame around the figures of one container, the container's own figure first."""

    id: str
    title: str
    figures: tuple[Figure, ...]
    boxes: tuple["Box", ...]


@dataclass(frozen=True, slots=True)
class Link:
    """One edge, from figure to figure. The label may be empty."""

    source: str
    target: str
    kind: EdgeKind
    derived: bool
    label: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """A whole drawing. `root` is not drawn itself; links keep the graph's order."""

    root: Box
    links: tuple[Link, ...]
