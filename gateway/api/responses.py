"""Answers out of ready bytes, and the documentation of problems."""

from collections.abc import Iterable
from types import MappingProxyType
from typing import Any, Final

from fastapi import Request, Response

from gateway.answers import RawHeader
from gateway.api.state import AppState, state_of
from gateway.desk import Given
from gateway.edge.asgi import PROBLEM_TYPE, Scope, problem_headers
from gateway.edge.authentication import CALLER
from gateway.edge.context import NOTES
from gateway.forms import JSON_TYPE, Form
from gateway.service import Reading
from gateway.targets import Target
from schemas.base import CanonicalModel
from schemas.problem import Problem
from schemas.serialising import to_json


def model_response(model: CanonicalModel, status: int = 200) -> Response:
    """Return a canonical model as an answer that is not kept by anyone."""
    return Response(to_json(model), status, media_type=JSON_TYPE, headers={"cache-control": "no-store"})


class GivenResponse(Response):
    """An answer whose headers are ready."""

    def __init__(self, given: Given) -> None:
        self.status_code = given.status
        self.body = given.body
        self.raw_headers = given.head
        self.background = None


async def reading_response(request: Request, reading: Reading, form: Form) -> Response:
    """Return something read through the cache in one of its forms."""
    return await give(state_of(request), request.scope, reading, form, request.scope["route"].operation_id)


async def give(state: AppState, scope: Scope, reading: Reading, form: Form, route: str) -> Response:
    """Return something read through the cache in one of its forms, and learn what the request was about.

    Args:
        state: the running application's.
        scope: the request's.
        reading: what was read.
        form: what of it is given out.
        route: the operation id.
    """
    desk = state.desk
    if desk is None:
        raise RuntimeError("the application is not started: its lifespan has to run first")
    headers = joined(scope["headers"])
    given = await desk.give(reading, form, headers)
    if state.counting is not None and reading.trace.forward is None:
        state.counting.saved(len(given.body))
    connection, vendor = scope[NOTES].get("connection"), scope[NOTES].get("vendor")
    cells = None if state.counting is None else state.counting.hit_cells(route, connection, reading.kind)
    target = Target(
        key=reading.key,
        form=form.name,
        varies_by_accept=form.varies_by_accept,
        accept=headers.get(b"accept") if form.varies_by_accept else None,
        cells=cells,
        connection=connection,
        vendor=vendor,
        route=route,
    )
    desk.targets.learn((scope[CALLER].scope, scope["raw_path"], scope["query_string"]), target)
    return GivenResponse(given)


def joined(headers: Iterable[RawHeader]) -> dict[bytes, bytes]:
    """Return headers by name, the lines of repeated ones joined by commas (RFC 9110 section 5.3)."""
    found: dict[bytes, bytes] = {}
    for name, value in headers:
        found[name] = found[name] + b", " + value if name in found else value
    return found


def problem_response(problem: Problem) -> Response:
    """Return a problem as an answer."""
    return Response(
        to_json(problem), problem.status, media_type=PROBLEM_TYPE, headers=problem_headers(problem)
    )


def documented(
    *statuses: int, model: type[CanonicalModel] | None = None, success: tuple[int, ...] = (200,)
) -> dict[int | str, dict[str, Any]]:
    """Return OpenAPI responses: the model for each success and a problem for each further status."""
    described: dict[int | str, dict[str, Any]] = {}
    if model is not None:
        described |= {status: {"model": model} for status in success}
    for status in statuses:
        described[status] = {
            "description": _DESCRIPTIONS[status],
            "content": {PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    return described


READ_STATUSES: Final = (400, 401, 403, 404, 422, 501, 502, 503, 504)
"""What every read that may call a vendor can end with."""

WRITE_STATUSES: Final = (400, 401, 403, 404, 409, 413, 415, 422, 501, 502, 503, 504)
"""What every write can end with."""

CONDITIONAL_STATUSES: Final = (412, 428)
"""What it can end with besides where `If-Match` counts."""

_DESCRIPTIONS: Final = MappingProxyType(
    {
        400: "A parameter or an id cannot be used, or the body is not JSON.",
        401: "No key, or one that is not accepted.",
        403: "The key does not give the right.",
        404: "No such connection, or the vendor has no such thing.",
        406: "None of the accepted media types can be given.",
        409: "The vendor's copy forbids this, something would be lost, or a key is not settled.",
        412: "It is no longer what `If-Match` names.",
        413: "The body is too large.",
        415: "The body is of another media type, or compressed.",
        422: "The body is not what is wanted here, or the vendor finds fault with the request.",
        428: "The connection asks for `If-Match`.",
        429: "The caller's own limits are reached; `Retry-After` says for how long.",
        500: "The gateway failed.",
        501: "The connection's vendor does not offer this; the detail says why.",
        502: "The vendor cannot be reached, failed, refused our credential, or answered nonsense.",
        503: "The vendor limits the rate or is left alone, or too many calls are under way.",
        504: "The vendor is too slow, or the request's time is over.",
    }
)
