"""The stand-in vendor answers what its paths say."""

import json

import pytest

from bench.stand_in import Shelf


@pytest.fixture
def shelf() -> Shelf:
    return Shelf({"small": '{"id":"@ID@","name":"n @SERIAL@"}'}, {"page": '{"items":[]}'})


def _body(answer: bytes | None) -> bytes:
    assert answer is not None
    head, _, body = answer.partition(b"\r\n\r\n")
    assert f"content-length: {len(body)}".encode() in head
    return body


def test_a_steady_document_is_the_same_every_time(shelf: Shelf) -> None:
    first = _body(shelf.answer(b"/steady/small/v1/workflows/w-1?page=2"))
    assert json.loads(first) == {"id": "w-1", "name": "n 000000000000"}
    assert _body(shelf.answer(b"/steady/small/v1/workflows/w-1")) == first


def test_a_fresh_document_is_never_the_same(shelf: Shelf) -> None:
    bodies = {_body(shelf.answer(b"/fresh/small/v1/workflows/w-1")) for _ in range(5)}
    assert len(bodies) == 5
    assert len({len(body) for body in bodies}) == 1


def test_a_listing_is_sent_as_it_is(shelf: Shelf) -> None:
    assert _body(shelf.answer(b"/steady/page/v1/workflows?page=1&size=50")) == b'{"items":[]}'


def test_what_hangs_is_counted_and_not_answered(shelf: Shelf) -> None:
    assert shelf.answer(b"/hang/small/v1/workflows/w-1") is None
    assert _body(shelf.answer(b"/count")) == b'{"requests":1}'


@pytest.mark.parametrize(
    "path", [b"/", b"/steady", b"/steady/absent/v1/workflows/w-1", b"/steady/absent/workflows"]
)
def test_what_it_does_not_have_is_not_found(shelf: Shelf, path: bytes) -> None:
    answer = shelf.answer(path)
    assert answer is not None
    assert answer.startswith(b"HTTP/1.1 404 ")
