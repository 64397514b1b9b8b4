"""Path and query parameters, as FastAPI dependencies.

They are coroutines although they wait for nothing: the framework runs plain functions in a thread of their own.
"""

import asyncio
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import unquote

from fastapi import Depends, Header, Path, Query, Request
from pydantic import AfterValidator, AwareDatetime, BeforeValidator

from gateway.api.state import service_of, state_of
from gateway.asking import Ask
from gateway.cache.directives import parse
from gateway.callers import Caller
from gateway.connections import Connection
from gateway.deadlines import Deadline, deadline
from gateway.edge.authentication import CALLER
from gateway.edge.context import NOTES
from gateway.edge.telling import ASKED, DEADLINE, TRACE
from gateway.errors import NotAllowed
from gateway.listing import Filters, narrowed
from gateway.service import At, Service
from gateway.settings.values import Right
from schemas.workflow import WorkflowStatus

DEFAULT_LIMIT = 50
MAX_LIMIT = 200


def decoded(segment: str) -> str:
    """Return a path segment percent-decoded (RFC 3986); it was matched as it was sent."""
    try:
        return unquote(segment, errors="strict")
    except UnicodeDecodeError as error:
        raise ValueError("not UTF-8 once percent-decoded") from error


def moment(value: object) -> object:
    """Return a time as it was written; a number is none, which the model would take for seconds."""
    if isinstance(value, str) and value.strip("-+.0123456789eE_") == "":
        raise ValueError("expected a time as in 2026-09-01T00:00:00Z")
    return value


ConnectionName = Annotated[
    str,
    AfterValidator(decoded),
    Path(alias="connection", description="Name of a connection.", examples=["noxus-demo"]),
]
WorkflowId = Annotated[
    str,
    AfterValidator(decoded),
    Path(
        alias="workflow",
        description="The vendor's id (or name, where the vendor takes one), percent-encoded as one segment.",
        examples=["support-triage"],
    ),
]
VersionName = Annotated[
    str,
    AfterValidator(decoded),
    Path(alias="version", description="The vendor's number or id of a version.", examples=["3"]),
]
RunId = Annotated[
    str,
    AfterValidator(decoded),
    Path(alias="run", description="The vendor's id of a run.", examples=["run_7f3a"]),
]
LabelName = Annotated[
    str, AfterValidator(decoded), Path(alias="label", description="A release label.", examples=["production"])
]
AssistantId = Annotated[
    str,
    AfterValidator(decoded),
    Path(alias="assistant", description="The vendor's id of an assistant.", examples=["asst_abc123def456"]),
]

Prefer = Annotated[
    str | None,
    Header(
        alias="Prefer",
        description="`wait=<whole seconds>`: answer within them, where the gateway would take longer (RFC 7240).",
        examples=["wait=5"],
    ),
]
ReadIfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match", description="Only if it is what one of these `ETag`s was given for, or with `*`."
    ),
]
ReadIfNoneMatch = Annotated[
    str | None,
    Header(
        alias="If-None-Match",
        description="Not if it is what one of these `ETag`s was given for: 304 without a body.",
    ),
]


async def caller_of(request: Request) -> Caller:
    """Return who calls; the edge has seen to it that there is one."""
    caller: Caller = request.scope[CALLER]
    return caller


ServiceNeeded = Annotated[Service, Depends(service_of)]
CallerNeeded = Annotated[Caller, Depends(caller_of)]


async def reader_of(caller: CallerNeeded) -> Caller:
    """Return who calls, if the caller may read.

    Raises:
        NotAllowed: the key does not give the right.
    """
    require(caller, Right.READ)
    return caller


async def administrator_of(caller: CallerNeeded) -> Caller:
    """Return who calls, if the caller may operate the gateway.

    Raises:
        NotAllowed: the key does not give the right.
    """
    require(caller, Right.ADMIN)
    return caller


AdministratorNeeded = Annotated[Caller, Depends(administrator_of)]


def require(caller: Caller, right: Right) -> None:
    """Let a caller go on who has a right.

    Raises:
        NotAllowed: the key does not give it.
    """
    if not caller.may(right):
        raise NotAllowed(f"this needs the right {right}, which the key of {caller.name} does not give")


ReaderNeeded = Annotated[Caller, Depends(reader_of)]


@dataclass(frozen=True, slots=True)
class Asking:
    """A request, and what it says about caching."""

    request: Request
    ask: Ask


async def asking_of(
    request: Request,
    prefer: Prefer = None,  # noqa: ARG001 - all three for the documentation; read with their lines joined
    if_match: ReadIfMatch = None,  # noqa: ARG001
    if_none_match: ReadIfNoneMatch = None,  # noqa: ARG001
) -> Asking:
    """Return the request with its wishes; what is done about them is noted for the answer."""
    return asking(request, state_of(request).deadline_seconds)


