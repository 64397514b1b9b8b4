"""An error as data: RFC 9457 problem details with the gateway's own members."""

from schemas.base import CanonicalModel


class FieldProblem(CanonicalModel):
    """One thing that was wrong with one part of the request."""

    location: str
    """Where: `query`, `path`, `header`, `body`, `vendor` or `configuration`."""
    name: str
    """The parameter's name, a JSON Pointer (RFC 6901) into the body, or a key of the configuration."""
    detail: str


class Problem(CanonicalModel):
    """RFC 9457 problem details; `code` is stable and meant for programs, `detail` for people."""

    type: str
    """A URI reference that identifies the kind of problem: `/problems/<code>`."""
    title: str
    """The kind of problem in a few words; the same for every occurrence."""
    status: int
    """The HTTP status code."""
    detail: str
    """What went wrong this time."""
    code: str
    instance: str | None = None
    """The path that was asked for."""
    request_id: str | None = None
    """Also in the `X-Request-Id` header and in the logs."""
    connection: str | None = None
    vendor_status: int | None = None
    """The status code of the vendor's answer."""
    vendor_code: str | None = None
    """The vendor's own error code, where it has one."""
    vendor_request_id: str | None = None
    """The vendor's id for the failed call, to quote to its support."""
    retryable: bool = False
    """The same request may succeed later."""
    retry_after: float | None = None
    """Seconds to wait first, when the vendor says so."""
    errors: tuple[FieldProblem, ...] = ()
