"""Hears what other instances say, for as long as the store is open. Needs the extra `redis`."""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from redis.exceptions import RedisError

if TYPE_CHECKING:
    from redis.asyncio import Redis

_LONGEST_PAUSE: Final = 2.0
_FIRST_PAUSE: Final = 0.05


@dataclass(frozen=True, slots=True)
class ListenerTimes:
    """How patient a listener is, in seconds.

    Attributes:
        connect: to connect and subscribe.
        silence: after so long without a word the server is asked whether it is there; after as long again the
            connection is taken for lost.
    """

    connect: float
    silence: float


class Listener:
    """A subscription that comes back by itself after every loss."""

    def __init__(
        self,
        client: "Redis",
        channel: str,
        times: ListenerTimes,
        on_message: Callable[[bytes], None],
        on_subscribed: Callable[[], None],
    ) -> None:
        """Make a listener; `start` begins.

        Args:
            client: with a pool of its own.
            channel: what to listen to.
            times: how patient it is.
            on_message: called with the bytes of each message.
            on_subscribed: called each time that the subscription begins; messages before that were missed.
        """
        self._client = client
        self._channel = channel
        self._times = times
        self._on_message = on_message
        self._on_subscribed = on_subscribed
        self._pause = _FIRST_PAUSE
        self._task: asyncio.Task[None] | None = None
        self.subscribed = asyncio.Event()
        """Set while the subscription holds, as far as is known."""

    def start(self) -> None:
        """Begin, in the running loop."""
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run(), name="cache-listener")

    async def close(self) -> None:
        """Stop and disconnect."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._client.aclose()

    async def _run(self) -> None:
        while True:
            with contextlib.suppress(RedisError, OSError, TimeoutError):
                await self._listen()
            self.subscribed.clear()
            await asyncio.sleep(self._pause)
            self._pause = min(self._pause * 2, _LONGEST_PAUSE)

    async def _listen(self) -> None:
        async with self._client.pubsub() as subscription:
            async with asyncio.timeout(self._times.connect):
                await subscription.subscribe(self._channel)
            asked = False
            while True:
                said = await subscription.get_message(timeout=self._times.silence)
                if said is not None:
                    self._take(said)
                elif asked:
                    raise TimeoutError("the server went silent")
                else:
                    async with asyncio.timeout(self._times.connect):
                        await subscription.ping()
                asked = said is None

    def _take(self, said: dict[str, Any]) -> None:
        # Subscribing is confirmed again when the client reconnects below us.
        if said["type"] == "subscribe":
            self._pause = _FIRST_PAUSE
            self._on_subscribed()
            self.subscribed.set()
        elif said["type"] == "message":
            self._on_message(said["data"])
