"""What is told of quotas, after draft-ietf-httpapi-ratelimit-headers-10."""

import re

from hypothesis import given
from hypothesis import strategies as st

from gateway.ratelimit_headers import QUOTAS, Quota, add_quota, ratelimit_headers

MEMBER = re.compile(rb'"(?:[ !#-\[\]-~]|\\["\\])*"(?:;[qwrt]=[0-9]{1,15}){1,2}')


def test_a_quota_is_told_as_the_draft_writes_it() -> None:
    quota = Quota("caller", 99, most=100, window_seconds=1, reset_seconds=0.01)
    assert ratelimit_headers([quota]) == [
        (b"ratelimit-policy", b'"caller";q=100;w=1'),
        (b"ratelimit", b'"caller";r=99;t=1'),
    ]


def test_several_quotas_are_members_of_one_list() -> None:
    quotas = [Quota("caller", 9, most=10, window_seconds=60, reset_seconds=6), Quota("vendor", 3)]
    assert ratelimit_headers(quotas) == [
        (b"ratelimit-policy", b'"caller";q=10;w=60'),
        (b"ratelimit", b'"caller";r=9;t=6, "vendor";r=3'),
    ]


def test_no_quota_is_no_header() -> None:
    assert ratelimit_headers([]) == []


def test_a_policy_is_told_of_once_with_the_last_word() -> None:
    scope: dict[str, list[Quota]] = {QUOTAS: []}
    for left in (5, 4):
        add_quota(scope, Quota("vendor", left))
    assert scope[QUOTAS] == [Quota("vendor", 4)]


def test_where_nothing_is_told_nothing_is_added() -> None:
    scope: dict[str, object] = {}
    add_quota(scope, Quota("vendor", 1))
    assert scope == {}


@given(
    st.text(max_size=40),
    st.integers(),
    st.none() | st.integers(),
    st.none() | st.floats(allow_nan=False),
)
def test_whatever_a_vendor_says_the_headers_can_be_read(
    name: str, left: int, most: int | None, seconds: float | None
) -> None:
    for _, value in ratelimit_headers([Quota(name, left, most, seconds, seconds)]):
        assert MEMBER.fullmatch(value)
