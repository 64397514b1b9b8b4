"""What the gateway does, one method per thing: who may see it, can the vendor do it, the cache, else the vendor."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from pydantic import TypeAdapter

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
from adapters.errors import VendorError
from gateway.cache.keys import cache_key
from gateway.cache.reader import CachedReader, Fill, Outcome
from gateway.cache.store import Entry
from gateway.callers import Caller
from gateway.connections import Connection
from gateway.documents import CANONICAL, records_entry, workflow_entry
from gateway.errors import InvalidParameter, UnknownConnection, UnknownVendor
from schemas.catalogue import ConnectionDescription, VendorDescription
from schemas.support import Ability
from schemas.workflow import Label, Version

Fetch: TypeAlias = Callable[[Http], Awaitable[Fetched]]
Parameters: TypeAlias = Mapping[str, str | int | None]

_VERSIONS: Final = TypeAdapter(tuple[Version, ...])
_LABELS: Final = TypeAdapter(tuple[Label, ...])


@dataclass(frozen=True, slots=True)
class Reading:
    """An answer and where it came from."""

    entry: Entry
    outcome: Outcome
    connection: Connection


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
        self, connections: Mapping[str, Connection], vendors: Mapping[str, Vendor], reader: CachedReader
    ) -> None:
        self._connections = connections
        self._vendors = vendors
        self._reader = reader

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

    async def probe(self, connection: Connection) -> ConnectionDescription:
        """Call the vendor once and describe the connection; a failure shows as its health, not as an error."""
        api = connection.api(Ability.PROBE, Probes)
        try:
            await connection.call(api.probe)
        except VendorError:
            return connection.describe()
        return connection.describe()

    async def workflow(self, connection: Connection, workflow_id: str, at: At) -> Reading:
        """Read a workflow, at a version or a label if asked."""
        fetch, seconds = self._fetch_at(connection, workflow_id, at)
        parameters = {"id": workflow_id, "version": at.version, "label": at.label}
        return await self._document(connection, parameters, seconds, fetch)

    async def assistant_workflow(self, connection: Connection, assistant_id: str) -> Reading:
        """Read the workflow linked to an assistant."""
        api = connection.api(Ability.GET_ASSISTANT_WORKFLOW, GetsAssistantWorkflow)

        async def fetch(http: Http) -> Fetched:
            return await api.fetch_assistant_workflow(http, assistant_id)

        seconds = connection.settings.cache.workflow
        return await self._document(connection, {"assistant": assistant_id}, seconds, fetch)

    async def versions(self, connection: Connection, workflow_id: str) -> tuple[tuple[Version, ...], Reading]:
        """Read all versions of a workflow, newest first where the vendor tells."""
        api = connection.api(Ability.LIST_VERSIONS, ListsVersions)
        seconds = connection.settings.cache.versions

        async def fill() -> Entry:
            found = await connection.call(lambda http: api.versions(http, workflow_id))
            return records_entry(connection, found, seconds)

        reading = await self.read(connection, "versions", {"id": workflow_id}, fill)
        return _VERSIONS.validate_json(reading.entry.parts[CANONICAL]), reading

    async def labels(self, connection: Connection, workflow_id: str) -> tuple[tuple[Label, ...], Reading]:
        """Read all labels of a workflow."""
        api = connection.api(Ability.LIST_LABELS, ListsLabels)
        seconds = connection.settings.cache.labels

        async def fill() -> Entry:
            found = await connection.call(lambda http: api.labels(http, workflow_id))
            return records_entry(connection, found, seconds)

        reading = await self.read(connection, "labels", {"id": workflow_id}, fill)
        return _LABELS.validate_json(reading.entry.parts[CANONICAL]), reading

    async def read(
        self, connection: Connection, operation: str, parameters: Parameters, fill: Fill
    ) -> Reading:
        """Read something through the cache."""
        key = cache_key(connection.name, connection.fingerprint, operation, parameters)
        not_found_seconds = connection.settings.cache.not_found
        entry, outcome = await self._reader.read(key, fill, not_found_seconds=not_found_seconds)
        return Reading(entry, outcome, connection)

    def age(self, reading: Reading) -> int:
        """Return the whole seconds since the vendor gave what was read."""
        return self._reader.age(reading.entry)

    async def close(self) -> None:
        """Stop what is under way and close the cache."""
        await self._reader.close()

    async def _document(
        self, connection: Connection, parameters: Parameters, seconds: float, fetch: Fetch
    ) -> Reading:
        async def fill() -> Entry:
            pinned = parameters.get("version") is not None
            unasked = not pinned and parameters.get("label") is None
            fetched = await connection.call(fetch)
            return workflow_entry(connection, fetched, seconds, pinned=pinned, unasked=unasked)

        return await self.read(connection, "workflow", parameters, fill)

    def _fetch_at(self, connection: Connection, workflow_id: str, at: At) -> tuple[Fetch, float]:
        times = connection.settings.cache
        if at.version is not None:
            by_version, version = connection.api(Ability.GET_VERSION, GetsVersion), at.version
            return lambda http: by_version.fetch_version(http, workflow_id, version), times.version
        if at.label is not None:
            by_label, label = connection.api(Ability.GET_LABEL, GetsLabel), at.label
            return lambda http: by_label.fetch_label(http, workflow_id, label), times.label
        api = connection.api(Ability.GET_WORKFLOW, GetsWorkflow)
        return lambda http: api.fetch(http, workflow_id), times.workflow


def describe_vendor(vendor: Vendor) -> VendorDescription:
    """Return what callers may know of a vendor."""
    return VendorDescription(
        name=vendor.name,
        title=vendor.title,
        docs_url=vendor.docs_url,
        base_url=vendor.base_url,
        support=dict(vendor.support),
    )
