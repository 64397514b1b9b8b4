"""Whether a request may be passed on, and as what."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import quote_plus, unquote_to_bytes

from gateway.callers import Caller
from gateway.connections import Connection
from gateway.edge.asgi import Scope, header
from gateway.edge.context import NOTES
from gateway.edge.gate import presented_key, refuse_strangers
from gateway.errors import BodyTooLarge, InvalidParameter, NotAllowed, NotPassedOn, RouteMissing
from gateway.passthrough.calls import Call
from gateway.passthrough.heads import SHORTEST_SECRET, Framing, framing, to_vendor
from gateway.passthrough.paths import Allowed, checked
from gateway.passthrough.ports import MOUNT, PREFIX
from gateway.service import Service
from gateway.settings.models import ConnectionSettings
from gateway.settings.values import Right

READS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
METHODS: Final = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")


class Admission:
    """Knows what each connection's configuration lets pass."""

    def __init__(self, connections: Mapping[str, ConnectionSettings]) -> None:
        self._allowed = {
            name: Allowed(settings.passthrough)
            for name, settings in connections.items()
            if settings.passthrough.enabled
        }

    def allowed(self, connection: Connection) -> Allowed:
        """Return what a connection lets pass.

        Raises:
            NotPassedOn: nothing.
        """
        found = self._allowed.get(connection.name)
        if found is None:
            raise NotPassedOn(f"{connection.name} is not passed through: passthrough.enabled is false")
        return found

    def call(self, service: Service, scope: Scope, caller: Caller) -> Call:
        """Return what a request is passed on as.

        Raises:
            RouteMissing: the method is none that is passed on.
            NotAllowed: the key does not give the right, or a web page elsewhere sent it where no key is needed.
            UnknownConnection: there is none of that name for the caller.
            NotPassedOn: the configuration does not let it through.
            BodyTooLarge: its body is too large.
            InvalidParameter: it could be taken for something else than it says.
        """
        if scope["method"] not in METHODS:
            raise RouteMissing("this method is not passed on", allowed=", ".join(METHODS))
        if not caller.may(Right.PASSTHROUGH):
            raise NotAllowed(
                f"this needs the right {Right.PASSTHROUGH}, which the key of {caller.name} does not give"
            )
        if scope["type"] == "websocket" or scope["method"] not in READS:
            refuse_strangers(header(scope, b"origin"), caller)
        name, path = split(scope)
        connection = service.connection(name, caller)
        if NOTES in scope:
            scope[NOTES].update(connection=connection.name, vendor=connection.vendor.name)
        call = self.passed(connection, scope, path, framing(scope["headers"]))
        if not self.allowed(connection).passes(call.method, call.segments):
            raise NotPassedOn(f"{connection.name} does not let {call.method} on this path through")
        most = connection.settings.passthrough.request_bytes
        if call.framing.length is not None and call.framing.length > most:
            raise BodyTooLarge(most)
        return call

    def passed(self, connection: Connection, scope: Scope, path: bytes, length: Framing) -> Call:
        """Return the parts of a request that go to the vendor, checked.

        Raises:
            InvalidParameter: the path could lead elsewhere, or holds the caller's gateway key.
        """
        query: bytes = scope["query_string"]
        segments = checked(path, query)
        key = presented_key(header(scope, b"x-api-key"), header(scope, b"authorization"))
        if key is not None and holds(key, path + b"?" + query):
            raise InvalidParameter(
                "path", "it holds the key of the gateway, which is no business of the vendor"
            )
        return Call(
            connection=connection,
            method=scope.get("method", "GET"),
            path=path,
            query=query,
            segments=segments,
            headers=to_vendor(scope["headers"], connection.settings.passthrough.headers, key),
            framing=length,
            mount=scope.get(MOUNT, f"{PREFIX}{connection.name}"),
        )


def split(scope: Scope) -> tuple[str, bytes]:
    """Return the connection's name and the vendor's path, both as they were sent."""
    raw: bytes = scope["raw_path"]
    name, slash, path = raw[len(PREFIX) :].partition(b"/")
    return name.decode("latin-1"), slash + path or b"/"


def holds(key: str, target: bytes) -> bool:
    """Say whether a key is part of a target, percent-encoded or not."""
    if len(key) < SHORTEST_SECRET:
        return False
    secret = key.encode("latin-1", "replace")
    forms = {target, unquote_to_bytes(target), unquote_to_bytes(target.replace(b"+", b" "))}
    return quote_plus(secret).encode() in target or any(secret in form for form in forms)
