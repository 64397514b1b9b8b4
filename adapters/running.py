"""The protocols of the abilities about runs."""

from collections.abc import AsyncIterator
from typing import Protocol, runtime_checkable

from adapters.contract import Http
from schemas.runs import Run, RunEvent
from schemas.writes import RunStart


@runtime_checkable
class StartsRun(Protocol):
    """`Ability.START_RUN`."""

    async def start_run(self, http: Http, workflow_id: str, start: RunStart) -> Run:
        """Start a run and return at once.

        Raises:
            InvalidRequest: something asked for cannot be had from this vendor, such as a label; `parameter` names it.
        """
        ...


@runtime_checkable
class GetsRun(Protocol):
    """`Ability.GET_RUN`."""

    async def run(self, http: Http, workflow_id: str, run_id: str) -> Run:
        """Return how a run stands."""
        ...


@runtime_checkable
class FollowsRun(Protocol):
    """`Ability.FOLLOW_RUN`."""

    def follow_run(
        self, http: Http, workflow_id: str, run_id: str, after: str | None
    ) -> AsyncIterator[RunEvent]:
        """Yield a run's events as they happen; the last one holds the run in a final state.

        Args:
            http: reaches the vendor; `http.stream` gives an answer's bytes as they come.
            workflow_id: whose run it is.
            run_id: which run.
            after: the id of the last event seen, to go on from; None for the beginning.
        """
        ...


@runtime_checkable
class CancelsRun(Protocol):
    """`Ability.CANCEL_RUN`."""

    async def cancel_run(self, http: Http, workflow_id: str, run_id: str) -> Run:
        """Stop a run and return how it stands."""
        ...
