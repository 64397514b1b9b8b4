"""Stuck blocks are compared with their quiet neighbours, and the ratio's certainty is told with it."""

import itertools
import random

import pytest

from bench import isolation
from bench.driving import Outcome
from bench.measuring import median_interval


def blocks(quiet: list[float], stuck: list[float]) -> dict[str, list[Outcome]]:
    return {
        f"hits {state}": [Outcome(100.0, 1.0, p99, 50) for p99 in times]
        for state, times in (("quiet", quiet), ("stuck", stuck))
    }


def test_a_stuck_block_is_compared_with_the_quiet_one_beside_it() -> None:
    # In the order they were measured: 1, 2, 6, 2 and then 4, 8, 10, 5.
    measured = blocks(quiet=[1, 2, 4, 5], stuck=[2, 6, 8, 10])
    assert isolation.stuck_ratios(measured, "hits") == [2, 3, 2, 2]


def test_quiet_blocks_are_compared_where_a_group_ends_and_the_next_begins() -> None:
    measured = blocks(quiet=[1, 2, 4, 5, 10, 7], stuck=[])
    assert isolation.quiet_ratios(measured, "hits") == [2, 2]


def test_an_interval_is_shown_with_its_median() -> None:
    assert isolation.interval((0.97, 1.0, 1.04)) == "1.00 (0.97 to 1.04)"
    assert isolation.interval(None) == "-"


@pytest.mark.parametrize(("number", "ends"), [(6, (1, 6)), (10, (2, 9)), (20, (6, 15)), (30, (10, 21))])
def test_the_ends_of_an_interval_are_those_of_the_sign_test(number: int, ends: tuple[int, int]) -> None:
    values = list(range(1, number + 1))
    random.Random(number).shuffle(values)
    found = median_interval(values)
    assert found == (ends[0], (number + 1) / 2, ends[1])


def test_so_few_values_that_nothing_is_certain_have_no_interval() -> None:
    assert [median_interval(range(number)) for number in range(6)] == [None] * 6


def test_an_interval_holds_the_true_median_about_as_often_as_it_says() -> None:
    chance = random.Random(7)
    held = 0
    for _ in itertools.repeat(None, 400):
        found = median_interval([chance.gauss(1, 0.2) for _ in range(20)])
        assert found is not None
        held += found[0] <= 1 <= found[2]
    assert 0.93 <= held / 400 <= 0.99
