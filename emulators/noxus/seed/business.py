"""Finance, sales and content at Halden Home."""

from types import MappingProxyType
from typing import Final

from emulators.noxus.records import GUARDRAILS, meta, settings
from emulators.noxus.seed.builders import FlowV1, put, put_version
from emulators.noxus.seed.support import condition
from emulators.noxus.state import State

COUNTRIES: Final = MappingProxyType(
    {
        "no": "Norway",
        "se": "Sweden",
        "dk": "Denmark",
        "fi": "Finland",
        "de": "Germany",
        "nl": "Netherlands",
        "fr": "France",
        "es": "Spain",
        "pt": "Portugal",
        "jp": "Japan",
    }
)
INVOICE_FIELDS = ("supplier", "invoice_number", "issue_date", "due_date", "currency", "net", "vat", "gross")


def _invoices() -> FlowV1:
    fields = [{"name": name, "required": name != "due_date"} for name in INVOICE_FIELDS]
    return (
        FlowV1("invoice extraction")
        .node("file", "FileInputNode", label="Invoice")
        .node("read", "DocumentExtractionNode", "Read the invoice", fields=fields, ocr=True)
        .node(
            "check",
            "CodeExecutionNode",
            "Check the sums",
            code="ok = abs(net + vat - gross) < 0.01\nreason = '' if ok else 'sums differ'",
        )
        .node("fits", "ComplexConditionalNode", **condition("reason", "differ"))
        .node("ask", "HumanFeedbackNode", question="The sums differ. Book anyway?", assignee="accounting")
        .node(
            "book",
            "APICallNode",
            "Book it",
            url="https://erp.haldenhome.example/api/invoices",
            method="POST",
            body_template='{"fields": ((Fields)), "approved": "((Approved))"}',
            timeout_seconds=45,
            retry_attempts=3,
            retry_delay=10,
        )
        .node("mail", "EmailNode", to="accounting@haldenhome.example", subject="Invoice not booked")
        .node("out", "OutputNode", label="Booking", type="dict")
        .link("file", "read.file")
        .link("read.fields", "check.inputs#fields", "book.inputs#Fields")
        .link("check.outputs#reason", "fits.variables#reason")
        .link("fits.when_true", "ask.input")
        .link("fits.when_false", "book.inputs#Approved")
        .link("ask.approved", "book.inputs#Approved")
        .link("ask.rejected", "mail.variables#Reason")
        .link("read.on_error", "mail.variables#Reason")
        .link("book.on_error", "mail.variables#Reason")
        .link("book.response", "out.input")
    )


def _leads(threshold: str) -> FlowV1:
    return (
        FlowV1("lead scoring")
        .node("company", "InputNode", label="Company", type="str")
        .node("notes", "InputNode", label="Call notes", type="str")
        .node(
            "score",
            "TextGenerationNode",
            "Score",
            template="Score ((Company)) from 0 to 100 for a contract business. Notes: ((Call notes))",
            model=["gpt-4o-mini"],
            system_prompt=f"Answer with HOT above {threshold}, else COLD, then the reasons.",
            temperature=0,
        )
        .node("hot", "ComplexConditionalNode", **condition("score", "HOT"))
        .node("crm", "APICallNode", "Tell the CRM", url="https://crm.haldenhome.example/leads", method="PUT")
        .node("out", "OutputNode", label="Score", type="str")
        .link("company", "score.variables#Company")
        .link("notes", "score.variables#Call notes")
        .link("score.text_output", "hot.variables#score", "out.input")
        .link("hot.when_true", "crm.inputs#lead")
    )


def _contracts() -> FlowV1:
    return (
        FlowV1("contract summary", copies=False)
        .node("file", "FileInputNode", label="Contract")
        .node("sum", "SummaryNode", summary_format="Table", summary_topic="terms, dates, penalties")
        .node("out", "OutputNode", label="Summary", type="str")
        .link("file", "sum.input")
        .link("sum.summary", "out.input")
    )


def _moderation() -> FlowV1:
    return (
        FlowV1("content moderation", copies=False)
        .node("review", "InputNode", label="Review", type="str")
        .node("photo", "ImageInputNode", label="Photo")
        .node(
            "judge",
            "EnsembleCategorizerNode",
            "Judge",
            categories=[
                {"Category": "PUBLISH", "Description": "A fair review, harsh ones included"},
                {"Category": "HIDE", "Description": "Insults, adverts, personal data"},
            ],
            temperature=0,
        )
        .node("why", "OutputNode", label="Reasoning", type="str")
        .node("verdict", "OutputNode", label="Verdict", type="str")
        .link("review", "judge.input")
        .link("photo", "judge.input")
        .link("judge.category", "verdict.input")
        .link("judge.reasoning", "why.input")
    )


def _improve() -> FlowV1:
    """Return a flow with a cycle: the critique goes back to the draft until it finds nothing."""
    return (
        FlowV1("draft and critique")
        .node("brief", "InputNode", label="Brief", type="str")
        .node("draft", "TextGenerationNode", "Draft", template="Write ((Brief)). Mind: ((Critique))")
        .node(
            "critic", "TextGenerationNode", "Critic", template="Name the weakest point of ((Draft)) or FINE"
        )
        .node("fine", "ComplexConditionalNode", **condition("critique", "FINE"))
        .node("out", "OutputNode", label="Text", type="str")
        .link("brief", "draft.variables#Brief")
        .link("draft.text_output", "critic.variables#Draft")
        .link("critic.text_output", "fine.variables#critique")
        .link("fine.when_false", "draft.variables#Critique")
        .link("fine.when_true", "out.input")
    )


