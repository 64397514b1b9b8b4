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


class _Upgraded:
    """The connection of a websocket, which another protocol of uvicorn's speaks.

    That one's pings tell of a client that is gone, but not of one that reads nothing while there is something for it:
    its ping waits until what came before is sent.
    """

    def __init__(self, transport: asyncio.Transport, now: float) -> None:
        self._transport = transport
        self._unsent_bytes = 0
        self._taken_at = now

    def look(self, now: float, limits: ServerSettings) -> bool:
        """End it if its client takes nothing for too long; says whether it is still to be looked at."""
        unsent = self._transport.get_write_buffer_size()
        # Once as much waits as may, nothing is added before something is taken: what stays the same is not read.
        if not unsent or unsent != self._unsent_bytes:
            self._unsent_bytes, self._taken_at = unsent, now
            return bool(unsent) or not self._transport.is_closing()
        if now - self._taken_at <= limits.write_seconds:
            return True
        self._transport.abort()
        return False


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
        self._upgraded: set[_Upgraded] = set()
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

    def upgrade(self, client: Client, transport: asyncio.Transport) -> None:
        """Count a connection no longer that is a websocket's from now on, and cut it off where nothing is read."""
        self.leave(client)
        self._upgraded.add(_Upgraded(transport, self.now))

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        self.now = loop.time()
        self._upgraded = {each for each in self._upgraded if each.look(self.now, self.limits)}
        some = self._open or self._upgraded
        self._next = loop.call_later(self.look_seconds, self._look, loop) if some else None
        for client in tuple(self._open):
            client.look(self.now, self.limits)


def has_left(scope: object) -> bool:
    """Say of a request's scope whether its client is gone, as far as the server tells."""
    line = scope.get(LINE) if isinstance(scope, dict) else None
    return line is not None and bool(line.left)
