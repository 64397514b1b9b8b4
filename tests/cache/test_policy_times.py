"""Ages, lifetimes, what a vendor's 304 renews, and what callers are told; each test names its paragraph."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.cache.policy import (
    NO_CACHE,
    NO_STORE,
    Decision,
    Times,
    age,
    confirmed,
    decide,
    lifetime,
    may_confirm,
    not_found,
    response_cache_control,
    seconds_left,
)
from gateway.cache.store import Entry

STORED = 1_000_000.0


def kept(fresh: float = 60.0, swr: float = 0.0, sie: float = 0.0, **validators: str) -> Entry:
    named = {name.replace("_", "-"): value for name, value in validators.items()}
    return Entry(
        {"canonical": b"{}", "native": b"[]"},
        STORED,
        fresh,
        stale_while_revalidate=swr,
        stale_if_error=sie,
        etag='"ours"',
        digest="sha256:1",
        validators=named,
        tags=("connection:c",),
    )


@pytest.mark.parametrize(
    ("elapsed", "expected"), [(0, 0), (0.9, 0), (1, 1), (59.99, 59), (-0.5, 0), (-100, 0), (2**40, 2**31)]
)
def test_rfc9111_4_2_3_age_is_whole_seconds_and_never_negative(elapsed: float, expected: int) -> None:
    assert age(kept(), STORED + elapsed) == expected


@pytest.mark.parametrize(
    ("elapsed", "expected"), [(0, 60), (0.5, 59), (59.5, 0), (60, 0), (60.1, -1), (75, -15), (-9, 60)]
)
def test_rfc9211_2_4_seconds_left_are_negative_when_stale(elapsed: float, expected: int) -> None:
    assert seconds_left(kept(), STORED + elapsed) == expected


@given(elapsed=st.floats(-10, 1000))
def test_rfc9111_4_2_what_is_stale_never_shows_seconds_left(elapsed: float) -> None:
    now = STORED + elapsed
    fresh = decide(kept(), now) is Decision.FRESH
    assert (seconds_left(kept(), now) >= 0) if fresh else (seconds_left(kept(), now) <= 0)


@pytest.mark.parametrize(
    ("seconds", "fraction", "draw", "expected"),
    [(60, 0.1, 0, 60), (60, 0.1, 1, 54), (60, 0.1, 0.5, 57), (60, 0, 1, 60), (60, 1, 1, 0), (0, 0.1, 0.5, 0)],
)
def test_rfc9111_4_2_1_a_lifetime_is_shortened_by_chance(
    seconds: float, fraction: float, draw: float, expected: float
) -> None:
    assert lifetime(seconds, fraction, draw) == pytest.approx(expected)


@given(seconds=st.floats(0, 1e6), fraction=st.floats(0, 1), draw=st.floats(0, 1))
def test_rfc9111_4_2_1_a_lifetime_is_never_longer_than_configured(
    seconds: float, fraction: float, draw: float
) -> None:
    assert 0 <= lifetime(seconds, fraction, draw) <= seconds


def test_rfc5861_only_the_freshness_of_times_is_shortened() -> None:
    assert Times(60, 30, 600).jittered(0.5, 1) == Times(30, 30, 600)


def test_rfc9111_4_3_4_a_304_makes_the_entry_new_and_keeps_its_content() -> None:
    old = kept(swr=30, sie=600, etag='"v1"', last_modified="Sun, 06 Nov 1994 08:49:37 GMT")
    new = confirmed(old, STORED + 100, 55.5)
    assert (new.stored_at, new.fresh_seconds) == (STORED + 100, 55.5)
    assert decide(old, STORED + 100) is Decision.REVALIDATE
    assert decide(new, STORED + 100) is Decision.FRESH
    assert age(new, STORED + 101) == 1
    assert new.parts is old.parts
    assert (new.etag, new.digest, new.tags) == (old.etag, old.digest, old.tags)
    assert (new.stale_while_revalidate, new.stale_if_error) == (30, 600)
    assert new.validators == old.validators


def test_rfc9111_4_3_4_a_304_replaces_the_validators_it_brings() -> None:
    old = kept(etag='W/"v1"', last_modified="Sun, 06 Nov 1994 08:49:37 GMT")
    new = confirmed(old, STORED, 60, {"etag": '"v1"'})
    assert new.validators == {"etag": '"v1"', "last-modified": "Sun, 06 Nov 1994 08:49:37 GMT"}


@pytest.mark.parametrize(
    ("stored", "brought", "expected"),
    [
        ({"etag": '"1"'}, {"etag": '"1"'}, True),
        ({"etag": '"1"'}, {"etag": '"2"'}, False),
        ({"etag": 'W/"1"'}, {"etag": '"1"'}, False),  # a strong validator that nothing stored has
        ({}, {"etag": '"1"'}, False),
        ({"etag": '"1"', "last_modified": "a"}, {"etag": '"1"', "last-modified": "b"}, True),
        ({"etag": 'W/"1"'}, {"etag": 'W/"1"'}, True),
        ({"etag": '"1"'}, {"etag": 'W/"1"'}, True),
        ({"etag": '"1"'}, {"etag": 'W/"2"'}, False),
        ({"last_modified": "a"}, {"last-modified": "a"}, True),
        ({"last_modified": "a"}, {"last-modified": "b"}, False),
        ({"last_modified": "a"}, {"etag": 'W/"1"', "last-modified": "a"}, True),
        ({"etag": '"1"'}, {"last-modified": "a"}, True),
        ({"etag": '"1"'}, {}, True),
        ({}, {}, True),
    ],
)
def test_rfc9111_4_3_4_which_304_is_about_the_entry(
    stored: dict[str, str], brought: dict[str, str], expected: bool
) -> None:
    assert may_confirm(kept(**stored), brought) is expected


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (kept(), "private, max-age=60"),
        (kept(57.9), "private, max-age=57"),
        (kept(0.4), "private, max-age=0"),
        (kept(60, 30, 600), "private, max-age=60, stale-while-revalidate=30, stale-if-error=600"),
        (kept(60, 0, 600.7), "private, max-age=60, stale-if-error=600"),
        (kept(60, 0.5, 0.5), "private, max-age=60"),
        (kept(1e12), "private, max-age=2147483648"),
    ],
)
def test_rfc9111_5_2_2_1_callers_are_told_the_lifetime(entry: Entry, expected: str) -> None:
    assert response_cache_control(entry) == expected


@given(fresh=st.integers(1, 1000), elapsed=st.integers(0, 2000))
def test_rfc9111_4_2_max_age_and_age_together_say_what_is_left(fresh: int, elapsed: int) -> None:
    entry, now = kept(fresh), STORED + elapsed
    max_age = int(response_cache_control(entry).removeprefix("private, max-age="))
    assert max_age - age(entry, now) == seconds_left(entry, now)


def test_rfc8246_2_a_version_that_never_changes_is_immutable() -> None:
    assert response_cache_control(kept(86400), immutable=True) == "private, max-age=86400, immutable"
    assert response_cache_control(kept(60, 0, 5), immutable=True).endswith("stale-if-error=5, immutable")


@pytest.mark.parametrize("immutable", [True, False])
def test_rfc9111_5_2_2_4_what_is_never_fresh_is_asked_about_each_time(immutable: bool) -> None:
    assert response_cache_control(kept(0, 30, 600), immutable=immutable) == NO_CACHE == "private, no-cache"


def test_rfc9111_5_2_2_5_a_not_found_is_kept_by_nobody_else() -> None:
    assert response_cache_control(not_found("gone", STORED, 10)) == NO_STORE == "no-store"
