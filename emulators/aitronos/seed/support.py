"""Workflows of the customer support team."""

from emulators.aitronos.errors import Document
from emulators.aitronos.records import Workflow
from emulators.aitronos.seed.blocks import Canvas, equals, llm, rules, workflow

_TRIAGE = (
    "You sort messages of an outdoor shop's customers. Answer with JSON: label (billing, delivery, product, other),"
    " urgency 1 to 5, language as ISO 639-1, summary in one sentence. Never answer the customer yourself."
)
_REPLY = (
    "You are the friendly support team of Bergquell Outdoor. Answer in the customer's language, in at most 120 words."
    " Take delivery times and prices from the knowledge base; where it is silent, a person will follow up."
)


def workflows() -> list[Workflow]:
    """Return this team's workflows."""
    return [_triage(), _returns(), _warranty(), _night_shift(), _voice_of_customer()]


def _triage() -> Workflow:
    canvas = Canvas("support-triage")
    canvas.node("Chat Trigger", "chatTrigger", {"public": False})
    canvas.node("Classify", "freddyLLM", llm(_TRIAGE, temperature=0.1, response_format="json_object"))
    canvas.node("Is Billing", "if", equals("={{ $json.label }}", "billing"))
    canvas.node("Billing Agent", "freddyLLM", llm(_REPLY, "gpt-4o", 0.4), lane=-1)
    canvas.node("General Agent", "freddyLLM", llm(_REPLY, temperature=0.5), lane=1)
    canvas.node(
        "Knowledge Base",
        "mcpTool",
        {"server_label": "kb", "server_url": "https://kb.bergquell.example/mcp"},
        lane=2,
    )
    canvas.node("Conversation Memory", "memoryBuffer", {"windowSize": 12}, lane=3)
    canvas.node("Merge", "merge", {"mode": "append"})
    canvas.node("Assistant", "assistant", {"publish": True})
    canvas.node("Reply", "respond", {"text": "={{ $json.text }}"})
    canvas.chain("Chat Trigger", "Classify", "Is Billing")
    canvas.wire("Is Billing", "Billing Agent", "General Agent")
    canvas.wire("Knowledge Base", ["Billing Agent", "General Agent"], kind="ai_tool")
    canvas.wire("Conversation Memory", ["Billing Agent", "General Agent"], kind="ai_memory")
    canvas.wire("Billing Agent", "Merge")
    canvas.wire("General Agent", ("Merge", 1))
    canvas.chain("Merge", "Assistant", "Reply")
    return workflow(
        "support-triage",
        "Support triage",
        canvas.definition("Support triage", settings={"errorWorkflow": "fp_incident_post_mortem"}),
        ("2026-05-06T08:12:00", "2026-10-29T16:41:07"),
        description="Sorts incoming messages and drafts an answer.",
        version=14,
        by="Jonas Frey",
    )


def _returns() -> Workflow:
    canvas = Canvas("returns")
    ask = "Ask the customer for the order number (BQ- and seven digits). One polite sentence, no small talk."
    decide = "Decide by the returns policy whether the return is accepted. Quote the paragraph you used."
    canvas.node("Webhook", "webhook", {"path": "returns", "httpMethod": "POST"}, webhookId="4f1c")
    canvas.node(
        "Extract Order Number", "freddyLLM", llm("Extract the order number or null.", "gpt-4o-mini", 0)
    )
    canvas.node("Number Found", "if", equals("={{ $json.order_number !== null }}", "true"))
    canvas.node("Ask For It", "freddyLLM", llm(ask, temperature=0.3), lane=1)
    canvas.node(
        "Wait For Answer", "wait", {"resume": "webhook", "limitWaitTime": True, "resumeAmount": 48}, lane=1
    )
    canvas.node(
        "Load Order", "httpRequest", {"url": "https://erp.bergquell.example/orders/{{ $json.order_number }}"}
    )
    canvas.node(
        "Decide",
        "freddyLLM",
        llm(decide, temperature=0, reasoning={"effort": "medium", "summary": "concise"}),
    )
    canvas.node(
        "Send Label",
        "emailSend",
        {"template": "return-label"},
        credentials={"smtp": {"id": "cred_7", "name": "Support mailbox"}},
    )
    canvas.chain("Webhook", "Extract Order Number", "Number Found")
    canvas.wire("Number Found", "Load Order", "Ask For It")
    canvas.chain("Ask For It", "Wait For Answer", "Extract Order Number")
    canvas.chain("Load Order", "Decide", "Send Label")
    return workflow(
        "returns",
        "Returns & refunds",
        canvas.definition("Returns & refunds", settings={"executionTimeout": 172800}),
        ("2026-05-19T13:30:00", "2026-09-14T07:55:21"),
        description="Asks until the order number is known, then decides by the policy.",
        version=6,
        by="Amélie Rochat",
    )


