"""Whose trace a request belongs to: W3C Trace Context level 1 (https://www.w3.org/TR/trace-context-1/)."""

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Self

TRACEPARENT: Final = "traceparent"
TRACESTATE: Final = "tracestate"

MOST_STATE: Final = 512
"""Characters of `tracestate` that are passed on (section 3.3.1.5)."""

_MOST_MEMBERS: Final = 32
_MOST_COMMAS: Final = 2 * _MOST_MEMBERS
"""Members may be empty; a head full of them is not taken apart for a stranger."""
_LONG_MEMBER: Final = 128
"""A member longer than that is the first to go where there are too many characters (section 3.3.1.5)."""

_PARENT: Final = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?", re.DOTALL)
_KEY: Final = re.compile(r"[a-z][a-z0-9_*/-]{0,255}|[a-z0-9][a-z0-9_*/-]{0,240}@[a-z][a-z0-9_*/-]{0,13}")
_VALUE: Final = re.compile(r"[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]")


@dataclass(frozen=True, slots=True)
class TraceContext:
    """A place in a trace.

    Attributes:
        trace_id: 32 hex digits, of the whole trace.
        span_id: 16 hex digits, of this place.
        sampled: whether whoever came before records it.
        state: what others want to find again further down, as one header's value; empty for nothing.
    """

    trace_id: str
    span_id: str
    sampled: bool = False
    state: str = ""

    @classmethod
    def begin(cls) -> Self:
        """Return the first place of a new trace."""
        made = os.urandom(24).hex()
        return cls(made[:32], made[32:])

    def below(self) -> Self:
        """Return a new place in the same trace."""
        return type(self)(self.trace_id, os.urandom(8).hex(), self.sampled, self.state)

    @property
    def traceparent(self) -> str:
        """Return the header that tells it, in version 00 (section 3.2)."""
        return f"00-{self.trace_id}-{self.span_id}-{'01' if self.sampled else '00'}"

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        """Return all headers that tell it."""
        told = ((TRACEPARENT, self.traceparent),)
        return (*told, (TRACESTATE, self.state)) if self.state else told


def read(headers: Iterable[tuple[bytes, bytes]]) -> TraceContext | None:
    """Return the place that a request's headers tell; None where they tell none, or none that is valid.

    Args:
        headers: names in lower case.
    """
    parents: list[bytes] = []
    states: list[bytes] = []
    for name, value in headers:
        if name == b"traceparent":
            parents.append(value)
        elif name == b"tracestate":
            states.append(value)
    if len(parents) != 1:
        return None
    return parse(parents[0].decode("latin-1"), ",".join(value.decode("latin-1") for value in states))


def parse(traceparent: str, tracestate: str = "") -> TraceContext | None:
    """Return the place that two headers' values tell; None where the first is not valid (section 4.3)."""
    found = _PARENT.fullmatch(traceparent.strip(" \t"))
    if found is None:
        return None
    version, trace_id, span_id, flags, more = found.groups()
    # Later versions may tell more behind what is known; this one ends there, and there is no version ff.
    if version == "ff" or (version == "00" and more) or not (trace_id.strip("0") and span_id.strip("0")):
        return None
    return TraceContext(trace_id, span_id, bool(int(flags, 16) & 1), _state(tracestate))


def _state(text: str) -> str:
    """Return what is passed on of `tracestate`: nothing where it is not valid, and no more than there is room for."""
    if text.count(",") > _MOST_COMMAS:
        return ""
    members = [member.strip(" \t") for member in text.split(",")]
    members = [member for member in members if member]
    keys = {member.partition("=")[0] for member in members}
    if len(members) > _MOST_MEMBERS or len(keys) < len(members) or not all(map(_is_member, members)):
        return ""
    for crowd in (False, True):
        while members and len(",".join(members)) > MOST_STATE:
            gone = _last(members, longer_than=0 if crowd else _LONG_MEMBER)
            if gone is None:
                break
            del members[gone]
    return ",".join(members)


def _is_member(text: str) -> bool:
    key, _, value = text.partition("=")
    return _KEY.fullmatch(key) is not None and _VALUE.fullmatch(value) is not None


def _last(members: list[str], longer_than: int) -> int | None:
    """Return where the last member stands that is longer than that."""
    places = [place for place, member in enumerate(members) if len(member) > longer_than]
    return places[-1] if places else None
