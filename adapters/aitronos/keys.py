"""Gives every node a key, made of the address that the vendor's edges use: a name (n8n) or an id (React Flow)."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of a graph's nodes.

    Attributes:
        in_order: one key per node, unique.
        by_address: the key of the node that an address means; of nodes that share an address, the first.
    """

    in_order: tuple[str, ...]
    by_address: dict[str, str]


def assign_keys(addresses: Iterable[tuple[int, str | None]]) -> Keys:
    """Return keys for nodes given as (index, address); one without an address of its own becomes `#<index>`."""
    in_order: list[str] = []
    by_address: dict[str, str] = {}
    used: set[str] = set()
    for index, address in addresses:
        is_first = bool(address) and address not in by_address
        key = address if address and is_first else f"#{index}"
        while key in used:
            key = f"#{key}"
        used.add(key)
        in_order.append(key)
        if address and is_first:
            by_address[address] = key
    return Keys(tuple(in_order), by_address)
