"""What real workspaces also hold: emptiness, leftovers, unknown words, nulls, and things half deleted."""

from emulators.noxus.records import meta
from emulators.noxus.seed.builders import FlowV1, put, workflow_id
from emulators.noxus.state import GROUP_ID, Record, State, seeded_id


def _unfinished() -> FlowV1:
    """Return a flow with edges to nodes that are gone, a self loop, parallel edges and a lost subflow."""
    flow = (
        FlowV1("old faq bot")
        .node("ask", "InputNode", label="Question", type="str")
        .node("write", "TextGenerationNode", template="((Question)) ((Faq))")
        .node("lost", "InvokeSubflowNode", "Lost flow")
        .calls("lost", "never existed", "FAQ lookup (old)")
        .node("out", "OutputNode", label="Answer", type="str")
        .link("ask", "write.variables#Question", "lost.inputs#Question")
        .link("faq.text_output", "write.variables#Faq")
        .link("write.text_output", "out.input", "removed_output.input", "write.variables#Faq")
    )
    again = dict(flow.edges[0]) | {"id": None}
    flow.edges.append(again)
    return flow


def _stock_check() -> FlowV1:
    """Return a flow with nodes of a plugin the catalogue does not know, one of them switched off."""
    return (
        FlowV1("nightly stock check")
        .node("start", "ScheduleTriggerNode", "Every night", cron="0 3 * * *", timezone="Europe/Oslo")
        .node("read", "HaldenWarehouseNode", "Warehouse", warehouse="OSL-2", fields=["sku", "stock"])
        .node("old", "HaldenLegacyStockNode", "", credential="legacy_ftp")
        .with_fields("old", enabled=False, plugin_version=None)
        .node("write", "TextGenerationNode", template="Which of ((Stock)) must be ordered?")
        .node("out", "OutputNode", label="Orders", type="str")
        .link("start.fired", "read.run", "old.run")
        .link("read.rows", "write.variables#Stock")
        .link("old.rows", "write.variables#Stock")
        .link("write.text_output", "out.input")
    )


def _order_numbers() -> FlowV1:
    return (
        FlowV1("order numbers")
        .node("mail", "InputNode", label="Mail", type="str")
        .node("find", "DocumentExtractionNode", fields=[{"name": "order_number"}], ocr=False)
        .node("out", "OutputNode", label="Orders", type="list")
        .link("mail", "find.file")
        .link("find.fields", "out.input")
    )


NULLABLE = (
    "workflow_hash",
    "meta",
    "settings",
    "last_updated_at",
    "last_run_at",
    "deleted_at",
    "runs_count",
    "author_name",
    "description",
    "saved",
    "error_handler",
    "is_app_published",
    "app_settings_v2",
)


def _bare(key: str, name: str, definition: Record) -> Record:
    """Return a record with nothing but what the reference calls required."""
    return {
        "id": workflow_id(key),
        "group_id": GROUP_ID,
        "name": name,
        "type": "flow",
        "definition": definition,
    }


def _add_unknown(state: State) -> None:
    put(
        state,
        _unfinished(),
        "Old FAQ bot (do not use)",
        "2026-07-03T09:00:00Z",
        error_handler=seeded_id("workflow: deleted long ago"),
        meta=meta("legacy"),
        saved=False,
    )
    put(
        state,
        _stock_check(),
        "Nightly stock check",
        "2026-08-18T03:00:00Z",
        type="task_automation",
        meta=meta("warehouse") | {"folder": None},
        runs_count=74,
        schedule={"cron": "0 3 * * *", "enabled": True},
    )
    nulls = dict.fromkeys(NULLABLE)
    put(
        state,
        _order_numbers(),
        "Inbox: order numbers",
        "2026-08-07T05:00:00Z",
        type="inbox_extraction",
        x_future_flag=True,
        x_future={"nested": [None, {"deep": "ünknown"}]},
        **nulls,
    )
    voice = FlowV1("voice desk").node("start", "VoiceCallNode", "Call", number="+47 5550 0100")
    put(state, voice, "Voice desk pilot", "2026-10-18T08:00:00Z", type="voice_session", meta=meta("pilot"))


def _add_empty_and_deleted(state: State) -> None:
    put(state, FlowV1("untitled"), "Untitled Workflow", "2026-07-02T12:00:00Z", author_name="Lucía Fernández")
    gone = FlowV1("summer campaign").node("in", "InputNode", label="Slogan").node("out", "OutputNode")
    put(
        state,
        gone.link("in", "out.input"),
        "Summer campaign slogans",
        "2026-07-10T10:00:00Z",
        deleted_at="2026-09-01T00:00:00Z",
        last_updated_at="2026-09-01T00:00:00Z",
        runs_count=12,
    )
    example = FlowV1("empty object")
    put(state, example, "Untitled Workflow", "2026-05-20T08:00:00Z", definition={})
    bare = _bare("bare minimum", "Imported without history", {"nodes": [], "edges": []})
    state.workflows[bare["id"]] = bare


def add_oddities(state: State) -> None:
    """Put the odd ones into the state."""
    _add_unknown(state)
    _add_empty_and_deleted(state)
