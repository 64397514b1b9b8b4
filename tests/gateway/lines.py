"""A gateway on a real socket in the test's own loop, and clients that behave as a test wants."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, Self

from gateway import main
from gateway.cli.servers import listen, start
from gateway.edge.asgi import Application
from gateway.edge.clients import Clients
from gateway.settings import ServerSettings
from tests.house import HOST

SOON = 3
"""Seconds in which anything happens that has to; never waited for when all is well."""


@dataclass
class Served:
    """A server under way."""

    port: int
    clients: Clients
    server: Any
    lines: list["Line"] = field(default_factory=list)

    async def line(self) -> "Line":
        reader, writer = await asyncio.open_connection(HOST, self.port)
        self.lines.append(Line(reader, writer))
        return self.lines[-1]


class Line:
    """One client's connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def send(self, data: bytes) -> Self:
        self.writer.write(data)
        await self.writer.drain()
        return self

    async def answer(self) -> tuple[int, bytes, bytes]:
        """Return the status, head and body of the next answer, which tells its length."""
        head = await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), SOON)
        length = next(
            (int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.startswith(b"content-length")),
            0,
        )
        body = await asyncio.wait_for(self.reader.readexactly(length), SOON)
        return int(head.split(b" ")[1]), head, body

    async def rest(self) -> bytes:
        """Return what comes until the server closes the connection."""
        with contextlib.suppress(ConnectionError):
            return await asyncio.wait_for(self.reader.read(), SOON)
        return b""

    def leave(self) -> None:
        """Be gone at once."""
        self.writer.transport.abort()


@contextlib.asynccontextmanager
async def served(
    application: Application, clients: Clients | None = None, **limits: Any
) -> AsyncIterator[Served]:
    """Serve an application that may take its time; `limits` are settings of the server."""
    clients = clients or Clients(ServerSettings(**limits))
    listening = listen(HOST, 0, "")
    server = main.server(application, HOST, 0, clients)
    task = await start(server, listening)
    found = Served(listening.getsockname()[1], clients, server)
    try:
        yield found
    finally:
        for line in found.lines:
            line.leave()
        server.should_exit = True
        await task


async def until(what: Any) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(SOON):
        while not what():  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.01)