def _warranty() -> Workflow:
    canvas = Canvas("warranty-answers")
    answer = "Answer only from the given passages of the terms and cite them as [1], [2]."
    canvas.node("Question", "chatTrigger")
    canvas.node("Retrieve Passages", "vectorStoreRetriever", {"topK": 8, "scoreThreshold": 0.55})
    canvas.node("Embeddings", "embeddings", {"model": "text-embedding-3-large"}, lane=1)
    canvas.node("Warranty Index", "vectorStore", {"vector_store_id": "vs_4hd81kq0ta2m"}, lane=2)
    canvas.node(
        "Answer With Citations",
        "freddyLLM",
        llm(answer, "claude-sonnet-4-5", 0.2, vector_store_ids=["vs_4hd81kq0ta2m"]),
    )
    canvas.node(
        "Citations Present",
        "if",
        {
            "conditions": {
                "string": [{"value1": "={{ $json.text }}", "operation": "regex", "value2": "\\[\\d+\\]"}]
            }
        },
    )
    canvas.node("Hand Over", "respond", {"text": "A colleague will look into this for you."}, lane=1)
    canvas.node("Reply", "respond", {"text": "={{ $json.text }}"})
    canvas.chain("Question", "Retrieve Passages", "Answer With Citations", "Citations Present")
    canvas.wire("Embeddings", "Warranty Index", kind="ai_embedding")
    canvas.wire("Warranty Index", "Retrieve Passages", kind="ai_vectorStore")
    canvas.wire("Citations Present", "Reply", "Hand Over")
    return workflow(
        "warranty-answers",
        "Warranty answers (RAG)",
        canvas.definition("Warranty answers (RAG)"),
        ("2026-06-02T09:00:00", "2026-10-11T12:20:45"),
        description="Answers from the warranty terms, with citations, or hands over.",
        version=9,
        by="Jonas Frey",
    )


def _night_shift() -> Workflow:
    canvas = Canvas("night-shift")
    page = "Summarise the open ticket for the engineer on call: what broke, since when, who is affected. Three lines."
    canvas.node(
        "Every 10 Minutes",
        "scheduleTrigger",
        {"rule": {"interval": [{"field": "minutes", "minutesInterval": 10}]}},
    )
    canvas.node("Urgent Tickets", "httpRequest", {"url": "https://desk.bergquell.example/tickets?urgency=5"})
    canvas.node("Summarise", "freddyLLM", llm(page, temperature=0.2))
    canvas.node("Severity", "switch", rules("={{ $json.severity }}", "p1", "p2", "p3"))
    canvas.node(
        "📟 Page On-Call",
        "httpRequest",
        {"method": "POST", "url": "https://pager.bergquell.example/v1/pages"},
        lane=-1,
    )
    canvas.node("💬 Post To Channel", "chatPost", {"channel": "#night-shift"})
    canvas.node(
        "SMS Duty Manager", "smsSend", {"to": "duty"}, lane=1, disabled=True, notes="Off since the new pager."
    )
    canvas.chain("Every 10 Minutes", "Urgent Tickets", "Summarise", "Severity")
    canvas.wire("Severity", ["📟 Page On-Call", "SMS Duty Manager"], "💬 Post To Channel", None, [])
    return workflow(
        "night-shift",
        "🚨 Night-shift escalation 🌙",
        canvas.definition("🚨 Night-shift escalation 🌙"),
        ("2026-07-08T21:05:00", "2026-10-30T23:58:59"),
        description="Pages whoever is on call: nothing below p2.",
        version=11,
        by="Taro Yamada",
    )


def _voice_of_customer() -> Workflow:
    """Two nodes wired to each other twice, and one to itself."""
    canvas = Canvas("voice-of-customer")
    theme = "Group the comments into at most seven themes with a count and one quotation each."
    canvas.node("Monday 07:00", "scheduleTrigger", _weekly())
    canvas.node(
        "Load Surveys",
        "httpRequest",
        {"url": "https://survey.bergquell.example/export"},
        retryOnFail=True,
        maxTries=3,
    )
    canvas.node("Group Themes", "freddyLLM", llm(theme, "gpt-4o", 0.3))
    canvas.node("Compare Weeks", "merge", {"mode": "combine", "combineBy": "position"})
    canvas.node(
        "Write Report", "documentWriter", {"folder": "Voice of customer"}, onError="continueErrorOutput"
    )
    canvas.chain("Monday 07:00", "Load Surveys")
    canvas.wire("Load Surveys", ["Group Themes", "Load Surveys"])
    canvas.wire("Group Themes", ["Compare Weeks", ("Compare Weeks", 1)])
    canvas.wire("Compare Weeks", "Write Report")
    return workflow(
        "voice-of-customer",
        "Voice of the customer, weekly",
        canvas.definition("Voice of the customer, weekly"),
        ("2026-08-17T06:40:00", "2026-08-31T06:40:00"),
        version=3,
        by="Amélie Rochat",
    )


def _weekly() -> Document:
    return {"rule": {"interval": [{"field": "weeks", "triggerAtDay": [1], "triggerAtHour": 7}]}}
