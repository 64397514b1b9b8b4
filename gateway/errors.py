"""What a caller can do wrong, and what the gateway cannot do. The vendor's side is in `adapters.errors`.

GatewayError
├── NotAuthenticated      no key, or one that is not ours
├── NotAllowed            the key does not give this right
├── CallerLimited         more than the caller may ask
│   ├── RateLimited           too many requests in a time
│   └── ConcurrencyLimited    too many at once
├── UnknownConnection     no connection of that name that the caller may see
├── UnknownVendor         no vendor of that name
├── AbilityMissing        the connection's vendor does not offer this
├── InvalidParameter      a query parameter or a path segment that cannot be used
│   └── InvalidHeader     likewise a header
├── BodyFault             a body that cannot be used
│   ├── BodyTooLarge      more than is read
│   ├── BodyNotTaken      a media type or a coding that is not read
│   ├── BodyNotJson       no JSON
│   └── BodyInvalid       JSON that is not what is wanted here
├── Lossy                 the vendor cannot hold all of it, and the caller wants all or nothing
├── PreconditionFailed    it is no longer what the caller saw
├── PreconditionMissing   the connection asks for `If-Match`
├── KeyFault              an idempotency key that does not let the request through
│   ├── KeyInFlight       its first request is not answered yet
│   ├── KeyReused         its first request was another one
│   ├── OutcomeUnknown    nobody knows what came of its first request
│   └── KeysNotKept       where keys are remembered cannot be reached
├── AuditUnavailable      what is to be done cannot be written down, so it is not done
├── NotAcceptable         none of the accepted media types can be given
├── NotCached             only something kept was wanted, and nothing kept will do
├── FilterNotApplicable   a filter over something that a vendor does not tell
├── NotPassedOn           the connection's configuration does not let this through
├── ConfigurationInvalid  the configuration cannot be taken over
├── ReloadImpossible      there is nothing to take over, or not now
└── RouteMissing          no such path, or not with this method
"""

import math
from collections.abc import Sequence

from adapters.contract import Vendor
from gateway.settings.issues import Issue
from schemas.diagnostics import Loss
from schemas.problem import FieldProblem
from schemas.support import Ability, SupportLevel


class GatewayError(Exception):
    """Base of what the gateway itself refuses; the message is safe to show."""


class NotAuthenticated(GatewayError):
    """No key, or one that is not ours."""


class NotAllowed(GatewayError):
    """The key is ours and does not give this right."""


class CallerLimited(GatewayError):
    """More than the caller's limits let in; nothing was done.

    Attributes:
        retry_after: seconds until another request may be let in.
    """

    def __init__(self, message: str, retry_after: float) -> None:
        super().__init__(message)
        self.retry_after = math.ceil(retry_after * 1000) / 1000


class RateLimited(CallerLimited):
    """Too many requests in a time."""

    def __init__(self, per_second: float, retry_after: float) -> None:
        super().__init__(f"this caller may send {per_second:.4g} requests a second", retry_after)


class ConcurrencyLimited(CallerLimited):
    """Too many requests at once."""

    def __init__(self, most: int) -> None:
        super().__init__(f"this caller may have {most} requests under way at once; await one of them", 1.0)


class UnknownConnection(GatewayError):
    """No connection of that name that the caller may see."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"there is no connection named {name[:100]!r} for this key; GET /v1/connections lists them"
        )


class UnknownVendor(GatewayError):
    """No vendor of that name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"there is no vendor named {name[:100]!r}; GET /v1/vendors lists them")


class AbilityMissing(GatewayError):
    """The connection's vendor does not offer this; the reason is the support matrix's."""

    def __init__(self, vendor: Vendor, ability: Ability) -> None:
        support = vendor.support[ability]
        words = {
            SupportLevel.NOT_YET: "is not supported yet by the gateway",
            SupportLevel.VENDOR_LACKS_IT: f"is not offered by {vendor.title}",
            SupportLevel.NEVER: "is deliberately not supported",
        }
        super().__init__(f"{ability.value} {words.get(support.level, 'is not supported')}: {support.reason}")


