"""How an agent's settings name workflows: an agent flow of its own, and tools that run one. Pure."""

from typing import Final

from adapters.errors import VendorConflict, VendorNotFound, VendorSurprise
from schemas.base import JsonObject, JsonValue

WORKFLOW_TOOL: Final = "workflow"
"""The type of an agent's tool that runs a workflow."""
AGENT_FLOW: Final = "agent_flow"
"""The type of the workflows that an agent can have for its own."""

_SHARED_SETTINGS: Final = ("temperature", "max_tokens")
"""Settings that mean the same in a workflow and in an agent."""


def settings_of(agent: JsonObject) -> JsonObject:
    """Return an agent's live settings.

    Raises:
        VendorSurprise: it has none.
    """
    settings = agent.get("definition")
    if not isinstance(settings, dict):
        raise VendorSurprise("the vendor gave an agent without a definition")
    return settings


def linked_workflow(settings: JsonObject) -> str:
    """Return the id of the workflow that an agent runs: its agent flow, else the one its tools in use name.

    Raises:
        VendorNotFound: it runs no workflow.
        VendorConflict: its tools name several workflows, and none of them is its own.
    """
    own = settings.get("agent_flow_id")
    named = [own] if isinstance(own, str) and own else _tool_workflows(settings.get("tools"))
    if not named:
        raise VendorNotFound("the agent runs no workflow")
    if len(named) > 1:
        raise VendorConflict("the agent has tools for several workflows; none of them is the agent's own")
    return named[0]


def is_linked(settings: JsonValue, workflow_id: str) -> bool:
    """Say whether settings name a workflow, in use or not."""
    if not isinstance(settings, dict):
        return False
    tools = settings.get("tools")
    return settings.get("agent_flow_id") == workflow_id or (
        isinstance(tools, list) and any(_runs(tool, workflow_id) for tool in tools)
    )


def without_link(settings: JsonObject, workflow_id: str) -> JsonObject:
    """Return the settings without the workflow; everything else stays, in its order."""
    freed, tools = dict(settings), settings.get("tools")
    if freed.get("agent_flow_id") == workflow_id:
        freed["agent_flow_id"] = None
    if isinstance(tools, list):
        freed["tools"] = [tool for tool in tools if not _runs(tool, workflow_id)]
    return freed


def settings_for(workflow: JsonObject, workflow_id: str) -> JsonObject:
    """Return settings for a new agent that runs a workflow.

    An agent flow becomes the agent's own, any other workflow a tool. Model, temperature and length of answers are
    those of the workflow; what it does not say is left to the vendor.
    """
    found = workflow.get("settings")
    own = found if isinstance(found, dict) else {}
    settings: JsonObject = {name: own[name] for name in _SHARED_SETTINGS if own.get(name) is not None}
    models = own.get("model")
    if isinstance(models, list) and models:
        settings["model"] = models
    if workflow.get("type") == AGENT_FLOW:
        return {**settings, "tools": [], "agent_flow_id": workflow_id}
    return {**settings, "tools": [{"type": WORKFLOW_TOOL, "enabled": True, "workflow_id": workflow_id}]}


def _runs(tool: JsonValue, workflow_id: str) -> bool:
    return (
        isinstance(tool, dict)
        and tool.get("type") == WORKFLOW_TOOL
        and tool.get("workflow_id") == workflow_id
    )


def _tool_workflows(tools: JsonValue) -> list[str]:
    """Return the workflows that the tools in use name, each once."""
    used = (
        tool.get("workflow_id")
        for tool in (tools if isinstance(tools, list) else ())
        if isinstance(tool, dict) and tool.get("type") == WORKFLOW_TOOL and tool.get("enabled") is not False
    )
    return list(
        dict.fromkeys(identifier for identifier in used if isinstance(identifier, str) and identifier)
    )
