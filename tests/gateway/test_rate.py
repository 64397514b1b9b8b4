"""The rate alone: never more than it allows in any span of time, and whoever waits as told is let in."""

import math
from itertools import accumulate

from hypothesis import given
from hypothesis import strategies as st

from gateway.rate import FOREIGN_SECONDS, Rate

RATES = st.builds(Rate.of, st.floats(0.01, 10_000), st.integers(1, 1000))
PAUSES = st.lists(st.floats(0, 5) | st.just(0.0), min_size=1, max_size=60)
START = 1000.0


def let_in(rate: Rate, moments: list[float], even: float = 0.0) -> list[float]:
    """Return the moments of those that are let in."""
    found = []
    for now in moments:
        after = rate.let_in(even, now)
        if after is not None:
            even = after
            found.append(now)
    return found


@given(RATES, PAUSES)
def test_no_span_of_time_holds_more_than_the_burst_and_what_the_rate_gives(
    rate: Rate, pauses: list[float]
) -> None:
    admitted = let_in(rate, list(accumulate(pauses, initial=START)))
    for first in range(len(admitted)):
        for last in range(first, len(admitted)):
            allowed = rate.burst + (admitted[last] - admitted[first]) / rate.interval
            assert last - first + 1 <= allowed + 0.011


@given(RATES, st.integers(1, 2000))
def test_a_burst_after_a_rest_is_let_in_whole_and_no_more(rate: Rate, asked: int) -> None:
    assert len(let_in(rate, [START] * asked)) == min(asked, rate.burst)


@given(RATES, st.floats(0, 1e6), st.floats(0, 1e6))
def test_whoever_waits_as_long_as_told_is_let_in(rate: Rate, even: float, now: float) -> None:
    wait = rate.wait(even, now)
    assert rate.let_in(even, now + wait + 1e-6) is not None
    if rate.let_in(even, now) is None:
        assert wait > 0


@given(RATES, PAUSES)
def test_what_is_said_to_be_left_is_left(rate: Rate, pauses: list[float]) -> None:
    moments = list(accumulate(pauses, initial=START))
    even = 0.0
    for now in moments:
        even = rate.let_in(even, now) or even
    left = rate.left(even, moments[-1])
    assert len(let_in(rate, [moments[-1]] * (rate.burst + 1), even)) == left
    assert rate.left(even, moments[-1] + rate.whole_in(even, moments[-1]) + 1e-6) == rate.burst


@given(RATES, st.floats(0, 1e9))
def test_a_number_of_another_caller_or_another_time_bars_nobody_for_long(rate: Rate, even: float) -> None:
    assert rate.wait(even, START) <= rate.interval + FOREIGN_SECONDS + 1e-6
    assert rate.whole_in(even, START) <= rate.burst * rate.interval + FOREIGN_SECONDS + 1e-6


def test_a_clock_that_stands_still_lets_in_the_burst() -> None:
    rate = Rate.of(1.0, 3)
    assert len(let_in(rate, [0.0] * 10)) == 3


def test_even_spacing_is_let_in_for_ever() -> None:
    rate = Rate.of(4.0, 1)
    moments = [number * 0.25 for number in range(4000)]
    assert len(let_in(rate, moments)) == 4000


def test_one_a_second_with_a_burst_of_two() -> None:
    rate = Rate.of(1.0, 2)
    assert let_in(rate, [0.0, 0.1, 0.2, 1.0, 1.1, 5.0, 5.0, 5.0]) == [0.0, 0.1, 1.0, 5.0, 5.0]
    assert math.isclose(rate.wait(2.0, 0.2), 0.8, abs_tol=0.02)
