"""Health, published schemas and the catalogue of problems."""

from functools import cache

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from gateway.api.responses import documented
from gateway.api.state import state_of
from gateway.errors import RouteMissing
from gateway.problems import catalogue
from schemas.json_codec import dumps
from schemas.publish import MODELS, document

router = APIRouter(tags=["operations"])
SCHEMA_TYPE = "application/schema+json"


@router.get("/healthz", operation_id="get_health", summary="The process is alive")
async def get_health() -> JSONResponse:
    """Answer 200 as long as the process can answer at all."""
    return JSONResponse({"status": "alive"})


@router.get(
    "/readyz",
    operation_id="get_readiness",
    summary="Requests can be served",
    responses={503: {"description": "Starting or stopping."}},
)
async def get_readiness(request: Request) -> JSONResponse:
    """Answer 200 when requests can be served, else 503. Vendors are not asked: theirs is another health."""
    ready = state_of(request).ready
    return JSONResponse({"status": "ready" if ready else "not ready"}, 200 if ready else 503)


@router.get(
    "/schemas/{name}",
    operation_id="get_schema",
    summary="A JSON Schema of the canonical model",
    response_class=Response,
    responses=documented(404)
    | {200: {"description": "The schema.", "content": {SCHEMA_TYPE: {}, "application/json": {}}}},
)
async def get_schema(name: str) -> Response:
    """One published schema (JSON Schema 2020-12), such as `/schemas/workflow.json`; `index.json` lists them."""
    stem = name.removesuffix(".json")
    if stem == "index":
        return JSONResponse({"schemas": [f"/schemas/{known}.json" for known in MODELS]})
    if stem not in MODELS:
        raise RouteMissing(f"there is no schema named {name[:100]!r}; /schemas/index.json lists them")
    return Response(_schema(stem), media_type=SCHEMA_TYPE)


@router.get(
    "/problems/{code}",
    operation_id="get_problem_kind",
    summary="What a problem's code means",
    responses=documented(404),
)
async def get_problem_kind(code: str) -> JSONResponse:
    """One kind of problem; the `type` of every problem leads here."""
    for kind in catalogue():
        if kind.code == code:
            return JSONResponse(
                {
                    "code": kind.code,
                    "status": kind.status,
                    "title": kind.title,
                    "explanation": kind.explanation,
                }
            )
    codes = ", ".join(kind.code for kind in catalogue())
    raise RouteMissing(f"there is no problem with the code {code[:100]!r}; there are: {codes}")


@cache
def _schema(name: str) -> bytes:
    return dumps(document(name))
