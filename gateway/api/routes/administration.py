"""What only whoever operates the gateway may do."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from gateway.api.parameters import AdministratorNeeded, ServiceNeeded
from gateway.api.responses import documented, model_response
from gateway.cache.keys import connection_tag, workflow_tag
from gateway.errors import InvalidParameter
from schemas.operations import CacheFigures

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
