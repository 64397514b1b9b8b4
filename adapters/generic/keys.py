"""Gives every node a key, made of what the vendor's edges refer to: an id, or a name."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from adapters.evidence import Evidence
from adapters.generic.description import GraphPlaces
from adapters.generic.reading import Reader
from schemas.diagnostics import DiagnosticCode


@dataclass(frozen=True, slots=True)
class Entry:
    """One native node, with its key and its address: what edges call it by."""

    key: str
    id: str | None
    address: str | None
    reader: Reader


@dataclass(frozen=True, slots=True)
class Entries:
    """The readable nodes, in the vendor's order.

    Attributes:
        all: the nodes.
        keys: all keys.
        by_address: the key of the node that an address means; of nodes that share one, the first.
        containers: key of a node to the key of the node that it lies in.
    """

    all: Sequence[Entry]
    keys: frozenset[str]
    by_address: Mapping[str, str]
    containers: Mapping[str, str]


def read_entries(nodes: Sequence[tuple[int, Evidence]], places: GraphPlaces) -> Entries:
    """Return the nodes with keys; an address that is missing or taken is noted, and the key is then `#<index>`."""
    named = places.edges.style == "connections"
    readers = [(place, Reader(node)) for place, node in nodes]
    ids = [reader.identifier(places.node.id) or None for _, reader in readers]
    names = [reader.text(places.node.name) or None if named else None for _, reader in readers]
    addresses = names if named else ids
    taken = frozenset(address for address in addresses if address is not None)
    by_address: dict[str, str] = {}
    entries = []
    for (place, reader), node_id, address in zip(readers, ids, addresses, strict=True):
        if address is None or address in by_address:
            _note(reader, address, named=named)
            key = _numbered(place, taken)
        else:
            key = by_address[address] = address
        entries.append(Entry(key, node_id, address, reader))
    keys = frozenset(entry.key for entry in entries)
    return Entries(entries, keys, by_address, _containers(entries, places))


def _note(reader: Reader, address: str | None, *, named: bool) -> None:
    word = "name" if named else "id"
    if address is None:
        code = DiagnosticCode.MISSING_NODE_NAME if named else DiagnosticCode.MISSING_NODE_ID
        reader.evidence.note(code, f"the node has no {word}")
    else:
        code = DiagnosticCode.DUPLICATE_NODE_NAME if named else DiagnosticCode.DUPLICATE_NODE_ID
        reader.evidence.note(code, f"another node has the {word} {address[:80]!r} too")


def _numbered(place: int, taken: Collection[str]) -> str:
    key = f"#{place}"
    while key in taken:
        key += "#"
    return key


def _containers(entries: Sequence[Entry], places: GraphPlaces) -> dict[str, str]:
    """Return who lies in whom; a parent that is not there, and a node that lies in itself, is noted."""
    where = places.node.container
    if where is None:
        return {}
    by_id: dict[str, str] = {}
    for entry in entries:
        if entry.id is not None:
            by_id.setdefault(entry.id, entry.key)
    parents: dict[str, str] = {}
    for entry in entries:
        parent = entry.reader.identifier(where)
        if parent and parent in by_id:
            parents[entry.key] = by_id[parent]
        elif parent:
            message = f"the node lies in {parent[:80]!r}, which is not there"
            entry.reader.evidence.note(DiagnosticCode.DANGLING_REFERENCE, message)
    circular = _circular(parents)
    for entry in entries:
        if entry.key in circular:
            entry.reader.evidence.note(DiagnosticCode.CONTRADICTION, "the node lies in itself")
    return {key: parent for key, parent in parents.items() if key not in circular}


def _circular(parents: Mapping[str, str]) -> set[str]:
    """Return the keys that are reached again on the way from parent to parent."""
    circular: set[str] = set()
    done: set[str] = set()
    for start in parents:
        path: list[str] = []
        seen: set[str] = set()
        key: str | None = start
        while key is not None and key not in done and key not in seen:
            path.append(key)
            seen.add(key)
            key = parents.get(key)
        if key is not None and key in seen:
            circular.update(path[path.index(key) :])
        done |= seen
    return circular
