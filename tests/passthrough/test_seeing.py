"""What the pass-through leaves in the log and the figures, and what a vendor is told of the trace there."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed, InvalidStatus

from gateway.cli.servers import address, listen, start
from gateway.main import port_server
from gateway.telemetry.trace_context import parse
from tests.adapters.loopback import Loopback, answer
from tests.gateway.logged import Lines, logged
from tests.gateway.test_seeing import documented
from tests.house import HOST, KEY
from tests.passthrough.conftest import SECRET, Build, Gateway

TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = f"00-{TRACE}-b7ad6b7169203331-01"
PAGE = (Path(__file__).parents[2] / "docs" / "observing.md").read_text("utf-8")


@pytest.fixture
def lines() -> Iterator[Lines]:
    with logged() as gathered:
        yield gathered


async def test_a_request_has_its_line(gateway: Build, vendor: Loopback, lines: Lines) -> None:
    vendor.respond = answer(200, b"{ }", [("content-type", "application/json")])
    async with gateway() as running:
        await running.ask("/passthrough/main/v1/a%2Fb?q=private", [(b"traceparent", PARENT.encode())], "POST")
    (line,) = [line for line in lines() if line["event"] == "request"]
    assert (line["event"], line["method"], line["path"]) == ("request", "POST", "/passthrough/main/v1/a%2Fb")
    assert (line["route"], line["status"], line["bytes_out"]) == ("passthrough", 200, 3)
    assert (line["connection"], line["vendor"], line["caller"]) == ("main", "acme", "all")
    assert (line["vendor_calls"], line["trace_id"]) == (1, TRACE)
    assert line["vendor_milliseconds"] <= line["milliseconds"]


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("allowed", [[], ["traceparent", "tracestate"]])
async def test_the_vendor_is_told_our_place_instead_of_the_caller_s(
    method: str, allowed: list[str], gateway: Build, vendor: Loopback
) -> None:
    vendor.respond = answer(200, b"{}", [("content-type", "application/json")])
    async with gateway(headers=allowed) as running:
        await running.ask(
            "/passthrough/main/x", [(b"traceparent", PARENT.encode()), (b"tracestate", b"a=1")], method
        )
        await running.ask(
            "/passthrough/main/y", [(b"traceparent", b"nonsense"), (b"tracestate", b"a=1")], method
        )
    first, second = (parse(each.headers["traceparent"]) for each in vendor.received)
    assert first is not None
    assert first.trace_id == TRACE
    assert first.span_id not in PARENT
    assert second is not None
    assert second.trace_id != TRACE
    assert [each.headers.get("tracestate") for each in vendor.received] == ["a=1", None]


async def test_a_stream_is_timed_to_its_end(gateway: Build, vendor: Loopback, lines: Lines) -> None:
    async def respond(_: Any, writer: asyncio.StreamWriter) -> None:
        writer.write(
            b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\ndata: 1\n\n"
        )
        await asyncio.sleep(0.2)
        writer.write(b"data: 2\n\n")
        await writer.drain()

    vendor.respond = respond
    async with gateway() as running:
        got = await running.ask("/passthrough/main/events", [(b"accept", b"text/event-stream")])
    assert got.header("server-timing") is not None
    (line,) = lines()
    assert line["vendor_milliseconds"] >= 150
    assert line["bytes_out"] == len(got.body) == 18


async def _talk(connection: ServerConnection) -> None:
    try:
        async for message in connection:
            if message == "close":
                await connection.close(3500, f"you sent {SECRET}")
            await connection.send(message * 2)
    except ConnectionClosed:
        return


@pytest.fixture
async def talking() -> AsyncIterator[tuple[str, list[dict[str, str]]]]:
    """A vendor that says everything twice: its URL, and the headers of each handshake."""
    seen: list[dict[str, str]] = []

    def look(_: ServerConnection, request: Any) -> None:
        seen.append({name.lower(): value for name, value in request.headers.raw_items()})

    async with serve(_talk, HOST, 0, process_request=look) as server:
        yield f"http://{HOST}:{next(iter(server.sockets)).getsockname()[1]}", seen


class Served:
    """A connection's own port, at `url`."""

    def __init__(self, running: Gateway) -> None:
        self.running = running
        self._listening = listen(HOST, 0, "")
        self._server = port_server(running.app, "main", (HOST, 0))

    async def __aenter__(self) -> str:
        self._task = await start(self._server, self._listening)
        return address(self._listening).replace("http", "ws")

    async def __aexit__(self, *_: object) -> None:
        self._server.should_exit = True
        await self._task


