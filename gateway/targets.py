"""Which kept answer a request is about: learnt from the requests that were answered, so that the edge need not route.

What a request is about depends on its address, on the `Accept` header where that chooses the form, and on what its
caller may see. It does not depend on what is kept, so nothing here is ever out of date.
"""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final, TypeAlias

from gateway.telemetry.counting import HitCells

MOST_TARGETS: Final = 16_384
LONGEST_ADDRESS: Final = 512
"""Bytes of path, query and `Accept`; longer ones take the longer way. With `MOST_TARGETS` it bounds the memory to about
25 MB."""

Address: TypeAlias = tuple[str, bytes, bytes]
"""What the caller may see (`Caller.scope`), the path as it was sent, the query as it was sent."""


@dataclass(frozen=True, slots=True)
class Target:
    """A kept answer.

    Attributes:
        key: of the entry.
        form: the name of the entry's form.
        varies_by_accept: the form is the one that `accept` chose.
        accept: the `Accept` header of the request that it was learnt from, where that counts.
        cells: where an answer is counted; None to count nothing.
        connection: for logs; None for a listing over several.
        vendor: likewise.
        route: likewise; the operation id.
    """

    key: str
    form: str
    varies_by_accept: bool
    accept: bytes | None
    cells: HitCells | None
    connection: str | None
    vendor: str | None
    route: str


class Targets:
    """Targets by address; of too many the ones not asked for longest are forgotten."""

    def __init__(self) -> None:
        # As in the memory store: on the way of every cached answer, an LRUCache of cachetools costs four times as much.
        self._known: OrderedDict[Address, Target] = OrderedDict()

    def find(self, address: Address) -> Target | None:
        """Return what the address is about, as far as is known."""
        known = self._known
        target = known.get(address)
        if target is not None:
            known.move_to_end(address)
        return target

    def learn(self, address: Address, target: Target) -> None:
        """Remember what the address is about."""
        if len(address[1]) + len(address[2]) + len(target.accept or b"") > LONGEST_ADDRESS:
            return
        self._known[address] = target
        if len(self._known) > MOST_TARGETS:
            self._known.popitem(last=False)
