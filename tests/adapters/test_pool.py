"""What lies beneath httpx: one exchange after another on a line, strict about HTTP, and nothing lost on the way."""

import asyncio
import gc
import random
import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import httpx
import pytest

from adapters import pool as pool_module
from adapters.pool import MAX_HEAD_BYTES, Pool
from tests.adapters.loopback import Loopback, Received, Respond, raw

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"


def no_tls() -> ssl.SSLContext:
    raise AssertionError("nothing is encrypted here")


@pytest.fixture
async def pool(loopback: Loopback) -> AsyncIterator[Pool]:
    loopback.keep_open = True
    loopback.respond = raw(OK)
    async with Pool(httpx.URL(loopback.url), 2.0, no_tls) as opened:
        yield opened


async def ask(pool: Pool, loopback: Loopback, method: str = "GET", body: bytes = b"") -> tuple[int, bytes]:
    request = httpx.Request(method, f"{loopback.url}/x", content=body or None)
    response = await pool.handle_async_request(request)
    try:
        return response.status_code, b"".join([piece async for piece in response.stream])  # type: ignore[union-attr]
    finally:
        await response.aclose()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - the server has no event for it
            await asyncio.sleep(0.001)


def each_byte(data: bytes) -> Respond:
    return raw(*(data[place : place + 1] for place in range(len(data))))


CHUNKED = (
    b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n4;e=1\r\ndefg\r\n0\r\nx: y\r\n\r\n"
)
READ_TO_THE_END = b"HTTP/1.1 200 OK\r\nx-empty:\r\nserver: s\r\n\r\nabcdefg"


@pytest.mark.parametrize(
    ("said", "expected", "used_again"),
    [
        (OK, (200, b"{}"), True),
        (CHUNKED, (200, b"abcdefg"), True),
        (b"HTTP/1.1 204 No Content\r\n\r\n", (204, b""), True),
        (b"HTTP/1.1 304 Not Modified\r\ncontent-length: 9\r\n\r\n", (304, b""), True),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", (200, b""), True),
        (
            b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n" + OK,
            (200, b"{}"),
            True,
        ),
        (b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}", (200, b"{}"), False),
        (b"HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\n{}", (200, b"{}"), False),
    ],
)
@pytest.mark.parametrize("cut", [raw, each_byte])
async def test_an_answer_ends_where_it_says_and_the_line_serves_again_if_it_may(
    cut: Callable[[bytes], Respond],
    said: bytes,
    expected: tuple[int, bytes],
    used_again: bool,
    pool: Pool,
    loopback: Loopback,
) -> None:
    loopback.respond = cut(said)
    assert [await ask(pool, loopback) for _ in range(3)] == [expected] * 3
    assert loopback.connections == (1 if used_again else 3)


@pytest.mark.parametrize("cut", [raw, each_byte])
async def test_without_a_length_the_body_lasts_until_the_connection_ends(
    cut: Callable[[bytes], Respond], pool: Pool, loopback: Loopback
) -> None:
    loopback.keep_open = False
    loopback.respond = cut(READ_TO_THE_END)
    response = await pool.handle_async_request(httpx.Request("GET", loopback.url))
    assert await response.aread() == b"abcdefg"
    assert response.headers.multi_items() == [("x-empty", ""), ("server", "s")]
    await response.aclose()


async def test_an_answer_to_head_has_no_body_whatever_it_announces(pool: Pool, loopback: Loopback) -> None:
    loopback.respond = raw(b"HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\n")
    assert [await ask(pool, loopback, "HEAD") for _ in range(2)] == [(200, b"")] * 2


