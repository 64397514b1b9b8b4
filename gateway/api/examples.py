"""Answers shown in the OpenAPI document. A test checks each against its schema."""

from typing import Any, TypeAlias

Example: TypeAlias = dict[str, Any]


def examples() -> dict[str, Example]:
    """Return an example of every answer that is worth one, by operation id."""
    return {
        "list_workflows": _page(),
        "list_connection_workflows": {"items": [_summary()], "complete": True, "problems": []},
        "get_workflow": _workflow(),
        "get_workflow_version": _workflow(),
        "get_assistant_workflow": _workflow(),
        "get_workflow_graph": _graph(),
        "list_versions": {"items": [_version()], "complete": True, "problems": []},
        "list_labels": {"items": [_label()], "complete": True, "problems": []},
        "get_label": _label(),
        "list_connections": {"items": [_connection()]},
        "get_connection": _connection(),
        "get_native_workflow": {
            "id": "flow_abc123def456",
            "name": "Support triage",
            "definition": {"nodes": []},
        },
        "list_vendors": {"items": [_vendor()]},
        "get_vendor": _vendor(),
        "get_cache": {"entries": 812, "used_bytes": 18_734_592, "max_bytes": 67_108_864, "evicted": 0},
    }


def problem_example() -> Example:
    """Return an example of what every failure is told as."""
    return {
        "type": "/problems/vendor_timeout",
        "title": "The vendor is too slow",
        "status": 504,
        "detail": "Example did not answer within 10 seconds",
        "code": "vendor_timeout",
        "instance": "/v1/connections/support-eu/workflows/flow_abc123def456",
        "request_id": "6c8bcf547c73931500000000000000b1",
        "connection": "support-eu",
        "retryable": True,
        "errors": [],
    }


def _vendor() -> Example:
    lacks = {"level": "vendor_lacks_it", "reason": "Example has no labels."}
    return {
        "name": "example",
        "title": "Example",
        "docs_url": "https://docs.example.com",
        "base_url": "https://api.example.com",
        "support": {"list_workflows": {"level": "native"}, "list_labels": lacks},
    }


def _summary() -> Example:
    return {
        "connection": "support-eu",
        "vendor": "example",
        "id": "flow_abc123def456",
        "name": "Support triage",
        "description": "Answers customers",
        "kind": "flow",
        "status": "active",
        "version": {"number": 7, "labels": [], "mutable": True, "current": True},
        "labels": [],
        "tags": ["support"],
        "external_ids": [{"id": "fp_0001"}],
        "created_at": "2024-11-15T10:50:00Z",
        "updated_at": "2025-11-24T16:00:00Z",
        "author": {"id": "usr_abc123"},
        "workspace": {"id": "org_abc123def456"},
    }


def _trigger() -> Example:
    return {
        "key": "Chat Trigger",
        "id": "dc0edd9b-7f12-5ea6-8b00-4bebc8428280",
        "name": "Chat Trigger",
        "role": "trigger",
        "type": "chatTrigger",
        "type_version": 1,
        "config": {},
        "position": {"x": 0, "y": 0},
    }


def _model() -> Example:
    return {
        "key": "Answer",
        "id": "b83584b4-dd14-5ce6-9463-08523d164c3b",
        "name": "Answer",
        "role": "llm",
        "type": "freddyLLM",
        "type_version": 1,
        "config": {"model": "ftg-3.0", "instructions": "Be brief.", "temperature": 0.7},
        "models": ["ftg-3.0"],
        "position": {"x": 220, "y": 0},
    }


def _graph() -> Example:
    return {
        "form": "graph",
        "format": "n8n",
        "nodes": [_trigger(), _model()],
        "edges": [
            {
                "kind": "data",
                "source": {"node": "Chat Trigger", "exists": True, "port": "main", "index": 0},
                "target": {"node": "Answer", "exists": True, "port": "main", "index": 0},
                "order": 0,
                "derived": False,
            }
        ],
    }


def _workflow() -> Example:
    return {
        **_summary(),
        "inputs": [],
        "outputs": [],
        "graph": _graph(),
        "extensions": {},
        "digest": "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "diagnostics": [],
    }


def _problem() -> Example:
    return {
        "type": "/problems/vendor_timeout",
        "title": "The vendor is too slow",
        "status": 504,
        "detail": "prompts-us gave no page within 5 seconds",
        "code": "vendor_timeout",
        "connection": "prompts-us",
        "retryable": True,
        "errors": [],
    }


def _version() -> Example:
    return {
        "number": 3,
        "id": "456",
        "note": "Route billing separately",
        "created_at": "2026-09-01T08:00:00.123456Z",
        "labels": ["production"],
        "mutable": False,
        "current": True,
    }


def _label() -> Example:
    return {
        "name": "production",
        "id": "12",
        "version_number": 3,
        "version_id": "456",
    }


def _connection() -> Example:
    return {
        "name": "support-eu",
        "title": "Support, Europe",
        "vendor": "example",
        "base_url": "https://api.example.com",
        "health": {
            "state": "healthy",
            "consecutive_failures": 0,
            "last_success_at": "2026-11-22T09:00:00Z",
        },
    }


def _page() -> Example:
    return {
        "items": [_summary()],
        "next_cursor": "eyJxdWVzdGlvbiI6IjQ0MTM2ZmEzNTViMzY3OGEifQ",
        "complete": False,
        "problems": [_problem()],
    }
