"""Runs started, looked at, followed and cancelled. Nothing of a run is ever kept."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass
from typing import Final, Self

import structlog

from adapters.errors import AdapterError
from adapters.running import CancelsRun, FollowsRun, GetsRun, StartsRun
from gateway.connections import Connection
from gateway.errors import BodyInvalid
from gateway.problems import problem
from gateway.writing.asking import WriteAsk
from schemas.problem import Problem
from schemas.runs import Run, RunEvent
from schemas.support import Ability
from schemas.writes import RunStart

HEARTBEAT_SECONDS: Final = 15.0
"""How long a followed run may be silent before the caller is told that the connection is alive."""

_FIRST_SECONDS: Final = 2.0
"""How long the answer waits for the first event, so that a vendor's refusal is the answer's status."""

Told = RunEvent | Problem | None
"""What a caller who follows a run is sent: an event, why it broke off, or a sign of life."""


@dataclass(frozen=True, slots=True)
class Place:
    """Which run: the workflow's id and the run's."""

    workflow_id: str
    run_id: str


class Runs:
    """Runs workflows."""

    def __init__(self, heartbeat_seconds: float = HEARTBEAT_SECONDS) -> None:
        self._heartbeat_seconds = heartbeat_seconds

    async def start(
        self, connection: Connection, workflow_id: str, start: RunStart, ask: WriteAsk
    ) -> Run | None:
        """Start a run; None for a dry run.

        Raises:
            BodyInvalid: both a version and a label are given.
        """
        api = connection.api(Ability.START_RUN, StartsRun)
        if start.version is not None and start.label is not None:
            raise BodyInvalid([("/label", "give either version or label, not both")])
        return await ask.attempt.call(connection, lambda http: api.start_run(http, workflow_id, start))

    async def get(self, connection: Connection, place: Place, until: float | None = None) -> Run:
        """Return how a run stands; `until` is when nothing is waited for any longer, in the running loop's time."""
        api = connection.api(Ability.GET_RUN, GetsRun)
        return await connection.call(lambda http: api.run(http, place.workflow_id, place.run_id), until=until)

    async def cancel(self, connection: Connection, place: Place, ask: WriteAsk) -> Run | None:
        """Stop a run; None for a dry run."""
        api = connection.api(Ability.CANCEL_RUN, CancelsRun)
        return await ask.attempt.call(
            connection, lambda http: api.cancel_run(http, place.workflow_id, place.run_id)
        )

    async def follow(self, connection: Connection, place: Place, after: str | None) -> "Followed":
        """Return what happens in a run as it happens, with signs of life between.

        A vendor that refuses at once raises here; one that breaks off later is told of as a `Problem`, the last item.

        Args:
            connection: through which.
            place: which run.
            after: the id of the last event seen.

        Raises:
            AdapterError: the vendor refused before it told anything.
        """
        api = connection.api(Ability.FOLLOW_RUN, FollowsRun)
        events = api.follow_run(connection.http, place.workflow_id, place.run_id, after)
        pending = asyncio.ensure_future(_next(connection, events))
        try:
            await asyncio.wait({pending}, timeout=min(_FIRST_SECONDS, self._heartbeat_seconds))
        except BaseException:
            await _end(pending, events)
            raise
        if pending.done() and pending.exception() is not None:
            await _end(pending, events)
            pending.result()
        return Followed(connection, events, pending, self._heartbeat_seconds)


class Followed:
    """What is told of a followed run, one after the other; whoever takes it closes it, seen to the end or not."""

    def __init__(
        self,
        connection: Connection,
        events: AsyncIterator[RunEvent],
        pending: asyncio.Future[RunEvent | None],
        heartbeat_seconds: float,
    ) -> None:
        """Take over what was begun.

        Args:
            connection: through which.
            events: the vendor's.
            pending: the next of them.
            heartbeat_seconds: how long it may be silent.
        """
        self._connection = connection
        self._events = events
        self._pending = pending
        self._heartbeat_seconds = heartbeat_seconds
        self._over = False

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Told:
        """Return the next event, why it broke off, or None as a sign of life."""
        if self._over:
            raise StopAsyncIteration
        done, _ = await asyncio.wait({self._pending}, timeout=self._heartbeat_seconds)
        if not done:
            return None
        try:
            event = self._pending.result()
        except AdapterError as error:
            self._over = True
            return problem(error, connection=self._connection.name)
        if event is None:
            self._over = True
            raise StopAsyncIteration
        self._pending = asyncio.ensure_future(_next(self._connection, self._events))
        return event

    async def aclose(self) -> None:
        """Let the vendor's answer go."""
        self._over = True
        await _end(self._pending, self._events)


async def _next(connection: Connection, events: AsyncIterator[RunEvent]) -> RunEvent | None:
    """Return the next event, None at the end; a failure is noted like that of any call."""
    return await connection.call(lambda _: anext(events, None))


async def _end(pending: asyncio.Future[RunEvent | None], events: AsyncIterator[RunEvent]) -> None:
    # Shielded: whoever follows is often cancelled, and the vendor's answer has to be let go all the same.
    await asyncio.shield(asyncio.ensure_future(_close(pending, events)))


async def _close(pending: asyncio.Future[RunEvent | None], events: AsyncIterator[RunEvent]) -> None:
    pending.cancel()
    await asyncio.wait({pending})
    if not pending.cancelled():
        pending.exception()
    if isinstance(events, AsyncGenerator):
        try:
            await events.aclose()
        except Exception:  # noqa: BLE001 - the caller has all there is to tell
            structlog.get_logger("gateway.write").warning("a followed run did not end well", exc_info=True)
