"""What the server has to understand of a definition: its FreddyLLM nodes and its Assistant nodes.

No document shows the inside of a definition. n8n's shape and React-Flow's are understood; anything else is opaque.
"""

import uuid
from itertools import pairwise
from typing import Any

from emulators.aitronos.errors import Document


def _nodes(definition: Document) -> list[Document] | None:
    nodes = definition.get("nodes")
    if not isinstance(nodes, list):
        return None
    return [node for node in nodes if isinstance(node, dict)]


def _kind(node: Document) -> str:
    return str(node.get("type")).rpartition(".")[2].lower()


def has_assistant_node(definition: Document) -> bool | None:
    """Say whether there is an Assistant node; None when the shape is not understood."""
    nodes = _nodes(definition)
    if nodes is None:
        return None if definition else False
    return any(_kind(node) == "assistant" for node in nodes)


def llm_nodes(definition: Document) -> list[Document]:
    """Return the FreddyLLM nodes that are switched on."""
    return [n for n in _nodes(definition) or [] if _kind(n) == "freddyllm" and not n.get("disabled")]


def llm_settings(node: Document) -> Document:
    """Return the assistant settings a FreddyLLM node stands for."""
    data = node.get("data")
    configuration = data.get("config") if isinstance(data, dict) else node.get("parameters")
    found = configuration if isinstance(configuration, dict) else {}
    names = {
        "model": "default_model_key",
        "instructions": "instructions",
        "temperature": "temperature",
        "tool_configurations": "tool_configurations",
        "reasoning": "reasoning",
        "vector_store_ids": "vector_store_ids",
        "rules": "rule_ids",
    }
    return {new: found[old] for old, new in names.items() if found.get(old) is not None}


def definition_of(settings: Document, name: str, workflow_id: str) -> Document:
    """Return the definition that stands for an assistant: a chat trigger, its model, a reply."""
    steps = [
        ("Chat Trigger", "chatTrigger", {}),
        ("FreddyLLM", "freddyLLM", _parameters(settings)),
        ("Reply", "respond", {"text": "={{ $json.text }}"}),
    ]
    nodes = [
        {
            "id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{workflow_id}/{label}")),
            "name": label,
            "type": kind,
            "typeVersion": 1,
            "position": [220 * index, 0],
            "parameters": parameters,
        }
        for index, (label, kind, parameters) in enumerate(steps)
    ]
    labels = [label for label, _, _ in steps]
    connections = {
        source: {"main": [[{"node": target, "type": "main", "index": 0}]]}
        for source, target in pairwise(labels)
    }
    return {"name": name, "nodes": nodes, "connections": connections, "settings": {"executionOrder": "v1"}}


def _parameters(settings: Document) -> Document:
    names = ("instructions", "temperature", "tool_configurations", "reasoning", "vector_store_ids")
    chosen: dict[str, Any] = {"model": settings["default_model_key"]}
    chosen |= {name: settings[name] for name in names if settings[name] is not None}
    return chosen | ({"rules": settings["rule_ids"]} if settings["rule_ids"] else {})
