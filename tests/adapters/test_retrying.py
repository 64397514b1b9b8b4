"""Whether a call is made again, and when: the rules."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.errors import (
    DeadlineExceeded,
    VendorBroken,
    VendorBusy,
    VendorConflict,
    VendorError,
    VendorLimited,
    VendorNotFound,
    VendorRejected,
    VendorResting,
    VendorSurprise,
    VendorTimeout,
    VendorUnreachable,
)
from adapters.retrying import MOST_TOKENS, Budget, Retries, RetryLimits, pause, reason_of

NEVER = [
    VendorBroken("failed", status=500),
    VendorBroken("failed", status=501),
    VendorTimeout("too slow", status=408),
    VendorNotFound("no", status=404),
    VendorRejected("no", status=422),
    VendorConflict("no", status=409),
    VendorSurprise("nonsense"),
    VendorBusy("full"),
    VendorResting("open"),
    DeadlineExceeded("late"),
    DeadlineExceeded("late", never_left=True),
]
WHEN_SAFE = [
    VendorUnreachable("broke"),
    VendorTimeout("silent"),
    VendorTimeout("too slow", status=504),
    VendorBroken("failed", status=502),
    VendorBroken("failed", status=503),
]
ALWAYS = [
    VendorLimited("slow down", status=429),
    VendorUnreachable("nobody there", never_left=True),
    VendorTimeout("no connection", never_left=True),
]


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("error", [*NEVER, *WHEN_SAFE, *ALWAYS], ids=repr)
def test_only_what_is_safe_or_surely_was_not_done_is_made_again(method: str, error: VendorError) -> None:
    expected = error in ALWAYS or (method == "GET" and error in WHEN_SAFE)
    assert (reason_of(method, error) is not None) == expected


@given(
    st.builds(
        RetryLimits,
        attempts=st.integers(1, 10),
        base_seconds=st.floats(0, 60),
        cap_seconds=st.floats(0, 600),
        budget=st.floats(0, 10),
    ),
    st.integers(1, 10_000),
    st.one_of(st.none(), st.floats(0, 1e6)),
    st.floats(0, 1),
)
def test_a_pause_is_never_shorter_than_the_vendor_asks_and_never_longer_than_the_cap_beyond(
    limits: RetryLimits, made: int, asked: float | None, draw: float
) -> None:
    found = pause(limits, made, asked, draw)
    assert (asked or 0) <= found <= (asked or 0) + limits.cap_seconds


def test_the_whole_of_the_jitter_is_random() -> None:
    limits = RetryLimits(base_seconds=0.1, cap_seconds=0.3)
    assert [pause(limits, made, None, 1.0) for made in (1, 2, 3)] == pytest.approx([0.1, 0.2, 0.3])
    assert [pause(limits, made, None, 0.0) for made in (1, 2, 3)] == [0, 0, 0]


@given(st.lists(st.booleans(), max_size=500), st.floats(0, 1))
def test_a_budget_bounds_what_is_made_again_by_what_is_asked(steps: list[bool], part: float) -> None:
    budget, calls, again = Budget(part), 0, 0
    for is_call in steps:
        if is_call:
            budget.put_in()
            calls += 1
        else:
            again += budget.take_out()
    assert again <= MOST_TOKENS + part * calls + 1e-6
    assert 0 <= budget.tokens <= MOST_TOKENS


def test_a_call_is_made_as_often_as_configured() -> None:
    retries = Retries(RetryLimits(attempts=3), lambda: 0.0)
    error = VendorUnreachable("broke")
    made = [retries.again("GET", error, number, 10.0) is not None for number in (1, 2, 3)]
    assert made == [True, True, False]


@pytest.mark.parametrize(
    ("asked", "left", "expected"), [(1.0, 2.0, True), (2.0, 2.0, False), (60.0, 2.0, False)]
)
def test_what_the_vendor_asks_for_is_waited_where_there_is_time(
    asked: float, left: float, expected: bool
) -> None:
    retries = Retries(RetryLimits(), lambda: 0.0)
    error = VendorLimited("slow down", status=429, retry_after=asked)
    again = retries.again("POST", error, 1, left)
    assert (again is not None) == expected
    assert retries.budget.tokens == MOST_TOKENS - expected


def test_without_a_budget_nothing_is_made_again() -> None:
    retries = Retries(RetryLimits(attempts=10, budget=0), lambda: 0.0)
    assert retries.again("GET", VendorUnreachable("broke"), 1, 10.0) is None


def test_a_vendor_that_is_down_is_not_asked_many_times_as_often() -> None:
    retries = Retries(RetryLimits(attempts=10, budget=0.1), lambda: 0.0)
    again = 0
    for _ in range(1000):
        retries.budget.put_in()
        again += retries.again("GET", VendorUnreachable("broke"), 1, 10.0) is not None
    assert 100 <= again <= 100 + MOST_TOKENS
