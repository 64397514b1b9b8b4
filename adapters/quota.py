"""What a vendor's headers tell of the calls that are left: every common way of saying it, read leniently.

Three families are read: `X-RateLimit-Limit`, `-Remaining` and `-Reset`, with or without a name at the end such as
`-requests`, and the same without `X-`; `RateLimit` and `RateLimit-Policy` as structured fields
(draft-ietf-httpapi-ratelimit-headers); and the drafts before, where `RateLimit` holds `limit=`, `remaining=` and
`reset=`. What cannot be read is as good as absent: a vendor that writes nonsense here has still answered.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from adapters.masking import Mask

MOST_QUOTAS: Final = 8
"""Of one connection; what else a vendor names is left out."""

REQUESTS: Final = "requests"
"""The name of a quota that the vendor gives no name: what is limited is most often that."""

_MOST: Final = 10**15 - 1
"""RFC 8941 section 3.3.1."""
_LONGEST_VALUE: Final = 1000
_LONGEST_SECONDS: Final = 366 * 86_400.0
_LEAST_MOMENT: Final = 10**9
"""A reset from here on is a moment in Unix seconds and not a number of seconds: nobody waits for thirty years."""
_LEAST_MILLISECONDS: Final = 10**11
"""And from here on it is in milliseconds."""

_FAMILY: Final = re.compile(r"(?:x-)?rate-?limit-(limit|remaining|reset)(?:-([a-z0-9][a-z0-9_-]{0,39}))?")
_WHOLE: Final = re.compile(r"\s*([0-9]{1,15})\s*(?:[,;]|\Z)")
_NUMBER: Final = re.compile(r"[0-9]{1,15}(?:\.[0-9]{1,9})?")
_DURATION: Final = re.compile(r"(?:[0-9]{1,9}(?:\.[0-9]{1,9})?(?:ms|us|d|h|m|s))+")
_PIECE: Final = re.compile(r"([0-9.]+)(ms|us|d|h|m|s)")
_UNITS: Final = (("us", 1e-6), ("ms", 1e-3), ("s", 1.0), ("m", 60.0), ("h", 3600.0), ("d", 86_400.0))
# One member of a list of named items, with its parameters; possessive, so that no header costs more than one pass.
_NAMED: Final = re.compile(r'\s*+"([ !#-\[\]-~]{1,40}+)"((?:;[^,"]*+)*+)\s*+(?:,|$)')
_SETTING: Final = re.compile(r"([a-z]+)\s*=\s*([0-9]{1,15})(?![0-9.])")


@dataclass(frozen=True, slots=True)
class Quota:
    """What is left of something that the vendor limits; None where it does not say.

    Attributes:
        name: what is limited, in the vendor's word.
        limit: how much there is in one window of time.
        remaining: how much of it is left.
        resets_at: Unix seconds when there is all of it again.
        window_seconds: how long the window is.
        seen_at: Unix seconds when the vendor said so.
    """

    name: str
    limit: int | None = None
    remaining: int | None = None
    resets_at: float | None = None
    window_seconds: int | None = None
    seen_at: float = 0.0


class Quotas:
    """What is known of one connection's quotas."""

    def __init__(self, hidden: Mask | None = None) -> None:
        """Know nothing yet; a header that holds what is hidden is not read."""
        self._hidden = hidden or Mask()
        self._known: dict[str, Quota] = {}
        self.times_told = 0
        """How often the vendor told anything of them."""

    @property
    def known(self) -> tuple[Quota, ...]:
        """Return what the vendor said last."""
        return tuple(self._known.values())

    def note(self, headers: Sequence[tuple[bytes, bytes]], clock: Callable[[], float]) -> None:
        """Take note of an answer's headers, in any letter case.

        Args:
            headers: as they came.
            clock: Unix seconds.
        """
        # On the way of every call, and most vendors tell nothing.
        if b"limit" not in b" ".join([name for name, _ in headers]).lower():
            return
        told = [pair for pair in headers if b"limit" in pair[0].lower()]
        found = read(_joined(self._hidden.without(told)), clock())
        self.times_told += bool(found)
        for quota in found:
            if quota.name in self._known or len(self._known) < MOST_QUOTAS:
                self._known[quota.name] = quota