async def figures(running: Gateway) -> dict[str, float]:
    text = (await running.ask("/metrics")).body.decode()
    families = text_string_to_metric_families(text)
    return {sample.name: sample.value for family in families for sample in family.samples}


async def closed(lines: Lines) -> list[dict[str, Any]]:
    """Return the lines up to the one that says that the websocket is closed."""
    found: list[dict[str, Any]] = []
    async with asyncio.timeout(10):
        while not any(line["event"] == "websocket closed" for line in found):
            found += lines()
            await asyncio.sleep(0.01)
    return [line for line in found if line["event"].startswith("websocket")]


async def test_a_websocket_is_told_when_it_opens_and_when_it_closes(
    gateway: Build, talking: tuple[str, list[dict[str, str]]], lines: Lines
) -> None:
    url, seen = talking
    async with gateway(url=url) as running, Served(running) as own:
        headers = {"x-api-key": KEY, "traceparent": PARENT, "x-request-id": "mine"}
        async with connect(f"{own}/v1/live?private=1", additional_headers=headers) as socket:
            for message in ("ü", b"abc"):
                await socket.send(message)
                await socket.recv()
            told = await figures(running)
            assert told["workflow_gateway_websockets_open"] == 1
        opened, over = await closed(lines)
        told = await figures(running)
        assert told["workflow_gateway_websockets_open"] == 0
        assert told["workflow_gateway_websockets_total"] == 1
    for line in (opened, over):
        assert (line["request_id"], line["trace_id"], line["path"]) == (
            "mine",
            TRACE,
            "/passthrough/main/v1/live",
        )
        assert (line["connection"], line["vendor"], line["caller"]) == ("main", "acme", "all")
    assert (over["messages_in"], over["bytes_in"]) == (2, 5)
    assert (over["messages_out"], over["bytes_out"]) == (2, 10)
    assert (over["closed_by"], over["code"]) == ("caller", 1000)
    assert over["seconds"] >= 0
    assert set(over) - set(opened) == documented("Websockets")
    told_vendor = parse(seen[0]["traceparent"])
    assert told_vendor is not None
    assert told_vendor.trace_id == TRACE


async def test_it_is_told_that_the_vendor_closed_it(
    gateway: Build, talking: tuple[str, list[dict[str, str]]], lines: Lines
) -> None:
    async with gateway(url=talking[0]) as running, Served(running) as own:
        async with connect(f"{own}/x", additional_headers={"x-api-key": KEY}) as socket:
            await socket.send("close")
            with pytest.raises(ConnectionClosed):
                await socket.recv()
        *_, over = await closed(lines)
    assert (over["closed_by"], over["code"]) == ("vendor", 3500)
    assert SECRET not in str(over)


async def test_a_websocket_that_is_refused_has_one_line(
    gateway: Build, talking: tuple[str, list[dict[str, str]]], lines: Lines
) -> None:
    async with gateway(url=talking[0]) as running, Served(running) as own:
        with pytest.raises(InvalidStatus):
            await connect(f"{own}/x", additional_headers={"x-api-key": "wrong-key-1234"})
    (line,) = [line for line in lines() if line["event"].startswith("websocket")]
    assert (line["event"], line["problem"], line["status"]) == ("websocket refused", "not_authenticated", 401)
    assert line["request_id"]
    assert "wrong-key" not in str(line)
