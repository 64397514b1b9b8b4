"""What only whoever operates the gateway may do."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from gateway.api.parameters import AdministratorNeeded, ServiceNeeded
from gateway.api.responses import documented, model_response
from gateway.api.state import control_of
from gateway.cache.keys import connection_tag, workflow_tag
from gateway.control import Control, InForce
from gateway.edge.gate import refuse_strangers
from gateway.errors import ConfigurationInvalid, InvalidParameter
from gateway.settings import masked
from schemas.operations import CacheFigures, ConfigurationInForce, ReloadFailure, ReloadResult

router = APIRouter(tags=["administration"])


@router.get(
    "/v1/admin/cache",
    operation_id="get_cache",
    summary="How full the cache is",
    responses=documented(401, 403, model=CacheFigures),
)
async def get_cache(service: ServiceNeeded, _: AdministratorNeeded) -> Response:
    """The figures of the process that answers, and of the tier that it shares with others."""
    return model_response(service.cache_figures())


@router.delete(
    "/v1/admin/cache",
    operation_id="purge_cache",
    summary="Forget what is kept",
    status_code=204,
    responses=documented(400, 401, 403, 404, 503),
)
async def purge_cache(
    service: ServiceNeeded,
    caller: AdministratorNeeded,
    connection: Annotated[
        str | None, Query(description="Forget all that was read through this connection.")
    ] = None,
    workflow: Annotated[
        str | None,
        Query(description="With `connection`: forget only what is about this workflow, and the listings."),
    ] = None,
    everything: Annotated[bool | None, Query(alias="all", description="Forget all there is.")] = None,
) -> Response:
    """Have it forgotten by every instance that shares the cache; the next read asks the vendor."""
    if connection is None:
        if workflow is not None:
            raise InvalidParameter("workflow", "only together with connection")
        if not everything:
            raise InvalidParameter("all", "give a connection, a connection and a workflow, or all=true")
        await service.purge_everything()
    else:
        if everything:
            raise InvalidParameter("all", "not together with connection")
        service.connection(connection, caller)
        tag = connection_tag(connection) if workflow is None else workflow_tag(connection, workflow)
        await service.purge(connection, tag)
    return Response(status_code=204)


@router.get(
    "/v1/admin/configuration",
    operation_id="get_configuration",
    summary="The configuration in force",
    responses=documented(401, 403, 409, model=ConfigurationInForce),
)
async def get_configuration(
    _: AdministratorNeeded, control: Annotated[Control, Depends(control_of)]
) -> Response:
    """Every setting with its value, secrets masked, and why the file was not taken over the last time, if so."""
    found = control.in_force()
    # Credentials are looked for, in files too.
    shown = await asyncio.to_thread(masked, found.settings)
    return model_response(
        ConfigurationInForce(
            **_told(found).model_dump(),
            source=str(found.settings.source),
            configuration=shown,
            failure=_failure(found),
        )
    )


@router.post(
    "/v1/admin/reload",
    operation_id="reload_configuration",
    summary="Read the configuration anew",
    responses=documented(401, 403, 409, 422, model=ReloadResult, success=(200, 202)),
)
async def reload_configuration(
    request: Request, caller: AdministratorNeeded, control: Annotated[Control, Depends(control_of)]
) -> Response:
    """Read the file and the credentials anew, and go on with them; requests under way end with the last ones.

    202 where several processes answer: it can be used, and they take it over now.
    """
    refuse_strangers(request.headers.get("origin"), caller)
    found = await control.reload()
    return model_response(_told(found), 202 if found.waiting else 200)


def _told(found: InForce) -> ReloadResult:
    return ReloadResult(since=found.since, waiting=found.waiting, restart_needed=found.restart_needed)


def _failure(found: InForce) -> ReloadFailure | None:
    if found.failure is None:
        return None
    return ReloadFailure(at=found.failure.at, errors=ConfigurationInvalid(found.failure.issues).faults)
