"""Stands between the gateway and a server: lets answers come late, or encrypts the way."""

import asyncio
import contextlib
import ssl
from typing import Self

from tests.cache.redis_server import HOST


class Proxy:
    """Forwards every connection on loopback to a port; what the server says is `delay` seconds late."""

    def __init__(self, target: int, context: ssl.SSLContext | None = None) -> None:
        self.delay = 0.0
        self.connections = 0
        self._target = target
        self._context = context
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def port(self) -> int:
        assert self._server is not None
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, HOST, 0, ssl=self._context)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            with contextlib.suppress(OSError, asyncio.CancelledError):
                there, back = await asyncio.open_connection(HOST, self._target)
                try:
                    await self._forward((reader, back), (there, writer))
                finally:
                    back.close()
                    await back.wait_closed()
        finally:
            writer.close()
            with contextlib.suppress(OSError, asyncio.CancelledError):
                await writer.wait_closed()
            self._tasks.discard(task)

    async def _forward(
        self,
        ask: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        answer: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    ) -> None:
        ways = [asyncio.create_task(_pump(*ask)), asyncio.create_task(self._pump_late(*answer))]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)

    async def _pump_late(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65_536):
            await asyncio.sleep(self.delay)
            writer.write(data)
            await writer.drain()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65_536):
        writer.write(data)
        await writer.drain()
