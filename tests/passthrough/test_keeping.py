"""Reads are kept like every other read, and forgotten with every write."""

import pytest

from tests.adapters.loopback import Loopback, answer
from tests.passthrough.conftest import Build, Gateway

JSON = [("content-type", "application/json; charset=utf-8")]


async def told(running: Gateway, target: str, *headers: tuple[bytes, bytes]) -> tuple[int, bytes, str]:
    got = await running.ask(f"/passthrough/main{target}", headers)
    return got.status, got.body, (got.header("cache-status") or "").partition("; ttl")[0]


async def test_a_read_is_kept_byte_for_byte(gateway: Build, vendor: Loopback) -> None:
    vendor.respond = answer(200, b'{ "a": 1 }\n', [*JSON, ("etag", '"1"'), ("x-ratelimit-limit", "9")])
    async with gateway(cache={"passthrough": 60}) as running:
        first = await running.ask("/passthrough/main/x?a=1")
        running.clock.now += 10
        second = await running.ask("/passthrough/main/x?a=1")
    assert len(vendor.received) == 1
    assert (second.status, second.body) == (200, b'{ "a": 1 }\n')
    assert second.header("age") == "10"
    assert "hit" in (second.header("cache-status") or "")
    changing = {b"age", b"cache-status", b"x-request-id", b"server-timing"}
    assert [pair for pair in first.head if pair[0] not in changing] == [
        pair for pair in second.head if pair[0] not in changing
    ]


@pytest.mark.parametrize(
    ("target", "headers"),
    [
        ("/x?a=2", ()),
        ("/x?a=1&", ()),
        ("/%78?a=1", ()),
        ("/x?a=1", ((b"accept", b"text/plain"),)),
        ("/x?a=1", ((b"accept-language", b"de"),)),
    ],
)
async def test_whatever_may_change_the_answer_is_another_question(
    target: str, headers: tuple[tuple[bytes, bytes], ...], gateway: Build, vendor: Loopback
) -> None:
    vendor.respond = answer(200, b"{}", JSON)
    async with gateway() as running:
        await told(running, "/x?a=1")
        await told(running, target, *headers)
        assert len(vendor.received) == 2
        await told(running, target, *headers, (b"user-agent", b"other"), (b"traceparent", b"00-1"))
    assert len(vendor.received) == 2


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("status", [200, 204, 302, 500])
async def test_after_a_write_everything_is_asked_anew(
    method: str, status: int, gateway: Build, vendor: Loopback
) -> None:
    vendor.respond = answer(200, b"{}", JSON)
    async with gateway() as running:
        await told(running, "/x")
        vendor.respond = answer(status, b"")
        await running.ask("/passthrough/main/y", method=method)
        vendor.respond = answer(200, b'{"new": 1}', JSON)
        assert (await told(running, "/x"))[1] == b'{"new": 1}'


async def test_a_write_that_the_vendor_refused_changes_nothing(gateway: Build, vendor: Loopback) -> None:
    vendor.respond = answer(200, b"{}", JSON)
    async with gateway() as running:
        await told(running, "/x")
        vendor.respond = answer(422, b"{}", JSON)
        await running.ask("/passthrough/main/y", method="POST")
        assert (await told(running, "/x"))[2] == "workflow-gateway; hit"


async def test_a_caller_who_has_it_already_is_told_so(gateway: Build, vendor: Loopback) -> None:
    vendor.respond = answer(200, b"{}", [*JSON, ("etag", '"1"')])
    async with gateway() as running:
        await told(running, "/x")
        got = await running.ask("/passthrough/main/x", [(b"if-none-match", b'"1"')])
        assert (got.status, got.body, got.header("etag")) == (304, b"", '"1"')
        assert (await told(running, "/x", (b"if-none-match", b'"2"')))[0] == 200
    assert len(vendor.received) == 1


async def test_the_vendor_is_asked_whether_anything_changed(gateway: Build, vendor: Loopback) -> None:
    vendor.respond = answer(200, b"{}", [*JSON, ("etag", '"1"')])
    async with gateway() as running:
        await told(running, "/x")
        running.clock.now += 60
        vendor.respond = answer(304, b"", [("etag", '"1"')])
        status, body, said = await told(running, "/x", (b"if-none-match", b'"other"'))
        assert (status, body) == (200, b"{}")
        assert said.startswith("workflow-gateway; fwd=stale; fwd-status=304")
    assert vendor.received[1].headers["if-none-match"] == '"1"'


async def test_something_kept_is_given_while_the_vendor_fails(gateway: Build, vendor: Loopback) -> None:
    vendor.respond = answer(200, b"{}", JSON)
    async with gateway() as running:
        await told(running, "/x")
        running.clock.now += 60
        vendor.respond = answer(503, b"busy")
        assert (await told(running, "/x"))[:2] == (200, b"{}")
        assert (await told(running, "/y"))[:2] == (503, b"busy")


@pytest.mark.parametrize(
    "kind",
    [
        [("content-type", "text/html")],
        [],
        [*JSON, ("cache-control", "no-store")],
        [*JSON, ("vary", "*")],
    ],
)
async def test_what_is_not_kept_is_passed_on_each_time(
    kind: list[tuple[str, str]], gateway: Build, vendor: Loopback
) -> None:
    vendor.respond = answer(200, b"{}", kind)
    async with gateway() as running:
        for _ in range(3):
            assert await told(running, "/x") == (200, b"{}", "workflow-gateway; fwd=bypass")
    # Once to find out, and from then on once for each request.
    assert len(vendor.received) == 4


@pytest.mark.parametrize("status", [202, 204, 301, 404])
async def test_only_a_200_is_kept(status: int, gateway: Build, vendor: Loopback) -> None:
    vendor.respond = answer(status, b"", JSON)
    async with gateway() as running:
        assert (await told(running, "/x"))[0] == status
        assert (await told(running, "/x"))[0] == status
    assert len(vendor.received) == 2


@pytest.mark.parametrize(
    ("target", "headers"),
    [
        ("/v1/runs/1", ()),
        ("/v1/workflows/1/runs", ()),
        ("/v1/x", ((b"range", b"bytes=0-1"),)),
        ("/v1/x", ((b"accept", b"text/event-stream"),)),
        ("/v1/x", ((b"cache-control", b"no-store"),)),
        ("/v1/x", ((b"cache-control", b"no-cache"),)),
    ],
)
async def test_what_changes_by_itself_is_asked_each_time(
    target: str, headers: tuple[tuple[bytes, bytes], ...], gateway: Build, vendor: Loopback
) -> None:
    vendor.respond = answer(200, b"{}", JSON)
    async with gateway() as running:
        for _ in range(2):
            assert (await told(running, target, *headers))[:2] == (200, b"{}")
    assert len(vendor.received) == 2


async def test_with_a_time_of_zero_nothing_is_kept(gateway: Build, vendor: Loopback) -> None:
    vendor.respond = answer(200, b"{}", JSON)
    async with gateway(cache={"passthrough": 0}) as running:
        for _ in range(2):
            assert (await told(running, "/x"))[2] == "workflow-gateway; fwd=bypass"
    assert len(vendor.received) == 2


async def test_a_large_answer_is_passed_on_and_not_kept(gateway: Build, vendor: Loopback) -> None:
    body = b'"' + b"x" * 5000 + b'"'
    vendor.respond = answer(200, body, JSON)
    async with gateway(limits={"response_bytes": 1024}) as running:
        for _ in range(2):
            assert (await told(running, "/x"))[:2] == (200, body)
    assert len(vendor.received) == 3
