"""Bodies that are passed on as they come, and requests that nobody here understands."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.errors import (
    VendorBusy,
    VendorError,
    VendorNotFound,
    VendorSurprise,
    VendorTimeout,
    VendorUnreachable,
)
from adapters.forwarding import Forward
from adapters.masking import Mask
from adapters.pieces import Bounds, Pieces
from adapters.transport import Transport
from tests.adapters.conftest import SECRET, Connect
from tests.adapters.loopback import Loopback, Received, answer, made_up_vendor, raw

EVENTS = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n"


async def pieces_of(*pieces: bytes, pause: float = 0.0) -> AsyncIterator[bytes]:
    for piece in pieces:
        await asyncio.sleep(pause)
        yield piece


async def whole(body: AsyncIterator[bytes]) -> bytes:
    return b"".join([piece async for piece in body])


async def test_a_stream_gives_each_piece_as_it_comes(connect: Connect, loopback: Loopback) -> None:
    more = asyncio.Event()

    async def respond(_: Received, writer: asyncio.StreamWriter) -> None:
        writer.write(EVENTS + b"data: 1\n\n")
        await more.wait()
        writer.write(b"data: 2\n\n")
        await writer.drain()

    loopback.respond = respond
    async with connect(timeout_seconds=2) as client, client.stream("GET", "runs", "a/b") as pieces:
        assert await anext(pieces) == b"data: 1\n\n"
        more.set()
        assert await whole(pieces) == b"data: 2\n\n"
    [got] = loopback.received
    assert (got.method, got.target) == ("GET", "/runs/a%2Fb")
    assert got.headers["accept"] == "text/event-stream, */*;q=0.5"
    assert got.headers["accept-encoding"] == "identity"
    assert got.headers["authorization"] == f"Bearer {SECRET}"


async def test_a_stream_lasts_longer_than_a_whole_call_may(connect: Connect, loopback: Loopback) -> None:
    loopback.respond = raw(EVENTS, *[b"."] * 8, pause=0.05)
    async with connect(timeout_seconds=0.2) as client, client.stream("GET", "x") as pieces:
        assert await whole(pieces) == b"." * 8


async def test_a_stream_that_falls_silent_is_given_up(connect: Connect, loopback: Loopback) -> None:
    async def respond(_: Received, writer: asyncio.StreamWriter) -> None:
        writer.write(EVENTS + b"data: 1\n\n")
        await asyncio.sleep(30)

    loopback.respond = respond
    async with connect(idle_seconds=0.1) as client, client.stream("GET", "x") as pieces:
        assert await anext(pieces)
        with pytest.raises(VendorTimeout):
            await anext(pieces)


async def test_a_stream_is_not_bounded_in_bytes(connect: Connect, loopback: Loopback) -> None:
    loopback.respond = answer(200, b"x" * 100_000)
    async with connect(response_bytes=1000) as client, client.stream("POST", "x", body={"a": 1}) as pieces:
        assert len(await whole(pieces)) == 100_000
    assert loopback.received[0].body == b'{"a":1}'


async def test_a_stream_that_is_refused_raises_what_the_vendor_said(
    connect: Connect, loopback: Loopback
) -> None:
    loopback.respond = answer(404, b'{"message": "no such run"}')
    async with connect() as client:
        with pytest.raises(VendorNotFound, match="no such run"):
            async with client.stream("GET", "x"):
                pytest.fail("there is no stream")


async def test_a_stream_that_breaks_off_is_unreachable(connect: Connect, loopback: Loopback) -> None:
    loopback.respond = raw(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\ndata")
    async with connect() as client, client.stream("GET", "x") as pieces:
        with pytest.raises(VendorUnreachable):
            await whole(pieces)


async def test_a_compressed_stream_is_a_surprise(connect: Connect, loopback: Loopback) -> None:
    loopback.respond = answer(200, b"{}", [("content-encoding", "gzip")])
    async with connect() as client:
        with pytest.raises(VendorSurprise, match="compressed"):
            async with client.stream("GET", "x"):
                pytest.fail("there is no stream")


async def test_a_stream_keeps_its_place_until_it_is_left(connect: Connect, loopback: Loopback) -> None:
    async def respond(_: Received, writer: asyncio.StreamWriter) -> None:
        writer.write(EVENTS)
        await asyncio.sleep(30)

    loopback.respond = respond
    async with connect(concurrency=1, queue=0) as client:
        async with client.stream("GET", "x"):
            with pytest.raises(VendorBusy):
                await client.get("x")
        loopback.respond = answer()
        assert (await client.get("x")).status == 200


async def test_a_conditional_way_streams_like_any_other(connect: Connect, loopback: Loopback) -> None:
    loopback.respond = answer(200, b"data")
    async with connect() as client, client.conditional({"etag": '"1"'}).stream("GET", "x") as pieces:
        assert await whole(pieces) == b"data"


async def test_what_is_forwarded_travels_as_it_came(connect: Connect, loopback: Loopback) -> None:
    loopback.respond = answer(
        302, b"\x1f\x8b raw", [("Location", "/x"), ("Set-Cookie", "a=1"), ("content-encoding", "gzip")]
    )
    target = b"/v1/a%2Fb/~%7e|{x}?q=%zz&&q="
    headers = (
        (b"accept", b"*/*"),
        (b"authorization", b"Bearer gateway"),
        (b"host", b"evil"),
        (b"content-length", b"9"),
    )
    async with connect(path="/base") as client, client.forward(Forward("GET", target, headers)) as got:
        assert (got.status, await whole(got.body)) == (302, b"\x1f\x8b raw")
        assert (b"location", b"/x") in got.headers
    [seen] = loopback.received
    assert seen.target == "/base" + target.decode()
    assert seen.headers["authorization"] == f"Bearer {SECRET}"
    assert seen.headers["host"] == loopback.url.removeprefix("http://")
    assert "content-length" not in seen.headers


@pytest.mark.parametrize("length", [None, 6])
async def test_a_body_is_passed_on_in_pieces(
    length: int | None, connect: Connect, loopback: Loopback
) -> None:
    body = pieces_of(b"abc", b"", b"def", pause=0.06)
    forward = Forward("POST", b"/x", body=body, length=length)
    async with connect(timeout_seconds=0.1) as client, client.forward(forward) as got:
        assert got.status == 200
    [seen] = loopback.received
    assert seen.body == b"abcdef"
    assert seen.headers.get("content-length") == (None if length is None else "6")
    assert ("transfer-encoding" in seen.headers) == (length is None)


@pytest.mark.parametrize("length", [5, 7])
async def test_a_body_of_another_length_than_was_said_goes_nowhere(
    length: int, connect: Connect, loopback: Loopback
) -> None:
    async with connect() as client:
        with pytest.raises(VendorUnreachable):
            async with client.forward(Forward("POST", b"/x", body=pieces_of(b"abcdef"), length=length)):
                pytest.fail("there is no answer")
    assert not loopback.received


async def test_a_body_that_stops_coming_is_given_up(connect: Connect, loopback: Loopback) -> None:
    async with connect(idle_seconds=0.1) as client:
        with pytest.raises(VendorTimeout):
            async with client.forward(Forward("POST", b"/x", body=pieces_of(b"a", pause=30))):
                pytest.fail("there is no answer")


async def test_a_vendor_that_answers_before_the_body_is_whole_is_heard() -> None:
    over = asyncio.Event()

    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 65536

    async def early(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 413 Too Large\r\ncontent-length: 2\r\n\r\nno")
        with contextlib.suppress(ConnectionError):
            await writer.drain()
            while await reader.read(65536):
                pass
        writer.close()
        over.set()

    async with await asyncio.start_server(early, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        forward = Forward("POST", b"/x", body=endless())
        async with Transport(made_up_vendor(), url, SECRET) as client, client.forward(forward) as got:
            assert (got.status, await whole(got.body)) == (413, b"no")
        await over.wait()


async def test_more_than_allowed_is_not_passed_on(connect: Connect, loopback: Loopback) -> None:
    loopback.respond = answer(200, b"x" * 11)
    async with connect() as client:
        with pytest.raises(VendorSurprise, match="more than the 10 bytes"):
            async with client.forward(Forward("GET", b"/x", most_bytes=10)):
                pytest.fail("its head says so already")
        loopback.respond = raw(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 11)
        async with client.forward(Forward("GET", b"/x", most_bytes=10)) as got:
            with pytest.raises(VendorSurprise, match="more than the 10 bytes"):
                await whole(got.body)
        loopback.respond = raw(b"HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\n")
        async with client.forward(Forward("HEAD", b"/x", most_bytes=10)) as got:
            assert await whole(got.body) == b""


@pytest.mark.parametrize(
    "forward",
    [
        Forward("GET", b"/x\r\nHost: evil"),
        Forward("GET", b"/x y"),
        Forward("GET", b"/x\0"),
        Forward("GET", b"/x", ((b"accept", b"a\r\nx: y"),)),
        Forward("GET", b"/x", ((b"accept", b"a\ny: z"),)),
        Forward("GET / HTTP/1.1", b"/x"),
    ],
)
async def test_what_would_break_out_of_its_line_never_leaves(
    forward: Forward, connect: Connect, loopback: Loopback
) -> None:
    async with connect() as client:
        with pytest.raises(VendorError):
            async with client.forward(forward):
                pytest.fail("it left")
    assert not loopback.received


@pytest.mark.parametrize("cut", range(1, len(SECRET)))
async def test_the_credential_is_never_passed_on(cut: int, connect: Connect, loopback: Loopback) -> None:
    head = (
        f"HTTP/1.1 401 No\r\nx-seen: Bearer {SECRET}\r\nx-id: 1\r\ncontent-length: {len(SECRET) + 8}\r\n\r\n"
    )
    body = b"sk-" + SECRET.encode() + b" is sk-"[:5]
    loopback.respond = raw(head.encode(), body[: 3 + cut], body[3 + cut :], pause=0.01)
    async with connect() as client, client.forward(Forward("GET", b"/x")) as got:
        assert await whole(got.body) == b"sk-" + b"*" * len(SECRET) + b" is s"
        assert [name for name, _ in got.headers] == [b"x-id", b"content-length"]


async def test_what_began_like_the_credential_and_ended_is_passed_on(
    connect: Connect, loopback: Loopback
) -> None:
    loopback.respond = answer(200, b"data " + SECRET[:-1].encode())
    async with connect() as client, client.forward(Forward("GET", b"/x")) as got:
        assert await whole(got.body) == b"data " + SECRET[:-1].encode()


async def test_a_compressed_error_is_not_passed_on(connect: Connect, loopback: Loopback) -> None:
    loopback.respond = answer(401, b"{}", [("content-encoding", "gzip")])
    async with connect() as client:
        with pytest.raises(VendorSurprise, match="compressed an error"):
            async with client.forward(Forward("GET", b"/x")):
                pytest.fail("nobody looked through it")


@given(
    st.text("ab", min_size=8, max_size=10),
    st.text("ab", max_size=40),
    st.lists(st.integers(0, 40), max_size=6),
)
def test_whatever_the_pieces_the_hidden_is_not_in_them(hidden: str, body: str, cuts: list[int]) -> None:
    edges = sorted({0, len(body), *(min(cut, len(body)) for cut in cuts)})
    parts = pieces_of(*(body[start:end].encode() for start, end in pairwise(edges)))

    def never(*_: object) -> VendorError:
        pytest.fail("there is nothing wrong with it")

    got = asyncio.run(whole(Pieces(parts, Bounds(5, None, Mask(hidden)), never, never))).decode()
    assert hidden not in got
    assert len(got) == len(body)
    assert all(ours in (theirs, "*") for ours, theirs in zip(got, body, strict=True))