def asking(request: Request, most_seconds: float) -> Asking:
    """Return a request with its wishes; it may take so many seconds at most."""
    lines = request.headers.getlist
    control, pragma = ", ".join(lines("cache-control")), ", ".join(lines("pragma"))
    ask = Ask(parse(control or None, pragma or None), deadline=_deadline(request, most_seconds))
    request.scope[TRACE] = ask.trace
    return Asking(request, ask)


AskingNeeded = Annotated[Asking, Depends(asking_of)]


def deadline_of(request: Request) -> Deadline:
    """Return the end of a request's time; what it asks for is noted for the answer."""
    return _deadline(request, state_of(request).deadline_seconds)


def _deadline(request: Request, most_seconds: float) -> Deadline:
    prefer = ", ".join(request.headers.getlist("prefer"))
    found = deadline(asyncio.get_running_loop().time(), most_seconds, prefer or None)
    request.scope[DEADLINE] = found
    return found


async def until_of(
    request: Request,
    prefer: Prefer = None,  # noqa: ARG001 - for the documentation; read with its lines joined
) -> float:
    """Return the end of the request's time, in the running loop's."""
    return deadline_of(request).at


UntilNeeded = Annotated[float, Depends(until_of)]


async def connection_of(
    request: Request, service: ServiceNeeded, caller: CallerNeeded, name: ConnectionName
) -> Connection:
    """Return the connection named in the path, if the caller may see and read it."""
    return connection_for(request, service, caller, name)


def connection_for(
    request: Request, service: Service, caller: Caller, name: str, right: Right = Right.READ
) -> Connection:
    """Return a connection, if the caller may see it and has the right.

    Raises:
        NotAllowed: the key does not give the right.
        UnknownConnection: there is none of that name for the caller.
    """
    require(caller, right)
    connection = service.connection(name, caller)
    request.scope[NOTES].update(connection=connection.name, vendor=connection.vendor.name)
    request.scope[ASKED] = connection, connection.http.times_told
    return connection


ConnectionNeeded = Annotated[Connection, Depends(connection_of)]


async def at_of(
    version: Annotated[
        str | None,
        Query(description="Read the workflow at this version: the vendor's number or id.", min_length=1),
    ] = None,
    label: Annotated[
        str | None,
        Query(
            description="Read it at the version that this release label points at; not with `version`.",
            min_length=1,
        ),
    ] = None,
) -> At:
    """Return which state of a workflow is meant."""
    return At(version, label)


AtNeeded = Annotated[At, Depends(at_of)]


async def filters_of(
    status: Annotated[WorkflowStatus | None, Query(description="Only workflows of this status.")] = None,
    label: Annotated[str | None, Query(description="Only workflows that carry this release label.")] = None,
    tag: Annotated[str | None, Query(description="Only workflows that carry this tag.")] = None,
    text: Annotated[
        str | None, Query(description="Only workflows whose id, name, description or tags hold this text.")
    ] = None,
    updated_since: Annotated[
        AwareDatetime | None,
        BeforeValidator(moment),
        Query(
            description="Only workflows changed at or after this time (RFC 3339 with a zone).",
            examples=["2026-09-01T00:00:00Z"],
        ),
    ] = None,
) -> Filters:
    """Return what a listing is narrowed to."""
    return Filters(status=status, label=label, tag=tag, text=text, updated_since=updated_since)


FiltersNeeded = Annotated[Filters, Depends(filters_of)]


@dataclass(frozen=True, slots=True)
class Paging:
    """Which page is wanted."""

    limit: int
    cursor: str | None


async def paging_of(
    limit: Annotated[
        int, Query(ge=1, le=MAX_LIMIT, description="The most items on a page; a page may hold fewer.")
    ] = DEFAULT_LIMIT,
    cursor: Annotated[
        str | None,
        Query(description="`next_cursor` of the page before, with the same filters and limit.", min_length=1),
    ] = None,
) -> Paging:
    """Return which page is wanted."""
    return Paging(limit, cursor)


PagingNeeded = Annotated[Paging, Depends(paging_of)]


async def connections_of(
    service: ServiceNeeded,
    caller: ReaderNeeded,
    connection: Annotated[
        list[str] | None, Query(description="Only these connections; may be repeated.")
    ] = None,
    vendor: Annotated[list[str] | None, Query(description="Only these vendors; may be repeated.")] = None,
) -> tuple[Connection, ...]:
    """Return the connections that a listing goes over."""
    for name in vendor or ():
        service.vendor(name)
    return narrowed(service.visible(caller), connection, vendor)


ConnectionsNeeded = Annotated[tuple[Connection, ...], Depends(connections_of)]
