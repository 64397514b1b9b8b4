"""Workflows that are odd in one way each, and those this key must not get."""

import math

from emulators.aitronos.errors import Document
from emulators.aitronos.records import Workflow
from emulators.aitronos.seed.blocks import Canvas, llm, workflow
from emulators.aitronos.seed.people import other_organization_id


def workflows() -> list[Workflow]:
    """Return the odd ones."""
    return [
        _handoff(),
        _blank(),
        _legacy_import(),
        _new_editor(),
        _opaque(),
        _extra_fields(),
        _unassigned(),
        _deleted(),
        _foreign(),
    ]


def _handoff() -> Workflow:
    """A name, and node names, with blanks around and slashes inside."""
    canvas = Canvas("handoff")
    canvas.node("Ticket / new", "webhook", {"path": "handoff/new"})
    canvas.node(
        "Who? EMEA\\APAC",
        "freddyLLM",
        llm("Which region takes this ticket now: EMEA or APAC?", "gpt-4o-mini", 0),
    )
    canvas.node(
        " Assign ",
        "httpRequest",
        {"url": "https://desk.bergquell.example/tickets/{{ $json.id }}?assign=region"},
    )
    canvas.chain("Ticket / new", "Who? EMEA\\APAC", " Assign ")
    return workflow(
        "handoff",
        " EMEA / APAC hand-off ",
        canvas.definition(" EMEA / APAC hand-off "),
        ("2026-08-11T15:00:00", "2026-10-01T00:00:00"),
        version=2,
        external_id="desk/hand-off #1",
        by="Taro Yamada",
    )


def _blank() -> Workflow:
    """As every example of the documents: an empty definition; no author, no external id."""
    return workflow(
        "blank",
        "Untitled workflow",
        {},
        ("2026-10-27T09:41:00", "2026-10-27T09:41:00"),
        external_id=None,
    )


def _legacy_import() -> Workflow:
    """Dangling connections, a repeated node, absent ids and names, unknown types, nulls."""
    canvas = Canvas("legacy-import")
    canvas.node("Start", "start")
    canvas.node("Agent", "freddyLLM", llm("Answer politely.", temperature=1))
    canvas.node("Agent", "freddyLLM", llm("Antworte höflich.", temperature=1), lane=1)
    canvas.node("Old Box", "legacy.mysteryBox", position=None, typeVersion="1.0-beta", notes=None)
    canvas.nodes.append({"name": "No Id", "type": "noOp", "position": [0, 0], "parameters": {}})
    canvas.nodes.append({"id": "7", "type": None, "parameters": {"x": math.pi, "big": 2**63}})
    canvas.wire("Start", "Agent")
    canvas.wire("Agent", None, [], ["Old Box", "Renamed Since"])
    canvas.wire("Ghost", "Nowhere")
    canvas.connections["No Id"] = None
    canvas.connections["Old Box"] = {
        "main": None,
        "ai_outputParser": [[{"node": "Agent", "type": "ai_outputParser"}]],
    }
    return workflow(
        "legacy-import",
        "Imported: customer chat (old)",
        canvas.definition("Imported: customer chat (old)", meta=None, settings={}, tags=None, nodeGroups=[]),
        ("2026-05-04T00:00:00", "2026-05-04T00:00:01"),
        description="",
        version=1,
        is_active=False,
        external_id=None,
    )


def _new_editor() -> Workflow:
    """React-Flow's shape."""
    summary = llm("Summarise the ticket in two sentences for the next agent.", "ftg-3.0", 0.3)
    nodes = [
        _box("start", "Trigger", 0, {"label": "Ticket closed"}),
        _box("llm-1", "FreddyLLM", 240, {"label": "Summarise", "config": summary}),
        _box("out", "Output", 480, {"label": "Post note", "config": {"target": "crm.note"}}),
        {
            "id": "note-1",
            "type": "StickyNote",
            "data": {"text": "Ask Jonas before changing the prompt"},
            "position": {"x": 240, "y": -180},
            "width": 200,
            "height": 90,
        },
    ]
    edges = [
        {
            "id": "e1",
            "source": "start",
            "sourceHandle": "out",
            "target": "llm-1",
            "targetHandle": "in",
            "type": "smoothstep",
        },
        {
            "id": "e2",
            "source": "llm-1",
            "sourceHandle": "out",
            "target": "out",
            "targetHandle": "in",
            "animated": True,
        },
    ]
    return workflow(
        "ticket-summary",
        "Ticket summary (new editor)",
        {"nodes": nodes, "edges": edges, "viewport": {"x": -42.5, "y": 12.25, "zoom": 0.8}},
        ("2026-10-05T13:00:00", "2026-10-28T09:09:09"),
        description="Trial of the new editor.",
        version=6,
        by="Jonas Frey",
    )


