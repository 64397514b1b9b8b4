"""From PromptLayer's documents to the canonical workflow: everything but the graph."""

import copy
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from adapters.contract import Fetched
from adapters.errors import VendorSurprise
from adapters.promptlayer import VENDOR
from schemas.diagnostics import DiagnosticCode, Severity
from schemas.digest import digest, stamped
from schemas.workflow import Author, ExternalId, Place, WorkflowKind, WorkflowStatus

RECORDINGS = sorted(path.stem for path in (Path(__file__).parent / "recordings").glob("get_*.json"))


@pytest.mark.parametrize("name", RECORDINGS)
def test_a_recording_gives_the_expected_canonical_form(
    name: str, load: Any, expected: Any, parse: Any
) -> None:
    document = load(name)
    before = copy.deepcopy(document)
    assert json.loads(stamped(parse(document)).model_dump_json()) == expected(name)
    assert document == before


def test_identity_is_connection_vendor_and_the_number_as_text(load: Any, parse: Any) -> None:
    workflow = parse(load("get_two_branches"))
    assert (workflow.connection, workflow.vendor, workflow.id) == ("demo", "promptlayer", "123")
    assert workflow.name == "support-triage"
    assert workflow.kind is WorkflowKind.FLOW
    assert workflow.diagnostics == ()


def test_an_id_beyond_doubles_keeps_every_digit(parse: Any) -> None:
    assert parse({"workflow_id": 9007199254740993}).id == "9007199254740993"


def test_the_version_is_immutable_and_has_the_time_and_the_note(load: Any, parse: Any) -> None:
    workflow = parse(load("get_two_branches"))
    assert workflow.created_at is None, "the time is the version's"
    version = workflow.version
    assert (version.number, version.id, version.mutable, version.current) == (3, "456", False, None)
    assert version.note == "Route billing separately"
    assert version.created_at == datetime(2026, 9, 1, 8, 0, 0, 123456, tzinfo=UTC)
    assert version.labels == workflow.labels == ("production",)


def test_the_documents_own_example_is_read_with_diagnostics(load: Any, parse: Any) -> None:
    workflow = parse(load("get_documented_example"))
    assert workflow.version.number == 3
    assert [(found.code, found.path, found.severity) for found in workflow.diagnostics] == [
        (DiagnosticCode.CONTRADICTION, "/version_number", Severity.INFO),
        (DiagnosticCode.MISSING_FIELD, "/workflow_version_id", Severity.WARNING),
        (DiagnosticCode.MISSING_NODE_ID, "/nodes/0/id", Severity.WARNING),
    ]


def test_two_version_numbers_that_disagree_are_reported_and_the_documented_one_wins(parse: Any) -> None:
    workflow = parse({"workflow_id": 1, "version": 4, "version_number": 3})
    assert workflow.version.number == 4
    assert (DiagnosticCode.CONTRADICTION, "/version_number") in _found(workflow)
    assert not [
        where
        for _, where in _found(parse({"workflow_id": 1, "version": 4, "version_number": 4}))
        if where == "/version_number"
    ]


def test_without_a_trace_of_a_version_there_is_none(parse: Any) -> None:
    workflow = parse({"workflow_id": 1, "release_labels": ["a"]})
    assert workflow.version is None
    assert workflow.labels == ("a",)


def test_the_wrapper_beside_the_document_changes_nothing(load: Any, parse: Any) -> None:
    with_wrapper, without = parse(load("get_wrapper_beside")), parse(load("get_two_branches"))
    assert with_wrapper == without
    assert digest(with_wrapper) == digest(without)


def test_the_wrapper_alone_is_a_workflow(load: Any, parse: Any) -> None:
    workflow = parse(load("get_wrapper_only"))
    assert (workflow.id, workflow.name) == ("40", "nightly report")
    assert workflow.workspace == Place(id="1")
    assert workflow.status is WorkflowStatus.UNKNOWN
    assert workflow.extensions == {"promptlayer": {"workflow": {"is_draft": False}}}
    assert {(DiagnosticCode.CONTRADICTION, "/workflow/id"), (DiagnosticCode.MISSING_FIELD, "/nodes")} <= set(
        _found(workflow)
    )


