"""Writes nodes over native ones, in the shape that a `NodeForm` describes."""

from collections.abc import Callable, Container, Iterable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from adapters.aitronos.content import VENDOR_NAME
from adapters.rendering import Writer, same, write_changes
from schemas.base import JsonObject, JsonValue
from schemas.diagnostics import Loss
from schemas.graph import Graph, Node

NODES: Final = "nodes"

AddressField: TypeAlias = Literal["id", "name"]

Addresses: TypeAlias = Mapping[str, str | None]
"""From a node's key to what the vendor's edges call it; None for a node that no edge can reach."""


@dataclass(frozen=True, slots=True)
class NodeForm:
    """How one shape writes nodes.

    Attributes:
        address: the canonical field that the shape's edges go by: `id` or `name`.
        writers: writes one canonical field into a native node, by name.
        blank: makes the native node that a new one is written over.
    """

    address: AddressField
    writers: Mapping[str, Writer]
    blank: Callable[[Node], JsonObject]


class Earlier:
    """Finds what a node was before it was changed: by its key, else, when that key is gone, by its id."""

    __slots__ = ("_by_id", "_by_key")

    def __init__(self, before: Graph, after: Graph) -> None:
        kept = {node.key for node in after.nodes}
        self._by_key = {node.key: node for node in before.nodes}
        self._by_id = {node.id: node for node in before.nodes if node.key not in kept}

    def of(self, node: Node) -> Node | None:
        """Return the earlier node; None for a new one."""
        previous = self._by_key.get(node.key)
        return self._by_id.get(node.id) if previous is None and node.id is not None else previous


def addresses_before(graph: Graph, field: AddressField) -> Addresses:
    """Return what a graph, as it was read, calls its nodes."""
    return {node.key: getattr(node, field) for node in graph.nodes}


def addresses_after(before: Graph, after: Graph, field: AddressField) -> Addresses:
    """Return what the nodes will be called: as before where possible, and a new name is never one in use."""
    earlier = Earlier(before, after)
    addresses: dict[str, str | None] = {}
    others: dict[str, str] = {}
    for node in after.nodes:
        previous = earlier.of(node)
        wanted = getattr(node, field)
        was = getattr(previous, field) if previous is not None else None
        if previous is not None and wanted in (None, was):
            addresses[node.key] = was
        else:
            others[node.key] = wanted or node.key
    taken = set(addresses.values())
    numbers: dict[str, int] = {}
    for key, wanted in others.items():
        addresses[key] = free_name(wanted, taken, numbers)
        taken.add(addresses[key])
    return addresses


def write_nodes(definition: JsonObject, before: Graph, after: Graph, form: NodeForm) -> bool:
    """Write the nodes of `after` over those of `before`, and say whether there was anything to write.

    Entries that are no nodes stay where they are.
    """
    if same(before.nodes, after.nodes):
        return False
    native = definition.get(NODES)
    entries = native if isinstance(native, list) else []
    readable = [entry for entry in entries if isinstance(entry, dict)]
    places = {node.key: fields for node, fields in zip(before.nodes, readable, strict=True)}
    addresses = addresses_after(before, after, form.address)
    earlier = Earlier(before, after)
    written: list[JsonValue] = []
    for node in after.nodes:
        previous = earlier.of(node)
        named = node.model_copy(update={form.address: addresses[node.key]})
        if previous is not None:
            written.append(_changed(places[previous.key], previous, named, form))
        else:
            written.append(_changed(form.blank(named), Node(key=named.key), named, form))
    for index, entry in enumerate(entries):
        if not isinstance(entry, dict):
            written.insert(index, entry)
    definition[NODES] = written
    return True


def set_or_drop(name: str) -> Writer:
    """Return a writer that puts a value under the native name, and takes the name away for None."""

    def write(document: JsonObject, value: Any) -> Iterable[Loss]:
        if value is None:
            document.pop(name, None)
        else:
            document[name] = value
        return ()

    return write


def write_rest(document: JsonObject, rest: JsonObject, kept: Container[str]) -> None:
    """Make `rest` the fields of the document beyond those kept, which are not touched."""
    for name in [name for name in document if name not in kept and name not in rest]:
        del document[name]
    document.update({name: value for name, value in rest.items() if name not in kept})


def extensions_writer(kept: frozenset[str]) -> Writer:
    """Return a writer for the extensions of a node or an edge."""

    def write(document: JsonObject, value: dict[str, JsonObject]) -> Iterable[Loss]:
        write_rest(document, value.get(VENDOR_NAME, {}), kept)
        return ()

    return write


def _changed(fields: JsonObject, previous: Node, node: Node, form: NodeForm) -> JsonObject:
    document = dict(fields)
    # What cannot be written is found by reading back, see `losses`.
    write_changes(previous, node, document, form.writers)
    return document


def free_name(wanted: str, taken: Container[str | None], numbers: MutableMapping[str, int]) -> str:
    """Return the name, with a number behind it if it is taken.

    Args:
        wanted: the name.
        taken: those in use; it may grow from call to call.
        numbers: the last number tried for each name, so that none is tried twice. Changed.
    """
    number = numbers.get(wanted, 0)
    name = wanted if number == 0 else f"{wanted} {number}"
    while name in taken:
        number += 1
        name = f"{wanted} {number}"
    numbers[wanted] = number
    return name
