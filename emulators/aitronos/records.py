"""The records the emulator keeps and the documents it shows of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from emulators.aitronos.definitions import has_assistant_node
from emulators.aitronos.errors import Document


@dataclass(slots=True)
class Workflow:
    """One workflow. Times are Unix seconds; `extra` holds fields no document knows."""

    id: str
    organization_id: str
    name: str
    definition: Document
    created_at: int
    updated_at: int
    description: str | None = None
    version: int = 1
    is_active: bool = True
    created_by: str | None = None
    external_id: str | None = None
    assistant_id: str | None = None
    deleted: bool = False
    extra: Document = field(default_factory=dict)

    def document(self) -> Document:
        """Return the thirteen documented fields, then the undocumented ones."""
        return {
            "id": self.id,
            "organization_id": self.organization_id,
            "name": self.name,
            "description": self.description,
            "definition": self.definition,
            "version": self.version,
            "is_active": self.is_active,
            "created_at": self.created_at,
            "updated_at": self.updated_at,
            "created_by": self.created_by,
            "external_id": self.external_id,
            "assistant_id": self.assistant_id,
            "has_assistant": has_assistant_node(self.definition),
            **self.extra,
        }


REQUIRED_OF_WORKFLOW = frozenset(
    {"id", "organization_id", "name", "definition", "version", "is_active", "created_at", "updated_at"}
)
"""What the SDK insists on; every other workflow field may be absent."""


@dataclass(slots=True)
class Assistant:
    """One assistant. `settings` holds what a caller may set, by the names of `SETTINGS`."""

    id: str
    organization_id: str
    settings: Document
    created_at: int
    updated_at: int
    created_by: str
    deleted_at: int | None = None
    workflow_id: str | None = None
    workflow_version: int | None = None

    @property
    def name(self) -> str:
        """The assistant's name."""
        return str(self.settings["name"])

    def document(self, detail: str = "full") -> Document:
        """Return the assistant as `summary`, `standard` or `full`."""
        everything = self.settings | {
            "id": self.id,
            "organization_id": self.organization_id,
            "created_by": self.created_by,
            "created_at": self.created_at,
            "updated_at": self.updated_at,
            "deleted_at": self.deleted_at,
            "icon_url": None,
            "user_access_level": "owner",
            "tool_capabilities": _capabilities(self.settings["tool_configurations"]),
            "workflow_id": self.workflow_id,
            "workflow_version": self.workflow_version,
            "workflow_based": self.workflow_id is not None,
        }
        names = DETAILS.get(detail)
        return everything if names is None else {name: everything[name] for name in names}


_SUMMARY = (
    "id",
    "name",
    "description",
    "icon_id",
    "icon_url",
    "icon_type",
    "icon_data",
    "is_default",
    "created_at",
    "updated_at",
    "access_mode",
    "api_enabled",
    "is_active",
    "temperature",
    "user_access_level",
    "workflow_id",
    "workflow_version",
    "workflow_based",
)

DETAILS: Mapping[str, tuple[str, ...] | None] = MappingProxyType(
    {
        "summary": _SUMMARY,
        "standard": (*_SUMMARY, "default_model_key", "allowed_model_providers", "context_strategy"),
        "full": None,
    }
)
"""How much of an assistant each `fields` word shows; None is everything."""


def _capabilities(tools: Any) -> Document:
    tools = tools or {}
    system = tools.get("system_tools") or {}
    return {
        "system_tools": sorted(name for name, tool in system.items() if tool and tool.get("mode") != "off"),
        "mcp_servers": [tool["server_label"] for tool in tools.get("mcp_tools") or []],
        "streamline_tools": len(tools.get("streamline_tools") or []),
    }


@dataclass(frozen=True, slots=True)
class User:
    """Somebody of the seeded company."""

    id: str
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of an assistant's audit history."""

    id: str
    timestamp: int
    assistant_id: str
    assistant_name: str
    action: str
    user: User
    changes: tuple[tuple[str, Any, Any], ...] = ()

    def document(self) -> Document:
        """Return the line as the history endpoint shows it."""
        return {
            "id": self.id,
            "timestamp": self.timestamp,
            "resource_type": "assistant",
            "resource_id": self.assistant_id,
            "resource_name": self.assistant_name,
            "action": self.action,
            "user_id": self.user.id,
            "user_name": self.user.name,
            "user_email": self.user.email,
            "changes": [{"field": f, "old_value": old, "new_value": new} for f, old, new in self.changes],
            "metadata": None,
        }
