"""Every failure inside the framework as a problem."""

from collections.abc import Sequence
from itertools import chain

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.routing import Match, Route

from adapters.errors import AdapterError
from gateway.api.responses import problem_response
from gateway.cache.trace import Trace
from gateway.edge.context import NOTES, REQUEST_ID
from gateway.edge.telling import TRACE
from gateway.errors import GatewayError, InvalidParameter, RouteMissing
from gateway.problems import problem, unsettled
from gateway.writing.attempt import Outcome
from schemas.problem import FieldProblem, Problem


def install(application: FastAPI, routers: Sequence[APIRouter]) -> None:
    """Answer the errors that routes raise, and the framework's own, as problems.

    Args:
        application: it has the routers already.
        routers: with all the routes that a path can have more than one of.
    """

    async def framework(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101 - registered for nothing else
        return _framework(request, error, routers)

    application.add_exception_handler(GatewayError, known)
    application.add_exception_handler(AdapterError, known)
    application.add_exception_handler(RequestValidationError, _invalid)
    application.add_exception_handler(HTTPException, framework)


async def known(request: Request, error: Exception) -> Response:
    """Return the answer to a failure of the gateway's or the adapters' own kinds."""
    connection = request.scope.get(NOTES, {}).get("connection")
    found = problem(error, connection=connection)
    if request.scope.get(NOTES, {}).get("outcome") == Outcome.UNKNOWN:
        found = unsettled(found)
    return _answer(request, found.model_copy(update={"errors": _placed(request, found)}))


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for nothing else
    fields = tuple(_field(found) for found in error.errors())
    first = fields[0]
    found = problem(InvalidParameter(first.name, first.detail))
    return _answer(request, found.model_copy(update={"errors": fields}))


def _framework(request: Request, error: HTTPException, routers: Sequence[APIRouter]) -> Response:
    path = request.url.path[:200]
    if error.status_code == 405:
        allowed = ", ".join(_offered(request, routers))
        missing = RouteMissing(
            f"{request.method} is not offered on {path}; allowed: {allowed}", allowed=allowed
        )
        response = _answer(request, problem(missing))
        response.headers["allow"] = allowed
        return response
    return _answer(request, problem(RouteMissing(f"there is no route {path}; /openapi.json lists them")))


def _answer(request: Request, found: Problem) -> Response:
    update = {"request_id": request.scope.get(REQUEST_ID), "instance": request.scope["path"]}
    if NOTES in request.scope:
        request.scope[NOTES]["problem"] = found.code
    response = problem_response(found.model_copy(update=update))
    trace = request.scope.get(TRACE)
    if isinstance(trace, Trace) and trace.outcome is not None:
        response.headers["cache-status"] = trace.cache_status()
    return response


def _offered(request: Request, routers: Sequence[APIRouter]) -> list[str]:
    """Return the methods of all routes of a path, with HEAD, which the edge offers wherever there is GET."""
    methods: set[str] = set()
    for route in chain(request.app.routes, *(router.routes for router in routers)):
        if isinstance(route, Route) and route.matches(request.scope)[0] is not Match.NONE:
            methods |= route.methods or set()
    return sorted(methods | {"HEAD"} if "GET" in methods else methods)


def _field(found: dict[str, object]) -> FieldProblem:
    place = found["loc"]
    location, *names = [str(part) for part in place] if isinstance(place, tuple | list) else ["query"]
    detail = str(found["msg"]).removeprefix("Value error, ")
    return FieldProblem(location=location, name="/".join(names), detail=detail)


def _placed(request: Request, found: Problem) -> tuple[FieldProblem, ...]:
    """Return the fields at fault with where they are, which nobody knows further down."""
    return tuple(_placed_field(request, field) for field in found.errors)


def _placed_field(request: Request, field: FieldProblem) -> FieldProblem:
    if field.name in request.path_params:
        return field.model_copy(update={"location": "path"})
    has_body = request.method in ("POST", "PUT", "PATCH")
    if has_body and field.location == "query" and field.name not in request.query_params:
        return field.model_copy(update={"location": "body", "name": "/" + field.name.lstrip("/")})
    return field
