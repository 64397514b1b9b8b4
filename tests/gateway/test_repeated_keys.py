"""Keys that repeat in a request's body are found, and nothing else is taken for one."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.api.bodies import read_object
from gateway.api.repeated_keys import repeated_key
from gateway.errors import BodyNotJson

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text('"\\:{} a', max_size=4), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(VALUES, st.booleans(), st.sampled_from([None, 1, "\t"]))
def test_what_repeats_nothing_is_let_through(value: Any, plain: bool, indent: Any) -> None:
    text = json.dumps(value, ensure_ascii=plain, indent=indent, separators=(" ,", " : ")).encode()
    assert repeated_key(text, json.loads(text)) is None


@given(st.dictionaries(st.text(max_size=4), VALUES, min_size=1, max_size=4), VALUES, st.data())
def test_what_repeats_a_key_is_found_however_deep(
    members: dict[str, Any], again: Any, data: st.DataObject
) -> None:
    key = data.draw(st.sampled_from(sorted(members)))
    inner = json.dumps(members)[:-1] + f", {json.dumps(key)}: {json.dumps(again)}}}"
    text = f'{{"outer": [[], {inner}], "text": "a \\"b\\": c"}}'.encode()
    assert repeated_key(text, json.loads(text)) == key


def test_a_key_written_in_two_ways_is_one_key() -> None:
    text = b'{"name": 1, "n\\u0061me": 2}'
    assert repeated_key(text, json.loads(text)) == "name"


@pytest.mark.parametrize("body", [b'{"a": 1, "a": 1}', b'{"x": {"a": [], "b": 0, "a": {}}}'])
def test_a_body_that_repeats_a_key_is_refused_by_name(body: bytes) -> None:
    with pytest.raises(BodyNotJson, match="'a' twice"):
        read_object(body, 100)


def test_lone_surrogates_and_long_numbers_do_not_hide_it() -> None:
    with pytest.raises(BodyNotJson, match="twice"):
        read_object(b'{"a": "\\ud800", "b": 123456789012345678901234567890, "a": 2}', 100)
