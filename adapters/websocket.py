"""Websockets to a vendor, spoken in `websockets` (RFC 6455): opened for a caller, and their messages passed on."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final
from urllib.parse import urlsplit

from typing_extensions import override
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, WebSocketException
from websockets.typing import Subprotocol

from adapters.addresses import AddressRefused
from adapters.answers import refused
from adapters.contract import Vendor
from adapters.dialling import Names
from adapters.errors import VendorError, VendorTimeout, VendorUnreachable, error_class
from adapters.limits import Limits
from adapters.masking import Mask
from adapters.onlooking import NOBODY, Onlooker

_NO_CODE: Final = 1005
"""What stands for a close without a code (RFC 6455 section 7.4.1)."""


class SocketClosed(Exception):
    """The vendor closed the websocket.

    Attributes:
        code: as the vendor gave it; None where it gave none or the connection broke.
        reason: likewise; empty for none.
    """

    def __init__(self, code: int | None, reason: str) -> None:
        super().__init__(f"closed with {code}")
        self.code = code
        self.reason = reason


class Socket:
    """An open websocket to a vendor."""

    def __init__(self, connection: ClientConnection, hidden: Mask) -> None:
        self._connection = connection
        self._hidden = hidden

    @property
    def subprotocol(self) -> str | None:
        """Return the subprotocol that the vendor chose."""
        return self._connection.subprotocol

    async def send(self, message: str | bytes) -> None:
        """Send a message.

        Raises:
            SocketClosed: nobody takes it any more.
        """
        try:
            await self._connection.send(message)
        except ConnectionClosed as error:
            raise self._closed(error) from error

    async def receive(self) -> str | bytes:
        """Return the next message, our credential in it replaced by asterisks.

        Raises:
            SocketClosed: there is none any more.
        """
        try:
            message = await self._connection.recv()
        except ConnectionClosed as error:
            raise self._closed(error) from error
        return self._masked(message) if isinstance(message, str) else self._hidden.data(message)

    async def close(self, code: int, reason: str) -> None:
        """Close it; nothing happens when it is closed already."""
        await self._connection.close(code, reason)

    def _masked(self, text: str) -> str:
        return self._hidden.data(text.encode()).decode() if self._hidden.hides(text) else text

    def _closed(self, error: ConnectionClosed) -> SocketClosed:
        received = error.rcvd
        if received is None or received.code == _NO_CODE:
            return SocketClosed(None, "")
        return SocketClosed(received.code, self._masked(received.reason))


@dataclass(frozen=True)
class Sockets:
    """Opens websockets to one connection's vendor.

    Attributes:
        vendor: its title and credential presentation are used.
        base_url: absolute http or https URL.
        secret: the credential; never logged, never part of an error or a message.
        limits: bounds the time to open one.
        onlooker: looks on, from the handshake to the close.
    """

    vendor: Vendor
    base_url: str
    secret: str = field(repr=False)
    limits: Limits
    onlooker: Onlooker = NOBODY

    @asynccontextmanager
    async def opened(
        self, target: bytes, subprotocols: Sequence[str], most_bytes: int, *, with_credential: bool
    ) -> AsyncIterator[Socket]:
        """Open a websocket; leaving closes it.

        Args:
            target: path and query below the base URL, raw and already checked.
            subprotocols: what the caller offers.
            most_bytes: the largest message.
            with_credential: whether the vendor is shown whose websocket it is.

        Raises:
            VendorError: it cannot be opened.
        """
        presented = self.vendor.credential
        headers = {presented.header: presented.prefix + self.secret} if with_credential else {}
        uri = "ws" + self.base_url.rstrip("/").removeprefix("http") + target.decode("ascii")

        def attempt(address: str) -> _Once:
            return _Once(
                uri,
                host=address,
                subprotocols=[Subprotocol(name) for name in subprotocols] or None,
                additional_headers=headers,
                user_agent_header="workflow-gateway",
                compression=None,
                proxy=None,
                open_timeout=self.limits.connect_seconds,
                close_timeout=1.0,
                max_size=most_bytes,
                ssl=self._tls if urlsplit(uri).scheme == "wss" else None,
            )

        with self.onlooker.request("GET") as seen:
            headers.update(seen.headers)
            try:
                connection = await self._first(attempt)
            except (OSError, WebSocketException, ValueError) as error:
                raise self._translated(error) from error
            seen.answered(101)
            async with connection:
                yield Socket(connection, Mask(self.secret))

    async def _first(self, attempt: "Callable[[str], _Once]") -> ClientConnection:
        """Return the websocket to the first address of the vendor's host that can be reached.

        Raises:
            OSError: there is none.
        """
        async with asyncio.timeout(self.limits.connect_seconds):
            addresses = await self._names.addresses()
            for address in addresses[:-1]:
                with contextlib.suppress(OSError):
                    return await attempt(address)
            return await attempt(addresses[-1])

    def _translated(self, error: Exception) -> VendorError:
        title = self.vendor.title
        if isinstance(error, AddressRefused):
            return refused(title)
        if isinstance(error, TimeoutError):
            return VendorTimeout(
                f"{title} opened no websocket within {self.limits.connect_seconds:g} seconds"
            )
        response = getattr(error, "response", None)
        if isinstance(error, InvalidHandshake) and response is not None:
            status: int = response.status_code
            return error_class(status)(f"{title} answered {status} to a websocket", status=status)
        return VendorUnreachable(f"{title} cannot be reached by websocket")

    @cached_property
    def _names(self) -> Names:
        parts = urlsplit(self.base_url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        return Names(parts.hostname or "", port, private=self.limits.private_addresses)

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return ssl.create_default_context()


class _Once(connect):
    """One attempt, at the address that was asked for: redirects are not followed."""

    @override
    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc
