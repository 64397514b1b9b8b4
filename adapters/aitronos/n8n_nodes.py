"""One node of the n8n-like shape."""

from collections.abc import Sequence
from typing import Final

from adapters.aitronos.configuration import models_in, subworkflow_in
from adapters.aitronos.content import VENDOR_NAME
from adapters.aitronos.n8n_branches import READERS
from adapters.aitronos.positions import note_odd_position, position_in
from adapters.aitronos.roles import NodeTypes
from adapters.evidence import Evidence
from schemas.base import JsonObject, JsonValue
from schemas.drafts import BranchDraft, CredentialReferenceDraft, NodeDraft, RetryPolicyDraft

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
        node_id, name, node_type = fields.get("id"), fields.get("name"), fields.get("type")
        config, version = fields.get(PARAMETERS), fields.get("typeVersion")
        position = position_in(fields.get("position"))
        if not isinstance(node_id, str) or not isinstance(name, str) or not isinstance(node_type, str):
            return self.odd_node(place, key)
        if not isinstance(config, dict) or version is None or position is None:
            return self.odd_node(place, key)
        plain, role, names_models, names_workflow, decides = self._types[node_type]
        node: NodeDraft = {
            "key": key,
            "id": node_id,
            "name": name,
            "role": role,
            "type": node_type,
            "type_version": version,
            "config": config,
            "ports": (),
            "branches": self._branches(place, plain, config, version) if decides else (),
            "models": models_in(config) if names_models else (),
            "credentials": (),
            "disabled": False,
            "position": position,
            "extensions": {},
        }
        if names_workflow and (reference := subworkflow_in(config)) is not None:
            node["subworkflow"] = reference
        if len(fields) > len(COMMON):
            _add_rare_fields(node, self._definition.item(NODES, place))
        return node

    def odd_node(self, place: int, key: str) -> NodeDraft:
        """Return any node by the careful way, which notes what is odd about it."""
        fields = self._definition.item(NODES, place)
        node_type, parameters = fields.text("type", required=True), fields.object(PARAMETERS)
        config = {} if parameters is None else parameters.fields
        plain, role, names_models, names_workflow, decides = self._types[node_type]
        version = fields.raw("typeVersion")
        node: NodeDraft = {
            "key": key,
            "role": role,
            "config": config,
            "ports": (),
            "branches": self._branches(place, plain, config, version) if decides else (),
            "models": models_in(config) if names_models else (),
            "credentials": (),
            "disabled": False,
            "extensions": {},
        }
        if node_type is not None:
            node["type"] = node_type
        if version is not None:
            node["type_version"] = version
        if names_workflow and (reference := subworkflow_in(config)) is not None:
            node["subworkflow"] = reference
        _add_identity(node, fields)
        _add_rare_fields(node, fields)
        return node

    def _branches(
        self, place: int, plain: str, config: JsonObject, version: JsonValue
    ) -> Sequence[BranchDraft]:
        return READERS[plain](self._definition.within(config, NODES, place, PARAMETERS), version)


def _add_identity(node: NodeDraft, fields: Evidence) -> None:
    """Add what a node is called and where it is drawn, as far as that can be read."""
    if (node_id := fields.identifier("id")) is not None:
        node["id"] = node_id
    if (name := fields.text("name")) is not None:
        node["name"] = name
    position = position_in(fields.fields.get("position"))
    if position is not None:
        node["position"] = position
    elif fields.has("position"):
        note_odd_position(fields)


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
