"""Websockets through the gateway, over real sockets in both directions."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.asyncio.server import Request, Response, ServerConnection, serve
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Subprotocol

from gateway.cli.servers import address, listen, start
from gateway.edge.clients import Clients
from gateway.main import port_server
from gateway.settings import ServerSettings
from tests.adapters.loopback import Loopback
from tests.gateway.lines import SOON
from tests.house import HOST, KEY
from tests.passthrough.conftest import READER_KEY, SECRET, Build

OPEN: dict[str, Any] = {"keyless_websockets": ["/connection/*"]}


class Vendor:
    """A vendor's websocket server: says what it is told to do, and echoes everything else."""

    def __init__(self) -> None:
        self.url = ""
        self.requests: list[Request] = []
        self.closed: asyncio.Queue[int | None] = asyncio.Queue()

    def look(self, _: ServerConnection, request: Request) -> Response | None:
        self.requests.append(request)
        if request.path.endswith("/refused"):
            return _.respond(HTTPStatus.FORBIDDEN, "no")
        return None

    def choose(self, _: ServerConnection, offered: Sequence[Subprotocol]) -> Subprotocol | None:
        return next((name for name in offered if name == "v1.acme"), None)

    async def talk(self, connection: ServerConnection) -> None:
        with contextlib.suppress(ConnectionClosed):
            async for message in connection:
                if message == "close":
                    await connection.close(3500, f"invalid token, you sent {SECRET}")
                elif message == "flood":
                    while True:
                        await connection.send(b"x" * 100_000)
                elif message == "credential":
                    await connection.send(f"you sent {SECRET}")
                else:
                    await connection.send(message)
        self.closed.put_nowait(connection.close_code)


@pytest.fixture
async def talking() -> AsyncIterator[Vendor]:
    """A vendor that talks, at its `url`."""
    talker = Vendor()
    async with serve(
        talker.talk, HOST, 0, process_request=talker.look, select_subprotocol=talker.choose
    ) as server:
        talker.url = f"http://{HOST}:{next(iter(server.sockets)).getsockname()[1]}"
        yield talker


@contextlib.asynccontextmanager
async def served(gateway: Build, *, write_seconds: float = 60.0, **changes: object) -> AsyncIterator[str]:
    """Serve a connection's own port; gives its URL."""
    async with gateway(**changes) as running:
        listening = listen(HOST, 0, "")
        clients = Clients(ServerSettings(write_seconds=write_seconds))
        server = port_server(running.app, "main", (HOST, 0), clients)
        task = await start(server, listening)
        try:
            yield address(listening).replace("http", "ws")
        finally:
            server.should_exit = True
            await task


async def test_messages_travel_in_both_directions(gateway: Build, talking: Vendor) -> None:
    async with served(gateway, url=talking.url, path="/base") as url:
        async with connect(f"{url}/v1/a%2Fb?x=%zz", additional_headers={"x-api-key": KEY}) as socket:
            for message in ("text", b"\x00bytes", "x" * 100_000):
                await socket.send(message)
                assert await socket.recv() == message
            await socket.send("credential")
            assert await socket.recv() == "you sent " + "*" * len(SECRET)
        assert await talking.closed.get() == 1000
    [seen] = talking.requests
    assert seen.path == "/base/v1/a%2Fb?x=%zz"
    assert seen.headers["authorization"] == f"Bearer {SECRET}"
    assert "x-api-key" not in seen.headers


async def test_messages_are_not_compressed_since_little_would_unpack_to_much(
    gateway: Build, talking: Vendor
) -> None:
    headers = {"x-api-key": KEY}
    async with (
        served(gateway, url=talking.url) as url,
        connect(f"{url}/x", additional_headers=headers, compression="deflate") as socket,
    ):
        assert socket.protocol.extensions == []


async def test_a_websocket_is_closed_when_its_key_expires(gateway: Build, talking: Vendor) -> None:
    expires = datetime.fromtimestamp(1_800_000_000.5, UTC)
    async with (
        served(gateway, url=talking.url, expires=expires, **OPEN) as url,
        connect(f"{url}/x", additional_headers={"x-api-key": KEY}) as socket,
        connect(f"{url}/connection/websocket") as keyless,
    ):
        await socket.send("still there")
        assert await socket.recv() == "still there"
        with pytest.raises(ConnectionClosed) as closed:
            await asyncio.wait_for(socket.recv(), 5)
        assert closed.value.rcvd is not None
        assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (1008, "the key has expired")
        assert await talking.closed.get() == 1000
        await keyless.send("still there")
        assert await keyless.recv() == "still there"


