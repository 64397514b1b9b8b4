"""Workflows of finance, IT and people operations."""

from typing import Any

from emulators.aitronos.records import Workflow
from emulators.aitronos.seed.blocks import Canvas, at_least, equals, llm, workflow

_INVOICE = (
    "Read the invoice and return JSON: supplier, invoice_number, date, currency, net, vat, gross, lines."
    " Numbers as numbers. Leave out what is not printed on the invoice; never guess a VAT number."
)


def workflows() -> list[Workflow]:
    """Return these teams' workflows."""
    return [_invoices(), _contracts(), _onboarding(), _accounts(), _post_mortem(), _stock()]


def _invoices() -> Workflow:
    canvas = Canvas("invoice-extraction")
    canvas.node("Mailbox", "emailTrigger", {"folder": "invoices@bergquell.example"}, type_version=2)
    canvas.node("Read PDF", "extractFromFile", {"operation": "pdf", "maxPages": 20})
    canvas.node("Extract Fields", "freddyLLM", llm(_INVOICE, "gpt-4o", 0, response_format="json_schema"))
    canvas.node(
        "Totals Match",
        "code",
        {
            "language": "javaScript",
            "jsCode": "const {net, vat, gross} = $json;\nreturn {ok: Math.abs(net + vat - gross) < 0.01};",
        },
    )
    canvas.node("Book Or Check", "if", equals("={{ $json.ok }}", "true"))
    canvas.node(
        "Book In ERP",
        "httpRequest",
        {"method": "POST", "url": "https://erp.bergquell.example/invoices"},
        lane=-1,
        credentials={"httpHeaderAuth": {"id": "cred_3", "name": "ERP booking"}},
    )
    canvas.node("Clerk Queue", "taskCreate", {"queue": "accounts-payable", "dueInHours": 24}, lane=1)
    canvas.node("Fax Copy", "faxSend", {"number": "+41 44 000 00 00"}, lane=2, disabled=True)
    canvas.chain("Mailbox", "Read PDF", "Extract Fields", "Totals Match", "Book Or Check")
    canvas.wire("Book Or Check", "Book In ERP", ["Clerk Queue", "Fax Copy"])
    return workflow(
        "invoice-extraction",
        "Invoice extraction",
        canvas.definition("Invoice extraction", settings={"executionTimeout": 300}),
        ("2026-05-11T10:02:00", "2026-10-20T08:15:33"),
        description="PDF invoices from the mailbox into the ERP; doubtful ones to a clerk.",
        version=22,
        by="Luca Bernasconi",
    )


def _review_tools() -> dict[str, Any]:
    return {
        "system_tools": {
            "web_search": {"mode": "off"},
            "code_interpreter": None,
            "file_search": {"mode": "on", "sources": True},
        },
        "mcp_tools": [
            {
                "server_label": "clauses",
                "type": "mcp",
                "server_url": "https://legal.bergquell.example/mcp",
                "allowed_tools": ["find_clause", "compare"],
                "require_approval": {"always": {"tool_names": ["compare"]}},
            }
        ],
        "streamline_tools": ["sl_redact_names"],
    }


def _contracts() -> Workflow:
    canvas = Canvas("contract-review")
    review = "Compare the contract with our terms. List deviations with clause and risk (low, medium, high)."
    canvas.node("Upload Form", "formTrigger", {"formTitle": "New supplier contract"})
    canvas.node("Redact Names", "redact", {"entities": ["PERSON", "IBAN", "EMAIL"]})
    canvas.node(
        "Review",
        "freddyLLM",
        llm(
            review,
            "claude-sonnet-4-5",
            0.1,
            tool_configurations=_review_tools(),
            reasoning={"effort": "high", "summary": "detailed"},
        ),
    )
    canvas.node("High Risk", "if", equals("={{ $json.risk }}", "high"))
    canvas.node("Legal Counsel", "approval", {"approvers": ["legal@bergquell.example"]}, lane=-1)
    canvas.node("File", "documentWriter", {"folder": "Contracts/2026"})
    canvas.chain("Upload Form", "Redact Names", "Review", "High Risk")
    canvas.wire("High Risk", "Legal Counsel", "File")
    canvas.wire("Legal Counsel", "File", [])
    return workflow(
        "contract-review",
        "Supplier contract review",
        canvas.definition("Supplier contract review"),
        ("2026-06-22T14:18:00", "2026-10-02T17:03:10"),
        description="Finds deviations from our terms; high risk goes to legal.",
        version=8,
        by="Luca Bernasconi",
    )


