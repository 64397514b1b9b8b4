"""Customer service at Halden Home, a furniture retailer: triage, answers, refunds, returns."""

from typing import Any

from emulators.noxus.records import meta, settings
from emulators.noxus.seed.builders import FlowV1, put, put_version, version_id, workflow_id
from emulators.noxus.state import Record, State

CATEGORIES = (
    ("DELIVERY", "Where is it, late, damaged on the way, wrong address"),
    ("BILLING", "Invoices, payments, refunds, vouchers"),
    ("PRODUCT", "Assembly, spare parts, measurements, care"),
    ("OTHER", "Everything else, also praise and spam"),
)


def condition(field: str, text: str) -> Record:
    """Return a conditional's configuration: does the field contain the text."""
    rule = {
        "field_type": "TEXT",
        "field": f"(({field}))",
        "condition": "CONTAINS",
        "text_value": text,
        "number_value": 0,
    }
    return {
        "conditions": [{"logic": "OR", "condition_type": "REGULAR", "regular_condition": rule}],
        "output_true": f"(({field}))",
        "output_false": f"(({field}))",
    }


def _triage_nodes(model: str) -> FlowV1:
    categories = [{"Category": word, "Description": about} for word, about in CATEGORIES]
    return (
        FlowV1("support triage")
        .node("ticket", "InputNode", label="Ticket", type="str")
        .node("language", "InputNode", label="Language", type="str", fixed_value=True, value="en")
        .node(
            "sort",
            "EnsembleCategorizerNode",
            template="((input))",
            system_prompt="You sort customer mail of a furniture retailer. Choose exactly one category.",
            categories=categories,
            temperature=0.0,
        )
        .node("is_billing", "ComplexConditionalNode", **condition("category", "BILLING"))
        .node(
            "billing",
            "TextGenerationNode",
            "Billing reply",
            template="Reply to ((Ticket)) in ((Language)). Never promise a refund; name the next step.",
            model=[model],
            temperature=0.2,
        )
        .node(
            "general",
            "TextGenerationNode",
            "General reply",
            template="Reply to ((Ticket)) in ((Language)), warm and short. Category: ((Category)).",
            model=[model, "preset:cost"],
            temperature=0.4,
        )
        .node("reply", "ComposeTextNode", template="((Billing))((General))")
        .node("answer", "OutputNode", label="Reply", type="str")
        .node("kind", "OutputNode", label="Category", type="str")
    )


def _triage(model: str, *, with_escalation: bool) -> FlowV1:
    flow = (
        _triage_nodes(model)
        .link("ticket", "sort.input", "billing.variables#Ticket", "general.variables#Ticket")
        .link("language", "billing.variables#Language", "general.variables#Language")
        .link("sort.category", "is_billing.variables#category", "kind.input")
        .link("is_billing.when_true", "billing.variables#Category")
        .link("is_billing.when_false", "general.variables#Category")
        .link("billing.text_output", "reply.variables#Billing")
        .link("general.text_output", "reply.variables#General")
        .link("reply.text_output", "answer.input")
    )
    if with_escalation:
        flow.node("mail", "EmailNode", to="duty@haldenhome.example", subject="Triage failed")
        flow.link("sort.on_error", "mail.variables#Error")
        flow.link("billing.on_error", "mail.variables#Error")
    return flow


def _answers() -> FlowV1:
    return (
        FlowV1("help centre answers")
        .node("question", "InputNode", label="Question", type="str")
        .node("search", "KnowledgeBaseSearchNode", kb_id="kb_help_centre", top_k=8, min_score=0.35)
        .node(
            "write",
            "TextGenerationNode",
            "Answer with sources",
            template="Question: ((Question))\n\nPassages:\n((Passages))\n\nAnswer only from the passages.",
            model=["claude-3.7-sonnet", "preset:quality"],
            system_prompt="Cite every sentence as [n]. Say so when the passages do not answer.",
            temperature=0.1,
            max_tokens=900,
        )
        .node("answer", "OutputNode", label="Answer", type="str")
        .node("sources", "OutputNode", label="Sources", type="SourceType")
        .link("question", "search.query", "write.variables#Question")
        .link("search.passages", "write.variables#Passages")
        .link("search.sources", "sources.input")
        .link("write.text_output", "answer.input")
    )


