"""What is passed on, what is not, and what the caller is told."""

import asyncio
import json

import pytest

from gateway.security_headers import SECURITY
from tests.adapters.loopback import Loopback, Received, answer, raw
from tests.house import KEY
from tests.passthrough.conftest import READER_KEY, SECRET, Build

JSON = [("content-type", "application/json")]


async def test_a_request_reaches_the_vendor_as_it_was_sent(gateway: Build, vendor: Loopback) -> None:
    vendor.respond = answer(201, b'{ "a":1 }', JSON)
    headers = [
        (b"accept", b"*/*"),
        (b"content-type", b"application/json; odd"),
        (b"idempotency-key", b"1"),
        (b"cookie", b"a=1"),
        (b"x-forwarded-for", b"10.0.0.1"),
        (b"forwarded", b"for=10.0.0.1"),
        (b"connection", b"keep-alive, prefer"),
        (b"prefer", b"for us alone"),
        (b"te", b"trailers"),
        (b"x-private", b"1"),
        (b"x-acme", b"1"),
    ]
    async with gateway(path="/base", headers=["X-Acme"]) as running:
        target = "/passthrough/main/v1/a%2Fb/~%7E?q=%zz&&q=+"
        got = await running.ask(target, headers, "POST", [b'{"b":', b" 2}"])
    assert (got.status, got.body) == (201, b'{ "a":1 }')
    [seen] = vendor.received
    assert (seen.method, seen.target, seen.body) == ("POST", "/base/v1/a%2Fb/~%7E?q=%zz&&q=+", b'{"b": 2}')
    told = {name: value for name, value in seen.headers.items() if name != "traceparent"}
    assert told == {
        "host": vendor.url.removeprefix("http://"),
        "accept-encoding": "identity",
        "authorization": f"Bearer {SECRET}",
        "accept": "*/*",
        "content-type": "application/json; odd",
        "content-length": "8",
        "idempotency-key": "1",
        "x-acme": "1",
    }


async def test_a_body_of_unknown_length_is_passed_on_in_chunks(gateway: Build, vendor: Loopback) -> None:
    async with gateway() as running:
        chunked = [(b"transfer-encoding", b"chunked")]
        assert (await running.ask("/passthrough/main/x", chunked, "PUT", [b"ab", b"c"])).status == 200
    assert vendor.received[0].body == b"abc"


async def test_the_answer_is_the_vendor_s_but_for_what_is_about_the_connection(
    gateway: Build, vendor: Loopback
) -> None:
    vendor.respond = answer(
        200,
        b"<p>",
        [
            ("Content-Type", "text/html"),
            ("ETag", 'W/"1"'),
            ("Set-Cookie", "session=1"),
            ("Server", "acme/1"),
            ("X-RateLimit-Remaining", "3"),
            ("X-Seen", SECRET),
            ("X-Acme", SECRET),
            ("Link", "<https://acme.example/next>; rel=next"),
            ("Cache-Control", "public, max-age=60"),
        ],
    )
    async with gateway(headers=["x-acme"]) as running:
        got = await running.ask("/passthrough/main/x")
    assert got.body == b"<p>"
    assert [pair for pair in got.head if pair[0] not in (b"x-request-id", b"server-timing")] == [
        (b"content-length", b"3"),
        (b"content-type", b"text/html"),
        (b"etag", b'W/"1"'),
        (b"x-ratelimit-remaining", b"3"),
        (b"cache-control", b"private, no-cache"),
        (b"cache-status", b"workflow-gateway; fwd=bypass"),
        *SECURITY,
    ]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422, 429, 500, 503])
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_vendor_s_error_is_the_vendor_s(
    status: int, method: str, gateway: Build, vendor: Loopback
) -> None:
    body = b'{"detail": "' + SECRET.encode() + b' is wrong"}'
    vendor.respond = answer(status, body, [*JSON, ("retry-after", "7")])
    async with gateway() as running:
        got = await running.ask("/passthrough/main/x", method=method)
    assert got.status == status
    assert got.body == body.replace(SECRET.encode(), b"*" * len(SECRET))
    assert got.header("retry-after") == "7"


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("/base/v1/y?a=1#b", "/passthrough/main/v1/y?a=1#b"),
        ("y", "/passthrough/main/v1/y"),
        ("{url}/base/v1/y", "/passthrough/main/v1/y"),
        ("/elsewhere", None),
        ("/base/../elsewhere", None),
        ("https://evil.example/base/x", None),
        ("//evil.example/base/x", None),
        ("http://[", None),
    ],
)
async def test_a_redirect_leads_through_the_gateway_or_nowhere(
    told: str, expected: str | None, gateway: Build, vendor: Loopback
) -> None:
    vendor.respond = answer(302, b"", [("location", told.replace("{url}", vendor.url))])
    async with gateway(path="/base") as running:
        got = await running.ask("/passthrough/main/v1/x")
    assert (got.status, got.header("location")) == (302, expected)
    assert len(vendor.received) == 1


