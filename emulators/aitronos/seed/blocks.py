"""Small builders for Flow-plate definitions in n8n's shape."""

import uuid
from itertools import pairwise
from typing import Any, TypeAlias

from emulators.aitronos.errors import Document
from emulators.aitronos.records import Workflow
from emulators.aitronos.seed.people import at, company, make_id, user

Target: TypeAlias = str | tuple[str, int]
Slot: TypeAlias = Target | list[Target] | None

_STEP = 220


class Canvas:
    """Collects the nodes and connections of one definition."""

    def __init__(self, slug: str) -> None:
        self._slug = slug
        self.nodes: list[Document] = []
        self.connections: Document = {}

    def node(self, name: str, kind: str, parameters: Document | None = None, **extra: Any) -> None:
        """Add a node to the right of the last one; `lane` moves it down, `extra` are further keys."""
        lane, version = extra.pop("lane", 0), extra.pop("type_version", 1)
        self.nodes.append(
            {
                "id": self.node_id(name),
                "name": name,
                "type": kind,
                "typeVersion": version,
                "position": [_STEP * len(self.nodes), 160 * lane],
                "parameters": parameters or {},
                **extra,
            }
        )

    def node_id(self, name: str) -> str:
        """Return the id of the node of that name."""
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"https://flowplate.example/{self._slug}/{name}"))

    def wire(self, source: str, *slots: Slot, kind: str = "main") -> None:
        """Connect a node's outputs in order: a name, a name with an input index, several, or None for a gap."""
        self.connections.setdefault(source, {})[kind] = [
            None if slot is None else [_target(t, kind) for t in (slot if isinstance(slot, list) else [slot])]
            for slot in slots
        ]

    def chain(self, *names: str) -> None:
        """Connect nodes one after the other by their first outputs."""
        for source, target in pairwise(names):
            self.wire(source, target)

    def definition(self, name: str, **extra: Any) -> Document:
        """Return what has been drawn, with the usual keys around it."""
        settings = {"executionOrder": "v1", "timezone": "Europe/Zurich"} | extra.pop("settings", {})
        return {
            "name": name,
            "nodes": self.nodes,
            "connections": self.connections,
            "settings": settings,
            "staticData": None,
            "pinData": {},
            "active": True,
            "versionId": self.node_id("version"),
            "meta": {"templateCredsSetupCompleted": True},
            **extra,
        }


def _target(target: Target, kind: str) -> Document:
    name, index = target if isinstance(target, tuple) else (target, 0)
    return {"node": name, "type": kind, "index": index}


def llm(instructions: str, model: str = "ftg-3.0", temperature: float = 0.7, **more: Any) -> Document:
    """Return the parameters of a FreddyLLM node."""
    return {
        "model": model,
        "instructions": instructions,
        "temperature": temperature,
        "organization_id": company().organization_id,
        "tool_configurations": {"system_tools": {}, "mcp_tools": [], "streamline_tools": []},
        **more,
    }


def equals(left: str, right: str) -> Document:
    """Return the parameters of an IF node that compares two texts."""
    return {"conditions": {"string": [{"value1": left, "operation": "equal", "value2": right}]}}


def at_least(left: str, right: float) -> Document:
    """Return the parameters of an IF node that compares two numbers."""
    return {"conditions": {"number": [{"value1": left, "operation": "largerEqual", "value2": right}]}}


def rules(field: str, *values: str) -> Document:
    """Return the parameters of a switch node with one output per value and a fallback after them."""
    listed = [{"value2": value, "output": index} for index, value in enumerate(values)]
    return {"dataType": "string", "value1": field, "rules": {"rules": listed}, "fallbackOutput": len(values)}


def workflow(slug: str, name: str, definition: Document, times: tuple[str, str], **facts: Any) -> Workflow:
    """Return a workflow record.

    Args:
        slug: makes the ids.
        name: as people see it.
        definition: the Flow-plate document.
        times: when it was created and last changed, ISO in UTC.
        facts: any other field of the record; `by` names its author.
    """
    author = facts.pop("by", None)
    standard: Document = {
        "organization_id": company().organization_id,
        "external_id": f"fp_{slug.replace('-', '_')}",
        "created_by": user(author).id if author else None,
    }
    return Workflow(
        id=flow_id(slug),
        name=name,
        definition=definition,
        created_at=at(times[0]),
        updated_at=at(times[1]),
        **(standard | facts),
    )


def flow_id(slug: str) -> str:
    """Return the workflow id of a slug."""
    return make_id("flow_", slug)
