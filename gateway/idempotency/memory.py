"""Keys remembered in this process alone."""

from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from typing_extensions import override

from gateway.idempotency.records import KEPT_SECONDS, KeyStore, KeyStoreFailed, Record, State, decode, encode

MOST_BYTES: Final = 32 * 1024 * 1024
"""Of all records, where the configuration says nothing else."""
MOST_ANSWER_BYTES: Final = 1024 * 1024
"""Of a record; a larger answer is not given again, and its key is one of which nobody knows the outcome."""
_OVERHEAD_BYTES: Final = 400
"""What a record occupies beside its bytes."""


@dataclass(frozen=True, slots=True)
class _Kept:
    """A record as it is kept, with what it weighs."""

    owner: str
    until: float
    data: bytes
    answered: bool

    @property
    def size(self) -> int:
        return len(self.data) + _OVERHEAD_BYTES


class MemoryKeyStore(KeyStore):
    """Remembers so many bytes; of too many the oldest answers are forgotten, what is under way never is.

    Every caller has an equal share, and may use what others leave. Nobody's answers within the share are forgotten for
    another, and what is never forgotten (what is under way, and of what nobody knows the outcome) has to fit into it.
    """

    def __init__(self, clock: Callable[[], float], most_bytes: int = MOST_BYTES, callers: int = 1) -> None:
        """Make a store.

        Args:
            clock: seconds of the wall clock.
            most_bytes: what the records may weigh.
            callers: how many there are.
        """
        self._clock = clock
        self._most_bytes = most_bytes
        self._share = most_bytes // max(1, callers)
        self._used: Counter[str] = Counter()
        self._lasting: Counter[str] = Counter()
        self._kept: OrderedDict[str, _Kept] = OrderedDict()

    @override
    async def begin(self, name: str, record: Record) -> Record | None:
        self._drop_expired()
        held = self._kept.get(name)
        if held is not None:
            return decode(held.data)
        size = len(encode(record)) + _OVERHEAD_BYTES
        if self._lasting[record.owner] + size > self._share or not self._make_room(size, record.owner):
            raise KeyStoreFailed(
                "too many requests with keys are under way, or nobody knows what came of them"
            )
        self._keep(name, record)
        return None

    @override
    async def finish(self, name: str, record: Record) -> None:
        self._remove(name)
        size = len(encode(record)) + _OVERHEAD_BYTES
        if size > MOST_ANSWER_BYTES or not self._make_room(size, record.owner):
            record = replace(record, state=State.UNKNOWN, answer=None)
        self._keep(name, record)

    @override
    async def release(self, name: str, token: str) -> None:
        self._remove(name)

    @override
    async def close(self) -> None:
        self._kept.clear()
        self._used.clear()
        self._lasting.clear()

    def _keep(self, name: str, record: Record) -> None:
        answered = record.state is State.ANSWERED
        kept = _Kept(record.owner, self._clock() + KEPT_SECONDS, encode(record), answered)
        self._kept[name] = kept
        self._used[kept.owner] += kept.size
        self._lasting[kept.owner] += 0 if answered else kept.size

    def _remove(self, name: str) -> None:
        held = self._kept.pop(name, None)
        if held is not None:
            self._used[held.owner] -= held.size
            self._lasting[held.owner] -= 0 if held.answered else held.size

    def _drop_expired(self) -> None:
        now = self._clock()
        while self._kept:
            name, held = next(iter(self._kept.items()))
            if now < held.until:
                return
            self._remove(name)

    def _make_room(self, size: int, owner: str) -> bool:
        """Forget answers, the oldest first, until so many bytes fit: the owner's, and others' beyond their share."""
        while self._used.total() + size > self._most_bytes:
            name = self._oldest_to_forget(owner)
            if name is None:
                return False
            self._remove(name)
        return True

    def _oldest_to_forget(self, owner: str) -> str | None:
        for name, held in self._kept.items():
            if held.answered and (held.owner == owner or self._used[held.owner] > self._share):
                return name
        return None


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
