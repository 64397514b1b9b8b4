"""How this process is: how late its event loop is, what memory it takes and how many files it holds open."""

import asyncio
import os
from contextlib import suppress
from pathlib import Path
from typing import Final

BEAT_SECONDS: Final = 0.5
WINDOW_SECONDS: Final = 30.0

_OPEN_FILES: Final = Path("/proc/self/fd")
_MEMORY: Final = Path("/proc/self/statm")


class Pulse:
    """A timer that looks how late it is: so late is everybody whose turn comes in the loop."""

    def __init__(self) -> None:
        self._timer: asyncio.TimerHandle | None = None
        self._due = 0.0
        self._worst = [0.0, 0.0]
        self._turn = 0.0

    def start(self) -> None:
        """Begin, in the running loop."""
        loop = asyncio.get_running_loop()
        self._turn = loop.time() + WINDOW_SECONDS
        self._next(loop)

    def stop(self) -> None:
        """End."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    @property
    def worst_lag(self) -> float:
        """Return the most seconds that a beat was late, of the last 30 to 60 seconds."""
        return max(self._worst)

    def noted(self, late: float, now: float) -> None:
        """Note how late a beat was, in seconds, at a moment of the loop's clock."""
        if now >= self._turn:
            self._worst = [self._worst[1], 0.0]
            self._turn = now + WINDOW_SECONDS
        self._worst[1] = max(self._worst[1], late)

    def _next(self, loop: asyncio.AbstractEventLoop) -> None:
        self._due = loop.time() + BEAT_SECONDS
        self._timer = loop.call_at(self._due, self._beat, loop)

    def _beat(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        self.noted(max(0.0, now - self._due), now)
        self._next(loop)


def open_files() -> int | None:
    """Return how many files, sockets among them, this process holds open; None where nobody tells."""
    with suppress(OSError):
        return sum(1 for _ in _OPEN_FILES.iterdir())
    return None


def resident_bytes() -> int | None:
    """Return the memory that this process takes; None where nobody tells."""
    with suppress(OSError, ValueError, IndexError):
        pages = int(_MEMORY.read_text("ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")
    return None
