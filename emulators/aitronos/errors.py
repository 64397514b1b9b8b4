"""Refusals and the vendor's error envelope.

Documented: the envelope, the 401 and 403 codes, VALIDATION_ERROR. The codes of 400, 404, 405, 409, 429 and 5xx
are nowhere documented; the names here are the likeliest ones.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeAlias

Document: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing wrong with a request: where it is, a sentence, and FastAPI's word for it."""

    place: tuple[str | int, ...]
    message: str
    kind: str


class Refusal(Exception):
    """A request that is answered with an error."""

    def __init__(
        self,
        status: int,
        code: str | None = None,
        message: str | None = None,
        *,
        details: Document | None = None,
        headers: Mapping[str, str] | None = None,
        issues: tuple[Issue, ...] = (),
    ) -> None:
        usual = USUAL.get(status, UNUSUAL)
        self.status = status
        self.code = code or usual.code
        self.message = message or usual.message
        self.system_message = usual.system_message
        self.details = details or {}
        self.headers = dict(headers or {})
        self.issues = issues
        super().__init__(f"{status} {self.code}")


@dataclass(frozen=True, slots=True)
class Usual:
    """What the vendor says for a status unless it has something better to say."""

    code: str
    message: str
    system_message: str


@dataclass(frozen=True, slots=True)
class Trace:
    """What an error body holds besides its cause, and which of the contradicting forms it takes.

    Attributes:
        trace_id: the request's id.
        timestamp: ISO 8601 with a Z, unlike the Unix seconds of resources.
        with_details: keep `error.details`.
        fastapi_validation: give a 422 FastAPI's own body instead of the envelope.
    """

    trace_id: str
    timestamp: str
    with_details: bool = True
    fastapi_validation: bool = False


UNUSUAL = Usual("UNKNOWN_ERROR", "The request could not be completed.", "no handler for this status")

USUAL: Mapping[int, Usual] = MappingProxyType(
    {
        400: Usual("BAD_REQUEST", "The request makes no sense as it stands.", "bad request"),
        401: Usual("AUTHENTICATION_REQUIRED", "Send a valid API key.", "no credentials in the request"),
        403: Usual("INSUFFICIENT_PERMISSIONS", "Your key may not use this resource.", "permission denied"),
        404: Usual("RESOURCE_NOT_FOUND", "There is no such resource.", "not found"),
        405: Usual("METHOD_NOT_ALLOWED", "This path does not take that method.", "method not allowed"),
        408: Usual("REQUEST_TIMEOUT", "The request took too long to arrive.", "request timed out"),
        409: Usual("RESOURCE_ALREADY_EXISTS", "There is one like it already.", "conflict"),
        422: Usual("VALIDATION_ERROR", "Some fields need another look.", "request validation failed"),
        429: Usual("RATE_LIMIT_EXCEEDED", "Too many requests, try again shortly.", "rate limited"),
        500: Usual("INTERNAL_SERVER_ERROR", "Something broke on our side.", "unhandled exception"),
        502: Usual("BAD_GATEWAY", "A service behind us gave no usable answer.", "bad upstream answer"),
        503: Usual("SERVICE_UNAVAILABLE", "The service is away for a moment.", "service unavailable"),
        504: Usual("GATEWAY_TIMEOUT", "A service behind us took too long.", "upstream timed out"),
    }
)


def error_type(status: int) -> str:
    """Return the envelope's `type` for a status."""
    if status == 401:
        return "authentication_error"
    if status == 403:
        return "authorization_error"
    return "server_error" if status >= 500 else "client_error"


def validation(issues: list[Issue]) -> Refusal:
    """Return the 422 for these issues; the envelope's `details.field` names the first."""
    listed = [{"field": _dotted(issue), "message": issue.message, "type": issue.kind} for issue in issues]
    details = {"field": listed[0]["field"], "errors": listed}
    return Refusal(422, details=details, issues=tuple(issues))


def not_found(what: str, identifier: str) -> Refusal:
    """Return the 404 for a resource that is not there (any more)."""
    return Refusal(404, message=f"{what} not found.", details={"resource_id": identifier})


def body(refusal: Refusal, trace: Trace) -> Document:
    """Return the JSON body of a refusal."""
    if trace.fastapi_validation and refusal.status == 422:
        return {"detail": [_fastapi(issue) for issue in refusal.issues or (_SOME_ISSUE,)]}
    error = {
        "code": refusal.code,
        "message": refusal.message,
        "system_message": refusal.system_message,
        "type": error_type(refusal.status),
        "status": refusal.status,
        "trace_id": trace.trace_id,
        "timestamp": trace.timestamp,
        "details": refusal.details,
    }
    if not trace.with_details:
        del error["details"]
    return {"success": False, "error": error}


_SOME_ISSUE = Issue(("body",), "Field required", "missing")


def _dotted(issue: Issue) -> str:
    return ".".join(str(step) for step in issue.place[1:]) or str(issue.place[0])


def _fastapi(issue: Issue) -> Document:
    return {"loc": list(issue.place), "msg": issue.message, "type": issue.kind}
