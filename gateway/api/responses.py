"""Answers out of ready bytes, and the documentation of problems."""

from types import MappingProxyType
from typing import Any, Final

from fastapi import Response

from gateway.documents import entity_tag
from gateway.edge.asgi import PROBLEM_TYPE, problem_headers
from gateway.service import Reading
from schemas.base import CanonicalModel
from schemas.problem import Problem
from schemas.serialising import to_json

JSON_TYPE: Final = "application/json"


def model_response(model: CanonicalModel) -> Response:
    """Return a canonical model as an answer that is not kept by anyone."""
    return Response(to_json(model), media_type=JSON_TYPE, headers={"cache-control": "no-store"})


def reading_response(
    reading: Reading, body: bytes, *, media_type: str = JSON_TYPE, age_seconds: int = 0
) -> Response:
    """Return a representation of something read through the cache."""
    headers = {
        "cache-control": "private, no-cache",
        "cache-status": _cache_status(reading, age_seconds),
        "age": str(age_seconds),
        "etag": entity_tag(body),
    }
    return Response(body, media_type=media_type, headers=headers)


def problem_response(problem: Problem) -> Response:
    """Return a problem as an answer."""
    return Response(
        to_json(problem), problem.status, media_type=PROBLEM_TYPE, headers=problem_headers(problem)
    )


def documented(*statuses: int, model: type[CanonicalModel] | None = None) -> dict[int | str, dict[str, Any]]:
    """Return OpenAPI responses: the model for 200 and a problem for each further status."""
    described: dict[int | str, dict[str, Any]] = {}
    if model is not None:
        described[200] = {"model": model}
    for status in statuses:
        described[status] = {
            "description": _DESCRIPTIONS[status],
            "content": {PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    return described


READ_STATUSES: Final = (400, 401, 404, 422, 501, 502, 503, 504)
"""What every read that may call a vendor can end with."""

_DESCRIPTIONS: Final = MappingProxyType(
    {
        400: "A parameter or an id cannot be used.",
        401: "No key, or one that is not accepted.",
        404: "No such connection, or the vendor has no such thing.",
        406: "None of the accepted media types can be given.",
        409: "The vendor's copy is in a state that forbids this.",
        422: "The vendor finds fault with the request.",
        500: "The gateway failed.",
        501: "The connection's vendor does not offer this; the detail says why.",
        502: "The vendor cannot be reached, failed, refused our credential, or answered nonsense.",
        503: "The vendor limits the rate, or too many calls are under way.",
        504: "The vendor is too slow.",
    }
)


def _cache_status(reading: Reading, age_seconds: int) -> str:
    # RFC 9211: `hit` with the seconds left, or why it was forwarded.
    left = int(reading.entry.fresh_seconds) - age_seconds
    words = {"hit": f"hit; ttl={left}", "miss": "fwd=miss; stored", "collapsed": "fwd=miss; collapsed"}
    return f"workflow-gateway; {words[reading.outcome.value]}"
