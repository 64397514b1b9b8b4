"""Lets no request wait for a store that is late."""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any, Final, TypeVar

Result = TypeVar("Result")

_SLICES: Final = 4


class Patience:
    """Makes calls, a bounded number at once, and waits for each only so long; a late one goes on without its caller.

    As long as one is late nobody else waits, and none is begun: what the late one finds out holds for all. The time is
    waited in slices, so that a loop that was busy elsewhere meanwhile takes no answer for late that is there already.
    """

    def __init__(
        self, seconds: float, queue_seconds: float, at_once: int, on_late: Callable[[], None]
    ) -> None:
        """Make it; nothing is called yet.

        Args:
            seconds: how long a call is waited for.
            queue_seconds: how long its turn is waited for before that, as long as no call is late.
            at_once: how many calls are under way at most; the others queue.
            on_late: called when a call is late and none was.
        """
        self._slice_seconds = seconds / _SLICES
        self._free = at_once
        self._queue_seconds = queue_seconds
        self._on_late = on_late
        self._queue: deque[asyncio.Future[bool]] = deque()
        self._running: set[asyncio.Task[Any]] = set()
        self._late = 0

    @property
    def late(self) -> bool:
        """Say whether a call is late now."""
        return self._late > 0

    async def wait(self, call: Callable[[], Coroutine[Any, Any, Result]]) -> Result | None:
        """Return what the call returns; None if it is late, or not begun: another is late, or its turn did not come."""
        if self.late or not await self._place():
            return None
        task = asyncio.create_task(call())
        self._running.add(task)
        task.add_done_callback(self._ended)
        for _ in range(_SLICES):
            await asyncio.wait({task}, timeout=self._slice_seconds)
            if task.done():
                return task.result()
        self._late += 1
        task.add_done_callback(self._no_longer_late)
        if self._late == 1:
            self.let_go()
            self._on_late()
        return None

    def let_go(self) -> None:
        """Begin nothing of what queues."""
        while self._queue:
            place = self._queue.popleft()
            if not place.done():
                place.set_result(False)

    async def close(self) -> None:
        """End the calls under way."""
        self.let_go()
        running = list(self._running)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def _place(self) -> bool:
        if self._free:
            self._free -= 1
            return True
        place: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._queue.append(place)
        try:
            async with asyncio.timeout(self._queue_seconds):
                return await place
        except (asyncio.CancelledError, TimeoutError) as ended:
            if place.done() and not place.cancelled() and place.result():
                self._give_place()
            if isinstance(ended, TimeoutError):
                return False
            raise

    def _give_place(self) -> None:
        while self._queue:
            place = self._queue.popleft()
            if not place.done():
                place.set_result(True)
                return
        self._free += 1

    def _ended(self, task: "asyncio.Task[Any]") -> None:
        self._running.discard(task)
        self._give_place()
        if not task.cancelled():
            task.exception()  # read, so that a failure nobody waits for any more is not logged as lost

    def _no_longer_late(self, _: "asyncio.Task[Any]") -> None:
        self._late -= 1