def _box(identifier: str, kind: str, x: int, data: Document) -> Document:
    return {"id": identifier, "type": kind, "data": data, "position": {"x": x, "y": 0}}


def _opaque() -> Workflow:
    """A shape nobody has described."""
    definition = {
        "$schema": "flowplate/2",
        "entry": "greet",
        "steps": {
            "greet": {"do": "say", "with": {"text": "Grüezi!"}, "then": "ask"},
            "ask": {
                "do": "freddy",
                "with": {"model": "ftg-3.0", "prompt": "Find out what they need."},
                "then": None,
            },
        },
        "revision": 0,
    }
    return workflow(
        "showroom-kiosk",
        "Showroom kiosk",
        definition,
        ("2026-10-16T08:30:00", "2026-10-24T17:45:30"),
        description="Runs on the kiosk in the Chur store.",
        version=3,
        by="Taro Yamada",
    )


def _extra_fields() -> Workflow:
    """Fields the documents do not know, beside and inside the definition."""
    canvas = Canvas("gear-quiz")
    canvas.node("Answers", "formTrigger", {"formTitle": "Find your tent"}, extendsCredential=None, cid="Ikx")
    canvas.node(
        "Recommend",
        "freddyLLM",
        llm("Recommend one tent from the list, with one honest drawback.", "gpt-4o", 0.5, seed=7),
    )
    canvas.chain("Answers", "Recommend")
    return workflow(
        "gear-quiz",
        "Gear quiz",
        canvas.definition("Gear quiz", hash="9f0c", shared=[{"role": "owner"}], triggerCount=1),
        ("2026-09-30T19:19:19", "2026-10-13T04:05:06"),
        version=2,
        by="Nadia El Amrani",
        extra={"folder_id": None, "tags": ["shop", "trial"], "x_plan": {"tier": "beta", "until": 1798675200}},
    )


def _unassigned() -> Workflow:
    """A single LLM node and no assistant yet: ready to be promoted."""
    canvas = Canvas("tour-ideas")
    suggest = (
        "Suggest three day tours for the given canton, season and fitness. Mention snow and the last bus."
    )
    canvas.node("Chat Trigger", "chatTrigger")
    canvas.node(
        "Tour Guide",
        "freddyLLM",
        llm(suggest, temperature=0.8, vector_store_ids=["vs_tours2026abc"], rules=["rule_be_careful01"]),
    )
    canvas.node("Old Guide", "freddyLLM", llm("Suggest a tour.", "gpt-3.5-turbo"), lane=1, disabled=True)
    canvas.node("Reply", "respond", {"text": "={{ $json.text }}"})
    canvas.chain("Chat Trigger", "Tour Guide", "Reply")
    return workflow(
        "tour-ideas",
        "Tour ideas",
        canvas.definition("Tour ideas"),
        ("2026-10-08T10:00:00", "2026-10-25T21:30:00"),
        description="Day tours by canton, season and fitness.",
        version=5,
        by="Amélie Rochat",
    )


def _deleted() -> Workflow:
    return workflow(
        "chatbot-prototype",
        "Chatbot prototype (2025)",
        {},
        ("2026-05-01T08:00:00", "2026-06-15T12:00:00"),
        deleted=True,
        by="Jonas Frey",
    )


def _foreign() -> Workflow:
    return workflow(
        "talwind-orders",
        "Talwind order intake",
        {},
        ("2026-07-07T07:07:07", "2026-07-07T07:07:07"),
        organization_id=other_organization_id(),
    )
