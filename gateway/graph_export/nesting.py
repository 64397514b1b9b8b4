"""Containers inside each other, made drawable: no circles, and not deeper than a reader can follow."""

from collections import deque
from collections.abc import Sequence
from typing import Final

MAX_NESTING: Final = 8

Parents = Sequence[int | None]
"""For every item the index of the container it lies in; None at the top."""


def drawable(parents: Parents) -> tuple[int | None, ...]:
    """Return the parents with circles cut open and what lies too deep lifted to `MAX_NESTING`.

    Containers that lie in a circle of each other all move to the top.
    """
    cut = _without_circles(parents)
    depths = [0] * len(cut)
    lifted = list(cut)
    for item in _outer_first(cut):
        parent = cut[item]
        if parent is None:
            continue
        too_deep = depths[parent] >= MAX_NESTING
        lifted[item] = lifted[parent] if too_deep else parent
        depths[item] = depths[parent] if too_deep else depths[parent] + 1
    return tuple(lifted)


def _without_circles(parents: Parents) -> tuple[int | None, ...]:
    result = list(parents)
    settled: set[int] = set()
    for start in range(len(result)):
        path: dict[int, None] = {}
        at: int | None = start
        while at is not None and at not in settled and at not in path:
            path[at] = None
            at = parents[at]
        if at is not None and at in path:
            steps = list(path)
            for item in steps[steps.index(at) :]:
                result[item] = None
        settled.update(path)
    return tuple(result)


def _outer_first(parents: Parents) -> Sequence[int]:
    """Return the items in an order that has every container before what lies in it."""
    children: dict[int | None, list[int]] = {}
    for item, parent in enumerate(parents):
        children.setdefault(parent, []).append(item)
    order: list[int] = []
    waiting = deque(children.get(None, ()))
    while waiting:
        item = waiting.popleft()
        order.append(item)
        waiting.extend(children.get(item, ()))
    return order
