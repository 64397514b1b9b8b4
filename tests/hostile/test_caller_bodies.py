"""Whatever a caller sends as a body is taken, or is a problem that says what is wrong; nothing fails inside."""

import json
from typing import Any

import pytest

from tests.adapters.loopback import answer
from tests.hostile.conftest import VENDORS, Face
from tests.hostile.test_vendor_bodies import EXACT, REFUSED, recording


def new(member: bytes) -> bytes:
    return b'{"workflow":{"name":"n","graph":{"form":"empty"},"extensions":{"acme":{' + member + b"}}}}"


NO_JSON = {
    **{name: new(member) for name, member in REFUSED.items()},
    "a name twice": new(EXACT["a name twice"]),
    "a mark in front": b"\xef\xbb\xbf{}",
    "another encoding": '{"workflow":{}}'.encode("utf-16"),
    "nothing but brackets": b"[" * 1_000_000,
    "half of one": b'{"workflow":',
    "two of them": b"{}{}",
}

TAKEN = {name: member for name, member in EXACT.items() if name != "a name twice"}
"""Of a vendor's document the last of two equal names counts; a caller is asked which one it is."""

NO_OBJECT = {"null": b"null", "list": b"[]", "text": b'"text"', "number": b"1", "boolean": b"true"}


async def ask(face: Face, body: bytes, vendor: str = "noxus", **server: Any) -> tuple[int, Any]:
    async with face(server) as facing:
        reply = await facing.gateway.ask(
            f"/v1/connections/{vendor}/workflows?dry_run=true", method="POST", body=body
        )
        assert facing.vendor.received == []
        return reply.status, json.loads(reply.body)


@pytest.mark.parametrize("body", NO_JSON.values(), ids=NO_JSON)
async def test_what_is_no_json_is_refused(face: Face, body: bytes) -> None:
    status, told = await ask(face, body)
    assert (status, told["code"]) in ((400, "invalid_json"), (413, "body_too_large"))
    assert len(told["detail"]) < 500


@pytest.mark.parametrize("body", NO_OBJECT.values(), ids=NO_OBJECT)
async def test_what_is_no_object_is_refused(face: Face, body: bytes) -> None:
    status, told = await ask(face, body)
    assert (status, told["code"]) == (422, "invalid_document")


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize("member", TAKEN.values(), ids=TAKEN)
async def test_json_of_any_kind_in_an_extension_is_taken(face: Face, vendor: str, member: bytes) -> None:
    status, told = await ask(face, new(member), vendor)
    assert status == 200, told


async def test_more_objects_than_allowed_are_not_read(face: Face) -> None:
    status, told = await ask(face, new(b'"x":[' + b"{}," * 1000 + b"{}]"), request_objects=1000)
    assert (status, told["code"]) == (413, "body_too_large")
    assert "1000 JSON objects and arrays" in told["detail"]


async def test_of_many_faults_the_first_hundred_are_told(face: Face) -> None:
    nodes = [{"key": number} for number in range(5000)]
    status, told = await ask(
        face, json.dumps({"workflow": {"name": "n", "graph": {"nodes": nodes}}}).encode()
    )
    assert (status, told["code"]) == (422, "invalid_document")
    assert len(told["errors"]) == 100
    assert "more)" in told["detail"]


@pytest.mark.parametrize(
    "member", [b'"name":"\\ud800"', b'"name":"a\\u0000b"', b'"id":"../.."', b'"tags":["\\r\\n"]']
)
@pytest.mark.parametrize("vendor", VENDORS)
async def test_odd_texts_in_a_patch_are_taken_or_told(face: Face, vendor: str, member: bytes) -> None:
    async with face() as facing:
        facing.vendor.respond = answer(200, recording(vendor))
        reply = await facing.gateway.ask(
            f"/v1/connections/{vendor}/workflows/w1?dry_run=true",
            ("content-type", "application/merge-patch+json"),
            method="PATCH",
            body=b"{" + member + b"}",
        )
        assert reply.status in (200, 400, 422)
        assert json.loads(reply.body)
