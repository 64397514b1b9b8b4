"""Whatever a vendor sends is read exactly, or is an error that says what is wrong; nothing fails inside."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.adapters.loopback import answer
from tests.hostile.conftest import VENDORS, Face

RECORDED = {
    "aitronos": "get_react_flow.json",
    "noxus": "get_workflow_typical_v1_three_nodes.json",
    "promptlayer": "get_two_branches.json",
}


def recording(vendor: str) -> bytes:
    path = Path(__file__).parents[1] / "vendors" / vendor / "recordings" / RECORDED[vendor]
    return path.read_bytes().strip()


def with_member(vendor: str, member: bytes) -> bytes:
    """Return a recorded workflow with one more member at its end."""
    return recording(vendor)[:-1].rstrip() + b", " + member + b"}"


def nested(depth: int) -> bytes:
    return b'"x":' + b"[" * depth + b"]" * depth


def refuse(name: str) -> Any:
    raise AssertionError(f"{name} is not JSON")


EXACT = {
    "arrays within arrays": nested(120),
    "a whole number beyond 64 bits": b'"x":123456789012345678901234567890',
    "a number of 4000 digits": b'"x":' + b"9" * 4000,
    "a fraction in many digits": b'"x":0.' + b"1" * 1000,
    "a lone surrogate": rb'"x":"\ud800"',
    "a lone surrogate in a name": rb'"\udfff":1',
    "a NUL": rb'"x":"a\u0000b"',
    "an empty name": b'"":{"":[]}',
    "a name for Python": b'"__class__":{"__init__":1}',
    "a name twice": b'"x":1,"x":{"x":2}',
    "many names": b",".join(b'"k%d":%d' % (number, number) for number in range(20_000)),
    "a long text": b'"x":"' + b"a" * 1_000_000 + b'"',
    "a long name": b'"' + b"a" * 100_000 + b'":1',
    "white space": b" " * 100_000 + b'"x":1',
}

REFUSED = {
    "arrays too deep": nested(129),
    "arrays far too deep": nested(90_000),
    "objects too deep": b'"x":' + b'{"a":' * 1000 + b"1" + b"}" * 1000,
    "a number out of range": b'"x":1e999',
    "a number of too many digits": b'"x":' + b"1" * 100_000,
    "NaN": b'"x":NaN',
    "Infinity": b'"x":-Infinity',
    "a raw NUL": b'"x":"a\x00b"',
    "no UTF-8": b'"x":"\xff\xfe"',
    "a surrogate in UTF-8": b'"x":"\xed\xa0\x80"',
    "an unknown escape": rb'"x":"\q"',
    "a comma too many": b'"x":1,',
    "a number with a zero before it": b'"x":01',
}


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize("member", EXACT.values(), ids=EXACT)
async def test_what_is_json_is_kept_to_the_byte(face: Face, vendor: str, member: bytes) -> None:
    body = with_member(vendor, member)
    async with face() as facing:
        facing.vendor.respond = answer(200, body)
        path = f"/v1/connections/{vendor}/workflows/w1"
        read = await facing.gateway.ask(path)
        assert read.status == 200, read.body[:500]
        json.loads(read.body, parse_constant=refuse)
        native = await facing.gateway.ask(f"{path}/native")
        assert native.body == body
        for form in ("mermaid", "dot", "json"):
            assert (await facing.gateway.ask(f"{path}/graph?format={form}")).status == 200


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize("member", REFUSED.values(), ids=REFUSED)
async def test_what_is_no_json_is_the_vendor_s_surprise(face: Face, vendor: str, member: bytes) -> None:
    async with face() as facing:
        facing.vendor.respond = answer(200, with_member(vendor, member))
        read = await facing.gateway.ask(f"/v1/connections/{vendor}/workflows/w1")
        told = json.loads(read.body)
        assert (read.status, told["code"]) == (502, "vendor_surprise")
        assert len(read.body) < 2000


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'"text"',
        b"1",
        b"true",
        b"{",
        b"\xef\xbb\xbf{}",
        b"\x00",
        "{}".encode("utf-16"),
        b"[" * 1_000_000,
    ],
    ids=["empty", "null", "list", "text", "number", "boolean", "broken", "mark", "nul", "utf-16", "deep"],
)
async def test_what_is_no_document_is_the_vendor_s_surprise(face: Face, vendor: str, body: bytes) -> None:
    async with face() as facing:
        facing.vendor.respond = answer(200, body)
        for path in ("/workflows/w1", "/workflows/w1/native", "/workflows/w1/graph"):
            read = await facing.gateway.ask(f"/v1/connections/{vendor}{path}")
            assert (read.status, json.loads(read.body)["code"]) == (502, "vendor_surprise")


@pytest.mark.parametrize("vendor", VENDORS)
async def test_a_name_given_twice_counts_as_it_stands_last(face: Face, vendor: str) -> None:
    async with face() as facing:
        facing.vendor.respond = answer(
            200, with_member(vendor, b'"description":"first","description":"last"')
        )
        read = await facing.gateway.ask(f"/v1/connections/{vendor}/workflows/w1")
        assert b'"last"' in read.body
        assert b'"first"' not in read.body


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize("part", [b"{}", b"[]", b'{"id":"a","name":"a"}'])
async def test_more_objects_than_allowed_are_not_read(face: Face, vendor: str, part: bytes) -> None:
    async with face(objects=1000) as facing:
        many = with_member(vendor, b'"x":[' + b",".join([part] * 1000) + b"]")
        facing.vendor.respond = answer(200, many)
        read = await facing.gateway.ask(f"/v1/connections/{vendor}/workflows/w1")
        told = json.loads(read.body)
        assert (read.status, told["code"]) == (502, "vendor_surprise")
        assert "limits.objects" in told["detail"]


async def test_braces_in_texts_are_no_objects(face: Face) -> None:
    async with face(objects=1000) as facing:
        body = with_member("noxus", b'"x":"' + rb"{[\"{[" * 5000 + b'"')
        facing.vendor.respond = answer(200, body)
        assert (await facing.gateway.ask("/v1/connections/noxus/workflows/w1")).status == 200


@pytest.mark.parametrize("vendor", VENDORS)
async def test_an_error_is_told_as_far_as_anybody_reads(face: Face, vendor: str) -> None:
    async with face() as facing:
        text = "x" * 20_000
        faults = [{"loc": [text, number], "msg": text, "type": text} for number in range(100)]
        said = {
            "detail": faults,
            "message": text,
            "error": {"code": text, "message": text, "details": faults},
        }
        for body in (said, {**said, "detail": text, "error": text}):
            facing.vendor.respond = answer(422, json.dumps(body).encode())
            read = await facing.gateway.ask(f"/v1/connections/{vendor}/workflows/w1")
            assert read.status == 422
            assert len(read.body) < 200_000


@pytest.mark.parametrize("vendor", VENDORS)
async def test_a_listing_of_oddities_is_a_page_with_problems(face: Face, vendor: str) -> None:
    odd = [None, 1, "text", [], {}, {"id": None}, {"id": {"a": 1}}, {"id": 1e300}, {"id": "\ud800"}]
    async with face() as facing:
        for key in ("items", "workflows", "data", "results"):
            facing.vendor.respond = answer(200, json.dumps({key: odd, "total": 9}).encode())
            read = await facing.gateway.ask("/v1/workflows?limit=9", ("cache-control", "no-cache"))
            assert read.status == 200
            assert json.loads(read.body)["complete"] is False
