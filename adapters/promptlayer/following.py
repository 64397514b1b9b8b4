"""Following a run: its results are looked at again and again, as there is no stream of events."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Final

from adapters.contract import Http
from adapters.errors import InvalidRequest
from adapters.promptlayer.answers import is_positive
from adapters.promptlayer.run_reading import read_run
from schemas.runs import Run, RunEvent

RESULTS: Final = "workflow-version-execution-results"

FIRST_PAUSE: Final = 0.2
LONGEST_PAUSE: Final = 2.0
"""Seconds between two looks; every pause is twice as long as the one before."""


async def fetch_run(http: Http, run_id: str) -> Run:
    """Return how a run stands, from the results of all its nodes.

    Raises:
        InvalidRequest: the text cannot be a run.
    """
    if not is_positive(run_id):
        raise InvalidRequest("a run of PromptLayer is a positive whole number", "run")
    parameters = {"workflow_version_execution_id": int(run_id), "return_all_outputs": True}
    return read_run(await http.get(RESULTS, parameters=parameters), run_id)


async def follow(
    http: Http,
    run_id: str,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> AsyncGenerator[RunEvent, None]:
    """Yield the run as it stands and each time it has moved; lastly as it ended.

    Args:
        http: reaches the vendor.
        run_id: which run.
        sleep: waits some seconds.

    Raises:
        InvalidRequest: the text cannot be a run.
    """
    before, pause = None, FIRST_PAUSE
    while True:
        run = await fetch_run(http, run_id)
        if run != before:
            yield RunEvent(run=run)
        if run.state.final:
            return
        before = run
        await sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)