class InvalidParameter(GatewayError):
    """A query parameter that cannot be used."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(f"{name}: {message}")
        self.name = name
        self.detail = message


class AuditUnavailable(GatewayError):
    """What is to be done cannot be written down, and has to be; so nothing was done."""

    def __init__(self) -> None:
        super().__init__("the audit log cannot be written, and without it nothing is changed here")


class NotAcceptable(GatewayError):
    """None of the accepted media types can be given."""


class NotCached(GatewayError):
    """Only something kept was wanted, and nothing kept will do (RFC 9111 section 5.2.1.7)."""

    def __init__(self) -> None:
        super().__init__("nothing kept answers this, and only-if-cached forbids asking the vendor")


class FilterNotApplicable(GatewayError):
    """A filter over something that a vendor does not tell, so that nothing of it can pass."""


class NotPassedOn(GatewayError):
    """The connection's configuration does not let this through to its vendor."""


class ConfigurationInvalid(GatewayError):
    """The configuration cannot be taken over; `faults` name each place by its key."""

    def __init__(self, issues: Sequence[Issue]) -> None:
        more = f" (and {len(issues) - 1} more)" if len(issues) > 1 else ""
        super().__init__(f"{issues[0]}{more}; everything stays as it was")
        self.faults = tuple(
            FieldProblem(location="configuration", name=issue.key, detail=_at_line(issue)) for issue in issues
        )


class ReloadImpossible(GatewayError):
    """There is nothing to take over, or not now."""

    def __init__(self) -> None:
        super().__init__("the gateway is being stopped, or was made without a configuration file")


class RouteMissing(GatewayError):
    """No such path, or not with this method."""

    def __init__(self, message: str, *, allowed: str | None = None) -> None:
        super().__init__(message)
        self.allowed = allowed


class InvalidHeader(InvalidParameter):
    """A header that cannot be used."""


class BodyFault(GatewayError):
    """A body that cannot be used."""


class BodyTooLarge(BodyFault):
    """More bytes, or more objects and arrays, than are read."""

    def __init__(self, most: int, of: str = "bytes") -> None:
        super().__init__(f"a body holds at most {most} {of} here")


class BodyNotTaken(BodyFault):
    """A media type or a coding that is not read."""


class BodyNotJson(BodyFault):
    """No JSON, or JSON that is nested too deep or holds numbers out of range."""


class BodyInvalid(BodyFault):
    """JSON that is not what is wanted; `faults` name each place by its JSON Pointer."""

    def __init__(self, faults: Sequence[tuple[str, str]]) -> None:
        pointer, detail = faults[0]
        more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
        super().__init__(f"{pointer or 'the body'}: {detail}{more}")
        self.faults = tuple(FieldProblem(location="body", name=name, detail=said) for name, said in faults)


class Lossy(GatewayError):
    """The vendor cannot hold all of what was sent, and the caller wants all or nothing."""

    def __init__(self, losses: Sequence[Loss]) -> None:
        super().__init__(
            f"the vendor cannot hold {len(losses)} of the things sent; `errors` lists them, "
            "without strict=true the rest would be written"
        )
        self.losses = tuple(losses)


class PreconditionFailed(GatewayError):
    """What is to be changed or read is no longer what the caller saw (RFC 9110 section 13.1.1)."""

    def __init__(self) -> None:
        super().__init__("it is no longer what If-Match names; read it again and decide anew")


class PreconditionMissing(GatewayError):
    """The connection lets nobody change what they have not seen (RFC 6585 section 3)."""

    def __init__(self) -> None:
        super().__init__("this connection asks for If-Match with the ETag of what is to be changed")


class KeyFault(GatewayError):
    """An idempotency key that does not let the request through."""


class KeyInFlight(KeyFault):
    """The key's first request is not answered yet."""

    def __init__(self) -> None:
        super().__init__("the first request with this Idempotency-Key is not answered yet; ask again shortly")


class KeyReused(KeyFault):
    """The key's first request was another one."""

    def __init__(self) -> None:
        super().__init__(
            "this Idempotency-Key was sent with another request before; take a new key for a new one"
        )


class OutcomeUnknown(KeyFault):
    """Nobody knows what came of the key's first request, so it is not made again."""

    def __init__(self) -> None:
        super().__init__(
            "the first request with this Idempotency-Key was sent to the vendor and nobody knows what came of it; "
            "look at what is there, then take a new key"
        )


class KeysNotKept(KeyFault):
    """Where keys are remembered cannot be reached, so nothing was done."""


def _at_line(issue: Issue) -> str:
    return issue.message if issue.line is None else f"line {issue.line}: {issue.message}"
