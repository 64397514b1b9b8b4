"""A vendor's server on 127.0.0.1 that says byte for byte what a test wants."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from adapters.contract import CredentialPresentation, Vendor
from adapters.errors import FieldFault, VendorMessage
from schemas.base import JsonValue


@dataclass(frozen=True, slots=True)
class Received:
    """One request as it came; header names in lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes


Respond = Callable[[Received, asyncio.StreamWriter], Awaitable[None]]


def answer(status: int = 200, body: bytes = b"{}", headers: Iterable[tuple[str, str]] = ()) -> Respond:
    """Return a responder that sends one whole answer with its length."""

    async def respond(_: Received, writer: asyncio.StreamWriter) -> None:
        lines = [f"HTTP/1.1 {status} Said", f"content-length: {len(body)}", "connection: close"]
        lines += [f"{name}: {value}" for name, value in headers]
        writer.write("\r\n".join([*lines, "", ""]).encode("latin-1") + body)
        await writer.drain()

    return respond


def raw(*parts: bytes, pause: float = 0.0) -> Respond:
    """Return a responder that sends these bytes as they are, with a pause after each part."""

    async def respond(_: Received, writer: asyncio.StreamWriter) -> None:
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(pause)

    return respond


class Loopback:
    """The server. Set `respond` and `keep_open`; read `received` and `connections`."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.respond: Respond = answer()
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.Task[Any]] = set()
        self.connections = 0
        self.keep_open = False

    @property
    def open_connections(self) -> int:
        return len(self._open)

    @property
    def url(self) -> str:
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        self.connections += 1
        try:
            await self._converse(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the client left, or the test is over
        finally:
            self._open.discard(task)
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            request = await _read(reader)
            self.received.append(request)
            await self.respond(request, writer)
            if not self.keep_open:
                return


async def _read(reader: asyncio.StreamReader) -> Received:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.strip().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    if headers.get("transfer-encoding") == "chunked":
        body = await _read_chunks(reader)
    else:
        body = await reader.readexactly(int(headers.get("content-length", "0")))
    method, target, _ = first.split(" ")
    return Received(method, target, headers, body)


async def _read_chunks(reader: asyncio.StreamReader) -> bytes:
    chunks = []
    while size := int(await reader.readline(), 16):
        chunks.append(await reader.readexactly(size))
        await reader.readline()
    await reader.readline()
    return b"".join(chunks)


def read_error(body: JsonValue) -> VendorMessage:
    """Read the made-up vendor's error bodies: `{"message", "code", "field", "id"}`."""
    if not isinstance(body, dict):
        return VendorMessage()
    fault = body.get("field")
    faults = (FieldFault(fault, f"{fault} is wrong"),) if isinstance(fault, str) else ()
    return VendorMessage(body.get("message"), body.get("code"), faults, body.get("id"))


def made_up_vendor(**changed: Any) -> Vendor:
    """Return a vendor that only the transport's tests know."""
    facts: dict[str, Any] = {
        "name": "acme",
        "title": "Acme",
        "docs_url": "https://acme.example/docs",
        "base_url": None,
        "credential": CredentialPresentation("Authorization", "Bearer "),
        "max_page_size": 10,
        "support": {},
        "api": object(),
        "mapping": object(),
        "read_error": read_error,
    }
    return Vendor(**(facts | changed))


def as_json(value: Any) -> bytes:
    return json.dumps(value).encode()


def script(*responds: Respond) -> Respond:
    """Return a responder that answers each request by the next of these, and all further ones by the last."""
    left = list(responds)

    async def respond(request: Received, writer: asyncio.StreamWriter) -> None:
        await (left.pop(0) if len(left) > 1 else left[0])(request, writer)

    return respond


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - the server has no event for it
            await asyncio.sleep(0.005)
