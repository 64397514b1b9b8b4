"""Pages of listings as answers that are kept: put together once out of parts that are kept each for itself.

A page lives in this process alone and no longer than the part of it that grows stale first.
"""

from collections.abc import Callable
from dataclasses import asdict

from gateway.answers import LINK
from gateway.asking import Ask
from gateway.cache import policy
from gateway.cache.front import FrontStore
from gateway.cache.keys import cache_key, connection_tag, listing_tag
from gateway.cache.lifetimes import Kind
from gateway.cache.shared_names import NO_CONNECTION
from gateway.cache.store import Entry
from gateway.cache.trace import Outcome
from gateway.cursor import fingerprint
from gateway.documents import CANONICAL
from gateway.listing import Listed, Listing, ListingQuery
from gateway.service import Reading
from schemas.serialising import to_json


class Pages:
    """Gives out pages."""

    def __init__(self, listing: Listing, store: FrontStore, clock: Callable[[], float]) -> None:
        """Make it.

        Args:
            listing: makes pages.
            store: keeps them.
            clock: seconds of the wall clock.
        """
        self._listing = listing
        self._store = store
        self._clock = clock

    async def page(self, query: ListingQuery, address: str, ask: Ask, *, strict: bool = False) -> Reading:
        """Return a page, a kept one if the policy has it do.

        Args:
            query: what is listed.
            address: path and query of the listing without a cursor, for the link to the next page.
            ask: the request's wishes about caching; its trace tells what was done for all parts together.
            strict: see `Listing.page`.

        Raises:
            InvalidParameter, AdapterError, GatewayError: see `Listing.page`.
        """
        key, since = _key(query, address), self._store.changes.now()
        kept, now = self._store.peek(key), self._clock()
        if kept is not None and policy.decide(kept, now, ask.directives) is policy.Decision.FRESH:
            ask.trace.answered(Outcome.HIT, kept, now, None)
            return Reading(key, kept, Kind.LISTING, ask.trace)
        listed = await self._listing.page(query, ask, strict=strict)
        entry = _entry(query, listed, address, self._clock())
        forgotten = self._store.changes.touched(since, key, entry)
        if policy.seconds_left(entry, self._clock()) > 0 and not (ask.directives.no_store or forgotten):
            self._store.keep(key, entry)
        return Reading(key, entry, Kind.LISTING, ask.trace)


def _key(query: ListingQuery, address: str) -> str:
    connections = sorted(query.connections, key=lambda connection: connection.name)
    over = {connection.name: connection.fingerprint for connection in connections}
    parameters: dict[str, str | int | None] = {
        "address": address,
        "over": "\n".join(over),
        "filters": fingerprint(asdict(query.filters)),
        "limit": query.limit,
        "cursor": query.cursor,
    }
    return cache_key(NO_CONNECTION, fingerprint(over), "page", parameters)


def _entry(query: ListingQuery, listed: Listed, address: str, now: float) -> Entry:
    """Return the page as an entry that is as old as its oldest part, and stale as soon as the first of them."""
    parts = {CANONICAL: to_json(listed.page)}
    if listed.page.next_cursor is not None:
        # RFC 8288; a reference without host, since the gateway may be reached under several.
        separator = "&" if "?" in address else "?"
        parts[LINK] = f'<{address}{separator}cursor={listed.page.next_cursor}>; rel="next"'.encode("latin-1")
    tags = tuple(
        tag
        for connection in query.connections
        for tag in (connection_tag(connection.name), listing_tag(connection.name))
    )
    entries = [reading.entry for reading in listed.readings]
    if not entries or not listed.page.complete:
        return Entry(parts, now, 0.0, tags=tags)
    stored_at = min(entry.stored_at for entry in entries)
    stale_at = min(entry.stored_at + entry.fresh_seconds for entry in entries)
    return Entry(parts, stored_at, stale_at - stored_at, tags=tags)
