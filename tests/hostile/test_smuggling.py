"""No bytes are one request to the gateway and two to somebody else, or the other way round."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hostile.shapes import HIDDEN, LAST, REFUSED, TAKEN, WHO, Shape, Taken, post
from tests.hostile.wire import SECRET, Wire, wired
from tests.house import KEY

PAGE = Path(__file__).parents[2] / "docs" / "security.md"
STATUS = re.compile(rb"(?:^|(?<=[}\n]))HTTP/1\.1 (\d+) ")
CLOSES = re.compile(rb"\r\nconnection: close\r\n", re.IGNORECASE)


@pytest.fixture(scope="module")
def wire() -> Iterator[Wire]:
    with wired() as found:
        yield found


def statuses(answer: bytes) -> list[int]:
    return [int(status) for status in STATUS.findall(answer)]


@pytest.mark.parametrize("shape", REFUSED, ids=lambda shape: shape.what)
def test_what_can_be_read_twice_is_refused_and_the_connection_closed(wire: Wire, shape: Shape) -> None:
    wire.vendor.take()
    sent = shape.sent if shape.sent.endswith(HIDDEN) else shape.sent + HIDDEN
    answer = wire.say(sent)
    assert statuses(answer) == [shape.status], answer
    assert CLOSES.search(answer)
    assert wire.vendor.take() == []


@pytest.mark.parametrize("taken", TAKEN, ids=lambda taken: taken.what)
def test_what_is_taken_reaches_the_vendor_as_one_plain_request(wire: Wire, taken: Taken) -> None:
    wire.vendor.take()
    answer = wire.say(taken.sent + LAST)
    assert statuses(answer)[0] == taken.status, answer
    requests = wire.vendor.take()
    if taken.target is None:
        assert requests == []
        return
    (request,) = requests
    assert (request.target, request.body) == (taken.target, taken.body)
    assert request.headers[b"authorization"] == f"Bearer {SECRET}".encode()
    names = {b"host", b"accept-encoding", b"authorization", b"content-length", b"transfer-encoding"} | {
        b"traceparent"
    }
    assert request.headers.keys() <= names
    assert KEY.encode() not in b"".join(request.headers.values())


def test_whatever_comes_after_a_request_is_the_next_one_or_nothing(wire: Wire) -> None:
    for taken in TAKEN:
        wire.vendor.take()
        answer = wire.say(taken.sent + HIDDEN + LAST)
        targets = [request.target for request in wire.vendor.take()]
        if b"HTTP/1.0" in taken.sent:
            assert (statuses(answer), targets) == ([200], [taken.target])
            continue
        answers = [status for status in statuses(answer) if status != 100]
        assert answers[1:] == [200, 200], (taken.what, answer)
        assert sorted(targets) == sorted(filter(None, [taken.target, b"/hidden"]))


def test_a_body_behind_an_offer_of_http_2_is_a_body_wherever_the_pieces_part(wire: Wire) -> None:
    head = post(b"connection: upgrade\r\nupgrade: h2c\r\ncontent-length: %d\r\n" % len(HIDDEN))
    for place in (1, len(head) - 2, len(head), len(head) + 1, len(head) + len(HIDDEN) - 1):
        whole = head + HIDDEN
        wire.vendor.take()
        assert statuses(wire.say(whole[:place], whole[place:] + LAST)) == [200, 200]
        (request,) = wire.vendor.take()
        assert request.body == HIDDEN


def test_a_refusal_is_never_the_answer_to_the_request_before(wire: Wire) -> None:
    wire.vendor.take()
    answer = wire.say(post(b"content-length: 0\r\n") + b"GET / HTTP/9\r\n\r\n")
    assert statuses(answer) in ([], [200], [200, 400])


@pytest.mark.parametrize("target", [b"/v1/vendors", b"/passthrough/main/v1/x", b"/nowhere"])
def test_an_answer_to_head_has_no_body(wire: Wire, target: bytes) -> None:
    answer = wire.say((b"HEAD " + target + b" HTTP/1.1\r\n" + WHO + b"\r\n") * 2 + LAST)
    heads = answer.split(b"\r\n\r\n")
    assert [head.startswith(b"HTTP/1.1 ") for head in heads] == [True, True, True, False]


INJECTED = ("a\r\nx-hidden: 1", "a\nx-hidden: 1", "a\rx-hidden: 1", "a\x00b", "\u010d\u010a")


@pytest.mark.parametrize("text", INJECTED)
@pytest.mark.parametrize(
    "where",
    [
        "/v1/connections/{}",
        "/v1/workflows?cursor={}",
        "/v1/workflows?connection={}",
        "/{}",
        "/passthrough/{}/a",
        "/problems/{}",
    ],
)
def test_a_line_end_in_an_id_or_a_parameter_is_never_one_in_an_answer(
    wire: Wire, text: str, where: str
) -> None:
    encoded = "".join(f"%{byte:02X}" for byte in text.encode())
    answer = wire.say(b"GET " + where.format(encoded).encode() + b" HTTP/1.1\r\n" + WHO + b"\r\n" + LAST)
    head = answer.partition(b"\r\n\r\n")[0]
    assert b"x-hidden" not in head
    assert statuses(answer)[0] in (400, 404)


def test_the_page_tells_every_shape_and_its_answer() -> None:
    text = PAGE.read_text(encoding="utf-8")
    rows = [f"| {shape.what} | {shape.status} |" for shape in REFUSED]
    assert [row for row in rows if row not in text] == []
    section = text.partition("## Requests that are refused")[2].partition("\n## ")[0]
    assert section.count("\n| ") == len(rows) + 1
