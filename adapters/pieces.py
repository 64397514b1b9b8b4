"""Bodies that are passed on as they come, within bounds."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Self

from adapters.errors import VendorError
from adapters.masking import Mask


@dataclass(frozen=True, slots=True)
class Bounds:
    """What the pieces of a body may be.

    Attributes:
        idle_seconds: how long each may take.
        most_bytes: of all; None for no bound.
        hidden: never given out; something of the same length stands in its place. None for nothing.
    """

    idle_seconds: float
    most_bytes: int | None = None
    hidden: Mask | None = None


class Pieces:
    """The pieces of an answer's body, within their bounds."""

    def __init__(
        self,
        body: AsyncIterator[bytes],
        bounds: Bounds,
        too_large: Callable[[], VendorError],
        translated: Callable[[Exception], VendorError],
    ) -> None:
        """Make an iterator.

        Args:
            body: gives the pieces.
            bounds: what they may be.
            too_large: makes the error for too many bytes.
            translated: makes ours of whatever `body` raises.
        """
        self._body = body
        self._bounds = bounds
        self._too_large = too_large
        self._translated = translated
        self._seen = 0
        self._held = b""

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        piece = await self._next()
        most, hidden = self._bounds.most_bytes, self._bounds.hidden
        self._seen += len(piece)
        if most is not None and self._seen > most:
            raise self._too_large()
        if not hidden:
            return piece
        known = hidden.data(self._held + piece)
        # At the end nothing can follow that would make a beginning whole.
        kept = hidden.begun(known) if piece else 0
        self._held = known[len(known) - kept :]
        return known[: len(known) - kept]

    async def _next(self) -> bytes:
        """Return the next piece; an empty one lets out what was held back at the end."""
        try:
            async with asyncio.timeout(self._bounds.idle_seconds):
                return await anext(self._body)
        except StopAsyncIteration:
            if not self._held:
                raise
            return b""
        except Exception as error:
            raise self._translated(error) from error


class Upload:
    """The pieces of a request's body: puts off the deadline of the call as long as they keep coming."""

    def __init__(self, body: AsyncIterator[bytes], idle_seconds: float, answer_seconds: float) -> None:
        """Make an iterator; it may be used once `deadline` is set.

        Args:
            body: gives the pieces.
            idle_seconds: how long each may take, from when the one before was asked for to when the vendor took it.
            answer_seconds: how long the vendor may take once it has all.
        """
        self.deadline: asyncio.Timeout | None = None
        self.ended = False
        """The vendor has all of it."""
        self._body = body
        self._idle_seconds = idle_seconds
        self._answer_seconds = answer_seconds

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        self._put_off(self._idle_seconds)
        try:
            return await anext(self._body)
        except StopAsyncIteration:
            self.ended = True
            self._put_off(self._answer_seconds)
            raise

    def _put_off(self, seconds: float) -> None:
        if self.deadline is not None:
            self.deadline.reschedule(asyncio.get_running_loop().time() + seconds)