@pytest.mark.parametrize(
    "said",
    [
        b"HTTP/1.1 200 OK\r\ncontent-length: 7\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 7\r\ncontent-length: 8\r\n\r\nabcdefgh",
        b"HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 1_0\r\n\r\nabcdefghij",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n-3\r\nabc\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabcX0\r\n\r\n",
        b"HTTP/1.1 200 OK\ncontent-length: 2\n\n{}",
        b"HTTP/1.1 200 OK\r\nname : value\r\ncontent-length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nname: va\0lue\r\ncontent-length: 2\r\n\r\n{}",
        b"HTTP/2 200 OK\r\ncontent-length: 2\r\n\r\n{}",
        b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\nabc",
        b"HTTP/1.1 20 OK\r\n\r\n",
        b"garbage\r\n\r\n",
    ],
)
async def test_what_is_not_http_is_refused_and_the_line_closed(
    said: bytes, pool: Pool, loopback: Loopback
) -> None:
    loopback.respond = raw(said)
    with pytest.raises(httpx.RemoteProtocolError, match="does not speak HTTP"):
        await ask(pool, loopback)
    await until(lambda: loopback.open_connections == 0)
    loopback.respond = raw(OK)
    assert await ask(pool, loopback) == (200, b"{}")


HEADER = b"x-filler: " + b"x" * 500 + b"\r\n"


