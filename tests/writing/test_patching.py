"""JSON merge patches on the canonical workflow."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.contract import Fetched
from adapters.rendering import same
from gateway.errors import BodyInvalid
from gateway.writing.patching import DERIVED, merged, patched
from schemas.digest import stamped
from schemas.json_codec import dumps, loads
from schemas.serialising import to_json
from schemas.workflow import Workflow
from tests.contract.conftest import Recording, recordings, vendors

# RFC 7396, appendix A.
CASES: tuple[tuple[Any, Any, Any], ...] = (
    ({"a": "b"}, {"a": "c"}, {"a": "c"}),
    ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
    ({"a": "b"}, {"a": None}, {}),
    ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
    ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
    ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
    ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
    ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
    (["a", "b"], ["c", "d"], ["c", "d"]),
    ({"a": "b"}, ["c"], ["c"]),
    ({"a": "foo"}, None, None),
    ({"a": "foo"}, "bar", "bar"),
    ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
    ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
    ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(("target", "patch", "result"), CASES)
def test_the_examples_of_the_rfc(target: Any, patch: Any, result: Any) -> None:
    before = copy.deepcopy((target, patch))
    assert merged(target, patch) == result
    assert (target, patch) == before


@given(JSON, JSON)
def test_a_patch_applied_twice_is_one_applied_once(target: Any, patch: Any) -> None:
    once = merged(target, patch)
    assert merged(once, patch) == once


@given(JSON)
def test_what_holds_no_null_is_a_patch_from_nothing_to_itself(value: Any) -> None:
    if isinstance(value, dict) and b"null" not in dumps(value):
        assert merged({}, value) == value


def parsed(recording: Recording) -> Workflow:
    mapping = vendors()[recording.vendor].mapping
    return stamped(mapping.parse(Fetched(recording.document), "demo"))


@pytest.mark.parametrize("recording", recordings("get_*.json"))
def test_the_whole_document_as_its_own_patch_changes_nothing(recording: Recording) -> None:
    workflow = parsed(recording)
    whole = loads(to_json(workflow))
    again = patched(workflow, whole)
    for name in Workflow.model_fields:
        # A null inside a vendor's own JSON cannot be said in a merge patch.
        if b"null" not in dumps(whole.get(name)):
            assert same(getattr(again, name), getattr(workflow, name)), name


@pytest.mark.parametrize("recording", recordings("get_*.json"))
def test_one_field_changes_and_every_other_stays_the_very_same(recording: Recording) -> None:
    workflow = parsed(recording)
    again = patched(workflow, {"description": "another"})
    assert again.description == "another"
    for name in Workflow.model_fields.keys() - {"description"}:
        assert getattr(again, name) is getattr(workflow, name), name


@pytest.mark.parametrize("recording", recordings("get_*.json"))
def test_written_over_the_native_document_only_that_field_differs(recording: Recording) -> None:
    document, mapping = recording.document, vendors()[recording.vendor].mapping
    workflow = parsed(recording)
    untouched = mapping.render(patched(workflow, {}), document)
    assert dumps(untouched.document) == dumps(document)
    patch = {"graph": loads(to_json(workflow.graph))}
    if b"null" not in dumps(patch):
        again = mapping.render(patched(workflow, patch), document)
        assert (dumps(again.document), again.losses) == (dumps(document), ())


def test_what_follows_from_the_rest_is_not_taken_from_a_patch() -> None:
    workflow = parsed(recordings("get_*.json")[0].values[0])
    patch = dict.fromkeys(DERIVED, "nonsense")
    assert patched(workflow, patch) == workflow


@pytest.mark.parametrize("name", ["", "publishd", "model_copy"])
@pytest.mark.parametrize("value", [None, 1])
def test_a_field_that_there_is_not_is_a_fault_even_where_it_is_taken_away(name: str, value: object) -> None:
    workflow = parsed(recordings("get_*.json")[0].values[0])
    with pytest.raises(BodyInvalid) as raised:
        patched(workflow, {name: value}, "/patch")
    assert [fault.name for fault in raised.value.faults] == [f"/patch/{name}"]


def test_every_fault_is_named_at_its_place_in_the_body() -> None:
    workflow = parsed(recordings("get_*.json")[0].values[0])
    with pytest.raises(BodyInvalid) as raised:
        patched(workflow, {"id": "x", "odd~/name": 1, "published": "yes"}, "/patch")
    names = {fault.name for fault in raised.value.faults}
    assert names == {"/patch/id", "/patch/odd~0~1name", "/patch/published"}
