"""Asking only for something newer (RFC 9110 section 13.1), and what is made of 304."""

from collections.abc import Mapping

import pytest

from adapters.errors import AdapterError, NotModified, VendorError, VendorNotFound, VendorSurprise
from tests.adapters.conftest import Connect
from tests.adapters.loopback import Loopback, answer

DATE = "Fri, 01 May 2026 12:00:00 GMT"


@pytest.mark.parametrize(
    ("validators", "sent"),
    [
        ({"etag": '"1"'}, {"if-none-match": '"1"'}),
        ({"etag": 'W/"1"', "last-modified": DATE}, {"if-none-match": 'W/"1"'}),
        ({"last-modified": DATE}, {"if-modified-since": DATE}),
        ({"etag": "", "last-modified": DATE}, {"if-modified-since": DATE}),
        ({"etag": '"1"\r\nx-other: 2'}, {}),
        ({"etag": '"é"'}, {}),
        ({}, {}),
    ],
)
async def test_the_tag_is_asked_with_or_else_the_date(
    validators: Mapping[str, str], sent: Mapping[str, str], connect: Connect, loopback: Loopback
) -> None:
    async with connect() as client:
        await client.conditional(validators).get("x", parameters={"a": 1})
    (request,) = loopback.received
    asked = {name: value for name, value in request.headers.items() if name.startswith("if-")}
    assert (request.target, asked) == ("/x?a=1", sent)


async def test_only_the_first_get_is_conditional(connect: Connect, loopback: Loopback) -> None:
    async with connect() as client:
        asking = client.conditional({"etag": '"1"'})
        await asking.send("POST", "x", body={})
        for _ in range(2):
            await asking.get("x")
        await client.get("x")
    asked = ["if-none-match" in request.headers for request in loopback.received]
    assert asked == [False, True, False, False]


async def test_a_304_that_was_asked_for_says_so_with_its_validators(
    connect: Connect, loopback: Loopback
) -> None:
    loopback.respond = answer(304, b"", [("ETag", '"2"'), ("Last-Modified", DATE), ("Date", DATE)])
    async with connect() as client:
        with pytest.raises(NotModified, match="Acme has nothing newer") as caught:
            await client.conditional({"etag": '"1"'}).get("x")
    assert caught.value.validators == {"etag": '"2"', "last-modified": DATE}
    assert isinstance(caught.value, AdapterError)
    assert not isinstance(caught.value, VendorError)


async def test_a_304_that_nobody_asked_for_is_a_surprise(connect: Connect, loopback: Loopback) -> None:
    loopback.respond = answer(304, b"")
    async with connect() as client:
        for way in (client, client.conditional({}), client.conditional({"etag": ""})):
            with pytest.raises(VendorSurprise) as caught:
                await way.get("x")
            assert caught.value.status == 304


async def test_any_other_answer_to_a_conditional_get_is_as_usual(
    connect: Connect, loopback: Loopback
) -> None:
    async with connect() as client:
        assert (await client.conditional({"etag": '"1"'}).get("x")).document == {}
        loopback.respond = answer(404)
        with pytest.raises(VendorNotFound):
            await client.conditional({"etag": '"1"'}).get("x")


async def test_the_same_bytes_again_say_so_without_being_read(connect: Connect, loopback: Loopback) -> None:
    known = b'{"the same": "as known", "and": not even JSON'
    loopback.respond = answer(200, known, [("ETag", '"2"')])
    async with connect() as client:
        with pytest.raises(NotModified) as caught:
            await client.conditional({}, known).get("x")
    assert caught.value.same_body
    assert caught.value.validators == {"etag": '"2"'}


@pytest.mark.parametrize(("status", "body"), [(200, b'{"a": 2}'), (203, b'{"a": 1}')])
async def test_other_bytes_are_an_answer(
    connect: Connect, loopback: Loopback, status: int, body: bytes
) -> None:
    loopback.respond = answer(status, body)
    async with connect() as client:
        found = await client.conditional({}, b'{"a": 1}').get("x")
    assert (found.status, found.body) == (status, body)


async def test_only_the_first_get_is_compared(connect: Connect, loopback: Loopback) -> None:
    loopback.respond = answer(200, b'{"a": 1}')
    async with connect() as client:
        asking = client.conditional({}, b'{"a": 1}')
        with pytest.raises(NotModified):
            await asking.get("x")
        assert (await asking.get("x")).document == {"a": 1}
