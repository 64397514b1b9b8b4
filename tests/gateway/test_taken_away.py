"""What is open for long ends at once for whom a reload takes a key or a right from, and for nobody else."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from gateway.callers import hash_key
from gateway.settings import CallerSettings
from gateway.settings.values import Right
from tests.adapters.loopback import Loopback, Received
from tests.gateway.fake_server import FakeServer, running_fake
from tests.gateway.lines import SOON, Line, until
from tests.gateway.test_generations import CREATE, FLOWS, File, Living, _logs_as_before, living  # noqa: F401
from tests.house import HOST, KEY

NOW = datetime.fromtimestamp(1_800_000_000.0, UTC)
OWN, OTHER = "key-of-who-follows", "another-key-of-the-same"
RIGHTS = ("read", "write", "run", "passthrough")
RUN = FLOWS + "/w1/runs/r1/events"


@dataclass
class Open:
    """Three things that stay open, with the key `OWN`: a followed run, a stream and a websocket passed through."""

    gateway: Living
    run: Line
    stream: Line
    socket: ClientConnection
    more: dict[str, Any] = field(default_factory=dict)

    async def reload(self, **callers: Any) -> None:
        configure(self.gateway.file, **callers)
        await self.gateway.generations.reload()

    async def ends(self) -> None:
        """Fail unless all of them end, and as they should."""
        for line in (self.run, self.stream):
            assert not (await line.rest()).endswith(b"0\r\n\r\n")
            assert line.reader.at_eof()
        with pytest.raises(ConnectionClosed) as closed:
            await asyncio.wait_for(self.socket.recv(), SOON)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1008

    async def goes_on(self, fake: FakeServer) -> None:
        """Fail unless something still comes of each."""
        fake.events.append({"state": "running"})
        await asyncio.wait_for(self.run.reader.readuntil(b"id: 1\n"), SOON)
        await asyncio.wait_for(self.stream.reader.readuntil(b"again"), SOON)
        await self.socket.send("hello")
        assert await asyncio.wait_for(self.socket.recv(), SOON) == "hello"


def configure(file: File, **changes: Any) -> None:
    """Have the caller under test beside one who may do everything."""
    own = {"name": "own", "key_hashes": (hash_key(OWN), hash_key(OTHER)), "rights": RIGHTS, **changes}
    everything = CallerSettings(name="all", key_hashes=(hash_key(KEY),), rights=tuple(Right))
    added = () if changes.get("name") == "" else (CallerSettings.model_validate(own, strict=False),)
    file.more = {"callers": (everything, *added)}


async def echo(connection: ServerConnection) -> None:
    with contextlib.suppress(ConnectionClosed):
        async for message in connection:
            await connection.send(message)


async def again_and_again(_: Received, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n")
    while True:
        writer.write(b"data: again\n\n")
        await writer.drain()
        await asyncio.sleep(0.02)


@pytest.fixture
async def fake() -> AsyncIterator[FakeServer]:
    async with running_fake() as running:
        running.events.append({"state": "running"})
        yield running


@pytest.fixture
async def file(fake: FakeServer) -> AsyncIterator[File]:
    async with serve(echo, HOST, 0) as talking, Loopback() as streaming:
        streaming.respond = again_and_again
        port = next(iter(talking.sockets)).getsockname()[1]
        passed = {"vendor": "acme", "passthrough": {"enabled": True}}
        found = File(
            fake.url,
            {
                "acc": {},
                "talk": {**passed, "base_url": f"http://{HOST}:{port}"},
                "tell": {**passed, "base_url": streaming.url},
            },
        )
        configure(found)
        yield found


@contextlib.asynccontextmanager
async def opened(file: File) -> AsyncIterator[Open]:
    async with living(file) as gateway:
        run, stream = [await gateway.serving.line() for _ in range(2)]
        for line, path, first in ((run, RUN, b"id: 0"), (stream, "/passthrough/tell/x", b"again")):
            await line.send(f"GET {path} HTTP/1.1\r\nhost: {HOST}\r\nx-api-key: {OWN}\r\n\r\n".encode())
            await asyncio.wait_for(line.reader.readuntil(first), SOON)
        address = f"ws://{HOST}:{gateway.serving.port}/passthrough/talk/x"
        async with connect(address, additional_headers={"x-api-key": OWN}) as socket:
            yield Open(gateway, run, stream, socket)


def retiring(until: datetime) -> dict[str, Any]:
    return {
        "key_hashes": (hash_key(OTHER),),
        "retiring_keys": ({"hash": hash_key(OWN), "expires": until.isoformat()},),
    }


TAKEN: dict[str, dict[str, Any]] = {
    "the caller": {"name": ""},
    "the key": {"key_hashes": (hash_key(OTHER),)},
    "the time": {"expires": NOW - timedelta(seconds=1)},
    "the time of the key": retiring(NOW - timedelta(seconds=1)),
    "the rights": {"rights": ("read", "write")},
    "the connections": {"connections": ()},
}


@pytest.mark.parametrize("taken", TAKEN.values(), ids=TAKEN.keys())
async def test_what_was_taken_away_ends_what_was_open_of_it(file: File, taken: dict[str, Any]) -> None:
    async with opened(file) as everything:
        await everything.reload(**taken)
        await everything.ends()
        await until(lambda: len(everything.gateway.generations._living) == 1)


KEPT: dict[str, dict[str, Any]] = {
    "nothing": {},
    "a key that retires later": retiring(NOW + timedelta(days=7)),
    "another key": {"key_hashes": (hash_key(OWN),)},
    "rights that nothing open needs": {"rights": ("run", "passthrough")},
    "the name": {"name": "renamed"},
    "limits": {"limits": {"requests_per_second": 10.0}},
}


@pytest.mark.parametrize("change", KEPT.values(), ids=KEPT.keys())
async def test_who_may_do_what_is_open_as_before_does_not_notice(
    file: File, fake: FakeServer, change: dict[str, Any]
) -> None:
    async with opened(file) as everything:
        await everything.reload(**change)
        await everything.goes_on(fake)


async def test_only_what_needs_the_right_or_the_connection_ends(file: File, fake: FakeServer) -> None:
    async with opened(file) as everything:
        await everything.reload(connections=("talk", "acc"), rights=("passthrough",))
        for line in (everything.run, everything.stream):
            assert not (await line.rest()).endswith(b"0\r\n\r\n")
        await everything.socket.send("hello")
        assert await asyncio.wait_for(everything.socket.recv(), SOON) == "hello"


async def test_a_key_that_a_reload_gives_an_end_takes_what_is_open_with_it(file: File) -> None:
    async with opened(file) as everything:
        await everything.reload(**retiring(NOW + timedelta(seconds=0.3)))
        await everything.ends()


async def test_streams_end_with_their_key_without_a_reload_too(file: File) -> None:
    configure(file, expires=NOW + timedelta(seconds=1))
    async with opened(file) as everything:
        await everything.ends()


async def test_a_second_reload_is_heeded_by_what_began_two_before(file: File) -> None:
    async with opened(file) as everything:
        await everything.reload()
        await everything.reload(name="")
        await everything.ends()


async def test_a_request_under_way_ends_as_it_began_though_its_key_is_gone(
    file: File, fake: FakeServer
) -> None:
    fake.gate = asyncio.Event()
    async with living(file) as gateway:
        line = await gateway.serving.line()
        head = f"POST {FLOWS} HTTP/1.1\r\nhost: {HOST}\r\nx-api-key: {OWN}\r\n"
        kind = f"content-type: application/json\r\ncontent-length: {len(CREATE)}\r\n\r\n"
        await line.send((head + kind).encode() + CREATE)
        await until(lambda: fake.calls)
        configure(file, name="")
        await gateway.generations.reload()
        fake.gate.set()
        assert (await line.answer())[0] == 201


async def test_what_opens_late_of_a_request_from_before_ends_at_once(file: File, fake: FakeServer) -> None:
    fake.events.clear()
    async with living(file) as gateway:
        line = await gateway.serving.line()
        await line.send(f"GET {RUN} HTTP/1.1\r\nhost: {HOST}\r\nx-api-key: {OWN}\r\n\r\n".encode())
        await asyncio.wait_for(fake.asked.wait(), SOON)
        configure(file, name="")
        await gateway.generations.reload()
        fake.events.append({"state": "running"})
        assert b"event: run" not in await line.rest()


async def test_workers_that_leave_let_nobody_in_whose_key_is_gone(file: File) -> None:
    async with opened(file) as everything:
        line = await everything.gateway.ask("/v1/vendors")
        assert (await line.answer())[0] == 200
        configure(file, name="")
        everything.gateway.generations.follow(file.read().settings.callers)
        await everything.ends()
        ask = f"GET /v1/vendors HTTP/1.1\r\nhost: {HOST}\r\nx-api-key: "
        await line.send(f"{ask}{OWN}\r\n\r\n".encode())
        assert (await line.answer())[0] == 401
        await line.send(f"{ask}{KEY}\r\n\r\n".encode())
        assert (await line.answer())[0] == 200
