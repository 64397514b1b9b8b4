"""Keys remembered in this process alone."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from typing_extensions import override

from gateway.idempotency.records import KEPT_SECONDS, KeyStore, KeyStoreFailed, Record, State, decode, encode

MOST_BYTES: Final = 32 * 1024 * 1024
MOST_ANSWER_BYTES: Final = 1024 * 1024
"""Of a record; a larger answer is not given again, and its key is one of which nobody knows the outcome."""
_OVERHEAD_BYTES: Final = 400
"""What a record occupies beside its bytes."""


class MemoryKeyStore(KeyStore):
    """Remembers so many bytes; of too many the oldest answers are forgotten, what is under way never is."""

    def __init__(self, clock: Callable[[], float], most_bytes: int = MOST_BYTES) -> None:
        """Make a store.

        Args:
            clock: seconds of the wall clock.
            most_bytes: what the records may weigh.
        """
        self._clock = clock
        self._most_bytes = most_bytes
        self._used_bytes = 0
        self._kept: OrderedDict[str, tuple[float, bytes, bool]] = OrderedDict()

    @override
    async def begin(self, name: str, record: Record) -> Record | None:
        self._drop_expired()
        held = self._kept.get(name)
        if held is not None:
            return decode(held[1])
        if not self._make_room(len(encode(record)) + _OVERHEAD_BYTES):
            raise KeyStoreFailed(
                "too many requests with keys are under way, or nobody knows what came of them"
            )
        self._keep(name, record)
        return None

    @override
    async def finish(self, name: str, record: Record) -> None:
        self._remove(name)
        size = len(encode(record)) + _OVERHEAD_BYTES
        if size > MOST_ANSWER_BYTES or not self._make_room(size):
            record = replace(record, state=State.UNKNOWN, answer=None)
        self._keep(name, record)

    @override
    async def release(self, name: str, token: str) -> None:
        self._remove(name)

    @override
    async def close(self) -> None:
        self._kept.clear()
        self._used_bytes = 0

    def _keep(self, name: str, record: Record) -> None:
        data = encode(record)
        self._kept[name] = (self._clock() + KEPT_SECONDS, data, record.state is State.ANSWERED)
        self._used_bytes += len(data) + _OVERHEAD_BYTES

    def _remove(self, name: str) -> None:
        held = self._kept.pop(name, None)
        if held is not None:
            self._used_bytes -= len(held[1]) + _OVERHEAD_BYTES

    def _drop_expired(self) -> None:
        now = self._clock()
        while self._kept:
            name, (until, _, _) = next(iter(self._kept.items()))
            if now < until:
                return
            self._remove(name)

    def _make_room(self, size: int) -> bool:
        """Forget the oldest answers until so many bytes fit; says whether they do."""
        if self._used_bytes + size > self._most_bytes:
            for name in [name for name, (_, _, answered) in self._kept.items() if answered]:
                self._remove(name)
                if self._used_bytes + size <= self._most_bytes:
                    break
        return self._used_bytes + size <= self._most_bytes


class NoKeyStore(KeyStore):
    """Remembers nothing and says why, since a key that is not remembered promises what is not kept."""

    def __init__(self, reason: str) -> None:
        self._reason = reason

    @override
    async def begin(self, name: str, record: Record) -> Record | None:
        raise KeyStoreFailed(self._reason)

    @override
    async def finish(self, name: str, record: Record) -> None:
        """Nothing was begun."""

    @override
    async def release(self, name: str, token: str) -> None:
        """Nothing was begun."""

    @override
    async def close(self) -> None:
        """Nothing is open."""
