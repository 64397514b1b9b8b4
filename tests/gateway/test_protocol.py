"""The short way inside the server, over real sockets: the same bytes as the application's, whatever comes."""

import contextlib
import re
import socket
from collections.abc import Iterator
from typing import Self

import pytest

from gateway.edge.protocol import ShortWayProtocol
from gateway.edge.strict_heads import MOST_HEAD_BYTES
from tests.gateway.in_process import path_of
from tests.gateway.test_ways import LASTING
from tests.house import HOST, KEY, House, running_house

LONG_WAY = "x-ignored: 1\r\nx-ignored: 2\r\n"
MOVING = re.compile(rb"(?<=\r\nage: )\d+|(?<=ttl=)\d+|(?<=\r\ndate: )[^\r]+")
"""What may differ by a second."""


@pytest.fixture(scope="module")
def caching_house() -> Iterator[House]:
    with running_house(LASTING) as house:
        yield house


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Collect how many bytes each answer of the short way has that the server itself gave."""
    sizes: list[int] = []
    write = ShortWayProtocol._write

    def watched(protocol: ShortWayProtocol, given: object) -> None:
        sizes.append(len(given.made.body))  # type: ignore[attr-defined]
        write(protocol, given)  # type: ignore[arg-type]

    monkeypatch.setattr(ShortWayProtocol, "_write", watched)
    return sizes


@pytest.fixture
def target(caching_house: House) -> str:
    with caching_house.client() as client:
        item = client.get("/v1/connections/noxus-test/workflows?limit=1").json()["items"][0]
        path = path_of(item)
        for _ in range(2):
            assert client.get(path, headers={"accept-encoding": "identity"}).status_code == 200
        return path


def head(path: str, more: str = "", method: str = "GET", version: str = "1.1") -> bytes:
    text = f"{method} {path} HTTP/{version}\r\nhost: {HOST}\r\nx-api-key: {KEY}\r\nx-request-id: same\r\n{more}\r\n"
    return text.encode("ascii")


class Line:
    """One connection, spoken byte by byte."""

    def __init__(self, house: House) -> None:
        port = int(house.gateway.rpartition(":")[2])
        self._socket = socket.create_connection((HOST, port), timeout=10)
        self._received = b""

    def send(self, data: bytes) -> None:
        self._socket.sendall(data)

    def answer(self, *, bodiless: bool = False) -> tuple[bytes, bytes]:
        """Return the head and the body of the next answer."""
        while b"\r\n\r\n" not in self._received:
            self._more()
        start, _, self._received = self._received.partition(b"\r\n\r\n")
        length = re.search(rb"\r\ncontent-length: (\d+)", start)
        size = int(length[1]) if length and not bodiless else 0
        while len(self._received) < size:
            self._more()
        body, self._received = self._received[:size], self._received[size:]
        return start + b"\r\n", body

    def is_closed(self) -> bool:
        return self._socket.recv(1) == b""

    def _more(self) -> None:
        data = self._socket.recv(1 << 16)
        assert data, "the server closed the connection"
        self._received += data

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()


def alike(one: tuple[bytes, bytes], other: tuple[bytes, bytes]) -> bool:
    return (MOVING.sub(b"", one[0]), one[1]) == (MOVING.sub(b"", other[0]), other[1])


@pytest.mark.parametrize("more", ["", "if-none-match: *\r\n", "accept: */*\r\ncache-control: max-age=99\r\n"])
def test_the_server_answers_what_the_application_would(
    caching_house: House, target: str, taken: list[int], more: str
) -> None:
    with Line(caching_house) as line:
        line.send(head(target, more))
        short = line.answer(bodiless="none-match" in more)
        assert len(taken) == 1
        line.send(head(target, more + LONG_WAY))
        long = line.answer(bodiless="none-match" in more)
    assert len(taken) == 1
    assert alike(short, long), (short[0], long[0])
    assert b"cache-status: workflow-gateway; hit" in short[0]


def test_large_answers_are_whole(caching_house: House, taken: list[int]) -> None:
    path = "/v1/workflows?limit=200"
    with Line(caching_house) as line:
        line.send(head(path))
        first = line.answer()
        for _ in range(3):
            line.send(head(path))
            assert line.answer()[1] == first[1]
    assert taken == [len(first[1])] * 3


def test_requests_in_one_piece_are_answered_in_their_order(
    caching_house: House, target: str, taken: list[int]
) -> None:
    with Line(caching_house) as line:
        line.send(head(target) + head("/v1/vendors") + head(target) + head(target, LONG_WAY) + head(target))
        bodies = [line.answer()[1] for _ in range(5)]
    assert bodies[0] == bodies[2] == bodies[3] == bodies[4]
    assert bodies[1].startswith(b'{"items"')
    assert taken


def test_a_head_that_comes_in_pieces_is_one(caching_house: House, target: str, taken: list[int]) -> None:
    with Line(caching_house) as line:
        for byte in head(target):
            line.send(bytes([byte]))
        assert line.answer()[0].startswith(b"HTTP/1.1 200 OK\r\n")
    assert len(taken) == 1


def test_a_body_that_nobody_wants_is_passed_over(caching_house: House, target: str) -> None:
    with Line(caching_house) as line:
        line.send(head(target, "content-length: 5\r\n") + b"12345" + head(target))
        assert line.answer()[1] == line.answer()[1]


@pytest.mark.parametrize(
    ("asked", "ends"),
    [
        ({"method": "HEAD"}, False),
        ({"more": "connection: close\r\n"}, True),
        ({"version": "1.0"}, True),
        ({"more": "expect: 100-continue\r\n"}, False),
        ({"more": "content-length: 0\r\ncontent-type: a/b\r\nexpect: 100-continue\r\n"}, False),
    ],
)
def test_what_is_not_plain_is_left_to_the_server(
    caching_house: House, target: str, taken: list[int], asked: dict[str, str], ends: bool
) -> None:
    with Line(caching_house) as line:
        line.send(head(target, **asked))
        start, _ = line.answer(bodiless="method" in asked)
        assert start.startswith(b"HTTP/1.1 200 OK\r\n")
        if ends:
            assert line.is_closed()
    assert taken == []


@pytest.mark.parametrize("key", ["wrong", ""])
def test_a_wrong_key_gets_nothing_of_what_is_kept(
    caching_house: House, target: str, taken: list[int], key: str
) -> None:
    request = head(target).replace(KEY.encode(), key.encode())
    with Line(caching_house) as line:
        line.send(request)
        assert line.answer()[0].startswith(b"HTTP/1.1 401 ")
    assert taken == []


@pytest.mark.parametrize("path", ["http://127.0.0.1{}", "{}#fragment", "{}?", "{}/"])
def test_odd_targets_take_the_long_way(
    caching_house: House, target: str, taken: list[int], path: str
) -> None:
    with Line(caching_house) as line:
        line.send(head(path.format(target)))
        assert line.answer()[0].startswith(b"HTTP/1.1 ")
    assert taken == [] or path == "{}?"


def test_a_caller_who_hangs_up_harms_nobody(caching_house: House, target: str) -> None:
    for _ in range(20):
        line = Line(caching_house)
        line.send(head(target))
        line._socket.close()
    with Line(caching_house) as line:
        line.send(head(target))
        assert line.answer()[0].startswith(b"HTTP/1.1 200 OK\r\n")


@pytest.mark.parametrize(
    "endless",
    [b"GET /" + b"a" * 200, b"GET / HTTP/1.1\r\nx: " + b"a" * 200, b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 30],
    ids=["url", "value", "headers"],
)
def test_a_head_without_end_is_not_read_on(caching_house: House, endless: bytes) -> None:
    again = endless[-6:] * 2000
    with Line(caching_house) as line, contextlib.suppress(ConnectionError):
        line.send(endless)
        for _ in range(5000):
            line.send(again)
        pytest.fail("sixty megabytes of a head were taken")


def test_a_large_head_in_one_piece_or_more_is_answered(caching_house: House, target: str) -> None:
    with Line(caching_house) as line:
        for pieces in (1, 3):
            sent = head(target, f"x-large: {'a' * 30_000}\r\n" + LONG_WAY)
            size = len(sent) // pieces + 1
            for start in range(0, len(sent), size):
                line.send(sent[start : start + size])
            assert line.answer()[0].startswith(b"HTTP/1.1 200")


def test_who_sends_too_large_a_head_is_told_so(caching_house: House) -> None:
    with Line(caching_house) as line:
        line.send(b"GET /" + b"a" * MOST_HEAD_BYTES)
        start, body = line.answer()
    assert start.startswith(b"HTTP/1.1 431 ")
    assert body == b"The head of the request is too large"


def test_a_trailer_is_no_header(caching_house: House) -> None:
    with Line(caching_house) as line:
        start = f"POST /v1/connections/noxus-test/workflows HTTP/1.1\r\nhost: {HOST}\r\n"
        kind = "content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"
        # In one piece: the trailer is read before anybody looks at the headers.
        line.send(f"{start}{kind}2\r\n{{}}\r\n0\r\nx-api-key: {KEY}\r\n\r\n".encode())
        assert line.answer()[0].startswith(b"HTTP/1.1 401")
