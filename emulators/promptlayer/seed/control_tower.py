"""One big graph: the fulfilment control tower, nine steps for each of five warehouses."""

from emulators.promptlayer.records import Document
from emulators.promptlayer.seed.building import (
    Draft,
    Release,
    at,
    code,
    constant,
    edge,
    inline,
    node,
    of_source,
    of_sources,
    prompt,
    rule,
)
from emulators.promptlayer.seed.people import TOMAS

TOWER = 4117
WAREHOUSES = ("basel", "hamburg", "lyon", "torino", "wien")


def _warehouse(name: str) -> list[Document]:
    def own(step: str) -> str:
        return f"{name}_{step}"

    address = f"https://wms.fernweh.example/{name}/backlog"
    return [
        node(own("backlog"), "ENDPOINT", {"url": address, "headers": {"X-Site": name}}, ["day"]),
        of_source(
            "JSON_PATH", own("open_orders"), own("backlog"), json_path="$.status", return_first_match=True
        ),
        of_sources("MATH_OPERATOR", own("is_late"), own("open_orders"), "late_from", operator="ge"),
        prompt(
            own("forecast"), "carrier-forecast", {"site": own("backlog"), "day": "day"}, label="production"
        ),
        of_source("LLM_ASSERTION", own("is_risky"), own("forecast"), prompt="Does the forecast name a risk?"),
        of_sources("COMBINE_COLUMNS", own("state"), own("is_late"), own("is_risky"), own("open_orders")),
        inline(
            own("calm_line"),
            "One sentence: the site is on time.",
            "{state}",
            "openai/gpt-4o-mini@0.1",
            {"state": own("state"), "late": own("is_late")},
        ),
        inline(
            own("alarm_line"),
            "Two sentences: what is late at the site and who should act.",
            "{state}",
            "openai/gpt-4o@0.1",
            {"state": own("state"), "late": own("is_late")},
        ),
        of_sources("COALESCE", own("line"), own("alarm_line"), own("calm_line")),
    ]


def _branches(name: str) -> list[Document]:
    late = f"{name}_is_late"
    return [
        edge(late, f"{name}_calm_line", rule("=", late, right=False)),
        edge(late, f"{name}_alarm_line", rule("=", late, right=True), rule("is_null", late), any_of=True),
    ]


_LINES = tuple(f"{name}_line" for name in WAREHOUSES)

CONTROL_TOWER = Draft(
    TOWER,
    "order-fulfilment-control-tower",
    TOMAS,
    external_ids=(("sap", "Z_FULFIL_01"),),
    releases=(
        Release(
            at("2026-09-22T04:00"),
            "All five warehouses, one morning note",
            (
                constant("late_from", 120),
                *(step for name in WAREHOUSES for step in _warehouse(name)),
                of_sources("COMBINE_COLUMNS", "all_lines", *_LINES),
                code("table", "return '\\n'.join(data['all_lines'].values())", "all_lines"),
                prompt("morning_note", "morning-note", {"lines": "all_lines", "table": "table"}, output=True),
            ),
            tuple(branch for name in WAREHOUSES for branch in _branches(name)),
            {"day": "string"},
            ("production",),
        ),
    ),
)
"""Forty-nine nodes, ten conditional edges."""
