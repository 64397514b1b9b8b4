"""Gives out what was read: which coding, has the caller got it already, and the headers of this one request."""

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from cachetools import LRUCache

from gateway.answers import RawHeader, Ready, ready, variant_name
from gateway.cache import policy, status
from gateway.cache.conditional import not_modified
from gateway.cache.directives import NO_DIRECTIVES, parse
from gateway.cache.front import FrontStore
from gateway.cache.store import Entry
from gateway.codings import preferred
from gateway.forms import Form
from gateway.service import Reading
from gateway.targets import Target, Targets

_KNOWN_PREFERENCES: Final = 256
_LONGEST_PREFERENCE: Final = 128


class Given(NamedTuple):
    """An answer as it is sent."""

    status: int
    head: list[RawHeader]
    body: bytes


class Desk:
    """Gives out answers, and at once those that are fresh and ready."""

    def __init__(self, store: FrontStore, clock: Callable[[], float]) -> None:
        """Make a desk.

        Args:
            store: where entries are kept.
            clock: seconds of the wall clock.
        """
        self.targets = Targets()
        self._store = store
        self._clock = clock
        self._preferences: LRUCache[bytes, str] = LRUCache(_KNOWN_PREFERENCES)

    async def give(self, reading: Reading, form: Form, headers: Mapping[bytes, bytes]) -> Given:
        """Return the answer to a request.

        Args:
            reading: what was read for it.
            form: what of it is wanted.
            headers: the request's, repeated ones joined by commas.

        Raises:
            InvalidParameter, VendorNotFound: see the form.
        """
        coding = self._coding(headers.get(b"accept-encoding"))
        made = await ready(self._store, reading.key, reading.entry, form, coding)
        told = reading.trace.cache_status().encode("latin-1")
        return _given(made, reading.entry, self._clock(), told, headers.get(b"if-none-match"))

    def give_at_once(self, target: Target, headers: Mapping[bytes, bytes]) -> Given | None:
        """Return the answer if it is fresh and was given out before in the same form and coding, else None.

        Args:
            target: what the request is about.
            headers: the request's, none of them repeated.
        """
        if target.varies_by_accept and headers.get(b"accept") != target.accept:
            return None
        entry = self._store.peek(target.key)
        if entry is None:
            return None
        made = entry.variants.get(variant_name(target.form, self._coding(headers.get(b"accept-encoding"))))
        if not isinstance(made, Ready):
            return None
        now = self._clock()
        if not _is_fresh(entry, now, headers):
            return None
        told = status.memory_hit(policy.seconds_left(entry, now)).encode("ascii")
        return _given(made, entry, now, told, headers.get(b"if-none-match"))

    def _coding(self, accept_encoding: bytes | None) -> str:
        if accept_encoding is None:
            return ""
        coding = self._preferences.get(accept_encoding)
        if coding is None:
            coding = preferred(accept_encoding.decode("latin-1"))
            if len(accept_encoding) <= _LONGEST_PREFERENCE:
                self._preferences[accept_encoding] = coding
        return coding


def _is_fresh(entry: Entry, now: float, headers: Mapping[bytes, bytes]) -> bool:
    directives = NO_DIRECTIVES
    if b"cache-control" in headers or b"pragma" in headers:
        directives = parse(_text(headers.get(b"cache-control")), _text(headers.get(b"pragma")))
    return policy.decide(entry, now, directives) is policy.Decision.FRESH


def _given(made: Ready, entry: Entry, now: float, told: bytes, if_none_match: bytes | None) -> Given:
    age = str(policy.age(entry, now)).encode("ascii")
    if if_none_match is not None and not_modified(if_none_match.decode("latin-1"), made.etag):
        return Given(304, [*made.head_unchanged, (b"age", age), (b"cache-status", told)], b"")
    return Given(200, [*made.head, (b"age", age), (b"cache-status", told)], made.body)


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode("latin-1")
