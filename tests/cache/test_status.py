"""`Cache-Status` members; each test names its paragraph."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.cache.status import GATEWAY, SHARED, field_value, member, memory_hit

STRING = r'"(?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*"'
TOKEN = r"[A-Za-z*][A-Za-z0-9!#$%&'*+\-.^_`|~:/]*"
INTEGER = r"-?[0-9]{1,15}"
PARAMETER = rf"; [a-z][a-z-]*(?:=(?:{STRING}|{TOKEN}|{INTEGER}))?"
MEMBER = re.compile(rf"(?:{STRING}|{TOKEN})(?:{PARAMETER})*")
"""The grammar of a member, from RFC 8941 sections 3.1, 3.1.2 and 3.3."""


@pytest.mark.parametrize(
    ("name", "handling", "expected"),
    [
        ("ExampleCache", {"hit": True}, "ExampleCache; hit"),
        ("ExampleCache", {"hit": True, "ttl": 376}, "ExampleCache; hit; ttl=376"),
        ("ExampleCache", {"hit": True, "ttl": -412}, "ExampleCache; hit; ttl=-412"),
        ("ExampleCache", {"fwd": "uri-miss"}, "ExampleCache; fwd=uri-miss"),
        ("ExampleCache", {"fwd": "stale", "fwd_status": 304}, "ExampleCache; fwd=stale; fwd-status=304"),
        ("ExampleCache", {"fwd": "uri-miss", "collapsed": True}, "ExampleCache; fwd=uri-miss; collapsed"),
        ("CDN Company Here", {"hit": True, "ttl": 545}, '"CDN Company Here"; hit; ttl=545'),
        ("ExampleCache", {"hit": True, "detail": "MEMORY"}, "ExampleCache; hit; detail=MEMORY"),
    ],
)
def test_rfc9211_3_the_examples_are_written_as_there(
    name: str, handling: dict[str, Any], expected: str
) -> None:
    assert member(name, **handling) == expected


def test_rfc9211_2_all_parameters_in_order() -> None:
    assert (
        member(
            GATEWAY,
            detail="memory",
            key="a b",
            collapsed=True,
            stored=True,
            ttl=60,
            fwd_status=200,
            fwd="stale",
        )
        == 'workflow-gateway; fwd=stale; fwd-status=200; ttl=60; stored; collapsed; key="a b"; detail=memory'
    )


def test_rfc9211_2_nothing_said_is_only_the_name() -> None:
    assert member(SHARED) == "shared"
    assert member(SHARED, hit=False, fwd=None, ttl=None, stored=False, collapsed=False) == "shared"


def test_rfc9211_2_1_hit_and_fwd_exclude_each_other() -> None:
    with pytest.raises(ValueError, match="not both"):
        member(GATEWAY, hit=True, fwd="stale")


def test_rfc9211_2_3_to_2_6_what_means_something_only_with_fwd_is_left_out_without() -> None:
    assert member(GATEWAY, hit=True, fwd_status=200, stored=True, collapsed=True) == "workflow-gateway; hit"


def test_rfc9211_2_4_a_ttl_of_nought_is_said() -> None:
    assert member(GATEWAY, hit=True, ttl=0) == "workflow-gateway; hit; ttl=0"


def test_rfc9211_2_7_the_key_is_always_a_string() -> None:
    assert member(GATEWAY, key="abc") == 'workflow-gateway; key="abc"'


@pytest.mark.parametrize(
    ("detail", "written"),
    [
        ("REVALIDATED", "REVALIDATED"),
        ("*a:/b", "*a:/b"),
        ("two words", '"two words"'),
        ("1st", '"1st"'),
        ("", '""'),
        ('a"b\\c', '"a\\"b\\\\c"'),
        ("a; hit", '"a; hit"'),
        ("a, b", '"a, b"'),
        ("a\r\nset-cookie: x", '"a??set-cookie: x"'),
        ("naïve\x00", '"na?ve?"'),
        ("memory\n", '"memory?"'),
    ],
)
def test_rfc8941_4_1_6_a_detail_cannot_break_out(detail: str, written: str) -> None:
    assert member(GATEWAY, detail=detail) == f"workflow-gateway; detail={written}"


@pytest.mark.parametrize(("ttl", "written"), [(10**15, 10**15 - 1), (-(10**20), 1 - 10**15)])
def test_rfc8941_3_3_1_integers_have_at_most_fifteen_digits(ttl: int, written: int) -> None:
    assert member(GATEWAY, hit=True, ttl=ttl) == f"workflow-gateway; hit; ttl={written}"


@given(
    name=st.text(max_size=20),
    key=st.none() | st.text(max_size=20),
    detail=st.none() | st.text(max_size=20),
    ttl=st.none() | st.integers(),
    hit=st.booleans(),
)
def test_rfc8941_3_whatever_is_said_a_parser_can_read(
    name: str, key: str | None, detail: str | None, ttl: int | None, hit: bool
) -> None:
    written = member(name, hit=hit, key=key, detail=detail, ttl=ttl)
    assert MEMBER.fullmatch(written), written


@given(ttl=st.integers(-(2**31), 2**31))
def test_the_fast_way_says_the_same(ttl: int) -> None:
    assert memory_hit(ttl).decode("ascii") == member(GATEWAY, hit=True, ttl=ttl, detail="memory")


def test_rfc9211_2_the_cache_closest_to_the_vendor_comes_first() -> None:
    shared, own = member(SHARED, hit=True, ttl=9), member(GATEWAY, fwd="uri-miss", stored=True)
    assert field_value("Vendor; hit", shared, own) == (
        "Vendor; hit, shared; hit; ttl=9, workflow-gateway; fwd=uri-miss; stored"
    )
    assert field_value(None, own) == own
    assert field_value("", None, own) == own
