"""What no key can tell alone: the checks between keys, and against the vendors there are."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from urllib.parse import urlsplit

from adapters.addresses import is_loopback, is_private_literal
from adapters.contract import Vendor
from gateway.settings.access import CallerSettings
from gateway.settings.issues import Fault, KeyPath, shown
from gateway.settings.messages import did_you_mean
from gateway.settings.models import CacheSettings, ConnectionSettings, ServerSettings, TracingSettings


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a document that could be read, so that one bad key does not hide what is wrong elsewhere.

    Attributes:
        server: None when it is no mapping.
        cache: likewise.
        tracing: likewise.
        callers: by position; with something invented in place of what cannot be read.
        connections: by name; likewise.
        names: of all connections, read or not; None when there is no telling.
        anonymous: the document lists no caller at all.
    """

    server: ServerSettings | None
    cache: CacheSettings | None
    tracing: TracingSettings | None
    callers: Mapping[int, CallerSettings]
    connections: Mapping[str, ConnectionSettings]
    names: frozenset[str] | None
    anonymous: bool


def check(parts: Parts, vendors: Mapping[str, Vendor]) -> Iterator[Fault]:
    """Return what is wrong between the parts of a configuration."""
    yield from _listening(parts)
    yield from _installed(parts)
    yield from _caller_names(parts)
    yield from _key_hashes(parts)
    yield from _caller_limits(parts)
    yield from _pages(parts)
    yield from _audit(parts)
    yield from _visible_connections(parts)
    yield from _ports(parts)
    for name, connection in parts.connections.items():
        yield from _vendor(name, connection, vendors)
        yield from _encryption(name, connection)
        yield from _address(name, connection)


def _listening(parts: Parts) -> Iterator[Fault]:
    if parts.server is not None and parts.anonymous and not is_loopback(parts.server.host):
        message = (
            "listening beyond this machine without callers would give everybody your vendors' accounts; "
            "add at least one caller, or listen on 127.0.0.1"
        )
        yield Fault(("server", "host"), message)


def _installed(parts: Parts) -> Iterator[Fault]:
    if parts.cache is not None and parts.cache.shared is not None and find_spec("redis") is None:
        message = (
            "the package for Redis is not installed; run pip install 'workflow-gateway[redis]', "
            "or take this section out"
        )
        yield Fault(("cache", "shared"), message)
    if parts.tracing is not None and parts.tracing.enabled and not _traces_can_be_sent():
        message = (
            "the packages of OpenTelemetry are not installed; run pip install 'workflow-gateway[otel]', "
            "or leave this false"
        )
        yield Fault(("tracing", "enabled"), message)


def _traces_can_be_sent() -> bool:
    try:
        return all(
            find_spec(name) for name in ("opentelemetry.sdk", "opentelemetry.exporter.otlp.proto.http")
        )
    except ModuleNotFoundError:
        return False


def _caller_names(parts: Parts) -> Iterator[Fault]:
    first: dict[str, KeyPath] = {}
    for index, caller in parts.callers.items():
        path: KeyPath = ("callers", index, "name")
        if caller.name in first:
            message = f"another caller has the name {caller.name!r} already ({shown(first[caller.name])})"
            yield Fault(path, message)
        first.setdefault(caller.name, path)


def _key_hashes(parts: Parts) -> Iterator[Fault]:
    first: dict[str, KeyPath] = {}
    for index, caller in parts.callers.items():
        retiring = [key.hash for key in caller.retiring_keys]
        for kind, hashes in (("key_hashes", caller.key_hashes), ("retiring_keys", retiring)):
            for position, key_hash in enumerate(hashes):
                inner: KeyPath = ("hash",) if kind == "retiring_keys" else ()
                path: KeyPath = ("callers", index, kind, position, *inner)
                if key_hash in first:
                    yield Fault(
                        path, f"the same key is listed already ({shown(first[key_hash])}); give each its own"
                    )
                first.setdefault(key_hash, path)


def _caller_limits(parts: Parts) -> Iterator[Fault]:
    for index, caller in parts.callers.items():
        if caller.limits.burst is not None and caller.limits.requests_per_second is None:
            yield Fault(
                ("callers", index, "limits", "burst"),
                "means nothing without requests_per_second; set that too",
            )


def _pages(parts: Parts) -> Iterator[Fault]:
    """Say what is wrong with the web pages that may call."""
    origins = () if parts.server is None else parts.server.cors.origins
    for position, origin in enumerate(origins):
        if parts.anonymous and not is_loopback(urlsplit(origin).hostname or ""):
            message = (
                "without callers nobody needs a key, and this page would read everything; add at least one"
            )
            yield Fault(("server", "cors", "origins", position), message)


def _audit(parts: Parts) -> Iterator[Fault]:
    if parts.server is not None and parts.server.audit.required and parts.server.audit.file is None:
        yield Fault(("server", "audit", "required"), "needs file: only of a file it is known what it took")


def _visible_connections(parts: Parts) -> Iterator[Fault]:
    names = parts.names
    if names is None:
        return
    for index, caller in parts.callers.items():
        if caller.connections == "all":
            continue
        for position, name in enumerate(caller.connections):
            if name not in names:
                message = f"there is no connection {name!r}; {did_you_mean(name, tuple(sorted(names)))}"
                yield Fault(("callers", index, "connections", position), message)


def _ports(parts: Parts) -> Iterator[Fault]:
    taken = {} if parts.server is None else {parts.server.port: "server.port"}
    for name, connection in parts.connections.items():
        path: KeyPath = ("connections", name, "passthrough", "port")
        port = connection.passthrough.port
        if port is None:
            continue
        if port in taken:
            yield Fault(path, f"port {port} is taken already ({taken[port]})")
        taken.setdefault(port, shown(path))


def _vendor(name: str, connection: ConnectionSettings, vendors: Mapping[str, Vendor]) -> Iterator[Fault]:
    vendor = vendors.get(connection.vendor)
    if vendor is None:
        known = ", ".join(sorted(vendors)) or "none"
        message = f"there is no vendor {connection.vendor!r}; known vendors: {known}"
        yield Fault(("connections", name, "vendor"), message)
    elif vendor.base_url is None and connection.base_url is None:
        message = f"is required: every installation of {vendor.title} has its own address"
        yield Fault(("connections", name, "base_url"), message)


def _encryption(name: str, connection: ConnectionSettings) -> Iterator[Fault]:
    if connection.base_url is None or connection.allow_insecure_http:
        return
    parts = urlsplit(connection.base_url)
    if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
        message = (
            "http:// sends the credential unencrypted over the network; use https://, "
            "or set allow_insecure_http: true if nobody else can listen there"
        )
        yield Fault(("connections", name, "base_url"), message)


def _address(name: str, connection: ConnectionSettings) -> Iterator[Fault]:
    """Refuse a base URL with a private address in it; where a name leads is looked at with every connection made."""
    if connection.base_url is None or connection.allow_private_addresses:
        return
    host = urlsplit(connection.base_url).hostname or ""
    if is_private_literal(host) and not is_loopback(host):
        message = (
            "this address is not one of the internet; set allow_private_addresses: true in this connection "
            "if the vendor is there"
        )
        yield Fault(("connections", name, "base_url"), message)
