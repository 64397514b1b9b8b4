"""Keeps a shared store at arm's length: nothing raises, nothing waits long, nothing forgotten comes back.

The store may be gone, silent, slow or full at any time. A request waits for it a few milliseconds at most; after a few
failures no call is made for a while, and whether it is back is found out beside the requests. What was to be forgotten
meanwhile is kept, and told to it before anything is read from it again.
"""

import asyncio
import secrets
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field, replace
from typing import Any, Final

import structlog

from adapters.breaker import Breaker, BreakerLimits
from gateway.cache.changes import Changes
from gateway.cache.front import ALONE, Counts, SharedFigures
from gateway.cache.outbox import Outbox, Owed
from gateway.cache.patience import Patience
from gateway.cache.store import Entry, Failure, Forgotten, SharedStore, SharedStoreFailed

_BATCH_KEYS: Final = 32
_BATCH_BYTES: Final = 512 * 1024


@dataclass(frozen=True, slots=True)
class TierLimits:
    """What the shared tier may cost.

    Attributes:
        breaker: when the shared store is left alone.
        patience_seconds: how long a request waits for one of its answers.
        queue_seconds: how long it waits for its turn before that, as long as answers come in time.
        at_once: how many calls of requests are under way at most.
        pending_keys: the most writes that wait for it; more are dropped.
        pending_bytes: the most that these weigh.
        owed_names: the most keys and tags kept to be told later; with more, everything is to be forgotten.
        closing_seconds: how long closing may wait for pending writes.
    """

    breaker: BreakerLimits = field(default_factory=BreakerLimits)
    patience_seconds: float = 0.004
    queue_seconds: float = 0.02
    at_once: int = 8
    pending_keys: int = 1000
    pending_bytes: int = 32 * 1024 * 1024
    owed_names: int = 1000
    closing_seconds: float = 0.5


@dataclass(slots=True)
class _Asked:
    """A lock that was asked for.

    Attributes:
        token: made up by whoever asks, so that it can be released even if the answer is lost; `ALONE` once it is known
            that there will be no lock.
        wanted: somebody waits for the answer.
    """

    token: str
    wanted: bool = True


