"""Answers to writes."""

from typing import Any
from urllib.parse import quote

from fastapi import Response

from gateway.answers import entity_tag
from gateway.api.bodies import JSON, MERGE_PATCH
from gateway.cache.store import Entry
from gateway.connections import Connection
from gateway.documents import CANONICAL
from gateway.forms import CANONICAL_FORM, JSON_TYPE
from gateway.writing.attempt import Attempt
from gateway.writing.workflows import Done
from schemas.base import CanonicalModel
from schemas.serialising import to_json
from schemas.writes import WriteResult


def done_response(connection: Connection, done: Done, attempt: Attempt) -> Response:
    """Return the answer to a workflow that was written: 201 with its place when it is new."""
    result = WriteResult(losses=done.losses, dry_run=attempt.dry_run, calls=attempt.planned)
    body = to_json(result)
    headers = {}
    if done.entry is not None:
        workflow = done.entry.parts[CANONICAL]
        body = b'{"workflow":' + workflow + b"," + body[1:]
        headers["etag"] = etag_of(done.entry)
    status = 200
    if done.created and done.workflow_id is not None:
        status, headers["location"] = 201, place(connection, "workflows", done.workflow_id)
    return told(body, status, headers)


def result_response(result: CanonicalModel, status: int = 200, location: str | None = None) -> Response:
    """Return the answer to any other write; with a status of its own, and a place, where it made something."""
    return told(to_json(result), status, {} if location is None else {"location": location})


def planned_response(attempt: Attempt) -> Response:
    """Return the answer to a dry run of what leaves no document behind."""
    return told(to_json(WriteResult(dry_run=True, calls=attempt.planned)), 200, {})


def etag_of(entry: Entry) -> str:
    """Return the `ETag` that a read of the workflow has now, for the next write's `If-Match`."""
    return f'"{entity_tag(entry, CANONICAL_FORM, entry.parts[CANONICAL])}"'


def place(connection: Connection, *segments: str) -> str:
    """Return the path of something of a connection, each segment encoded."""
    parts = ("v1", "connections", connection.name, *segments)
    return "/" + "/".join(quote(part, safe="") for part in parts)


def told(body: bytes, status: int, headers: dict[str, str]) -> Response:
    """Return JSON that nobody may keep."""
    return Response(body, status, {"cache-control": "no-store", **headers}, JSON_TYPE)


def request_body(model: type[CanonicalModel], *, required: bool = True) -> dict[str, Any]:
    """Return the part of an operation in OpenAPI that describes its body."""
    schema = {"$ref": f"#/components/schemas/{model.__name__}"}
    return {"requestBody": {"required": required, "content": {JSON: {"schema": schema}}}}


def patch_body() -> dict[str, Any]:
    """Return the same of a merge patch."""
    schema = {
        "type": "object",
        "description": "A JSON merge patch (RFC 7396) on the canonical workflow: null takes a field away, "
        "a list replaces the whole list.",
    }
    content = {kind: {"schema": schema} for kind in (MERGE_PATCH, JSON)}
    return {"requestBody": {"required": True, "content": content}}
