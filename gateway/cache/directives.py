"""What a request says about caching: `Cache-Control` and the older `Pragma`, read leniently (RFC 9111 section 5.2.1).

Nothing a caller sends is an error here. What cannot be read is as good as absent, since every request directive is
advice (RFC 9111 section 5.2.1) and unknown ones must be ignored (RFC 9111 section 5.2.3).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

MOST_SECONDS: Final = 2**31
"""What a number of seconds too large to matter is taken for: more than 68 years (RFC 9111 section 1.2.2)."""

ANY_STALENESS: Final = MOST_SECONDS
"""The value of a `max-stale` without argument: however stale (RFC 9111 section 5.2.1.2)."""

_FLAGS: Final = frozenset({"no-cache", "no-store", "only-if-cached"})
_NUMBERS: Final = frozenset({"max-age", "max-stale", "min-fresh", "stale-if-error"})

# A comma inside a quoted string separates nothing (RFC 9110 section 5.6.4). A string that is never closed reaches to
# the end. Possessive throughout: no header, however made, costs more than one pass.
_MEMBER: Final = re.compile(r'(?:[^,"]++|"(?:[^"\\]++|\\.)*+(?:"|\\?\Z))++', re.DOTALL)
_QUOTED_PAIR: Final = re.compile(r"\\(.)", re.DOTALL)
_DIGITS: Final = re.compile(r"[0-9]+")


@dataclass(frozen=True, slots=True)
class RequestDirectives:
    """What a request says about caching; seconds are whole, at most `MOST_SECONDS`, and None where nothing is said.

    Attributes:
        no_cache: do not answer without asking the vendor (RFC 9111 section 5.2.1.4).
        no_store: keep nothing of the answer (RFC 9111 section 5.2.1.5).
        only_if_cached: answer from what is kept or not at all (RFC 9111 section 5.2.1.7).
        max_age: the oldest answer wanted (RFC 9111 section 5.2.1.1).
        max_stale: how far beyond its freshness an answer may be (RFC 9111 section 5.2.1.2).
        min_fresh: how much longer the answer shall stay fresh (RFC 9111 section 5.2.1.3).
        stale_if_error: how stale an answer may be if the vendor fails (RFC 5861 section 4).
    """

    no_cache: bool = False
    no_store: bool = False
    only_if_cached: bool = False
    max_age: int | None = None
    max_stale: int | None = None
    min_fresh: int | None = None
    stale_if_error: int | None = None


NO_DIRECTIVES: Final = RequestDirectives()
"""What a request without directives says; `parse` gives this very object, so that `is` recognises it."""

_PRAGMA_NO_CACHE: Final = RequestDirectives(no_cache=True)


def parse(value: str | None, pragma: str | None = None) -> RequestDirectives:
    """Read the directives of a request.

    Args:
        value: the `Cache-Control` header, several lines joined by commas; None when there is none.
        pragma: the `Pragma` header, likewise. It counts only when there is no `Cache-Control`, and means what RFC 7234
            section 5.4 says; RFC 9111 section 5.4 deprecates it without taking that back.
    """
    if value is None:
        return NO_DIRECTIVES if pragma is None else _parse_pragma(pragma)
    flags: set[str] = set()
    numbers: dict[str, int] = {}
    for name, argument in members(value):
        if name in _FLAGS:
            # They take no argument (RFC 9111 section 5.2); with one, the wish is still plain.
            flags.add(name)
        elif name in _NUMBERS and name not in numbers:
            # Of several the first that can be read counts (RFC 9111 section 4.2.1).
            seconds = _number(name, argument)
            if seconds is not None:
                numbers[name] = seconds
    return _collected(flags, numbers) if flags or numbers else NO_DIRECTIVES


def _collected(flags: set[str], numbers: dict[str, int]) -> RequestDirectives:
    return RequestDirectives(
        no_cache="no-cache" in flags,
        no_store="no-store" in flags,
        only_if_cached="only-if-cached" in flags,
        max_age=numbers.get("max-age"),
        max_stale=numbers.get("max-stale"),
        min_fresh=numbers.get("min-fresh"),
        stale_if_error=numbers.get("stale-if-error"),
    )


def _parse_pragma(pragma: str) -> RequestDirectives:
    said = any(name == "no-cache" for name, _ in members(pragma))
    return _PRAGMA_NO_CACHE if said else NO_DIRECTIVES


def members(value: str) -> Iterator[tuple[str, str | None]]:
    """Yield the names in lower case (RFC 9111 section 5.2) and arguments of a list; None where there is no `=`."""
    for member in _MEMBER.findall(value) if '"' in value else value.split(","):
        name, equals, argument = member.partition("=")
        yield name.strip().lower(), argument.strip() if equals else None


def _number(name: str, argument: str | None) -> int | None:
    if argument is None:
        return ANY_STALENESS if name == "max-stale" else None
    # Seconds are sent bare, but the quoted form is to be read too (RFC 9111 section 5.2).
    return _delta_seconds(_unquoted(argument) if argument.startswith('"') else argument)


def _unquoted(argument: str) -> str:
    return _QUOTED_PAIR.sub(r"\1", argument[1:-1]) if argument.endswith('"') else argument


def _delta_seconds(text: str) -> int | None:
    """Read `1*DIGIT` (RFC 9111 section 1.2.2), however many: too large is `MOST_SECONDS`, never an overflow."""
    if _DIGITS.fullmatch(text) is None:
        return None
    digits = text.lstrip("0")
    return MOST_SECONDS if len(digits) > 10 else min(int(digits or "0"), MOST_SECONDS)
