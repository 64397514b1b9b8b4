"""Carries a request with a key out once, however often and wherever it is sent."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

import structlog

from gateway.errors import KeyInFlight, KeyReused, KeysNotKept, OutcomeUnknown
from gateway.idempotency.records import Answered, KeyStore, KeyStoreFailed, Record, State
from gateway.writing.attempt import Attempt, Outcome

Work = Callable[[], Awaitable[tuple[Answered, Outcome]]]
"""Carries a request out; tells how it is answered and what came of it."""


@dataclass(frozen=True, slots=True)
class Keyed:
    """A request with a key.

    Attributes:
        name: under which it is remembered.
        fingerprint: what the same request has in common with it.
        seconds: how long it may be under way; beyond that whoever carries it out is taken for dead.
        attempt: watches what is sent to the vendor.
        owner: the caller's name.
    """

    name: str
    fingerprint: str
    seconds: float
    attempt: Attempt
    owner: str = ""


class Guard:
    """Remembers what came of requests with keys.

    An answer is remembered when it is final: the write was made, or the vendor looked at it and said no. Of what
    nothing came the key is free again. Of what nobody knows the outcome that is remembered, since the write may have
    been made.
    """

    def __init__(self, store: KeyStore, clock: Callable[[], float]) -> None:
        """Make a guard.

        Args:
            store: where keys are remembered.
            clock: seconds of the wall clock.
        """
        self._store = store
        self._clock = clock
        self._log = structlog.get_logger("gateway.write")

    async def once(self, keyed: Keyed, work: Work) -> tuple[Answered, bool]:
        """Return the answer, and whether it is one that was given before.

        Raises:
            KeyInFlight: the first request with the key is under way.
            KeyReused: it was another request.
            OutcomeUnknown: nobody knows what came of it.
            KeysNotKept: nothing can be remembered, so nothing was done.
        """
        until = self._clock() + keyed.seconds
        record = Record(secrets.token_hex(16), keyed.fingerprint, State.IN_FLIGHT, until, owner=keyed.owner)
        try:
            held = await self._store.begin(keyed.name, record)
        except KeyStoreFailed as error:
            self._log.warning("keys cannot be remembered", detail=str(error))
            raise KeysNotKept("an Idempotency-Key cannot be remembered now, so nothing was done") from error
        if held is not None:
            return self._again(held, keyed), True
        answer, outcome = None, Outcome.UNKNOWN
        try:
            answer, outcome = await work()
        except BaseException as error:
            outcome = keyed.attempt.outcome(error)
            raise
        finally:
            # Even when the caller has left: the next one with the key has to learn what came of it.
            await asyncio.shield(self._settle(keyed.name, record, outcome, answer))
        return answer, False

    def _again(self, held: Record, keyed: Keyed) -> Answered:
        if held.fingerprint != keyed.fingerprint:
            raise KeyReused
        if held.answer is not None:
            return held.answer
        if held.state is State.IN_FLIGHT and self._clock() < held.until:
            raise KeyInFlight
        raise OutcomeUnknown

    async def _settle(self, name: str, record: Record, outcome: Outcome, answer: Answered | None) -> None:
        try:
            if outcome is Outcome.NOTHING:
                await self._store.release(name, record.token)
            elif answer is not None and outcome is not Outcome.UNKNOWN:
                await self._store.finish(name, replace(record, state=State.ANSWERED, answer=answer))
            else:
                await self._store.finish(name, replace(record, state=State.UNKNOWN))
        except KeyStoreFailed as error:
            # It stays under way until its time is over, and is unknown from then on: nothing is written twice.
            self._log.warning("what came of a key is not remembered", detail=str(error), outcome=outcome)
