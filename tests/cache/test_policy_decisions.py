"""What to do about a request, given what is kept; each test names its paragraph."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.cache.directives import NO_DIRECTIVES, RequestDirectives, parse
from gateway.cache.policy import (
    ERROR_STATUSES,
    Decision,
    decide,
    forward_reason,
    may_serve_on_error,
    may_store,
    not_found,
)
from gateway.cache.store import Entry

STORED = 1_000_000.0
FRESH, WHILE, ERROR = 60.0, 30.0, 600.0


def kept(fresh: float = FRESH, swr: float = WHILE, sie: float = ERROR) -> Entry:
    return Entry(
        {"canonical": b"{}"}, STORED, fresh, stale_while_revalidate=swr, stale_if_error=sie, etag='"a"'
    )


def at(age: float, directives: str | None = None, entry: Entry | None = None) -> Decision:
    return decide(kept() if entry is None else entry, STORED + age, parse(directives))


def test_rfc9111_4_nothing_kept_is_a_miss() -> None:
    assert decide(None, STORED) is Decision.MISS


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        (0, Decision.FRESH),
        (59.999, Decision.FRESH),
        (60, Decision.STALE_WHILE_REVALIDATE),
        (90, Decision.STALE_WHILE_REVALIDATE),
        (90.001, Decision.REVALIDATE),
        (10_000, Decision.REVALIDATE),
    ],
)
def test_rfc9111_4_2_and_rfc5861_3_fresh_then_stale_while_revalidate_then_not(
    age: float, expected: Decision
) -> None:
    assert at(age) is expected
    assert at(age, "no-transform") is expected
    assert at(age, "stale-if-error=5") is expected  # the slower way to the same


def test_rfc9111_4_2_3_an_entry_of_a_clock_that_is_ahead_is_fresh() -> None:
    assert at(-5) is Decision.FRESH
    assert at(-5, "max-age=1") is Decision.FRESH


def test_rfc5861_3_a_window_of_nought_is_switched_off() -> None:
    assert at(60, entry=kept(swr=0)) is Decision.REVALIDATE


@pytest.mark.parametrize("age", [0, 60])
def test_rfc9111_5_2_1_4_no_cache_asks_the_vendor(age: float) -> None:
    assert at(age, "no-cache") is Decision.REVALIDATE
    assert decide(kept(), STORED + age, parse(None, "no-cache")) is Decision.REVALIDATE
    assert decide(None, STORED, parse("no-cache")) is Decision.MISS


@pytest.mark.parametrize("age", [0, 60, 90])
def test_rfc9111_5_2_1_4_no_cache_is_the_strictest_of_several(age: float) -> None:
    assert at(age, "no-cache, max-stale, max-age=1000") is Decision.REVALIDATE


@pytest.mark.parametrize(
    ("age", "expected"),
    [(4, Decision.FRESH), (5, Decision.FRESH), (5.1, Decision.REVALIDATE), (59, Decision.REVALIDATE)],
)
def test_rfc9111_5_2_1_1_max_age_bounds_the_age(age: float, expected: Decision) -> None:
    assert at(age, "max-age=5") is expected


@pytest.mark.parametrize("age", [-1, 0, 0.5, 60])
def test_rfc9111_5_2_1_1_max_age_of_nought_is_had_only_by_asking(age: float) -> None:
    assert at(age, "max-age=0") is Decision.REVALIDATE


def test_rfc9111_5_2_1_1_with_max_age_nothing_stale_is_wanted() -> None:
    assert at(61) is Decision.STALE_WHILE_REVALIDATE
    assert at(61, "max-age=1000") is Decision.REVALIDATE


def test_rfc9111_5_2_1_1_unless_max_stale_is_there_too() -> None:
    assert at(61, "max-age=1000, max-stale=5") is Decision.STALE_WHILE_REVALIDATE
    assert at(66, "max-age=1000, max-stale=5") is Decision.REVALIDATE
    assert at(61, "max-age=60, max-stale=5") is Decision.REVALIDATE


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        (59, Decision.FRESH),
        (60, Decision.STALE_WHILE_REVALIDATE),
        (100, Decision.STALE_WHILE_REVALIDATE),
        (160, Decision.STALE_WHILE_REVALIDATE),
        (160.5, Decision.REVALIDATE),
    ],
)
def test_rfc9111_5_2_1_2_max_stale_accepts_staleness_up_to_its_value(age: float, expected: Decision) -> None:
    assert at(age, "max-stale=100") is expected


def test_rfc9111_5_2_1_2_max_stale_narrows_stale_while_revalidate() -> None:
    assert at(70) is Decision.STALE_WHILE_REVALIDATE
    assert at(70, "max-stale=5") is Decision.REVALIDATE


def test_rfc9111_5_2_1_2_max_stale_without_a_value_accepts_any_staleness() -> None:
    assert at(10_000_000, "max-stale") is Decision.STALE_WHILE_REVALIDATE


@pytest.mark.parametrize(
    ("age", "expected"), [(40, Decision.FRESH), (40.1, Decision.REVALIDATE), (61, Decision.REVALIDATE)]
)
def test_rfc9111_5_2_1_3_min_fresh_wants_freshness_to_last(age: float, expected: Decision) -> None:
    assert at(age, "min-fresh=20") is expected


@pytest.mark.parametrize("directives", ["min-fresh=0", "min-fresh=0, max-stale"])
@pytest.mark.parametrize("age", [60, 61])
def test_rfc9111_5_2_1_3_min_fresh_never_wants_anything_stale(directives: str, age: float) -> None:
    assert at(age, directives) is Decision.REVALIDATE


@pytest.mark.parametrize("age", [0, 60, 91])
def test_rfc9111_5_2_1_5_no_store_does_not_forbid_giving_what_is_kept(age: float) -> None:
    assert at(age, "no-store") is at(age)


@pytest.mark.parametrize(
    ("age", "directives", "expected"),
    [
        (0, "only-if-cached", Decision.FRESH),
        (60, "only-if-cached", Decision.STALE_WHILE_REVALIDATE),
        (91, "only-if-cached", Decision.GATEWAY_TIMEOUT),
        (91, "only-if-cached, max-stale", Decision.STALE_WHILE_REVALIDATE),
        (0, "only-if-cached, no-cache", Decision.GATEWAY_TIMEOUT),
        (6, "only-if-cached, max-age=5", Decision.GATEWAY_TIMEOUT),
        (50, "only-if-cached, min-fresh=20", Decision.GATEWAY_TIMEOUT),
    ],
)
def test_rfc9111_5_2_1_7_only_if_cached_is_answered_from_what_is_kept_or_504(
    age: float, directives: str, expected: Decision
) -> None:
    assert at(age, directives) is expected


def test_rfc9111_5_2_1_7_only_if_cached_with_nothing_kept_is_504() -> None:
    assert decide(None, STORED, parse("only-if-cached")) is Decision.GATEWAY_TIMEOUT


@pytest.mark.parametrize(
    ("age", "directives", "expected"),
    [
        (9, None, Decision.FRESH),
        (10, None, Decision.MISS),
        (10, "max-stale", Decision.MISS),
        (0, "no-cache", Decision.MISS),
        (6, "max-age=5", Decision.MISS),
        (10, "only-if-cached", Decision.GATEWAY_TIMEOUT),
    ],
)
def test_rfc9111_4_a_not_found_is_given_while_fresh_and_never_stale(
    age: float, directives: str | None, expected: Decision
) -> None:
    absent = not_found("no such workflow", STORED, 10, ("connection:c",))
    assert (absent.absent, absent.tags, absent.parts) == ("no such workflow", ("connection:c",), {})
    assert at(age, directives, absent) is expected


def test_rfc5861_4_a_not_found_is_not_given_on_error() -> None:
    absent = Entry({}, STORED, 10, stale_while_revalidate=WHILE, stale_if_error=ERROR, absent="gone")
    assert at(11, entry=absent) is Decision.MISS
    assert not may_serve_on_error(absent, STORED + 11)
    assert not may_serve_on_error(None, STORED)


@pytest.mark.parametrize(
    ("age", "expected"), [(61, True), (91, True), (660, True), (660.1, False), (0, True), (59, True)]
)
def test_rfc5861_4_stale_if_error_lasts_from_the_end_of_freshness(age: float, expected: bool) -> None:
    assert may_serve_on_error(kept(), STORED + age) is expected


def test_rfc5861_4_the_example() -> None:
    entry = kept(fresh=600, swr=0, sie=1200)
    assert at(900, entry=entry) is Decision.REVALIDATE
    assert may_serve_on_error(entry, STORED + 900)
    assert may_serve_on_error(entry, STORED + 1800)
    assert not may_serve_on_error(entry, STORED + 1801)


@pytest.mark.parametrize("age", [0, 60, 61])
def test_rfc5861_4_a_window_of_nought_is_switched_off(age: float) -> None:
    assert not may_serve_on_error(kept(sie=0), STORED + age)


@pytest.mark.parametrize("directives", ["max-age=5", "max-age=0", "min-fresh=1000", "no-store"])
@pytest.mark.parametrize("age", [10, 100])
def test_rfc5861_4_regardless_of_other_freshness_information(directives: str, age: float) -> None:
    assert may_serve_on_error(kept(), STORED + age, parse(directives))


@pytest.mark.parametrize("age", [0, 100])
def test_rfc9111_5_2_1_4_no_cache_wants_the_error_rather_than_the_unconfirmed(age: float) -> None:
    assert not may_serve_on_error(kept(), STORED + age, parse("no-cache"))
    assert not may_serve_on_error(kept(), STORED + age, parse(None, "no-cache"))


@pytest.mark.parametrize(
    ("age", "directives", "expected"),
    [
        (70, "max-stale=10", True),
        (71, "max-stale=10", False),
        (660, "max-stale", True),
        (661, "max-stale", False),
        (661, "max-stale=100000", False),
    ],
)
def test_rfc9111_5_2_1_2_max_stale_bounds_what_is_given_on_error(
    age: float, directives: str, expected: bool
) -> None:
    assert may_serve_on_error(kept(), STORED + age, parse(directives)) is expected


@pytest.mark.parametrize(
    ("age", "directives", "expected"),
    [
        (65, "stale-if-error=5", True),
        (66, "stale-if-error=5", False),
        (1060, "stale-if-error=1000", True),
        (61, "stale-if-error=0", False),
        (0, "stale-if-error=0", False),
        (65, "no-cache, stale-if-error=5", True),
        (65, "max-stale=1, stale-if-error=5", True),
    ],
)
def test_rfc5861_4_the_requests_own_stale_if_error_is_the_limit(
    age: float, directives: str, expected: bool
) -> None:
    assert may_serve_on_error(kept(), STORED + age, parse(directives)) is expected


def test_rfc5861_4_what_counts_as_an_error() -> None:
    assert {500, 502, 503, 504} == ERROR_STATUSES


def test_rfc9111_5_2_1_5_no_store_keeps_nothing() -> None:
    assert may_store(kept())
    assert not may_store(kept(), parse("no-store"))


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (kept(0, 0, 0), False),
        (kept(0, 0, 5), True),
        (kept(0, 5, 0), True),
        (kept(5, 0, 0), True),
        (not_found("gone", STORED, 0), False),
    ],
)
def test_rfc9111_3_what_can_never_be_given_out_again_is_not_kept(entry: Entry, expected: bool) -> None:
    assert may_store(entry) is expected


def test_rfc9211_2_2_why_a_request_goes_forward() -> None:
    assert forward_reason(None, STORED) == "uri-miss"
    assert forward_reason(kept(), STORED + 59) == "request"
    assert forward_reason(kept(), STORED + 60) == "stale"


SECONDS = st.integers(0, 200) | st.floats(0, 200)
WISHES = st.builds(
    RequestDirectives,
    no_cache=st.booleans(),
    no_store=st.booleans(),
    only_if_cached=st.booleans(),
    max_age=st.none() | st.integers(0, 200),
    max_stale=st.none() | st.integers(0, 200),
    min_fresh=st.none() | st.integers(0, 200),
    stale_if_error=st.none() | st.integers(0, 200),
)


@given(fresh=SECONDS, swr=SECONDS, age=SECONDS, wishes=WISHES)
def test_rfc9111_4_no_wish_is_overlooked(
    fresh: float, swr: float, age: float, wishes: RequestDirectives
) -> None:
    now = STORED + age
    elapsed, left = now - STORED, fresh - (now - STORED)
    decision = decide(kept(fresh, swr), now, wishes)
    if decision in (Decision.FRESH, Decision.STALE_WHILE_REVALIDATE):
        assert not wishes.no_cache
        assert wishes.max_age is None or elapsed <= wishes.max_age
        assert wishes.min_fresh is None or left >= wishes.min_fresh
        assert (left > 0) == (decision is Decision.FRESH)
        allowed = swr if wishes.max_stale is None else wishes.max_stale
        assert decision is Decision.FRESH or -left <= allowed
    else:
        assert (decision is Decision.GATEWAY_TIMEOUT) == wishes.only_if_cached
        assert decision is not Decision.MISS


@given(fresh=SECONDS, swr=SECONDS, age=SECONDS)
def test_the_fast_way_decides_the_same(fresh: float, swr: float, age: float) -> None:
    entry, now = kept(fresh, swr), STORED + age
    equal = RequestDirectives()
    assert equal is not NO_DIRECTIVES
    assert decide(entry, now) is decide(entry, now, equal)
