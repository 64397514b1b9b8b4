"""Two small flows, one of each version, and ways to change a graph and write it."""

import copy
from typing import Any

from adapters.contract import Rendered
from adapters.noxus import VENDOR
from schemas.base import JsonObject
from tests.vendors.noxus.helpers import edge, flow, node, parse


def rewritten(base: JsonObject, nodes: Any = None, edges: Any = None, **update: Any) -> Rendered:
    """Render with a changed graph; the base must not be changed."""
    before = copy.deepcopy(base)
    workflow = parse(base)
    if nodes is not None:
        update["nodes"] = tuple(nodes)
    if edges is not None:
        update["edges"] = tuple(edges)
    graph = workflow.graph.model_copy(update=update)
    rendered = VENDOR.mapping.render(workflow.model_copy(update={"graph": graph}), base)
    assert base == before
    return rendered


def definition(rendered: Rendered) -> Any:
    return rendered.document["definition"]


def with_node(base: JsonObject, index: int, **update: Any) -> Rendered:
    nodes = list(parse(base).graph.nodes)
    nodes[index] = nodes[index].model_copy(update=update)
    return rewritten(base, nodes)


def paths(rendered: Rendered) -> list[str]:
    return [loss.path for loss in rendered.losses]


V1 = flow(
    [node("a", display={"position": {"x": 1, "y": 2}, "z": 3}), node("b")], [edge("a:out", "b:in", id="e")]
)
V2 = flow(
    [node("a"), node("b", parent_id="a", node_config={"text": ":var[a.out]"})],
    [{"id": "e", "source": "a", "target": "b", "source_handle": None, "target_handle": None}],
    "v2",
)
