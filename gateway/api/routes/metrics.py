"""Figures for monitoring."""

from typing import Annotated

from fastapi import APIRouter, Header, Request, Response
from starlette.concurrency import run_in_threadpool

from gateway.api.parameters import CallerNeeded
from gateway.api.state import metrics_of
from gateway.telemetry.exposition import exposition

router = APIRouter(tags=["operations"])


@router.get(
    "/metrics",
    operation_id="get_metrics",
    summary="Figures for monitoring",
    response_class=Response,
    responses={
        200: {
            "description": "One line per series.",
            "content": {"text/plain": {}, "application/openmetrics-text": {}},
        }
    },
)
async def get_metrics(
    request: Request, caller: CallerNeeded, accept: Annotated[str, Header(include_in_schema=False)] = ""
) -> Response:
    """Every worker's figures, in Prometheus' text format or, when `Accept` asks for it, as OpenMetrics.

    Any caller's key will do; Prometheus sends it as a bearer token. Only connections that the key may see are told of.
    """
    metrics = metrics_of(request)
    metrics.publish()
    # Written in a thread, so that requests of others go on meanwhile.
    text, media_type = await run_in_threadpool(exposition, metrics.board, accept, caller.may_see)
    return Response(text, headers={"content-type": media_type, "cache-control": "no-store"})