def _policy() -> FlowV1:
    return (
        FlowV1("refund policy lookup")
        .node("country", "InputNode", label="Country", type="str")
        .node("order_total", "InputNode", label="Order total", type="float")
        .node(
            "rules",
            "CodeExecutionNode",
            "Policy table",
            code="days = {'NO': 60, 'SE': 60, 'JP': 30}.get(country, 14)\nlimit = min(order_total, 500)",
            timeout=10,
        )
        .node("policy", "OutputNode", label="Policy", type="dict")
        .link("country", "rules.inputs#country")
        .link("order_total", "rules.inputs#order_total")
        .link("rules.outputs#policy", "policy.input")
    )


def _refund() -> FlowV1:
    return (
        FlowV1("refund decision")
        .node("order", "InputNode", label="Order number", type="str")
        .node(
            "fetch",
            "APICallNode",
            "Read the order",
            url="https://orders.haldenhome.example/v2/orders/((Order number))",
            method="GET",
            headers={"Authorization": "Bearer {{secrets.orders_api}}"},
            timeout_seconds=20,
            retry_attempts=2,
            retry_delay=3,
        )
        .node("policy", "InvokeSubflowNode", "Refund policy")
        .calls("policy", "refund policy lookup", "Refund policy lookup")
        .node("approve", "HumanFeedbackNode", question="Refund more than 500 euro?", assignee="team-leads")
        .node(
            "letter",
            "TextGenerationNode",
            "Letter",
            template="Decision ((Decision)) on ((Order)) under ((Policy)). Write the customer.",
            model=["gpt-4o"],
        )
        .node("out", "OutputNode", label="Letter", type="str")
        .link("order", "fetch.inputs#Order number")
        .link("fetch.response", "policy.inputs#Country", "approve.input", "letter.variables#Order")
        .link("policy.outputs#Policy", "letter.variables#Policy")
        .link("approve.approved", "letter.variables#Decision")
        .link("letter.text_output", "out.input")
    )


def _failures() -> FlowV1:
    return (
        FlowV1("notify on failure")
        .node("error", "InputNode", label="Error", type="str")
        .node("text", "SummaryNode", summary_format="Bullet points", summary_topic="what failed and where")
        .node("mail", "EmailNode", to="platform@haldenhome.example", subject="A workflow failed")
        .node("done", "OutputNode", label="Sent", type="str")
        .link("error", "text.input")
        .link("text.summary", "mail.variables#Body")
        .link("mail.sent", "done.input")
    )


def _intake() -> FlowV1:
    fields = [{"name": "order_number", "type": "str"}, {"name": "reason", "type": "str"}]
    return (
        FlowV1("returns intake")
        .node("start", "AgentStartNode")
        .node("chat", "ChatAgentNode", instructions="Greet, ask for the order number, stay with returns.")
        .node(
            "form", "FormExtractionAgentNode", instructions="Collect order number and reason", fields=fields
        )
        .node("choice", "ChoiceAgentNode", choices=["damaged", "changed mind"], instructions="Which is it?")
        .node("photo", "AgentMessageSendNode", instructions="Please send a photo of the damage.")
        .node("end", "AgentEndNode")
        .link("start.next", "chat.previous")
        .link("chat.next", "form.previous")
        .link("form.next", "choice.previous")
        .link("choice.next#damaged", "photo.previous")
        .link("choice.next#changed mind", "end.previous")
        .link("photo.next", "end.previous")
    )


def _concierge() -> FlowV1:
    return (
        FlowV1("delivery concierge")
        .node("start", "AgentStartNode")
        .node("talk", "ChatAgentNode", instructions="Offer three delivery windows and confirm one.")
        .node("book", "BasicAgentNode", instructions="Book the window with the carrier tool.")
        .node("end", "AgentEndNode")
        .link("start.next", "talk.previous")
        .link("talk.next", "book.previous")
        .link("book.next", "end.previous", "talk.previous")
    )


def _persona(text: str) -> list[dict[str, Any]]:
    content = [{"type": "paragraph", "content": [{"type": "text", "text": text}]}]
    return [{"text": text, "definition": {"type": "doc", "content": content}}]


