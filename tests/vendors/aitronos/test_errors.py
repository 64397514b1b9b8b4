"""Error bodies."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.aitronos.errors import read_error
from adapters.errors import FieldFault, VendorMessage
from tests.vendors.aitronos.helpers import recording

BODIES = recording("errors")


@pytest.mark.parametrize(
    ("name", "code", "message"),
    [
        ("401", "AUTHENTICATION_REQUIRED", "Sign in first."),
        ("401_bad_key", "INVALID_API_KEY", "Bad key."),
        ("403", "INSUFFICIENT_PERMISSIONS", "Not allowed."),
        ("404", "RESOURCE_NOT_FOUND", "No such workflow."),
        ("409", "RESOURCE_ALREADY_EXISTS", "Already there."),
        ("429", "RATE_LIMIT_EXCEEDED", "Slow down."),
        ("500", "INTERNAL_SERVER_ERROR", "Something broke."),
        ("503", "SERVICE_UNAVAILABLE", "upstream down"),
    ],
)
def test_the_envelope_has_code_and_message(name: str, code: str, message: str) -> None:
    said = read_error(BODIES[name])
    assert (said.code, said.message, said.faults) == (code, message, ())
    assert said.request_id == BODIES[name]["error"]["trace_id"]


def test_a_field_in_the_details_is_a_fault() -> None:
    faults = read_error(BODIES["422_envelope"]).faults
    assert faults == (FieldFault(path="definition", message="Check the fields."),)


def test_a_list_in_the_details_is_read_as_faults() -> None:
    assert read_error(BODIES["422_faults_in_details"]).faults == (
        FieldFault(path="body/definition", message="Input should be an object"),
        FieldFault(path="name", message="Too long"),
    )


def test_fastapis_own_list_is_read_too() -> None:
    said = read_error(BODIES["422_fastapi"])
    assert said.faults == (FieldFault(path="body/name", message="Field required"),)
    assert said.message == "body/name: Field required"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"detail": "Not Found"}, "Not Found"),
        ({"error": "broken"}, "broken"),
        ({"message": "broken"}, "broken"),
        ({"error": {"message": ""}}, None),
        ({}, None),
        (None, None),
        ("<html>Bad gateway</html>", None),
        ([1], None),
        ({"detail": [{"loc": [{}, "a", 1], "msg": 5}]}, "a/1: "),
    ],
)
def test_other_bodies_say_what_they_can(body: Any, message: str | None) -> None:
    assert read_error(body).message == message


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["error", "details", "detail", "loc", "msg", "message", "field", "errors", "code", "x"]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=15,
)


@given(JSON)
@settings(deadline=None)
def test_no_body_makes_it_raise(body: Any) -> None:
    said = read_error(body)
    assert isinstance(said, VendorMessage)
    assert all(isinstance(fault.path, str) and isinstance(fault.message, str) for fault in said.faults)
