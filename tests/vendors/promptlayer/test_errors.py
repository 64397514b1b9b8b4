"""PromptLayer's error bodies."""

from typing import Any

import pytest

from adapters.errors import FieldFault, VendorMessage, VendorSurprise
from adapters.promptlayer.errors import expect_object, read_error


def test_the_message_goes_before_the_legacy_field() -> None:
    body = {"success": False, "message": "No output node", "error": "no_output"}
    assert read_error(body) == VendorMessage(message="No output node", code="no_output")
    assert read_error({"success": False, "error": "Invalid"}) == VendorMessage(message="Invalid")


def test_faults_of_a_validation_are_read_with_their_way_to_the_field() -> None:
    body = {
        "detail": [
            {"loc": ["query", "version"], "msg": "Input should be greater than 0", "type": "greater_than"},
            {"loc": ["body", "nodes", 0, "name"], "type": "missing"},
        ]
    }
    said = read_error(body)
    assert said.faults == (
        FieldFault("query/version", "Input should be greater than 0"),
        FieldFault("body/nodes/0/name", "missing"),
    )
    assert said.message == "Input should be greater than 0; missing"


def test_a_text_as_detail_is_the_message() -> None:
    assert read_error({"detail": "Not Found"}).message == "Not Found"


@pytest.mark.parametrize("body", [None, 7, [], {}, "", True, {"message": 5, "error": [], "detail": {"a": 1}}])
def test_a_body_without_words_says_nothing(body: Any) -> None:
    assert read_error(body) == VendorMessage()


@pytest.mark.parametrize(
    "fault", [{}, {"loc": "query"}, {"loc": [None, {}, 1.5]}, {"msg": 5, "type": None}, {"loc": []}]
)
def test_an_odd_fault_is_still_one(fault: Any) -> None:
    said = read_error({"detail": [fault, "not an object"]})
    assert said.faults == (FieldFault("", "refused"),)


def test_a_text_alone_is_the_message() -> None:
    assert read_error("Internal Server Error").message == "Internal Server Error"


@pytest.mark.parametrize("document", [None, [], "text", 7])
def test_an_answer_that_is_no_object_is_a_surprise(document: Any) -> None:
    with pytest.raises(VendorSurprise) as caught:
        expect_object(document, 200)
    assert caught.value.status == 200


def test_a_failure_with_a_status_of_success_is_a_surprise_with_the_vendors_words() -> None:
    with pytest.raises(VendorSurprise, match="it failed: Workflow not found") as caught:
        expect_object({"success": False, "message": "Workflow not found"}, 200)
    assert caught.value.said.message == "Workflow not found"
    with pytest.raises(VendorSurprise, match="no reason given"):
        expect_object({"success": False})
