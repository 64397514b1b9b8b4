"""The tree of errors, and the one table from a vendor's status to it."""

import inspect

import pytest
from hypothesis import given
from hypothesis import strategies as st

import adapters.errors
from adapters.errors import (
    BY_STATUS,
    AdapterError,
    DeadlineExceeded,
    InvalidPosition,
    InvalidRequest,
    InvalidSegment,
    VendorBroken,
    VendorBusy,
    VendorConflict,
    VendorError,
    VendorForbids,
    VendorLimited,
    VendorMessage,
    VendorNotFound,
    VendorRefusedCredential,
    VendorRejected,
    VendorResting,
    VendorSurprise,
    VendorTimeout,
    VendorUnreachable,
    error_class,
)

CLASSES = [
    member
    for _, member in inspect.getmembers(adapters.errors, inspect.isclass)
    if issubclass(member, AdapterError) and member.__module__ == adapters.errors.__name__
]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (302, VendorSurprise),
        (304, VendorSurprise),
        (400, VendorRejected),
        (401, VendorRefusedCredential),
        (402, VendorRejected),
        (403, VendorForbids),
        (404, VendorNotFound),
        (405, VendorRejected),
        (408, VendorTimeout),
        (409, VendorConflict),
        (410, VendorNotFound),
        (412, VendorConflict),
        (413, VendorRejected),
        (418, VendorRejected),
        (422, VendorRejected),
        (429, VendorLimited),
        (500, VendorBroken),
        (502, VendorBroken),
        (503, VendorBroken),
        (504, VendorTimeout),
        (599, VendorBroken),
    ],
)
def test_a_status_means_one_error(status: int, expected: type[VendorError]) -> None:
    assert error_class(status) is expected


@given(st.integers(300, 999))
def test_every_status_that_is_no_success_means_some_error(status: int) -> None:
    assert issubclass(error_class(status), VendorError)


def test_the_table_holds_no_success() -> None:
    assert min(BY_STATUS) >= 300


def test_what_may_be_tried_again() -> None:
    retryable = {kind for kind in CLASSES if issubclass(kind, VendorError) and kind.retryable}
    assert retryable == {
        VendorUnreachable,
        VendorTimeout,
        VendorBusy,
        VendorResting,
        DeadlineExceeded,
        VendorLimited,
        VendorBroken,
    }


@pytest.mark.parametrize("kind", CLASSES)
def test_the_tree_is_drawn_as_it_is(kind: type[AdapterError]) -> None:
    drawing = adapters.errors.__doc__ or ""
    assert kind.__name__ in drawing
    assert kind.__doc__


def test_a_vendors_error_carries_what_is_known_and_nothing_else() -> None:
    bare = VendorError("it failed")
    assert (str(bare), bare.status, bare.said, bare.retry_after) == ("it failed", None, VendorMessage(), None)
    said = VendorMessage("no", "E1")
    full = VendorLimited("slow down", status=429, said=said, retry_after=3.0)
    assert (full.status, full.said, full.retry_after) == (429, said, 3.0)


def test_a_callers_mistake_names_the_parameter() -> None:
    assert InvalidRequest("odd").parameter == "id"
    assert InvalidRequest("odd", "version").parameter == "version"
    assert InvalidSegment("odd").parameter == "id"
    assert InvalidPosition("odd").parameter == "cursor"
