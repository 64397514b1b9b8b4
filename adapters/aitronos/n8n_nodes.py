"""One node of the n8n-like shape."""

from collections.abc import Sequence
from typing import Final

from adapters.aitronos.configuration import models_in, subworkflow_in
from adapters.aitronos.content import VENDOR_NAME
from adapters.aitronos.n8n_branches import READERS, read_branches
from adapters.aitronos.positions import note_odd_position, position_of
from adapters.aitronos.roles import NodeType, NodeTypes
from adapters.evidence import Evidence
from schemas.base import JsonObject, JsonValue
from schemas.drafts import CredentialReferenceDraft, NodeDraft, RetryPolicyDraft

NODES: Final = "nodes"
PARAMETERS: Final = "parameters"

COMMON: Final = frozenset({"id", "name", "type", "typeVersion", "position", PARAMETERS})
"""The fields that every node has."""

RETRIES: Final = frozenset({"retryOnFail", "maxTries", "waitBetweenTries"})
RARE: Final = RETRIES | frozenset({"credentials", "disabled", "notes", "onError"})

KNOWN: Final = COMMON | RARE
"""The fields of a node with a canonical place."""

NOISE: Final = frozenset({"notesInFlow", "color"})
"""How the editor draws a node."""

ORDINARY: Final = KNOWN | NOISE
"""The fields of a node that never go to the extensions."""


class NodeReader:
    """Reads the nodes of one definition, all but their ports.

    What is as documented is taken as it is; only for the rest a node is wrapped as evidence, which notes what is odd.
    """

    __slots__ = ("_definition", "_types")

    def __init__(self, definition: Evidence) -> None:
        """Prepare for the nodes of a definition."""
        self._definition = definition
        self._types = NodeTypes()

    def read(self, place: int, fields: JsonObject, key: str) -> NodeDraft:
        """Return the node at a place of the list."""
        config, node_type = fields.get(PARAMETERS), fields.get("type")
        node_id, name = fields.get("id"), fields.get("name")
        if not isinstance(config, dict):
            config = self._odd_config(place)
        if not isinstance(node_type, str):
            node_type = self._evidence(place).text("type", required=True)
        if not isinstance(node_id, str):
            node_id = self._evidence(place).identifier("id")
        if not isinstance(name, str):
            name = self._evidence(place).text("name")
        kind = self._types[node_type]
        node: NodeDraft = {
            "key": key,
            "id": node_id or "",
            "name": name or "",
            "role": kind.role,
            "type": node_type or "",
            "config": config,
            "ports": (),
            "branches": (),
            "models": (),
            "credentials": (),
            "disabled": False,
            "extensions": {},
        }
        if node_id is None or name is None or node_type is None:
            _leave_out(node, node_id, name, node_type)
        if (version := fields.get("typeVersion")) is not None:
            node["type_version"] = version
        if kind.is_special:
            self._add_specials(node, place, kind)
        if (drawn := fields.get("position")) is not None:
            self._add_position(node, place, drawn)
        if not COMMON.issuperset(fields):
            _add_rare_fields(node, self._evidence(place))
        return node

    def _evidence(self, place: int) -> Evidence:
        return self._definition.item(NODES, place)

    def _odd_config(self, place: int) -> JsonObject:
        self._evidence(place).object(PARAMETERS)
        return {}

    def _add_specials(self, node: NodeDraft, place: int, kind: NodeType) -> None:
        """Add what only nodes of some types have."""
        config = node["config"]
        if kind.names_models:
            node["models"] = models_in(config)
        if kind.plain in READERS:
            parameters = self._definition.within(config, NODES, place, PARAMETERS)
            node["branches"] = read_branches(kind.plain, parameters, node.get("type_version"))
        if kind.names_workflow and (reference := subworkflow_in(config)) is not None:
            node["subworkflow"] = reference

    def _add_position(self, node: NodeDraft, place: int, drawn: JsonValue) -> None:
        position = position_of(*drawn) if isinstance(drawn, list) and len(drawn) == 2 else None
        if position is not None:
            node["position"] = position
        else:
            note_odd_position(self._evidence(place))


def _leave_out(node: NodeDraft, node_id: str | None, name: str | None, node_type: str | None) -> None:
    """Take out what a node does not have: most have all, and adding one by one costs more than all at once."""
    if node_id is None:
        del node["id"]
    if name is None:
        del node["name"]
    if node_type is None:
        del node["type"]


def _add_rare_fields(node: NodeDraft, fields: Evidence) -> None:
    """Add what most nodes do not have."""
    there = fields.fields
    if "credentials" in there:
        node["credentials"] = _credentials(fields)
    if "disabled" in there:
        node["disabled"] = fields.boolean("disabled") or False
    if not RETRIES.isdisjoint(there) and (retry := _retry(fields)):
        node["retry"] = retry
    if (on_error := fields.text("onError")) is not None:
        node["on_error"] = on_error
    if (notes := fields.text("notes")) is not None:
        node["notes"] = notes
    if not ORDINARY.issuperset(there):
        node["extensions"] = {VENDOR_NAME: {name: there[name] for name in there if name not in ORDINARY}}


def _credentials(fields: Evidence) -> Sequence[CredentialReferenceDraft]:
    credentials = fields.object("credentials")
    if credentials is None:
        return ()
    return [_credential(credentials, name) for name in credentials.fields]


def _credential(credentials: Evidence, name: str) -> CredentialReferenceDraft:
    draft: CredentialReferenceDraft = {"type": name}
    value = credentials.fields[name]
    if isinstance(value, str):
        draft["name"] = value
        return draft
    reference = credentials.object(name)
    if reference is None:
        return draft
    if (identifier := reference.identifier("id")) is not None:
        draft["id"] = identifier
    if (called := reference.text("name")) is not None:
        draft["name"] = called
    return draft


def _retry(fields: Evidence) -> RetryPolicyDraft:
    policy: RetryPolicyDraft = {}
    if (enabled := fields.boolean("retryOnFail")) is not None:
        policy["enabled"] = enabled
    if (attempts := fields.integer("maxTries")) is not None:
        policy["attempts"] = attempts
    if (milliseconds := fields.number("waitBetweenTries")) is not None:
        policy["wait_seconds"] = milliseconds / 1000
    return policy
