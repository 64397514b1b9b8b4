"""Asks the vendor for one key, once for all instances that share a store, and keeps what it gave."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

from adapters.errors import VendorNotFound
from gateway.cache import policy
from gateway.cache.front import ALONE, FrontStore
from gateway.cache.store import Entry
from gateway.cache.trace import Outcome

Clock: TypeAlias = Callable[[], float]


class Got(NamedTuple):
    """What asking the vendor brought.

    Attributes:
        entry: what is given out.
        outcome: `MISS` for something new, `REVALIDATED` or `UNCHANGED` for what was kept.
        stored: whether it was kept.
    """

    entry: Entry
    outcome: Outcome = Outcome.MISS
    stored: bool = False


Fill: TypeAlias = Callable[[Entry | None], Coroutine[Any, Any, Got]]
"""Asks the vendor; given what is kept, which it may confirm. Raises `VendorError`."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is read.

    Attributes:
        key: see `gateway.cache.keys`.
        tags: of a not-found; what the vendor gives carries its own.
        not_found_seconds: how long a not-found is kept.
        patience_seconds: how long another instance that asks the vendor is waited for.
    """

    key: str
    tags: tuple[str, ...] = ()
    not_found_seconds: float = 0.0
    patience_seconds: float = 10.0


class Filler:
    """Fills keys of one store."""

    def __init__(self, store: FrontStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def fill(self, question: Question, fill: Fill, kept: Entry | None, *, alone: bool = False) -> Got:
        """Return what the vendor gives, or what another instance was given meanwhile.

        Args:
            question: what is read.
            fill: asks the vendor.
            kept: what there is already, stale.
            alone: ask although another instance may be about to.

        Raises:
            VendorNotFound: the vendor has no such thing; that is kept too.
        """
        since = self._store.changes.now()
        token: str | None = ALONE
        if not alone:
            token = await self._store.acquire(question.key, question.patience_seconds)
        try:
            found = None
            if token is None:
                found = await self._store.wait_for(question.key, question.patience_seconds)
            elif token != ALONE:
                # Whoever had the lock before may have filled the key after it was looked up here.
                found = await self._store.newer(question.key, kept)
            if found is not None and policy.decide(found, self._clock()) is policy.Decision.FRESH:
                return Got(found, Outcome.COLLAPSED, stored=True)
            got = await self._ask(question, fill, kept, since)
            return got._replace(stored=await self._keep(question.key, got.entry, kept, since))
        finally:
            if token:
                await self._store.release(question.key, token)

    async def _ask(self, question: Question, fill: Fill, kept: Entry | None, since: int) -> Got:
        try:
            return await fill(kept)
        except VendorNotFound as error:
            seconds = question.not_found_seconds
            absent = policy.not_found(str(error), self._clock(), seconds, question.tags)
            await self._keep(question.key, absent, kept, since)
            raise

    async def _keep(self, key: str, entry: Entry, kept: Entry | None, since: int) -> bool:
        """Keep an entry unless it is out of date already; returns whether it was kept."""
        if self._store.changes.touched(since, key, entry):
            return False
        if policy.may_store(entry):
            await self._store.put(key, entry)
            return True
        if kept is not None:
            await self._store.remove(key)
        return False
