"""Writes with preconditions, bodies that are not read, and who may send them."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from gateway.settings.models import PassthroughSettings
from tests.gateway.fake_server import FakeServer
from tests.gateway.in_process import InProcess
from tests.gateway.writing import FLOWS, ONE, code_of, told, writing_gateway


@pytest.fixture
async def gateway(fake: FakeServer) -> AsyncIterator[InProcess]:
    async with writing_gateway(fake) as running:
        yield running


async def etag(gateway: InProcess, *headers: tuple[str, str]) -> str:
    return str((await gateway.ask(ONE, *headers)).header("etag"))


async def test_a_write_over_what_was_seen_is_made(fake: FakeServer, gateway: InProcess) -> None:
    for number in range(3):
        seen = await etag(gateway)
        reply = await gateway.ask(ONE, ("if-match", seen), method="PATCH", body={"name": f"n{number}"})
        assert reply.status == 200, reply.body
    assert len(fake.changes) == 3


async def test_a_writes_own_etag_is_good_for_the_next(gateway: InProcess) -> None:
    seen = await etag(gateway)
    for number in range(3):
        reply = await gateway.ask(ONE, ("if-match", seen), method="PATCH", body={"name": f"n{number}"})
        assert reply.status == 200
        seen = str(reply.header("etag"))


async def test_a_write_over_something_else_is_refused(fake: FakeServer, gateway: InProcess) -> None:
    seen = await etag(gateway)
    # Changed beside the gateway, whose cache does not know.
    fake.documents["w1"]["description"] = "changed by somebody else"
    for method, body in (("PATCH", {"name": "mine"}), ("DELETE", None)):
        reply = await gateway.ask(ONE, ("if-match", seen), method=method, body=body)
        assert code_of(reply) == (412, "precondition_failed")
    assert fake.changes == []


async def test_only_the_meaning_is_compared(fake: FakeServer, gateway: InProcess) -> None:
    packed = await etag(gateway, ("accept-encoding", "gzip"))
    for tag in (packed, f'"other", {packed}', "*", packed.partition("-")[0] + '-0000"'):
        reply = await gateway.ask(ONE, ("if-match", tag), method="PATCH", body={})
        assert reply.status == 200, tag


@pytest.mark.parametrize("tag", ['W/"{}-0"', '"{}"', '"x{}-0"', '"00000000000000000000000000000000-0"'])
async def test_other_tags_name_nothing(gateway: InProcess, tag: str) -> None:
    digest = (await etag(gateway)).strip('"').partition("-")[0]
    reply = await gateway.ask(ONE, ("if-match", tag.format(digest)), method="PATCH", body={"name": "x"})
    assert reply.status == 412


@pytest.mark.parametrize("tag", ["", "abc"])
async def test_what_is_no_tag_is_refused(gateway: InProcess, tag: str) -> None:
    reply = await gateway.ask(ONE, ("if-match", tag), method="PATCH", body={"name": "x"})
    assert code_of(reply) == (400, "invalid_request")
    assert told(reply)["errors"][0]["location"] == "header"


async def test_a_precondition_that_cannot_be_checked_is_refused(fake: FakeServer, gateway: InProcess) -> None:
    body = {"native": {"name": "n", "steps": []}}
    assert (await gateway.ask(FLOWS, ("if-match", "*"), method="POST", body=body)).status == 400
    assert fake.calls == []


async def test_a_connection_may_ask_for_if_match(fake: FakeServer) -> None:
    async with writing_gateway(fake, connection={"require_if_match": True}) as gateway:
        for method, body in (("PATCH", {"name": "x"}), ("DELETE", None)):
            assert code_of(await gateway.ask(ONE, method=method, body=body)) == (428, "precondition_required")
        assert fake.calls == []
        assert (await gateway.ask(ONE, ("if-match", "*"), method="PATCH", body={"name": "x"})).status == 200
        assert (await gateway.ask(ONE + "/versions", method="POST")).status == 201


@pytest.mark.parametrize(
    ("body", "headers", "expected"),
    [
        (b"{", {}, (400, "invalid_json")),
        (b'{"a": NaN}', {}, (400, "invalid_json")),
        (b"[" * 200 + b"]" * 200, {}, (400, "invalid_json")),
        (b"[]", {}, (422, "invalid_document")),
        (b"{}", {"content-type": "text/plain"}, (415, "unsupported_media_type")),
        (b"{}", {"content-type": "application/json; charset=latin-1"}, (415, "unsupported_media_type")),
        (b"{}", {"content-encoding": "gzip"}, (415, "unsupported_media_type")),
        (b"{}", {"content-length": "99999"}, (413, "body_too_large")),
        (b" " * 2000, {}, (413, "body_too_large")),
    ],
)
async def test_bodies_that_are_not_read(
    fake: FakeServer, body: bytes, headers: dict[str, str], expected: tuple[int, str]
) -> None:
    async with writing_gateway(fake, server={"request_bytes": 1024}) as gateway:
        reply = await gateway.ask(FLOWS, *headers.items(), method="POST", body=body)
        assert code_of(reply) == expected, reply.body
    assert fake.calls == []


async def test_a_merge_patch_is_not_what_creates(gateway: InProcess) -> None:
    patch = ("content-type", "application/merge-patch+json")
    assert (await gateway.ask(FLOWS, patch, method="POST", body={"native": {}})).status == 415


async def test_numbers_and_texts_arrive_exactly(fake: FakeServer, gateway: InProcess) -> None:
    config = {"big": 2**80, "float": 1.0, "whole": 1, "lone": "\ud800", "none": [None]}
    nodes = [{"key": "a", "type": "ask", "config": config}]
    reply = await gateway.ask(ONE, method="PATCH", body={"graph": {"nodes": nodes}})
    assert reply.status == 200, reply.body
    arrived = fake.documents["w1"]["steps"][0]["config"]
    assert json.dumps(arrived) == json.dumps(config)
    assert json.loads(reply.body)["workflow"]["graph"]["nodes"][0]["config"] == config


@pytest.mark.parametrize("origin", ["https://evil.example.com", "null", "http://localhost.evil.example"])
async def test_a_page_elsewhere_changes_nothing_where_no_key_is_needed(fake: FakeServer, origin: str) -> None:
    async with writing_gateway(fake, callers=()) as gateway:
        for target in (FLOWS, ONE + "/promote-to-assistant"):
            reply = await gateway.ask(target, ("origin", origin), method="POST")
            assert code_of(reply) == (403, "not_allowed")
        local: Any = ("origin", "http://localhost:3000")
        assert (await gateway.ask(ONE, local, method="PATCH", body={"name": "x"})).status == 200
    assert fake.changes == ["PATCH /workflows/w1"]


async def test_nor_through_the_vendor_s_own_api(fake: FakeServer) -> None:
    own = {"passthrough": PassthroughSettings(enabled=True)}
    async with writing_gateway(fake, callers=(), connection=own) as gateway:
        for method in ("POST", "PATCH", "DELETE"):
            page = ("origin", "https://evil.example.com")
            reply = await gateway.ask("/passthrough/acc/workflows/w1", page, method=method)
            assert code_of(reply) == (403, "not_allowed")
        assert fake.calls == []
        local: Any = ("origin", "http://localhost:3000")
        assert (await gateway.ask("/passthrough/acc/workflows/w1", local, method="DELETE")).status < 400
