"""Noxus' server as the plumbing sees it: routes over a state that can be rebuilt from the seed."""

from itertools import chain
from typing import cast

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from typing_extensions import override

from emulators.contract import Application, Backend, EmulatorOptions
from emulators.noxus import (
    admin,
    agent_transfer,
    agents,
    conversations,
    deployments,
    run_events,
    run_routes,
    transfer,
    triggers,
    versions,
    workflows,
)
from emulators.noxus.errors import error_body
from emulators.noxus.seed import fill
from emulators.noxus.state import State
from emulators.noxus.web import Handler, RequestIds, RouteTable, endpoint

TABLES: tuple[RouteTable, ...] = (
    admin.ROUTES,
    workflows.ROUTES,
    versions.ROUTES,
    transfer.ROUTES,
    run_routes.ROUTES,
    run_events.ROUTES,
    triggers.ROUTES,
    agents.ROUTES,
    agent_transfer.ROUTES,
    deployments.ROUTES,
    conversations.ROUTES,
)


async def _refused(request: Request, error: Exception) -> Response:
    """Answer an unknown path (404) or a wrong method (405) as the framework does, before any key check."""
    refused = cast("HTTPException", error)
    body = {"detail": refused.detail}
    return JSONResponse(body, status_code=refused.status_code, headers=refused.headers)


class NoxusBackend(Backend):
    """One emulated workspace."""

    def __init__(self, options: EmulatorOptions) -> None:
        super().__init__(options)
        self.state = State(options.clock)
        self.reset()

    @override
    def application(self) -> Application:
        """Return the vendor's API."""
        routes = [self._route(*entry) for entry in chain.from_iterable(TABLES)]
        return RequestIds(Starlette(routes=routes, exception_handlers={HTTPException: _refused}))

    @override
    def reset(self) -> None:
        """Put the state back to the seed (or to nothing when not seeded)."""
        self.state = State(self.options.clock)
        if self.options.seeded:
            fill(self.state)

    @override
    def error_body(self, status: int) -> object:
        """Return the body the vendor sends with this error status."""
        return error_body(status)

    def _route(self, method: str, path: str, handler: Handler) -> Route:
        route = Route(path, endpoint(self, handler), methods=[method])
        # The router adds HEAD to every GET; the vendor's framework does not.
        route.methods = {method}
        return route
