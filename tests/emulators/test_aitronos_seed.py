"""What the Aitronos emulator starts with."""

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest

from emulators.aitronos.records import Assistant, Workflow
from emulators.aitronos.seed import Seed, plant

FIRST, LAST = datetime(2026, 5, 1, tzinfo=UTC).timestamp(), datetime(2026, 11, 1, tzinfo=UTC).timestamp()


@pytest.fixture
def seed() -> Seed:
    return plant()


def named(seed: Seed, name: str) -> Workflow:
    return next(workflow for workflow in seed.workflows if workflow.name == name)


def links(definition: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Every (source, kind, target) of n8n's connections, gaps passed over."""
    return [
        (source, kind, target["node"])
        for source, outputs in (definition.get("connections") or {}).items()
        for kind, slots in (outputs or {}).items()
        for slot in slots or []
        for target in slot or []
    ]


def test_every_start_plants_the_same_with_fresh_objects(seed: Seed) -> None:
    again = plant()
    assert again == seed
    assert again.workflows[0].definition is not seed.workflows[0].definition


def test_ids_look_like_the_vendors_and_are_unique(seed: Seed) -> None:
    workflows = [workflow.id for workflow in seed.workflows]
    assistants = [assistant.id for assistant in seed.assistants]
    assert all(re.fullmatch(r"flow_[a-z0-9]{12}", identifier) for identifier in workflows)
    assert all(re.fullmatch(r"asst_[a-z0-9]{12}", identifier) for identifier in assistants)
    everything = workflows + assistants + [entry.id for entry in seed.history]
    assert len(set(everything)) == len(everything)


def test_times_lie_in_the_half_year_before_november(seed: Seed) -> None:
    records: list[Workflow | Assistant] = [*seed.workflows, *seed.assistants]
    for record in records:
        assert FIRST <= record.created_at <= record.updated_at < LAST
    days = {datetime.fromtimestamp(workflow.created_at, UTC).date() for workflow in seed.workflows}
    assert len(days) > 20


def test_external_ids_are_unique_and_several_have_none(seed: Seed) -> None:
    external = [workflow.external_id for workflow in seed.workflows]
    given = [identifier for identifier in external if identifier is not None]
    assert len(set(given)) == len(given)
    assert external.count(None) >= 2


def test_links_agree_on_both_sides_and_lag_behind_the_version(seed: Seed) -> None:
    linked = {a.id: a for a in seed.assistants if a.workflow_id is not None}
    assert {w.assistant_id: w.id for w in seed.workflows if w.assistant_id is not None} == {
        identifier: assistant.workflow_id for identifier, assistant in linked.items()
    }
    versions = {workflow.id: workflow.version for workflow in seed.workflows}
    assert len(linked) == 4
    for assistant in linked.values():
        assert assistant.workflow_version is not None
        assert assistant.workflow_version < versions[str(assistant.workflow_id)]


def test_there_are_many_different_workflows(seed: Seed) -> None:
    live = [workflow for workflow in seed.workflows if not workflow.deleted]
    assert len(live) >= 24
    prompts = re.findall(r'"instructions": "([^"]+)"', json.dumps([w.definition for w in live]))
    assert len(set(prompts)) >= 30
    assert sum(not workflow.is_active for workflow in live) == 2


def test_connections_of_tidy_workflows_reach_nodes_there_are(seed: Seed) -> None:
    for workflow in seed.workflows:
        if "connections" not in workflow.definition or workflow.name.startswith("Imported"):
            continue
        names = [node["name"] for node in workflow.definition["nodes"]]
        assert len(set(names)) == len(names)
        ends = {end for source, _, target in links(workflow.definition) for end in (source, target)}
        assert ends <= set(names), workflow.name


def test_one_is_large_and_branches(seed: Seed) -> None:
    definition = named(seed, "Peak season order desk").definition
    assert len(definition["nodes"]) >= 40
    assert len(definition["connections"]["Market"]["main"]) == 10


def test_some_loop(seed: Seed) -> None:
    loops = {
        "Returns & refunds": ("Wait For Answer", "main", "Extract Order Number"),
        "IT: account provisioning": ("Pause", "main", "One Account At A Time"),
        "Incident post-mortem": ("Blameless", "main", "Draft"),
        "Voice of the customer, weekly": ("Load Surveys", "main", "Load Surveys"),
    }
    for name, edge in loops.items():
        assert edge in links(named(seed, name).definition)


def test_some_have_gaps_parallel_edges_attachments_and_switched_off_nodes(seed: Seed) -> None:
    night = named(seed, "🚨 Night-shift escalation 🌙").definition
    assert night["connections"]["Severity"]["main"][2:] == [None, []]
    assert any(node.get("disabled") for node in night["nodes"])
    voice = links(named(seed, "Voice of the customer, weekly").definition)
    assert voice.count(("Group Themes", "main", "Compare Weeks")) == 2
    kinds = {kind for workflow in seed.workflows for _, kind, _ in links(workflow.definition)}
    assert kinds >= {"main", "ai_tool", "ai_memory", "ai_embedding", "ai_vectorStore"}


def test_a_sub_workflow_names_another_by_its_external_id(seed: Seed) -> None:
    nodes = named(seed, "New-hire onboarding").definition["nodes"]
    called = next(n for n in nodes if n["name"] == "Create Accounts")["parameters"]["workflowId"]
    assert called == named(seed, "IT: account provisioning").external_id


def test_names_are_of_many_kinds(seed: Seed) -> None:
    names = {workflow.name for workflow in seed.workflows}
    assert {"2026", " EMEA / APAC hand-off ", "会議メモの要約", "תקציר שיחות מכירה"} <= names
    assert "Übersetzung Produkttexte (DE→FR/IT)" in names


def test_one_import_is_a_mess(seed: Seed) -> None:
    definition = named(seed, "Imported: customer chat (old)").definition
    names = [node.get("name") for node in definition["nodes"]]
    assert names.count("Agent") == 2
    assert None in names
    assert any("id" not in node for node in definition["nodes"])
    targets = {target for _, _, target in links(definition)}
    assert {"Renamed Since", "Nowhere"} & set(names) == set()
    assert {"Renamed Since", "Nowhere"} <= targets
    assert definition["connections"]["No Id"] is None


def test_definitions_come_in_four_shapes(seed: Seed) -> None:
    assert named(seed, "Untitled workflow").definition == {}
    assert {"nodes", "edges", "viewport"} == set(named(seed, "Ticket summary (new editor)").definition)
    opaque = named(seed, "Showroom kiosk")
    assert "nodes" not in opaque.definition
    assert opaque.document()["has_assistant"] is None


def test_an_assistant_node_and_a_linked_assistant_are_two_things(seed: Seed) -> None:
    shown = {w.name: w.document() for w in seed.workflows}
    assert shown["Support triage"]["has_assistant"] is True
    warranty = shown["Warranty answers (RAG)"]
    assert (warranty["has_assistant"], warranty["assistant_id"] is not None) == (False, True)


def test_one_has_fields_nobody_documented(seed: Seed) -> None:
    document = named(seed, "Gear quiz").document()
    assert document["folder_id"] is None
    assert document["tags"] == ["shop", "trial"]


def test_everything_is_json(seed: Seed) -> None:
    for workflow in seed.workflows:
        text = json.dumps(workflow.document(), allow_nan=False)
        assert json.loads(text) == workflow.document()
