"""Starting servers on sockets that are ours already, and stopping them when we are told to."""

import asyncio
import contextlib
import errno
import signal
import socket
from collections.abc import Callable, Iterable, Sequence
from typing import Final

import uvicorn

from gateway.cli.failures import Failure

STOP_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


class PortTaken(Failure):
    """Something else listens there, or nobody may."""


def listen(host: str, port: int, advice: str) -> socket.socket:
    """Return a socket that listens already, so that nobody else can take the port; 0 takes a free one.

    Args:
        host: a name or an address of this machine.
        port: 0 to 65535.
        advice: what to do when the port is taken.

    Raises:
        PortTaken: it cannot be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise PortTaken(f"port {port} on {host} is taken; {advice}") from error
        raise PortTaken(f"cannot listen on {host} port {port}: {error.strerror}") from error
    # asyncio leaves the delay of small writes (Nagle) on for a socket it did not make: 40 ms an answer.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


def address(listening: socket.socket) -> str:
    """Return the URL of a listening socket."""
    host, port = listening.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


async def start(server: uvicorn.Server, listening: socket.socket) -> asyncio.Task[None]:
    """Start a server and return its task once it answers; signals are left to the caller.

    Raises:
        SystemExit, asyncio.CancelledError: it could not start.
    """
    # uvicorn would catch the signals itself and raise them anew afterwards, and the process would die of them.
    server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign, assignment]
    task = asyncio.create_task(server.serve(sockets=[listening]))
    while not server.started and not task.done():  # noqa: ASYNC110 - uvicorn has a flag, no event
        await asyncio.sleep(0.005)
    if not server.started:
        # It left the loop by SystemExit; whoever waits here is woken once more while the loop is cleared away.
        raise asyncio.CancelledError
    return task


class Together:
    """Servers that begin and end together; the first one starts and ends the application for all."""

    def __init__(self, pairs: Sequence[tuple[uvicorn.Server, socket.socket]]) -> None:
        """Make it of servers that are not started, each with the socket where it listens."""
        self._pairs = pairs

    @property
    def loop_factory(self) -> Callable[[], asyncio.AbstractEventLoop] | None:
        """Return what makes the loop that they run in."""
        return self._pairs[0][0].config.get_loop_factory()

    def handle_exit(self, number: int) -> None:
        """End them, as uvicorn does at a signal: the second time without waiting for requests under way."""
        for server, _ in self._pairs:
            server.handle_exit(number, None)

    async def start(self) -> asyncio.Task[None]:
        """Return a task that ends with them, once all answer."""
        first, *others = self._pairs
        task = await start(*first)
        beside = [await start(*pair) for pair in others]
        return asyncio.create_task(self._until_over(task, beside)) if beside else task

    async def _until_over(self, first: asyncio.Task[None], beside: Iterable[asyncio.Task[None]]) -> None:
        await first
        for server, _ in self._pairs:
            server.should_exit = True
        await asyncio.gather(*beside)


def on_stop(act: Callable[[signal.Signals], None]) -> None:
    """Do something when the process is told to stop, in place of dying at once."""
    for number in STOP_SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, act, number)
