"""What every route that changes something has in common: who may, what was sent, once only, and one log line."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Annotated, Final, TypeVar

from fastapi import Depends, Header, Query, Request, Response

from adapters.abilities import PROTOCOLS
from adapters.errors import AdapterError
from gateway.api.bodies import JSON, read_body, read_model, read_object
from gateway.api.errors import known
from gateway.api.parameters import (
    CallerNeeded,
    ConnectionName,
    Prefer,
    ServiceNeeded,
    connection_for,
    deadline_of,
)
from gateway.api.state import writes_of
from gateway.audit.records import OUTCOME, REPLAYED
from gateway.callers import Caller
from gateway.connections import Connection
from gateway.edge.context import NOTES
from gateway.edge.gate import refuse_strangers
from gateway.errors import BodyNotJson, GatewayError, InvalidHeader
from gateway.idempotency.guard import Keyed
from gateway.idempotency.keys import HEADER, fingerprint, read_key, record_name
from gateway.idempotency.records import Answered
from gateway.settings.values import Right
from gateway.writing.asking import WriteAsk
from gateway.writing.attempt import Attempt, Outcome
from gateway.writing.tools import WriteTools
from schemas.base import CanonicalModel, JsonObject
from schemas.support import Ability

Model = TypeVar("Model", bound=CanonicalModel)
Work = Callable[[], Awaitable[Response]]

_CALLS: Final = 4
"""So many calls to the vendor one write makes at most, and some time beside."""
_BESIDE_SECONDS: Final = 30.0

DryRun = Annotated[bool | None, Query(description="Tell what would be sent to the vendor, and send nothing.")]
Strict = Annotated[
    bool | None,
    Query(description="Refuse with 409 what the vendor cannot hold whole; nothing is written then."),
]
IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        description="Only if it still is what this `ETag` was given for; compared by content, up to the dash.",
    ),
]
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        description="Carried out once, however often it is sent within 24 hours; the answer is given again.",
    ),
]


@dataclass(frozen=True, slots=True)
class Writing:
    """A request that changes something, let in.

    Attributes:
        request: as it came.
        caller: who sent it.
        connection: what it is about.
        tools: what carries it out.
        ask: the caller's wishes.
        body: as it was sent.
    """

    request: Request
    caller: Caller
    connection: Connection
    tools: WriteTools
    ask: WriteAsk
    body: bytes

    @property
    def dry_run(self) -> bool:
        """Say whether nothing is to be sent."""
        return self.ask.attempt.dry_run

    def strictly(self, strict: bool | None) -> WriteAsk:  # noqa: FBT001 - a query parameter's value
        """Return the caller's wishes, with what `strict` says."""
        return replace(self.ask, strict=bool(strict))

    def model(self, kind: type[Model]) -> Model:
        """Return what the body describes.

        Raises:
            BodyTooLarge, BodyNotJson, BodyInvalid: it describes nothing of the kind.
        """
        return read_model(self.body, kind, self.tools.request_objects)

    def patch(self) -> JsonObject:
        """Return the body as a merge patch.

        Raises:
            BodyTooLarge, BodyNotJson, BodyInvalid: it is none.
        """
        return read_object(self.body, self.tools.request_objects)

    async def once(self, work: Work) -> Response:
        """Carry the request out, or give the answer again that a request with its key was given before.

        Args:
            work: carries it out; its failures become problems here.
        """
        given = _header(self.request, HEADER)
        if given is None or self.dry_run:
            return (await self._carried_out(work))[0]
        scope = self.request.scope
        target = scope["raw_path"] + b"?" + scope["query_string"]
        keyed = Keyed(
            record_name(self.caller, read_key(given)),
            fingerprint(self.caller, self.request.method, target, self.body),
            _CALLS * self.connection.settings.limits.timeout_seconds + _BESIDE_SECONDS,
            self.ask.attempt,
            self.caller.name,
        )
        made: list[Response] = []

        async def remembered() -> tuple[Answered, Outcome]:
            response, outcome = await self._carried_out(work)
            made.append(response)
            return _answered(response), outcome

        answer_again, replayed = await self.tools.guard.once(keyed, remembered)
        if not replayed:
            return made[0]
        self._note(REPLAYED)
        return _replayed(answer_again)

    async def _carried_out(self, work: Work) -> tuple[Response, Outcome]:
        attempt, outcome = self.ask.attempt, Outcome.UNKNOWN
        try:
            response = await work()
            outcome = attempt.outcome(None)
        except (GatewayError, AdapterError) as error:
            outcome = attempt.outcome(error)
            self._note(outcome)
            response = await known(self.request, error)
        except BaseException as error:
            outcome = attempt.outcome(error)
            raise
        finally:
            self._note(outcome)
        return response, outcome

    def _note(self, outcome: str) -> None:
        """Have the request's line in the log, its span and the audit log tell what came of it."""
        scope = self.request.scope
        scope[OUTCOME] = scope[NOTES]["outcome"] = str(outcome)


