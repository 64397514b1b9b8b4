"""An address in front of an emulator where nobody listens, accepts or reads until the gate is opened."""

import asyncio
import contextlib
import socket
from typing import Final

HOST: Final = "127.0.0.1"
RELAY: Final = "relay"
"""How the tasks of an open gate are named, which last as long as somebody keeps a connection."""


class Gate:
    """One address. It is shut in its way at first; once open it leads to the emulator."""

    def __init__(self, way: str, emulator_port: int) -> None:
        self._emulator_port = emulator_port
        self._fillers: list[socket.socket] = []
        self._server: asyncio.Server | None = None
        self._relays: set[asyncio.Task[None]] = set()
        # Bound and not listening: whoever comes is refused, and nobody else is given the port meanwhile.
        self._listening = socket.socket()
        self._listening.bind((HOST, 0))
        self.url = f"http://{HOST}:{self._listening.getsockname()[1]}"
        if way == "silent":
            self._listening.listen(128)
        elif way == "full":
            self._fill()

    def _fill(self) -> None:
        """Have so many wait to be accepted that the system lets nobody else wait."""
        self._listening.listen(0)
        for _ in range(4):
            filler = socket.socket()
            filler.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                filler.connect(self._listening.getsockname())
            self._fillers.append(filler)

    async def open(self) -> None:
        """Lead to the emulator from now on."""
        for filler in self._fillers:
            filler.close()
        self._server = await asyncio.start_server(self._relay, sock=self._listening)

    async def close(self) -> None:
        """Let nobody in any more."""
        for filler in self._fillers:
            filler.close()
        for relay in self._relays:
            relay.cancel()
        if self._server is None:
            self._listening.close()
        else:
            self._server.close()

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        task.set_name(RELAY)
        self._relays.add(task)
        task.add_done_callback(self._relays.discard)
        away = await asyncio.open_connection(HOST, self._emulator_port)
        try:
            pumps = [
                asyncio.create_task(_pump(*pair), name=RELAY)
                for pair in ((reader, away[1]), (away[0], writer))
            ]
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
            for pump in pumps:
                pump.cancel()
        finally:
            writer.close()
            away[1].close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while piece := await reader.read(64 * 1024):
            writer.write(piece)
            await writer.drain()
