"""Inside the company: onboarding, post-mortems, meeting notes, the status page."""

from collections.abc import Sequence

from emulators.promptlayer.seed.building import (
    Draft,
    Release,
    at,
    calling,
    code,
    constant,
    edge,
    inline,
    loop,
    node,
    of_source,
    of_sources,
    prompt,
    rule,
)
from emulators.promptlayer.seed.content import TRANSLATION
from emulators.promptlayer.seed.people import MARA, TOMAS, YUSUF
from emulators.promptlayer.seed.support import TRIAGE

ONBOARDING, POST_MORTEM, MEETINGS, STATUS_PAGE = 4113, 4114, 4115, 4116

_ONBOARDING = Draft(
    ONBOARDING,
    "employee-onboarding",
    MARA,
    releases=(
        Release(
            at("2026-07-01T07:30"),
            "Welcome letter in the newcomer's language",
            (
                constant(
                    "handbook", {"url": "https://handbook.fernweh.example", "chapters": ["pay", "safety"]}
                ),
                prompt("letter", "welcome-letter", {"name": "newcomer", "handbook": "handbook"}),
                calling(
                    "WORKFLOW",
                    "translated",
                    {"本文": "letter", "言語": "language"},
                    workflow_id=TRANSLATION,
                    workflow_label="production",
                ),
                calling(
                    "WORKFLOW",
                    "first_ticket",
                    {"user_message": "newcomer"},
                    workflow_id=TRIAGE,
                    workflow_version_number=2,
                ),
                of_sources("COALESCE", "parcel", "translated", "letter", output=True),
            ),
            variables={"newcomer": "string", "language": "string"},
            labels=("production",),
        ),
    ),
)

_POST_MORTEM = Draft(
    POST_MORTEM,
    "incident-post-mortem",
    TOMAS,
    external_ids=(("pagerduty", "PM-TEMPLATE"),),
    releases=(
        Release(
            at("2026-08-19T22:10"),
            "Summarise every event, then the causes",
            (
                loop(
                    "FOR_LOOP",
                    "events",
                    {"event": "_iterator_item", "before": "previous_outputs"},
                    loop_type="prompt",
                    iterator_source="timeline",
                    prompt_config={
                        "template": {"name": "event-in-a-sentence"},
                        "prompt_template_variable_mappings": {"event": "_iterator_item"},
                    },
                    return_all_outputs=True,
                ),
                inline(
                    "causes",
                    "Name the contributing causes. No blame, no names, at most five.",
                    "{events}",
                    "openai/gpt-4o@0.3",
                    {"events": "events"},
                ),
                prompt("actions", "follow-up-actions", {"causes": "causes"}),
                of_sources("COMBINE_COLUMNS", "report", "events", "causes", "actions", output=True),
            ),
            variables={"timeline": "json"},
        ),
        Release(
            at("2026-10-26T08:00"),
            "Let the coding agent propose the fix",
            (
                inline(
                    "causes",
                    "Name the contributing causes. No blame, no names, at most five.",
                    "{timeline}",
                    "openai/gpt-4o@0.3",
                    {"timeline": "timeline"},
                ),
                node(
                    "fix",
                    "CODING_AGENT",
                    {"prompt": "Propose a patch for the first cause.", "files": []},
                    ["causes"],
                ),
                of_sources("COMBINE_COLUMNS", "report", "causes", "fix", output=True),
            ),
            variables={"timeline": "json"},
            labels=("staging",),
        ),
    ),
)

_MEETINGS = Draft(
    MEETINGS,
    "meeting-notes",
    YUSUF,
    releases=(
        Release(
            at("2026-03-25T16:00"),
            "Notes, decisions, owners",
            (
                of_source("COUNT", "length", "transcript", type="words"),
                inline(
                    "short_notes",
                    "Write notes of at most ten lines.",
                    "{transcript}",
                    "openai/gpt-4o-mini@0.2",
                    {"transcript": "transcript", "length": "length"},
                    output=True,
                ),
                inline(
                    "long_notes",
                    "Write notes by topic, then decisions, then owners with dates.",
                    "{transcript}",
                    "anthropic/claude-sonnet-4-5@0.2",
                    {"transcript": "transcript", "length": "length"},
                    output=True,
                ),
            ),
            (
                edge("length", "short_notes", rule("<=", "length", 400)),
                edge("length", "long_notes", rule(">", "length", 400)),
            ),
            {"transcript": "string"},
            ("production",),
        ),
    ),
)

_STATUS_PAGE = Draft(
    STATUS_PAGE,
    "status-page-update",
    TOMAS,
    releases=(
        Release(
            at("2026-09-29T05:20"),
            "Ask the probe, write the notice",
            (
                node(
                    "probe",
                    "ENDPOINT",
                    {"url": "https://probe.fernweh.invalid/state", "headers": {}},
                    ["service"],
                ),
                prompt("notice", "status-notice", {"state": "probe"}, output=True),
                code("severity", "return 'minor'", "service"),
            ),
            variables={"service": "string"},
        ),
    ),
)

WORKPLACE: Sequence[Draft] = (_ONBOARDING, _POST_MORTEM, _MEETINGS, _STATUS_PAGE)
"""The workflows of this theme."""
