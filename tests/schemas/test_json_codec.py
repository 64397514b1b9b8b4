"""The codec keeps JSON exactly, whichever parser it goes through, and refuses what is no JSON."""

import json
import math
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.json_codec import MAX_DEPTH, InvalidJsonError, dumps, loads

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=8)
NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ANY_TEXT, inner, max_size=4),
    max_leaves=20,
)


def exact(value: Any) -> Any:
    """Return a value that is equal for equal JSON only: `1`, `1.0`, `true` and `-0.0` are four."""
    if isinstance(value, dict):
        return [(name, exact(inner)) for name, inner in value.items()]
    if isinstance(value, list):
        return [exact(inner) for inner in value]
    return struct.pack("d", value) if isinstance(value, float) else (type(value), value)


def by_the_standard_library(text: bytes) -> Any:
    """Return what the standard library reads; an error where it, or JSON, has no such number."""

    def refuse(name: str) -> Any:
        raise ValueError(name)

    value = json.loads(text.decode("utf-8"), parse_constant=refuse)
    if any(math.isinf(number) for number in floats(value)):
        raise ValueError("infinite")
    return value


def floats(value: Any) -> list[float]:
    if isinstance(value, dict | list):
        inner = value.values() if isinstance(value, dict) else value
        return [number for part in inner for number in floats(part)]
    return [value] if isinstance(value, float) else []


@given(VALUES)
def test_a_value_comes_back_exactly(value: Any) -> None:
    assert exact(loads(dumps(value))) == exact(value)


@given(VALUES, st.booleans(), st.sampled_from([None, 1, 4]))
def test_a_text_is_read_as_the_standard_library_reads_it(
    value: Any, ascii_only: bool, indent: int | None
) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only, indent=indent).encode("utf-8", "surrogatepass")
    try:
        expected = by_the_standard_library(text)
    except ValueError:
        with pytest.raises(InvalidJsonError):
            loads(text)
    else:
        assert exact(loads(text)) == exact(expected)


NUMBER_TEXTS = st.from_regex(r"-?(0|[1-9][0-9]{0,24})(\.[0-9]{1,25})?([eE][+-]?[0-9]{1,5})?", fullmatch=True)


@given(NUMBER_TEXTS, st.sampled_from(["{}", "[{}]", '{{"a":{}}}', "[{} ,1]", " {}\n", "[{}\t]"]))
def test_every_spelling_of_a_number_is_exact_or_refused(number: str, around: str) -> None:
    text = around.format(number).encode()
    try:
        expected = by_the_standard_library(text)
    except ValueError:
        with pytest.raises(InvalidJsonError):
            loads(text)
    else:
        assert exact(loads(text)) == exact(expected)


@given(
    st.binary(max_size=30)
    | st.text(st.sampled_from('[]{}",:0123eE+-.ntfalsru\\ \n'), max_size=25).map(str.encode)
)
def test_any_bytes_are_read_as_the_standard_library_reads_them_or_refused(text: bytes) -> None:
    try:
        expected = by_the_standard_library(text)
    except ValueError:
        with pytest.raises(InvalidJsonError):
            loads(text)
    else:
        assert exact(loads(text)) == exact(expected)


@pytest.mark.parametrize(
    "number",
    [
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551615",
        "18446744073709551616",
        "-9223372036854775809",
        "1" * 400,
        "123456789012345678901234567890",
    ],
)
def test_integers_beyond_64_bits_stay_integers(number: str) -> None:
    assert loads(number.encode()) == int(number)
    assert dumps(int(number)) == number.encode()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b"0.1", 0.1),
        (b"1e22", 1e22),
        (b"5e-324", 5e-324),
        (b"1.7976931348623157e308", 1.7976931348623157e308),
        (b"1e-400", 0.0),
        (b"2.2250738585072011e-308", 2.2250738585072011e-308),
        (b"9007199254740993.0", 9007199254740992.0),
    ],
)
def test_floats_are_read_to_the_nearest(text: bytes, value: float) -> None:
    assert exact(loads(text)) == exact(value)


