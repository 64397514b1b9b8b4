"""Identity, status, times and all else of a workflow but its graph and settings."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.contract import Fetched
from adapters.errors import VendorSurprise
from adapters.noxus import VENDOR
from schemas.base import JsonObject
from schemas.diagnostics import DiagnosticCode
from schemas.digest import stamped
from schemas.graph import WorkflowReference
from schemas.workflow import (
    Author,
    Place,
    RunStatistics,
    Version,
    Workflow,
    WorkflowKind,
    WorkflowStatus,
    WorkflowSummary,
)
from tests.vendors.noxus.helpers import (
    FOLDER,
    GROUP,
    ORDINARY,
    WORKFLOW,
    found,
    names,
    parse,
    record,
    recording,
)

SUMMARY_FIELDS = set(WorkflowSummary.model_fields)


@pytest.mark.parametrize("name", names())
def test_a_recording_reads_as_expected(name: str) -> None:
    expected = json.loads((FOLDER / "expected" / f"{name}.json").read_bytes())
    assert json.loads(stamped(parse(recording(name))).model_dump_json()) == expected


def test_an_ordinary_record() -> None:
    workflow = parse(recording(ORDINARY))
    assert (workflow.connection, workflow.vendor, workflow.id) == ("demo", "noxus", WORKFLOW)
    assert workflow.name == "Answer a question"
    assert workflow.description == "Fixture workflow"
    assert workflow.tags == ("support",)
    assert workflow.labels == ()
    assert workflow.author == Author(name="Ada Example")
    assert workflow.workspace == Place(id=GROUP)
    assert workflow.created_at == datetime(2026, 9, 1, 8, tzinfo=UTC)
    assert workflow.updated_at == datetime(2026, 10, 2, 9, 15, 30, 512345, tzinfo=UTC)
    assert workflow.statistics == RunStatistics(runs=42, last_run_at=datetime(2026, 10, 3, 11, tzinfo=UTC))
    assert workflow.version == Version(
        mutable=True, current=True, native_hash="b1946ac92492d2347c6235b4d2611184"
    )
    assert workflow.diagnostics == ()


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("flow", WorkflowKind.FLOW),
        ("agent_flow", WorkflowKind.AGENT_FLOW),
        ("handler", WorkflowKind.ERROR_HANDLER),
        ("ingestion", WorkflowKind.INGESTION),
        ("inbox_process", WorkflowKind.AUTOMATION),
        ("inbox_filtering", WorkflowKind.AUTOMATION),
        ("inbox_extraction", WorkflowKind.AUTOMATION),
        ("task_automation", WorkflowKind.AUTOMATION),
    ],
)
def test_every_documented_type_has_a_kind(word: str, kind: WorkflowKind) -> None:
    workflow = parse(record(type=word))
    assert (workflow.kind, workflow.native_kind, workflow.diagnostics) == (kind, word, ())


def test_a_type_that_is_not_documented_is_kept_and_reported() -> None:
    workflow = parse(record(type="telepathy"))
    assert (workflow.kind, workflow.native_kind) == (WorkflowKind.UNKNOWN, "telepathy")
    assert found(workflow) == [(DiagnosticCode.UNKNOWN_VALUE, "/type")]


@pytest.mark.parametrize(
    ("deleted", "status"),
    [
        (None, WorkflowStatus.UNKNOWN),
        ("2026-10-05T00:00:00Z", WorkflowStatus.DELETED),
        ("some day", WorkflowStatus.DELETED),
        (False, WorkflowStatus.UNKNOWN),
        ({}, WorkflowStatus.UNKNOWN),
    ],
)
def test_only_a_deleted_workflow_has_a_status(deleted: Any, status: WorkflowStatus) -> None:
    assert parse(record(deleted_at=deleted)).status is status


@pytest.mark.parametrize(
    ("fields", "published"),
    [
        ({}, None),
        ({"is_app_published": True}, True),
        ({"is_app_published": False, "app_settings_v2": {"is_active": False}}, False),
        ({"app_settings_v2": {"is_active": True}}, True),
        ({"is_app_published": None, "app_settings_v2": None}, None),
    ],
)
def test_being_published_is_told_in_two_places(fields: JsonObject, published: bool | None) -> None:
    workflow = parse(record(**fields))
    assert workflow.published is published
    assert workflow.diagnostics == ()


def test_the_two_places_may_disagree() -> None:
    workflow = parse(record(is_app_published=True, app_settings_v2={"is_active": False}))
    assert workflow.published is True
    assert found(workflow) == [(DiagnosticCode.CONTRADICTION, "/app_settings_v2/is_active")]


def test_the_error_handler_is_another_workflow() -> None:
    assert parse(record(error_handler=WORKFLOW)).error_handler == WorkflowReference(id=WORKFLOW)
    assert parse(record(error_handler=None)).error_handler is None
    assert parse(record(error_handler="")).error_handler is None


def test_required_fields_that_are_missing_are_reported() -> None:
    workflow = parse({"id": WORKFLOW, "name": None})
    assert workflow.name is None
    assert workflow.workspace is None
    assert set(found(workflow)) == {
        (DiagnosticCode.MISSING_FIELD, "/name"),
        (DiagnosticCode.MISSING_FIELD, "/type"),
        (DiagnosticCode.MISSING_FIELD, "/group_id"),
        (DiagnosticCode.MISSING_FIELD, "/definition"),
    }


@pytest.mark.parametrize("identifier", [None, "", [], {}, True])
def test_without_an_id_it_is_no_workflow(identifier: Any) -> None:
    with pytest.raises(VendorSurprise):
        parse(record(id=identifier))


@pytest.mark.parametrize("document", [None, [], "text", 1])
def test_what_is_no_object_is_no_workflow(document: Any) -> None:
    with pytest.raises(VendorSurprise):
        VENDOR.mapping.parse(Fetched(document), "demo")
    with pytest.raises(VendorSurprise):
        VENDOR.mapping.parse_summary(document, "demo")


def test_what_has_no_canonical_place_is_kept_verbatim() -> None:
    app = {"is_active": False, "version_id": None, "extra_settings": {"channel": "C1"}}
    document = record(
        saved=True,
        is_app_published=False,
        app_settings_v2=app,
        x_future=None,
        meta={"tags": ["a"], "icon": None, "columns": [], "x": 1},
        settings={"is_coworker": True, "divider7": "", "pii_banner": "Take care"},
        definition={"nodes": [], "edges": [], "viewport": {"zoom": 1}},
    )
    assert parse(document).extensions == {
        "noxus": {
            "saved": True,
            "app_settings_v2": app,
            "x_future": None,
            "meta": {"columns": [], "x": 1},
            "settings": {"is_coworker": True},
            "definition": {"viewport": {"zoom": 1}},
        }
    }


def test_null_and_absent_mean_the_same() -> None:
    told = record(saved=None, app_settings_v2=None, meta={"tags": [], "icon": None}, settings={})
    untold = record(meta={"tags": []}, settings={"agent_flow_id": None})
    assert stamped(parse(told)).digest == stamped(parse(untold)).digest


def test_a_summary_is_the_workflow_without_its_content() -> None:
    document = recording(ORDINARY)
    workflow = parse(document)
    summary = VENDOR.mapping.parse_summary(document, "demo")
    assert summary == WorkflowSummary(**{name: getattr(workflow, name) for name in SUMMARY_FIELDS})


def test_every_item_of_a_page_is_summed_up() -> None:
    items = recording("list_workflows_page")["items"]
    summaries = [VENDOR.mapping.parse_summary(item, "demo") for item in items]
    assert [summary.name for summary in summaries] == ["Answer a question", "Answer a question"]


def at_version(record_: JsonObject, version: JsonObject) -> Workflow:
    return VENDOR.mapping.parse(Fetched(record_, version_document=version), "demo")


def test_at_a_version_the_graph_is_the_versions_and_the_name_the_workflows() -> None:
    newest, first = recording("versions_bare_array")
    document = record(name="Of today", description="Of today too")
    workflow = at_version(document, newest)
    assert (workflow.name, workflow.description) == ("Of today", "Of today too")
    assert len(workflow.graph.nodes) == 3
    assert [variable.name for variable in workflow.inputs] == ["User Question"]
    assert workflow.version == Version(
        id=newest["id"],
        name="v2 - cheaper model",
        created_at=datetime(2026, 10, 1, 10, tzinfo=UTC),
        mutable=True,
        current=False,
    )
    other = at_version(recording(ORDINARY), first).version
    assert other is not None
    assert (other.note, other.author) == (
        "first cut",
        Author(id="340f6bc6-b7be-56ce-b12f-20b95db99e5b"),
    )
    assert at_version(recording(ORDINARY), first).graph.nodes == ()


def test_a_version_without_a_flow_version_follows_the_workflow() -> None:
    version = {**recording("versions_bare_array")[1], "definition": {"nodes": [], "edges": []}}
    assert at_version(record(flow_version="v2"), version).graph.format == "noxus-v2"
