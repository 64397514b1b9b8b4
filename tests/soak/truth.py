"""What a client knows of the one workflow that it alone changes, and what an answer may say of it."""

import re
import time
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final

from tests.faults.expected import FAULTS

_OF_NODES: Final = re.compile(r"Mark \d+-\d+")
_OF_NAMES: Final = re.compile(r"Soak \d+-\d+")

MARGIN_SECONDS: Final = 6.0
"""So long after its end a fault may still explain an answer: calls that were under way, breakers, keys."""
DYING_SECONDS: Final = 1.0
"""So long after a worker was killed the system may still be closing its connections."""
AFTERMATH: Final = frozenset({"outcome_unknown", "idempotency_in_flight", "breaker_open", "vendor_busy"})
"""What a fault leaves behind for those who come later."""
LYING: Final = frozenset({"empty", "wrong-shape"})
"""Faults with the status of a success, which is all that is read of the answer to a deletion."""


@dataclass
class Truth:
    """One workflow.

    Attributes:
        workflow_id: the vendor's; empty while there is none.
        name: the one that it was made with, or was given since.
        mark: words in it that tell its last acknowledged state from every other: the name, or a text of a node.
        etag: of the last read of it, and the mark that it had then.
        since: when the last write was acknowledged, of a clock that only goes forward.
    """

    workflow_id: str = ""
    name: str = ""
    mark: str = ""
    etag: tuple[str, str] | None = None
    since: float = field(default_factory=time.monotonic)

    @property
    def age(self) -> float:
        """Return the seconds since the last write was acknowledged."""
        return time.monotonic() - self.since

    def contradicts(self, mark: str | None) -> str | None:
        """Say what is wrong with the mark that a read tells; None if nothing is."""
        if mark == self.mark:
            return None
        return f"a read tells {mark!r} where {self.mark!r} was acknowledged before it began"

    def contradicts_304(self) -> str | None:
        """Say what is wrong with being told that nothing changed; None if nothing is."""
        if self.etag is not None and self.etag[1] == self.mark:
            return None
        return f"a read tells that nothing changed where {self.mark!r} was acknowledged"


def mark_in(text: str) -> str | None:
    """Return the mark in a document: that of a node, or else the name."""
    for pattern in (_OF_NODES, _OF_NAMES):
        if (found := pattern.search(text)) is not None:
            return found[0]
    return None


@dataclass(frozen=True)
class Window:
    """A fault at one vendor, from when to when."""

    vendor: str
    fault: str
    began: float
    ended: float = float("inf")


@dataclass
class Windows:
    """All faults so far, and when workers were killed."""

    every: list[Window] = field(default_factory=list)
    kills: list[float] = field(default_factory=list)

    def cut(self, began: float, ended: float) -> bool:
        """Say whether a worker was killed while a request was under way, so that it may have been broken off."""
        return any(began <= killed + DYING_SECONDS and ended >= killed for killed in self.kills)

    def lied(self, vendor: str, began: float, ended: float) -> bool:
        """Say whether a vendor may have called a success within a span of time what it did not do."""
        return any(
            window.vendor == vendor
            and window.fault in LYING
            and window.began <= ended
            and window.ended >= began
            for window in self.every
        )

    def explain(self, vendor: str, began: float, ended: float) -> set[str]:
        """Return the codes of problems that the faults of a span of time explain."""
        found = [
            window.fault
            for window in self.every
            if window.vendor == vendor and window.began <= ended and window.ended + MARGIN_SECONDS >= began
        ]
        return codes_of(found)


def codes_of(faults: Collection[str]) -> set[str]:
    """Return the codes that some faults explain; nothing is explained by none."""
    if not faults:
        return set()
    told = [answer for fault in FAULTS if fault.name in faults for answer in (fault.read, fault.write)]
    return {answer.code for answer in told if answer.code is not None} | AFTERMATH
