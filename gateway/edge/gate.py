"""Who calls, told from the headers."""

import math
from collections.abc import Callable, Mapping
from urllib.parse import unquote, urlsplit

from adapters.addresses import is_loopback
from adapters.masking import MASK, SHORTEST
from gateway.callers import ANONYMOUS, Caller, Callers
from gateway.edge.asgi import Scope, header
from gateway.errors import NotAllowed
from gateway.settings.values import Right


class Gate:
    """Tells who calls; every layer asks the same one."""

    def __init__(self, callers: Callers, clock: Callable[[], float]) -> None:
        """Make a gate.

        Args:
            callers: who there is.
            clock: seconds of the wall clock, that keys expire by.
        """
        self._callers = callers
        self._clock = clock

    def identify(self, own: str | None, authorization: str | None, host: str | None) -> Caller | None:
        """Return who calls; None when the request is to be refused.

        Args:
            own: the value of `X-API-Key`.
            authorization: the value of `Authorization`.
            host: the value of `Host`.
        """
        anonymous = self._callers.anonymous
        if anonymous is not None and not _is_local(host):
            # A web page elsewhere can make its own name resolve to this machine; only the Host header tells.
            return None
        key = presented_key(own, authorization)
        if key is None:
            return anonymous
        return self._callers.identify(key, self._clock())

    def holder(self, key: str) -> Caller | None:
        """Return whose key it is, or was until it expired."""
        return self._callers.holder(key)

    def follow(self, callers: Callers) -> None:
        """Go by other callers from now on."""
        self._callers = callers

    def seconds_left(self, caller: Caller, right: Right, connection: str) -> float:
        """Return how long a caller may go on with something.

        Args:
            caller: as it was identified, be it before other callers were followed.
            right: what it takes.
            connection: where.

        Returns:
            Infinity for ever, minus infinity when the caller may not any more, 0 or less when the key has expired.
        """
        now = self._callers.again(caller)
        if now is None or not (now.may(right) and now.may_see(connection)):
            return -math.inf
        return now.expires - self._clock()

    def identify_raw(self, headers: Mapping[bytes, bytes]) -> Caller | None:
        """Return who calls, told from headers of which none repeats."""
        own, authorization = headers.get(b"x-api-key"), headers.get(b"authorization")
        host = headers.get(b"host")
        return self.identify(
            None if own is None else own.decode("latin-1"),
            None if authorization is None else authorization.decode("latin-1"),
            None if host is None else host.decode("latin-1"),
        )


def presented_key(own: str | None, authorization: str | None) -> str | None:
    """Return the key of `X-API-Key` or `Authorization: Bearer`; two different ones count as none."""
    if authorization is None:
        return own or None
    scheme, _, token = authorization.partition(" ")
    bearer = token.strip() if scheme.lower() == "bearer" else ""
    if own is not None and bearer and own != bearer:
        return None
    return own or bearer or None


def key_of(scope: Scope) -> str | None:
    """Return the key that a request came with, if any."""
    return presented_key(header(scope, b"x-api-key"), header(scope, b"authorization"))


def shown_path(path: str, key: str | None) -> str:
    """Return a path as it may be told to others: one that holds the key that came with it is not told.

    Args:
        path: as it was sent.
        key: see `presented_key`.
    """
    if key is not None and len(key) >= SHORTEST and (key in path or key in unquote(path)):
        return MASK
    return path


def refuse_strangers(origin: str | None, caller: Caller) -> None:
    """Refuse what a web page elsewhere sends through a browser on this machine, where no key is needed.

    Args:
        origin: the request's `Origin`.
        caller: who sends it.

    Raises:
        NotAllowed: nobody needs a key, and the request comes from a page of another origin.
    """
    if caller.name != ANONYMOUS or origin is None:
        return
    try:
        host = urlsplit(origin).hostname
    except ValueError:
        host = None
    if host is None or not is_loopback(host):
        raise NotAllowed("a page of another origin may not change anything here without a key")


def _is_local(host: str | None) -> bool:
    try:
        name = urlsplit(f"//{host or ''}").hostname
    except ValueError:
        return False
    return name is not None and is_loopback(name)
