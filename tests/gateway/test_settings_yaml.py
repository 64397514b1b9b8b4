import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.settings.yaml_nodes import MAX_NODES, YamlUnreadable, plain, read_yaml


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12), ("-3", -3), ("+4", 4), ("010", 10), ("1.5", 1.5), (".5", 0.5), ("1e3", 1000.0), ("2.", 2.0),
        ("true", True), ("False", False), ("null", None), ("~", None), ("", None),
        ("yes", "yes"), ("no", "no"), ("on", "on"), ("12:30", "12:30"), ("1_000", "1_000"), ("0x1F", "0x1F"),
        (".inf", ".inf"), (".nan", ".nan"), ("1e999", "1e999"), ("2027-01-31", "2027-01-31"), ("tRUE", "tRUE"),
        ("9" * 19, "9" * 19), ("<<", "<<"), ("=", "="), ("-", "-"), (".", "."), ("\u0663", "\u0663"),
    ],
)  # fmt: skip
def test_plain_texts(text: str, value: object) -> None:
    read = plain(text)
    assert read == value
    assert type(read) is type(value)


def test_quoted_texts_stay_texts() -> None:
    document = read_yaml("a: \"12\"\nb: 'true'\nc: |\n  null\n")
    assert document.value == {"a": "12", "b": "true", "c": "null\n"}


def test_keys_are_texts_whatever_they_look_like() -> None:
    assert read_yaml("1: a\ntrue: b\nnull: c\n").value == {"1": "a", "true": "b", "null": "c"}


def test_every_key_and_item_has_its_line() -> None:
    document = read_yaml("# comment\na:\n  b: 1\n\n  c:\n    - x\n    - y: 2\n")
    assert document.lines == {
        ("a",): 2,
        ("a", "b"): 3,
        ("a", "c"): 5,
        ("a", "c", 0): 6,
        ("a", "c", 1): 7,
        ("a", "c", 1, "y"): 7,
    }


def test_aliases_are_followed() -> None:
    assert read_yaml("a: &x {b: 1}\nc: *x\n").value == {"a": {"b": 1}, "c": {"b": 1}}


def test_a_repeated_key_is_reported_with_both_lines() -> None:
    document = read_yaml("a: 1\nb:\n  c: 1\n  c: 2\na: 3\n")
    found = [(fault.path, fault.line, fault.message) for fault in document.faults]
    assert found == [
        (("b", "c"), 4, "is given twice, first in line 3; keep one"),
        (("a",), 5, "is given twice, first in line 1; keep one"),
    ]
    assert document.value == {"a": 1, "b": {"c": 1}}


@pytest.mark.parametrize(
    "text", ["a: !!python/object/apply:os.system [ls]\n", "a: !!int '5'\n", "a: !secret x\n"]
)
def test_tags_are_refused(text: str) -> None:
    (fault,) = read_yaml(text).faults
    assert (fault.path, fault.line) == (("a",), 1)
    assert "tags" in fault.message


def test_a_key_that_is_no_text_is_reported() -> None:
    (fault,) = read_yaml("? [a, b]\n: 1\n").faults
    assert fault.line == 1
    assert "must be a text" in fault.message


def test_billion_laughs() -> None:
    levels = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    levels += [f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]" for level in range(1, 12)]
    with pytest.raises(YamlUnreadable, match=f"more than {MAX_NODES} values"):
        read_yaml("\n".join(levels))


def test_an_alias_to_itself() -> None:
    with pytest.raises(YamlUnreadable, match="nested too deeply"):
        read_yaml("a: &a [*a]\n")
    with pytest.raises(YamlUnreadable, match="nested too deeply"):
        read_yaml("a: &a {b: *a}\n")


@pytest.mark.parametrize("depth", [30, 5000])
def test_deep_nesting(depth: int) -> None:
    with pytest.raises(YamlUnreadable, match="nested too deeply"):
        read_yaml("a: " + "[" * depth + "]" * depth)


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("a: 1\n\tb: 2\n", 2, "tab"),
        ("a:\n\t- b\n", 2, "tab"),
        ("a: 1\nb: [1, 2\nc: 3\n", 3, "not valid YAML"),
        ("a: 1\n b: 2\n", 2, "not valid YAML"),
        ("a: b: c\n", 1, "not valid YAML"),
        ("a: 'open\n", 2, "not valid YAML"),
        ("a: *nowhere\n", 1, "alias"),
        ("a: 1\n---\nb: 2\n", 2, "second document"),
        ("a: 1\nb: \x07\n", 2, "control character"),
    ],
)
def test_wrong_syntax_is_told_with_its_line(text: str, line: int, message: str) -> None:
    with pytest.raises(YamlUnreadable, match=message) as raised:
        read_yaml(text)
    assert raised.value.line == line


@pytest.mark.parametrize(
    "text",
    ["key: *sk-secret-1234\n", "key: [sk-secret-1234\n", "key: !sk-secret-1234!x y\n", "key: sk-secret-1234: x\n",
     "key: 'sk-secret-1234\n", "key: &sk-secret-1234 a\nb: &sk-secret-1234 c\nd: *nowhere\n",
     "%sk-secret-1234 x\n---\na: 'b\n"],
)  # fmt: skip
def test_what_is_wrong_is_told_without_the_text_around_it(text: str) -> None:
    with pytest.raises(YamlUnreadable) as raised:
        read_yaml(text)
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize("text", ["", "\n", "# only a comment\n", "---\n"])
def test_nothing_is_none(text: str) -> None:
    assert read_yaml(text).value is None


@settings(deadline=None)
@given(st.text(alphabet=st.sampled_from("ab:-*&!{}[]'\"#|>%@`,? \n\t\r~0\x85\ufeff")))
def test_no_text_does_worse_than_being_refused(text: str) -> None:
    with contextlib.suppress(YamlUnreadable):
        assert all(fault.message for fault in read_yaml(text).faults)


@pytest.mark.parametrize("text", ['a: "\\ud800"', 'a: ["b", "\\udfff"]', '"\\ud800": 1'])
def test_half_a_character_is_told_with_its_line(text: str) -> None:
    (fault,) = read_yaml(text).faults
    assert fault.line == 1


def test_a_number_of_very_many_digits_is_not_read_as_one() -> None:
    assert not isinstance(read_yaml("a: " + "9" * 5000).value["a"], int)  # type: ignore[index, call-overload]
