"""Conditional requests; each test names its paragraph."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.cache.conditional import http_date, matches, may_answer_304, not_modified

TAG = '"0123abcd"'
OPAQUE = st.text(st.characters(codec="latin-1", exclude_characters='"', exclude_categories=["Cc", "Zs"]))
TAGS = st.builds(lambda weak, opaque: f'{weak}"{opaque}"', st.sampled_from(["", "W/"]), OPAQUE)


@pytest.mark.parametrize(
    "header",
    [
        TAG,
        f"W/{TAG}",
        f'"x", {TAG}',
        f'"x",{TAG},"y"',
        f'"x" ,\t{TAG}',
        f" {TAG} ",
        f', ,"x",, {TAG},',  # RFC 9110 5.6.1.2: empty members
        f'"a,b", {TAG}',  # a comma in a tag
        f'"a\\", {TAG}',  # no escapes in a tag
        f'"é", {TAG}',  # obs-text
        f'"", {TAG}',
    ],
)
def test_rfc9110_13_1_2_a_tag_that_is_named_is_not_modified(header: str) -> None:
    assert not_modified(header, TAG)


@pytest.mark.parametrize("header", ['"0123abce"', '"0123ABCD"', 'W/"x"', '"x", "y"', '""'])
def test_rfc9110_13_1_2_another_tag_is_modified(header: str) -> None:
    assert not not_modified(header, TAG)


@pytest.mark.parametrize("header", [None, ""])
def test_rfc9110_13_1_2_no_header_is_modified(header: str | None) -> None:
    assert not not_modified(header, TAG)
    assert not not_modified(header, "")


@pytest.mark.parametrize(("header", "etag"), [('"a"', 'W/"a"'), ('W/"a"', '"a"'), ('W/"a"', 'W/"a"')])
def test_rfc9110_8_8_3_2_the_comparison_is_the_weak_one(header: str, etag: str) -> None:
    assert not_modified(header, etag)
    assert not_modified(f'"x", {header}', etag)


@pytest.mark.parametrize("header", ["*", " * "])
@pytest.mark.parametrize("etag", [TAG, ""])
def test_rfc9110_13_1_2_a_star_is_whatever_there_is(header: str, etag: str) -> None:
    assert not_modified(header, etag)


@pytest.mark.parametrize(
    "header",
    [
        "0123abcd",
        '"0123abcd',
        '0123abcd"',
        f"w/{TAG}",
        f"W/ {TAG}",
        f'"x" {TAG}',  # no comma between
        f'"x"{TAG}',
        f"x, {TAG}",
        f"*, {TAG}",
        f"{TAG}, *",
        f"{TAG};q=1",
        f'"a b", {TAG}',  # no space in a tag
        f'"a\n", {TAG}',
        f'"x, {TAG}',
        "W/",
        ",",
        '"',
    ],
)
def test_rfc9110_13_1_2_what_is_not_well_formed_names_nothing(header: str) -> None:
    assert not not_modified(header, TAG)


def test_rfc9110_8_8_3_no_tag_is_found_across_two_others() -> None:
    assert not not_modified('"a","b"', '","')
    assert not_modified('"a",","', '","')


def test_rfc9110_8_8_3_what_has_no_tag_is_not_named() -> None:
    assert not not_modified('""', "")


@given(tags=st.lists(TAGS, min_size=1, max_size=5), place=st.data())
def test_rfc9110_13_1_2_each_of_a_list_is_found(tags: list[str], place: st.DataObject) -> None:
    wanted = place.draw(st.sampled_from(tags))
    assert not_modified(", ".join(tags), wanted)
    assert not_modified(",".join(tags), wanted.removeprefix("W/"))


@given(tags=st.lists(TAGS, max_size=5), wanted=TAGS)
def test_rfc9110_13_1_2_nothing_else_is_found(tags: list[str], wanted: str) -> None:
    named = {tag.removeprefix("W/") for tag in tags}
    assert not_modified(", ".join(tags), wanted) == (wanted.removeprefix("W/") in named)


@given(header=st.text('W/", *a', max_size=40) | st.text(max_size=40))
def test_nothing_that_is_sent_is_an_error(header: str) -> None:
    if '"zz"' not in header:
        assert not_modified(header, '"zz"') == (header.strip(" \t") == "*")
    assert may_answer_304(None, header, TAG, 0.0) in (True, False)


@pytest.mark.parametrize("piece", ['"', '"",', '"a"', ", ", 'W/"a" ,', "W/"])
def test_a_long_header_costs_one_pass(piece: str) -> None:
    header = piece * (60_000 // len(piece)) + "x"
    started = time.process_time()
    assert not not_modified(header, TAG)
    assert time.process_time() - started < 1.0


@pytest.mark.parametrize("header", [TAG, f'"x", {TAG}', "*", " * "])
def test_rfc9110_13_1_1_if_match_names_the_present_state(header: str) -> None:
    assert matches(header, TAG)


@pytest.mark.parametrize(
    ("header", "etag"),
    [
        ('"x"', TAG),
        (f"W/{TAG}", TAG),
        (TAG, f"W/{TAG}"),
        (f"W/{TAG}", f"W/{TAG}"),
        ("", TAG),
        ("", ""),
        ('""', ""),
        ("0123abcd", TAG),
    ],
)
def test_rfc9110_13_1_1_if_match_compares_strongly(header: str, etag: str) -> None:
    assert not matches(header, etag)


NOVEMBER = 784111777
"""Sunday, 6 November 1994, 08:49:37 UTC, the example of RFC 9110 section 5.6.7."""


@pytest.mark.parametrize(
    "text",
    ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"],
)
def test_rfc9110_5_6_7_all_three_forms_of_a_date_are_read(text: str) -> None:
    assert http_date(text) == NOVEMBER


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "784111777",
        "1994-11-06T08:49:37Z",
        "Sun, 06 Nov 1994 08:49:37 +0100",
        "Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT",
        "Sun, 31 Feb 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 25:49:37 GMT",
        "Sun, 06 Xyz 1994 08:49:37 GMT",
        "Sun, ٠٦ Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 GMT\n",
    ],
)
def test_rfc9110_5_6_7_anything_else_is_no_date(text: str) -> None:
    assert http_date(text) is None


DATE = "Sun, 06 Nov 1994 08:49:37 GMT"


@pytest.mark.parametrize(
    ("modified_at", "expected"),
    [(NOVEMBER - 1, True), (NOVEMBER, True), (NOVEMBER + 0.5, False), (NOVEMBER + 1, False)],
)
def test_rfc9110_13_1_3_not_modified_since_the_date(modified_at: float, expected: bool) -> None:
    assert may_answer_304(None, DATE, TAG, modified_at) is expected


def test_rfc9110_13_1_3_what_is_no_date_is_ignored() -> None:
    assert not may_answer_304(None, "yesterday", TAG, 0.0)


@pytest.mark.parametrize(
    ("if_none_match", "expected"), [(TAG, True), ('"x"', False), ("garbage", False), ("", False)]
)
def test_rfc9110_13_2_2_the_tag_comes_before_the_date(if_none_match: str, expected: bool) -> None:
    assert may_answer_304(if_none_match, DATE, TAG, NOVEMBER - 1) is expected
    assert may_answer_304(if_none_match, DATE, TAG, NOVEMBER + 1) is expected


def test_rfc9110_13_2_2_without_either_the_whole_answer_is_sent() -> None:
    assert not may_answer_304(None, None, TAG, 0.0)
