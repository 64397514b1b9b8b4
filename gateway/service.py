"""What the gateway does, one method per thing: who may see it, can the vendor do it, the cache, else the vendor."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self, TypeAlias

from adapters.answers import LARGE_BYTES
from adapters.contract import (
    Fetched,
    GetsAssistantWorkflow,
    GetsLabel,
    GetsVersion,
    GetsWorkflow,
    Http,
    ListsLabels,
    ListsVersions,
    Probes,
    Vendor,
)
from adapters.errors import NotModified, VendorError, VendorSurprise
from gateway.asking import Ask
from gateway.cache import policy
from gateway.cache.filler import Fill, Got, Question
from gateway.cache.keys import (
    assistant_tag,
    cache_key,
    connection_tag,
    listing_tag,
    passthrough_tag,
    workflow_tag,
)
from gateway.cache.lifetimes import Kind
from gateway.cache.reader import CachedReader
from gateway.cache.store import Entry
from gateway.cache.trace import Outcome, Trace
from gateway.callers import Caller
from gateway.connections import Connection, Known
from gateway.documents import NATIVE, records_entry, workflow_entry
from gateway.errors import InvalidParameter, UnknownConnection, UnknownVendor
from gateway.telemetry.counting import Counting
from gateway.telemetry.journey import parsing
from schemas.base import CanonicalModel
from schemas.catalogue import ConnectionDescription, VendorDescription
from schemas.operations import CacheFigures
from schemas.support import Ability

Fetch: TypeAlias = Callable[[Http], Awaitable[Fetched]]
Parameters: TypeAlias = Mapping[str, str | int | None]


@dataclass(frozen=True, slots=True)
class Reading:
    """Something read through the cache.

    Attributes:
        key: under which it is kept, if it is.
        entry: what was read.
        kind: which of the connection's times count.
        trace: what the caches did.
    """

    key: str
    entry: Entry
    kind: Kind
    trace: Trace


@dataclass(frozen=True, slots=True)
class At:
    """Which state of a workflow is meant: a version, a label, or neither for the one the vendor gives unasked."""

    version: str | None = None
    label: str | None = None

    def __post_init__(self) -> None:
        if self.version is not None and self.label is not None:
            raise InvalidParameter("label", "give either version or label, not both")


class Service:
    """The gateway's operations over its connections."""

    def __init__(
        self,
        connections: Mapping[str, Connection],
        vendors: Mapping[str, Vendor],
        reader: CachedReader,
        counting: Counting | None = None,
    ) -> None:
        """Make a service.

        Args:
            connections: by name.
            vendors: by name, also those without a connection.
            reader: reads through the cache.
            counting: counts the reads; None to count nothing.
        """
        self._connections = connections
        self._vendors = vendors
        self._reader = reader
        self._counting = counting

    def vendors(self) -> tuple[VendorDescription, ...]:
        """Describe every vendor."""
        return tuple(describe_vendor(vendor) for vendor in self._vendors.values())

    def vendor(self, name: str) -> VendorDescription:
        """Describe one vendor."""
        if name not in self._vendors:
            raise UnknownVendor(name)
        return describe_vendor(self._vendors[name])

    def visible(self, caller: Caller) -> tuple[Connection, ...]:
        """Return the connections that the caller may see."""
        return tuple(
            connection for connection in self._connections.values() if caller.may_see(connection.name)
        )

    def connection(self, name: str, caller: Caller) -> Connection:
        """Return one connection.

        Raises:
            UnknownConnection: it is not there or the caller may not see it; which of the two is not told.
        """
        connection = self._connections.get(name)
        if connection is None or not caller.may_see(name):
            raise UnknownConnection(name)
        return connection

    async def probe(self, connection: Connection, until: float | None = None) -> ConnectionDescription:
        """Call the vendor once and describe the connection; a failure shows as its health, not as an error.

        Args:
            connection: which.
            until: when nothing is waited for any longer, in the running loop's time.
        """
        api = connection.api(Ability.PROBE, Probes)
        with contextlib.suppress(VendorError):
            await connection.call(api.probe, until=until)
        return connection.describe()

    async def workflow(self, connection: Connection, workflow_id: str, at: At, ask: Ask) -> Reading:
        """Read a workflow, at a version or a label if asked."""
        fetch, kind = self._fetch_at(connection, workflow_id, at)
        parameters = {"id": workflow_id, "version": at.version, "label": at.label}
        wanted = _Wanted("workflow", parameters, kind, (workflow_tag(connection.name, workflow_id),))
        return await self._document(connection, wanted, fetch, ask)

    async def assistant_workflow(self, connection: Connection, assistant_id: str, ask: Ask) -> Reading:
        """Read the workflow linked to an assistant."""
        api = connection.api(Ability.GET_ASSISTANT_WORKFLOW, GetsAssistantWorkflow)

        async def fetch(http: Http) -> Fetched:
            return await api.fetch_assistant_workflow(http, assistant_id)

        tag = assistant_tag(connection.name, assistant_id)
        wanted = _Wanted("workflow", {"assistant": assistant_id}, Kind.WORKFLOW, (tag,))
        return await self._document(connection, wanted, fetch, ask)

    async def versions(self, connection: Connection, workflow_id: str, ask: Ask) -> Reading:
        """Read all versions of a workflow, newest first where the vendor tells."""
        api = connection.api(Ability.LIST_VERSIONS, ListsVersions)
        wanted = _Wanted.of_workflow(connection, "versions", workflow_id, Kind.VERSIONS)
        return await self._records(connection, wanted, lambda http: api.versions(http, workflow_id), ask)

    async def labels(self, connection: Connection, workflow_id: str, ask: Ask) -> Reading:
        """Read all labels of a workflow."""
        api = connection.api(Ability.LIST_LABELS, ListsLabels)
        wanted = _Wanted.of_workflow(connection, "labels", workflow_id, Kind.LABELS)
        return await self._records(connection, wanted, lambda http: api.labels(http, workflow_id), ask)

    async def listing(self, connection: Connection, parameters: Parameters, fill: Fill, ask: Ask) -> Reading:
        """Read a part of a connection's listing."""
        tags = (listing_tag(connection.name),)
        return await self._read(connection, _Wanted("listing", parameters, Kind.LISTING, tags), fill, ask)

    async def passed_through(
        self, connection: Connection, parameters: Parameters, fill: Fill, ask: Ask
    ) -> Reading:
        """Read with the vendor's own API."""
        tags = (passthrough_tag(connection.name),)
        wanted = _Wanted("passthrough", parameters, Kind.PASSTHROUGH, tags)
        return await self._read(connection, wanted, fill, ask)

    async def purge(self, connection: str, tag: str) -> None:
        """Forget what carries a tag of a connection, and the connection's listings, on every instance."""
        await self._reader.forget(tag, listing_tag(connection))

    async def forget(self, *tags: str) -> None:
        """Forget what carries one of the tags, on every instance."""
        await self._reader.forget(*tags)

    async def purge_everything(self) -> None:
        """Forget everything, on every instance."""
        await self._reader.forget()

    def cache_figures(self) -> CacheFigures:
        """Return how full the cache is."""
        return self._reader.figures()

    async def close(self) -> None:
        """Stop what is under way."""
        await self._reader.close()

    async def _read(self, connection: Connection, wanted: "_Wanted", fill: Fill, ask: Ask) -> Reading:
        question = Question(
            key=cache_key(connection.name, connection.fingerprint, wanted.operation, wanted.parameters),
            tags=(connection_tag(connection.name), *wanted.tags),
            # What is passed through is kept with the vendor's own words, which a kept not-found has not.
            not_found_seconds=0 if wanted.kind is Kind.PASSTHROUGH else connection.lifetimes.not_found,
            patience_seconds=connection.settings.limits.timeout_seconds,
        )
        try:
            entry = await self._reader.read(question, fill, ask.directives, ask.trace, ask.until)
        finally:
            if self._counting is not None:
                self._counting.read(connection.name, wanted.kind, ask.trace.outcome)
        return Reading(question.key, entry, wanted.kind, ask.trace)

    async def _document(self, connection: Connection, wanted: "_Wanted", fetch: Fetch, ask: Ask) -> Reading:
        # What the vendor gives when neither a version nor a label is asked for is the current version.
        unasked = wanted.kind is Kind.WORKFLOW

        async def fill(kept: Entry | None) -> Got:
            times = connection.lifetimes.of(wanted.kind)
            # Of several answers only the first would be asked about.
            known = None
            if kept is not None and kept.whole and NATIVE in kept.parts:
                known = Known(kept.validators, kept.parts[NATIVE])
            try:
                fetched = await connection.call(fetch, known)
            except NotModified as answer:
                return _confirmed(connection, kept, times.fresh, answer)
            return Got(await _read_workflow(connection, fetched, wanted, unasked=unasked))

        return await self._read(connection, wanted, fill, ask)

    async def _records(
        self,
        connection: Connection,
        wanted: "_Wanted",
        operation: Callable[[Http], Awaitable[Sequence[CanonicalModel]]],
        ask: Ask,
    ) -> Reading:
        async def fill(_: Entry | None) -> Got:
            found = await connection.call(operation)
            return Got(records_entry(connection, found, wanted.kind, wanted.tags))

        return await self._read(connection, wanted, fill, ask)

    def _fetch_at(self, connection: Connection, workflow_id: str, at: At) -> tuple[Fetch, Kind]:
        if at.version is not None:
            by_version, version = connection.api(Ability.GET_VERSION, GetsVersion), at.version
            return lambda http: by_version.fetch_version(http, workflow_id, version), Kind.VERSION
        if at.label is not None:
            by_label, label = connection.api(Ability.GET_LABEL, GetsLabel), at.label
            return lambda http: by_label.fetch_label(http, workflow_id, label), Kind.LABEL
        api = connection.api(Ability.GET_WORKFLOW, GetsWorkflow)
        return lambda http: api.fetch(http, workflow_id), Kind.WORKFLOW


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is wanted of a connection.

    Attributes:
        operation: its name in the key.
        parameters: all that the answer depends on.
        kind: which of the connection's times count.
        tags: beside the connection's.
    """

    operation: str
    parameters: Parameters
    kind: Kind
    tags: tuple[str, ...] = ()

    @classmethod
    def of_workflow(cls, connection: Connection, operation: str, workflow_id: str, kind: Kind) -> Self:
        return cls(operation, {"id": workflow_id}, kind, (workflow_tag(connection.name, workflow_id),))


def _confirmed(connection: Connection, kept: Entry | None, fresh: float, answer: NotModified) -> Got:
    """Return what is kept as new.

    Raises:
        VendorSurprise: the vendor speaks of something else.
    """
    if kept is None or not (answer.same_body or policy.may_confirm(kept, answer.validators)):
        message = f"{connection.vendor.title} says that something else is unchanged"
        raise VendorSurprise(message, status=304) from answer
    entry = policy.confirmed(kept, connection.now().timestamp(), fresh, answer.validators)
    return Got(entry, Outcome.UNCHANGED if answer.same_body else Outcome.REVALIDATED)


async def _read_workflow(
    connection: Connection, fetched: Fetched, wanted: _Wanted, *, unasked: bool
) -> Entry:
    """Return the entry of a document; a large one is read in a thread, so that others are answered meanwhile."""
    with parsing():
        if fetched.body is None or len(fetched.body) < LARGE_BYTES:
            return workflow_entry(connection, fetched, wanted.kind, wanted.tags, unasked=unasked)
        return await asyncio.to_thread(
            workflow_entry, connection, fetched, wanted.kind, wanted.tags, unasked=unasked
        )


def describe_vendor(vendor: Vendor) -> VendorDescription:
    """Return what callers may know of a vendor."""
    return VendorDescription(
        name=vendor.name,
        title=vendor.title,
        docs_url=vendor.docs_url,
        base_url=vendor.base_url,
        support=dict(vendor.support),
    )