def _digest() -> FlowV1:
    """Return the large flow: ten countries, each fetched, summed up, judged and worded."""
    flow = FlowV1("weekly sales digest")
    flow.node("week", "InputNode", label="Week", type="str")
    flow.node("join", "ComposeTextNode", "All countries", template="\n\n".join(f"(({c}))" for c in COUNTRIES))
    for code, country in COUNTRIES.items():
        flow.node(
            f"fetch_{code}",
            "APICallNode",
            f"Sales of {country}",
            url=f"https://bi.haldenhome.example/sales/{code}?week=((Week))",
        )
        flow.node(f"sum_{code}", "SummaryNode", f"Sum up {country}", summary_topic=f"sales in {country}")
        flow.node(
            f"judge_{code}",
            "EnsembleCategorizerNode",
            f"Judge {country}",
            categories=[
                {"Category": "UP", "Description": "better"},
                {"Category": "DOWN", "Description": "worse"},
            ],
        )
        flow.node(f"word_{code}", "TextGenerationNode", f"Word {country}", template="((Trend)): ((Summary))")
        flow.link("week", f"fetch_{code}.inputs#Week")
        flow.link(f"fetch_{code}.response", f"sum_{code}.input", f"judge_{code}.input")
        flow.link(f"sum_{code}.summary", f"word_{code}.variables#Summary")
        flow.link(f"judge_{code}.category", f"word_{code}.variables#Trend")
        flow.link(f"word_{code}.text_output", f"join.variables#{code}")
        flow.link(f"fetch_{code}.on_error", f"join.variables#{code}")
    flow.node("write", "TextGenerationNode", "Editor", template="Edit into one page: ((All))")
    flow.node("send", "EmailNode", to="board@haldenhome.example", subject="Week ((Week))")
    flow.node("out", "OutputNode", label="Digest", type="str")
    flow.link("join.text_output", "write.variables#All")
    return flow.link("write.text_output", "out.input", "send.variables#Body")


def _add_sales(state: State) -> None:
    put_version(state, _leads("60"), "1", "2026-07-20T10:00:00Z", "Threshold 60")
    put_version(state, _leads("75"), "2", "2026-08-30T10:00:00.500000Z", "Threshold 75 after the fair")
    put(
        state,
        _leads("75"),
        "Lead scoring",
        "2026-07-19T15:05:00Z",
        author_name="Lucía Fernández",
        meta=meta("sales", spreadsheet={"name": "Leads", "id": "sheet-31", "timestamp": None, "url": None}),
        settings=settings(auto_model_pick=True, auto_model_preference="quality"),
        runs_count=3301,
        last_run_at="2026-10-30T18:00:00Z",
    )
    put(
        state,
        _digest(),
        "Weekly sales digest",
        "2026-09-01T06:00:00Z",
        description="One page from ten countries, every Monday",
        author_name="Lucía Fernández",
        meta=meta("sales", "reporting", "weekly"),
        settings=settings(timeout=900, parallel_tool_calls=False),
        runs_count=9,
        last_run_at="2026-10-26T06:00:00Z",
    )


def _add_finance(state: State) -> None:
    put_version(state, _invoices(), "audit 2026", "2026-09-30T12:00:00Z", "Frozen for the auditors")
    put(
        state,
        _invoices(),
        "Invoice extraction",
        "2026-08-11T08:15:00Z",
        description="Reads supplier invoices, checks the sums, books them",
        author_name="Aiko Tanaka",
        meta=meta("finance", "production"),
        settings=settings(pii_lock=True, datacenter_fallback=False, retry_on_status_codes=[429, 503]),
        runs_count=12055,
        last_run_at="2026-10-31T17:22:10.250000Z",
    )
    put(
        state,
        _contracts(),
        "Contract summary",
        "2026-08-25T16:00:00Z",
        author_name="Aiko Tanaka",
        meta=meta("legal"),
        description="",
        settings=settings(model=["preset:quality"], enable_reasoning=False, reasoning_effort="High"),
    )


def _add_content(state: State) -> None:
    strict = dict.fromkeys(GUARDRAILS, "High")
    put(
        state,
        _moderation(),
        "Content moderation",
        "2026-09-05T09:45:00Z",
        author_name="Ingrid Solheim",
        meta=meta("community", "safety"),
        settings=settings(
            guardrail_lock=True,
            guardrail_action={"value": "replace", "label": "Replace the answer"},
            guardrail_action_replace="This review cannot be shown.",
            **strict,
        ),
        runs_count=70412,
    )
    put(
        state,
        _improve(),
        "Draft, critique, improve",
        "2026-10-09T10:10:10Z",
        author_name="Lucía Fernández",
        meta=meta("content"),
        runs_count=58,
    )


def add_business(state: State) -> None:
    """Put the workflows of finance, sales and content into the state."""
    _add_sales(state)
    _add_finance(state)
    _add_content(state)
