"""Texts in many languages: translation, reviews, names in several scripts."""

from collections.abc import Sequence

from emulators.promptlayer.seed.building import (
    Draft,
    Release,
    at,
    edge,
    inline,
    loop,
    of_source,
    of_sources,
    prompt,
    rule,
)
from emulators.promptlayer.seed.people import AIKO, GROWTH_FOLDER, YUSUF

TRANSLATION, REVIEWS_FR, REVIEWS_AR, MATCH, COPY = 4108, 4109, 4110, 4111, 4112

_TRANSLATION = Draft(
    TRANSLATION,
    "翻訳ワークフロー 🌏",
    AIKO,
    folder=GROWTH_FOLDER,
    external_ids=(("crowdin", "プロジェクト/7"),),
    releases=(
        Release(
            at("2026-04-22T02:30"),
            "最初のバージョン",
            (prompt("翻訳", "translate", {"本文": "本文", "言語": "言語"}, output=True),),
            variables={"本文": "string", "言語": "string"},
        ),
        Release(
            at("2026-07-07T03:15"),
            "用語集を確認する ✅",
            (
                prompt("翻訳", "translate", {"本文": "本文", "言語": "言語"}),
                of_source("LLM_ASSERTION", "用語チェック", "翻訳", prompt="用語集のとおりか。"),
                of_sources("COALESCE", "結果", "翻訳", "本文", output=True),
            ),
            variables={"本文": "string", "言語": "string"},
            labels=("production", "本番"),
        ),
    ),
)

_REVIEWS_FR = Draft(
    REVIEWS_FR,
    "Résumé des avis clients",
    AIKO,
    folder=GROWTH_FOLDER,
    releases=(
        Release(
            at("2026-05-28T18:20"),
            "Un résumé par produit, puis un seul",
            (
                loop(
                    "FOR_LOOP",
                    "un_par_avis",
                    {"avis": "_iterator_item", "rang": "loop_index"},
                    loop_type="prompt",
                    iterator_source="avis",
                    prompt_config={
                        "template": {"name": "résumer-un-avis", "label": "production"},
                        "prompt_template_variable_mappings": {"avis": "_iterator_item", "rang": "loop_index"},
                    },
                    return_all_outputs=True,
                ),
                prompt("synthèse", "résumer-tout", {"résumés": "un_par_avis"}, output=True),
            ),
            variables={"avis": "json"},
            labels=("production",),
        ),
    ),
)

_REVIEWS_AR = Draft(
    REVIEWS_AR,
    "تحليل آراء العملاء",
    YUSUF,
    folder=GROWTH_FOLDER,
    releases=(
        Release(
            at("2026-06-09T06:40"),
            "الإصدار الأول",
            (
                inline(
                    "تصنيف",
                    "صنّف رأي العميل: إيجابي أو سلبي أو محايد.",
                    "{الرأي}",
                    "openai/gpt-4o-mini@0",
                    {"الرأي": "الرأي"},
                ),
                prompt("رد", "رد-لطيف", {"الرأي": "الرأي", "التصنيف": "تصنيف"}, output=True),
                prompt("شكر", "شكر", {"التصنيف": "تصنيف"}, output=True),
            ),
            (
                edge("تصنيف", "رد", rule("=", "تصنيف", "سلبي")),
                edge("تصنيف", "شكر", rule("!=", "تصنيف", "سلبي")),
            ),
            {"الرأي": "string"},
        ),
    ),
)

_MATCH = Draft(
    MATCH,
    "100% Match? Size & fit #1 / v2 %2F draft",
    AIKO,
    releases=(
        Release(
            at("2026-09-17T20:05"),
            'Quotes "inside", a tab\tand a\nline break',
            (
                of_sources(
                    "COMPARE", "same size", "ordered size", "usual size", comparison_type={"type": "STRING"}
                ),
                prompt(
                    "advice / text", "size-advice", {"same": "same size", "usual": "usual size"}, output=True
                ),
            ),
            variables={"ordered size": "string", "usual size": "string"},
            labels=("a/b test", "100%"),
        ),
    ),
)

_COPY = Draft(
    COPY,
    "product-copy-refiner",
    AIKO,
    folder=GROWTH_FOLDER,
    releases=(
        Release(
            at("2026-10-20T09:50"),
            "Refine until the brand check is content",
            (
                inline(
                    "first_draft",
                    "Write a product text of at most 80 words for an outdoor shop. No superlatives.",
                    "{facts}",
                    "anthropic/claude-sonnet-4-5@0.8",
                    {"facts": "facts"},
                ),
                loop(
                    "WHILE_LOOP",
                    "refine",
                    {"draft": "first_draft", "so_far": "previous_outputs"},
                    loop_type="workflow",
                    workflow_config={"workflow_id": TRANSLATION, "workflow_label": "production"},
                    end_condition_json_path="$.approved",
                    max_iterations=4,
                    return_all_outputs=False,
                ),
                of_source("JSON_PATH", "text", "refine", json_path="$.final_output", return_first_match=True),
                of_source("COUNT", "length", "text", type="words"),
                of_sources("MATH_OPERATOR", "short_enough", "length", operator="le", value=80),
                of_sources("COMBINE_COLUMNS", "published", "text", "short_enough", output=True),
            ),
            variables={"facts": "string"},
            labels=("staging",),
        ),
    ),
)

CONTENT: Sequence[Draft] = (_TRANSLATION, _REVIEWS_FR, _REVIEWS_AR, _MATCH, _COPY)
"""The workflows of this theme."""
