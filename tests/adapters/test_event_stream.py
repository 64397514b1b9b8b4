"""Server-sent events, as the HTML standard says they are read."""

import asyncio
from collections.abc import AsyncIterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.errors import VendorSurprise
from adapters.event_stream import EventReader, ServerEvent, server_events


def read(*chunks: bytes) -> list[ServerEvent]:
    reader = EventReader()
    return [event for chunk in chunks for event in reader.feed(chunk)]


@pytest.mark.parametrize(
    ("stream", "events"),
    [
        (b"data: YHOO\ndata: +2\ndata: 10\n\n", [ServerEvent("YHOO\n+2\n10")]),
        (
            b": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n",
            [ServerEvent("first event", id="1"), ServerEvent("second event"), ServerEvent(" third event")],
        ),
        (b"data\n\ndata\ndata\n\ndata:", [ServerEvent(""), ServerEvent("\n")]),
        (b"data:test\n\ndata: test\n\n", [ServerEvent("test"), ServerEvent("test")]),
    ],
    ids=["stock", "comments and ids", "empty data", "one space goes"],
)
def test_the_examples_of_the_standard(stream: bytes, events: list[ServerEvent]) -> None:
    assert read(stream) == events


@pytest.mark.parametrize(
    ("stream", "events"),
    [
        (b"", []),
        (b"data: not ended", []),
        (b"data: not ended\n", []),
        (b"event: nothing\n\n", []),
        (b"event: a\n\ndata: b\n\n", [ServerEvent("b")]),
        (b"event: a\ndata: b\n\ndata: c\n\n", [ServerEvent("b", "a"), ServerEvent("c")]),
        (b"event:\ndata: b\n\n", [ServerEvent("b")]),
        (b"id: 7\n\ndata: a\n\ndata: b\n\n", [ServerEvent("a", id="7"), ServerEvent("b", id="7")]),
        (b"id: 7\ndata: a\n\nid: 8\0\ndata: b\n\n", [ServerEvent("a", id="7"), ServerEvent("b", id="7")]),
        (b"retry: 5\nnonsense: 1\nDATA: x\n data: x\ndata: a\n\n", [ServerEvent("a")]),
        (b"\xef\xbb\xbfdata: a\n\n\xef\xbb\xbfdata: b\n\n", [ServerEvent("a")]),
        (b"data: a\r\rdata: b\r\n\r\ndata: c\n\r\n", [ServerEvent("a"), ServerEvent("b"), ServerEvent("c")]),
        ("data: a\u2028b\x0bc\x85d\n\n".encode(), [ServerEvent("a\u2028b\x0bc\x85d")]),
        (b"data: \xff\n\n", [ServerEvent("\ufffd")]),
        (b"data: a:b\n\n", [ServerEvent("a:b")]),
    ],
)
def test_what_is_odd(stream: bytes, events: list[ServerEvent]) -> None:
    assert read(stream) == events


LINE = st.one_of(
    st.sampled_from(
        [b"", b"data", b"data:", b"id: 1", b"id:", b": note", b"event: e", b"retry: 1", b"\xef\xbb\xbf"]
    ),
    st.text(st.characters(blacklist_categories=["Cs"]), max_size=6).map(
        lambda text: b"data: " + text.encode()
    ),
    st.binary(max_size=6),
)
END = st.sampled_from([b"\n", b"\r", b"\r\n"])
STREAM = st.lists(st.tuples(LINE, END).map(b"".join), max_size=20).map(b"".join)


@given(STREAM, st.data())
def test_wherever_a_stream_is_cut_its_events_are_the_same(stream: bytes, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    edges = [0, *cuts, len(stream)]
    chunks = [stream[start:end] for start, end in pairwise(edges)]
    assert read(*chunks) == read(stream)
    assert read(*(bytes([byte]) for byte in stream)) == read(stream)


TEXT = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\r\n\0"), max_size=8)
SENT = st.builds(
    ServerEvent,
    data=st.lists(TEXT, min_size=1, max_size=3).map("\n".join),
    event=TEXT.filter(bool),
    id=TEXT,
)


@given(st.lists(SENT, max_size=6), END)
def test_what_is_written_is_read(events: list[ServerEvent], end: bytes) -> None:
    lines: list[str] = []
    for event in events:
        lines += [f"event: {event.event}", f"id: {event.id}"]
        lines += [*(f"data: {line}" for line in event.data.split("\n")), ""]
    assert read(*(line.encode() + end for line in lines)) == events


@pytest.mark.parametrize(
    "chunks",
    [
        [b"data: " + b"x" * 20],
        [b"data: " + b"x" * 20 + b"\n"],
        [b"data: 12345\n"] * 4,
        [b"data", b": 1234567890"],
    ],
    ids=["one line", "one line with its end", "many lines", "in pieces"],
)
def test_an_event_has_a_largest_size(chunks: list[bytes]) -> None:
    reader = EventReader(largest=12)
    with pytest.raises(VendorSurprise):
        _ = [event for chunk in chunks for event in reader.feed(chunk)]


def test_the_largest_size_is_that_of_one_event() -> None:
    reader = EventReader(largest=12)
    assert len([event for _ in range(50) for event in reader.feed(b"data: 1234\n\n:a comm\n")]) == 50


def test_a_stream_of_chunks_is_a_stream_of_events() -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for chunk in (b"da", b"ta: a\n", b"\nda", b"ta: b\n\ndata: c"):
            yield chunk

    async def collected() -> list[str]:
        return [event.data async for event in server_events(chunks())]

    assert asyncio.run(collected()) == ["a", "b"]
