"""Which kind of problem a vendor's failure is."""

from typing import Final

from adapters import errors as adapter_errors
from gateway.problem_kinds import ProblemKind

VENDOR_KINDS: Final[tuple[tuple[type[Exception], ProblemKind], ...]] = (
    (
        adapter_errors.VendorNotFound,
        ProblemKind(
            "not_found", 404, "Not found", "The vendor has no such workflow, version, label or assistant."
        ),
    ),
    (
        adapter_errors.VendorRejected,
        ProblemKind(
            "vendor_rejected",
            422,
            "Rejected by the vendor",
            "The vendor finds fault with the request; its message and fields are quoted.",
        ),
    ),
    (
        adapter_errors.VendorConflict,
        ProblemKind(
            "vendor_conflict",
            409,
            "Conflict at the vendor",
            "The vendor's copy is in a state that forbids this.",
        ),
    ),
    (
        adapter_errors.VendorRefusedCredential,
        ProblemKind(
            "vendor_refused_credential",
            502,
            "The vendor refused our credential",
            "The connection's configured credential is not accepted: its operator has to renew it.",
        ),
    ),
    (
        adapter_errors.VendorForbids,
        ProblemKind(
            "vendor_forbids",
            502,
            "The vendor forbids this to our credential",
            "The connection's configured credential may not do this at the vendor.",
        ),
    ),
    (
        adapter_errors.VendorLimited,
        ProblemKind(
            "vendor_limited",
            503,
            "The vendor limits the rate",
            "The connection's quota at the vendor is used up; `Retry-After` says when to come back.",
        ),
    ),
    (
        adapter_errors.VendorBusy,
        ProblemKind(
            "vendor_busy",
            503,
            "Too many calls under way",
            "The gateway's own limit of calls at once to this connection is reached.",
        ),
    ),
    (
        adapter_errors.VendorResting,
        ProblemKind(
            "breaker_open",
            503,
            "The vendor is left alone",
            "The vendor did not answer several times in a row; `Retry-After` says when it is tried again.",
        ),
    ),
    (
        adapter_errors.DeadlineExceeded,
        ProblemKind(
            "deadline_exceeded",
            504,
            "The request's time is over",
            "`server.deadline_seconds`, or the shorter time that `Prefer: wait` asked for, was over first.",
        ),
    ),
    (
        adapter_errors.VendorTimeout,
        ProblemKind(
            "vendor_timeout", 504, "The vendor is too slow", "No whole answer came within the time limit."
        ),
    ),
    (
        adapter_errors.VendorUnreachable,
        ProblemKind(
            "vendor_unreachable",
            502,
            "The vendor cannot be reached",
            "No connection, or it broke before the end.",
        ),
    ),
    (
        adapter_errors.VendorBroken,
        ProblemKind("vendor_broken", 502, "The vendor failed", "The vendor answered with a server error."),
    ),
    (
        adapter_errors.VendorSurprise,
        ProblemKind(
            "vendor_surprise",
            502,
            "The vendor's answer makes no sense",
            "The answer is not what the vendor's documents say: not JSON, another shape, a redirect, or too large.",
        ),
    ),
)
"""The first that fits counts."""
