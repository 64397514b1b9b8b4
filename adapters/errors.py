"""What can go wrong between a vendor and us. Nothing here knows the gateway's own status codes.

AdapterError
├── InvalidRequest            the caller asked for something that cannot be asked
│   ├── InvalidSegment        an id that cannot be one segment of a path
│   └── InvalidPosition       a listing position that this vendor never gave
├── NotModified               what the caller has is still what the vendor has
└── VendorError               the vendor's side
    ├── VendorUnreachable     no connection, or it broke
    ├── VendorTimeout         no answer in time
    ├── VendorBusy            our own queue for this connection is full
    ├── VendorResting         it failed so often that it is left alone for a while
    ├── DeadlineExceeded      the caller's own time was over first
    ├── VendorRefusedCredential   it does not accept our credential
    ├── VendorForbids         our credential may not do this
    ├── VendorNotFound        no such thing
    ├── VendorRejected        it finds fault with the request
    ├── VendorConflict        it is in a state that forbids this
    ├── VendorLimited         too many calls
    ├── VendorBroken          it failed
    └── VendorSurprise        an answer that is not what its documents say
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from typing_extensions import override

from adapters.masking import Mask


class AdapterError(Exception):
    """Base of everything the adapters raise; the message is safe to show to whoever asked.

    Attributes:
        plain: what is safe to show to everybody: without what a vendor said, which may repeat what somebody sent.
    """

    @property
    def plain(self) -> str:
        """Return the message; errors that quote a vendor leave that out."""
        return str(self)


class InvalidRequest(AdapterError):
    """The caller asked for something that cannot be asked; `parameter` names what was wrong."""

    def __init__(self, message: str, parameter: str = "id") -> None:
        super().__init__(message)
        self.parameter = parameter


class InvalidSegment(InvalidRequest):
    """A text that cannot travel as one segment of a path: empty, `.`, `..` or with control characters."""


class InvalidPosition(InvalidRequest):
    """A listing position that this vendor never gave."""

    def __init__(self, message: str) -> None:
        super().__init__(message, "cursor")


class NotModified(AdapterError):
    """The vendor has nothing newer than what is known.

    Attributes:
        validators: those that it sent, perhaps none.
        same_body: it said so by sending the very bytes again, and not by a 304.
    """

    def __init__(self, message: str, validators: Mapping[str, str], *, same_body: bool = False) -> None:
        super().__init__(message)
        self.validators = validators
        self.same_body = same_body


@dataclass(frozen=True, slots=True)
class FieldFault:
    """One thing the vendor found wrong: `path` is its own way to the field, joined by slashes."""

    path: str
    message: str


@dataclass(frozen=True, slots=True)
class VendorMessage:
    """What the vendor's error body says, read by the vendor's own folder."""

    message: str | None = None
    code: str | None = None
    faults: tuple[FieldFault, ...] = ()
    request_id: str | None = None

    def without(self, hidden: Mask) -> Self:
        """Return it without our credential, which some vendors repeat to tell that it is wrong."""

        def clean(text: str | None) -> str | None:
            return text and hidden.text(text)

        faults = tuple(
            FieldFault(hidden.text(fault.path), hidden.text(fault.message)) for fault in self.faults
        )
        return type(self)(clean(self.message), clean(self.code), faults, clean(self.request_id))


class VendorError(AdapterError):
    """A call to the vendor that did not give what was asked for.

    Attributes:
        status: the vendor's HTTP status; None when there was no answer.
        said: what its error body said.
        retry_after: seconds it wants us to wait, where it says so.
        never_left: the call surely never left this machine, so that nothing came of it.
    """

    retryable = False
    never_left = False

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        said: VendorMessage | None = None,
        retry_after: float | None = None,
        never_left: bool = False,
        plain: str | None = None,
    ) -> None:
        super().__init__(message)
        self._plain = message if plain is None else plain
        self.never_left = never_left or self.never_left
        self.status = status
        self.said = said or VendorMessage()
        self.retry_after = retry_after

    @property
    @override
    def plain(self) -> str:
        return self._plain

    def hide(self, hidden: Mask) -> None:
        """Take our credential out of everything it says."""
        self.args = (hidden.text(str(self)),)
        self.said = self.said.without(hidden)
        self._plain = hidden.text(self._plain)


class VendorUnreachable(VendorError):
    """No connection, or it broke before the answer was whole."""

    retryable = True


class VendorTimeout(VendorError):
    """No answer in time."""

    retryable = True


class VendorBusy(VendorError):
    """Our own limit of calls at once to this connection, and the queue behind it, is full."""

    retryable = True
    never_left = True


class VendorResting(VendorError):
    """The vendor failed so often in a row that it is left alone for a while."""

    retryable = True
    never_left = True


class DeadlineExceeded(VendorError):
    """The time that the caller's request may take was over before the vendor had answered."""

    retryable = True


class VendorRefusedCredential(VendorError):
    """The vendor does not accept the credential configured for the connection."""


class VendorForbids(VendorError):
    """The configured credential may not do this."""


class VendorNotFound(VendorError):
    """The vendor has no such thing."""


class VendorRejected(VendorError):
    """The vendor finds fault with the request."""


class VendorConflict(VendorError):
    """The vendor's copy is in a state that forbids the request."""


class VendorLimited(VendorError):
    """Too many calls."""

    retryable = True


class VendorBroken(VendorError):
    """The vendor failed with a 5xx status."""

    retryable = True


class VendorSurprise(VendorError):
    """An answer that is not what the vendor's documents say: not JSON, another shape, a redirect, too large."""


BY_STATUS: Mapping[int, type[VendorError]] = {
    400: VendorRejected,
    401: VendorRefusedCredential,
    403: VendorForbids,
    404: VendorNotFound,
    408: VendorTimeout,
    409: VendorConflict,
    410: VendorNotFound,
    412: VendorConflict,
    413: VendorRejected,
    415: VendorRejected,
    422: VendorRejected,
    429: VendorLimited,
    504: VendorTimeout,
}
"""The one table from a vendor's status to an error; the rest falls to its class of status."""


def error_class(status: int) -> type[VendorError]:
    """Return the error for a vendor's status that is not a success."""
    if status in BY_STATUS:
        return BY_STATUS[status]
    if status >= 500:
        return VendorBroken
    if status >= 400:
        return VendorRejected
    return VendorSurprise
