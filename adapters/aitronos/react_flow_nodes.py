"""One node of the React-Flow-like shape."""

from collections.abc import Mapping, Sequence
from typing import Final

from adapters.aitronos.configuration import layers, models_in, subworkflow_in
from adapters.aitronos.content import VENDOR_NAME
from adapters.aitronos.positions import note_odd_position, position_of
from adapters.aitronos.react_flow_edges import ELSE_HANDLES, Handles, address, outgoing_handles
from adapters.aitronos.roles import NodeTypes
from adapters.evidence import Evidence
from schemas.base import JsonObject, JsonValue
from schemas.diagnostics import DiagnosticCode
from schemas.drafts import BranchDraft, NodeDraft
from schemas.graph import Match, NodeRole

NODES: Final = "nodes"

NAMES: Final = ("label", "name", "title")
"""Where a node's data holds what people call it, the likeliest first."""

PARENTS: Final = ("parentId", "parentNode")
"""The newer and the older word for the node that this one lies in."""

KNOWN: Final = frozenset({"id", "type", "data", "position", *PARENTS})

NOISE: Final = frozenset(
    {
        "width",
        "height",
        "measured",
        "selected",
        "dragging",
        "resizing",
        "positionAbsolute",
        "zIndex",
        "draggable",
        "selectable",
        "connectable",
        "deletable",
        "focusable",
        "sourcePosition",
        "targetPosition",
        "style",
        "className",
    }
)
"""How the editor draws a node."""

ORDINARY: Final = (KNOWN | NOISE) - frozenset(PARENTS)
"""The fields of a node that never go to the extensions."""

CONDITION: Final = NodeRole.CONDITION


def identifier(fields: JsonObject) -> str | None:
    """Return a node's id as text; None for one that no edge could use."""
    return address(fields.get("id"))


def name_field(data: JsonObject) -> str | None:
    """Return the field of a node's data that holds its name."""
    for name in NAMES:
        if isinstance(data.get(name), str):
            return name
    return None


class NodeReader:
    """Reads the nodes of one definition.

    What is as documented is taken as it is; only for the rest a node is wrapped as evidence, which notes what is odd.
    """

    __slots__ = ("_by_id", "_definition", "_handles", "_types")

    def __init__(self, definition: Evidence, by_id: Mapping[str, str]) -> None:
        """Prepare for the nodes of a definition; `by_id` gives their keys by id."""
        self._definition = definition
        self._by_id = by_id
        self._types = NodeTypes()
        self._handles: Handles | None = None

    def read(self, place: int, fields: JsonObject, key: str) -> NodeDraft:
        """Return the node at a place of the list."""
        data, node_type = fields.get("data"), fields.get("type")
        if not isinstance(data, dict):
            data = self._odd_data(place)
        if node_type is not None and not isinstance(node_type, str):
            node_type = self._evidence(place).text("type")
        _, role, names_models, names_workflow, _ = self._types[node_type]
        node_id, named, config = identifier(fields), name_field(data), {**data}
        name = config.pop(named) if named is not None else None
        node: NodeDraft = {
            "key": key,
            "role": role,
            "config": config,
            "ports": (),
            "branches": self._branches(node_id, key) if role is CONDITION else (),
            "models": models_in(*layers(config)) if names_models else (),
            "credentials": (),
            "disabled": False,
            "extensions": {},
        }
        if node_id is not None:
            node["id"] = node_id
        if name is not None:
            node["name"] = name
        if node_type is not None:
            node["type"] = node_type
        if names_workflow and (reference := subworkflow_in(*layers(config))) is not None:
            node["subworkflow"] = reference
        self._add_place(node, place, fields)
        return node

    def _evidence(self, place: int) -> Evidence:
        return self._definition.item(NODES, place)

    def _odd_data(self, place: int) -> JsonObject:
        self._evidence(place).object("data")
        return {}

    def _branches(self, node_id: str | None, key: str) -> Sequence[BranchDraft]:
        """Return a branch for each handle in use; what it depends on is in the configuration, in an unknown form."""
        if node_id is None or self._by_id[node_id] != key:
            return ()
        if self._handles is None:
            self._handles = outgoing_handles(self._definition.fields)
        return [_branch(handle, label) for handle, label in self._handles.get(node_id, {}).items()]

    def _add_place(self, node: NodeDraft, place: int, fields: JsonObject) -> None:
        """Add what a node lies in and where, and what has no canonical place."""
        parent = self._parent(place, fields)
        if parent is not None:
            node["container"] = parent
        drawn: JsonValue = fields.get("position")
        if drawn is not None:
            position = position_of(drawn.get("x"), drawn.get("y")) if isinstance(drawn, dict) else None
            if position is not None:
                node["position"] = position
            else:
                note_odd_position(self._evidence(place))
        if not ORDINARY.issuperset(fields):
            node["extensions"] = _extensions(fields, keep_parent=parent is None)

    def _parent(self, place: int, fields: JsonObject) -> str | None:
        for name in PARENTS:
            parent = fields.get(name)
            if parent is not None:
                key = self._by_id.get(address(parent) or "")
                if key is None:
                    message = "there is no node with the parent's id"
                    self._evidence(place).note(DiagnosticCode.DANGLING_REFERENCE, message, name)
                return key
        return None


def _branch(handle: str, label: str | None) -> BranchDraft:
    branch: BranchDraft = {"port": handle}
    if label is not None:
        branch["label"] = label
    if handle.lower() not in ELSE_HANDLES:
        branch["condition"] = {"match": Match.ALL, "rules": ()}
    return branch


def _extensions(fields: JsonObject, *, keep_parent: bool) -> dict[str, JsonObject]:
    rest = {
        name: value
        for name, value in fields.items()
        if (name not in KNOWN and name not in NOISE)
        or (keep_parent and name in PARENTS and value is not None)
    }
    return {VENDOR_NAME: rest} if rest else {}
