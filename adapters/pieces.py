"""Bodies that are passed on as they come, within bounds."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Self

from adapters.errors import VendorError


class Pieces:
    """The pieces of an answer's body: each within its time, all together within their bytes."""

    def __init__(
        self,
        body: AsyncIterator[bytes],
        idle_seconds: float,
        most_bytes: int | None,
        too_large: Callable[[], VendorError],
        translated: Callable[[Exception], VendorError],
    ) -> None:
        """Make an iterator.

        Args:
            body: gives the pieces.
            idle_seconds: how long each may take.
            most_bytes: of all; None for no bound.
            too_large: makes the error for more than that.
            translated: makes ours of whatever `body` raises.
        """
        self._body = body
        self._idle_seconds = idle_seconds
        self._left = most_bytes
        self._too_large = too_large
        self._translated = translated

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        try:
            async with asyncio.timeout(self._idle_seconds):
                piece = await anext(self._body)
        except StopAsyncIteration:
            raise
        except Exception as error:
            raise self._translated(error) from error
        if self._left is not None:
            self._left -= len(piece)
            if self._left < 0:
                raise self._too_large()
        return piece


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
            self._put_off(self._answer_seconds)
            raise

    def _put_off(self, seconds: float) -> None:
        if self.deadline is not None:
            self.deadline.reschedule(asyncio.get_running_loop().time() + seconds)