def test_a_wrapper_that_disagrees_is_reported_and_the_document_wins(parse: Any) -> None:
    workflow = parse({"workflow_id": 1, "workflow_name": "a", "workflow": {"id": 2, "name": "b"}})
    assert (workflow.id, workflow.name) == ("1", "a")
    assert {
        (DiagnosticCode.CONTRADICTION, "/workflow/id"),
        (DiagnosticCode.CONTRADICTION, "/workflow/name"),
    } <= set(_found(workflow))


@pytest.mark.parametrize("wrapper", ["text", 7, [], True])
def test_a_wrapper_of_another_type_is_reported(parse: Any, wrapper: Any) -> None:
    assert (DiagnosticCode.WRONG_TYPE, "/workflow") in _found(parse({"workflow_id": 1, "workflow": wrapper}))


def test_fields_of_a_listing_are_read_in_a_document_too(parse: Any) -> None:
    workflow = parse({"id": 5, "name": "n", "user_id": 7, "workspace_id": 9, "is_deleted": True})
    assert (workflow.id, workflow.name, workflow.author) == ("5", "n", Author(id="7"))
    assert workflow.workspace == Place(id="9")
    assert workflow.status is WorkflowStatus.DELETED
    assert workflow.extensions == {}


def test_a_text_as_id_is_kept_and_reported(parse: Any) -> None:
    workflow = parse({"workflow_id": "007"})
    assert workflow.id == "007"
    assert (DiagnosticCode.WRONG_TYPE, "/workflow_id") in _found(workflow)


def test_unknown_fields_are_kept_as_they_are(load: Any, parse: Any) -> None:
    document = load("get_two_branches") | {"x_future": {"deep": [1, 1.0, None, {"ü": True}]}}
    assert parse(document).extensions == {"promptlayer": {"x_future": {"deep": [1, 1.0, None, {"ü": True}]}}}


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"success": True},
        {"workflow_id": None, "workflow_name": "n", "nodes": []},
        {"workflow_id": ""},
        {"workflow_id": True},
        {"workflow_id": {"id": 1}, "workflow": {"id": None}},
        {"success": False, "message": "Workflow not found"},
        {"success": False, "workflow_id": 1},
        {"detail": "Not Found"},
        [],
        "text",
        None,
    ],
)
def test_what_is_no_workflow_is_a_surprise(document: Any) -> None:
    with pytest.raises(VendorSurprise):
        VENDOR.mapping.parse(Fetched(document), "demo")


def test_an_item_of_a_listing_is_a_summary(load: Any) -> None:
    items = [VENDOR.mapping.parse_summary(item, "demo") for item in load("list_first_page")["items"]]
    first, second = items
    assert (first.connection, first.vendor, first.id, first.name) == (
        "demo",
        "promptlayer",
        "123",
        "support-triage",
    )
    assert (first.version.number, first.version.current, first.version.mutable) == (3, True, False)
    assert first.labels == ("production",)
    assert first.external_ids == (ExternalId(source="acme_cms", id="wf-9"),)
    assert (first.author, first.workspace) == (Author(id="5"), Place(id="9"))
    assert (second.version, second.author, second.external_ids) == (None, None, ())


def test_a_deleted_item_says_so(load: Any) -> None:
    (item,) = load("list_last_page")["items"]
    assert VENDOR.mapping.parse_summary(item, "demo").status is WorkflowStatus.DELETED


def test_the_names_of_the_detail_answer_are_read_in_an_item_too() -> None:
    summary = VENDOR.mapping.parse_summary({"workflow_id": 5, "workflow_name": "n"}, "demo")
    assert (summary.id, summary.name) == ("5", "n")


@pytest.mark.parametrize("item", [None, 1, "x", [], {}, {"id": None}, {"name": "n"}, {"id": [1]}])
def test_what_is_no_item_is_a_surprise(item: Any) -> None:
    with pytest.raises(VendorSurprise):
        VENDOR.mapping.parse_summary(item, "demo")


def _found(workflow: Any) -> list[tuple[DiagnosticCode, str]]:
    return [(found.code, found.path) for found in workflow.diagnostics]
