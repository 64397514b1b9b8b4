"""The record around the definition."""

import json

import pytest

from adapters.aitronos import VENDOR
from adapters.errors import VendorSurprise
from schemas.digest import stamped
from schemas.workflow import AssistantLink, ExternalId, WorkflowKind, WorkflowStatus, WorkflowSummary
from tests.vendors.aitronos.helpers import RECORDED, expected, found, parse, record, recording


@pytest.mark.parametrize("name", RECORDED)
def test_recordings_read_as_expected(name: str) -> None:
    workflow = stamped(parse(recording(name)))
    assert workflow.model_dump(mode="json") == expected(name)


def test_the_record_has_a_canonical_place_for_every_documented_field() -> None:
    workflow = parse(recording("get_documented_example"))
    assert workflow.id == "flow_abc123def456"
    assert workflow.name == "Sample"
    assert workflow.description == "Sample text"
    assert workflow.kind is WorkflowKind.FLOW
    assert workflow.status is WorkflowStatus.ACTIVE
    assert workflow.version is not None
    assert (workflow.version.number, workflow.version.mutable, workflow.version.current) == (1, True, True)
    assert workflow.external_ids == (ExternalId(id="abc123def456"),)
    assert workflow.created_at is not None
    assert workflow.created_at.isoformat() == "2024-11-15T10:50:00+00:00"
    assert workflow.author is not None
    assert workflow.author.id == "usr_sample"
    assert workflow.workspace is not None
    assert workflow.workspace.id == "org_abc123def456"


def test_a_linked_assistant_beside_no_assistant_node_is_no_contradiction() -> None:
    workflow = parse(recording("get_documented_example"))
    link = AssistantLink(assistant_id="asst_abc123def456", has_assistant_node=False)
    assert workflow.assistant == link
    assert found(workflow) == [("empty_definition", "/definition")]


def test_a_record_with_the_required_fields_only_has_no_link_and_no_author() -> None:
    workflow = parse(recording("get_minimal"))
    assert (workflow.assistant, workflow.author, workflow.external_ids) == (None, None, ())


@pytest.mark.parametrize(
    ("is_active", "status"),
    [(True, WorkflowStatus.ACTIVE), (False, WorkflowStatus.INACTIVE), (None, WorkflowStatus.UNKNOWN)],
)
def test_status_follows_is_active(is_active: bool | None, status: WorkflowStatus) -> None:
    assert parse(record({}, is_active=is_active)).status is status


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("organization_id", None, "missing_field"),
        ("name", None, "missing_field"),
        ("version", None, "missing_field"),
        ("is_active", None, "missing_field"),
        ("created_at", None, "missing_field"),
        ("updated_at", "2026-11-11T10:30:00Z", "wrong_type"),
        ("updated_at", "last week", "unreadable_time"),
        ("updated_at", 10**30, "unreadable_time"),
        ("version", "3", "wrong_type"),
        ("description", 5, "wrong_type"),
        ("id", 4711, "wrong_type"),
        ("has_assistant", "perhaps", "wrong_type"),
    ],
)
def test_an_odd_field_is_reported_where_it_is(field: str, value: object, code: str) -> None:
    assert (code, f"/{field}") in found(parse(record({"nodes": [], "connections": {}}, **{field: value})))


def test_a_time_in_iso_form_is_read_all_the_same() -> None:
    updated = parse(record({}, updated_at="2026-11-11T10:30:00+01:00")).updated_at
    assert updated is not None
    assert updated.isoformat() == "2026-11-11T09:30:00+00:00"


def test_unknown_fields_are_kept_word_for_word() -> None:
    workflow = parse(record({}, x_new={"a": [1, 1.0, None]}))
    assert json.dumps(workflow.extensions) == '{"aitronos": {"x_new": {"a": [1, 1.0, null]}}}'


@pytest.mark.parametrize(
    "document", [None, [], "flow_1", 7, {}, {"id": None}, {"id": ""}, {"id": {}}, {"id": True}]
)
def test_what_has_no_id_is_no_workflow(document: object) -> None:
    with pytest.raises(VendorSurprise):
        parse(document)
    with pytest.raises(VendorSurprise):
        VENDOR.mapping.parse_summary(document, "demo")


@pytest.mark.parametrize("name", RECORDED)
def test_a_summary_is_the_workflow_without_its_content(name: str) -> None:
    document = recording(name)
    workflow = parse(document)
    summary = VENDOR.mapping.parse_summary(document, "demo")
    assert summary == WorkflowSummary(
        **{field: getattr(workflow, field) for field in WorkflowSummary.model_fields}
    )


def test_every_item_of_a_recorded_page_can_be_read() -> None:
    items = recording("list_middle_page")["workflows"]
    ids = [VENDOR.mapping.parse_summary(item, "demo").id for item in items]
    assert ids == ["flow_abc123def456", "flow_ghi789jkl012"]