async def test_where_the_vendor_asks_for_its_own_token_no_key_is_needed_and_none_is_shown(
    gateway: Build, talking: Vendor
) -> None:
    async with served(gateway, url=talking.url, **OPEN) as url:
        async with connect(f"{url}/connection/websocket") as socket:
            await socket.send("{}")
            assert await socket.recv() == "{}"
        with pytest.raises(InvalidStatus) as refused:
            await connect(f"{url}/elsewhere")
        assert refused.value.response.status_code == 401
    [seen] = talking.requests
    assert "authorization" not in seen.headers


@pytest.mark.parametrize(
    ("path", "key", "status"),
    [
        ("/x", READER_KEY, 401),
        ("/x", "wrong", 401),
        ("/connection/../x", KEY, 400),
        ("/connection/%2e%2e", "", 400),
        ("/forbidden", KEY, 403),
        ("/connection/refused", KEY, 502),
    ],
)
async def test_what_is_refused_is_a_problem(
    path: str, key: str, status: int, gateway: Build, talking: Vendor
) -> None:
    allow = [{"methods": ["GET"], "paths": ["/connection/**", "/x"]}]
    async with served(gateway, url=talking.url, allow=allow, **OPEN) as url:
        with pytest.raises(InvalidStatus) as refused:
            await connect(f"{url}{path}", additional_headers={"x-api-key": key} if key else {})
    assert refused.value.response.status_code == status
    assert refused.value.response.headers["content-type"] == "application/problem+json"
    assert len(talking.requests) == (status == 502)


async def test_an_open_websocket_takes_a_place_of_its_caller(gateway: Build, talking: Vendor) -> None:
    shown = {"additional_headers": {"x-api-key": KEY}}
    async with served(gateway, url=talking.url, caller={"concurrency": 1}, **OPEN) as url:
        async with connect(f"{url}/x", **shown) as socket:
            await socket.send("here")
            assert await socket.recv() == "here"
            with pytest.raises(InvalidStatus) as refused:
                await connect(f"{url}/x", **shown)
            assert refused.value.response.status_code == 429
            assert refused.value.response.headers["retry-after"] == "1"
            assert json.loads(refused.value.response.body or b"")["code"] == "concurrency_limited"
            async with connect(f"{url}/connection/x"):
                pass  # without a key it takes nobody's place
        async with asyncio.timeout(5):
            while await status_of(f"{url}/x", KEY) == 429:  # noqa: ASYNC110 - another task, no event
                await asyncio.sleep(0.01)


async def status_of(url: str, key: str) -> int:
    try:
        async with connect(url, additional_headers={"x-api-key": key}):
            return 101
    except InvalidStatus as refused:
        return refused.response.status_code


async def test_opening_a_websocket_uses_the_rate(gateway: Build, talking: Vendor) -> None:
    limits = {"requests_per_second": 0.01, "burst": 2}
    async with served(gateway, url=talking.url, caller=limits) as url:
        statuses = [await status_of(f"{url}/x", KEY) for _ in range(3)]
        with pytest.raises(InvalidStatus) as refused:
            await connect(f"{url}/x", additional_headers={"x-api-key": KEY})
    assert statuses == [101, 101, 429]
    assert refused.value.response.headers["ratelimit"].startswith('"caller";r=0;t=')


async def test_websockets_opened_and_denied_are_written_down(
    gateway: Build, talking: Vendor, tmp_path: Path
) -> None:
    path = tmp_path / "audit.log"
    async with served(gateway, url=talking.url, audit=str(path)) as url:
        async with connect(f"{url}/x", additional_headers={"x-api-key": KEY}):
            pass
        for target, key in (("/x", READER_KEY), ("/x", "wrong"), ("/refused", KEY)):
            with pytest.raises(InvalidStatus):
                await connect(f"{url}{target}", additional_headers={"x-api-key": key})
    told = [json.loads(line) for line in path.read_bytes().splitlines()]
    assert [(line["outcome"], line.get("caller"), line.get("problem")) for line in told] == [
        ("begun", "all", None),
        ("denied", "reader", "not_authenticated"),
        ("denied", None, "not_authenticated"),
        ("begun", "all", None),
        ("nothing", "all", "vendor_forbids"),
    ]
    assert {line["method"] for line in told} == {"WEBSOCKET"}
    assert told[0]["connection"] == "main"