class SharedTier:
    """A shared store with its breaker, its pending writes, and what it has yet to forget."""

    def __init__(
        self,
        store: SharedStore,
        changes: Changes,
        limits: TierLimits,
        clock: Callable[[], float],
        forget_here: Callable[[Forgotten], None],
    ) -> None:
        """Make a tier; nothing is opened yet.

        Args:
            store: the shared store.
            changes: what was forgotten; `forget_here` notes it there.
            limits: what the tier may cost.
            clock: seconds of a clock that only goes forward.
            forget_here: makes this process forget.
        """
        self._store = store
        self._changes = changes
        self._clock = clock
        self._forget_here = forget_here
        self._closing_seconds = limits.closing_seconds
        self._breaker = Breaker(limits.breaker)
        self._rest_seconds = limits.breaker.rest_seconds
        self._refuses_until = float("-inf")
        self._outbox = Outbox(limits.pending_keys, limits.pending_bytes)
        self._owed = Owed(limits.owed_names)
        self._patience = Patience(
            limits.patience_seconds, limits.queue_seconds, limits.at_once, self._note_late
        )
        self._unsure: deque[tuple[str, str]] = deque(maxlen=limits.owed_names)
        """Locks that may have been taken although nobody was told so."""
        self._counts = Counts()
        self._writing = asyncio.Lock()
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._listening = False
        self._log = structlog.get_logger("gateway.cache")

    async def start(self) -> None:
        """Connect and subscribe, so that no request has to wait for that; without success the tier rests."""
        self._listen()
        try:
            await self._store.connect()
            await self._store.ready()
        except SharedStoreFailed as error:
            self._rest(error)

    def usable(self) -> bool:
        """Say whether the store may be called; if it rested long enough, look beside the requests."""
        self._listen()
        if self._breaker.closed:
            return True
        if not self._runs("recover") and self._breaker.allows(self._clock()):
            self._run_beside("recover", self._recover)
        return False

    def askable(self) -> bool:
        """Say whether a request may wait for the store: it is usable, and no answer is late."""
        return self.usable() and not self._patience.late

    async def get(self, key: str) -> Entry | None:
        """Return the store's entry; None as well when it is left alone or does not answer soon."""
        if not self.askable():
            return None
        return await self._patience.wait(lambda: self._try(self._store.get(key)))

    def put(self, key: str, entry: Entry) -> None:
        """Have the entry written soon."""
        if self.usable() and self._takes_writes() and self._outbox.put(key, entry):
            self._run_beside("write", self._write_pending)
        else:
            self._counts.dropped += 1

    async def forget(self, forgotten: Forgotten) -> None:
        """Have it forgotten by the store and every instance: now, or else before the store is used again."""
        self._outbox.forget(forgotten)
        self._owed.add(forgotten)
        if self.usable():
            await self._tell_owed()

    async def acquire(self, key: str, seconds: float) -> str | None:
        """Return a token if this instance shall fill the key, `ALONE` if everybody may, None if another does."""
        if not self.askable() or not self._takes_writes():
            return ALONE
        asked = _Asked(secrets.token_hex(16))
        taken: bool | None = None
        try:
            taken = await self._patience.wait(lambda: self._take_lock(key, asked, seconds))
        finally:
            if taken is None:
                asked.wanted = False
                self._unsure.append((key, asked.token))
        if taken is None:
            return ALONE
        return asked.token if taken else None

    def release(self, key: str, token: str) -> None:
        """Have the lock released, once the key's pending entry is written."""
        if token != ALONE and self.usable() and self._outbox.release(key, token):
            self._run_beside("write", self._write_pending)

    async def wait_for(self, key: str, timeout: float) -> Entry | None:  # noqa: ASYNC109 - None, not an error
        """Wait until no instance fills the key any more, and return what there is then; None after `timeout` s."""
        return await self._try(self._store.wait_for(key, timeout)) if self.askable() else None

    async def flush(self) -> None:
        """Wait until nothing is pending."""
        while (task := self._tasks.get("write")) is not None and not task.done():
            await asyncio.wait({task})

    @property
    def figures(self) -> SharedFigures:
        """Return how the tier is."""
        return SharedFigures(self._breaker.state, len(self._outbox), replace(self._counts))

    async def close(self) -> None:
        """Write what is pending, within bounds, and close the store."""
        try:
            async with asyncio.timeout(self._closing_seconds):
                await self.flush()
        except TimeoutError:
            self._counts.dropped += self._outbox.empty()
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._patience.close()
        await self._store.close()

    async def _try(self, call: Coroutine[Any, Any, Entry | None]) -> Entry | None:
        try:
            found = await call
        except SharedStoreFailed as error:
            self._note(error, reading=True)
            return None
        self._note_success()
        return found

    async def _take_lock(self, key: str, asked: _Asked, seconds: float) -> bool | None:
        try:
            taken = await self._store.acquire(key, asked.token, seconds)
        except SharedStoreFailed as error:
            self._note(error)
            if error.failure is Failure.LOST:
                self._unsure.append((key, asked.token))
                return None
            asked.token = ALONE
            return True
        if taken and not asked.wanted:
            self.release(key, asked.token)
        self._note_success()
        return taken

    async def _tell_owed(self) -> bool:
        """Tell the store what it is to forget; returns whether it knows everything now."""
        async with self._writing:
            if not self._owed:
                return True
            owed, told = self._owed.take(), False
            try:
                await self._store.forget(owed)
                told = True
            except SharedStoreFailed as error:
                self._counts.failed += 1
                self._rest(error)
            finally:
                if not told:
                    # Until it knows, nothing may be read from it.
                    self._owed.add(owed)
                    self._breaker.trip(self._clock())
        if told:
            # Once more: somebody may have read it from the store in between.
            self._forget_here(owed)
        return told

    async def _write_pending(self) -> None:
        while len(self._outbox):
            # Taken under the lock: what is forgotten now is either still in the outbox or written before.
            async with self._writing:
                if not self._breaker.closed:
                    self._counts.dropped += self._outbox.empty()
                    return
                await self._write_next()

    async def _write_next(self) -> None:
        writes = self._outbox.take(_BATCH_KEYS, _BATCH_BYTES)
        since = self._changes.now()
        try:
            await self._store.write(writes)
            late = [
                each.key
                for each in writes
                if each.entry is not None and self._changes.touched(since, each.key, each.entry)
            ]
            if late:
                await self._store.forget(Forgotten(keys=tuple(late)))
        except SharedStoreFailed as error:
            self._note(error, keys=len(writes))
        else:
            self._note_success()

    async def _recover(self) -> None:
        # Connecting may take long; the answer after that tells whether the store is slow.
        if not (
            await self._answers(self._store.connect)
            and await self._patience.wait(lambda: self._answers(self._store.ping))
        ):
            self._breaker.failed(self._clock())
            return
        if await self._tell_owed():
            self._breaker.succeeded()
            self._release_unsure()
            self._log.info("shared cache tier is back")

    async def _answers(self, call: Callable[[], Coroutine[Any, Any, None]]) -> bool:
        try:
            await call()
        except SharedStoreFailed:
            self._counts.failed += 1
            return False
        return True

    def _release_unsure(self) -> None:
        while self._unsure:
            self.release(*self._unsure.popleft())

    def _listen(self) -> None:
        if not self._listening:
            self._listening = True
            self._store.listen(self._hear, lambda: self._hear(Forgotten(everything=True)))

    def _hear(self, forgotten: Forgotten) -> None:
        self._outbox.forget(forgotten)
        self._forget_here(forgotten)

    def _takes_writes(self) -> bool:
        """Say whether nothing was refused lately: one that is full would refuse every write, at the cost of a call."""
        return self._clock() >= self._refuses_until

    def _note(self, error: SharedStoreFailed, *, reading: bool = False, keys: int = 1) -> None:
        """Count a failure. A refused write (memory full, replica read-only) does not speak against reading."""
        if error.failure is Failure.REFUSED and not reading:
            self._counts.refused += keys
            self._refuses_until = self._clock() + self._rest_seconds
            return
        self._counts.failed += 1
        if error.failure is not Failure.BUSY:
            self._speaks_against(error.failure, str(error))

    def _speaks_against(self, failure: Failure, reason: str) -> None:
        if not self._breaker.closed:
            return
        self._breaker.failed(self._clock())
        if not self._breaker.closed:
            self._leave_alone(failure, reason)

    def _note_success(self) -> None:
        # Answers after it was opened do not close the breaker: first the store has to know what it is to forget.
        if self._breaker.closed and not self._patience.late:
            self._breaker.succeeded()
            self._release_unsure()

    def _note_late(self) -> None:
        self._counts.late += 1
        self._speaks_against(Failure.LOST, "answers are late")

    def _rest(self, error: SharedStoreFailed) -> None:
        if self._breaker.closed:
            self._leave_alone(error.failure, str(error))
        self._breaker.trip(self._clock())

    def _leave_alone(self, failure: Failure, reason: str) -> None:
        self._patience.let_go()
        self._log.warning("shared cache tier is left alone", failure=failure.value, reason=reason)

    def _runs(self, name: str) -> bool:
        task = self._tasks.get(name)
        return task is not None and not task.done()

    def _run_beside(self, name: str, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run it beside the requests, once at a time."""
        if not self._runs(name):
            self._tasks[name] = asyncio.create_task(work(), name=f"cache-{name}")
