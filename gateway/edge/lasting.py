"""What stays open for long, streams and websockets: it ends when its caller may no longer have it."""

import asyncio
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from gateway.callers import Caller, Callers
from gateway.edge.gate import Gate
from gateway.settings.values import Right


class NoLonger(Exception):
    """The caller's key has expired, or was taken away, or no longer gives the right; the text says which."""


@dataclass(frozen=True, slots=True)
class _Need:
    """What somebody has to be allowed as long as something is open."""

    caller: Caller
    right: Right
    connection: str


class Lasting:
    """Everything of one application that is open for long.

    Each has a timer that goes by its key's end. Other callers set all the timers anew.
    """

    def __init__(self, gate: Gate) -> None:
        """Make it, with nothing open.

        Args:
            gate: tells who may do what.
        """
        self._gate = gate
        self._open: dict[asyncio.Timeout, _Need] = {}

    @asynccontextmanager
    async def held(self, caller: Caller, right: Right, connection: str) -> AsyncIterator[None]:
        """Go on for as long as a caller may use a right on a connection; what goes on is cancelled then.

        Raises:
            NoLonger: that was so.
        """
        need, timer = _Need(caller, right, connection), asyncio.timeout(None)
        try:
            async with timer:
                self._open[timer] = need
                self._set(timer, need)
                yield
        except TimeoutError as error:
            if not timer.expired():
                raise
            gone = self._left(need) == -math.inf
            reason = "the key may no longer do this" if gone else "the key has expired"
            raise NoLonger(reason) from error
        finally:
            self._open.pop(timer, None)

    def follow(self, callers: Callers) -> None:
        """Go by other callers from now on: whoever may no longer have what is open loses it at once."""
        self._gate.follow(callers)
        for timer, need in self._open.items():
            if not timer.expired():
                self._set(timer, need)

    def _set(self, timer: asyncio.Timeout, need: _Need) -> None:
        left = self._left(need)
        timer.reschedule(None if left == math.inf else asyncio.get_running_loop().time() + max(0.0, left))

    def _left(self, need: _Need) -> float:
        return self._gate.seconds_left(need.caller, need.right, need.connection)
