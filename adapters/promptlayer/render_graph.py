"""Writing a graph over the nodes and edges of a native document."""

from adapters.promptlayer.reading import Reading
from adapters.promptlayer.render_links import write_links
from adapters.promptlayer.render_names import assign_names
from adapters.promptlayer.render_nodes import output_losses, write_nodes
from adapters.rendering import same
from schemas.base import JsonObject
from schemas.diagnostics import Loss
from schemas.workflow import Workflow


def write_graph(document: JsonObject, before: Reading, after: Workflow) -> list[Loss]:
    """Write nodes, links and outputs where they differ; return what could not be carried."""
    prior = before.workflow
    if same(prior.graph, after.graph) and same(prior.outputs, after.outputs):
        return []
    names = assign_names({node.key: node for node in prior.graph.nodes}, after.graph.nodes)
    losses = list(names.losses)
    natives = write_nodes(document, before, after, names, losses)
    losses.extend(write_links(document, before, after, names, natives))
    losses.extend(output_losses(prior, after, names))
    losses.extend(names.stale(after.graph.nodes))
    return losses
