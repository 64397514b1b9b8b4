"""Starting servers on sockets that are ours already, and stopping them when we are told to."""

import asyncio
import contextlib
import errno
import signal
import socket
from collections.abc import Callable, Coroutine, Iterable, Sequence
from typing import Final

import structlog
import uvicorn

from gateway.cli.failures import Failure
from gateway.generations import Generations
from gateway.settings import CallerSettings

STOP_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)

_LOOK_SECONDS: Final = 0.1


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


class NotStarted(Exception):
    """The application cannot be started."""


class Together:
    """Servers that begin and end together; the first one starts and ends the application for all."""

    def __init__(
        self, application: Generations, pairs: Sequence[tuple[uvicorn.Server, socket.socket]]
    ) -> None:
        """Make it of servers that are not started, each with the socket where it listens.

        Args:
            application: what they serve.
            pairs: the servers.
        """
        self.application = application
        self._pairs = pairs
        self._ending: asyncio.Task[None] | None = None

    @property
    def loop_factory(self) -> Callable[[], asyncio.AbstractEventLoop] | None:
        """Return what makes the loop that they run in."""
        return self._pairs[0][0].config.get_loop_factory()

    def drain(self) -> None:
        """End them when what is under way has ended; nothing more happens when it is said again."""
        if not self.application.stopping:
            self._end(self._drain())

    def stop(self) -> None:
        """End them: the second time without waiting for requests under way."""
        if not self.application.stopping:
            self.drain()
            return
        self._exit()
        for server, _ in self._pairs:
            server.force_exit = True
        self.application.abandon()

    def retire(self, callers: Sequence[CallerSettings]) -> None:
        """End them because others answer in their place already: no client shall see that, who still may be one.

        Args:
            callers: who may call from now on.
        """
        self.application.follow(callers)
        if self._ending is None:
            self._end(self._leave())

    async def start(self) -> asyncio.Task[None]:
        """Return a task that ends with them, once all answer.

        Raises:
            NotStarted: the application cannot be started; the log says why.
        """
        try:
            await self.application.open()
        except Exception as error:
            # Before uvicorn does it, which would leave the loop in the middle of things.
            structlog.get_logger("gateway.server").exception("the application could not be started")
            raise NotStarted from error
        first, *others = self._pairs
        task = await start(*first)
        beside = [await start(*pair) for pair in others]
        return asyncio.create_task(self._until_over(task, beside)) if beside else task

    def _end(self, way: Coroutine[None, None, None]) -> None:
        if self._ending is not None:
            self._ending.cancel()
        self._ending = asyncio.get_running_loop().create_task(way)

    async def _drain(self) -> None:
        """Answer as before until whoever sends requests here has seen that others should get them."""
        self.application.stop()
        await asyncio.sleep(self.application.clients.limits.drain_seconds)
        self._exit()

    async def _leave(self) -> None:
        """Take nobody in any more, and wait until everybody has gone: the idle ones when their time is over."""
        self.application.clients.ending = True
        for server, _ in self._pairs:
            for listener in server.servers:
                listener.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.application.clients.limits.retire_seconds):
                while self._busy():  # noqa: ASYNC110 - uvicorn tells nobody
                    await asyncio.sleep(_LOOK_SECONDS)
        self.application.stop()
        self._exit()

    def _busy(self) -> bool:
        states = [server.server_state for server, _ in self._pairs]
        return any(state.connections or state.tasks for state in states)

    def _exit(self) -> None:
        """Have every server close what is idle, and wait for the rest."""
        for server, _ in self._pairs:
            server.config.timeout_graceful_shutdown = self.application.clients.limits.graceful_seconds  # type: ignore[assignment] # a fraction does, too
            server.should_exit = True

    async def _until_over(self, first: asyncio.Task[None], beside: Iterable[asyncio.Task[None]]) -> None:
        await first
        for server, _ in self._pairs:
            server.should_exit = True
        await asyncio.gather(*beside)


def stopping(*, again: bool) -> str:
    """Return what the log says of a signal to stop: it may be long until everything has ended."""
    return "stopping at once" if again else "stopping"


def on_stop(act: Callable[[signal.Signals], None]) -> None:
    """Do something when the process is told to stop, in place of dying at once."""
    for number in STOP_SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, act, number)
