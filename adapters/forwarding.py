"""How a request of a caller reaches the vendor as it came: nothing is parsed, decoded or understood on the way."""

from collections.abc import AsyncIterator, Iterable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from adapters.condition import Condition
from adapters.contract import ConditionalHttp

Header: TypeAlias = tuple[bytes, bytes]


@dataclass(frozen=True, slots=True)
class Forward:
    """A request to be passed on.

    Attributes:
        method: an HTTP method.
        target: path and query below the connection's base URL, raw and already checked; begins with a slash.
        headers: by lower-case name. The host, the credential, how long the body is, and the wish that the answer is
            not compressed are added; those of these names here are left out.
        body: its pieces as they come; None for no body.
        length: bytes of the body; None when nobody knows.
        most_bytes: of the answer's body, unless it is a stream of events; None for no bound.
    """

    method: str
    target: bytes
    headers: tuple[Header, ...] = ()
    body: AsyncIterator[bytes] | None = None
    length: int | None = None
    most_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Forwarded:
    """A vendor's answer, whatever its status.

    Attributes:
        status: the HTTP status.
        headers: by lower-case name, as they came; without those that hold our credential.
        body: its pieces as they come, in the content coding that the headers name, our credential replaced by
            asterisks. Raises `VendorError`.
    """

    status: int
    headers: tuple[Header, ...]
    body: AsyncIterator[bytes]


def is_events(headers: Iterable[Header]) -> bool:
    """Say whether an answer is a stream of events, which has no end that anybody knows of before."""
    return any(
        name == b"content-type" and value.lower().startswith(b"text/event-stream") for name, value in headers
    )


class ForwardingHttp(ConditionalHttp, Protocol):
    """A way to the vendor that also passes on what it does not understand."""

    def forward(self, forward: Forward) -> AbstractAsyncContextManager[Forwarded]:
        """Send a request and give the answer once its head is here; leaving closes the call.

        Redirects are an answer like any other.

        Raises:
            VendorError: there is no answer, or it is too large.
            InvalidRequest: the target or a header cannot travel.
        """
        ...

    def condition(self) -> Condition:
        """Return how the calls go."""
        ...

    @property
    def times_told(self) -> int:
        """Return how often the vendor told anything of its quotas."""
        ...
