"""Customer support: triage, answers from the help centre, refunds, moderation."""

from collections.abc import Sequence

from emulators.promptlayer.records import Document
from emulators.promptlayer.seed.building import (
    Draft,
    Release,
    at,
    calling,
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
from emulators.promptlayer.seed.people import ESCALATIONS_FOLDER, MARA, SUPPORT_FOLDER, YUSUF

TRIAGE, ANSWERS, REFUNDS, MODERATION = 4101, 4102, 4103, 4104

_CLASSIFY = prompt("classify", "intent-classifier", {"message": "user_message"}, label="production")


def _reply(name: str, template: str) -> Document:
    mappings = {"question": "user_message", "intent": "classify"}
    return prompt(name, template, mappings, output=True)


_TRIAGE = Draft(
    TRIAGE,
    "support-triage",
    MARA,
    folder=SUPPORT_FOLDER,
    external_ids=(("acme_cms", "wf-9"), ("zendesk", "trigger/360001")),
    releases=(
        Release(
            at("2026-05-04T09:12"),
            "First cut: classify, then answer everything alike",
            (_CLASSIFY, _reply("general_reply", "general-reply")),
            variables={"user_message": "string"},
        ),
        Release(
            at("2026-06-18T14:40"),
            "Route billing separately",
            (
                _CLASSIFY,
                _reply("billing_reply", "billing-reply"),
                _reply("general_reply", "general-reply"),
            ),
            (
                edge("classify", "billing_reply", rule("=", "classify", "billing")),
                edge("classify", "general_reply", rule("!=", "classify", "billing")),
            ),
            {"user_message": "string"},
            ("production",),
        ),
        Release(
            at("2026-08-27T10:05"),
            "Answer in the customer's tone; add the order lookup",
            (
                _CLASSIFY,
                node(
                    "order_lookup",
                    "ENDPOINT",
                    {
                        "url": "https://orders.fernweh.example/v2/search",
                        "headers": {"Authorization": "Bearer {orders_api_key}"},
                    },
                    ["user_message"],
                ),
                _reply("billing_reply", "billing-reply"),
                prompt(
                    "general_reply",
                    "general-reply",
                    {"question": "user_message", "intent": "classify", "order": "order_lookup"},
                    output=True,
                    version_number=7,
                ),
            ),
            (
                edge("classify", "billing_reply", rule("=", "classify", "billing")),
                edge("classify", "general_reply", rule("!=", "classify", "billing")),
            ),
            {"user_message": "string"},
            ("production", "eu-rollout"),
        ),
        Release(
            at("2026-10-12T16:22"),
            "Try a cheaper classifier",
            (
                inline(
                    "classify",
                    "You sort customer mail of an outdoor shop into billing, delivery, product or other. "
                    "Answer with the one word.",
                    "{message}",
                    "openai/gpt-4o-mini@0",
                    {"message": "user_message"},
                ),
                _reply("billing_reply", "billing-reply"),
                _reply("general_reply", "general-reply"),
            ),
            (
                edge("classify", "billing_reply", rule("in", "classify", ["billing", "refund"])),
                edge("classify", "general_reply", rule("not_in", "classify", ["billing", "refund"])),
            ),
            {"user_message": "string", "customer_tier": "string"},
            ("staging",),
        ),
    ),
)

_ANSWERS = Draft(
    ANSWERS,
    "Help Centre / RAG answers",
    MARA,
    folder=SUPPORT_FOLDER,
    releases=(
        Release(
            at("2026-09-03T11:30"),
            "Search, ground, check, answer",
            (
                node(
                    "search",
                    "ENDPOINT",
                    {
                        "url": "https://search.fernweh.example/kb/query",
                        "headers": {"Accept": "application/json"},
                    },
                    ["question"],
                ),
                of_source("JSON_PATH", "top_passage", "search", json_path="$.url", return_first_match=True),
                of_source("ASSERT_VALID", "found_something", "search", type="object"),
                prompt("draft", "grounded-answer", {"question": "question", "passage": "top_passage"}),
                of_sources("COSINE_SIMILARITY", "overlap", "draft", "top_passage"),
                of_source("LLM_ASSERTION", "is_grounded", "draft", prompt="Is every claim in the passage?"),
                code("answer", "return data['draft']", "draft", "is_grounded", "top_passage", output=True),
                inline(
                    "apology",
                    "Say kindly that the help centre has no article about this and offer to hand over.",
                    "{question}",
                    "anthropic/claude-haiku-4-5@0.4",
                    {"question": "question", "passage": "top_passage"},
                    output=True,
                ),
            ),
            (
                edge(
                    "top_passage",
                    "answer",
                    rule("is_not_null", "top_passage"),
                    rule("=", "is_grounded", right=True),
                ),
                edge("top_passage", "apology", rule("is_null", "top_passage")),
            ),
            {"question": "string"},
            ("production",),
        ),
    ),
)

_REFUNDS = Draft(
    REFUNDS,
    "mcp-refund-agent",
    YUSUF,
    folder=ESCALATIONS_FOLDER,
    external_ids=(("shopfloor", "refunds"),),
    releases=(
        Release(
            at("2026-07-21T08:15"),
            "Look the order up over MCP and let a person decide above the limit",
            (
                calling(
                    "MCP",
                    "find_order",
                    {"query": "order_number"},
                    mcp_server_id=31,
                    tool_name="orders.search",
                ),
                constant("limits", {"auto_refund_eur": 150, "currencies": ["EUR", "CHF"]}),
                of_source("PARSE_VALUE", "amount", "claim", type="number"),
                of_source("PARSE_VALUE", "limit", "limits", type="number"),
                node(
                    "decision",
                    "HUMAN",
                    {"data_type": "string", "ui_element": {"type": "select", "options": ["grant", "refuse"]}},
                    ["find_order", "amount"],
                ),
                calling(
                    "MCP",
                    "refund",
                    {"order": "find_order", "amount": "amount"},
                    mcp_server_id=31,
                    tool_name="orders.refund",
                    output=True,
                ),
                code("explain", "return f\"Refund {data['decision']}\"", "decision", output=True),
                node(
                    "rehearsal",
                    "CONVERSATION_SIMULATOR",
                    {
                        "template": {"name": "refund-dialogue"},
                        "prompt_template_variable_mappings": {"claim": "claim"},
                        "user_persona": "Polite, in a hurry, has lost the receipt",
                        "conversation_completed_prompt": "Has the customer got a clear answer?",
                        "is_user_first": True,
                        "max_turns": 8,
                    },
                    ["claim"],
                ),
            ),
            (
                edge(
                    "amount",
                    "decision",
                    rule_between(">", "amount", "limit"),
                    rule("is_null", "limit"),
                    any_of=True,
                ),
                {**edge("amount", "refund", rule_between("<=", "amount", "limit"))},
            ),
            {"order_number": "string", "claim": "string"},
            ("production",),
        ),
    ),
)

_MODERATION = Draft(
    MODERATION,
    "content-moderation",
    YUSUF,
    releases=(
        Release(
            at("2026-04-14T13:00"),
            None,
            (
                of_source("REGEX", "has_link", "comment", regex_pattern=r"https?://"),
                of_source("CONTAINS", "names_competitor", "comment", value="Bergkraft"),
                of_source("LLM_ASSERTION", "is_kind", "comment", prompt="Is the comment free of insults?"),
                of_sources(
                    "COMBINE_COLUMNS", "verdict", "has_link", "names_competitor", "is_kind", output=True
                ),
            ),
            variables={"comment": "string"},
        ),
        Release(
            at("2026-10-02T07:45"),
            "Language gate first",
            (
                prompt("language", "detect-language", {"text": "comment"}),
                of_source("REGEX_EXTRACTION", "links", "comment", regex_pattern=r"https?://\S+"),
                inline(
                    "judge",
                    "Judge the comment by the house rules. Answer publish, hold or reject.",
                    "{comment}",
                    "openai/gpt-4o@0",
                    {"comment": "comment", "language": "language"},
                    output=True,
                ),
                code("hold", "return 'hold'", "language", output=True),
            ),
            (
                edge("language", "judge", rule("in", "language", ["de", "en", "fr", "it"])),
                edge("language", "hold", rule("not_in", "language", ["de", "en", "fr", "it"])),
            ),
            {"comment": "string"},
            ("production",),
        ),
    ),
)

SUPPORT: Sequence[Draft] = (_TRIAGE, _ANSWERS, _REFUNDS, _MODERATION)
"""The workflows of this theme."""
