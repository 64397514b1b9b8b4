"""Runs of workflows."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Header, Request, Response

from gateway.api.event_stream import DESCRIBED, EVENT_STREAM, EventStream
from gateway.api.parameters import (
    CallerNeeded,
    ConnectionName,
    RunId,
    ServiceNeeded,
    UntilNeeded,
    WorkflowId,
    connection_for,
)
from gateway.api.responses import READ_STATUSES, WRITE_STATUSES, documented
from gateway.api.results import place, planned_response, request_body, result_response
from gateway.api.state import state_of, writes_of
from gateway.api.writing import Writes, Writing
from gateway.connections import Connection
from gateway.settings.values import Right
from gateway.writing.runs import Place
from schemas.runs import Run
from schemas.support import Ability
from schemas.writes import RunStart, WriteResult

router = APIRouter(tags=["runs"])
RUNS = "/v1/connections/{connection}/workflows/{workflow}/runs"


async def running_connection(
    request: Request, service: ServiceNeeded, caller: CallerNeeded, name: ConnectionName
) -> Connection:
    """Return the connection named in the path, if the caller may run what it holds."""
    return connection_for(request, service, caller, name, Right.RUN)


RunningConnection = Annotated[Connection, Depends(running_connection)]


async def place_of(workflow: WorkflowId, run: RunId) -> Place:
    """Return which run is meant."""
    return Place(workflow, run)


_PLANNED: Final[Mapping[int | str, dict[str, Any]]] = MappingProxyType(
    {200: {"model": WriteResult, "description": "What would be sent, with `dry_run`."}}
)

PlaceNeeded = Annotated[Place, Depends(place_of)]


@router.post(
    RUNS,
    operation_id="start_run",
    summary="Start a run",
    status_code=202,
    responses=documented(*WRITE_STATUSES, model=Run, success=(201, 202)) | dict(_PLANNED),
    openapi_extra=request_body(RunStart, required=False),
)
async def start_run(
    writing: Annotated[Writing, Depends(Writes(Ability.START_RUN, Right.RUN))], workflow: WorkflowId
) -> Response:
    """Start a run and return at once: 202 while it is under way, 201 when it has ended already.

    `Location` leads to the run; its `/events` follow it to the end.
    """

    async def work() -> Response:
        start = writing.model(RunStart)
        run = await writing.tools.runs.start(writing.connection, workflow, start, writing.ask)
        if run is None or writing.dry_run:
            return planned_response(writing.ask.attempt)
        where = place(writing.connection, "workflows", workflow, "runs", run.id)
        return result_response(run, 201 if run.state.final else 202, where)

    return await writing.once(work)


@router.get(
    RUNS + "/{run}",
    operation_id="get_run",
    summary="How a run stands",
    responses=documented(*READ_STATUSES, model=Run),
)
async def get_run(
    request: Request, connection: RunningConnection, which: PlaceNeeded, until: UntilNeeded
) -> Response:
    """The run as the vendor tells it now; nothing of it is kept."""
    return result_response(await writes_of(request).runs.get(connection, which, until))


@router.get(
    RUNS + "/{run}/events",
    operation_id="follow_run",
    summary="Follow a run",
    response_class=Response,
    responses=documented(*READ_STATUSES)
    | {
        200: {
            "description": "Events named `run`, each a RunEvent; `problem` when the vendor broke off.",
            "content": {EVENT_STREAM: {"schema": dict(DESCRIBED)}},
        }
    },
)
async def follow_run(
    request: Request,
    caller: CallerNeeded,
    connection: RunningConnection,
    which: PlaceNeeded,
    last_event_id: Annotated[
        str | None, Header(alias="Last-Event-ID", description="Go on after this event, where the vendor can.")
    ] = None,
) -> Response:
    """What happens in a run, as server-sent events, until it has ended; comments between tell that all is well."""
    held = state_of(request).held(caller, Right.RUN, connection.name)
    return EventStream(await writes_of(request).runs.follow(connection, which, last_event_id), held)


@router.post(
    RUNS + "/{run}/cancel",
    operation_id="cancel_run",
    summary="Stop a run",
    responses=documented(*WRITE_STATUSES, model=Run) | {200: {"model": Run | WriteResult}},
)
async def cancel_run(
    writing: Annotated[Writing, Depends(Writes(Ability.CANCEL_RUN, Right.RUN))], which: PlaceNeeded
) -> Response:
    """Stop a run; the answer tells how it stands."""

    async def work() -> Response:
        run = await writing.tools.runs.cancel(writing.connection, which, writing.ask)
        if run is None or writing.dry_run:
            return planned_response(writing.ask.attempt)
        return result_response(run)

    return await writing.once(work)
