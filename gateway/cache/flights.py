"""One call per key for everyone who asks at the same time (RFC 9211 section 2.6: collapsed forwarding).

A flight belongs to nobody: whoever began it may leave, and it goes on for the others. When the last one leaves, nobody
wants the answer any more and it is cancelled, unless it flies in the background. Who can wait no longer still wants it:
the flight goes on in the background then, and the next one who asks finds what it brought.
"""

import asyncio
import itertools
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

Result = TypeVar("Result")


@dataclass(slots=True)
class Flight:
    """A call under way. It does not know its task: a failure remembers whoever waited, and they the flight.

    Attributes:
        number: flights are numbered in the order in which they begin.
        since: the moment of the store's changes before it began, see `gateway.cache.changes`.
        waiting: how many wait for it.
        background: it goes on though nobody waits.
        hidden: nobody else can join, so nobody has anything of what it brings later.
    """

    number: int
    since: int
    waiting: int = 0
    background: bool = False
    hidden: bool = False


class Flights(Generic[Result]):
    """The calls under way, by key."""

    def __init__(self) -> None:
        self._under_way: dict[str, Flight] = {}
        self._numbers = itertools.count(1)
        self._latest = 0
        self._tasks: dict[int, asyncio.Task[Result]] = {}

    @property
    def latest(self) -> int:
        """Return the number of the flight that began last; 0 before the first."""
        return self._latest

    def get(self, key: str) -> Flight | None:
        """Return the flight of a key that can still be joined; one that was given up takes a while to end."""
        flight = self._under_way.get(key)
        return None if flight is None or self._tasks[flight.number].cancelling() else flight

    def begin(
        self,
        key: str,
        call: Callable[[], Coroutine[Any, Any, Result]],
        since: int,
        *,
        background: bool = False,
        hidden: bool = False,
    ) -> Flight:
        """Begin a flight; one of the same key that is under way goes on for those who wait for it.

        Args:
            key: what is asked for.
            call: asks.
            since: the moment of the store's changes.
            background: go on though nobody waits.
            hidden: nobody else can join.
        """
        self._latest = next(self._numbers)
        flight = Flight(self._latest, since, 0, background, hidden)
        if not hidden:
            self._under_way[key] = flight
        task = self._tasks[flight.number] = asyncio.create_task(call())
        task.add_done_callback(lambda done: self._landed(key, flight, done))
        return flight

    async def wait(self, flight: Flight, until: float | None = None) -> Result:
        """Return what the flight brings, or raise what went wrong; leaving does not disturb the others.

        Args:
            flight: one that `begin` or `get` has just returned.
            until: when it is no longer waited for, in the running loop's time.

        Raises:
            TimeoutError: it is under way still.
        """
        flight.waiting += 1
        try:
            async with asyncio.timeout_at(until):
                return await asyncio.shield(self._tasks[flight.number])
        except TimeoutError:
            flight.background = not flight.hidden
            raise
        finally:
            flight.waiting -= 1
            if not flight.waiting and not flight.background and flight.number in self._tasks:
                self._tasks[flight.number].cancel()

    async def close(self) -> None:
        """Cancel what is under way."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _landed(self, key: str, flight: Flight, done: asyncio.Task[Result]) -> None:
        del self._tasks[flight.number]
        if self._under_way.get(key) is flight:
            del self._under_way[key]
        if not done.cancelled():
            done.exception()  # read, so that a failure nobody waits for any more is not logged as lost
