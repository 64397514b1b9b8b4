"""Trace context: read as the standard says, and never anything else passed on."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.telemetry.trace_context import MOST_STATE, TraceContext, parse, read

TRACE = "0af7651916cd43dd8448eb211c80319c"
SPAN = "b7ad6b7169203331"
GOOD = f"00-{TRACE}-{SPAN}-01"
HEX = "0123456789abcdef"

ids = st.text(HEX, min_size=32, max_size=32).filter(lambda text: text.strip("0"))
span_ids = st.text(HEX, min_size=16, max_size=16).filter(lambda text: text.strip("0"))


@given(trace=ids, span=span_ids, flags=st.integers(0, 255))
def test_what_is_valid_is_read_and_told_again(trace: str, span: str, flags: int) -> None:
    found = parse(f"00-{trace}-{span}-{flags:02x}")
    assert found == TraceContext(trace, span, sampled=bool(flags & 1))
    assert parse(found.traceparent) == found


@given(st.text() | st.text(HEX + "-", min_size=50, max_size=60))
def test_no_text_breaks_the_reader(text: str) -> None:
    found = parse(text)
    assert found is None or re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]", found.traceparent)


@pytest.mark.parametrize(
    "text",
    [
        "",
        GOOD.upper(),
        f"ff-{TRACE}-{SPAN}-01",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"{GOOD}-more",
        f"{GOOD}-",
        f"cc-{TRACE}-{SPAN}-01.more",
        f"00-{TRACE}-{SPAN}",
        f"00-{TRACE}-{SPAN}-0x",
        f"{GOOD}\n",
        f"00-{TRACE}-{SPAN}-01,{GOOD}",
        f"00-{TRACE[:-1]}٣-{SPAN}-01",
    ],
)
def test_what_is_not_valid_is_ignored(text: str) -> None:
    assert parse(text) is None


@pytest.mark.parametrize(
    "text", [f"cc-{TRACE}-{SPAN}-01", f"01-{TRACE}-{SPAN}-09-whatever-else", f" {GOOD}\t"]
)
def test_later_versions_are_read_as_far_as_they_are_known(text: str) -> None:
    assert parse(text) == TraceContext(TRACE, SPAN, sampled=True)


def test_a_place_below_is_another_one_of_the_same_trace() -> None:
    above = TraceContext(TRACE, SPAN, sampled=True, state="a=1")
    below = above.below()
    assert (below.trace_id, below.sampled, below.state) == (TRACE, True, "a=1")
    assert below.span_id != SPAN
    assert parse(below.traceparent, below.state) == below


def test_no_two_traces_begin_alike() -> None:
    begun = [TraceContext.begin() for _ in range(100)]
    assert len({each.trace_id for each in begun}) == len({each.span_id for each in begun}) == 100
    assert all(parse(each.traceparent) == each for each in begun)
    assert not begun[0].sampled


@pytest.mark.parametrize(
    ("told", "passed_on"),
    [
        ("rojo=00f067aa0ba902b7,congo=t61rcWkgMzE", "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE"),
        (" a=1 ,\t, b@c=2:3;d ,", "a=1,b@c=2:3;d"),
        ("a=1,a=2", ""),
        ("A=1", ""),
        ("a", ""),
        ("a=", ""),
        ("a=1=2", ""),
        ("a=ä", ""),
        ("a=1\r\nx: y", ""),
        (",".join(f"k{number}=1" for number in range(32)), ",".join(f"k{number}=1" for number in range(32))),
        (",".join(f"k{number}=1" for number in range(33)), ""),
    ],
)
def test_the_state_is_passed_on_where_it_is_valid(told: str, passed_on: str) -> None:
    found = parse(GOOD, told)
    assert found is not None
    assert found.state == passed_on


def test_of_too_much_state_the_long_members_go_first_and_then_the_last_ones() -> None:
    small = [f"k{number}={'v' * 97}" for number in range(4)]
    found = parse(GOOD, ",".join([small[0], f"long={'x' * 150}", *small[1:]]))
    assert found is not None
    assert found.state == ",".join(small)
    many = [f"k{number}={'v' * 97}" for number in range(8)]
    found = parse(GOOD, ",".join(many))
    assert found is not None
    assert found.state == ",".join(many[:5])


members = st.tuples(
    st.from_regex(r"[a-z][a-z0-9_*/-]{0,40}", fullmatch=True),
    st.from_regex(r"[!-+\--<>-~]{1,200}", fullmatch=True),
).map("=".join)


@given(st.lists(members, max_size=40) | st.lists(st.text(), max_size=5))
def test_the_state_stays_within_its_bounds(told: list[str]) -> None:
    found = parse(GOOD, ",".join(told))
    assert found is not None
    assert len(found.state) <= MOST_STATE
    assert found.state.isascii()
    assert not set(found.state) & set("\r\n\0")
    again = parse(GOOD, found.state)
    assert again is not None
    assert again.state == found.state


def test_headers_are_read_by_name_and_a_second_traceparent_spoils_the_first() -> None:
    parent, states = (b"traceparent", GOOD.encode()), [(b"tracestate", b"a=1"), (b"tracestate", b"b=2")]
    assert read([(b"host", b"x"), parent, *states]) == TraceContext(
        TRACE, SPAN, sampled=True, state="a=1,b=2"
    )
    assert read([parent, parent]) is None
    assert read(states) is None
    assert read([]) is None
    assert read([(b"traceparent", b"\xff\xfe")]) is None


@pytest.mark.parametrize(("commas", "state"), [(30, "a=b"), (60_000, "")])
def test_a_tracestate_that_is_mostly_nothing_is_not_taken_apart(commas: int, state: str) -> None:
    found = parse(f"00-{'4' * 32}-{'7' * 16}-01", "," * commas + "a=b")
    assert found is not None
    assert found.state == state
