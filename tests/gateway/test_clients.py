"""Clients that are slow, silent or too many: each is waited for so long and no longer."""

import asyncio
from typing import Any

import pytest

from gateway.edge.clients import Clients
from gateway.edge.protocol import MOST_PIPELINED
from gateway.settings import ServerSettings
from tests.gateway.lines import Line, served, until

QUICK = 0.2
LONG = 60.0
GET = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"


class Application:
    """Reads the body it is sent, and answers with as many bytes as it is told to."""

    def __init__(self, size: int = 2) -> None:
        self.size = size
        self.bodies: list[bytes] = []
        self.gate: asyncio.Event | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            for kind in ("startup", "shutdown"):
                await receive()
                await send({"type": f"lifespan.{kind}.complete"})
            return
        if self.gate is not None:
            await self.gate.wait()
        body, more = b"", True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body, more = body + message["body"], message["more_body"]
        self.bodies.append(body)
        head = [(b"content-length", b"%d" % self.size)]
        await send({"type": "http.response.start", "status": 200, "headers": head})
        await send({"type": "http.response.body", "body": b"x" * self.size})


async def test_a_head_that_does_not_come_is_answered_408() -> None:
    async with served(Application(), head_seconds=QUICK) as serving:
        line = await serving.line()
        await line.send(b"GET / HTTP/1.1\r\nhost: x\r\nx-slow: ")
        said = await line.rest()
    assert said.startswith(b"HTTP/1.1 408 ")


async def test_a_head_that_drips_is_as_late_as_one_that_stops() -> None:
    async with served(Application(), head_seconds=QUICK) as serving:
        line = await serving.line()

        async def drip() -> None:
            while True:
                await line.send(b"x")
                await asyncio.sleep(0.02)

        await line.send(b"GET / HTTP/1.1\r\n")
        dripping = asyncio.create_task(drip())
        said = await line.rest()
        dripping.cancel()
        await asyncio.gather(dripping, return_exceptions=True)
    assert b"408 " in said or said == b""  # the answer is lost where the client goes on sending


async def test_whoever_says_nothing_is_let_go_without_a_word() -> None:
    async with served(Application(), head_seconds=QUICK) as serving:
        assert await (await serving.line()).rest() == b""


async def test_the_second_head_has_as_long_as_the_first() -> None:
    async with served(Application(), head_seconds=QUICK, keep_alive_seconds=LONG) as serving:
        line = await (await serving.line()).send(GET)
        assert (await line.answer())[0] == 200
        await line.send(GET[:10])
        assert (await line.rest()).startswith(b"HTTP/1.1 408 ")


async def test_an_idle_connection_is_closed_when_its_time_is_over_and_not_before() -> None:
    async with served(Application(), keep_alive_seconds=0.4) as serving:
        line = await serving.line()
        for _ in range(4):
            await line.send(GET)
            assert (await line.answer())[0] == 200
            await asyncio.sleep(0.2)
        assert await line.rest() == b""
        await until(lambda: serving.clients.count == 0)


async def test_a_body_that_stops_is_answered_408() -> None:
    async with served(Application(), body_idle_seconds=QUICK) as serving:
        line = await serving.line()
        await line.send(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n12345")
        said = await line.rest()
    assert said.startswith(b"HTTP/1.1 408 ")


async def test_a_body_may_take_its_time_while_it_comes() -> None:
    application = Application()
    async with served(application, body_idle_seconds=0.5, keep_alive_seconds=LONG) as serving:
        line = await serving.line()
        await line.send(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n")
        for _ in range(10):
            await line.send(b"1")
            await asyncio.sleep(0.1)
        assert (await line.answer())[0] == 200
    assert application.bodies == [b"1" * 10]


async def test_whoever_waits_to_be_told_to_go_on_is_not_late() -> None:
    application = Application()
    application.gate = asyncio.Event()
    async with served(application, body_idle_seconds=QUICK) as serving:
        line = await serving.line()
        await line.send(b"POST / HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n")
        await asyncio.sleep(3 * QUICK)
        application.gate.set()
        assert (await line.answer())[0] == 100
        await line.send(b"ok")
        assert (await line.answer())[0] == 200


@pytest.mark.parametrize("size", [8 << 20, 64 << 20])
async def test_a_client_that_takes_nothing_of_its_answer_is_cut_off(size: int) -> None:
    async with served(Application(size), write_seconds=QUICK, keep_alive_seconds=QUICK) as serving:
        line = await (await serving.line()).send(GET)
        line.writer.transport.pause_reading()  # type: ignore[attr-defined]
        await until(lambda: serving.clients.count == 1)
        await until(lambda: serving.clients.count == 0)


async def test_a_client_that_takes_its_answer_slowly_gets_all_of_it() -> None:
    size = 24 << 20
    async with served(Application(size), write_seconds=0.5, keep_alive_seconds=0.2) as serving:
        line = await (await serving.line()).send(GET)
        await line.reader.readuntil(b"\r\n\r\n")
        got = 0
        while got < size:
            got += len(await asyncio.wait_for(line.reader.read(1 << 20), 10))
            await asyncio.sleep(0.04)
        assert got == size


async def test_one_client_more_than_there_may_be_is_told_to_come_back() -> None:
    async with served(Application(), connections=2) as serving:
        lines = [await (await serving.line()).send(GET) for _ in range(2)]
        assert [(await line.answer())[0] for line in lines] == [200, 200]
        third = await serving.line()
        status, head, _ = await third.answer()
        assert status == 503
        assert b"\r\nretry-after: 1\r\n" in head
        assert b"connection: close" in head
        assert await third.rest() == b""
        lines[0].leave()
        await until(lambda: serving.clients.count == 1)
        assert (await (await (await serving.line()).send(GET)).answer())[0] == 200


async def test_too_many_requests_at_once_end_the_connection() -> None:
    application = Application()
    application.gate = asyncio.Event()
    async with served(application) as serving:
        line = await (await serving.line()).send(GET * (MOST_PIPELINED + 10))
        assert await line.rest() == b""
        application.gate.set()


async def test_as_many_as_may_wait_are_answered() -> None:
    async with served(Application()) as serving:
        line = await (await serving.line()).send(GET * MOST_PIPELINED)
        assert [(await line.answer())[0] for _ in range(MOST_PIPELINED)] == [200] * MOST_PIPELINED


async def test_answers_say_that_they_are_the_last_when_the_server_is_to_end() -> None:
    async with served(Application()) as serving:
        line = await (await serving.line()).send(GET)
        assert b"connection: close" not in (await line.answer())[1]
        serving.clients.ending = True
        await line.send(GET)
        assert b"connection: close" in (await line.answer())[1]
        assert await line.rest() == b""


async def test_nobody_is_looked_at_where_nobody_is() -> None:
    clients = Clients(ServerSettings(head_seconds=QUICK))
    async with served(Application(), clients) as serving:
        line: Line = await (await serving.line()).send(GET)
        await line.answer()
        line.leave()
        await until(lambda: clients.count == 0)
        await until(lambda: clients._next is None)
