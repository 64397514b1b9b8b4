"""One node of the React-Flow-like shape."""

from collections.abc import Mapping
from typing import Final

from adapters.aitronos.configuration import layers, models_in, subworkflow_in
from adapters.aitronos.content import VENDOR_NAME
from adapters.aitronos.positions import read_position
from adapters.aitronos.react_flow_edges import ELSE_HANDLES, Handles, address
from adapters.aitronos.roles import plain_type, role_of
from adapters.evidence import Evidence
from schemas.base import JsonObject
from schemas.diagnostics import DiagnosticCode
from schemas.graph import Branch, Condition, Node, NodeRole, Position

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


def identifier(fields: JsonObject) -> str | None:
    """Return a node's id as text; None for one that no edge could use."""
    return address(fields.get("id"))


def name_field(data: JsonObject) -> str | None:
    """Return the field of a node's data that holds its name."""
    return next((name for name in NAMES if isinstance(data.get(name), str)), None)


def read_node(fields: Evidence, key: str, by_id: Mapping[str, str], handles: Handles) -> Node:
    """Return the node with its key; `handles` are those that edges leave by, under each source's id."""
    data = fields.object("data")
    everything = data.fields if data is not None else {}
    named = name_field(everything)
    config = {name: value for name, value in everything.items() if name != named}
    node_type = fields.text("type")
    role = role_of(plain_type(node_type))
    node_id = identifier(fields.fields)
    is_addressed = node_id is not None and by_id[node_id] == key
    parent = _parent(fields, by_id)
    return Node(
        key=key,
        id=node_id,
        name=everything[named] if named is not None else None,
        role=role,
        type=node_type,
        config=config,
        branches=_branches(role, handles.get(node_id or "", {})) if is_addressed else (),
        models=models_in(role, *layers(config)),
        container=parent,
        subworkflow=subworkflow_in(role, *layers(config)),
        position=_position(fields),
        extensions=_extensions(fields.fields, keep_parent=parent is None),
    )


def _parent(fields: Evidence, by_id: Mapping[str, str]) -> str | None:
    for name in PARENTS:
        parent = fields.fields.get(name)
        if parent is not None:
            key = by_id.get(address(parent) or "")
            if key is None:
                fields.note(DiagnosticCode.DANGLING_REFERENCE, "there is no node with the parent's id", name)
            return key
    return None


def _branches(role: NodeRole, labels: Mapping[str, str | None]) -> tuple[Branch, ...]:
    """Return a branch for each handle in use; what it depends on is in the configuration, in an unknown form."""
    if role is not NodeRole.CONDITION:
        return ()
    return tuple(
        Branch(port=handle, label=label, condition=None if handle.lower() in ELSE_HANDLES else Condition())
        for handle, label in labels.items()
    )


def _position(fields: Evidence) -> Position | None:
    value = fields.fields.get("position")
    if value is None:
        return None
    place = value if isinstance(value, dict) else {}
    return read_position(fields, place.get("x"), place.get("y"))


def _extensions(fields: JsonObject, *, keep_parent: bool) -> dict[str, JsonObject]:
    rest = {
        name: value
        for name, value in fields.items()
        if (name not in KNOWN and name not in NOISE)
        or (keep_parent and name in PARENTS and value is not None)
    }
    return {VENDOR_NAME: rest} if rest else {}