async def attempt_of(
    request: Request,
    dry_run: DryRun = None,
    prefer: Prefer = None,  # noqa: ARG001 - for the documentation; read with its lines joined
) -> Attempt:
    """Return what watches what is sent: nothing in a dry run, and nothing after the request's time."""
    return Attempt(bool(dry_run), deadline=deadline_of(request))


class Writes:
    """A dependency: lets a request in that changes something, and reads its body."""

    def __init__(
        self,
        ability: Ability,
        right: Right = Right.WRITE,
        *,
        conditional: bool = False,
        taken: tuple[str, ...] = (JSON,),
    ) -> None:
        """Make a dependency.

        Args:
            ability: what is asked of the connection.
            right: what the caller needs.
            conditional: `If-Match` is compared; the connection may ask for it on PATCH and DELETE.
            taken: the media types of the body.
        """
        self._ability = ability
        self._right = right
        self._conditional = conditional
        self._taken = taken

    async def __call__(
        self,
        request: Request,
        service: ServiceNeeded,
        caller: CallerNeeded,
        name: ConnectionName,
        attempt: Annotated[Attempt, Depends(attempt_of)],
        idempotency_key: IdempotencyKey = None,  # noqa: ARG002 - for the documentation; read with its lines joined
    ) -> Writing:
        """Return the request, let in.

        Raises:
            NotAllowed: the key does not give the right.
            UnknownConnection: there is none of that name for the caller.
            AbilityMissing: the connection's vendor cannot do it.
            PreconditionMissing, InvalidHeader: see `WriteAsk.need_match`.
            BodyTooLarge, BodyNotTaken: the body is not read.
            BodyNotJson: a change has none.
        """
        refuse_strangers(request.headers.get("origin"), caller)
        connection = connection_for(request, service, caller, name, self._right)
        connection.api(self._ability, PROTOCOLS[self._ability])
        if_match = _header(request, "if-match")
        ask = WriteAsk(if_match, attempt=attempt)
        if self._conditional:
            must = connection.settings.require_if_match and request.method in ("PATCH", "DELETE")
            ask.need_match(required=must)
        elif if_match is not None:
            raise InvalidHeader("if-match", "there is nothing here that it could be compared with")
        tools = writes_of(request)
        body = await read_body(request, self._taken, tools.request_bytes)
        if request.method == "PATCH" and not body.strip():
            raise BodyNotJson("the body is empty; say what is to be changed")
        return Writing(request, caller, connection, tools, ask, body)


def _header(request: Request, name: str) -> str | None:
    """Return a header, its lines joined; an empty one is not an absent one."""
    lines = request.headers.getlist(name)
    return ", ".join(lines) if lines else None


def _answered(response: Response) -> Answered:
    headers = tuple(pair for pair in response.headers.items() if pair[0] != "content-length")
    return Answered(response.status_code, headers, bytes(response.body))


def _replayed(answer: Answered) -> Response:
    headers = {**dict(answer.headers), "idempotency-replayed": "true"}
    return Response(answer.body, answer.status, headers=headers)
