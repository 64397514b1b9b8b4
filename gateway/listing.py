"""One listing over many connections: asked at once, filtered here, and never broken by one that fails."""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Final

from pydantic import TypeAdapter, ValidationError

from adapters.contract import ListsWorkflows, PageRequest
from adapters.errors import AdapterError, DeadlineExceeded, VendorSurprise, VendorTimeout
from gateway.asking import Ask
from gateway.cache.filler import Got
from gateway.cache.keys import listing_tag
from gateway.cache.lifetimes import Kind
from gateway.cache.store import Entry
from gateway.cache.trace import Trace
from gateway.connections import Connection
from gateway.cursor import Walk, decode, encode, fingerprint
from gateway.deadlines import Deadline
from gateway.documents import CANONICAL, canonical_entry
from gateway.errors import FilterNotApplicable, GatewayError, UnknownConnection
from gateway.problems import kind_of, problem
from gateway.service import Reading, Service
from gateway.telemetry.journey import parsing
from schemas.base import CanonicalModel
from schemas.drafts import WorkflowSummaryDraft
from schemas.json_codec import dumps, loads
from schemas.listing import WorkflowPage
from schemas.problem import Problem
from schemas.support import Ability
from schemas.workflow import WorkflowStatus, WorkflowSummary


def narrowed(
    connections: Sequence[Connection], names: Sequence[str] | None, vendors: Sequence[str] | None
) -> tuple[Connection, ...]:
    """Return the connections of these names and vendors; None means all.

    Raises:
        UnknownConnection: a name is not among the connections.
    """
    known = {connection.name for connection in connections}
    for name in names or ():
        if name not in known:
            raise UnknownConnection(name)
    return tuple(
        connection
        for connection in connections
        if (not names or connection.name in names) and (not vendors or connection.vendor.name in vendors)
    )


@dataclass(frozen=True, slots=True)
class Filters:
    """What a listing is narrowed to; None or empty means everything."""

    status: WorkflowStatus | None = None
    label: str | None = None
    tag: str | None = None
    text: str | None = None
    updated_since: datetime | None = None

    def admit(self, item: WorkflowSummary) -> bool:
        """Say whether an item passes."""
        return (
            self.status in (None, item.status)
            and (self.label is None or self.label in item.labels)
            and (self.tag is None or self.tag in item.tags)
            and (self.text is None or _mentions(item, self.text.casefold()))
            and (self.updated_since is None or _updated(item, self.updated_since))
        )


class KeptPage(CanonicalModel):
    """A part of one connection's listing as the cache keeps it."""

    items: tuple[WorkflowSummary, ...]
    next_position: str | None = None
    unreadable: tuple[str, ...] = ()
    """What was wrong with items that are no workflows at all."""


@dataclass(slots=True)
class _Harvest:
    """What one connection gave for one answer."""

    connection: Connection
    items: tuple[WorkflowSummary, ...] = ()
    position: str | None = None
    ended: bool = False
    problems: tuple[Problem, ...] = ()
    failure: AdapterError | GatewayError | None = None
    readings: list[Reading] = field(default_factory=list)
    traces: list[Trace] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ListingQuery:
    """What is listed.

    Attributes:
        connections: over which.
        filters: what it is narrowed to.
        limit: the most items.
        cursor: of the page before; None for the first.
    """

    connections: Sequence[Connection]
    filters: Filters
    limit: int
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """A page, and the parts of it that were read through the cache."""

    page: WorkflowPage
    readings: tuple[Reading, ...]


