"""Bounds and breakage: calls at once, time, lost connections; and what is freed when a caller leaves."""

import asyncio
import random
import socket
import struct
import traceback

import httpx
import pytest
import respx

from adapters.breaker import BreakerLimits
from adapters.errors import (
    AdapterError,
    VendorBroken,
    VendorBusy,
    VendorError,
    VendorSurprise,
    VendorTimeout,
    VendorUnreachable,
)
from adapters.limits import Limits
from adapters.transport import Transport
from tests.adapters.conftest import SECRET, Connect
from tests.adapters.loopback import Loopback, Received, answer, made_up_vendor, raw, until


class Gate:
    """Answers that wait until they are let through."""

    def __init__(self) -> None:
        self.open = asyncio.Event()

    async def respond(self, request: Received, writer: asyncio.StreamWriter) -> None:
        await self.open.wait()
        await answer()(request, writer)


async def test_a_silent_vendor_is_given_up_in_time(connect: Connect, loopback: Loopback) -> None:
    loopback.respond = Gate().respond
    async with connect(timeout_seconds=0.1) as client:
        with pytest.raises(VendorTimeout, match=r"did not answer within 0\.1 seconds"):
            await client.get("x")


async def test_a_vendor_that_drips_is_given_up_in_time(connect: Connect, loopback: Loopback) -> None:
    head = b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n"
    loopback.respond = raw(head, *[b" "] * 500, pause=0.02)
    async with connect(timeout_seconds=0.2) as client:
        started = asyncio.get_running_loop().time()
        with pytest.raises(VendorTimeout):
            await client.get("x")
    assert asyncio.get_running_loop().time() - started < 2


async def test_nobody_listening_is_unreachable() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        async with Transport(made_up_vendor(), f"http://127.0.0.1:{port}", SECRET) as client:
            with pytest.raises(VendorUnreachable, match="cannot be reached"):
                await client.get("x")


