"""Error bodies of every shape."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.errors import FieldFault, VendorMessage
from adapters.noxus import VENDOR
from tests.vendors.noxus.helpers import recording

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["detail", "message", "error", "msg", "loc", "code", "request_id", "x"]),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"detail": "Not allowed"}, VendorMessage("Not allowed")),
        ({"message": "Slow down"}, VendorMessage("Slow down")),
        ({"error": "Broken"}, VendorMessage("Broken")),
        ({"detail": "first", "message": "second"}, VendorMessage("first")),
        ({"detail": "", "message": "second"}, VendorMessage("second")),
        ({"error": {"message": "inner", "code": "E1"}}, VendorMessage("inner", "E1")),
        ({"detail": {"msg": "inner"}, "request_id": "r-1"}, VendorMessage("inner", request_id="r-1")),
        ("Internal Server Error", VendorMessage("Internal Server Error")),
        ({"detail": 7}, VendorMessage()),
        ([], VendorMessage()),
        (None, VendorMessage()),
        ("", VendorMessage()),
    ],
)
def test_what_a_body_says(body: Any, said: VendorMessage) -> None:
    assert VENDOR.read_error(body) == said


def test_faults_name_their_fields() -> None:
    detail = [
        {"loc": ["body", "nodes", 0, "id"], "msg": "Field required", "type": "missing"},
        {"loc": None, "type": "strange"},
        "not a fault",
    ]
    said = VENDOR.read_error({"detail": detail})
    assert said.faults == (FieldFault("body/nodes/0/id", "Field required"), FieldFault("", "invalid"))
    assert said.message == "Field required; invalid"


def test_every_recorded_error_says_something() -> None:
    for body in recording("errors").values():
        assert VENDOR.read_error(body).message


@given(JSON)
def test_reading_never_raises(body: Any) -> None:
    assert isinstance(VENDOR.read_error(body), VendorMessage)
