"""Documents that are almost a vendor's: each is a workflow, with what is odd as diagnostics, or no workflow at all."""

import re
from functools import cache
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.contract import Fetched, Vendor
from adapters.errors import VendorMessage, VendorSurprise
from adapters.evidence import MAX_DIAGNOSTICS
from gateway.graph_export import dot, mermaid
from schemas.digest import digest_of
from schemas.json_codec import dumps, loads
from schemas.publish import document
from schemas.workflow import Workflow
from tests.contract.conftest import recorded_errors, recordings, vendors
from tests.hostile.mutations import ODD, documents

CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f\u2028\u2029]")


@cache
def recorded(vendor: str, pattern: str) -> list[Any]:
    found = [each.values[0] for each in recordings(pattern)]
    return [each.document for each in found if each.vendor == vendor]


@cache
def schema(name: str) -> Any:
    return jsonschema.Draft202012Validator(document(name))


@pytest.mark.parametrize("name", sorted(vendors()))
@given(data=st.data())
def test_a_changed_document_is_a_workflow_or_a_surprise(name: str, data: st.DataObject) -> None:
    vendor = vendors()[name]
    native = data.draw(documents(recorded(name, "get_*.json")))
    if not isinstance(native, dict):
        return
    kept = dumps(native)
    try:
        draft = vendor.mapping.draft(Fetched(native), "c")
    except VendorSurprise:
        return
    assert dumps(native) == kept
    draft["digest"] = digest_of(draft)
    canonical = loads(dumps(draft))
    schema("workflow").validate(canonical)
    assert len(canonical.get("diagnostics", ())) <= MAX_DIAGNOSTICS + 1
    read = vendor.mapping.parse(Fetched(native), "c")
    assert isinstance(read, Workflow)
    for draw in (mermaid, dot):
        assert not CONTROL.search(draw(read.graph))
    assert dumps(vendor.mapping.render(read, native).document) == kept


@pytest.mark.parametrize("name", sorted(vendors()))
@given(data=st.data())
def test_a_changed_item_of_a_listing_is_a_summary_or_a_surprise(name: str, data: st.DataObject) -> None:
    vendor = vendors()[name]
    item = data.draw(documents([*recorded(name, "get_*.json"), *ODD]))
    try:
        draft = vendor.mapping.draft_summary(item, "c")
    except VendorSurprise:
        return
    schema("workflow-summary").validate(loads(dumps(draft)))


@pytest.mark.parametrize("name", sorted(vendors()))
@given(data=st.data())
def test_a_changed_error_is_read_as_far_as_it_goes(name: str, data: st.DataObject) -> None:
    vendor: Vendor = vendors()[name]
    body = data.draw(documents([*recorded_errors(name).values(), *ODD]))
    said = vendor.read_error(body)
    assert isinstance(said, VendorMessage)
    assert all(isinstance(text, str | None) for text in (said.message, said.code, said.request_id))
    assert all(isinstance(fault.path, str) and isinstance(fault.message, str) for fault in said.faults)


def test_the_recordings_themselves_are_fuzzed() -> None:
    assert all(recorded(name, "get_*.json") for name in vendors())
