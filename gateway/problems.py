"""From errors to HTTP: which code, title and status a failure has, as RFC 9457 problem details."""

from typing import Final

from adapters import errors as adapter_errors
from adapters.errors import VendorError
from gateway import errors as gateway_errors
from gateway.problem_kinds import REFUSED_CALLERS, REFUSED_WRITES, ProblemKind
from gateway.vendor_problems import VENDOR_KINDS
from schemas.problem import FieldProblem, Problem

MOST_FIELDS: Final = 100
"""Of what is wrong, told in one problem; nobody mends more in one go."""

INTERNAL: Final = ProblemKind(
    "internal_error", 500, "Internal error", "The gateway failed. The request id finds the cause in its logs."
)

_KINDS: Final[tuple[tuple[type[Exception], ProblemKind], ...]] = (
    *REFUSED_CALLERS,
    (
        gateway_errors.UnknownConnection,
        ProblemKind(
            "unknown_connection",
            404,
            "No such connection",
            "No connection of that name is configured, or the key may not see it.",
        ),
    ),
    (
        gateway_errors.UnknownVendor,
        ProblemKind("unknown_vendor", 404, "No such vendor", "No vendor of that name is installed."),
    ),
    (
        gateway_errors.AbilityMissing,
        ProblemKind(
            "unsupported",
            501,
            "Not supported on this connection",
            "The support matrix at `/v1/vendors` says what each vendor can do, and why not.",
        ),
    ),
    (
        gateway_errors.InvalidParameter,
        ProblemKind(
            "invalid_request",
            400,
            "Invalid request",
            "A parameter or an id cannot be used; `errors` names it.",
        ),
    ),
    (
        gateway_errors.NotAcceptable,
        ProblemKind("not_acceptable", 406, "Not acceptable", "No form that `Accept` allows can be given."),
    ),
    (
        gateway_errors.FilterNotApplicable,
        ProblemKind(
            "filter_not_applicable",
            501,
            "Filter not applicable to this connection",
            "The vendor's listing does not tell what the filter goes by, so its workflows are left out.",
        ),
    ),
    (
        gateway_errors.NotCached,
        ProblemKind(
            "not_cached",
            504,
            "Nothing kept answers this",
            "The request asked for `only-if-cached`; without that the vendor would be asked.",
        ),
    ),
    *REFUSED_WRITES,
    (
        gateway_errors.NotPassedOn,
        ProblemKind(
            "not_passed_on",
            403,
            "Not passed through",
            "The connection's configuration, `connections.<name>.passthrough`, does not let this through.",
        ),
    ),
    (
        gateway_errors.ConfigurationInvalid,
        ProblemKind(
            "configuration_invalid",
            422,
            "The configuration cannot be used",
            "`errors` names every fault with its key and line. The gateway goes on with the last one that could.",
        ),
    ),
    (
        gateway_errors.ReloadImpossible,
        ProblemKind("reload_impossible", 409, "No reload", "The gateway is being stopped, or has no file."),
    ),
    (
        gateway_errors.RouteMissing,
        ProblemKind("no_such_route", 404, "No such route", "`/openapi.json` lists every route and method."),
    ),
    (
        adapter_errors.InvalidRequest,
        ProblemKind(
            "invalid_request",
            400,
            "Invalid request",
            "A parameter or an id cannot be used; `errors` names it.",
        ),
    ),
    *VENDOR_KINDS,
)

METHOD_MISSING: Final = ProblemKind(
    "method_not_allowed",
    405,
    "Method not allowed",
    "The path exists, with other methods; `Allow` lists them.",
)


def catalogue() -> tuple[ProblemKind, ...]:
    """Return every kind of problem once, in order of status."""
    kinds = {kind.code: kind for _, kind in _KINDS}
    kinds |= {kind.code: kind for kind in (METHOD_MISSING, INTERNAL)}
    return tuple(sorted(kinds.values(), key=lambda kind: (kind.status, kind.code)))


def kind_of(error: BaseException) -> ProblemKind:
    """Return the kind of a failure; what is in no table is the gateway's own fault."""
    if isinstance(error, gateway_errors.RouteMissing) and error.allowed is not None:
        return METHOD_MISSING
    for error_type, kind in _KINDS:
        if isinstance(error, error_type):
            return kind
    return INTERNAL


def problem(error: BaseException, *, connection: str | None = None) -> Problem:
    """Return the problem details of a failure. Only messages of our own errors are shown."""
    kind = kind_of(error)
    detail = kind.explanation if kind is INTERNAL else str(error)
    found = Problem(
        type=f"/problems/{kind.code}",
        title=kind.title,
        status=kind.status,
        detail=detail,
        code=kind.code,
        connection=connection,
        errors=_fields(error)[:MOST_FIELDS],
    )
    if isinstance(error, gateway_errors.CallerLimited):
        return found.model_copy(update={"retryable": True, "retry_after": error.retry_after})
    if not isinstance(error, VendorError):
        return found
    return found.model_copy(
        update={
            "vendor_status": error.status,
            "vendor_code": error.said.code,
            "vendor_request_id": error.said.request_id,
            "retryable": error.retryable,
            "retry_after": error.retry_after,
        }
    )


def unsettled(found: Problem) -> Problem:
    """Return the problem of a write that was sent and nobody knows what came of: sent again, it might be done twice."""
    detail = f"{found.detail}; the change may have been made"
    return found.model_copy(update={"detail": detail, "retryable": False})


def _fields(error: BaseException) -> tuple[FieldProblem, ...]:
    if isinstance(error, gateway_errors.BodyInvalid | gateway_errors.ConfigurationInvalid):
        return error.faults
    if isinstance(error, gateway_errors.Lossy):
        return tuple(
            FieldProblem(location="body", name=loss.path, detail=loss.reason) for loss in error.losses
        )
    if isinstance(error, gateway_errors.InvalidHeader):
        return (FieldProblem(location="header", name=error.name, detail=error.detail),)
    if isinstance(error, gateway_errors.InvalidParameter):
        return (FieldProblem(location="query", name=error.name, detail=error.detail),)
    if isinstance(error, adapter_errors.InvalidRequest):
        location = "path" if error.parameter == "id" else "query"
        return (FieldProblem(location=location, name=error.parameter, detail=str(error)),)
    if isinstance(error, VendorError):
        return tuple(
            FieldProblem(location="vendor", name=fault.path, detail=fault.message)
            for fault in error.said.faults
        )
    return ()
