"""What has happened: runs in every status, triggers, and the events they received."""

from datetime import timedelta
from typing import Any

from emulators.noxus.graph import nodes
from emulators.noxus.runs import Run
from emulators.noxus.seed.builders import version_id, workflow_id
from emulators.noxus.state import GROUP_ID, Record, State, parsed, seeded_id

RUNS: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
    ("support triage", "completed", "2026-10-31T22:14:03Z", {"Ticket": "My sofa came without legs"}),
    ("support triage", "completed", "2026-10-31T21:40:00Z", {"Ticket": "Rechnung fehlt", "Language": "de"}),
    ("support triage", "failed", "2026-10-31T20:02:11.500000Z", {"Ticket": ""}),
    ("support triage", "stopped", "2026-10-30T08:00:00Z", {"Ticket": "test"}),
    ("refund decision", "awaiting_human_feedback", "2026-10-31T15:40:00Z", {"Order number": "HH-20931"}),
    ("refund decision", "completed", "2026-10-29T12:00:00Z", {"Order number": "HH-20877"}),
    (
        "invoice extraction",
        "completed",
        "2026-10-31T17:22:10.250000Z",
        {"Invoice": {"uri": "file://inv-88.pdf"}},
    ),
    ("invoice extraction", "failed", "2026-10-28T07:45:00Z", {"Invoice": {"uri": "file://scan.tiff"}}),
    ("weekly sales digest", "completed", "2026-10-26T06:00:00Z", {"Week": "2026-W43"}),
    (
        "help centre answers",
        "completed",
        "2026-10-31T23:59:59.999999Z",
        {"Question": "どうやって組み立てますか"},
    ),
    ("incident post-mortem", "completed", "2026-10-29T03:12:00Z", {"Incident": "INC-411"}),
    ("summer campaign", "completed", "2026-08-12T10:00:00Z", {"Slogan": "Sun, seat, sea"}),
)


def _add_runs(state: State) -> None:
    for number, (key, status, created_at, given) in enumerate(RUNS):
        workflow = state.workflows[workflow_id(key)]
        executed = nodes(workflow["definition"])
        created = parsed(created_at)
        waiting = status == "awaiting_human_feedback"
        run = Run(
            id=seeded_id(f"run: {number}: {key}"),
            workflow_id=workflow["id"],
            created_at=created,
            input=given,
            script=(status,),
            nodes=executed,
            done=len(executed) if status == "completed" else len(executed) // 2,
            source="trigger" if key == "support triage" else "api",
            fault="Model refused the request" if status == "failed" else None,
            handler=workflow["error_handler"],
            finished_at=None if waiting else created + timedelta(seconds=7, milliseconds=200),
        )
        state.runs[run.id] = run


def _trigger(key: str, name: str, definition: Record, version: str) -> Record:
    return {
        "id": seeded_id(f"trigger: {name}"),
        "group_id": GROUP_ID,
        "workflow_id": workflow_id(key),
        "workflow_version_id": version_id(key, version),
        "definition": definition,
        "routing_key": f"{definition['type']}:{workflow_id(key)}",
        "created_at": "2026-08-20T06:00:00Z",
    }


def _add_triggers(state: State) -> None:
    mail = _trigger(
        "support triage",
        "support mailbox",
        {"type": "email", "address": "support@haldenhome.example"},
        "v2 - better model",
    )
    hook = _trigger("support triage", "shop form", {"type": "webhook", "path": "/shop-form"}, "v1")
    nightly = _trigger(
        "invoice extraction", "nightly", {"type": "schedule", "cron": "0 2 * * *"}, "audit 2026"
    )
    for trigger in (mail, hook, nightly):
        state.triggers[trigger["id"]] = trigger
    runs = list(state.runs.values())
    for number in range(12):
        trigger = (mail, hook, nightly)[number % 3]
        failed = number == 7
        state.trigger_events.append(
            {
                "id": seeded_id(f"trigger event: {number}"),
                "trigger_id": trigger["id"],
                "workflow_id": trigger["workflow_id"],
                "event_type": trigger["definition"]["type"],
                "payload": {"subject": f"Message {number}", "from": "customer@mail.example"},
                "run_id": None if failed else runs[number % len(runs)].id,
                "error": "Attachment too large" if failed else None,
                "created_at": f"2026-10-{15 + number:02}T04:00:00Z",
            }
        )


def add_history(state: State) -> None:
    """Put runs, triggers and events into the state; the workflows must be there."""
    _add_runs(state)
    _add_triggers(state)
