"""Workflows listed over all connections, or over one."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from gateway.api.parameters import (
    DEFAULT_LIMIT,
    CallerNeeded,
    ConnectionNeeded,
    Cursor,
    FiltersNeeded,
    Limit,
    ServiceNeeded,
)
from gateway.api.responses import READ_STATUSES, documented, model_response
from gateway.api.state import listing_of
from gateway.listing import narrowed
from schemas.listing import WorkflowPage

router = APIRouter(tags=["workflows"])


@router.get(
    "/v1/workflows",
    operation_id="list_workflows",
    summary="Workflows of all connections",
    responses=documented(400, 401, model=WorkflowPage),
)
async def list_workflows(  # noqa: PLR0913, PLR0917 - a listing has that many parameters
    request: Request,
    service: ServiceNeeded,
    caller: CallerNeeded,
    filters: FiltersNeeded,
    connection: Annotated[
        list[str] | None, Query(description="Only these connections; may be repeated.")
    ] = None,
    vendor: Annotated[list[str] | None, Query(description="Only these vendors; may be repeated.")] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Response:
    """One page over every connection that the key may see.

    A connection that fails is reported in `problems` and left out of the rest of the walk; `complete` is false then.
    Follow `next_cursor` until it is absent: a page may hold fewer items than the limit, even none.
    """
    connections = narrowed(service.visible(caller), connection, vendor)
    page = await listing_of(request).page(connections, filters, limit, cursor)
    return _page_response(request, page)


@router.get(
    "/v1/connections/{connection}/workflows",
    operation_id="list_connection_workflows",
    summary="Workflows of one connection",
    responses=documented(*READ_STATUSES, model=WorkflowPage),
)
async def list_connection_workflows(
    request: Request,
    connection: ConnectionNeeded,
    filters: FiltersNeeded,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Response:
    """One page of one connection's workflows; a failure of the vendor is the answer here."""
    page = await listing_of(request).page((connection,), filters, limit, cursor, strict=True)
    return _page_response(request, page)


def _page_response(request: Request, page: WorkflowPage) -> Response:
    response = model_response(page)
    if page.next_cursor is not None:
        following = request.url.include_query_params(cursor=page.next_cursor)
        # RFC 8288; a reference without host, since the gateway may be reached under several.
        response.headers["link"] = f'<{following.path}?{following.query}>; rel="next"'
    return response
