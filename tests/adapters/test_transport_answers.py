"""What the transport makes of answers: JSON as it came, or one of our errors, and never more bytes than allowed."""

import gzip
import zlib
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
import respx
from hypothesis import given
from hypothesis import strategies as st

from adapters.answers import retry_after
from adapters.errors import (
    VendorBroken,
    VendorError,
    VendorLimited,
    VendorRejected,
    VendorSurprise,
    error_class,
)
from adapters.masking import Mask
from adapters.transport import Transport
from tests.adapters.conftest import SECRET, Connect
from tests.adapters.loopback import Loopback, answer, as_json, made_up_vendor, raw

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


async def caught_from(connect: Connect, **limits: Any) -> VendorError:
    async with connect(**limits) as client:
        with pytest.raises(VendorError) as caught:
            await client.get("x")
    return caught.value


async def test_a_success_gives_status_headers_bytes_and_document(
    connect: Connect, loopback: Loopback
) -> None:
    body = b' {"a": 12345678901234567890123, "b": 1.0}\n'
    loopback.respond = answer(201, body, [("ETag", '"1"'), ("X-Two", "first"), ("x-two", "last")])
    async with connect() as client:
        got = await client.get("x")
    assert (got.status, got.body) == (201, body)
    assert got.document == {"a": 12345678901234567890123, "b": 1.0}
    assert got.headers["etag"] == '"1"'
    assert got.headers["x-two"] == "last"
    assert all(name == name.lower() for name in got.headers)


@pytest.mark.parametrize("status", [200, 204])
async def test_an_empty_success_has_no_document(status: int, connect: Connect, loopback: Loopback) -> None:
    loopback.respond = answer(status, b"")
    async with connect() as client:
        got = await client.get("x")
    assert (got.document, got.body) == (None, b"")


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
async def test_a_compressed_answer_is_unpacked(encoding: str, connect: Connect, loopback: Loopback) -> None:
    packed = (gzip if encoding == "gzip" else zlib).compress(b'{"a":1}')
    loopback.respond = answer(200, packed, [("content-encoding", encoding)])
    async with connect() as client:
        got = await client.get("x")
    assert (got.body, got.document) == (b'{"a":1}', {"a": 1})


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"<!doctype html><title>Hi</title>", "sent HTML where JSON was due"),
        (b"  <html>", "sent HTML where JSON was due"),
        (b'{"a": [1, 2', "sent a body where JSON was due"),
        (b"OK", "sent a body where JSON was due"),
        (b'{"a": NaN}', "NaN is not JSON"),
        (b"\xff\xfe", "sent a body where JSON was due"),
        (b"[" * 500 + b"]" * 500, "nested deeper"),
    ],
)
async def test_a_success_without_json_is_a_surprise(
    body: bytes, words: str, connect: Connect, loopback: Loopback
) -> None:
    loopback.respond = answer(200, body)
    error = await caught_from(connect)
    assert isinstance(error, VendorSurprise)
    assert error.status == 200
    assert words in str(error)
    assert len(str(error)) < 400


@pytest.mark.parametrize(
    "status", [*range(300, 310), *range(400, 432), 451, 499, *range(500, 512), 520, 529, 598, 599]
)
async def test_every_status_that_is_no_success_is_an_error_of_its_class(
    status: int, respx_mock: respx.MockRouter
) -> None:
    respx_mock.get("https://acme.example/api/x").respond(
        status, json={"message": "no", "code": "E1", "id": "r-1"}
    )
    async with Transport(made_up_vendor(), "https://acme.example/api", SECRET) as client:
        with pytest.raises(VendorError) as caught:
            await client.get("x")
    error = caught.value
    assert type(error) is error_class(status)
    assert error.status == status
    assert str(error) == f"Acme answered {status}: no"
    assert (error.said.message, error.said.code, error.said.request_id) == ("no", "E1", "r-1")


@pytest.mark.parametrize("status", [200, 201, 202, 203, 206, 299])
async def test_every_success_is_one(status: int, respx_mock: respx.MockRouter) -> None:
    respx_mock.get("https://acme.example/x").respond(status, json=[1])
    async with Transport(made_up_vendor(), "https://acme.example", SECRET) as client:
        assert (await client.get("x")).document == [1]


@pytest.mark.parametrize("body", [b"", b"<html>broken</html>", b'{"message": ', b"null", b"[1]", b'"text"'])
async def test_an_error_without_a_readable_body_is_still_its_class(
    body: bytes, connect: Connect, loopback: Loopback
) -> None:
    loopback.respond = answer(503, body, [("X-Request-Id", "r-9")])
    error = await caught_from(connect)
    assert isinstance(error, VendorBroken)
    assert str(error) == "Acme answered 503"
    assert error.said.request_id == "r-9"


