"""Is each connection's vendor there, does it take our credential, and does its clock agree with ours?"""

import asyncio
import os
import socket
import ssl
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import urlsplit

from typing_extensions import override

from adapters.addresses import AddressRefused
from adapters.contract import Answer, Http, Parameters, Probes
from adapters.dialling import Names, dial
from adapters.errors import (
    AdapterError,
    VendorForbids,
    VendorLimited,
    VendorNotFound,
    VendorRefusedCredential,
    VendorSurprise,
)
from gateway.connections import Connection
from gateway.doctor.findings import Finding, fail, ok, warn
from schemas.base import JsonValue
from schemas.support import Ability

CHECK: Final = "vendor"
CLOCK: Final = "clock"
MOST_DRIFT_SECONDS: Final = 30.0


async def check_vendor(connection: Connection, clock: Callable[[], float]) -> tuple[Finding, ...]:
    """Look for a connection's vendor: its name, its port, its certificate, and one call with our credential.

    Args:
        connection: whose vendor.
        clock: seconds of the wall clock.
    """
    unreachable = await _reach(connection)
    if unreachable is not None:
        return (unreachable,)
    if not connection.vendor.support[Ability.PROBE].available:
        return (ok(CHECK, connection.name, f"{_place(connection)} accepts connections; it cannot be probed"),)
    api = connection.api(Ability.PROBE, Probes)
    dates: list[str] = []
    began = time.perf_counter()
    try:
        await connection.call(lambda http: api.probe(_Dated(http, dates)))
    except AdapterError as error:
        return (_refused(connection, error), *_drift(connection, dates, clock))
    took = (time.perf_counter() - began) * 1000
    found = ok(
        CHECK, connection.name, f"{_place(connection)} answers and takes the credential, in {took:.0f} ms"
    )
    return (found, *_drift(connection, dates, clock))


async def _reach(connection: Connection) -> Finding | None:
    """Return what keeps us from the vendor's host; None for nothing."""
    name, parts = connection.name, urlsplit(connection.base_url)
    host, encrypted = parts.hostname or "", parts.scheme == "https"
    port = parts.port or (443 if encrypted else 80)
    lines: list[_Line] = []

    def line() -> _Line:
        lines.append(_Line())
        return lines[-1]

    try:
        tls = ssl.create_default_context() if encrypted else None
        names = Names(host, port, private=connection.settings.allow_private_addresses)
        await dial(names, tls, line)
    except AddressRefused:
        message = f"the name {host} leads to a private address"
        return fail(CHECK, name, message, "set allow_private_addresses: true, if that is meant")
    except socket.gaierror as error:
        message = f"the name {host} leads nowhere ({error.strerror})"
        return fail(CHECK, name, message, "mend base_url, or this machine's name resolution")
    except ssl.SSLCertVerificationError as error:
        message = f"the certificate of {_place(connection)} is not to be trusted ({error.verify_message})"
        return fail(CHECK, name, message, "have it mended, or its authority added to this machine's")
    except ssl.SSLError as error:
        message = f"{_place(connection)} does not speak TLS as we do ({error.reason or 'handshake failed'})"
        return fail(CHECK, name, message, "look whether base_url wants http:// or another port")
    except OSError as error:
        # asyncio's own words name the address once more.
        reason = os.strerror(error.errno) if error.errno else type(error).__name__
        message = f"{_place(connection)} accepts no connection ({reason})"
        return fail(CHECK, name, message, "look at base_url, at firewalls, and whether the vendor is up")
    finally:
        for each in lines:
            each.close()
    return None


def _refused(connection: Connection, error: AdapterError) -> Finding:
    """Return what a failed call means."""
    name, said = connection.name, str(error)
    if isinstance(error, VendorRefusedCredential):
        advice = f"renew the credential in {connection.settings.credential}"
        return fail(CHECK, name, f"the credential is refused: {said}", advice)
    if isinstance(error, VendorForbids):
        return fail(
            CHECK, name, f"the credential may not read: {said}", "give it the right to, at the vendor"
        )
    if isinstance(error, VendorLimited):
        return warn(CHECK, name, f"the quota is used up: {said}", "ask less, or have the vendor raise it")
    if isinstance(error, VendorNotFound | VendorSurprise):
        return fail(CHECK, name, said, "look whether base_url is the API's own, its path included")
    return fail(CHECK, name, said, "try again; if it stays, ask the vendor, or raise limits.timeout_seconds")


def _drift(connection: Connection, dates: list[str], clock: Callable[[], float]) -> Iterator[Finding]:
    """Compare the vendor's clock with ours, as far as it tells the time (RFC 9110 section 6.6.1)."""
    try:
        moment = parsedate_to_datetime(dates[0])
    except (IndexError, ValueError, OverflowError):
        return
    theirs = moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()
    apart = clock() - theirs
    if abs(apart) > MOST_DRIFT_SECONDS:
        side = "ahead of" if apart > 0 else "behind"
        message = f"this machine's clock is {abs(apart):.0f} s {side} the vendor's"
        yield warn(
            CLOCK, connection.name, message, "have the time kept by NTP: expiry and Retry-After depend on it"
        )
    else:
        yield ok(CLOCK, connection.name, "this machine's clock and the vendor's agree")


def _place(connection: Connection) -> str:
    """Return the vendor's host, as people write it."""
    return urlsplit(connection.base_url).netloc


class _Line(asyncio.Protocol):
    """A connection that is made and not used."""

    def __init__(self) -> None:
        self._transport: asyncio.BaseTransport | None = None

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


class _Dated(Http):
    """Notes the vendor's time."""

    def __init__(self, inner: Http, dates: list[str]) -> None:
        self._inner = inner
        self._dates = dates

    @override
    async def get(self, *segments: str, parameters: Parameters | None = None) -> Answer:
        return self._noted(await self._inner.get(*segments, parameters=parameters))

    @override
    async def send(
        self, method: str, *segments: str, parameters: Parameters | None = None, body: JsonValue = None
    ) -> Answer:
        return self._noted(await self._inner.send(method, *segments, parameters=parameters, body=body))

    @override
    def stream(
        self, method: str, *segments: str, parameters: Parameters | None = None, body: JsonValue = None
    ) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        return self._inner.stream(method, *segments, parameters=parameters, body=body)

    def _noted(self, answer: Answer) -> Answer:
        if "date" in answer.headers:
            self._dates.append(answer.headers["date"])
        return answer
