"""The nodes of a definition as they came, each with the key that the canonical graph calls it by."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from adapters.evidence import Evidence
from schemas.diagnostics import DiagnosticCode

BINDINGS: Final = "variable_bindings"
CONFIG: Final = "node_config"
PARENT: Final = "parent_id"


class Entry(NamedTuple):
    """One native node."""

    place: int
    """Its place in the vendor's list."""
    key: str
    id: str | None
    node: Evidence
    config: Evidence
    """Its `node_config`, empty where there is none."""
    bindings: Evidence
    """Its v2 `variable_bindings`, empty where there are none."""


@dataclass(frozen=True, slots=True)
class Entries:
    """The readable nodes of a definition, in the vendor's order.

    Attributes:
        all: the nodes.
        keys: what edges and references can name; an id is the key of the first node that has it.
        containers: key of a node to the key of the node that it lies in.
    """

    all: Sequence[Entry]
    keys: frozenset[str]
    containers: Mapping[str, str]


def read_entries(definition: Evidence) -> Entries:
    """Return the nodes of a definition; what is no object is noted and left out."""
    nodes = list(definition.objects("nodes", required=True))
    ids = [node.identifier("id") or None for _, node in nodes]
    identifiers = frozenset(identifier for identifier in ids if identifier is not None)
    keys = _keys(nodes, ids, identifiers)
    entries = [
        Entry(index, key, identifier, node, _inner(node, CONFIG), _inner(node, BINDINGS))
        for (index, node), key, identifier in zip(nodes, keys, ids, strict=True)
    ]
    known = frozenset(keys)
    return Entries(entries, known, _containers(entries, known))


def _inner(node: Evidence, name: str) -> Evidence:
    return node.object(name) or Evidence({}, node.findings)


def _keys(
    nodes: Sequence[tuple[int, Evidence]], ids: Sequence[str | None], identifiers: Collection[str]
) -> list[str]:
    """Return the id where it is there and the first of its kind, else `#<place in the vendor's list>`."""
    taken: set[str] = set()
    keys: list[str] = []
    for (place, node), identifier in zip(nodes, ids, strict=True):
        if identifier is None:
            node.note(DiagnosticCode.MISSING_NODE_ID, "the node has no id", "id")
        elif identifier in taken:
            node.note(DiagnosticCode.DUPLICATE_NODE_ID, f"another node has the id {identifier!r} too", "id")
        unusable = identifier is None or identifier in taken
        keys.append(_numbered(place, identifiers) if unusable else str(identifier))
        taken.add(keys[-1])
    return keys


def _numbered(place: int, identifiers: Collection[str]) -> str:
    key = f"#{place}"
    while key in identifiers:
        key += "#"
    return key


def _containers(entries: Sequence[Entry], keys: Collection[str]) -> dict[str, str]:
    """Return who lies in whom; parents that are not there, and nodes that lie in themselves, are noted."""
    parents: dict[str, str] = {}
    for entry in entries:
        parent = entry.node.identifier(PARENT)
        if parent in keys:
            parents[entry.key] = str(parent)
        elif parent:
            message = f"the node lies in {parent!r}, which is not there"
            entry.node.note(DiagnosticCode.DANGLING_REFERENCE, message, PARENT)
    circular = _circular(parents)
    for entry in entries:
        if entry.key in circular:
            entry.node.note(DiagnosticCode.CONTRADICTION, "the node lies in itself", PARENT)
    return {key: parent for key, parent in parents.items() if key not in circular}


def _circular(parents: Mapping[str, str]) -> set[str]:
    """Return the keys that are reached again when one walks from parent to parent."""
    circular: set[str] = set()
    done: set[str] = set()
    for start in parents:
        path: dict[str, None] = {}
        key: str | None = start
        while key is not None and key not in done and key not in path:
            path[key] = None
            key = parents.get(key)
        if key in path:
            walked = list(path)
            circular.update(walked[walked.index(str(key)) :])
        done.update(path)
    return circular
