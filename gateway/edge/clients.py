"""The client connections of this process: how many there may be, how long each may take, and whether they shall end.

One look at all of them now and then stands in for timers of each: a request that is answered at once pays for none.
"""

import asyncio
from typing import Final, Protocol

from gateway.settings.models import ServerSettings

LINE: Final = "gateway.line"
"""Key in the ASGI scope: the client's connection, where the server is our own."""

_LONGEST_LOOK_SECONDS: Final = 1.0
_LOOKS: Final = 4
"""Looks in the shortest of the times that are kept."""


class Client(Protocol):
    """A client's connection."""

    left: bool
    """Whether the client is gone."""

    def look(self, now: float, limits: ServerSettings) -> None:
        """End it if it has been waited for long enough.

        Args:
            now: seconds of the loop's clock.
            limits: how long that is.
        """
        ...


class Clients:
    """All client connections of a process, on whichever port they came in."""

    def __init__(self, limits: ServerSettings) -> None:
        """Make it, without any.

        Args:
            limits: how many and how long; another may take its place at any time.
        """
        self.limits = limits
        self.ending = False
        """Every answer shall be the last one on its connection."""
        self.now = 0.0
        """The moment of the last look, on the loop's clock; older than now by one look at most."""
        self._open: set[Client] = set()
        self._next: asyncio.TimerHandle | None = None

    @property
    def count(self) -> int:
        """Return how many are open."""
        return len(self._open)

    @property
    def look_seconds(self) -> float:
        """Return the seconds between two looks."""
        own = self.limits
        shortest = min(own.head_seconds, own.body_idle_seconds, own.keep_alive_seconds, own.write_seconds)
        return min(_LONGEST_LOOK_SECONDS, shortest / _LOOKS)

    def enter(self, client: Client, loop: asyncio.AbstractEventLoop) -> bool:
        """Take a connection in; says whether there was room for it."""
        if len(self._open) >= self.limits.connections:
            return False
        self._open.add(client)
        if self._next is None:
            self.now = loop.time()
            self._next = loop.call_later(self.look_seconds, self._look, loop)
        return True

    def leave(self, client: Client) -> None:
        """Forget a connection."""
        self._open.discard(client)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        self.now = loop.time()
        self._next = loop.call_later(self.look_seconds, self._look, loop) if self._open else None
        for client in tuple(self._open):
            client.look(self.now, self.limits)


def has_left(scope: object) -> bool:
    """Say of a request's scope whether its client is gone, as far as the server tells."""
    line = scope.get(LINE) if isinstance(scope, dict) else None
    return line is not None and bool(line.left)
