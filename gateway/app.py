"""Puts the application together: the API, and in front of it the layers of the edge."""

import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from fastapi import Depends, FastAPI
from fastapi.security import APIKeyHeader, HTTPBearer

from adapters.contract import Vendor
from gateway.api import docs_page, errors, openapi
from gateway.api.routers import GUARDED, OPEN, operation_ids, paths
from gateway.api.state import AppState
from gateway.api.strictness import refuse_unknown_parameters
from gateway.audit.building import build_audit_log
from gateway.audit.layer import AuditLayer
from gateway.callers import Callers
from gateway.edge.authentication import AuthenticationLayer
from gateway.edge.context import ContextLayer
from gateway.edge.cors import CorsLayer
from gateway.edge.gate import Gate
from gateway.edge.head import HeadLayer
from gateway.edge.hits import HitLayer
from gateway.edge.lasting import Lasting
from gateway.edge.limiting import LimitLayer
from gateway.edge.reads import ReadLayer
from gateway.edge.short_way import ShortWay
from gateway.environment import Secret
from gateway.limits import limiters
from gateway.passthrough.layer import ROUTE_NAME, PassthroughLayer
from gateway.passthrough.sockets import SocketLayer
from gateway.runtime import start
from gateway.settings import Settings
from gateway.telemetry.counting import Counting
from gateway.telemetry.layout import Layout
from gateway.telemetry.metrics import Board, Metrics
from gateway.telemetry.tracing import build_tracer, seeing


def create_app(
    settings: Settings,
    vendors: Mapping[str, Vendor],
    secrets: Mapping[str, Secret],
    clock: Callable[[], float] = time.time,
    metrics: Metrics | None = None,
    state: AppState | None = None,
) -> HitLayer:
    """Return the whole gateway as one ASGI application; connections open and close with its lifespan.

    Args:
        settings: checked settings.
        vendors: every vendor by name.
        secrets: the credential of every connection by the connection's name.
        clock: seconds of the wall clock.
        metrics: this worker's; when None there is no other worker.
        state: what the application fills; a new one when None.
    """
    metrics = metrics or Metrics(board(settings))
    limits = limiters(settings.callers, metrics.board.marks)
    gate = Gate(Callers.from_settings(settings.callers, limits), clock)
    counting = Counting(metrics) if state is None or state.counting is None else state.counting
    audit = build_audit_log(settings, secrets, clock, counting)
    state = state or AppState(metrics=metrics, counting=counting)
    state.lasting = Lasting(gate)
    state.tracer = build_tracer(settings.tracing, paths())
    api = create_api(settings, vendors, secrets, state, clock)
    passthrough = PassthroughLayer(ReadLayer(api, state), settings.connections, state, clock)
    answering = HeadLayer(AuthenticationLayer(LimitLayer(AuditLayer(passthrough, audit)), gate, audit.denied))
    pages = settings.server.cors
    told = CorsLayer(answering, pages) if pages.origins else answering
    inner = SocketLayer(told, settings.connections, state, gate, audit)
    context = ContextLayer(inner, counting, state.tracer, to_vendors=settings.tracing.to_vendors)
    short_way = ShortWay(gate, state, settings.server.log_hits_every, pages=bool(pages.origins))
    return HitLayer(context, short_way)


def board(settings: Settings, workers: int = 1, also: Iterable[str] = ()) -> Board:
    """Return the cells that the workers count in; more than one worker must be forked after this.

    Args:
        settings: checked settings.
        workers: how many there are.
        also: names of connections that were there before.
    """
    routes = (*operation_ids(), ROUTE_NAME)
    return Board(Layout({*settings.connections, *also}, routes), workers)


def create_api(
    settings: Settings,
    vendors: Mapping[str, Vendor],
    secrets: Mapping[str, Secret],
    state: AppState | None = None,
    clock: Callable[[], float] = time.time,
) -> FastAPI:
    """Return the API without the edge: nobody is authenticated here."""
    state = state or AppState()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with seeing(state.tracer, state.counting):
            runtime = await start(settings, vendors, secrets, clock, state.counting, state.before)
            state.service, state.pages, state.desk = runtime.service, runtime.pages, runtime.desk
            state.writes, state.runtime, state.before = runtime.writes, runtime, None
            state.deadline_seconds = settings.server.deadline_seconds
            try:
                yield
            finally:
                state.service = state.pages = state.desk = state.writes = state.runtime = None
                await runtime.close(state.spared)

    api = _framework(lifespan)
    api.state.gateway = state
    for_every_route: list[Any] = [
        Depends(refuse_unknown_parameters),
        Depends(APIKeyHeader(name="X-API-Key", scheme_name="ApiKey", auto_error=False)),
        Depends(HTTPBearer(scheme_name="Bearer", auto_error=False)),
    ]
    for router in GUARDED:
        api.include_router(router, dependencies=for_every_route)
    for router in OPEN:
        api.include_router(router)
    errors.install(api, (*GUARDED, *OPEN))
    openapi.install(api)
    if settings.server.docs:
        docs_page.install(api)
    return api


def _framework(lifespan: Callable[[FastAPI], AbstractAsyncContextManager[None]]) -> FastAPI:
    return FastAPI(
        **openapi.facts(),
        redirect_slashes=False,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        separate_input_output_schemas=False,
        # It would send paths with ids in them, and exceptions with what callers wrote.
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
    )
