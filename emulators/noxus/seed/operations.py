"""Operations at Halden Home: v2 flows, mailboxes, ingestion, and flows for other scripts and names."""

from itertools import pairwise
from typing import Any

from emulators.noxus.records import meta, settings
from emulators.noxus.seed.builders import FlowV1, FlowV2, put, put_version, workflow_id
from emulators.noxus.state import State


def _notes() -> FlowV2:
    """Return a v2 flow whose nodes all have names, which the SDK can read."""
    return (
        FlowV2("meeting notes")
        .node("recording", "InputNodeV2", "Recording", label="Transcript", type="str")
        .node(
            "minutes",
            "TextGenerationV2",
            "Minutes",
            prompt="Write minutes of this meeting:\n:var[recording.output]",
            model=["preset:quality"],
        )
        .node(
            "actions",
            "TextGenerationV2",
            "Action items",
            prompt={"system": "One line per action: who, what, when.", "user": ":var[recording.output]"},
        )
        .node(
            "page", "CombineTextV2", "Page", template=":var[minutes.text_output]\n\n:var[actions.text_output]"
        )
        .node("out", "OutputNodeV2", "Notes", label="Notes", type="str", value=":var[page.output]")
        .edge("recording", "minutes", "page", "out")
        .edge("recording", "actions", "page")
    )


def _post_mortem() -> FlowV2:
    """Return a v2 flow with a loop: one pass per entry of the incident's timeline."""
    return (
        FlowV2("incident post-mortem")
        .node("incident", "InputNodeV2", label="Incident", type="str")
        .node(
            "timeline",
            "HttpRequestV2",
            "Timeline",
            url="https://status.haldenhome.example/incidents/:var[incident.output]/timeline",
            method="GET",
        )
        .node("each", "LoopV2", "Every entry", items=":var[timeline.response]", max_iterations=200)
        .node("logs", "KnowledgeBaseSearchV2", kb_id="kb_logs", query=":var[each.item]", top_k=20)
        .node(
            "explain", "TextGenerationV2", prompt="What happened: :var[each.item] Logs: :var[logs.passages]"
        )
        .inside("each", "logs", "explain")
        .node(
            "severe", "ConditionV2", rules=[{"left": ":var[each.results]", "op": "contains", "right": "SEV1"}]
        )
        .node("report", "TextGenerationV2", "Report", prompt="Blameless report from :var[each.results]")
        .node("short", "TextGenerationV2", "Short note", prompt="Five lines from :var[each.results]")
        .node("out", "OutputNodeV2", label="Report", type="str")
        .bind("out", "value", "report.text_output")
        .edge("incident", "timeline", "each", "logs", "explain")
        .edge("each", "severe")
        .edge("severe", "report", source_handle="when_true")
        .edge("severe", "short", source_handle="when_false")
        .edge("report", "out")
        .edge("short", "out", target_handle="value")
    )


def _onboarding() -> FlowV2:
    """Return a v2 flow wired by bindings, keyed ones included, with a subflow and a per-item pass."""
    flow = (
        FlowV2("supplier onboarding")
        .node("form", "InputNodeV2", label="Supplier form", type="dict")
        .node("documents", "InputNodeV2", label="Documents", type="list")
        .node("classify", "TextGenerationV2", prompt="Which certificate is this?")
        .node("policy", "InvokeSubflowV2Node", workflow_id=workflow_id("refund policy lookup"), inputs={})
        .node(
            "letter", "CombineTextV2", template="Dear :var[form.output], we have :var[classify.text_output]."
        )
        .node("out", "OutputNodeV2", label="Letter", type="str", value=":var[letter.output]")
        .bind("classify", "variables__document", "documents.output", each=True)
        .bind("policy", "inputs__Country", "form.output")
        .bind("policy", "inputs__Order total", "form.output")
        .edge("form", "policy", "letter", "out")
        .edge("documents", "classify", "letter")
    )
    flow.nodes["policy"]["node_config"]["__var_keys"]["outputs"] = ["Policy"]
    return flow


def _translation() -> FlowV1:
    return (
        FlowV1("product translation")
        .node("text", "InputNode", "Eingabe", label="Produkttext", type="str")
        .node("jp", "TranslateNode", "日本語へ", target_language="ja", glossary={"Sofa": "ソファ"})
        .node("ar", "TranslateNode", "إلى العربية", target_language="ar")
        .node("pt", "TranslateNode", "Para português 🇵🇹", target_language="pt")
        .node("all", "ComposeTextNode", "Zusammenfügen ✂️", template="((日本語))\n((العربية))\n((português))")
        .node("out", "OutputNode", "Ausgabe", label="Übersetzungen", type="str")
        .link("text", "jp.input", "ar.input", "pt.input")
        .link("jp.translation", "all.variables#日本語")
        .link("ar.translation", "all.variables#العربية")
        .link("pt.translation", "all.variables#português")
        .link("all.text_output", "out.input")
    )


