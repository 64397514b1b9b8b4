"""Workflows of marketing, sales and the offices abroad."""

from emulators.aitronos.records import Workflow
from emulators.aitronos.seed.blocks import Canvas, at_least, llm, rules, workflow


def workflows() -> list[Workflow]:
    """Return these teams' workflows."""
    return [_leads(), _moderation(), _translation(), _newsletter(), _minutes(), _calls(), _year()]


def _leads() -> Workflow:
    canvas = Canvas("lead-scoring")
    score = "Score this lead from 0 to 100 for bulk orders. JSON: score, reasons, segment."
    canvas.node("Form Submitted", "webhook", {"path": "b2b/lead", "authentication": "headerAuth"})
    canvas.node(
        "Company Register",
        "httpRequest",
        {"url": "https://register.example/companies/{{ $json.vat }}"},
        onError="continueRegularOutput",
    )
    canvas.node("Score", "freddyLLM", llm(score, "gpt-4o", 0.1, response_format="json_object"))
    canvas.node("Segment", "switch", rules("={{ $json.segment }}", "club", "retailer", "public"))
    canvas.node("CRM: Club", "crmUpsert", {"owner": "clubs"}, lane=-1)
    canvas.node("CRM: Retailer", "crmUpsert", {"owner": "wholesale"})
    canvas.node("CRM: Public", "crmUpsert", {"owner": "tenders"}, lane=1)
    canvas.node("Hot Lead", "if", at_least("={{ $json.score }}", 80))
    canvas.node("Call Today", "taskCreate", {"queue": "sales", "dueInHours": 4})
    canvas.chain("Form Submitted", "Company Register", "Score", "Segment")
    canvas.wire("Segment", "CRM: Club", "CRM: Retailer", "CRM: Public", None)
    for name in ("CRM: Club", "CRM: Retailer", "CRM: Public"):
        canvas.wire(name, "Hot Lead")
    canvas.wire("Hot Lead", "Call Today", None)
    return workflow(
        "lead-scoring",
        "B2B lead scoring",
        canvas.definition("B2B lead scoring"),
        ("2026-06-10T12:00:00", "2026-10-26T10:44:02"),
        description="Scores leads from the form and routes them by segment.",
        version=17,
        by="Nadia El Amrani",
    )


def _moderation() -> Workflow:
    canvas = Canvas("review-moderation")
    judge = "Label this review: ok, spam, insult, personal_data or legal. In doubt, the stricter."
    canvas.node("Review Posted", "webhook", {"path": "shop/review"})
    canvas.node("Moderate", "freddyLLM", llm(judge, "gpt-4o-mini", 0, moderation_enabled=True))
    canvas.node("Verdict", "switch", rules("={{ $json.text }}", "ok", "spam", "insult", "personal_data"))
    canvas.node(
        "Publish",
        "httpRequest",
        {"method": "PUT", "url": "https://shop.bergquell.example/reviews/{{ $json.id }}/publish"},
    )
    canvas.node("Bin", "noOp", lane=1)
    canvas.node("Human Check", "taskCreate", {"queue": "community"}, lane=2)
    canvas.node("Mask Data", "redact", {"entities": ["PHONE", "EMAIL", "ADDRESS"]}, lane=3)
    canvas.chain("Review Posted", "Moderate", "Verdict")
    canvas.wire("Verdict", "Publish", "Bin", "Human Check", "Mask Data", ["Human Check"])
    canvas.wire("Mask Data", "Publish")
    return workflow(
        "review-moderation",
        "Review moderation",
        canvas.definition("Review moderation"),
        ("2026-07-01T08:00:00", "2026-10-15T19:20:00"),
        description="Publishes, bins or asks a person, within a minute.",
        version=12,
        by="Amélie Rochat",
    )


def _translation() -> Workflow:
    canvas = Canvas("product-copy")
    translate = (
        "Übersetze den Produkttext ins Französische und Italienische der Schweiz. Produktnamen bleiben stehen,"
        " Masse in Zentimetern und Gramm, Anrede «vous» und «Lei»."
    )
    canvas.node("Neue Texte", "googleSheetsTrigger", {"sheet": "Produkttexte"})
    canvas.node("In Paketen", "splitInBatches", {"batchSize": 10})
    canvas.node("Übersetzen DE→FR/IT", "freddyLLM", llm(translate, "claude-sonnet-4-5", 0.3))
    canvas.node(
        "Glossar prüfen",
        "code",
        {"language": "python", "pythonCode": "return [i for i in items if i['json'].get('fr')]"},
    )
    canvas.node(
        "Zurückschreiben",
        "googleSheets",
        {"operation": "update"},
        credentials={"googleSheetsOAuth2Api": {"id": "cred_5", "name": "Tabellen"}},
    )
    canvas.node("Fertig", "emailSend", {"template": "übersetzung-fertig"})
    canvas.chain("Neue Texte", "In Paketen")
    canvas.wire("In Paketen", "Fertig", "Übersetzen DE→FR/IT")
    canvas.chain("Übersetzen DE→FR/IT", "Glossar prüfen", "Zurückschreiben", "In Paketen")
    return workflow(
        "product-copy",
        "Übersetzung Produkttexte (DE→FR/IT)",
        canvas.definition("Übersetzung Produkttexte (DE→FR/IT)", settings={"executionTimeout": 3600}),
        ("2026-07-13T11:25:00", "2026-10-22T13:13:13"),
        description="Zehnerpakete, bis die Liste leer ist.",
        version=10,
        by="Amélie Rochat",
    )


