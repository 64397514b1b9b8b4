"""Workflows listed over all connections, or over one."""

from fastapi import APIRouter, Request, Response

from gateway.api.parameters import ConnectionNeeded, ConnectionsNeeded, FiltersNeeded, PagingNeeded
from gateway.api.responses import READ_STATUSES, documented, model_response
from gateway.api.state import listing_of
from schemas.listing import WorkflowPage

router = APIRouter(tags=["workflows"])


@router.get(
    "/v1/workflows",
    operation_id="list_workflows",
    summary="Workflows of all connections",
    responses=documented(400, 401, 404, model=WorkflowPage),
)
async def list_workflows(
    request: Request, connections: ConnectionsNeeded, filters: FiltersNeeded, paging: PagingNeeded
) -> Response:
    """One page over every connection that the key may see.

    A connection that fails is reported in `problems` and left out of the rest of the walk; `complete` is false then.
    Follow `next_cursor` until it is absent: a page may hold fewer items than the limit, even none.
    """
    page = await listing_of(request).page(connections, filters, paging.limit, paging.cursor)
    return _page_response(request, page)


@router.get(
    "/v1/connections/{connection}/workflows",
    operation_id="list_connection_workflows",
    summary="Workflows of one connection",
    responses=documented(*READ_STATUSES, model=WorkflowPage),
)
async def list_connection_workflows(
    request: Request, connection: ConnectionNeeded, filters: FiltersNeeded, paging: PagingNeeded
) -> Response:
    """One page of one connection's workflows; a failure of the vendor is the answer here."""
    page = await listing_of(request).page((connection,), filters, paging.limit, paging.cursor, strict=True)
    return _page_response(request, page)


def _page_response(request: Request, page: WorkflowPage) -> Response:
    response = model_response(page)
    if page.next_cursor is not None:
        following = request.url.include_query_params(cursor=page.next_cursor)
        # RFC 8288; a reference without host, since the gateway may be reached under several.
        response.headers["link"] = f'<{following.path}?{following.query}>; rel="next"'
    return response
