"""Opens a connection to a host that may have several addresses, one of them dead (RFC 8305).

Each attempt is the event loop's own `create_connection`, which cleans up after itself when it is cancelled; a socket
connected first and handed over would be closed twice then, and its number may be somebody else's by that time.
"""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import partial
from itertools import zip_longest
from typing import Final, TypeVar

from adapters.addresses import AddressRefused, may_be_dialled

NEXT_ADDRESS_SECONDS: Final = 0.25
"""How long one address may take before the next is tried beside it (RFC 8305 section 5)."""

Line = TypeVar("Line", bound=asyncio.Protocol)
Result = TypeVar("Result")


async def dial(
    host: str, port: int, tls: ssl.SSLContext | None, make: Callable[[], Line], *, private: bool = False
) -> Line:
    """Return the protocol of the first connection that is made.

    Where callers leave or another address wins, `make` has been called for connections that nobody uses; those are
    the caller's to close.

    Args:
        host: a name or an address.
        port: of the server.
        tls: encrypts; None for no encryption.
        make: makes the protocol of an attempt.
        private: whether the host may be at a private address, see `adapters.addresses`.

    Raises:
        AddressRefused: every address is private and may not be.
        OSError: no address can be reached, the host has none, or the encryption cannot be agreed on.
        UnicodeError: the host cannot be a name.
    """
    loop = asyncio.get_running_loop()

    async def attempt(address: str) -> Line:
        server_hostname = host if tls else None
        _, line = await loop.create_connection(make, address, port, ssl=tls, server_hostname=server_hostname)
        return line

    addresses = await resolved(host, port, private=private)
    return await first([partial(attempt, address) for address in addresses])


async def resolved(host: str, port: int, *, private: bool) -> list[str]:
    """Return the addresses to try in turn. What is connected to has to be one of them, and no name again.

    A name is looked up once for every connection, so that whoever answers it cannot say one thing when it is judged
    and another when it is dialled.

    Raises:
        AddressRefused: every address is private and may not be.
        OSError: the host has no address.
        UnicodeError: the host cannot be a name.
    """
    loop = asyncio.get_running_loop()
    found = [str(sockaddr[0]) for *_, sockaddr in await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    allowed = [address for address in found if may_be_dialled(address, host, private=private)]
    if not allowed:
        raise AddressRefused("private addresses only") if found else OSError("the host has no address")
    return interleaved(allowed)


async def first(attempts: Sequence[Callable[[], Awaitable[Result]]]) -> Result:
    """Return the result of the first attempt that succeeds; each starts when the one before failed or takes long.

    Raises:
        OSError: what the first attempt to fail raised, when all have.
    """
    if len(attempts) == 1:
        return await attempts[0]()
    failures: list[BaseException] = []
    running: set[asyncio.Future[Result]] = set()
    try:
        for place in range(len(attempts)):
            running.add(asyncio.ensure_future(attempts[place]()))
            last = place == len(attempts) - 1
            while running:
                patience = None if last else NEXT_ADDRESS_SECONDS
                done, running = await asyncio.wait(
                    running, timeout=patience, return_when=asyncio.FIRST_COMPLETED
                )
                for task in done:
                    failure = task.exception()
                    if failure is None:
                        return task.result()
                    failures.append(failure)
                if not last:
                    break
        raise failures[0] if failures else OSError("the host has no address")
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


def interleaved(addresses: Iterable[str]) -> list[str]:
    """Return addresses of both families in turn, in the system's order otherwise (RFC 8305 section 4)."""
    families: dict[bool, list[str]] = {}
    for address in dict.fromkeys(addresses):
        families.setdefault(":" in address, []).append(address)
    return [address for turn in zip_longest(*families.values()) for address in turn if address is not None]
