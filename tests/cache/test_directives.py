"""What a request says about caching, read leniently; each test names its paragraph."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.cache.directives import ANY_STALENESS, MOST_SECONDS, NO_DIRECTIVES, RequestDirectives, parse

NAMES = ("no-cache", "no-store", "only-if-cached", "max-age", "max-stale", "min-fresh", "stale-if-error")


def test_a_request_without_headers_says_nothing_at_no_cost() -> None:
    assert parse(None) is NO_DIRECTIVES
    assert RequestDirectives() == NO_DIRECTIVES


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("max-age=5", RequestDirectives(max_age=5)),  # RFC 9111 5.2.1.1
        ("max-age=0", RequestDirectives(max_age=0)),
        ("max-stale=10", RequestDirectives(max_stale=10)),  # 5.2.1.2
        ("min-fresh=20", RequestDirectives(min_fresh=20)),  # 5.2.1.3
        ("no-cache", RequestDirectives(no_cache=True)),  # 5.2.1.4
        ("no-store", RequestDirectives(no_store=True)),  # 5.2.1.5
        ("only-if-cached", RequestDirectives(only_if_cached=True)),  # 5.2.1.7
        ("stale-if-error=60", RequestDirectives(stale_if_error=60)),  # RFC 5861 4
        (
            "no-cache, no-store,max-age=1 , max-stale=2,\tmin-fresh=3,only-if-cached,stale-if-error=4",
            RequestDirectives(True, True, True, 1, 2, 3, 4),
        ),
    ],
)
def test_rfc9111_5_2_1_every_directive_is_read(value: str, expected: RequestDirectives) -> None:
    assert parse(value) == expected


def test_rfc9111_5_2_1_2_max_stale_without_a_value_accepts_any_staleness() -> None:
    assert parse("max-stale").max_stale == ANY_STALENESS == MOST_SECONDS


@pytest.mark.parametrize(
    "value", ["max-stale=", "max-stale=x", 'max-stale=""', "max-stale=-1", "max-stale=1.5"]
)
def test_rfc9111_5_2_1_2_a_spoilt_max_stale_is_not_taken_for_any(value: str) -> None:
    assert parse(value) is NO_DIRECTIVES


def test_rfc9111_5_2_names_are_compared_without_case() -> None:
    assert parse("No-Cache, MAX-AGE=7") == RequestDirectives(no_cache=True, max_age=7)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ('max-age="5"', 5),
        ('max-age = "5"', 5),
        ('max-age="\\5"', 5),
        ('max-age="5', None),
        ('max-age="', None),
        ('max-age="5"5', None),
    ],
)
def test_rfc9111_5_2_the_quoted_form_of_a_number_is_read_too(value: str, seconds: int | None) -> None:
    assert parse(value).max_age == seconds


@pytest.mark.parametrize("value", ['no-cache="set-cookie"', "no-cache=1", "no-cache="])
def test_rfc9111_5_2_a_flag_with_an_argument_it_cannot_have_still_counts(value: str) -> None:
    assert parse(value).no_cache


@pytest.mark.parametrize(
    "value",
    [
        'community="a, no-store, b", max-age=3',
        'community="a\\", no-store", max-age=3',
        'x="\\\\", max-age=3',
        'a"no-store, "b, max-age=3',
    ],
)
def test_rfc9110_5_6_4_a_comma_in_a_quoted_string_separates_nothing(value: str) -> None:
    assert parse(value) == RequestDirectives(max_age=3)


@pytest.mark.parametrize("value", ['x="no-store, max-age=3', 'x="no-store\\', '"', '"\\'])
def test_rfc9110_5_6_4_a_string_that_is_never_closed_reaches_to_the_end(value: str) -> None:
    assert parse("no-cache, " + value) == RequestDirectives(no_cache=True)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("max-age=5, max-age=9", 5), ("max-age=x, max-age=9", 9), ("max-age=0, max-age=9", 0)],
)
def test_rfc9111_4_2_1_of_several_values_the_first_that_can_be_read_counts(value: str, seconds: int) -> None:
    assert parse(value).max_age == seconds


@pytest.mark.parametrize(
    ("digits", "seconds"),
    [
        ("0", 0),
        ("000", 0),
        ("0" * 5000 + "7", 7),
        ("2147483647", 2**31 - 1),
        ("2147483648", 2**31),
        ("2147483649", 2**31),
        ("99999999999", 2**31),
        ("9" * 5000, 2**31),  # more digits than int() takes
    ],
)
def test_rfc9111_1_2_2_seconds_beyond_what_matters_are_2_to_the_31(digits: str, seconds: int) -> None:
    assert parse(f"max-age={digits}").max_age == seconds


@pytest.mark.parametrize("text", ["", "-1", "+1", "1.0", "1e3", "1_0", "0x1", "٣", "²", "5s", "5 5", "max"])
def test_rfc9111_1_2_2_what_is_not_digits_is_as_good_as_absent(text: str) -> None:
    assert parse(f"max-age={text}") is NO_DIRECTIVES


@pytest.mark.parametrize(
    "value", ["", ",", " , ,", "=", "=5", ";", "no-transform", "public", "nocache", "max-age"]
)
def test_rfc9111_5_2_3_what_is_unknown_is_ignored(value: str) -> None:
    assert parse(value) is NO_DIRECTIVES


@pytest.mark.parametrize("pragma", ["no-cache", "No-Cache", "x=1, no-cache", 'x="a,b", no-cache'])
def test_rfc7234_5_4_pragma_no_cache_counts_where_there_is_no_cache_control(pragma: str) -> None:
    assert parse(None, pragma) == RequestDirectives(no_cache=True)


@pytest.mark.parametrize("value", ["max-age=60", "", "garbage"])
def test_rfc9111_5_4_pragma_is_ignored_where_there_is_a_cache_control(value: str) -> None:
    assert not parse(value, "no-cache").no_cache


def test_rfc9111_5_4_another_pragma_says_nothing() -> None:
    assert parse(None, "no-transform") is NO_DIRECTIVES


@given(value=st.text(max_size=200) | st.text('no-cache,="\\ 019', max_size=200))
def test_nothing_that_is_sent_is_an_error(value: str) -> None:
    said = parse(value, value)
    for number in (said.max_age, said.max_stale, said.min_fresh, said.stale_if_error):
        assert number is None or 0 <= number <= MOST_SECONDS


@given(
    flags=st.sets(st.sampled_from(NAMES[:3])),
    numbers=st.dictionaries(st.sampled_from(NAMES[3:]), st.integers(0, MOST_SECONDS)),
    order=st.randoms(use_true_random=False),
    quoted=st.booleans(),
)
def test_what_is_written_well_is_read_back(
    flags: set[str], numbers: dict[str, int], order: object, quoted: bool
) -> None:
    mark = '"' if quoted else ""
    members = [*flags, *(f"{name}={mark}{number}{mark}" for name, number in numbers.items()), 'x="a,\\"b"']
    order.shuffle(members)  # type: ignore[attr-defined]
    said = parse(", ".join(members))
    expected = {name.replace("-", "_"): number for name, number in numbers.items()}
    expected |= {name.replace("-", "_"): True for name in flags}
    assert said == RequestDirectives(**expected)  # type: ignore[arg-type]


@pytest.mark.parametrize("piece", ['"', '\\"', '"\\', ",", '",', "a=", "\\", '"\\"'])
def test_a_long_header_costs_one_pass(piece: str) -> None:
    value = 'x="' + piece * (60_000 // len(piece)) + "\\"
    started = time.process_time()
    parse(value)
    # A quadratic reading takes many seconds; one pass some hundredths.
    assert time.process_time() - started < 1.0
