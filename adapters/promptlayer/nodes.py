"""Reading nodes: keys, types, configuration. What a node depends on is in `edges`."""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from typing import Final

from adapters.evidence import Evidence
from adapters.promptlayer import node_types
from adapters.promptlayer.configuration import PROMPTING, models_of, prompt_oddities, subworkflow_of
from adapters.promptlayer.variables import output_of
from schemas.base import JsonObject
from schemas.diagnostics import DiagnosticCode, Severity
from schemas.drafts import NodeDraft, VariableDraft
from schemas.graph import NodeRole

VENDOR: Final = "promptlayer"
NODES: Final = "nodes"
DEPENDENCIES: Final = "dependencies"
OUTPUT: Final = "is_output_node"
CONFIGURATION: Final = "configuration"
KNOWN_FIELDS: Final = frozenset(
    {"id", "workflow_version_id", "name", "node_type", OUTPUT, CONFIGURATION, DEPENDENCIES}
)


@dataclass(slots=True)
class NodeEntry:
    """A readable item of the nodes array.

    Attributes:
        place: its index there.
        key: its name where that is unique.
        name: its name.
        fields: the item itself.
        document: what it lies in.
    """

    place: int
    key: str
    name: str | None
    fields: JsonObject
    document: Evidence

    @property
    def evidence(self) -> Evidence:
        """Return the node as evidence: made only for what is not as documented, since most of a node is."""
        return self.document.item(NODES, self.place)


def read_entries(document: Evidence) -> list[NodeEntry]:
    """Return the nodes that are objects, with their keys."""
    natives: list[tuple[int, str | None, JsonObject]] = []
    for place, fields in document.bare_objects(NODES, required=True):
        name = fields.get("name")
        if not isinstance(name, str):
            name = document.item(NODES, place).text("name")
        natives.append((place, name or None, fields))
    keys = [name for _, name, _ in natives if name is not None]
    if len(frozenset(keys)) < len(natives):
        keys = _keys(document, natives)
    return [
        NodeEntry(place, key, name, fields, document)
        for key, (place, name, fields) in zip(keys, natives, strict=True)
    ]


def _keys(document: Evidence, natives: list[tuple[int, str | None, JsonObject]]) -> list[str]:
    """Return the keys of nodes some of which have no name, or one that an earlier node has."""
    reserved = _mentioned(document.fields, [fields for _, _, fields in natives])
    reserved.update(name for _, name, _ in natives if name is not None)
    keys: dict[str, None] = {}
    for place, name, _ in natives:
        keys[_key(document.item(NODES, place), place, name, keys, reserved)] = None
    return list(keys)


def _mentioned(document: JsonObject, natives: list[JsonObject]) -> set[str]:
    """Return every text that a link may lead to, so that no made-up key is one of them."""
    lists = [native.get(DEPENDENCIES) for native in natives]
    edges = document.get("edges")
    if isinstance(edges, list):
        lists.extend(list(edge.values()) for edge in edges if isinstance(edge, dict))
    return {text for texts in lists if isinstance(texts, list) for text in texts if isinstance(text, str)}


def _key(node: Evidence, place: int, name: str | None, used: Container[str], reserved: Container[str]) -> str:
    if name is not None and name not in used:
        return name
    if name is None:
        node.note(DiagnosticCode.MISSING_NODE_NAME, "the node has no name", "name")
    else:
        message = f"another node is named {name!r:.80}; edges lead to the first"
        node.note(DiagnosticCode.DUPLICATE_NODE_NAME, message, "name")
    key = f"#{place}"
    while key in used or key in reserved:
        key = f"#{key}"
    return key


def read_node(entry: NodeEntry, node_id: str | None, inputs_needed: Sequence[str]) -> NodeDraft:
    """Return the canonical node.

    Args:
        entry: the native node.
        node_id: its id, as `read_ids` gives it.
        inputs_needed: what it depends on that is an input of the workflow; there is no edge for it.
    """
    name, fields = entry.name, entry.fields
    node_type, config = fields.get("node_type"), fields.get(CONFIGURATION)
    if not isinstance(node_type, str):
        node_type = entry.evidence.text("node_type", required=True)
    if not isinstance(config, dict):
        entry.evidence.object(CONFIGURATION, required=True)
        config = {}
    usual = not inputs_needed and KNOWN_FIELDS.issuperset(fields)
    node: NodeDraft = {
        "key": entry.key,
        "id": node_id or "",
        "name": name or "",
        "role": node_types.ROLES.get(node_type or "") or _unknown_role(entry, node_type),
        "type": node_type or "",
        "config": config,
        "ports": (),
        "branches": (),
        "models": () if PROMPTING.isdisjoint(config) else models_of(config),
        "credentials": (),
        "disabled": False,
        "extensions": {} if usual else _extensions(fields, inputs_needed),
    }
    if node_id is None or name is None or node_type is None:
        _leave_out(node, node_id, name, node_type)
    if node_type in node_types.REFERRING:
        _add_reference(node, entry)
    return node


