"""Builds what the gateway needs to run out of its settings, and takes it down again."""

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from adapters.breaker import BreakerLimits
from adapters.condition import Instruments
from adapters.contract import Http, Vendor
from adapters.limits import Limits
from adapters.retrying import RetryLimits
from adapters.transport import Transport
from adapters.websocket import Sockets
from gateway.cache.building import build_store
from gateway.cache.lifetimes import Lifetimes
from gateway.cache.reader import CachedReader
from gateway.connections import Connection
from gateway.desk import Desk
from gateway.environment import Secret
from gateway.idempotency.building import build_key_store
from gateway.idempotency.guard import Guard
from gateway.listing import Listing
from gateway.pages import Pages
from gateway.service import Service
from gateway.settings import ConnectionSettings, Settings
from gateway.telemetry.counting import Counting
from gateway.telemetry.onlooking import VendorOnlooker
from gateway.telemetry.watching import CallWatcher
from gateway.writing.tools import WriteTools


@dataclass(frozen=True, slots=True)
class Runtime:
    """Everything that is alive while the gateway runs."""

    service: Service
    pages: Pages
    desk: Desk
    writes: WriteTools
    transports: tuple[Http, ...]

    async def close(self) -> None:
        """Stop what is under way, then close every connection."""
        await self.service.close()
        await self.writes.guard.close()
        for transport in self.transports:
            if isinstance(transport, Transport):
                await transport.close()


def utc(clock: Callable[[], float]) -> Callable[[], datetime]:
    """Return a clock that tells the time in UTC out of one that tells seconds."""
    return lambda: datetime.fromtimestamp(clock(), UTC)


async def start(
    settings: Settings,
    vendors: Mapping[str, Vendor],
    secrets: Mapping[str, Secret],
    clock: Callable[[], float] = time.time,
    counting: Counting | None = None,
) -> Runtime:
    """Build the runtime. No vendor is called and no connection to one opened yet.

    Args:
        settings: checked settings.
        vendors: every vendor by name.
        secrets: as `read_credentials` returns them.
        clock: seconds of the wall clock.
        counting: counts what happens; None to count nothing.
    """
    connections = {
        name: _connection(
            name, settings, vendors[settings.connections[name].vendor], secrets[name], (clock, counting)
        )
        for name in settings.connections
    }
    store = build_store(settings, secrets)
    await store.start()
    if counting is not None:
        counting.watch(store)
        for name, connection in connections.items():
            counting.watch_calls(name, connection.http.condition)
    service = Service(connections, vendors, CachedReader(store, clock), counting)
    server = settings.server
    listing = Listing(service, server.listing_patience_seconds, server.listing_pages)
    guard = Guard(build_key_store(settings, secrets, clock), clock)
    return Runtime(
        service=service,
        pages=Pages(listing, store, clock),
        desk=Desk(store, clock),
        writes=WriteTools.over(service, guard, server.request_bytes, server.request_objects),
        transports=tuple(connection.http for connection in connections.values()),
    )


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
        fingerprint=secret.fingerprint,
        lifetimes=Lifetimes(configured.cache, settings.cache.jitter, random.random),
        now=utc(clock),
        counting=counting,
        sockets=Sockets(vendor, base_url, secret.reveal(), limits, onlooker),
    )