async def test_the_vendor_s_close_reaches_the_caller(gateway: Build, talking: Vendor) -> None:
    async with served(gateway, url=talking.url, **OPEN) as url, connect(f"{url}/connection/x") as socket:
        await socket.send("close")
        with pytest.raises(ConnectionClosed) as closed:
            await socket.recv()
    assert closed.value.rcvd is not None
    assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (
        3500,
        "invalid token, you sent " + "*" * len(SECRET),
    )


async def test_the_subprotocol_is_the_vendor_s(gateway: Build, talking: Vendor) -> None:
    offered = [Subprotocol("other"), Subprotocol("v1.acme")]
    async with served(gateway, url=talking.url, **OPEN) as url:
        socket = await connect(f"{url}/connection/x", subprotocols=offered)
        assert socket.subprotocol == "v1.acme"
        await socket.close()


async def test_an_empty_list_of_subprotocols_is_taken_for_none(gateway: Build, talking: Vendor) -> None:
    async with served(gateway, url=talking.url, **OPEN) as url:
        headers = {"sec-websocket-protocol": ""}
        async with connect(f"{url}/connection/x", additional_headers=headers) as socket:
            await socket.send("hello")
            assert await socket.recv() == "hello"


async def test_websockets_at_once_are_bounded(gateway: Build, talking: Vendor) -> None:
    async with served(gateway, url=talking.url, websockets=1, **OPEN) as url:
        async with connect(f"{url}/connection/x"):
            with pytest.raises(InvalidStatus) as refused:
                await connect(f"{url}/connection/x")
            assert refused.value.response.status_code == 403
        await talking.closed.get()
        async with asyncio.timeout(5):
            while True:
                with contextlib.suppress(InvalidStatus):
                    async with connect(f"{url}/connection/x"):
                        break
                await asyncio.sleep(0.01)


async def test_a_client_that_reads_nothing_loses_its_place(gateway: Build, talking: Vendor) -> None:
    headers = {"x-api-key": KEY}
    async with served(gateway, url=talking.url, write_seconds=0.3, websockets=1) as url:
        deaf = await connect(f"{url}/x", additional_headers=headers)
        await deaf.send("flood")
        deaf.transport.pause_reading()
        async with asyncio.timeout(SOON):
            await talking.closed.get()
            while True:
                with contextlib.suppress(InvalidStatus):
                    async with connect(f"{url}/x", additional_headers=headers) as socket:
                        await socket.send("hello")
                        assert await socket.recv() == "hello"
                        break
                await asyncio.sleep(0.01)
        deaf.transport.abort()


async def test_who_shows_no_key_takes_no_place_of_those_who_do(gateway: Build, talking: Vendor) -> None:
    async with (
        served(gateway, url=talking.url, websockets=1, **OPEN) as url,
        connect(f"{url}/connection/x"),
        connect(f"{url}/connection/x", additional_headers={"x-api-key": KEY}) as socket,
    ):
        await socket.send("hello")
        assert await socket.recv() == "hello"


async def test_a_vendor_out_of_reach_is_a_502(gateway: Build) -> None:
    with listen(HOST, 0, "") as taken:
        nobody = address(taken)
    async with served(gateway, url=nobody, **OPEN) as url:
        with pytest.raises(InvalidStatus) as refused:
            await connect(f"{url}/connection/x")
    assert refused.value.response.status_code == 502


async def test_a_port_leads_to_its_connection_alone(gateway: Build, vendor: Loopback) -> None:
    async with served(gateway) as url:
        reader, writer = await asyncio.open_connection(*url.removeprefix("ws://").split(":"))
        lines = [
            "GET /v1/connections?a=1 HTTP/1.1",
            "host: 127.0.0.1",
            f"x-api-key: {KEY}",
            "connection: close",
        ]
        writer.write("\r\n".join([*lines, "", ""]).encode())
        assert (await reader.read()).startswith(b"HTTP/1.1 200")
        writer.close()
        await writer.wait_closed()
    assert vendor.received[0].target == "/v1/connections?a=1"