@pytest.mark.parametrize(
    "parts",
    [
        [b"HTTP/1.1 200 OK\r\n" + HEADER * 1000 + b"content-length: 2\r\n\r\n{}"],
        [b"HTTP/1.1 200 OK\r\n", *[HEADER] * 1000],
        [b"HTTP/1.1 200 OK\r\nx: ", *[b"x" * 1024] * 1000],
        [b"HTTP/1.1 103 Early Hints\r\nx: " + b"x" * 1000 + b"\r\n\r\n"] * 1000,
        [b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n", *[HEADER] * 1000, b"\r\n"],
    ],
)
async def test_headers_beyond_the_bound_are_refused(
    parts: list[bytes], pool: Pool, loopback: Loopback
) -> None:
    loopback.respond = raw(*parts)
    with pytest.raises(httpx.RemoteProtocolError):
        await ask(pool, loopback)


async def test_headers_within_the_bound_are_read(pool: Pool, loopback: Loopback) -> None:
    headers = HEADER * (MAX_HEAD_BYTES // len(HEADER) - 1)
    loopback.respond = raw(b"HTTP/1.1 200 OK\r\n" + headers + b"content-length: 2\r\n\r\n{}")
    assert await ask(pool, loopback) == (200, b"{}")


async def test_what_nobody_asked_for_ends_the_line(pool: Pool, loopback: Loopback) -> None:
    loopback.respond = raw(OK + b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n[1]")
    for _ in range(3):
        assert await ask(pool, loopback) == (200, b"{}")
    assert loopback.connections == 3
    loopback.respond = raw(OK, b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n[1]", pause=0.005)
    for _ in range(3):
        assert await ask(pool, loopback) == (200, b"{}")
        await until(lambda: not any(line.ready for line in pool._free))
    assert loopback.connections == 6


async def test_a_get_on_a_line_that_the_server_closed_meanwhile_is_sent_again(
    pool: Pool, loopback: Loopback
) -> None:
    await ask(pool, loopback)
    served = len(loopback.received)

    async def close_once(request: Received, writer: asyncio.StreamWriter) -> None:
        if len(loopback.received) == served + 1:
            writer.transport.abort()
            return
        await raw(OK)(request, writer)

    loopback.respond = close_once
    assert await ask(pool, loopback) == (200, b"{}")
    assert (len(loopback.received), loopback.connections) == (served + 2, 2)


@pytest.mark.parametrize("first", [True, False])
async def test_what_changes_something_or_failed_on_a_new_line_is_not_sent_again(
    first: bool, pool: Pool, loopback: Loopback
) -> None:
    if not first:
        await ask(pool, loopback)
    served = len(loopback.received)

    async def close(_: Received, writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    loopback.respond = close
    with pytest.raises(httpx.RemoteProtocolError):
        await ask(pool, loopback, "GET" if first else "POST", b"" if first else b"{}")
    assert len(loopback.received) == served + 1


async def test_a_line_that_ended_while_it_was_free_is_not_used(pool: Pool, loopback: Loopback) -> None:
    loopback.keep_open = False
    for number in range(1, 4):
        assert await ask(pool, loopback, "POST", b"{}") == (200, b"{}")
        await until(lambda: loopback.open_connections == 0)
        await asyncio.sleep(0.01)
        assert loopback.connections == number


async def test_a_write_takes_no_line_that_the_server_may_be_about_to_close(
    pool: Pool, loopback: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ask(pool, loopback)
    await ask(pool, loopback, "POST", b"{}")
    assert loopback.connections == 1
    monkeypatch.setattr(pool_module, "WRITE_IDLE_SECONDS", 0.001)
    await asyncio.sleep(0.01)
    await ask(pool, loopback)
    assert loopback.connections == 1
    await asyncio.sleep(0.01)
    await ask(pool, loopback, "POST", b"{}")
    assert loopback.connections == 2


async def test_free_lines_are_closed_after_a_while(
    pool: Pool, loopback: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool_module, "IDLE_SECONDS", 0.05)
    await asyncio.gather(*(ask(pool, loopback) for _ in range(5)))
    assert loopback.open_connections > 0
    await until(lambda: loopback.open_connections == 0)
    assert await ask(pool, loopback) == (200, b"{}")


async def test_a_slow_reader_makes_the_server_wait_and_loses_nothing(pool: Pool, loopback: Loopback) -> None:
    body = random.Random(0).randbytes(5_000_000)
    written = 0

    async def respond(_: Received, writer: asyncio.StreamWriter) -> None:
        nonlocal written
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(body))
        for start in range(0, len(body), 50_000):
            writer.write(body[start : start + 50_000])
            await writer.drain()
            written += 50_000

    loopback.respond = respond
    for _ in range(2):
        written = 0
        response = await pool.handle_async_request(httpx.Request("GET", loopback.url))
        await asyncio.sleep(0.1)
        pieces = [piece async for piece in response.stream]  # type: ignore[union-attr]
        await response.aclose()
        assert b"".join(pieces) == body
    assert loopback.connections == 1
    response = await pool.handle_async_request(httpx.Request("GET", loopback.url))
    await asyncio.sleep(0.05)
    await response.aclose()
    await until(lambda: loopback.open_connections == 0)
    loopback.respond = raw(OK)
    assert await ask(pool, loopback) == (200, b"{}")


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("GET", {"x-name": "a\r\nx-other: b"}),
        ("GET", {"x-name": "a\nb"}),
        ("GET", {"x-na\rme": "a"}),
        ("GET", {"x-name": "a\0b"}),
        ("GET", {"transfer-encoding": "chunked"}),
        ("GET / HTTP/1.1\r\nhost: x\r\n\r\nGET", {}),
        ("GE T", {}),
    ],
)
async def test_a_request_that_would_say_more_than_it_is_does_not_travel(
    method: str, headers: dict[str, str], pool: Pool, loopback: Loopback
) -> None:
    with pytest.raises(httpx.LocalProtocolError):
        await pool.handle_async_request(httpx.Request(method, loopback.url, headers=headers))
    assert loopback.received == []


async def test_closing_ends_what_is_under_way_and_leaves_nothing(pool: Pool, loopback: Loopback) -> None:
    async def silent(_: Received, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(60)

    await ask(pool, loopback)
    before = asyncio.all_tasks()
    loopback.respond = silent
    calls = [asyncio.create_task(ask(pool, loopback)) for _ in range(3)]
    await until(lambda: len(loopback.received) == 4)
    await pool.aclose()
    assert [type(outcome) for outcome in await asyncio.gather(*calls, return_exceptions=True)] == [
        httpx.ReadError
    ] * 3
    await pool.aclose()
    gc.collect()
    assert {task for task in asyncio.all_tasks() - before if "_serve" not in repr(task)} == set()


async def steps(call: Awaitable[object], count: int) -> bool:
    """Start a call, let the loop turn so many times, cancel it; says whether it had ended by then."""
    task = asyncio.ensure_future(call)
    for _ in range(count):
        await asyncio.sleep(0)
    ended = task.done()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return ended


@pytest.mark.parametrize("warm", [True, False])
async def test_leaving_at_any_turn_of_the_loop_wedges_nothing(
    warm: bool, pool: Pool, loopback: Loopback
) -> None:
    """Cancelled before each turn until one call comes to its end; every time the next call goes through."""
    loopback.respond = raw(OK[:-1], OK[-1:])
    for count in range(400):
        if warm:
            assert await ask(pool, loopback) == (200, b"{}")
        ended = await steps(ask(pool, loopback), count)
        assert await ask(pool, loopback) == (200, b"{}")
        if not warm:
            await pool.aclose()
            pool._closed = False
        if ended:
            break
    else:
        pytest.fail("no call came to its end")
    await pool.aclose()
    await until(lambda: loopback.open_connections == 0)


@pytest.mark.parametrize("seed", range(3))
async def test_under_stress_no_answer_reaches_another_call(seed: int, pool: Pool, loopback: Loopback) -> None:
    chance = random.Random(seed)

    async def echo(request: Received, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(chance.choice((0.0, 0.0, 0.001)))
        body = request.body
        head = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(body)
        place = chance.randrange(len(body))
        await raw(head + body[:place], body[place:])(request, writer)

    loopback.respond = echo

    async def call(number: int) -> None:
        body = b"%d " % number * 50
        with_patience = chance.choice((0.0005, 0.002, 5.0))
        try:
            async with asyncio.timeout(with_patience):
                assert await ask(pool, loopback, "PUT", body) == (200, body)
        except TimeoutError:
            assert with_patience < 1

    await asyncio.gather(*(call(number) for number in range(400)))
    body = b"the last"
    assert await ask(pool, loopback, "PUT", body) == (200, body)
    assert len(pool._lines) == len(pool._free)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("openssl") is None:
        pytest.skip("openssl makes the certificate")
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    made = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=localhost",
    ]
    names = ["-addext", "subjectAltName=DNS:localhost", "-keyout", f"{path}.key", "-out", f"{path}.crt"]
    subprocess.run([*made, *names], check=True, capture_output=True)
    path.write_bytes(Path(f"{path}.key").read_bytes() + Path(f"{path}.crt").read_bytes())
    return path


@pytest.mark.parametrize(
    ("trusted", "host", "fails"),
    [(True, "localhost", None), (True, "127.0.0.1", "verify"), (False, "localhost", "verify")],
)
async def test_encrypted_servers_are_verified(
    trusted: bool, host: str, fails: str | None, certificate: Path
) -> None:
    contexts: list[ssl.SSLContext] = []

    def tls() -> ssl.SSLContext:
        contexts.append(ssl.create_default_context(cafile=str(certificate) if trusted else None))
        return contexts[-1]

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.readline():
            await reader.readuntil(b"\r\n\r\n")
            writer.write(OK)
        writer.close()

    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    async with await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context) as server:
        url = httpx.URL(f"https://{host}:{server.sockets[0].getsockname()[1]}/")
        async with Pool(url, 2.0, tls) as opened:
            for _ in range(2):
                if fails:
                    with pytest.raises(httpx.ConnectError, match=fails):
                        await opened.handle_async_request(httpx.Request("GET", url))
                    continue
                response = await opened.handle_async_request(httpx.Request("GET", url))
                assert await response.aread() == b"{}"
                await response.aclose()
    assert len(contexts) == 1


@pytest.mark.parametrize("greeting", [b"", b"220 ready\r\n"])
async def test_a_server_that_closes_before_it_is_asked_is_an_error_at_once(greeting: bytes) -> None:
    async def close(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(greeting)
        writer.close()

    async with await asyncio.start_server(close, "127.0.0.1", 0) as server:
        url = httpx.URL(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/")
        async with Pool(url, 2.0, no_tls) as opened, asyncio.timeout(5):
            for _ in range(20):
                with pytest.raises(httpx.TransportError):
                    await opened.handle_async_request(httpx.Request("GET", url))
                line = await opened._open()
                await line.lost.wait()
                with pytest.raises(httpx.TransportError):
                    await line.ask(b"GET / HTTP/1.1\r\n\r\n", bodiless=False)


async def test_a_host_that_cannot_be_found_is_a_connect_error(monkeypatch: pytest.MonkeyPatch) -> None:
    url = httpx.URL("http://a" + "a" * 70 + ".example")
    async with Pool(url, 2.0, no_tls) as opened:
        with pytest.raises(httpx.ConnectError):
            await opened.handle_async_request(httpx.Request("GET", url))
