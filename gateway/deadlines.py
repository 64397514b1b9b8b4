"""Until when a request is to be answered: the operator's time, or the shorter one that its caller asks for."""

import re
from dataclasses import dataclass
from typing import Final

from gateway.cache.directives import members

_SECONDS: Final = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True, slots=True)
class Deadline:
    """The end of a request's time.

    Attributes:
        at: in the running loop's time.
        wished: the whole seconds that its caller asked for; None where the operator's time is not longer.
    """

    at: float
    wished: int | None = None


def deadline(now: float, most_seconds: float, prefer: str | None) -> Deadline:
    """Return the end of a request's time.

    Args:
        now: in the running loop's time.
        most_seconds: the longest that a request may take.
        prefer: the request's `Prefer`, several lines joined by commas; None when there is none.
    """
    wished = None if prefer is None else wait_of(prefer)
    if wished is None or wished >= most_seconds:
        return Deadline(now + most_seconds)
    return Deadline(now + wished, wished)


def wait_of(prefer: str) -> int | None:
    """Return the whole seconds of `wait` (RFC 7240 section 4.3).

    Of several the first counts (section 2); one that cannot be read is ignored like every preference that is not known.
    """
    for name, argument in members(prefer):
        if name == "wait":
            value = (argument or "").partition(";")[0].strip()
            if len(value) > 1 and value[0] == value[-1] == '"':
                value = value[1:-1]
            return int(value) if _SECONDS.fullmatch(value) else None
    return None
