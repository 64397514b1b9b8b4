"""Workflows listed over all connections, or over one."""

from fastapi import APIRouter, Response

from gateway.api.parameters import (
    Asking,
    AskingNeeded,
    ConnectionNeeded,
    ConnectionsNeeded,
    FiltersNeeded,
    PagingNeeded,
)
from gateway.api.responses import READ_STATUSES, documented, reading_response
from gateway.api.state import pages_of
from gateway.forms import CANONICAL_FORM
from gateway.listing import ListingQuery
from schemas.listing import WorkflowPage

router = APIRouter(tags=["workflows"])


@router.get(
    "/v1/workflows",
    operation_id="list_workflows",
    summary="Workflows of all connections",
    responses=documented(400, 401, 403, 404, model=WorkflowPage),
)
async def list_workflows(
    connections: ConnectionsNeeded,
    filters: FiltersNeeded,
    paging: PagingNeeded,
    asking: AskingNeeded,
) -> Response:
    """One page over every connection that the key may see.

    A connection that fails is reported in `problems` and left out of the rest of the walk; `complete` is false then.
    Follow `next_cursor` until it is absent: a page may hold fewer items than the limit, even none.
    """
    query = ListingQuery(connections, filters, paging.limit, paging.cursor)
    return await _page(asking, query)


@router.get(
    "/v1/connections/{connection}/workflows",
    operation_id="list_connection_workflows",
    summary="Workflows of one connection",
    responses=documented(*READ_STATUSES, model=WorkflowPage),
)
async def list_connection_workflows(
    connection: ConnectionNeeded,
    filters: FiltersNeeded,
    paging: PagingNeeded,
    asking: AskingNeeded,
) -> Response:
    """One page of one connection's workflows; a failure of the vendor is the answer here."""
    query = ListingQuery((connection,), filters, paging.limit, paging.cursor)
    return await _page(asking, query, strict=True)


async def _page(asking: Asking, query: ListingQuery, *, strict: bool = False) -> Response:
    request = asking.request
    start = request.url.remove_query_params("cursor")
    address = f"{start.path}?{start.query}" if start.query else start.path
    reading = await pages_of(request).page(query, address, asking.ask, strict=strict)
    return await reading_response(request, reading, CANONICAL_FORM)
