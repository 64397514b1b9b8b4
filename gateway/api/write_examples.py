"""Bodies and answers of writes and runs shown in the OpenAPI document. A test checks each against its schema."""

from typing import Any, TypeAlias

Example: TypeAlias = dict[str, Any]


def bodies() -> dict[str, Example]:
    """Return an example of every body, by operation id."""
    return {
        "create_workflow": {"workflow": _new()},
        "update_workflow": {"description": "Answers customers, in their language", "tags": ["support", "eu"]},
        "update_assistant_workflow": {"name": "Support triage, spring"},
        "create_version": {"note": "Route billing separately", "labels": ["staging"]},
        "update_version": {"name": "Before the campaign"},
        "set_label": {"version": "3"},
        "promote_to_assistant": {"name": "Triage", "primary_node_id": "b83584b4-dd14-5ce6-9463-08523d164c3b"},
        "convert_assistant": {"name": "Triage, as a workflow"},
        "start_run": {"inputs": {"question": "Where is my order?"}, "label": "production"},
    }


def answers() -> dict[str, Example]:
    """Return an example of every answer that is worth one, by operation id."""
    return {
        "delete_workflow": {
            "losses": [],
            "dry_run": True,
            "calls": [{"method": "DELETE", "path": "/v1/workflows/flow_abc123def456"}],
        },
        "create_version": {"version": _version(), "losses": [], "dry_run": False, "calls": []},
        "set_label": {
            "label": {"name": "production", "id": "12", "version_number": 3, "version_id": "456"},
            "dry_run": False,
            "calls": [],
        },
        "promote_to_assistant": {
            "assistant_id": "asst_abc123def456",
            "workflow_id": "flow_abc123def456",
            "dry_run": False,
            "calls": [],
        },
        "start_run": _run("running"),
        "get_run": {
            **_run("succeeded"),
            "output": {"answer": "It arrives on Tuesday."},
            "finished_at": "2026-11-22T09:00:07Z",
        },
    }


def _new() -> Example:
    node = {"key": "Answer", "name": "Answer", "role": "llm", "type": "llm", "config": {"model": "any"}}
    return {"name": "Support triage", "graph": {"form": "graph", "nodes": [node], "edges": []}}


def _version() -> Example:
    return {
        "number": 4,
        "id": "457",
        "note": "Route billing separately",
        "labels": ["staging"],
        "mutable": False,
    }


def _run(state: str) -> Example:
    return {
        "id": "run_7f3a",
        "workflow_id": "flow_abc123def456",
        "state": state,
        "native_state": state.upper(),
        "version": "3",
        "inputs": {"question": "Where is my order?"},
        "node_outputs": {},
        "started_at": "2026-11-22T09:00:00Z",
    }
