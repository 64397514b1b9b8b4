"""Cases take turns, and what was not as expected is said."""

import itertools

import pytest

from bench import rounds
from bench.driving import Expected, Outcome
from bench.load import Plan
from bench.rounds import Case, compared, interleaved, rated, ratio, summary, watched


def _outcome(rate: float = 100.0, *faults: str) -> Outcome:
    return Outcome(rate, 1.0, 2.0, 50, faults)


@pytest.fixture
def driven(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    ports: list[int] = []

    def drive(plan: Plan, expected: Expected) -> Outcome:
        ports.append(plan.port)
        return _outcome(float(len(ports)))

    monkeypatch.setattr(rounds, "drive", drive)
    return ports


def test_cases_take_turns_and_the_first_round_is_not_counted(driven: list[int]) -> None:
    cases = {"one": Case(Plan(1, ("/",))), "two": Case(Plan(2, ("/",)))}
    outcomes = interleaved(cases, 2)
    assert driven == [1, 2, 1, 2, 1, 2]
    assert {name: [one.rate for one in found] for name, found in outcomes.items()} == {
        "one": [3, 5],
        "two": [4, 6],
    }


@pytest.mark.parametrize(
    ("asks_vendor", "asked", "valid"),
    [
        (False, 0, True),
        (False, 1, False),
        (True, 50, True),
        (True, 49, False),
        (True, 50 + 2 * 32 + 2, True),
        (True, 50 + 2 * 32 + 3, False),
    ],
)
def test_the_vendor_must_have_had_as_many_requests_as_the_row_claims(
    driven: list[int], asks_vendor: bool, asked: int, valid: bool
) -> None:
    counted = itertools.count(1000, asked)
    case = Case(Plan(1, ("/",)), watch=lambda: next(counted), asks_vendor=asks_vendor)
    faults = watched(case).faults
    assert faults == (() if valid else (f"the vendor had {asked} requests for 50 answers",))


def test_a_summary_is_made_of_medians_and_says_each_fault_once() -> None:
    told = summary([_outcome(1, "a"), _outcome(9, "a", "b"), _outcome(2)])
    assert told["rate"] == 2
    assert told["rates"] == [1, 9, 2]
    assert told["faults"] == ["a", "b"]
    assert told["requests"] == 150


def test_a_ratio_is_the_median_of_the_ratios_within_rounds() -> None:
    assert ratio([1, 10, 3], [2, 10, 4]) == 0.75
    assert ratio([1], [0]) is None
    assert ratio([], []) is None


def test_rows_are_compared_with_the_bases_that_are_there() -> None:
    cases = {"raw": summary([_outcome(100)]), "hit": summary([_outcome(80, "it was late")])}
    table = rated(
        "Title", compared(cases, ["raw", "nginx"]), {"raw": "to raw", "nginx": "to nginx"}, ["no nginx"]
    )
    assert table.rows == (
        ("raw", "100", "1.00", "2.00", "1.00", "-"),
        ("hit *", "80", "1.00", "2.00", "0.80", "-"),
    )
    assert table.notes == ("no nginx", "* hit is not valid: it was late")
