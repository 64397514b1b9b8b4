"""Vendors and connections."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from gateway.api.parameters import CallerNeeded, ConnectionNeeded, ServiceNeeded, UntilNeeded
from gateway.api.responses import documented, model_response
from schemas.catalogue import ConnectionDescription, ConnectionList, VendorDescription, VendorList

router = APIRouter(tags=["catalogue"])


@router.get(
    "/v1/vendors",
    operation_id="list_vendors",
    summary="What each vendor can do",
    responses=documented(401, model=VendorList),
)
async def list_vendors(service: ServiceNeeded, _: CallerNeeded) -> Response:
    """Every vendor with its support matrix: what it can do through the gateway, and why not."""
    return model_response(VendorList(items=service.vendors()))


@router.get(
    "/v1/vendors/{vendor}",
    operation_id="get_vendor",
    summary="What one vendor can do",
    responses=documented(401, 404, model=VendorDescription),
)
async def get_vendor(service: ServiceNeeded, _: CallerNeeded, vendor: str) -> Response:
    """One vendor with its support matrix."""
    return model_response(service.vendor(vendor))


@router.get(
    "/v1/connections",
    operation_id="list_connections",
    summary="The configured connections",
    responses=documented(401, model=ConnectionList),
)
async def list_connections(service: ServiceNeeded, caller: CallerNeeded) -> Response:
    """Every connection that the key may see, with the health its latest calls tell."""
    items = tuple(connection.describe() for connection in service.visible(caller))
    return model_response(ConnectionList(items=items))


@router.get(
    "/v1/connections/{connection}",
    operation_id="get_connection",
    summary="One connection",
    responses=documented(401, 404, 501, model=ConnectionDescription),
)
async def get_connection(
    service: ServiceNeeded,
    connection: ConnectionNeeded,
    until: UntilNeeded,
    probe: Annotated[
        bool | None, Query(description="Call the vendor once first; a failure shows in `health`.")
    ] = None,
) -> Response:
    """One connection, with its health."""
    if probe:
        return model_response(await service.probe(connection, until))
    return model_response(connection.describe())
