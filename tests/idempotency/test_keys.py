"""How keys are read, and what makes two requests the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.callers import Caller
from gateway.errors import InvalidHeader
from gateway.idempotency.keys import fingerprint, read_key, record_name
from gateway.settings.values import Right

PRINTABLE = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=255)


@given(PRINTABLE)
def test_a_quoted_key_is_what_stands_between_the_quotes(key: str) -> None:
    escaped = key.replace("\\", "\\\\").replace('"', '\\"')
    assert read_key(f' "{escaped}"') == key


@given(st.text(max_size=300))
def test_any_header_is_a_key_or_refused(value: str) -> None:
    try:
        key = read_key(value)
    except InvalidHeader:
        return
    assert 1 <= len(key) <= 255
    assert key.isascii()
    assert key.isprintable()


def test_bare_and_quoted_are_one_key() -> None:
    assert read_key("abc-1") == read_key('"abc-1"') == "abc-1"


@pytest.mark.parametrize("value", ["", '"', '""', '"a', 'a"', "a b", "a, b", "a;b", '"a"; b=1', "\x7f"])
def test_what_is_no_key(value: str) -> None:
    with pytest.raises(InvalidHeader):
        read_key(value)


def test_callers_have_names_of_their_own() -> None:
    assert record_name(Caller("a"), "bc") != record_name(Caller("ab"), "c")


def test_everything_counts() -> None:
    caller = Caller("a")
    same = fingerprint(caller, "POST", b"/v1/x?", b"{}")
    assert same == fingerprint(Caller("b"), "POST", b"/v1/x?", b"{}")
    others = {
        fingerprint(Caller("a", rights=frozenset(Right)), "POST", b"/v1/x?", b"{}"),
        fingerprint(caller, "PUT", b"/v1/x?", b"{}"),
        fingerprint(caller, "POST", b"/v1/x?a", b"{}"),
        fingerprint(caller, "POST", b"/v1/x?", b"{ }"),
        fingerprint(caller, "POST", b"/v1/x?{", b"}"),
    }
    assert len(others | {same}) == 6