async def test_the_vendors_own_words_are_kept_short(connect: Connect, loopback: Loopback) -> None:
    loopback.respond = answer(
        422, as_json({"message": "m" * 9_000, "field": "name", "id": "body"}), [("x-request-id", "h")]
    )
    error = await caught_from(connect)
    assert isinstance(error, VendorRejected)
    assert len(str(error)) < 600
    assert [(fault.path, fault.message) for fault in error.said.faults] == [("name", "name is wrong")]
    assert error.said.request_id == "body"


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0.0),
        ("120", 120.0),
        (" 7 ", 7.0),
        ("Fri, 01 May 2026 12:01:30 GMT", 90.0),
        ("Fri, 01 May 2026 14:00:10 +0200", 10.0),
        ("Fri, 01 May 2026 11:00:00 GMT", 0.0),
        ("Friday, 01-May-26 12:00:05 GMT", 5.0),
        ("Fri May  1 12:00:09 2026", 9.0),
        ("-5", None),
        ("1.5", None),
        ("٣", None),
        ("soon", None),
        ("", None),
        ("Mon, 01 Jan 99999999999999999999 00:00:00 GMT", None),
        ("Fri, 01 May 2026 12:00:00 +9999999999", None),
        (None, None),
    ],
)
def test_retry_after_is_read_in_seconds_or_as_a_date(value: str | None, seconds: float | None) -> None:
    assert retry_after(value, NOW) == seconds


@given(
    st.text(max_size=40)
    | st.from_regex(r"[A-Z][a-z]{2}, \d{1,3} [A-Z][a-z]{2} \d{1,22} \d\d:\d\d:\d\d [+-]?\w{1,12}")
)
def test_any_retry_after_is_a_wait_or_nothing(value: str) -> None:
    seconds = retry_after(value, NOW)
    assert seconds is None or seconds >= 0


@given(st.integers(0, 10**8))
def test_a_date_and_seconds_mean_the_same(seconds: int) -> None:
    later = format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)
    assert retry_after(later, NOW) == retry_after(str(seconds), NOW) == seconds


async def test_a_limit_tells_how_long_to_wait(connect: Connect, loopback: Loopback) -> None:
    loopback.respond = answer(429, b"{}", [("Retry-After", "17")])
    error = await caught_from(connect)
    assert isinstance(error, VendorLimited)
    assert error.retry_after == 17


async def test_a_body_of_just_the_limit_is_read(connect: Connect, loopback: Loopback) -> None:
    loopback.respond = answer(200, b'"' + b"x" * 998 + b'"')
    async with connect(response_bytes=1000) as client:
        assert len((await client.get("x")).body) == 1000


async def test_a_body_declared_too_large_is_not_read(connect: Connect, loopback: Loopback) -> None:
    loopback.respond = raw(b"HTTP/1.1 200 OK\r\ncontent-length: 1001\r\n\r\n", pause=3.0)
    error = await caught_from(connect, response_bytes=1000, timeout_seconds=2.0)
    assert isinstance(error, VendorSurprise)
    assert "more than the 1000 bytes" in str(error)


@pytest.mark.parametrize("length", ["99999999999999999999999", "x"])
async def test_an_absurd_declaration_is_an_error_of_ours(
    length: str, connect: Connect, loopback: Loopback
) -> None:
    loopback.respond = raw(f"HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{{}}".encode())
    assert isinstance(await caught_from(connect), VendorError)


async def test_a_body_that_grows_too_large_is_cut_off(connect: Connect, loopback: Loopback) -> None:
    chunk = b"400\r\n" + b"x" * 1024 + b"\r\n"
    loopback.respond = raw(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", *[chunk] * 500)
    error = await caught_from(connect, response_bytes=10_000)
    assert isinstance(error, VendorSurprise)
    assert "more than the 10000 bytes" in str(error)


async def test_a_body_that_unpacks_too_large_is_cut_off(connect: Connect, loopback: Loopback) -> None:
    packed = gzip.compress(b" " * 5_000_000)
    loopback.respond = answer(200, packed, [("content-encoding", "gzip")])
    error = await caught_from(connect, response_bytes=len(packed) + 1)
    assert isinstance(error, VendorSurprise)


async def test_a_body_packed_in_layers_is_not_unpacked(connect: Connect, loopback: Loopback) -> None:
    packed = gzip.compress(gzip.compress(b"{}"))
    for headers in ([("content-encoding", "gzip, gzip")], [("content-encoding", "gzip")] * 2):
        loopback.respond = answer(200, packed, headers)
        error = await caught_from(connect)
        assert isinstance(error, VendorSurprise)
        assert "compressed more than once" in str(error)


async def test_a_body_that_is_not_compressed_as_it_says_is_a_surprise(
    connect: Connect, loopback: Loopback
) -> None:
    loopback.respond = answer(200, b"{}", [("content-encoding", "gzip")])
    error = await caught_from(connect)
    assert isinstance(error, VendorSurprise)
    assert isinstance(error.__cause__, zlib.error)


async def test_an_error_repeats_no_credential_of_ours(connect: Connect, loopback: Loopback) -> None:
    echo = {"message": f"bad key {SECRET}", "code": SECRET, "field": f"h/{SECRET}", "id": f"r-{SECRET}"}
    loopback.respond = answer(401, as_json(echo))
    error = await caught_from(connect)
    assert str(error) == "Acme answered 401: bad key ********"
    assert SECRET not in repr(error.said)
    assert error.said.faults[0].path == "h/********"


def test_a_very_short_credential_masks_nothing() -> None:
    said = made_up_vendor().read_error({"message": "a cat sat"})
    assert said.without(Mask("a")) == said
