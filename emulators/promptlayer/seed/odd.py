"""What real workspaces also hold: leftovers, imports that went wrong, names that mislead."""

from collections.abc import Sequence

from emulators.promptlayer.seed.building import Draft, Release, at, constant, edge, node, prompt, rule
from emulators.promptlayer.seed.people import AIKO, EMPTY_FOLDER, MARA
from emulators.promptlayer.seed.support import TRIAGE

NAMESAKE, UNSAVED, HOLLOW, IMPORTED, NEWSLETTER, LOOSE = 4118, 4119, 4120, 4121, 4122, 4123

_NAMESAKE = Draft(
    NAMESAKE,
    str(TRIAGE),
    AIKO,
    releases=(
        Release(
            at("2026-10-05T12:00"),
            "Named after the ticket, not after the workflow of that id",
            (constant("note", "see ticket 4101"), prompt("echo", "echo", {"text": "note"}, output=True)),
        ),
    ),
)

_UNSAVED = Draft(UNSAVED, "Untitled workflow", MARA, releases=(), created=at("2026-10-30T17:45"))

_HOLLOW = Draft(
    HOLLOW,
    "placeholder for Q1",
    MARA,
    releases=(Release(at("2026-08-12T08:08"), "", (), variables=None, dated=False),),
)

_IMPORTED = Draft(
    IMPORTED,
    "legacy-import (broken)",
    None,
    folder=EMPTY_FOLDER,
    releases=(
        Release(
            at("2026-01-19T23:59"),
            None,
            (
                node("classify", "BRAND_NEW_NODE", {"anything": {"goes": [1, None, "ü"]}}, ["ghost_input"]),
                {
                    "name": "composed",
                    "node_type": "COMPOSITION",
                    "is_output_node": False,
                    "configuration": {},
                    "dependencies": ["classify", "removed_node"],
                    "position": {"x": 120, "y": -40},
                },
                {
                    "name": "reply",
                    "node_type": "PROMPT_TEMPLATE",
                    "is_output_node": True,
                    "configuration": {
                        "template": {"name": "general-reply", "label": None, "version_number": None},
                        "prompt_template_variable_mappings": {},
                        "engine": None,
                    },
                    "dependencies": [],
                    "disabled": True,
                },
            ),
            (
                edge("classify", "does_not_exist", rule("!=", "classify", "billing")),
                edge("removed_node", "reply", rule("=", "removed_node", right=None)),
                {"source_node_name": "reply", "target_node_name": "reply", "is_and": True},
            ),
            None,
            extra={"x_import": {"from": "v0", "warnings": 3}, "folder_path": None},
            dated=False,
        ),
    ),
)

_NEWSLETTER = Draft(
    NEWSLETTER,
    "old-newsletter-generator",
    AIKO,
    deleted=True,
    external_ids=(("acme_cms", "newsletter"),),
    releases=(
        Release(
            at("2026-02-27T10:00"),
            "Last one before the new tool",
            (prompt("letter", "newsletter", {"topics": "topics"}, output=True),),
            variables={"topics": "string"},
            labels=("production",),
        ),
    ),
)

_LOOSE = Draft(
    LOOSE,
    "  two  blanks at both ends  ",
    None,
    folder=EMPTY_FOLDER,
    releases=(
        Release(
            at("2026-06-01T00:00"),
            "   ",
            (constant("one", "1"), constant("two", 2), {**constant("three", [3]), "is_output_node": True}),
            labels=(" spaced label ",),
        ),
    ),
)

ODD: Sequence[Draft] = (_NAMESAKE, _UNSAVED, _HOLLOW, _IMPORTED, _NEWSLETTER, _LOOSE)
"""The workflows of this theme."""
