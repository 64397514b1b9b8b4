"""Kinds of problems, and those of them that say that a caller may not, or that a write is not made."""

from dataclasses import dataclass
from typing import Final

from gateway import errors as gateway_errors


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """A kind of problem.

    Attributes:
        code: stable name for programs.
        status: the HTTP status code.
        title: the kind in a few words.
        explanation: a sentence for the reference page.
    """

    code: str
    status: int
    title: str
    explanation: str


REFUSED_CALLERS: Final[tuple[tuple[type[Exception], ProblemKind], ...]] = (
    (
        gateway_errors.NotAuthenticated,
        ProblemKind(
            "not_authenticated",
            401,
            "Key missing or not accepted",
            "Send a gateway key as `X-API-Key: <key>` or `Authorization: Bearer <key>`.",
        ),
    ),
    (
        gateway_errors.NotAllowed,
        ProblemKind("not_allowed", 403, "Not allowed", "The key is valid and does not give this right."),
    ),
    (
        gateway_errors.RateLimited,
        ProblemKind(
            "rate_limited",
            429,
            "Too many requests",
            "The caller's `limits.requests_per_second` is used up; `Retry-After` says when to come back.",
        ),
    ),
    (
        gateway_errors.ConcurrencyLimited,
        ProblemKind(
            "concurrency_limited",
            429,
            "Too many requests at once",
            "The caller's `limits.concurrency` is reached; wait for one of the requests under way.",
        ),
    ),
)

REFUSED_WRITES: Final[tuple[tuple[type[Exception], ProblemKind], ...]] = (
    (
        gateway_errors.BodyTooLarge,
        ProblemKind(
            "body_too_large",
            413,
            "Body too large",
            "`server.request_bytes` and `server.request_objects`, or `passthrough.request_bytes`, bound it.",
        ),
    ),
    (
        gateway_errors.BodyNotTaken,
        ProblemKind(
            "unsupported_media_type", 415, "Media type not taken", "Send JSON that is not compressed."
        ),
    ),
    (
        gateway_errors.BodyNotJson,
        ProblemKind(
            "invalid_json",
            400,
            "Not JSON",
            "The body cannot be read as JSON, or an object in it holds a key twice; the detail says where.",
        ),
    ),
    (
        gateway_errors.BodyInvalid,
        ProblemKind(
            "invalid_document",
            422,
            "Not what is wanted here",
            "The body is JSON and not what this route takes; `errors` names each place by its JSON Pointer.",
        ),
    ),
    (
        gateway_errors.Lossy,
        ProblemKind(
            "lossy",
            409,
            "The vendor cannot hold all of it",
            "`strict=true` was asked for and something would be lost; `errors` names it. Nothing was written.",
        ),
    ),
    (
        gateway_errors.PreconditionFailed,
        ProblemKind(
            "precondition_failed",
            412,
            "Changed meanwhile",
            "`If-Match` does not name what there is now. Nothing was written.",
        ),
    ),
    (
        gateway_errors.PreconditionMissing,
        ProblemKind(
            "precondition_required",
            428,
            "If-Match is required",
            "The connection is configured to change nothing that the caller has not seen.",
        ),
    ),
    (
        gateway_errors.KeyInFlight,
        ProblemKind(
            "idempotency_in_flight",
            409,
            "Still under way",
            "The first request with this `Idempotency-Key` is not answered yet.",
        ),
    ),
    (
        gateway_errors.KeyReused,
        ProblemKind(
            "idempotency_key_reused",
            422,
            "Key of another request",
            "This `Idempotency-Key` came with another method, path, body or set of rights before.",
        ),
    ),
    (
        gateway_errors.OutcomeUnknown,
        ProblemKind(
            "outcome_unknown",
            409,
            "Nobody knows what came of it",
            "The first request with this `Idempotency-Key` may have been carried out by the vendor; it is not made "
            "again. Look at what is there, then use a new key.",
        ),
    ),
    (
        gateway_errors.KeysNotKept,
        ProblemKind(
            "idempotency_unavailable",
            503,
            "Keys cannot be remembered",
            "An `Idempotency-Key` was sent, and where keys are remembered cannot be reached or is not configured. "
            "Nothing was done.",
        ),
    ),
    (
        gateway_errors.AuditUnavailable,
        ProblemKind(
            "audit_unavailable",
            503,
            "The audit log cannot be written",
            "`server.audit.required` is set: nothing is changed that cannot be written down. Its operator has to look.",
        ),
    ),
)
