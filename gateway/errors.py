"""What a caller can do wrong, and what the gateway cannot do. The vendor's side is in `adapters.errors`.

GatewayError
├── NotAuthenticated      no key, or one that is not ours
├── NotAllowed            the key does not give this right
├── UnknownConnection     no connection of that name that the caller may see
├── UnknownVendor         no vendor of that name
├── AbilityMissing        the connection's vendor does not offer this
├── InvalidParameter      a query parameter or a path segment that cannot be used
├── NotAcceptable         none of the accepted media types can be given
├── NotCached             only something kept was wanted, and nothing kept will do
├── FilterNotApplicable   a filter over something that a vendor does not tell
├── NotPassedOn           the connection's configuration does not let this through
├── TooMuchPassedOn       a body that is larger than what is passed through
└── RouteMissing          no such path, or not with this method
"""

from adapters.contract import Vendor
from schemas.support import Ability, SupportLevel


class GatewayError(Exception):
    """Base of what the gateway itself refuses; the message is safe to show."""


class NotAuthenticated(GatewayError):
    """No key, or one that is not ours."""


class NotAllowed(GatewayError):
    """The key is ours and does not give this right."""


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


class TooMuchPassedOn(GatewayError):
    """A body that is larger than what is passed through."""

    def __init__(self, most_bytes: int) -> None:
        super().__init__(f"this connection passes on bodies of at most {most_bytes} bytes")


class RouteMissing(GatewayError):
    """No such path, or not with this method."""

    def __init__(self, message: str, *, allowed: str | None = None) -> None:
        super().__init__(message)
        self.allowed = allowed
