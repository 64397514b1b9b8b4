"""Bodies of requests: bounded, JSON, and what the route takes."""

from typing import Final, TypeVar

from fastapi import Request
from pydantic import ValidationError

from gateway.api.repeated_keys import repeated_key
from gateway.errors import BodyInvalid, BodyNotJson, BodyNotTaken, BodyTooLarge
from gateway.writing.validation import faults_of, validated
from schemas.base import CanonicalModel, JsonObject, JsonValue
from schemas.json_codec import InvalidJsonError, holds_more, loads

JSON: Final = "application/json"
MERGE_PATCH: Final = "application/merge-patch+json"

Model = TypeVar("Model", bound=CanonicalModel)


async def read_body(request: Request, taken: tuple[str, ...], most: int) -> bytes:
    """Return a request's body as it was sent; empty when there is none.

    Args:
        request: whose body was not read yet.
        taken: the media types that are read.
        most: the most bytes.

    Raises:
        BodyTooLarge: there are more.
        BodyNotTaken: they are of another media type, or compressed.
    """
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared[:20]) > most:
        raise BodyTooLarge(most)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise BodyTooLarge(most)
    if body:
        _check_type(request, taken)
    return bytes(body)


def read_object(body: bytes, most: int) -> JsonObject:
    """Return the JSON object that a body holds; an empty body is an empty object.

    Args:
        body: as it was sent.
        most: the most JSON objects and arrays in it.

    Raises:
        BodyTooLarge: it holds more.
        BodyNotJson: it cannot be read as JSON, or an object in it holds a key twice.
        BodyInvalid: it is no object.
    """
    if not body.strip():
        return {}
    if holds_more(body, most):
        raise BodyTooLarge(most, "JSON objects and arrays")
    try:
        value: JsonValue = loads(body)
    except InvalidJsonError as error:
        raise BodyNotJson(f"the body is not JSON: {str(error)[:200]}") from error
    if not isinstance(value, dict):
        raise BodyInvalid([("", "expected a JSON object")])
    key = repeated_key(body, value)
    if key is not None:
        raise BodyNotJson(
            f"the body holds the key {key[:100]!r} twice in one object; nobody knows which one counts"
        )
    return value


def read_model(body: bytes, kind: type[Model], most: int) -> Model:
    """Return what a body describes; no value is bent into another type.

    Args:
        body: as it was sent.
        kind: what it is to describe.
        most: the most JSON objects and arrays in it.

    Raises:
        BodyTooLarge: it holds more.
        BodyNotJson: it cannot be read as JSON.
        BodyInvalid: it is not what is wanted; every fault is named.
    """
    try:
        return validated(kind, read_object(body, most))
    except ValidationError as error:
        raise BodyInvalid(list(faults_of(error))) from error


def _check_type(request: Request, taken: tuple[str, ...]) -> None:
    coding = request.headers.get("content-encoding", "identity").strip().lower()
    if coding not in ("", "identity"):
        raise BodyNotTaken(f"a body compressed with {coding[:40]!r} is not read; send it as it is")
    given, _, parameters = request.headers.get("content-type", "").partition(";")
    if given.strip().lower() not in taken:
        raise BodyNotTaken(f"the body's Content-Type has to be {' or '.join(taken)}")
    name, _, value = parameters.strip().lower().partition("=")
    if name == "charset" and value.strip('"') != "utf-8":
        raise BodyNotTaken("JSON is read as UTF-8")
