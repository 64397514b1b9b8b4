"""Opens a connection to a host that may have several addresses, one of them dead (RFC 8305).

Each attempt is the event loop's own `create_connection`, which cleans up after itself when it is cancelled; a socket
connected first and handed over would be closed twice then, and its number may be somebody else's by that time.
"""

import asyncio
import socket
import ssl
import threading
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from functools import partial
from itertools import zip_longest
from typing import Final, TypeVar

from adapters.addresses import AddressRefused, may_be_dialled

NEXT_ADDRESS_SECONDS: Final = 0.25
"""How long one address may take before the next is tried beside it (RFC 8305 section 5)."""

Line = TypeVar("Line", bound=asyncio.Protocol)
Result = TypeVar("Result")


class Names:
    """Looks up the addresses of one host: once for all who ask at the same time, and in a thread of its own.

    A look-up cannot be called off, and the loop's own threads are few and everybody's: a name that nobody answers for
    would hold them all, and with them every other vendor.
    """

    def __init__(self, host: str, port: int, *, private: bool = False) -> None:
        """Make it; nothing is looked up yet.

        Args:
            host: a name or an address.
            port: of the server.
            private: whether the host may be at a private address, see `adapters.addresses`.
        """
        self.host = host
        self.port = port
        self.private = private
        self._asked: asyncio.Future[list[str]] | None = None

    async def addresses(self) -> list[str]:
        """Return the addresses to try in turn. What is connected to has to be one of them, and no name again.

        A name is looked up anew for every connection, so that whoever answers it cannot say one thing when it is judged
        and another when it is dialled.

        Raises:
            AddressRefused: every address is private and may not be.
            OSError: the host has no address.
            UnicodeError: the host cannot be a name.
        """
        loop = asyncio.get_running_loop()
        if self._asked is None:
            asked: asyncio.Future[list[str]] = loop.create_future()
            asked.add_done_callback(self._answered)
            # Nobody waits for it when the process ends.
            threading.Thread(target=self._ask, args=(loop, asked), name="names", daemon=True).start()
            self._asked = asked
        found = await asyncio.shield(self._asked)
        allowed = [each for each in found if may_be_dialled(each, self.host, private=self.private)]
        if not allowed:
            raise AddressRefused("private addresses only") if found else OSError("the host has no address")
        return interleaved(allowed)

    def _ask(self, loop: asyncio.AbstractEventLoop, asked: "asyncio.Future[list[str]]") -> None:
        """Ask the system, which may take its time, and have the loop told."""
        try:
            told = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
            tell = partial(asked.set_result, [str(sockaddr[0]) for *_, sockaddr in told])
        except Exception as error:  # noqa: BLE001 - whatever it is, somebody waits for it
            tell = partial(asked.set_exception, error)
        with suppress(RuntimeError):  # the loop is closed: nobody is left to be told
            loop.call_soon_threadsafe(tell)

    def _answered(self, asked: "asyncio.Future[list[str]]") -> None:
        self._asked = None
        asked.exception()  # read, so that a failure nobody waits for any more is not logged as lost


async def dial(names: Names, tls: ssl.SSLContext | None, make: Callable[[], Line]) -> Line:
    """Return the protocol of the first connection that is made.

    Where callers leave or another address wins, `make` has been called for connections that nobody uses; those are
    the caller's to close.

    Args:
        names: of the server.
        tls: encrypts; None for no encryption.
        make: makes the protocol of an attempt.

    Raises:
        AddressRefused: every address is private and may not be.
        OSError: no address can be reached, the host has none, or the encryption cannot be agreed on.
        UnicodeError: the host cannot be a name.
    """
    loop = asyncio.get_running_loop()
    server_hostname = names.host if tls else None

    async def attempt(address: str) -> Line:
        _, line = await loop.create_connection(
            make, address, names.port, ssl=tls, server_hostname=server_hostname
        )
        return line

    return await first([partial(attempt, address) for address in await names.addresses()])


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
