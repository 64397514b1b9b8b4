"""Builds what the gateway needs to run out of its settings, and takes it down again."""

import hashlib
import random
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from adapters.breaker import BreakerLimits
from adapters.condition import Instruments
from adapters.contract import Vendor
from adapters.limits import Limits
from adapters.masking import Mask
from adapters.retrying import RetryLimits
from adapters.transport import Transport
from adapters.websocket import Sockets
from gateway.cache.building import build_store
from gateway.cache.front import FrontStore
from gateway.cache.keys import connection_tag
from gateway.cache.lifetimes import Lifetimes
from gateway.cache.reader import CachedReader
from gateway.connections import Connection
from gateway.desk import Desk
from gateway.environment import Secret
from gateway.idempotency.building import build_key_store
from gateway.idempotency.guard import Guard
from gateway.idempotency.records import KeyStore
from gateway.listing import Listing
from gateway.pages import Pages
from gateway.plan import Plan
from gateway.service import Service
from gateway.settings import ConnectionSettings, Settings
from gateway.telemetry.counting import Counting
from gateway.telemetry.onlooking import VendorOnlooker
from gateway.telemetry.watching import CallWatcher
from gateway.writing.tools import WriteTools


@dataclass(frozen=True, slots=True)
class Runtime:
    """Everything that is alive while the gateway runs."""

    plan: Plan
    connections: Mapping[str, Connection]
    store: FrontStore
    keys: KeyStore
    service: Service
    pages: Pages
    desk: Desk
    writes: WriteTools

    @property
    def parts(self) -> tuple["Part", ...]:
        """Return what another runtime may use too: it is closed with the last that does."""
        calls = (connection.http for connection in self.connections.values())
        return (self.store, self.keys, *(http for http in calls if isinstance(http, Transport)))

    async def close(self, spared: Collection["Part"] = ()) -> None:
        """Stop what is under way, then close every connection.

        Args:
            spared: parts that somebody else uses.
        """
        await self.service.close()
        for part in self.parts:
            if not any(part is other for other in spared):
                await part.close()

    def same(self, name: str, plan: Plan) -> Connection | None:
        """Return a connection that another plan would make just like this, with what it remembers; else None."""
        alike = self.plan.of_connection(name) == plan.of_connection(name)
        return self.connections.get(name) if alike else None

    async def forget_what_changed(self, before: "Runtime") -> None:
        """Forget what was kept for connections that were something else in another runtime."""
        if self.store is not before.store:
            return
        for name in before.connections:
            if self.connections.get(name) is not before.connections[name]:
                await self.store.invalidate(connection_tag(name))


class Part(Protocol):
    """Something that holds connections open."""

    async def close(self) -> None:
        """Let go of them."""
        ...


def utc(clock: Callable[[], float]) -> Callable[[], datetime]:
    """Return a clock that tells the time in UTC out of one that tells seconds."""
    return lambda: datetime.fromtimestamp(clock(), UTC)


async def start(
    settings: Settings,
    vendors: Mapping[str, Vendor],
    secrets: Mapping[str, Secret],
    clock: Callable[[], float] = time.time,
    counting: Counting | None = None,
    before: Runtime | None = None,
) -> Runtime:
    """Build the runtime. No vendor is called and no connection to one opened yet.

    Args:
        settings: checked settings.
        vendors: every vendor by name.
        secrets: as `read_credentials` returns them.
        clock: seconds of the wall clock.
        counting: counts what happens; None to count nothing.
        before: the one whose place it takes; what is unchanged is used on, with what it remembers.
    """
    plan = Plan(settings, vendors, secrets)
    connections = _connections(plan, (clock, counting), before)
    store = await _store(plan, before)
    if counting is not None:
        counting.watch(store)
        for name, connection in connections.items():
            counting.watch_calls(name, connection.http.condition)
    service = Service(connections, vendors, CachedReader(store, clock), counting)
    server = settings.server
    listing = Listing(service, server.listing_patience_seconds, server.listing_pages)
    keys = _keys(plan, before, clock)
    return Runtime(
        plan=plan,
        connections=connections,
        store=store,
        keys=keys,
        service=service,
        pages=Pages(listing, store, clock),
        desk=Desk(store, clock),
        writes=WriteTools.over(service, Guard(keys, clock), server.request_bytes, server.request_objects),
    )


def _connections(
    plan: Plan, telling: tuple[Callable[[], float], Counting | None], before: Runtime | None
) -> Mapping[str, Connection]:
    found: dict[str, Connection] = {}
    for name, configured in plan.settings.connections.items():
        same = None if before is None else before.same(name, plan)
        vendor = plan.vendors[configured.vendor]
        found[name] = same or _connection(name, plan.settings, vendor, plan.secrets[name], telling)
    return found


async def _store(plan: Plan, before: Runtime | None) -> FrontStore:
    if before is not None and before.plan.of_store == plan.of_store:
        return before.store
    store = build_store(plan.settings, plan.secrets)
    await store.start()
    return store


def _keys(plan: Plan, before: Runtime | None, clock: Callable[[], float]) -> KeyStore:
    if before is not None and before.plan.of_keys == plan.of_keys:
        return before.keys
    return build_key_store(plan.settings, plan.secrets, clock)


def limits_of(configured: ConnectionSettings) -> Limits:
    """Return the bounds on a connection's calls as the adapters know them."""
    told = configured.limits.model_dump()
    told["retries"] = RetryLimits(**told["retries"])
    told["breaker"] = BreakerLimits(**told["breaker"])
    return Limits(**told, private_addresses=configured.allow_private_addresses)


def connection_alone(name: str, settings: Settings, vendor: Vendor, secret: Secret) -> Connection:
    """Return one connection for whoever needs no more of the runtime; its `http` is to be closed."""
    return _connection(name, settings, vendor, secret, (time.time, None))


def _connection(
    name: str,
    settings: Settings,
    vendor: Vendor,
    secret: Secret,
    telling: tuple[Callable[[], float], Counting | None],
) -> Connection:
    clock, counting = telling
    configured = settings.connections[name]
    base_url = configured.base_url or vendor.base_url or ""
    limits = limits_of(configured)
    onlooker = VendorOnlooker(name, vendor.name, base_url)
    instruments = Instruments(clock, random.random, CallWatcher(name, counting), onlooker)
    return Connection(
        name=name,
        vendor=vendor,
        settings=configured,
        base_url=base_url,
        http=Transport(vendor, base_url, secret.reveal(), limits, instruments=instruments),
        fingerprint=_fingerprint(secret, vendor, base_url),
        lifetimes=Lifetimes(configured.cache, settings.cache.jitter, random.random),
        now=utc(clock),
        counting=counting,
        sockets=Sockets(vendor, base_url, secret.reveal(), limits, onlooker),
        hidden=Mask(secret.reveal()),
    )


def _fingerprint(secret: Secret, vendor: Vendor, base_url: str) -> str:
    """Tell apart whose answers are kept: the same credential may have become one for another place by a reload."""
    account = f"{secret.fingerprint}\n{vendor.name}\n{base_url}"
    return hashlib.sha256(account.encode()).hexdigest()[:16]