def _newsletter() -> Workflow:
    canvas = Canvas("newsletter")
    write = "Write a newsletter of 150 words about this month's tours and offers. Warm, no exclamation marks."
    canvas.node("First Of Month", "scheduleTrigger", {"rule": {"interval": [{"field": "months"}]}})
    canvas.node("Write", "freddyLLM", llm(write, temperature=0.9))
    canvas.node("Send Test", "emailSend", {"to": "marketing@bergquell.example"})
    canvas.chain("First Of Month", "Write", "Send Test")
    return workflow(
        "newsletter",
        "Newsletter draft",
        canvas.definition("Newsletter draft", active=False),
        ("2026-05-27T16:00:00", "2026-06-01T09:30:00"),
        description="Paused: marketing writes it by hand again.",
        version=2,
        is_active=False,
        by="Nadia El Amrani",
    )


def _minutes() -> Workflow:
    canvas = Canvas("meeting-minutes")
    summarise = (
        "会議の文字起こしを要約してください。決定事項、担当者、期限を箇条書きにし、推測は書かないでください。"
    )
    canvas.node("録画アップロード", "webhook", {"path": "会議/録画"})
    canvas.node("文字起こし", "transcribe", {"language": "ja", "diarize": True})
    canvas.node("要約", "freddyLLM", llm(summarise, "gpt-4o", 0.2))
    canvas.node("議事録を保存", "documentWriter", {"folder": "東京オフィス/議事録"})
    canvas.chain("録画アップロード", "文字起こし", "要約", "議事録を保存")
    return workflow(
        "meeting-minutes",
        "会議メモの要約",
        canvas.definition("会議メモの要約", settings={"timezone": "Asia/Tokyo"}),
        ("2026-08-25T01:30:00", "2026-10-09T02:45:16"),
        description="東京オフィスの会議を要約します。",
        version=4,
        by="Taro Yamada",
    )


def _calls() -> Workflow:
    canvas = Canvas("sales-calls")
    digest = "סכם את שיחת המכירה: צורכי הלקוח, התנגדויות, והצעד הבא. עד חמש שורות."
    canvas.node("שיחה הסתיימה", "webhook", {"path": "calls/ended"})
    canvas.node("תקציר", "freddyLLM", llm(digest, temperature=0.3))
    canvas.node(
        "عميل عربي",
        "if",
        {"conditions": {"string": [{"value1": "={{ $json.lang }}", "operation": "equal", "value2": "ar"}]}},
    )
    canvas.node("ترجمة الملخص", "freddyLLM", llm("ترجم الملخص إلى العربية.", temperature=0.2), lane=1)
    canvas.node("CRM", "crmUpsert", {"owner": "tel-aviv"})
    canvas.chain("שיחה הסתיימה", "תקציר", "عميل عربي")
    canvas.wire("عميل عربي", "ترجمة الملخص", "CRM")
    canvas.wire("ترجمة الملخص", "CRM")
    return workflow(
        "sales-calls",
        "תקציר שיחות מכירה",
        canvas.definition("תקציר שיחות מכירה"),
        ("2026-09-03T06:15:00", "2026-10-18T08:08:08"),
        description="עברית, עם תרגום לערבית",
        version=5,
        by="Nadia El Amrani",
    )


def _year() -> Workflow:
    """A name that looks like a number, as does the external id."""
    canvas = Canvas("year")
    canvas.node("1", "manualTrigger")
    canvas.node(
        "2",
        "freddyLLM",
        llm("List last year's ten best sellers from the attached table.", "gpt-4o-mini", 0.0),
    )
    canvas.node("3", "documentWriter", {"folder": "2025"})
    canvas.chain("1", "2", "3")
    return workflow(
        "year",
        "2026",
        canvas.definition("2026"),
        ("2026-09-21T10:10:10", "2026-09-21T10:10:10"),
        external_id="20260001",
        by="Luca Bernasconi",
    )
