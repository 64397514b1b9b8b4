"""Gives every node a key, made of the address that the vendor's edges use: a name (n8n) or an id (React Flow)."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of a graph's nodes.

    Attributes:
        in_order: one key per node, unique.
        by_address: the key of the node that an address means; of nodes that share an address, the first.
    """

    in_order: Sequence[str]
    by_address: dict[str, str]


def assign_keys(places: Sequence[int], addresses: Sequence[str | None]) -> Keys:
    """Return keys for nodes at some places of a list; one without an address of its own becomes `#<place>`."""
    own = {address: address for address in addresses if address}
    if len(own) == len(addresses):  # as nearly always: every node has an address of its own
        return Keys(list(own), own)
    return assign_one_by_one(places, addresses)


def assign_one_by_one(places: Sequence[int], addresses: Sequence[str | None]) -> Keys:
    """Return the same by the careful way, which minds addresses that are not there or not unique."""
    in_order: list[str] = []
    by_address: dict[str, str] = {}
    used: set[str] = set()
    for place, address in zip(places, addresses, strict=True):
        is_first = bool(address) and address not in by_address
        key = address if address and is_first else f"#{place}"
        while key in used:
            key = f"#{key}"
        used.add(key)
        in_order.append(key)
        if address and is_first:
            by_address[address] = key
    return Keys(in_order, by_address)