class Listing:
    """Lists workflows over connections."""

    def __init__(self, service: Service, patience_seconds: float, most_pages: int = 10) -> None:
        """Make a listing.

        Args:
            service: reads through the cache.
            patience_seconds: how long one answer waits for a connection before it goes on without it.
            most_pages: asked of a connection for one answer while filters let nothing through; the cursor goes on.
        """
        self._service = service
        self._most_pages = most_pages
        self._patience = patience_seconds

    async def page(self, query: ListingQuery, ask: Ask | None = None, *, strict: bool = False) -> Listed:
        """Return one page over the connections; one that fails is reported and left out of the rest of the walk.

        Args:
            query: what is listed.
            ask: the request's wishes about caching; its trace tells what was done for all parts together.
            strict: a connection's failure is raised instead of reported.

        Raises:
            InvalidParameter: the cursor is none of ours.
            AdapterError, GatewayError: with `strict`, a connection's failure.
        """
        ask = ask or Ask()
        known = {connection.name: connection for connection in query.connections}
        limit = query.limit
        question = fingerprint({**asdict(query.filters), "limit": limit, "over": sorted(known)})
        if query.cursor is None:
            at_once = max(1, min(limit, len(known)))
            walk = Walk(question=question, size=max(1, limit // at_once), open=dict.fromkeys(known))
        else:
            walk = decode(query.cursor, question, frozenset(known))
        turn = [known[name] for name in walk.open if name in known][: max(1, limit // walk.size)]
        harvests = await asyncio.gather(
            *(self._harvest(connection, walk, query.filters, ask) for connection in turn)
        )
        ask.trace.sums_up([trace for harvest in harvests for trace in harvest.traces])
        if strict:
            for harvest in harvests:
                if harvest.failure is not None:
                    raise harvest.failure
        readings = tuple(reading for harvest in harvests for reading in harvest.readings)
        return Listed(_assemble(walk, harvests, known), readings)

    async def _harvest(self, connection: Connection, walk: Walk, filters: Filters, ask: Ask) -> _Harvest:
        harvest = _Harvest(connection, position=walk.open[connection.name])
        patience = asyncio.get_running_loop().time() + self._patience
        until = patience if ask.until is None else min(patience, ask.until)
        try:
            await self._collect(harvest, walk.size, filters, Ask(ask.directives, deadline=Deadline(until)))
        except DeadlineExceeded as error:
            _fail(harvest, error if until < patience else self._impatient(connection))
        except (AdapterError, GatewayError) as error:
            _fail(harvest, error)
        return harvest

    def _impatient(self, connection: Connection) -> VendorTimeout:
        return VendorTimeout(f"{connection.name} gave no page within {self._patience:g} seconds")

    async def _collect(self, harvest: _Harvest, size: int, filters: Filters, ask: Ask) -> None:
        # A page with matches ends the round, so that no page is ever cut and no item lost between two answers.
        size = min(size, harvest.connection.vendor.max_page_size)
        seen = {harvest.position}
        for _ in range(self._most_pages):
            kept = await self._kept_page(harvest, PageRequest(size, harvest.position), ask)
            harvest.items = tuple(item for item in kept.items if filters.admit(item))
            harvest.problems += tuple(_unreadable(harvest.connection, text) for text in kept.unreadable)
            harvest.problems = harvest.problems or _undated(harvest.connection, kept, filters)
            harvest.position = kept.next_position
            harvest.ended = kept.next_position is None
            if kept.next_position is not None and kept.next_position in seen:
                title = harvest.connection.vendor.title
                raise VendorSurprise(f"{title} gives the same pages over and over")
            seen.add(kept.next_position)
            if harvest.items or harvest.ended:
                return

    async def _kept_page(self, harvest: _Harvest, request: PageRequest, ask: Ask) -> KeptPage:
        connection = harvest.connection
        api = connection.api(Ability.LIST_WORKFLOWS, ListsWorkflows)

        async def fill(_: Entry | None) -> Got:
            native = await connection.call(lambda http: api.page(http, request))
            with parsing():
                body = _page_bytes(connection, native.items, native.next_position)
            return Got(canonical_entry(connection, body, Kind.LISTING, (listing_tag(connection.name),)))

        parameters = {"size": request.size, "position": request.position}
        of_page = Ask(ask.directives, deadline=ask.deadline)
        harvest.traces.append(of_page.trace)
        reading = await self._service.listing(connection, parameters, fill, of_page)
        harvest.readings.append(reading)
        return _kept_page(reading.entry.parts[CANONICAL])


def _kept_page(body: bytes) -> KeptPage:
    try:
        return _KEPT_PAGE.validate_json(body)
    except ValidationError:
        # The model's own parser of JSON refuses lone surrogates, which vendors send and we keep.
        return _KEPT_PAGE.validate_python(loads(body))


_KEPT_PAGE: Final = TypeAdapter(KeptPage)


def _page_bytes(connection: Connection, items: Sequence[object], next_position: str | None) -> bytes:
    """Return what a `KeptPage` of these native items is as JSON."""
    read, unreadable = _read_items(connection, items)
    return dumps({"items": read, "next_position": next_position, "unreadable": unreadable})


def _read_items(
    connection: Connection, items: Sequence[object]
) -> tuple[list[WorkflowSummaryDraft], list[str]]:
    """Return the workflows, and what was wrong with the items that are none."""
    read: list[WorkflowSummaryDraft] = []
    unreadable: list[str] = []
    for index, item in enumerate(items):
        try:
            read.append(connection.vendor.mapping.draft_summary(item, connection.name))
        except VendorSurprise as error:
            unreadable.append(f"item {index} of a page: {error}")
    return read, unreadable


def _assemble(walk: Walk, harvests: Sequence[_Harvest], known: dict[str, Connection]) -> WorkflowPage:
    still_open = {name: position for name, position in walk.open.items() if name in known}
    left_out = dict(walk.left_out)
    earlier = tuple(_earlier(name, code) for name, code in walk.left_out.items() if name in known)
    for harvest in harvests:
        name = harvest.connection.name
        still_open[name] = harvest.position
        if harvest.failure is not None:
            left_out[name] = kind_of(harvest.failure).code
        if harvest.ended or harvest.failure is not None:
            del still_open[name]
    problems = earlier + tuple(found for harvest in harvests for found in harvest.problems)
    following = walk.model_copy(update={"open": still_open, "left_out": left_out})
    return WorkflowPage(
        items=tuple(item for harvest in harvests for item in harvest.items),
        next_cursor=encode(following) if still_open else None,
        complete=not problems,
        problems=problems,
    )


def _fail(harvest: _Harvest, error: AdapterError | GatewayError) -> None:
    harvest.items = ()
    harvest.problems = (problem(error, connection=harvest.connection.name),)
    harvest.failure = error


def _earlier(name: str, code: str) -> Problem:
    title = "Left out of this listing"
    detail = f"{name} failed on an earlier page ({code}) and is left out of the rest; start again to retry it"
    return Problem(
        type=f"/problems/{code}",
        title=title,
        status=200,
        detail=detail,
        code=code,
        connection=name,
        retryable=True,
    )


def _unreadable(connection: Connection, text: str) -> Problem:
    error = VendorSurprise(f"{connection.vendor.title} listed something that is not a workflow: {text}")
    return problem(error, connection=connection.name)


def _undated(connection: Connection, kept: KeptPage, filters: Filters) -> tuple[Problem, ...]:
    if filters.updated_since is None or all(item.updated_at is not None for item in kept.items):
        return ()
    title = connection.vendor.title
    message = (
        f"{title} does not tell when every workflow changed; those without a time do not pass updated_since"
    )
    return (problem(FilterNotApplicable(message), connection=connection.name),)


def _mentions(item: WorkflowSummary, text: str) -> bool:
    words = (item.id, item.name, item.description, *item.tags, *(known.id for known in item.external_ids))
    return any(text in word.casefold() for word in words if word)


def _updated(item: WorkflowSummary, since: datetime) -> bool:
    return item.updated_at is not None and item.updated_at >= since
