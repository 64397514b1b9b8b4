"""Reading nodes: keys, types, configuration. What a node depends on is in `edges`."""

from collections.abc import Container, Iterator
from dataclasses import dataclass
from typing import Final

from adapters.evidence import Evidence
from adapters.promptlayer import node_types
from adapters.promptlayer.configuration import check_prompt, models_of, subworkflow_of
from adapters.promptlayer.variables import output_of
from schemas.base import JsonObject, JsonValue
from schemas.diagnostics import DiagnosticCode, Severity
from schemas.graph import Node
from schemas.workflow import Variable

VENDOR: Final = "promptlayer"
NODES: Final = "nodes"
DEPENDENCIES: Final = "dependencies"
OUTPUT: Final = "is_output_node"
CONFIGURATION: Final = "configuration"
KNOWN_FIELDS: Final = (
    "id",
    "workflow_version_id",
    "name",
    "node_type",
    OUTPUT,
    CONFIGURATION,
    DEPENDENCIES,
)


@dataclass(slots=True)
class NodeEntry:
    """A readable item of the nodes array. `place` is its index there; `key` is its name where that is unique."""

    place: int
    fields: Evidence
    name: str | None
    key: str = ""


def read_entries(document: Evidence) -> list[NodeEntry]:
    """Return the nodes that are objects, with their keys."""
    entries = [
        NodeEntry(place, fields, fields.text("name") or None)
        for place, fields in document.objects(NODES, required=True)
    ]
    names = {entry.name for entry in entries}
    if None in names or len(names) < len(entries):
        names |= _mentioned(document.fields, entries)
    used: set[str] = set()
    for entry in entries:
        entry.key = _key(entry, used, names)
        used.add(entry.key)
    return entries


def _mentioned(document: JsonObject, entries: list[NodeEntry]) -> set[JsonValue]:
    """Return every text that a link may lead to, so that no made-up key is one of them."""
    lists = [entry.fields.fields.get(DEPENDENCIES) for entry in entries]
    edges = document.get("edges")
    if isinstance(edges, list):
        lists.extend(list(edge.values()) for edge in edges if isinstance(edge, dict))
    return {text for texts in lists if isinstance(texts, list) for text in texts if isinstance(text, str)}


def _key(entry: NodeEntry, used: set[str], names: Container[str | None]) -> str:
    if entry.name is not None and entry.name not in used:
        return entry.name
    if entry.name is None:
        entry.fields.note(DiagnosticCode.MISSING_NODE_NAME, "the node has no name", "name")
    else:
        message = f"another node is named {entry.name!r:.80}; edges lead to the first"
        entry.fields.note(DiagnosticCode.DUPLICATE_NODE_NAME, message, "name")
    key = f"#{entry.place}"
    while key in used or key in names:
        key = f"#{key}"
    return key


def read_node(entry: NodeEntry, node_id: str | None, inputs_needed: list[str]) -> Node:
    """Return the canonical node.

    Args:
        entry: the native node.
        node_id: its id, as `read_ids` gives it.
        inputs_needed: what it depends on that is an input of the workflow; there is no edge for it.
    """
    fields = entry.fields
    node_type = fields.text("node_type", required=True)
    configuration = fields.object(CONFIGURATION, required=True)
    config = {} if configuration is None else configuration.fields
    _check_type(fields, node_type, configuration)
    subworkflow = subworkflow_of(node_type, config)
    if subworkflow is None and node_type == node_types.WORKFLOW:
        message = "the node does not say which workflow it runs"
        fields.note(DiagnosticCode.MISSING_FIELD, message, CONFIGURATION, "workflow_id")
    return Node(
        key=entry.key,
        id=node_id,
        name=entry.name,
        role=node_types.role_of(node_type),
        type=node_type,
        config=config,
        models=models_of(config),
        subworkflow=subworkflow,
        extensions=_extensions(fields, inputs_needed),
    )


def read_ids(entries: list[NodeEntry], version_id: str | None) -> list[str | None]:
    """Return every node's own id; the id of its version, which is repeated in it, is only compared."""
    seen: set[str] = set()
    ids = []
    for entry in entries:
        node_id = entry.fields.identifier("id") or None
        if node_id is None:
            entry.fields.note(DiagnosticCode.MISSING_NODE_ID, "the node has no id", "id")
        elif node_id in seen:
            message = f"another node has the id {node_id!r:.80}"
            entry.fields.note(DiagnosticCode.DUPLICATE_NODE_ID, message, "id")
        else:
            seen.add(node_id)
        ids.append(node_id)
        _check_version(entry.fields, version_id)
    return ids


def read_outputs(entries: list[NodeEntry], nodes: list[Node]) -> Iterator[Variable]:
    """Yield what the output nodes give, in order: the first one that runs gives the result."""
    for entry, node in zip(entries, nodes, strict=True):
        if entry.fields.boolean(OUTPUT, required=True):
            yield output_of(node.key, node.name, node.type, node.config)


def _check_type(fields: Evidence, node_type: str | None, configuration: Evidence | None) -> None:
    if node_type is not None and node_type not in node_types.ROLES:
        message = f"{node_type!r:.80} is not a documented node type"
        fields.note(DiagnosticCode.UNKNOWN_VALUE, message, "node_type", severity=Severity.INFO)
    if configuration is not None and node_type == node_types.PROMPT_TEMPLATE:
        check_prompt(configuration)


def _check_version(fields: Evidence, version_id: str | None) -> None:
    own = fields.integer("workflow_version_id")
    if own is not None and version_id is not None and str(own) != version_id:
        message = f"the node belongs to version {own}, the document is version {version_id}"
        fields.note(DiagnosticCode.CONTRADICTION, message, "workflow_version_id")


def _extensions(fields: Evidence, inputs_needed: list[str]) -> dict[str, JsonObject]:
    rest = fields.rest(*KNOWN_FIELDS)
    if inputs_needed:
        rest[DEPENDENCIES] = inputs_needed
    return {VENDOR: rest} if rest else {}