@pytest.mark.parametrize(
    "text",
    [
        *(b"NaN", b"Infinity", b"-Infinity", b"[NaN]", b'{"a":-Infinity}'),
        *(b"1e309", b"[-1e400,1]", b'{"a":1E+999}', b"1" * 5000),
        *(b"", b" ", b"[1,]", b"{'a':1}", b"[1 2]", b"// x\n1", b"nul", b'{"a"}', b"1 2", b"\xef\xbb\xbf1"),
        *(b"01", b"+1", b".5", b"1.", b"0x10"),
        *(b'"\xff"', b'"\xed\xa0\x80"', b'"a\nb"', b'"\\x"'),
    ],
)
def test_what_is_no_json_is_refused(text: bytes) -> None:
    with pytest.raises(InvalidJsonError):
        loads(text)


def test_a_number_that_is_too_long_is_told_without_python_s_words() -> None:
    with pytest.raises(InvalidJsonError, match="a whole number of more than 4300 digits: 1111"):
        loads(b"1" * 4301)
    assert loads(b"[-" + b"1" * 4299 + b"]") == [-int("1" * 4299)]


@pytest.mark.parametrize("text", [b'"\\ud800"', b'"\\udc00x"', b'{"\\ud800":1}', b'["\\ud83d","\\ude00"]'])
def test_lone_surrogates_are_kept_and_written_back(text: bytes) -> None:
    assert dumps(loads(text)) == text


def test_a_pair_of_surrogates_is_one_character() -> None:
    assert loads(b'"\\ud83d\\ude00"') == "\U0001f600"


def test_of_duplicate_names_the_last_counts_whichever_the_parser() -> None:
    assert loads(b'{"a":1,"b":2,"a":3}') == {"a": 3, "b": 2}
    assert loads(b'{"a":1,"b":12345678901234567890123,"a":3}') == {"a": 3, "b": 12345678901234567890123}


def nested(depth: int, kind: str = "[]") -> bytes:
    opening, closing = ('{"a":', "}") if kind == "{}" else ("[", "]")
    return ((opening * (depth - 1)) + kind + closing * (depth - 1)).encode()


@pytest.mark.parametrize("kind", ["[]", "{}"])
def test_the_deepest_text_allowed_is_read_and_the_next_refused(kind: str) -> None:
    assert dumps(loads(nested(MAX_DEPTH, kind))) == nested(MAX_DEPTH, kind)
    for depth in (MAX_DEPTH + 1, 1_100, 200_000):
        with pytest.raises(InvalidJsonError):
            loads(nested(depth, kind))


def test_depth_is_counted_where_it_is_and_brackets_in_texts_are_not() -> None:
    wide_and_deep = b"[[]," * (MAX_DEPTH - 1) + b"1" + b"]" * (MAX_DEPTH - 1)
    assert isinstance(loads(wide_and_deep), list)
    with pytest.raises(InvalidJsonError, match="nested deeper"):
        loads(b"[1," + nested(MAX_DEPTH) + b"]")
    assert loads(dumps({"a": "[" * 500, "b": "}{" * 500})) == {"a": "[" * 500, "b": "}{" * 500}


def test_brackets_in_texts_do_not_hide_real_depth() -> None:
    hidden = b'["]",' * MAX_DEPTH + b"[1]" + b',"["]' * MAX_DEPTH
    with pytest.raises(InvalidJsonError, match="nested deeper"):
        loads(hidden)


@pytest.mark.parametrize("around", ["{}", " {}", "{} "])
def test_a_long_integer_is_found_whatever_the_layout(around: str) -> None:
    text = around.format('{"a":18446744073709551616,"b":[0.5,-9223372036854775809]}')
    assert loads(text.encode()) == {"a": 2**64, "b": [0.5, -(2**63) - 1]}


@given(st.dictionaries(ANY_TEXT, st.integers(), max_size=6), st.randoms())
def test_sorted_keys_give_one_text(value: dict[str, int], random: Any) -> None:
    names = list(value)
    random.shuffle(names)
    shuffled = {name: value[name] for name in names}
    assert dumps(shuffled, sort_keys=True) == dumps(value, sort_keys=True)
    assert list(loads(dumps(value, sort_keys=True))) == sorted(value)


@pytest.mark.parametrize("value", [{1, 2}, object(), b"bytes", {"a": object()}, {"a": 2**70, "b": object()}])
def test_what_is_no_json_value_is_not_written(value: Any) -> None:
    with pytest.raises(TypeError):
        dumps(value)


def test_the_text_is_compact_and_in_utf8() -> None:
    assert dumps({"a": [1, "é"], "b": None}) == '{"a":[1,"é"],"b":null}'.encode()
