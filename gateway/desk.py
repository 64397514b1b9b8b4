"""Gives out what was read: which coding, has the caller got it already, and the headers of this one request."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from cachetools import LRUCache

from gateway.answers import RawHeader, Ready, ready, tags_of, variant_name
from gateway.cache import policy, status
from gateway.cache.conditional import check_readable, matches, not_modified
from gateway.cache.directives import parse
from gateway.cache.front import FrontStore
from gateway.cache.store import Entry
from gateway.codings import preferred
from gateway.errors import PreconditionFailed
from gateway.forms import Form
from gateway.service import Reading
from gateway.targets import Target, Targets

_KNOWN_PREFERENCES: Final = 256
_LONGEST_PREFERENCE: Final = 128


@dataclass(slots=True)
class Given:
    """An answer as it is sent.

    Attributes:
        made: what is the same for everybody who asks.
        unchanged: the caller has it already, so the answer is 304.
        age: whole seconds.
        told: the value of `Cache-Status`.
        request_id: None where another layer adds it.
        quota: the headers that tell what the caller may still ask, where no other layer adds them.
    """

    made: Ready
    unchanged: bool
    age: int
    told: bytes
    request_id: bytes | None = None
    quota: Sequence[RawHeader] = ()

    @property
    def status(self) -> int:
        """Return the HTTP status."""
        return 304 if self.unchanged else 200

    @property
    def head(self) -> list[RawHeader]:
        """Return all headers."""
        same = self.made.head_unchanged if self.unchanged else self.made.head
        own = [(b"age", b"%d" % self.age), (b"cache-status", self.told)]
        if self.request_id is not None:
            own.append((b"x-request-id", self.request_id))
        return [*same, *own, *self.quota]

    @property
    def body(self) -> bytes:
        """Return the body, which a HEAD leaves out."""
        return b"" if self.unchanged else self.made.body


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
            InvalidHeader: `If-Match` names nothing that can be compared.
            PreconditionFailed: it names something else; whether the caller has it already comes after (RFC 9110
                section 13.2.2).
        """
        coding = self._coding(headers.get(b"accept-encoding"))
        made = await ready(self._store, reading.key, reading.entry, form, coding)
        if b"if-match" in headers:
            _check_match(headers[b"if-match"].decode("latin-1"), made)
        told = reading.trace.cache_status().encode("latin-1")
        return _given(made, reading.entry, self._clock(), told, headers.get(b"if-none-match"))

    def give_at_once(self, target: Target, headers: Mapping[bytes, bytes]) -> Given | None:
        """Return the answer if it is fresh and was given out before in the same form and coding, else None.

        Args:
            target: what the request is about.
            headers: the request's, none of them repeated.
        """
        if b"if-match" in headers:  # rare, and no answer out of ready bytes where it does not hold
            return None
        if target.varies_by_accept and headers.get(b"accept") != target.accept:
            return None
        entry = self._store.peek(target.key)
        if entry is None:
            return None
        accepted = headers.get(b"accept-encoding")
        name = target.form if accepted is None else variant_name(target.form, self._coding(accepted))
        made = entry.variants.get(name)
        now = self._clock()
        left = _seconds_fresh(entry, now, headers)
        if left is None or not isinstance(made, Ready):
            return None
        return _given(made, entry, now, status.memory_hit(left), headers.get(b"if-none-match"))

    def _coding(self, accept_encoding: bytes | None) -> str:
        if accept_encoding is None:
            return ""
        coding = self._preferences.get(accept_encoding)
        if coding is None:
            coding = preferred(accept_encoding.decode("latin-1"))
            if len(accept_encoding) <= _LONGEST_PREFERENCE:
                self._preferences[accept_encoding] = coding
        return coding


def _seconds_fresh(entry: Entry, now: float, headers: Mapping[bytes, bytes]) -> int | None:
    """Return the whole seconds that an entry stays fresh; None when it is stale, or will not do for the request."""
    if b"cache-control" in headers or b"pragma" in headers:
        directives = parse(_text(headers.get(b"cache-control")), _text(headers.get(b"pragma")))
        if policy.decide(entry, now, directives) is not policy.Decision.FRESH:
            return None
    left = policy.seconds_left(entry, now)
    return left if now - entry.stored_at < entry.fresh_seconds else None


def _check_match(if_match: str, made: Ready) -> None:
    """Compare `If-Match` with what would be sent. A write tells the tag of the plain bytes, so any coding's will do."""
    check_readable(if_match)
    if not any(matches(if_match, tag) for tag in tags_of(made)):
        raise PreconditionFailed


def _given(made: Ready, entry: Entry, now: float, told: bytes, if_none_match: bytes | None) -> Given:
    unchanged = if_none_match is not None and not_modified(if_none_match.decode("latin-1"), made.etag)
    return Given(made, unchanged, policy.age(entry, now), told)


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode("latin-1")
