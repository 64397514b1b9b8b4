"""Starting, looking at, following and stopping runs."""

from collections.abc import AsyncIterator

from adapters.contract import Answer, Http
from adapters.errors import InvalidRequest
from adapters.noxus.answers import json_object
from adapters.noxus.following import fetch_run, follow
from adapters.noxus.run_reading import read_run
from schemas.runs import Run, RunEvent
from schemas.writes import RunStart


class RunCalls:
    """Starts, gets, follows and cancels runs."""

    async def start_run(self, http: Http, workflow_id: str, start: RunStart) -> Run:
        """Start a run of the working copy, or of a version.

        Raises:
            InvalidRequest: a label, metadata or the outputs of every node are asked for.
        """
        if start.label is not None:
            raise InvalidRequest("Noxus has no labels that point at versions", "label")
        if start.metadata:
            raise InvalidRequest("Noxus keeps nothing else with a run than its inputs", "metadata")
        if start.all_outputs:
            raise InvalidRequest(
                "Noxus tells what single nodes gave only while a run is followed", "all_outputs"
            )
        version = {} if start.version is None else {"workflow_version_id": start.version}
        body = {"input": start.inputs, **version}
        answer = await http.send("POST", "v1", "workflows", workflow_id, "runs", body=body)
        return _run(answer, workflow_id)

    async def run(self, http: Http, workflow_id: str, run_id: str) -> Run:
        """Return how a run stands."""
        return await fetch_run(http, workflow_id, run_id)

    def follow_run(
        self, http: Http, workflow_id: str, run_id: str, after: str | None
    ) -> AsyncIterator[RunEvent]:
        """Yield the vendor's events as they happen, then the run as it ended; see `adapters.noxus.following`."""
        return follow(http, workflow_id, run_id, after)

    async def cancel_run(self, http: Http, workflow_id: str, run_id: str) -> Run:
        """Stop a run of this workflow; one that has ended is returned as it is, and nothing is sent."""
        present = await fetch_run(http, workflow_id, run_id)
        if present.state.final:
            return present
        return _run(await http.send("POST", "v1", "runs", run_id, "stop"), workflow_id)


def _run(answer: Answer, workflow_id: str) -> Run:
    return read_run(json_object(answer, "a run"), workflow_id)