async def test_head_and_304_have_no_body(gateway: Build, vendor: Loopback) -> None:
    vendor.respond = raw(b'HTTP/1.1 200 OK\r\ncontent-length: 99\r\netag: "1"\r\n\r\n')
    async with gateway() as running:
        got = await running.ask("/passthrough/main/x", method="HEAD")
        assert (got.status, got.body, got.header("content-length")) == (200, b"", "99")
        vendor.respond = raw(b'HTTP/1.1 304 Not Modified\r\netag: "1"\r\ncontent-length: 99\r\n\r\n')
        got = await running.ask("/passthrough/main/runs/x", [(b"if-none-match", b'"1"')])
        assert (got.status, got.body, got.header("etag")) == (304, b"", '"1"')
        assert got.header("content-length") is None
    assert [seen.method for seen in vendor.received] == ["HEAD", "GET"]
    assert vendor.received[1].headers["if-none-match"] == '"1"'


@pytest.mark.parametrize(
    ("target", "method", "key", "expected"),
    [
        ("/passthrough/main/x", "GET", "wrong", (401, "not_authenticated")),
        ("/passthrough/main/x", "GET", READER_KEY, (403, "not_allowed")),
        ("/passthrough/nobody/x", "GET", KEY, (404, "unknown_connection")),
        ("/passthrough/m%61in/x", "GET", KEY, (404, "unknown_connection")),
        ("/passthrough//x", "GET", KEY, (404, "unknown_connection")),
        ("/passthrough/shut/x", "GET", KEY, (403, "not_passed_on")),
        ("/passthrough/main/x", "TRACE", KEY, (405, "method_not_allowed")),
        ("/passthrough/main/x/../y", "GET", KEY, (400, "invalid_request")),
        (f"/passthrough/main/x?key={KEY}", "GET", KEY, (400, "invalid_request")),
        (f"/passthrough/main/{KEY}", "GET", KEY, (400, "invalid_request")),
    ],
)
async def test_what_the_gateway_refuses_is_a_problem(
    target: str, method: str, key: str, expected: tuple[int, str], gateway: Build, vendor: Loopback
) -> None:
    async with gateway() as running:
        got = await running.ask(target, method=method, key=key)
    assert (got.status, json.loads(got.body)["code"]) == expected
    assert got.header("content-type") == "application/problem+json"
    assert not vendor.received


async def test_only_what_is_allowed_passes(gateway: Build, vendor: Loopback) -> None:
    allow = [
        {"methods": ["GET"], "paths": ["/v1/workflows", "/v1/workflows/*"]},
        {"methods": ["POST"], "paths": ["/v1/**/runs"]},
        {"methods": ["DELETE"]},
    ]
    passes = [
        ("GET", "v1/workflows"),
        ("GET", "v1/workflows/x"),
        ("GET", "v1/workflows/Z%C3%BCrich%20%25"),
        ("POST", "v1/runs"),
        ("POST", "v1/a/b/runs"),
        ("DELETE", "any/thing"),
    ]
    refused = [
        ("GET", "v1/workflows/x/y"),
        ("GET", "v1/workflows/"),
        ("GET", "v1/work%66lows"),
        ("GET", "v1/workflows/x%2Fy"),
        ("GET", "v1/workflows/x%252Fy"),
        ("GET", "v1/workflows/x%5Cy"),
        ("POST", "v1/x"),
    ]
    async with gateway(allow=allow) as running:
        for method, path in passes:
            assert (await running.ask(f"/passthrough/main/{path}", method=method)).status == 200, path
        vendor.received.clear()
        for method, path in refused:
            assert (await running.ask(f"/passthrough/main/{path}", method=method)).status == 403, path
    assert not vendor.received


