"""What may be done with a kept answer: pure rules of RFC 9111 and RFC 5861. Time comes in, a decision goes out.

The vendor's times are the operator's: the configuration takes the place of the vendor's `Cache-Control` ("configuration
in accordance with an out-of-band contract", RFC 9111 section 4.2.4). All times are seconds.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from gateway.cache.directives import MOST_SECONDS, NO_DIRECTIVES, RequestDirectives
from gateway.cache.status import Forward
from gateway.cache.store import Entry

ERROR_STATUSES: Final = frozenset({500, 502, 503, 504})
"""What counts as an error for stale-if-error (RFC 5861 section 4), as statuses of our own answer."""

NO_STORE: Final = "no-store"
"""The `Cache-Control` of what nobody may keep (RFC 9111 section 5.2.2.5)."""

NO_CACHE: Final = "private, no-cache"
"""The `Cache-Control` of what a caller may keep but must ask about each time (RFC 9111 section 5.2.2.4)."""


class Decision(StrEnum):
    """What to do about a request."""

    FRESH = "fresh"
    """Answer with the entry."""
    STALE_WHILE_REVALIDATE = "stale-while-revalidate"
    """Answer with the entry now and ask the vendor in the background."""
    REVALIDATE = "revalidate"
    """Ask the vendor, conditionally where there are validators; keep the entry in case the vendor fails."""
    MISS = "miss"
    """Ask the vendor; there is nothing to fall back on."""
    GATEWAY_TIMEOUT = "gateway-timeout"
    """Answer 504: only a kept answer was wanted and none will do (RFC 9111 section 5.2.1.7)."""


@dataclass(frozen=True, slots=True)
class Times:
    """How long one kind of answer of one connection is of use.

    Attributes:
        fresh: given out without asking (RFC 9111 section 4.2).
        stale_while_revalidate: how much longer while the vendor is asked (RFC 5861 section 3); 0 switches it off.
        stale_if_error: how much longer when the vendor fails (RFC 5861 section 4); 0 switches it off.
    """

    fresh: float
    stale_while_revalidate: float = 0.0
    stale_if_error: float = 0.0

    def jittered(self, jitter_fraction: float, draw: float) -> "Times":
        """Return the times with a shortened freshness, see `lifetime`."""
        return replace(self, fresh=lifetime(self.fresh, jitter_fraction, draw))


def lifetime(seconds: float, jitter_fraction: float, draw: float) -> float:
    """Return a freshness lifetime that is shortened a little, so that what came together does not expire together.

    It only ever shortens: nothing is given out longer than configured.

    Args:
        seconds: the configured time.
        jitter_fraction: by how much it may be shortened at most, from 0 (never) to 1 (to nothing).
        draw: a random number from 0 to 1.
    """
    return seconds * (1.0 - jitter_fraction * draw)


def age(entry: Entry, now: float) -> int:
    """Return the whole seconds since the vendor gave or confirmed the entry (RFC 9111 section 4.2.3).

    Never negative, though clocks of several machines differ, and never more than RFC 9111 section 1.2.2 can say.
    """
    seconds = int(now - entry.stored_at)
    return 0 if seconds < 0 else min(seconds, MOST_SECONDS)


def seconds_left(entry: Entry, now: float) -> int:
    """Return the whole seconds of freshness left, negative when stale: the `ttl` of RFC 9211 section 2.4."""
    elapsed = now - entry.stored_at
    return math.floor(entry.fresh_seconds - (elapsed if elapsed > 0 else 0.0))


def decide(entry: Entry | None, now: float, directives: RequestDirectives = NO_DIRECTIVES) -> Decision:
    """Decide what to do about a request (RFC 9111 section 4).

    `no-store` changes nothing here: it forbids keeping the answer, not giving one that is kept (RFC 9111
    section 5.2.1.5); see `may_store`.

    Args:
        entry: what is kept under the request's key.
        now: seconds of the wall clock.
        directives: what the request says about caching.
    """
    if entry is not None:
        # RFC 9111 section 4.2: fresh as long as the lifetime is greater than the age.
        if directives is NO_DIRECTIVES and now - entry.stored_at < entry.fresh_seconds:
            return Decision.FRESH
        usable = _usable(entry, now, directives)
        if usable is not None:
            return usable
    if directives.only_if_cached:
        return Decision.GATEWAY_TIMEOUT
    return Decision.MISS if entry is None or entry.absent is not None else Decision.REVALIDATE


def may_serve_on_error(
    entry: Entry | None, now: float, directives: RequestDirectives = NO_DIRECTIVES
) -> bool:
    """Say whether the entry may be given out because the vendor failed (RFC 5861 section 4).

    "Regardless of other freshness information": `max-age` and `min-fresh` do not forbid it. Two wishes do, since they
    are about exactly this case: `no-cache` wants no answer that was not confirmed (RFC 9111 section 5.2.1.4), and
    `max-stale` bounds the staleness that is accepted (RFC 9111 section 5.2.1.2). `stale-if-error` in the request is
    the caller's own word on it and comes before everything else. A not-found is never given out stale.
    """
    if entry is None or entry.absent is not None:
        return False
    limit = entry.stale_if_error
    if directives.stale_if_error is not None:
        limit = directives.stale_if_error
    elif directives.no_cache:
        return False
    elif directives.max_stale is not None:
        limit = min(limit, directives.max_stale)
    return _within(-_left(entry, now), limit)


def may_store(entry: Entry, directives: RequestDirectives = NO_DIRECTIVES) -> bool:
    """Say whether an answer may be kept (RFC 9111 sections 3 and 5.2.1.5), and whether that is of any use."""
    return not directives.no_store and entry.useful_seconds > 0


def forward_reason(entry: Entry | None, now: float) -> Forward:
    """Return why a request goes on to the vendor, for `Cache-Status` (RFC 9211 section 2.2).

    Args:
        entry: what is kept under the request's key. The key holds all that an answer depends on, so nothing there is
            `uri-miss` and never `vary-miss`.
        now: seconds of the wall clock.
    """
    if entry is None:
        return "uri-miss"
    return "request" if _left(entry, now) > 0 else "stale"


def not_found(words: str, now: float, seconds: float, tags: tuple[str, ...] = ()) -> Entry:
    """Return the entry of something that the vendor has not (404 may be kept, RFC 9110 section 15.1).

    It has no stale time: what was not there may have been made since, and who is told 404 may make it twice.
    """
    return Entry({}, now, seconds, tags=tags, absent=words)


def may_confirm(entry: Entry, validators: Mapping[str, str]) -> bool:
    """Say whether a vendor's 304 with these validators is about this entry (RFC 9111 section 4.3.4).

    Only a validator that contradicts ours rules it out. A 304 without any is taken for the entry that was asked about:
    it answers a request that named no other.

    Args:
        entry: what the vendor was asked about.
        validators: the 304's `etag` and `last-modified`, as far as it has them.
    """
    etag, kept = validators.get("etag"), entry.validators.get("etag")
    if etag is not None and not etag.startswith("W/"):
        return etag == kept
    if etag is not None and kept is not None:
        return etag.removeprefix("W/") == kept.removeprefix("W/")
    date, kept_date = validators.get("last-modified"), entry.validators.get("last-modified")
    return date is None or kept_date is None or date == kept_date


def confirmed(
    entry: Entry, now: float, fresh_seconds: float, validators: Mapping[str, str] | None = None
) -> Entry:
    """Return the entry as new after the vendor's 304: same bytes, same tag, new time (RFC 9111 section 4.3.4).

    Args:
        entry: what the vendor confirmed; see `may_confirm`.
        now: seconds of the wall clock.
        fresh_seconds: the new freshness lifetime, jitter applied.
        validators: the 304's `etag` and `last-modified`; they replace the ones before.
    """
    merged = {**entry.validators, **(validators or {})}
    return replace(entry, stored_at=now, fresh_seconds=fresh_seconds, validators=merged)


def response_cache_control(entry: Entry, *, immutable: bool = False) -> str:
    """Return the `Cache-Control` for the caller. It is the same as long as the entry is.

    `max-age` is the whole lifetime, not what is left of it: the answer carries `Age`, and whoever keeps it subtracts
    that (RFC 9111 sections 4.2.1 and 4.2.3, and the example in RFC 5861 section 4). Seconds left would count the age
    twice. Always `private`: what a caller may see is the caller's alone (RFC 9111 section 5.2.2.7).

    Args:
        entry: what is given out.
        immutable: it is a version that never changes, so even a reload need not ask (RFC 8246 section 2).
    """
    if entry.absent is not None:
        return NO_STORE  # the problem document names this one request
    if entry.fresh_seconds <= 0:
        return NO_CACHE
    text = f"private, max-age={_whole(entry.fresh_seconds)}"
    if entry.stale_while_revalidate >= 1:
        text += f", stale-while-revalidate={_whole(entry.stale_while_revalidate)}"
    if entry.stale_if_error >= 1:
        text += f", stale-if-error={_whole(entry.stale_if_error)}"
    return f"{text}, immutable" if immutable else text


def _usable(entry: Entry, now: float, directives: RequestDirectives) -> Decision | None:
    """Return how the entry may answer the request, or None."""
    left = _left(entry, now)
    if directives.no_cache or not _as_wished(_elapsed(entry, now), left, directives):
        return None
    if left > 0:
        return Decision.FRESH
    if entry.absent is None and _stale_accepted(entry, -left, directives):
        return Decision.STALE_WHILE_REVALIDATE
    return None


def _as_wished(elapsed: float, left: float, directives: RequestDirectives) -> bool:
    # RFC 9111 section 5.2.1.1. To the fraction of a second; an age of 0 is only had by asking, as a reload wants it.
    if directives.max_age is not None and (directives.max_age == 0 or elapsed > directives.max_age):
        return False
    # RFC 9111 section 5.2.1.3: the lifetime is no less than the age and the wished seconds together.
    return directives.min_fresh is None or left >= directives.min_fresh


def _stale_accepted(entry: Entry, staleness: float, directives: RequestDirectives) -> bool:
    if directives.min_fresh is not None:
        return False  # RFC 9111 section 5.2.1.3: wants it fresh, be it for 0 seconds more
    if directives.max_stale is not None:
        return staleness <= directives.max_stale  # RFC 9111 section 5.2.1.2
    if directives.max_age is not None:
        return False  # RFC 9111 section 5.2.1.1: without max-stale, nothing stale is wanted
    return _within(staleness, entry.stale_while_revalidate)  # RFC 5861 section 3


def _left(entry: Entry, now: float) -> float:
    return entry.fresh_seconds - _elapsed(entry, now)


def _elapsed(entry: Entry, now: float) -> float:
    """Return the age to the fraction of a second; an entry that seems to come from the future has none."""
    return max(0.0, now - entry.stored_at)


def _within(staleness: float, window: float) -> bool:
    """Say whether something is not staler than a window allows; a window of 0 is switched off."""
    return window > 0 and staleness <= window


def _whole(seconds: float) -> int:
    return int(min(seconds, MOST_SECONDS))  # RFC 9111 section 1.2.2
