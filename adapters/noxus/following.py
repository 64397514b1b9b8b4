"""Following a run: the vendor's server-sent events while they come, the run itself where they do not.

Older installs have no event stream, a stream may break off, and that of a run that was stopped or waits for a person
just closes. So the run is looked at whenever a stream ends, and until it has ended itself.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from itertools import chain, repeat
from typing import Final

from adapters.contract import Http
from adapters.errors import VendorError, VendorTimeout, VendorUnreachable
from adapters.event_stream import server_events
from adapters.noxus.answers import json_object
from adapters.noxus.run_reading import read_event, read_run, tells_end
from schemas.runs import Run, RunEvent

PAUSES: Final = (0.5, 1.0, 2.0, 5.0)
"""Seconds between two looks at a run that does not move; the last one for good."""

_NO_STREAM: Final = frozenset({404, 405, 501})
"""Statuses that say that there is no such endpoint."""


@dataclass(slots=True)
class _Heard:
    """What came of a run's streams so far.

    Attributes:
        last: the id to go on from.
        resumable: there is a stream, and it can be gone on with without hearing the same again.
        ids: of every event heard.
    """

    last: str | None
    resumable: bool = True
    ids: set[str] = field(default_factory=set)

    def is_new(self, event: RunEvent) -> bool:
        """Note an event; false for one that came before."""
        if event.id is None:
            self.resumable = False
            return True
        if event.id in self.ids:
            return False
        self.ids.add(event.id)
        self.last = event.id
        return True


async def follow(
    http: Http,
    workflow_id: str,
    run_id: str,
    after: str | None,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> AsyncGenerator[RunEvent, None]:
    """Yield a run's events, and the run each time it was looked at and had moved; lastly the run as it ended.

    Args:
        http: reaches the vendor.
        workflow_id: whose run it is.
        run_id: which run.
        after: the id of the last event seen; None for the beginning.
        sleep: waits some seconds.

    Raises:
        VendorError: the vendor refuses, or the run can no longer be looked at.
    """
    heard, before = _Heard(after), None
    listens, pauses = True, chain(PAUSES, repeat(PAUSES[-1]))
    while True:
        if listens:
            async with aclosing(_events(http, workflow_id, run_id, heard)) as events:
                async for event in events:
                    yield event
        run = await fetch_run(http, workflow_id, run_id)
        moved = (run.state, run.native_state, run.progress) != before
        if moved or run.state.final:
            yield RunEvent(id=heard.last, run=run)
        if run.state.final:
            return
        before = (run.state, run.native_state, run.progress)
        listens = moved and heard.resumable
        if moved:
            pauses = chain(PAUSES, repeat(PAUSES[-1]))
        await sleep(next(pauses))


async def fetch_run(http: Http, workflow_id: str, run_id: str) -> Run:
    """Return how a run stands."""
    answer = await http.get("v1", "workflows", workflow_id, "runs", run_id)
    return read_run(json_object(answer, "a run"), workflow_id)


async def _events(http: Http, workflow_id: str, run_id: str, heard: _Heard) -> AsyncGenerator[RunEvent, None]:
    """Yield what one stream tells that is new, until it ends in whatever way, or tells that the run has."""
    parameters = None if heard.last is None else {"etag": heard.last}
    try:
        async with (
            http.stream("GET", "v1", "runs", run_id, "events", parameters=parameters) as chunks,
            aclosing(server_events(chunks)) as events,
        ):
            async for told in events:
                event = read_event(told, workflow_id, run_id)
                if heard.is_new(event):
                    yield event
                if tells_end(event):
                    return
    except (VendorTimeout, VendorUnreachable):
        return
    except VendorError as error:
        if error.status not in _NO_STREAM:
            raise
        heard.resumable = False
