"""The company's assistants, their links to workflows, and what happened to them."""

from typing import Any

from emulators.aitronos.records import Assistant, Entry
from emulators.aitronos.seed.blocks import flow_id
from emulators.aitronos.seed.people import at, company, make_id, other_organization_id, user
from emulators.aitronos.settings import defaults


def assistants() -> list[Assistant]:
    """Return the assistants; a linked one names its workflow and the version it was linked at."""
    return [*_linked(), *_alone(), *_hidden()]


def _linked() -> list[Assistant]:
    return [
        _assistant(
            "helpdesk",
            "2026-05-08T09:00:00",
            workflow=("support-triage", 3),
            name="Bergquell Helpdesk",
            description="First answer to every customer.",
            instructions="You are the friendly support team of Bergquell Outdoor.",
            access_mode="organization",
            is_default=True,
            memory_enabled=True,
        ),
        _assistant(
            "warranty",
            "2026-06-05T14:20:00",
            workflow=("warranty-answers", 2),
            name="Warranty Expert",
            description="Knows the warranty terms by heart.",
            default_model_key="claude-sonnet-4-5",
            temperature=0.2,
            vector_store_ids=["vs_4hd81kq0ta2m"],
            visible_in_chat_to_users=["*"],
        ),
        _assistant(
            "peak-desk",
            "2026-09-12T07:30:00",
            workflow=("peak-season", 12),
            name="Peak Season Desk",
            access_mode="organization",
            api_enabled=True,
        ),
        _assistant(
            "kiosk",
            "2026-10-17T10:00:00",
            workflow=("showroom-kiosk", 1),
            name="Kiosk Chur",
            description=None,
            public_enabled=True,
        ),
    ]


def _alone() -> list[Assistant]:
    tools = {
        "system_tools": {"web_search": {"mode": "auto", "sources": True}, "image_generation": None},
        "mcp_tools": [{"server_label": "catalogue", "server_url": "https://shop.bergquell.example/mcp"}],
        "streamline_tools": [],
    }
    return [
        _assistant(
            "gear-advisor",
            "2026-07-16T11:11:00",
            name="Gear Advisor",
            description="Helps to choose between two tents.",
            instructions="Ask three questions, then recommend one product and name its drawback.",
            default_model_key="gpt-4o",
            temperature=0.5,
            tool_configurations=tools,
            reasoning={"effort": "low", "summary": "auto"},
            rule_ids=["rule_be_careful01"],
            metadata={"cost_centre": "4410"},
        ),
        _assistant(
            "小助手",
            "2026-08-26T02:00:00",
            name="東京オフィス助手",
            description="日本語のみ",
            temperature=0.3,
        ),
        _assistant(
            "draft-writer",
            "2026-05-28T08:00:00",
            name="Draft Writer",
            is_active=False,
            visible_in_chat_to_users=[],
        ),
    ]


def _hidden() -> list[Assistant]:
    old = _assistant("prototype", "2026-05-02T08:00:00", name="Prototype")
    old.deleted_at = at("2026-06-15T12:00:00")
    foreign = _assistant("talwind", "2026-07-07T08:00:00", name="Talwind Assistant")
    foreign.organization_id = other_organization_id()
    return [old, foreign]


def _assistant(
    slug: str, created: str, workflow: tuple[str, int] | None = None, **settings: Any
) -> Assistant:
    workflow_slug, version = workflow or (None, None)
    return Assistant(
        id=make_id("asst_", slug),
        organization_id=company().organization_id,
        settings={"name": settings.pop("name")} | defaults() | settings,
        created_at=at(created),
        updated_at=at(created),
        created_by=user("Jonas Frey").id,
        workflow_id=flow_id(workflow_slug) if workflow_slug else None,
        workflow_version=version,
    )


def history(planted: list[Assistant]) -> list[Entry]:
    """Return the audit lines of the planted assistants, oldest first."""
    lines = []
    for assistant in sorted(planted, key=lambda a: a.created_at):
        lines.append(_line(assistant, "created", 0))
        if assistant.workflow_id is not None:
            lines.append(_line(assistant, "workflow_linked", 1, ("workflow_id", None, assistant.workflow_id)))
        if assistant.deleted_at is not None:
            lines.append(_line(assistant, "deleted", assistant.deleted_at - assistant.created_at))
    return lines


def _line(assistant: Assistant, action: str, after: int, *changes: tuple[str, Any, Any]) -> Entry:
    return Entry(
        id=make_id("audit_", f"{assistant.id}-{action}"),
        timestamp=assistant.created_at + after,
        assistant_id=assistant.id,
        assistant_name=assistant.name,
        action=action,
        user=user("Jonas Frey"),
        changes=changes,
    )
