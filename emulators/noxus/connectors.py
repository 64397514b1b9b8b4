"""The pieces a node type is made of, in the vendor's form: connectors, settings and catalogue entries."""

from collections.abc import Sequence
from typing import Any, Literal, TypeAlias

from emulators.noxus.state import Record

Kind: TypeAlias = Literal[
    "connector",
    "input",
    "output",
    "variable_connector",
    "variable_type_size_connector",
    "variable_type_input",
    "variable_type_output",
]
KEYED = frozenset({"variable_connector", "variable_type_size_connector"})
"""Connector kinds that carry one value per user-chosen key."""


def connector(
    name: str, kind: Kind = "connector", data_type: str = "str", *, optional: bool = False
) -> Record:
    """Return one connector of a v1 node, with the extra keys its kind has."""
    choice = {"data_type": data_type, "is_list": False}
    found: Record = {
        "name": name,
        "label": name.replace("_", " ").title(),
        "definition": dict(choice),
        "type": kind,
        "propagates_list": True,
        "optional": optional,
        "rules": [],
        "visible": True,
    }
    if kind in KEYED:
        found |= {"keys": [], "type_definitions": {}, "choices": [dict(choice)], "manual": False}
    elif kind in {"variable_type_input", "variable_type_output"}:
        found |= {"choices": [dict(choice)], "configured_by": "type"}
    return found


def setting(data_type: str, default: Any = None, *, required: bool = False) -> Record:
    """Return one entry of a node type's settings (`config` in the catalogue)."""
    return {
        "type": data_type,
        "description": None,
        "visible": True,
        "optional": not required,
        "default": default,
        "display": {},
        "rules": [],
        "accordion": None,
        "advanced": False,
        "tab": None,
    }


def on_error() -> Record:
    """Return the extra output many nodes have for their failures."""
    return connector("on_error", optional=True)


def node_type(
    name: str,
    about: tuple[str, str, str],
    inputs: Sequence[Record] = (),
    outputs: Sequence[Record] = (),
    config: dict[str, Record] | None = None,
) -> Record:
    """Return a catalogue entry of a v1 node; `about` is title, category, description."""
    title, category, description = about
    return {
        "type": name,
        "title": title,
        "description": description,
        "small_description": None,
        "category": category,
        "integrations": [],
        "inputs": list(inputs),
        "outputs": list(outputs),
        "config": config or {},
        "is_available": True,
        "visible": True,
        "config_endpoint": None,
        "example": None,
        "documentation_url": None,
        "ai_instructions": None,
        "v2_ready": False,
        "output_paths": [],
    }


def node_type_v2(
    name: str,
    about: tuple[str, str, str],
    outputs: Sequence[str] = (),
    config: dict[str, Record] | None = None,
) -> Record:
    """Return a catalogue entry of a v2 node: no connectors, outputs as bare typed names."""
    bare = [
        {"name": output, "label": output.replace("_", " ").title(), "data_type": "str", "is_list": False}
        for output in outputs
    ]
    entry = node_type(name, about, (), bare, config)
    return entry | {"v2_ready": True, "output_paths": list(outputs)}
