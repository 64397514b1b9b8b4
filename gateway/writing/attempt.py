"""One attempt to change something at a vendor: what was sent, and how sure it is what came of it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeVar

from typing_extensions import override

from adapters.contract import Answer, Http, Parameters
from adapters.errors import (
    InvalidRequest,
    VendorBusy,
    VendorConflict,
    VendorError,
    VendorForbids,
    VendorLimited,
    VendorNotFound,
    VendorRefusedCredential,
    VendorRejected,
)
from adapters.paths import encode, query
from gateway.connections import Connection
from gateway.deadlines import Deadline
from schemas.base import JsonValue
from schemas.writes import PlannedCall

Result = TypeVar("Result")

_ANSWERED_NO: Final = (VendorRejected, VendorConflict, VendorNotFound)
_NOT_TAKEN: Final = (VendorBusy, VendorLimited, VendorRefusedCredential, VendorForbids)
"""The vendor did nothing, and may do it when asked again."""


class Outcome(StrEnum):
    """What came of an attempt."""

    DONE = "done"
    REFUSED = "refused"
    """The vendor looked at it and said no; asked again it would say no again."""
    NOTHING = "nothing"
    """Nothing was changed; it may be tried again."""
    UNKNOWN = "unknown"
    """It was sent, wholly or in part, and what came of it is not known."""
    PLANNED = "dry_run"


class StoppedBeforeChange(Exception):
    """Ends a dry run at its first call that would change something."""

    def __init__(self, call: PlannedCall) -> None:
        super().__init__(f"{call.method} {call.path}")
        self.call = call


@dataclass(slots=True)
class Attempt:
    """Watches the calls of one attempt.

    Attributes:
        dry_run: stop at the first call that is no GET, and send nothing.
        begun: calls that are no GET and were sent, or may have been.
        ended: those of them that the vendor answered with a success.
        planned: the call that a dry run stopped at.
        deadline: when it has to be over; None for whenever the connection's own bounds are over.
    """

    dry_run: bool = False
    begun: int = 0
    ended: int = 0
    planned: tuple[PlannedCall, ...] = ()
    deadline: Deadline | None = None

    @property
    def until(self) -> float | None:
        """Return when the vendor is no longer waited for, in the running loop's time."""
        return None if self.deadline is None else self.deadline.at

    def over(self, http: Http) -> Http:
        """Return a way to the vendor that is watched."""
        return _Watched(http, self)

    async def call(
        self, connection: Connection, operation: Callable[[Http], Awaitable[Result]]
    ) -> Result | None:
        """Make the vendor's calls; None for a dry run, which ended at `planned`.

        Raises:
            AdapterError: the vendor did not do it; `outcome` says what came of it.
        """
        try:
            return await connection.call(lambda http: operation(self.over(http)), until=self.until)
        except StoppedBeforeChange as stopped:
            self.planned = (stopped.call,)
            return None

    def outcome(self, error: BaseException | None) -> Outcome:
        """Return what came of the attempt, given how it ended."""
        if error is None:
            return Outcome.PLANNED if self.dry_run else Outcome.DONE
        if not self.begun:
            return Outcome.NOTHING
        if self.begun == self.ended:
            # All that was sent is done, and what came after failed.
            return Outcome.UNKNOWN
        if isinstance(error, _ANSWERED_NO):
            return Outcome.REFUSED
        if not self.ended and (isinstance(error, _NOT_TAKEN) or _never_left(error)):
            return Outcome.NOTHING
        return Outcome.UNKNOWN


class _Watched(Http):
    """Notes what is sent."""

    def __init__(self, inner: Http, attempt: Attempt) -> None:
        self._inner = inner
        self._attempt = attempt

    @override
    async def get(self, *segments: str, parameters: Parameters | None = None) -> Answer:
        return await self._inner.get(*segments, parameters=parameters)

    @override
    async def send(
        self, method: str, *segments: str, parameters: Parameters | None = None, body: JsonValue = None
    ) -> Answer:
        if self._attempt.dry_run:
            raise StoppedBeforeChange(PlannedCall(method=method, path=_path(segments, parameters), body=body))
        self._attempt.begun += 1
        try:
            answer = await self._inner.send(method, *segments, parameters=parameters, body=body)
        except InvalidRequest:
            self._attempt.begun -= 1  # refused before it was sent
            raise
        self._attempt.ended += 1
        return answer

    @override
    def stream(
        self, method: str, *segments: str, parameters: Parameters | None = None, body: JsonValue = None
    ) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        return self._streamed(method, segments, parameters, body)

    @asynccontextmanager
    async def _streamed(
        self, method: str, segments: tuple[str, ...], parameters: Parameters | None, body: JsonValue
    ) -> AsyncIterator[AsyncIterator[bytes]]:
        changes = method != "GET"
        if changes and self._attempt.dry_run:
            raise StoppedBeforeChange(PlannedCall(method=method, path=_path(segments, parameters), body=body))
        self._attempt.begun += changes
        async with self._inner.stream(method, *segments, parameters=parameters, body=body) as pieces:
            yield pieces
        self._attempt.ended += changes


def _never_left(error: BaseException) -> bool:
    return isinstance(error, VendorError) and error.never_left


def _path(segments: tuple[str, ...], parameters: Parameters | None) -> str:
    path = "/" + "/".join(map(encode, segments))
    return f"{path}?{query(parameters)}" if parameters else path