async def test_bodies_are_bounded_in_both_directions(gateway: Build, vendor: Loopback) -> None:
    async with gateway(request_bytes=1024, response_bytes=1024) as running:
        said = [(b"content-length", b"1025")]
        assert (await running.ask("/passthrough/main/x", said, "POST", [b"x"])).status == 413
        chunked = [(b"transfer-encoding", b"chunked")]
        got = await running.ask("/passthrough/main/x", chunked, "POST", [b"x" * 1024, b"x"])
        assert (got.status, json.loads(got.body)["code"]) == (413, "body_too_large")
        assert not vendor.received
        vendor.respond = answer(200, b"x" * 1025)
        assert (await running.ask("/passthrough/main/x")).status == 502
        vendor.respond = raw(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 1025)
        await running.ask("/passthrough/main/y")
        assert running.sent[0]["status"] == 200
        assert all(message.get("more_body") for message in running.sent[1:])


async def test_events_come_as_they_happen_and_have_no_bound(gateway: Build, vendor: Loopback) -> None:
    event = b"data: " + b"x" * 1000 + b"\n\n"
    head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n"
    vendor.respond = raw(head, event, event, event, pause=0.02)
    async with gateway(response_bytes=1024) as running:
        got = await running.ask("/passthrough/main/events", [(b"accept", b"text/event-stream")])
    assert got.body == event * 3
    assert len(running.sent) > 3


async def test_a_caller_who_leaves_ends_the_call(gateway: Build, vendor: Loopback) -> None:
    left = asyncio.Event()

    async def endless(_: Received, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n")
        try:
            while True:
                writer.write(b": still here\n\n")
                await writer.drain()
                await asyncio.sleep(0.01)
        finally:
            left.set()

    vendor.respond = endless
    async with gateway() as running:
        begun = asyncio.Event()

        async def receive() -> dict[str, object]:
            await begun.wait()
            return {"type": "http.disconnect"}

        async def send(message: dict[str, object]) -> None:
            if message["type"] == "http.response.body":
                begun.set()

        path = b"/passthrough/main/events"
        scope = {
            "type": "http",
            "method": "GET",
            "path": path.decode(),
            "raw_path": path,
            "query_string": b"",
            "headers": [
                (b"host", b"127.0.0.1"),
                (b"x-api-key", KEY.encode()),
                (b"accept", b"text/event-stream"),
            ],
        }
        async with asyncio.timeout(5):
            await running.app(scope, receive, send)
            await left.wait()


async def test_a_vendor_out_of_reach_is_a_problem_of_the_gateway(gateway: Build, vendor: Loopback) -> None:
    vendor.respond = raw(b"SSH-2.0\r\n")
    async with gateway() as running:
        for method, again in (("GET", True), ("POST", False)):
            got = await running.ask("/passthrough/main/x", method=method)
            assert (got.status, json.loads(got.body)["code"]) == (502, "vendor_unreachable")
            assert json.loads(got.body)["retryable"] is again
            assert ("may have been made" in json.loads(got.body)["detail"]) is not again


async def test_a_write_that_never_left_may_be_sent_again(gateway: Build) -> None:
    async with gateway(url="http://127.0.0.1:9") as running:
        got = json.loads((await running.ask("/passthrough/main/x", method="POST")).body)
        assert (got["code"], got["retryable"]) == ("vendor_unreachable", True)
