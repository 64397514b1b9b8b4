"""Writing nodes and outputs."""

from collections.abc import Iterator, Mapping
from typing import Final

from adapters.evidence import pointer
from adapters.promptlayer import node_types
from adapters.promptlayer.configuration import models_of, subworkflow_of
from adapters.promptlayer.extensions import write_extensions, written_elsewhere
from adapters.promptlayer.nodes import (
    CONFIGURATION,
    DEPENDENCIES,
    KNOWN_FIELDS,
    NODES,
    OUTPUT,
    VENDOR,
)
from adapters.promptlayer.reading import Reading
from adapters.promptlayer.render_names import Names
from adapters.promptlayer.variables import output_of
from adapters.rendering import Writer, lost, set_field, write_changes
from schemas.base import JsonObject, JsonValue
from schemas.diagnostics import Loss, Severity
from schemas.graph import Node, WorkflowReference
from schemas.workflow import Variable, Workflow

WRITTEN_ELSEWHERE: Final = (
    "key",
    "name",
    "type",
    "extensions",
    "role",
    "models",
    "subworkflow",
)
"""Fields of a node that are written, or compared, one by one below."""


def write_nodes(
    document: JsonObject, before: Reading, after: Workflow, names: Names, losses: list[Loss]
) -> dict[str, JsonObject]:
    """Write the nodes, and return copies of the native ones by key, their dependencies still to be written."""
    there = document.get(NODES)
    natives = there if isinstance(there, list) else []
    places = dict(zip((node.key for node in before.workflow.graph.nodes), before.node_places, strict=True))
    priors = {node.key: node for node in before.workflow.graph.nodes}
    written: dict[str, JsonObject] = {}
    for index, node in enumerate(after.graph.nodes):
        path = pointer("graph", "nodes", index)
        if node.key in written:
            losses.append(lost(path, "another node has the same key", Severity.ERROR))
            continue
        prior = priors.get(node.key)
        native = _new_node() if prior is None else dict(natives[places[node.key]])
        name = names.by_key.get(node.key)
        if name is not None and (prior is None or name != prior.name):
            native["name"] = name
        losses.extend(_write_node(native, prior, node, path, after.vendor))
        written[node.key] = native
    _write_flags(before.workflow, after, written)
    if written or isinstance(there, list):
        document[NODES] = _arranged(natives, places, written)
    return written


def output_losses(before: Workflow, after: Workflow, names: Names) -> Iterator[Loss]:
    """Yield what `is_output_node` cannot say about the outputs."""
    order = {node.key: index for index, node in enumerate(after.graph.nodes)}
    last = -1
    for index, variable in enumerate(after.outputs):
        path = pointer("outputs", index)
        if variable.node not in order:
            yield lost(path, "an output of PromptLayer is a node of the workflow")
            continue
        node = after.graph.nodes[order[variable.node]]
        if order[variable.node] <= last:
            yield lost(path, "outputs follow the order of the nodes, one for each", Severity.INFO)
        last = max(last, order[variable.node])
        if variable not in before.outputs:
            said = output_of(node.key, names.by_key.get(node.key, node.name), node.type, node.config)
            yield from write_changes(Variable.model_validate(said), variable, {}, {}, path)


def _new_node() -> JsonObject:
    return {"name": "", "node_type": "", CONFIGURATION: {}, OUTPUT: False, DEPENDENCIES: []}


def _write_node(native: JsonObject, prior: Node | None, node: Node, path: str, vendor: str) -> Iterator[Loss]:
    was = prior or Node(key=node.key, id=node.id)
    writers: dict[str, Writer] = dict.fromkeys(WRITTEN_ELSEWHERE, written_elsewhere)
    writers["config"] = set_field(CONFIGURATION)
    yield from write_changes(was, node, native, writers, path)
    if prior is None or node.type != prior.type:
        yield from _write_type(native, node, path, vendor)
    old, new = _unknown_fields(was), _unknown_fields(node)
    yield from write_extensions(native, old, new, KNOWN_FIELDS, path)
    yield from _derived_losses(was, node, native, path)


def _write_type(native: JsonObject, node: Node, path: str, vendor: str) -> Iterator[Loss]:
    """Write the type; a node of another vendor gets the nearest one, if there is any."""
    if node.type is not None and (vendor == VENDOR or node.type in node_types.ROLES):
        native["node_type"] = node.type
        return
    written = node_types.CREATED_FOR.get(node.role, node.type or node.role.upper())
    native["node_type"] = written
    reason = (
        f"{node.type!r:.80} is no type of PromptLayer; written as {written!r:.80}, its configuration as it is"
    )
    yield lost(f"{path}/type", reason, Severity.ERROR)


def _derived_losses(was: Node, node: Node, native: JsonObject, path: str) -> Iterator[Loss]:
    """Yield the changed fields that are read from type and configuration, and are not what those say."""
    node_type = native.get("node_type")
    reference = subworkflow_of(node.type, node.config)
    said = {
        "role": node_types.role_of(node_type if isinstance(node_type, str) else None),
        "models": models_of(node.config),
        "subworkflow": None if reference is None else WorkflowReference.model_validate(reference),
    }
    for name, value in said.items():
        wanted = getattr(node, name)
        if wanted not in (value, getattr(was, name)):
            reason = "this is read from the node's type and configuration, which say something else"
            yield lost(path + pointer(name), reason)


def _unknown_fields(node: Node) -> dict[str, JsonObject]:
    """Return a node's extensions without the inputs it needs, which are written with the links."""
    own = node.extensions.get(VENDOR, {})
    rest = {name: value for name, value in own.items() if name != DEPENDENCIES}
    return {**node.extensions, VENDOR: rest}


def _write_flags(before: Workflow, after: Workflow, written: Mapping[str, JsonObject]) -> None:
    was = {variable.node for variable in before.outputs}
    wanted = {variable.node for variable in after.outputs}
    for key, native in written.items():
        if (key in was) != (key in wanted):
            native[OUTPUT] = key in wanted


def _arranged(
    natives: list[JsonValue], places: Mapping[str, int], written: Mapping[str, JsonObject]
) -> list[JsonValue]:
    """Return the native nodes in the wanted order; items that could not be read stay, at the end if need be."""
    if list(places) == list(written):
        arranged = list(natives)
        for key, place in places.items():
            arranged[place] = written[key]
        return arranged
    read = frozenset(places.values())
    return [*written.values(), *(item for place, item in enumerate(natives) if place not in read)]
