"""One node of the n8n-like shape."""

from collections.abc import Sequence
from typing import Final

from adapters.aitronos.configuration import models_in, subworkflow_in
from adapters.aitronos.content import VENDOR_NAME
from adapters.aitronos.n8n_branches import READERS, read_branches
from adapters.aitronos.positions import note_odd_position, position_of
from adapters.aitronos.roles import NodeTypes
from adapters.evidence import Evidence
from schemas.base import JsonObject, JsonValue
from schemas.drafts import BranchDraft, CredentialReferenceDraft, NodeDraft, RetryPolicyDraft

NODES: Final = "nodes"
PARAMETERS: Final = "parameters"

COMMON: Final = frozenset({"id", "name", "type", "typeVersion", "position", PARAMETERS})
"""The fields that every node has."""

RARE: Final = frozenset(
    {"credentials", "disabled", "notes", "onError", "retryOnFail", "maxTries", "waitBetweenTries"}
)

KNOWN: Final = COMMON | RARE
"""The fields of a node with a canonical place."""

NOISE: Final = frozenset({"notesInFlow", "color"})
"""How the editor draws a node."""


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
        if not isinstance(config, dict):
            config = self._odd_config(place)
        if not isinstance(node_type, str):
            node_type = self._evidence(place).text("type", required=True)
        plain, role, names_models, names_workflow = self._types[node_type]
        node: NodeDraft = {
            "key": key,
            "role": role,
            "config": config,
            "ports": (),
            "branches": (),
            "models": models_in(config) if names_models else (),
            "credentials": (),
            "disabled": False,
            "extensions": {},
        }
        if node_type is not None:
            node["type"] = node_type
        self._add_names(node, place, fields)
        if plain in READERS:
            node["branches"] = self._branches(plain, place, fields)
        if names_workflow and (reference := subworkflow_in(config)) is not None:
            node["subworkflow"] = reference
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

    def _add_names(self, node: NodeDraft, place: int, fields: JsonObject) -> None:
        node_id, name, type_version = fields.get("id"), fields.get("name"), fields.get("typeVersion")
        if not isinstance(node_id, str):
            node_id = self._evidence(place).identifier("id")
        if not isinstance(name, str):
            name = self._evidence(place).text("name")
        if node_id is not None:
            node["id"] = node_id
        if name is not None:
            node["name"] = name
        if type_version is not None:
            node["type_version"] = type_version

    def _branches(self, plain: str, place: int, fields: JsonObject) -> Sequence[BranchDraft]:
        node, config = self._evidence(place), fields.get(PARAMETERS)
        parameters = Evidence(config if isinstance(config, dict) else {}, node.findings, node, PARAMETERS)
        return read_branches(plain, parameters, fields.get("typeVersion"))

    def _add_position(self, node: NodeDraft, place: int, drawn: JsonValue) -> None:
        pair = drawn if isinstance(drawn, list) and len(drawn) == 2 else (None, None)
        position = position_of(pair[0], pair[1])
        if position is not None:
            node["position"] = position
        else:
            note_odd_position(self._evidence(place))


def _add_rare_fields(node: NodeDraft, fields: Evidence) -> None:
    """Add what most nodes do not have."""
    node["credentials"] = _credentials(fields)
    node["disabled"] = fields.boolean("disabled") or False
    if retry := _retry(fields):
        node["retry"] = retry
    if (on_error := fields.text("onError")) is not None:
        node["on_error"] = on_error
    if (notes := fields.text("notes")) is not None:
        node["notes"] = notes
    rest = {name: value for name, value in fields.fields.items() if name not in KNOWN and name not in NOISE}
    if rest:
        node["extensions"] = {VENDOR_NAME: rest}


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
