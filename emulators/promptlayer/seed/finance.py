"""Money and sales: invoices, lead scoring, the yearly report."""

from collections.abc import Sequence

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
    rule_between,
)
from emulators.promptlayer.seed.people import FINANCE_FOLDER, GROWTH_FOLDER, TOMAS

INVOICES, LEADS, REPORT = 4105, 4106, 4107

_INVOICES = Draft(
    INVOICES,
    "invoice-extraction",
    TOMAS,
    folder=FINANCE_FOLDER,
    external_ids=(("sap", "Z_INV_01"),),
    releases=(
        Release(
            at("2026-03-11T09:00"),
            "Total and number",
            (
                of_source("AI_DATA_EXTRACTION", "number", "scan", query="Invoice number"),
                of_source("AI_DATA_EXTRACTION", "total", "scan", query="Grand total with currency"),
                of_sources("COMBINE_COLUMNS", "invoice", "number", "total", output=True),
            ),
            variables={"scan": "string"},
        ),
        Release(
            at("2026-06-30T17:55"),
            "Sums above the four-eyes limit go to a person",
            (
                of_source("AI_DATA_EXTRACTION", "number", "scan", query="Invoice number"),
                of_source("AI_DATA_EXTRACTION", "total", "scan", query="Grand total with currency"),
                of_source(
                    "XML_PATH", "supplier", "scan", xml_path=".//supplier/name", type="find", return_text=True
                ),
                of_source("PARSE_VALUE", "amount", "total", type="number"),
                constant("limit", 5000),
                of_sources("ABSOLUTE_NUMERIC_DISTANCE", "headroom", "amount", "limit"),
                code("book", "return {'posted': True, **data}", "amount", "number", "supplier", output=True),
                node(
                    "four_eyes",
                    "HUMAN",
                    {"data_type": "string", "ui_element": {"type": "text", "placeholder": "initials"}},
                    ["amount", "headroom"],
                    output=True,
                ),
            ),
            (
                edge("amount", "book", rule_between("<", "amount", "limit")),
                edge("amount", "four_eyes", rule_between(">=", "amount", "limit")),
            ),
            {"scan": "string"},
            ("production", "audited-2026"),
        ),
    ),
)

_LEADS = Draft(
    LEADS,
    "Lead scoring",
    TOMAS,
    folder=GROWTH_FOLDER,
    releases=(
        Release(
            at("2026-08-05T12:10"),
            "Three signals, one score",
            (
                node(
                    "company",
                    "ENDPOINT",
                    {"url": "https://crm.fernweh.example/companies/lookup", "headers": {}},
                    ["lead"],
                ),
                inline(
                    "fit",
                    "Rate from 0 to 100 how well the company fits a wholesale partner of an outdoor brand.",
                    "{lead}\n\n{company}",
                    "google/gemini-2.5-flash@0.2",
                    {"lead": "lead", "company": "company"},
                ),
                of_source("PARSE_VALUE", "score", "fit", type="number"),
                constant("thresholds", [20, 60, 85]),
                of_source("MIN_MAX", "lowest", "thresholds", type="min"),
                of_sources("MATH_OPERATOR", "is_hot", "score", operator="ge", value=85),
                of_source("COUNT", "effort", "lead", type="words"),
                code("drop", "return 'drop'", "score", "lowest", output=True),
                prompt("nurture", "nurture-mail", {"lead": "lead", "score": "score"}, output=True),
                prompt(
                    "call_sheet",
                    "call-sheet",
                    {"lead": "lead", "score": "score"},
                    output=True,
                    label="production",
                ),
            ),
            (
                edge("score", "drop", rule_between("<", "score", "lowest")),
                edge("score", "nurture", rule(">=", "score", 20), rule("<", "score", 85)),
                edge("score", "call_sheet", rule(">=", "score", 85), rule("=", "lead", "vip"), any_of=True),
            ),
            {"lead": "string"},
            ("production", "staging"),
        ),
    ),
)

_REPORT = Draft(
    REPORT,
    "2024",
    None,
    folder=FINANCE_FOLDER,
    releases=(
        Release(
            at("2026-02-16T15:00"),
            "Yearly report 2024, restated",
            (
                constant("year", 2024),
                prompt("chapter", "report-chapter", {"year": "year", "ledger": "ledger"}, output=True),
            ),
            variables={"ledger": "string"},
        ),
    ),
)

FINANCE: Sequence[Draft] = (_INVOICES, _LEADS, _REPORT)
"""The workflows of this theme."""