async def test_a_server_without_tls_is_unreachable_by_https() -> None:
    async def plain(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(plain, "127.0.0.1", 0) as server:
        url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with Transport(made_up_vendor(), url, SECRET) as client:
            with pytest.raises(VendorUnreachable, match="cannot be reached"):
                await client.get("x")


async def test_a_connection_that_is_not_made_in_time_says_so(respx_mock: respx.MockRouter) -> None:
    respx_mock.get("https://acme.example/x").mock(side_effect=httpx.ConnectTimeout)
    async with Transport(
        made_up_vendor(), "https://acme.example", SECRET, Limits(connect_seconds=1.5)
    ) as client:
        with pytest.raises(VendorTimeout, match=r"accepted no connection within 1\.5 seconds"):
            await client.get("x")


@pytest.mark.parametrize(
    "parts",
    [
        (),
        (b"HTTP/1.1 200 OK\r\ncontent-le",),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{",),
        (b'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{"a"',),
        (b"SSH-2.0-OpenSSH\r\n",),
        (b"\x00" * 64,),
    ],
)
async def test_an_answer_that_breaks_off_is_unreachable(
    parts: tuple[bytes, ...], connect: Connect, loopback: Loopback
) -> None:
    loopback.respond = raw(*parts)
    async with connect() as client:
        with pytest.raises(VendorUnreachable) as caught:
            await client.get("x")
    assert caught.value.retryable


async def test_a_connection_reset_in_the_body_is_unreachable(connect: Connect, loopback: Loopback) -> None:
    async def reset(_: Received, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{")
        await writer.drain()
        await asyncio.sleep(0.05)
        connection = writer.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()

    loopback.respond = reset
    async with connect() as client:
        with pytest.raises(VendorUnreachable):
            await client.get("x")


@pytest.mark.parametrize(
    ("raised", "expected"),
    [
        *(
            (kind, VendorTimeout)
            for kind in (httpx.ConnectTimeout, httpx.ReadTimeout, httpx.WriteTimeout, httpx.PoolTimeout)
        ),
        *(
            (kind, VendorUnreachable)
            for kind in (httpx.ConnectError, httpx.ReadError, httpx.WriteError, httpx.CloseError)
        ),
        *((kind, VendorUnreachable) for kind in (httpx.RemoteProtocolError, httpx.LocalProtocolError)),
        *((kind, VendorUnreachable) for kind in (httpx.ProxyError, httpx.UnsupportedProtocol)),
        (httpx.DecodingError, VendorSurprise),
    ],
)
async def test_every_failure_of_the_http_library_becomes_one_of_ours(
    raised: type[httpx.RequestError], expected: type[VendorError], respx_mock: respx.MockRouter
) -> None:
    respx_mock.get("https://acme.example/x").mock(side_effect=raised(f"with {SECRET} in it"))
    async with Transport(made_up_vendor(), "https://acme.example", SECRET) as client:
        with pytest.raises(AdapterError) as caught:
            await client.get("x")
    assert type(caught.value) is expected
    assert SECRET not in str(caught.value)
    assert isinstance(caught.value.__cause__, raised)


async def test_calls_at_once_are_bounded_and_the_next_wait(connect: Connect, loopback: Loopback) -> None:
    gate = Gate()
    loopback.respond = gate.respond
    async with connect(concurrency=2, queue=3) as client:
        calls = [asyncio.create_task(client.get("x")) for _ in range(5)]
        await until(lambda: len(loopback.received) == 2)
        await asyncio.sleep(0.05)
        assert len(loopback.received) == 2
        with pytest.raises(VendorBusy, match="2 calls to Acme are under way and 3 wait") as caught:
            await client.get("x")
        assert (caught.value.retryable, caught.value.retry_after) == (True, 1.0)
        gate.open.set()
        assert [call.status for call in await asyncio.gather(*calls)] == [200] * 5
        assert (await client.get("x")).status == 200


async def test_without_a_queue_a_full_connection_refuses_at_once(
    connect: Connect, loopback: Loopback
) -> None:
    gate = Gate()
    loopback.respond = gate.respond
    async with connect(concurrency=1, queue=0) as client:
        first = asyncio.create_task(client.get("x"))
        await until(lambda: len(loopback.received) == 1)
        with pytest.raises(VendorBusy):
            await client.get("x")
        gate.open.set()
        await first


async def test_a_caller_who_leaves_frees_the_place(connect: Connect, loopback: Loopback) -> None:
    loopback.respond = Gate().respond
    async with connect(concurrency=1, queue=1) as client:
        running, waiting = (asyncio.create_task(client.get("x")) for _ in range(2))
        await until(lambda: len(loopback.received) == 1)
        for task in (waiting, running):
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        loopback.respond = answer()
        both = await asyncio.gather(client.get("x"), client.get("x"))
        assert [got.status for got in both] == [200, 200]


async def test_a_call_that_times_out_in_the_queue_frees_its_place(
    connect: Connect, loopback: Loopback
) -> None:
    gate = Gate()
    loopback.respond = gate.respond
    async with connect(concurrency=1, queue=1, timeout_seconds=1.0) as client:
        outcomes = await asyncio.gather(client.get("x"), client.get("x"), return_exceptions=True)
        assert [type(outcome) for outcome in outcomes] == [VendorTimeout, VendorTimeout]
        loopback.respond = answer()
        both = await asyncio.gather(client.get("x"), client.get("x"))
        assert [got.status for got in both] == [200, 200]


@pytest.mark.parametrize("seed", range(5))
async def test_no_place_is_lost_however_callers_come_and_go(
    seed: int, connect: Connect, loopback: Loopback
) -> None:
    chance = random.Random(seed)

    async def sometimes_slow(request: Received, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(chance.choice((0.0, 0.0, 0.01)))
        await answer(chance.choice((200, 500)))(request, writer)

    loopback.respond = sometimes_slow
    async with connect(concurrency=3, queue=200, breaker=BreakerLimits(failures=0)) as client:
        calls = [asyncio.create_task(client.get("x")) for _ in range(60)]
        for call in chance.sample(calls, 30):
            await asyncio.sleep(chance.choice((0.0, 0.002)))
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)
        gate = Gate()
        loopback.respond = gate.respond
        loopback.received.clear()
        last = [asyncio.create_task(client.get("x")) for _ in range(4)]
        await until(lambda: len(loopback.received) == 3)
        gate.open.set()
        assert [got.status for got in await asyncio.gather(*last)] == [200] * 4


async def test_leaving_at_any_moment_costs_no_connection(connect: Connect, loopback: Loopback) -> None:
    async with connect(concurrency=1, queue=1, timeout_seconds=2) as client:
        for moments in range(60):
            call = asyncio.create_task(client.get("x"))
            for _ in range(moments):
                await asyncio.sleep(0)
            call.cancel()
            await asyncio.gather(call, return_exceptions=True)
        assert (await client.get("x")).status == 200
    await until(lambda: loopback.open_connections == 0)


async def test_a_connection_is_used_again_until_it_fails(connect: Connect, loopback: Loopback) -> None:
    loopback.keep_open = True
    kept = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"
    loopback.respond = raw(kept)
    async with connect() as client:
        await client.get("x")
        await client.get("x")
        assert loopback.connections == 1
        loopback.respond = raw(b"HTTP/1.1 500 No\r\ncontent-length: 2\r\n\r\n{}")
        with pytest.raises(VendorBroken):
            await client.get("x")
        loopback.respond = raw(b"HTTP/1.1 200 OK\r\ncontent-length: 9999999999\r\n\r\n")
        with pytest.raises(VendorSurprise):
            await client.get("x")
        assert loopback.connections == 1
        loopback.respond = raw(kept)
        await client.get("x")
        assert loopback.connections == 2


FAILURES = {
    "refused": answer(401, b"{}"),
    "html": answer(200, b"<html>"),
    "echo": answer(400, b'{"message": "' + SECRET.encode() + b'"}'),
    "echo outside json": answer(500, SECRET.encode()),
    "echo as success": answer(200, SECRET.encode()),
    "broken off": raw(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"),
    "nonsense": raw(b"nonsense " + SECRET.encode() + b"\r\n\r\n"),
    "too large": raw(b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n"),
    "slow": raw(b"HTTP/1.1 200 OK\r\n", pause=1.0),
}


@pytest.mark.parametrize("failure", FAILURES)
async def test_no_failure_tells_the_credential(failure: str, connect: Connect, loopback: Loopback) -> None:
    loopback.respond = FAILURES[failure]
    async with connect(timeout_seconds=0.5) as client:
        with pytest.raises(VendorError) as caught:
            await client.get("x")
        told = [str(caught.value), repr(caught.value), repr(vars(caught.value)), repr(client)]
    assert SECRET not in " ".join(told)
    if failure != "nonsense":  # the HTTP library quotes what the server sent, and only that
        assert SECRET not in "".join(traceback.format_exception(caught.value))


async def test_a_given_client_serves_every_call_and_is_closed_with_the_transport() -> None:
    client = httpx.AsyncClient(
        transport=httpx.MockTransport(lambda request: httpx.Response(200, json=request.method))
    )
    async with Transport(made_up_vendor(), "http://127.0.0.1:1", SECRET, Limits(), client) as transport:
        answers = await asyncio.gather(*(transport.send(method, "x") for method in ("GET", "PUT", "DELETE")))
        assert [got.document for got in answers] == ["GET", "PUT", "DELETE"]
        assert not client.is_closed
    assert client.is_closed
