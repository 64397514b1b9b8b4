"""How many calls are under way at once, and how many wait for one of them to end."""

import asyncio

from adapters.errors import VendorBusy


class Places:
    """The places of one connection's calls. A place is taken, and given back once."""

    def __init__(self, title: str, at_once: int, queue: int, queue_seconds: float) -> None:
        """Make places, all of them free.

        Args:
            title: the vendor's, for messages.
            at_once: how many there are.
            queue: how many may wait for one.
            queue_seconds: how long.
        """
        self._title = title
        self._at_once = at_once
        self._queue = queue
        self._queue_seconds = queue_seconds
        self._free = asyncio.Semaphore(at_once)
        self._taken = 0
        self._waiting = 0

    @property
    def taken(self) -> int:
        """Return how many are taken."""
        return self._taken

    @property
    def waiting(self) -> int:
        """Return how many calls wait for one."""
        return self._waiting

    async def take(self) -> float:
        """Take a place, when there is one; returns the seconds that it was waited for.

        Raises:
            VendorBusy: as many wait as may, or none was free in time.
        """
        if not self._free.locked():
            await self._free.acquire()
            self._taken += 1
            return 0.0
        busy = f"{self._at_once} calls to {self._title} are under way"
        if self._waiting >= self._queue:
            raise VendorBusy(f"{busy} and {self._waiting} wait; try again shortly", retry_after=1.0)
        now = asyncio.get_running_loop().time
        started = now()
        self._waiting += 1
        try:
            async with asyncio.timeout(self._queue_seconds):
                await self._free.acquire()
        except TimeoutError as error:
            message = f"{busy}, and none ended within {self._queue_seconds:g} seconds; try again shortly"
            raise VendorBusy(message, retry_after=1.0) from error
        finally:
            self._waiting -= 1
        self._taken += 1
        return now() - started

    def give_back(self) -> None:
        """Let the next one have it."""
        self._taken -= 1
        self._free.release()
