"""Starting runs and looking at them."""

from collections.abc import AsyncIterator
from typing import Final

from adapters.contract import Http
from adapters.errors import InvalidRequest, VendorSurprise
from adapters.evidence import Evidence, Findings
from adapters.promptlayer.answers import json_object, label_name, version_number
from adapters.promptlayer.following import fetch_run, follow
from adapters.promptlayer.planning import WORKFLOWS
from schemas.base import JsonObject
from schemas.runs import Run, RunEvent, RunState
from schemas.writes import RunStart

RUN_ID: Final = "workflow_version_execution_id"


class RunCalls:
    """Starts, gets and follows runs. No answer tells whose run it is: a run's workflow is what was asked with."""

    async def start_run(self, http: Http, workflow_id: str, start: RunStart) -> Run:
        """Start a run of the latest version, of a version or of what a label points at.

        Raises:
            InvalidRequest: both a version and a label are given, or one that cannot be.
        """
        answer = await http.send("POST", WORKFLOWS, workflow_id, "run", body=_body(start))
        run_id = Evidence(json_object(answer), Findings()).integer(RUN_ID)
        if run_id is None:
            raise VendorSurprise("the vendor did not number the run that it started", status=answer.status)
        return Run(
            id=str(run_id),
            workflow_id=workflow_id,
            state=RunState.QUEUED,
            version=start.version,
            inputs=start.inputs,
        )

    async def run(self, http: Http, workflow_id: str, run_id: str) -> Run:
        """Return how a run stands; the vendor numbers runs across workflows and does not tell whose they are."""
        del workflow_id
        return await fetch_run(http, run_id)

    def follow_run(
        self, http: Http, workflow_id: str, run_id: str, after: str | None
    ) -> AsyncIterator[RunEvent]:
        """Yield how the run stands, now and each time it has moved; every event tells all, so `after` is nothing."""
        del workflow_id, after
        return follow(http, run_id)


def _body(start: RunStart) -> JsonObject:
    if start.version is not None and start.label is not None:
        raise InvalidRequest("give either a version or a label, not both", "label")
    body: JsonObject = {"input_variables": start.inputs, "return_all_outputs": start.all_outputs}
    if start.version is not None:
        body["workflow_version_number"] = version_number(start.version)
    if start.label is not None:
        body["workflow_label_name"] = label_name(start.label)
    if start.metadata:
        body["metadata"] = dict(start.metadata)
    return body