def _add_triage(state: State) -> None:
    first = _triage("gpt-4o-mini", with_escalation=False)
    second = _triage("claude-3.7-sonnet", with_escalation=False)
    current = _triage("claude-3.7-sonnet", with_escalation=True)
    put_version(state, first, "v1", "2026-07-06T09:12:00Z", "First cut, English only")
    live = put_version(state, second, "v2 - better model", "2026-08-19T14:02:44.120000Z", "Half the rework")
    put_version(state, current, "candidate", "2026-10-20T16:45:09Z")
    put(
        state,
        current,
        "Support ticket triage",
        "2026-07-06T08:58:31.204411Z",
        description="Sorts customer mail and drafts the reply",
        author_name="Ingrid Solheim",
        meta=meta("support", "production", icon="inbox", columns=[{"name": "Reply", "visible": True}]),
        settings=settings(
            pii_lock=True,
            guardrail_lock=True,
            toxicity="Medium",
            profanity="Low",
            guardrail_action={"value": "human", "label": "Ask a person"},
            guardrail_action_human="support-leads",
            model=["claude-3.7-sonnet", "preset:cost"],
            temperature=0.3,
        ),
        last_updated_at="2026-10-21T07:30:00.000512Z",
        last_run_at="2026-10-31T22:14:03Z",
        runs_count=48213,
        error_handler=workflow_id("notify on failure"),
        is_app_published=True,
        app_settings_v2={
            "is_active": True,
            "version_id": live["id"],
            "interface_type": "slack",
            "extra_settings": {"channel": "#support-triage"},
            "published_at": "2026-08-20T06:00:00Z",
        },
    )


def _add_refunds(state: State) -> None:
    put(
        state,
        _refund(),
        "Refund decision",
        "2026-08-02T10:00:00Z",
        description="Reads the order, asks the policy flow, lets a person decide above 500 euro",
        author_name="Mateus Oliveira",
        meta=meta("support", "refunds"),
        settings=settings(prompt_lock=True, jailbreak=True, prompt_injection=True, max_retries_per_model=5),
        runs_count=1904,
        last_run_at="2026-10-31T15:40:00Z",
        error_handler=workflow_id("notify on failure"),
    )
    put_version(state, _refund(), "2026-08", "2026-08-03T08:00:00Z", "As approved by finance")
    put(
        state,
        _policy(),
        "Refund policy lookup",
        "2026-08-01T09:30:00Z",
        author_name="Mateus Oliveira",
        meta=meta("refunds", "subflow"),
        runs_count=1911,
    )


def _add_answers(state: State) -> None:
    answers = put(
        state,
        _answers(),
        "Answer from the help centre",
        "2026-09-11T12:20:45.998001Z",
        description="Retrieval-augmented answers with sources",
        author_name="Ingrid Solheim",
        meta=meta("support", "rag", "production"),
        runs_count=9120,
        last_run_at="2026-10-31T23:59:59.999999Z",
        settings=settings(temperature=0.1, top_k=8, usage_limits_maximum_request=5000),
    )
    put_version(state, _answers(), "launch", "2026-09-12T08:00:00Z", "Went live with the new shop")
    answers["app_settings_v2"] = {
        "is_active": False,
        "version_id": version_id("help centre answers", "launch"),
        "interface_type": "embed_widget",
        "extra_settings": {},
        "published_at": None,
    }


def _add_helpers(state: State) -> None:
    put(
        state,
        _failures(),
        "Notify on failure",
        "2026-07-01T07:00:00Z",
        type="handler",
        author_name="Ingrid Solheim",
        meta=meta("platform"),
        runs_count=77,
    )
    put(
        state,
        _intake(),
        "Returns intake chat",
        "2026-09-20T11:11:11Z",
        type="agent_flow",
        author_name="Mateus Oliveira",
        meta=meta("returns", chatflow_settings={"greeting": True}),
        settings=settings(
            persona=_persona("A patient colleague from the returns desk"),
            tone=_persona("Friendly, never more than three sentences"),
            introductory_message="Hi! I can help you to send something back.",
            is_coworker=True,
        ),
    )
    put(
        state,
        _concierge(),
        "Delivery concierge",
        "2026-10-04T13:37:00Z",
        type="agent_flow",
        author_name="Aiko Tanaka",
        meta=meta("delivery"),
        settings=settings(tools=[{"type": "action", "enabled": True, "action": "carrier.book"}]),
    )


def add_support(state: State) -> None:
    """Put the customer-service workflows into the state."""
    _add_triage(state)
    _add_refunds(state)
    _add_answers(state)
    _add_helpers(state)