def _line(key: str, *steps: tuple[str, str], **config: dict[str, Any]) -> FlowV1:
    """Return a straight flow: each step an alias and a type, in order; `config` is by alias."""
    flow = FlowV1(key)
    for alias, kind in steps:
        flow.node(alias, kind, **config.get(alias, {}))
    for (start, _), (end, _) in pairwise(steps):
        keyed = {"variables", "inputs"} & {flow.types[flow.nodes[end]["type"]]["inputs"][0]["name"]}
        flow.link(start, f"{end}#Text" if keyed else end)
    return flow


def _policies() -> FlowV1:
    return _line(
        "return policy",
        ("ask", "InputNode"),
        ("write", "TextGenerationNode"),
        ("out", "OutputNode"),
        ask={"label": "سؤال", "type": "str"},
        write={"template": "אנא ענה: ((Text))", "model": ["preset:cost"]},
        out={"label": "תשובה", "type": "str"},
    )


def _add_mailboxes(state: State) -> None:
    sort = [{"Category": word, "Description": word.lower()} for word in ("ORDER", "OFFER", "COMPLAINT")]
    route = _line(
        "route supplier mail",
        ("mail", "InputNode"),
        ("sort", "EnsembleCategorizerNode"),
        ("out", "OutputNode"),
        mail={"label": "Mail", "type": "str"},
        sort={"categories": sort},
        out={"label": "Folder", "type": "str"},
    )
    name, created = "Inbox: route supplier mail", "2026-08-05T05:00:00Z"
    put(state, route, name, created, type="inbox_process", meta=meta("inbox"), runs_count=88124)
    drop = _line(
        "drop newsletters",
        ("mail", "InputNode"),
        ("sort", "EnsembleCategorizerNode"),
        ("out", "OutputNode"),
        sort={"categories": [{"Category": "NEWSLETTER", "Description": "adverts"}]},
    )
    put(state, drop, "Inbox: drop newsletters", "2026-08-06T05:00:00Z", type="inbox_filtering")
    sync = _line(
        "help centre sync",
        ("page", "FileInputNode"),
        ("read", "DocumentExtractionNode"),
        ("out", "OutputNode"),
        page={"label": "Page"},
    )
    sheet = {"name": "Sync log", "id": "sheet-77", "time_created": "2026-06-30T10:00:00Z"}
    put(
        state,
        sync,
        "Help centre sync",
        "2026-06-30T10:00:00Z",
        type="ingestion",
        meta=meta("rag", "nightly", log_sync_sheet=sheet, template_id="tpl_ingest_web"),
        runs_count=121,
        last_run_at="2026-10-31T02:00:00Z",
    )


def _add_v2(state: State) -> None:
    put(
        state,
        _notes(),
        "Meeting notes / action items (v2, draft)",
        "2026-10-12T14:00:00Z",
        author_name="Aiko Tanaka",
        meta=meta("internal"),
        saved=False,
    )
    put_version(state, _post_mortem(), "before the loop", "2026-06-10T11:00:00Z", "Kept for comparison")
    put(
        state,
        _post_mortem(),
        "Incident post-mortem",
        "2026-06-02T10:20:00Z",
        description="Reads an incident's timeline entry by entry and writes the report",
        author_name="Søren Kjær",
        meta=meta("platform", "incidents"),
        settings=settings(timeout=600, max_tokens=128000),
        runs_count=31,
        last_run_at="2026-10-29T03:12:00Z",
    )
    put(
        state,
        _onboarding(),
        "Supplier onboarding",
        "2026-06-15T09:00:00Z",
        author_name="Søren Kjær",
        meta=meta("purchasing"),
        runs_count=212,
    )


def _add_names(state: State) -> None:
    put(
        state,
        _translation(),
        "Übersetzung der Produkttexte → 日本語 · Português 🛋️",
        "2026-09-28T07:07:07Z",
        description="Für den Katalog 2027",
        author_name="田中 愛子",
        meta=meta("Katalog", "多言語"),
        runs_count=640,
    )
    put(
        state,
        _policies(),
        "سياسة الإرجاع · מדיניות החזרות",
        "2026-10-01T07:00:00Z",
        author_name="ליאור כהן",
        meta=meta("مساعدة"),
    )
    number = _line(
        "2048",
        ("value", "InputNode"),
        ("write", "TextGenerationNode"),
        ("out", "OutputNode"),
        write={"template": "Is ((Text)) a power of two?"},
    )
    put(state, number, "2048", "2026-10-15T20:48:00Z", author_name="Søren Kjær")


def add_operations(state: State) -> None:
    """Put the workflows of operations into the state."""
    _add_mailboxes(state)
    _add_v2(state)
    _add_names(state)