def _leave_out(node: NodeDraft, node_id: str | None, name: str | None, node_type: str | None) -> None:
    """Take out what a node does not have: most have all, and adding one by one costs more than all at once."""
    if node_id is None:
        del node["id"]
    if name is None:
        del node["name"]
    if node_type is None:
        del node["type"]


def _unknown_role(entry: NodeEntry, node_type: str | None) -> NodeRole:
    if node_type is not None:
        message = f"{node_type!r:.80} is not a documented node type"
        severity = Severity.INFO
        entry.evidence.note(DiagnosticCode.UNKNOWN_VALUE, message, "node_type", severity=severity)
    return node_types.role_of(node_type)


def _add_reference(node: NodeDraft, entry: NodeEntry) -> None:
    """Add the workflow that a node runs, and check that a node that refers to something says to what."""
    node_type, configuration = node["type"], entry.fields.get(CONFIGURATION)
    if node_type == node_types.PROMPT_TEMPLATE:
        for odd in prompt_oddities(configuration) if isinstance(configuration, dict) else ():
            entry.evidence.note(odd.code, odd.message, CONFIGURATION, *odd.way, severity=odd.severity)
        return
    subworkflow = subworkflow_of(node_type, node["config"])
    if subworkflow is not None:
        node["subworkflow"] = subworkflow
    elif node_type == node_types.WORKFLOW:
        message = "the node does not say which workflow it runs"
        entry.evidence.note(DiagnosticCode.MISSING_FIELD, message, CONFIGURATION, "workflow_id")


def read_ids(entries: list[NodeEntry], version_id: str | None) -> list[str | None]:
    """Return every node's own id; the id of its version, which is repeated in it, is only compared."""
    version = None if version_id is None else int(version_id)
    seen: set[str] = set()
    ids: list[str | None] = []
    for entry in entries:
        node_id = entry.fields.get("id")
        if not isinstance(node_id, str):
            node_id = entry.evidence.identifier("id")
        if node_id and node_id not in seen:
            seen.add(node_id)
        else:
            _note_id(entry, node_id)
        ids.append(node_id or None)
        own = entry.fields.get("workflow_version_id")
        if own is not None and (type(own) is not int or own != version):
            _check_version(entry.evidence, version_id)
    return ids


def read_outputs(entries: list[NodeEntry], nodes: list[NodeDraft]) -> list[VariableDraft]:
    """Return what the output nodes give, in order: the first one that runs gives the result."""
    outputs = []
    for entry, node in zip(entries, nodes, strict=True):
        gives = entry.fields.get(OUTPUT)
        if not isinstance(gives, bool):
            gives = entry.evidence.boolean(OUTPUT, required=True)
        if gives:
            outputs.append(output_of(entry.key, entry.name, node.get("type"), node["config"]))
    return outputs


def _note_id(entry: NodeEntry, node_id: str | None) -> None:
    if node_id:
        message = f"another node has the id {node_id!r:.80}"
        entry.evidence.note(DiagnosticCode.DUPLICATE_NODE_ID, message, "id")
    else:
        entry.evidence.note(DiagnosticCode.MISSING_NODE_ID, "the node has no id", "id")


def _check_version(fields: Evidence, version_id: str | None) -> None:
    own = fields.integer("workflow_version_id")
    if own is not None and version_id is not None and str(own) != version_id:
        message = f"the node belongs to version {own}, the document is version {version_id}"
        fields.note(DiagnosticCode.CONTRADICTION, message, "workflow_version_id")


def _extensions(fields: JsonObject, inputs_needed: Sequence[str]) -> dict[str, JsonObject]:
    rest: JsonObject = {}
    if not KNOWN_FIELDS.issuperset(fields):
        rest = {name: value for name, value in fields.items() if name not in KNOWN_FIELDS}
    if inputs_needed:
        rest[DEPENDENCIES] = inputs_needed
    return {VENDOR: rest} if rest else {}
