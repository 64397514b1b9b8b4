"""What vendors' headers tell of the calls that are left, however they say it."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.masking import Mask
from adapters.quota import MOST_QUOTAS, Quota, Quotas, read, wait_of

NOW = 1_800_000_000.0


def quota(name: str = "requests", **told: float | None) -> Quota:
    return Quota(name, seen_at=NOW, **told)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        (
            {"x-ratelimit-limit": "100", "x-ratelimit-remaining": "7", "x-ratelimit-reset": "1800000030"},
            [quota(limit=100, remaining=7, resets_at=NOW + 30)],
        ),
        (
            {
                "x-ratelimit-limit-requests": "100",
                "x-ratelimit-remaining-requests": "0",
                "x-ratelimit-reset-requests": "20ms",
                "x-ratelimit-limit-tokens": "200000",
                "x-ratelimit-reset-tokens": "6m0s",
            },
            [
                quota(limit=100, remaining=0, resets_at=NOW + 0.02),
                quota("tokens", limit=200_000, resets_at=NOW + 360),
            ],
        ),
        (
            {"ratelimit": '"a";r=5;t=10, "b c";r=0', "ratelimit-policy": '"a";q=100;w=60,"b c";q=7;pk=:ab:'},
            [
                quota("a", limit=100, remaining=5, resets_at=NOW + 10, window_seconds=60),
                quota("b c", limit=7, remaining=0),
            ],
        ),
        (
            {"ratelimit": "limit=10, remaining=3, reset=5"},
            [quota(limit=10, remaining=3, resets_at=NOW + 5)],
        ),
        (
            {"ratelimit-limit": "100, 100;w=60", "ratelimit-remaining": "0", "ratelimit-reset": "12"},
            [quota(limit=100, remaining=0, resets_at=NOW + 12)],
        ),
        ({"x-rate-limit-remaining-minute": "4"}, [quota("minute", remaining=4)]),
        ({"x-ratelimit-reset": "1800000030500"}, [quota(resets_at=NOW + 30.5)]),
        ({"x-ratelimit-reset": "0.25"}, [quota(resets_at=NOW + 0.25)]),
        ({"x-ratelimit-reset": "2027-01-15T08:00:10Z"}, [quota(resets_at=NOW + 10)]),
        ({"x-ratelimit-reset": "1700000000"}, [quota(resets_at=NOW)]),
    ],
)
def test_every_common_way_of_saying_it_is_read(headers: dict[str, str], expected: list[Quota]) -> None:
    found = list(read(headers, NOW))
    assert [(each.name, each.limit, each.remaining, each.window_seconds) for each in found] == [
        (each.name, each.limit, each.remaining, each.window_seconds) for each in expected
    ]
    for each, wanted in zip(found, expected, strict=True):
        assert each.seen_at == NOW
        assert each.resets_at == (
            None if wanted.resets_at is None else pytest.approx(wanted.resets_at, abs=1e-3)
        )


@pytest.mark.parametrize("nonsense", ["", "-1", "NaN", "inf", "1e9", "²", "9" * 30, "1s1", "\x00", "0x10"])
def test_nonsense_is_as_good_as_absent(nonsense: str) -> None:
    headers = {f"x-ratelimit-{part}": nonsense for part in ("limit", "remaining", "reset")}
    assert read(headers, NOW) == ()
    assert wait_of(headers, NOW) is None


@given(
    st.dictionaries(
        st.one_of(
            st.sampled_from(["ratelimit", "ratelimit-policy", "x-ratelimit-retry-after"]),
            st.from_regex(r"(x-)?rate-?limit-(limit|remaining|reset)(-[a-z]{1,50})?", fullmatch=True),
        ),
        st.one_of(
            st.text(max_size=60),
            st.from_regex(r'("[a-z ]{0,50}"(;[a-z]{1,2}=[0-9]{0,20})*,? ?){1,12}', fullmatch=True),
            st.from_regex(r"([0-9]{1,12}(ms|us|d|h|m|s)){1,5}", fullmatch=True),
            st.datetimes().map(lambda moment: moment.isoformat()),
            st.floats().map(str),
            st.integers().map(str),
        ),
        max_size=12,
    )
)
def test_nothing_that_a_vendor_can_send_does_harm(headers: dict[str, str]) -> None:
    found = read(headers, NOW)
    assert len(found) <= MOST_QUOTAS
    for each in found:
        assert all(number is None or 0 <= number < 10**15 for number in (each.limit, each.remaining))
        assert each.resets_at is None or NOW <= each.resets_at <= NOW + 366 * 86_400
        assert 0 < len(each.name) <= 40
        assert '"' not in each.name
        assert "\\" not in each.name
        assert each.name.isascii()
        assert each.name.isprintable()
    wait = wait_of(headers, NOW)
    assert wait is None or (math.isfinite(wait) and wait >= 0)


def test_what_is_used_up_is_waited_for() -> None:
    headers = {
        "x-ratelimit-remaining-requests": "0",
        "x-ratelimit-reset-requests": "20s",
        "x-ratelimit-remaining-tokens": "5",
        "x-ratelimit-reset-tokens": "1s",
    }
    assert wait_of(headers, NOW) == pytest.approx(20)
    assert wait_of({"x-ratelimit-reset": "7"}, NOW) == pytest.approx(7)
    assert wait_of({**headers, "x-ratelimit-retry-after": "3"}, NOW) == 3


def test_the_latest_word_counts_and_what_is_not_said_again_stays() -> None:
    quotas = Quotas()
    quotas.note([(b"X-RateLimit-Limit", b"5"), (b"X-RateLimit-Remaining-Tokens", b"9")], lambda: NOW)
    quotas.note([(b"content-type", b"text/plain")], lambda: NOW)
    quotas.note([(b"X-RATELIMIT-LIMIT", b"6")], lambda: NOW + 1)
    assert [(each.name, each.limit, each.seen_at - NOW) for each in quotas.known] == [
        ("requests", 6, 1),
        ("tokens", None, 0),
    ]
    assert quotas.times_told == 2


def test_no_more_quotas_are_remembered_than_a_vendor_has() -> None:
    quotas = Quotas()
    for number in range(100):
        quotas.note([(b"x-ratelimit-limit-n%d" % number, b"5")], lambda: NOW)
    assert len(quotas.known) == MOST_QUOTAS


def test_a_header_that_holds_the_credential_is_not_read() -> None:
    quotas = Quotas(Mask("sk-acme-4f9d2c71"))
    quotas.note([(b"ratelimit-policy", b'"sk-acme-4f9d2c71";q=1')], lambda: NOW)
    assert quotas.known == ()