def read(headers: Mapping[str, str], now: float) -> tuple[Quota, ...]:
    """Return the quotas that headers tell of.

    Args:
        headers: by lower-case name.
        now: Unix seconds.
    """
    found: dict[str, Quota] = {}
    for name, value in headers.items():
        family = _FAMILY.fullmatch(name)
        if len(value) > _LONGEST_VALUE:
            continue
        if family is not None:
            told = _of_family(family[1], family[2] or REQUESTS, value, now)
        elif name == "ratelimit":
            told = list(_fields(value, now))
        elif name == "ratelimit-policy":
            told = list(_policies(value))
        else:
            continue
        for quota in told:
            if quota.name in found or len(found) < MOST_QUOTAS:
                found[quota.name] = _merged(found.get(quota.name), quota)
    return tuple(replace(quota, seen_at=now) for quota in found.values())


def wait_of(headers: Mapping[str, str], now: float) -> float | None:
    """Return the seconds after which a refused call may come again, where there is no `Retry-After`.

    What is used up has to be there again; where nothing is said to be, the first reset is as good a guess as any.

    Args:
        headers: by lower-case name.
        now: Unix seconds.
    """
    own = headers.get("x-ratelimit-retry-after")
    if own is not None and _NUMBER.fullmatch(own.strip()):
        return min(float(own), _LONGEST_SECONDS)
    resets = [
        (each.remaining, each.resets_at - now) for each in read(headers, now) if each.resets_at is not None
    ]
    used_up = [seconds for remaining, seconds in resets if remaining == 0]
    return max(used_up) if used_up else min((seconds for _, seconds in resets), default=None)


def _joined(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    joined: dict[str, str] = {}
    for raw_name, raw_value in headers:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        joined[name] = f"{joined[name]}, {value}" if name in joined else value
    return joined


def _of_family(part: str, name: str, value: str, now: float) -> list[Quota]:
    if part == "reset":
        moment = _moment(value, now)
        return [] if moment is None else [Quota(name, resets_at=moment)]
    number = _WHOLE.match(value)
    if number is None:
        return []
    return [Quota(name, limit=int(number[1])) if part == "limit" else Quota(name, remaining=int(number[1]))]


def _fields(value: str, now: float) -> Iterator[Quota]:
    """Yield what `RateLimit` tells: as items with `r` and `t`, or as one dictionary as in older drafts."""
    if '"' not in value:
        said = dict(_SETTING.findall(value))
        if said.keys() & {"limit", "remaining"}:
            yield Quota(
                REQUESTS, _int(said.get("limit")), _int(said.get("remaining")), _later(said.get("reset"), now)
            )
        return
    for name, parameters in _named(value):
        yield Quota(name, remaining=_int(parameters.get("r")), resets_at=_later(parameters.get("t"), now))


def _policies(value: str) -> Iterator[Quota]:
    for name, parameters in _named(value):
        yield Quota(name, limit=_int(parameters.get("q")), window_seconds=_int(parameters.get("w")))


def _named(value: str) -> Iterator[tuple[str, dict[str, str]]]:
    position = 0
    while (member := _NAMED.match(value, position)) is not None:
        yield member[1], dict(_SETTING.findall(member[2]))
        position = member.end()


def _merged(known: Quota | None, told: Quota) -> Quota:
    """Return both together; of two that say the same the first counts."""
    if known is None:
        return told
    return Quota(
        known.name,
        told.limit if known.limit is None else known.limit,
        told.remaining if known.remaining is None else known.remaining,
        told.resets_at if known.resets_at is None else known.resets_at,
        told.window_seconds if known.window_seconds is None else known.window_seconds,
    )


def _int(text: str | None) -> int | None:
    return None if text is None else int(text)


def _later(text: str | None, now: float) -> float | None:
    return None if text is None else now + min(float(text), _LONGEST_SECONDS)


def _moment(value: str, now: float) -> float | None:
    """Return the Unix seconds that a reset means: a moment, a number of seconds, or a duration such as `6m0s`."""
    text = value.strip()
    seconds: float | None
    if _NUMBER.fullmatch(text):
        number = float(text)
        if number >= _LEAST_MILLISECONDS:
            number /= 1000
        seconds = number - now if number >= _LEAST_MOMENT else number
    elif text.isascii() and _DURATION.fullmatch(text):
        units = dict(_UNITS)
        seconds = sum(float(number) * units[unit] for number, unit in _PIECE.findall(text))
    else:
        seconds = _until_date(text, now)
        if seconds is None:
            return None
    return now + seconds if 0 <= seconds <= _LONGEST_SECONDS else (now if seconds < 0 else None)


def _until_date(text: str, now: float) -> float | None:
    """Return the seconds until a moment as RFC 3339 writes it, in UTC where it names no zone."""
    try:
        moment = datetime.fromisoformat(text) if text[:4].isdigit() and "T" in text else None
    except ValueError:
        return None
    if moment is None:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() - now