def _onboarding() -> Workflow:
    canvas = Canvas("onboarding")
    plan = (
        "Write a plan for the first two weeks from role, team and start date. One task a line, with an owner."
    )
    canvas.node("Contract Signed", "webhook", {"path": "hr/signed"})
    canvas.node("Draft Plan", "freddyLLM", llm(plan, temperature=0.6))
    canvas.node(
        "Create Accounts",
        "executeWorkflow",
        {"workflowId": "fp_account_provisioning", "mode": "once"},
        notes="Sub-workflow of IT",
    )
    canvas.node(
        "Book Buddy Lunch", "calendarEvent", {"title": "Lunch with your buddy", "minutes": 60}, lane=1
    )
    canvas.node(
        "Order Laptop",
        "executeWorkflow",
        {"workflowId": {"__rl": True, "mode": "id", "value": "fp_hardware_orders"}},
        lane=2,
        onError="continueRegularOutput",
    )
    canvas.node("All Done", "merge", {"mode": "append", "numberInputs": 3})
    canvas.node("Welcome Mail", "emailSend", {"template": "welcome", "attachments": "={{ $json.plan }}"})
    canvas.chain("Contract Signed", "Draft Plan")
    canvas.wire("Draft Plan", ["Create Accounts", "Book Buddy Lunch", "Order Laptop"])
    canvas.wire("Create Accounts", "All Done")
    canvas.wire("Book Buddy Lunch", ("All Done", 1))
    canvas.wire("Order Laptop", ("All Done", 2))
    canvas.wire("All Done", "Welcome Mail")
    return workflow(
        "onboarding",
        "New-hire onboarding",
        canvas.definition("New-hire onboarding"),
        ("2026-06-29T07:45:00", "2026-09-28T15:37:12"),
        description="From signature to first lunch. Calls account provisioning.",
        version=5,
        by="Nadia El Amrani",
    )


def _accounts() -> Workflow:
    canvas = Canvas("account-provisioning")
    canvas.node(
        "Called By Workflow", "executeWorkflowTrigger", {"inputSource": "passthrough"}, type_version=1.1
    )
    canvas.node("One Account At A Time", "splitInBatches", {"batchSize": 1}, type_version=3)
    canvas.node(
        "Create Account",
        "httpRequest",
        {"method": "POST", "url": "https://id.bergquell.example/accounts"},
        type_version=4.2,
    )
    canvas.node("Pause", "wait", {"amount": 2, "unit": "seconds"})
    canvas.node(
        "Report Back",
        "set",
        {"values": {"string": [{"name": "status", "value": "provisioned"}]}},
        type_version=3.4,
    )
    canvas.chain("Called By Workflow", "One Account At A Time")
    canvas.wire("One Account At A Time", "Report Back", "Create Account")
    canvas.chain("Create Account", "Pause", "One Account At A Time")
    return workflow(
        "account-provisioning",
        "IT: account provisioning",
        canvas.definition("IT: account provisioning"),
        ("2026-06-29T09:10:00", "2026-07-15T11:11:11"),
        description="Sub-workflow: one account after the other, as the directory is slow.",
        version=4,
        by="Taro Yamada",
    )


def _post_mortem() -> Workflow:
    canvas = Canvas("incident-post-mortem")
    draft = "Draft a blameless post-mortem: timeline in UTC, impact, causes, actions with owners."
    check = "Is any sentence in this draft assigning blame to a person? Answer yes or no, then the sentence."
    canvas.node("On Error", "errorTrigger")
    canvas.node(
        "Collect Logs",
        "httpRequest",
        {"url": "https://logs.bergquell.example/query", "options": {"timeout": 60000}},
        retryOnFail=True,
        maxTries=5,
        waitBetweenTries=2000,
    )
    canvas.node("Draft", "freddyLLM", llm(draft, "claude-sonnet-4-5", 0.4))
    canvas.node("Blame Check", "freddyLLM", llm(check, "gpt-4o-mini", 0))
    canvas.node("Blameless", "if", equals("={{ $json.text.slice(0, 2) }}", "no"))
    canvas.node("Publish", "documentWriter", {"folder": "Post-mortems"})
    canvas.chain("On Error", "Collect Logs", "Draft", "Blame Check", "Blameless")
    canvas.wire("Blameless", "Publish", "Draft")
    return workflow(
        "incident-post-mortem",
        "Incident post-mortem",
        canvas.definition("Incident post-mortem"),
        ("2026-07-20T18:00:00", "2026-10-07T06:29:50"),
        description="Drafts a blameless report after a failed run; rewrites until nobody is blamed.",
        version=7,
        by="Taro Yamada",
    )


def _stock() -> Workflow:
    """No language model at all."""
    canvas = Canvas("stock-alerts")
    canvas.node("Every Hour", "scheduleTrigger", {"rule": {"interval": [{"field": "hours"}]}})
    canvas.node(
        "Stock Levels",
        "n8n-nodes-base.postgres",
        {"query": "select sku, on_hand, reorder_at from stock"},
        credentials={"postgres": {"id": "cred_1", "name": "Warehouse (read only)"}},
    )
    canvas.node("Below Reorder Point", "if", at_least("={{ $json.reorder_at - $json.on_hand }}", 0))
    canvas.node(
        "Tell Buyer",
        "chatPost",
        {"channel": "#purchasing", "text": "{{ $json.sku }}: {{ $json.on_hand }} left"},
    )
    canvas.chain("Every Hour", "Stock Levels", "Below Reorder Point", "Tell Buyer")
    return workflow(
        "stock-alerts",
        "Stock alerts",
        canvas.definition("Stock alerts"),
        ("2026-08-04T05:55:00", "2026-08-04T05:55:00"),
        by="Luca Bernasconi",
    )
