"""The nodes of a definition as they came, each with the key that the canonical graph calls it by."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from adapters.evidence import Evidence
from schemas.base import JsonObject, JsonValue
from schemas.diagnostics import DiagnosticCode

NODES: Final = "nodes"
BINDINGS: Final = "variable_bindings"
CONFIG: Final = "node_config"
PARENT: Final = "parent_id"


@dataclass(slots=True)
class Entry:
    """One native node.

    Attributes:
        place: its place in the vendor's list.
        key: what the canonical graph calls it by.
        id: the vendor's.
        fields: the node itself.
        config: its `node_config`, empty where there is none.
        bindings: its v2 `variable_bindings`, empty where there are none.
        definition: what it lies in.
    """

    place: int
    key: str
    id: str | None
    fields: JsonObject
    config: JsonObject
    bindings: JsonObject
    definition: Evidence

    @property
    def evidence(self) -> Evidence:
        """Return the node as evidence: made only for what is not as documented, since most of a node is."""
        return self.definition.item(NODES, self.place)


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
    nodes = list(definition.bare_objects(NODES, required=True))
    ids = [_identifier(definition, place, fields) for place, fields in nodes]
    identifiers = frozenset(identifier for identifier in ids if identifier is not None)
    keys = _keys(definition, [place for place, _ in nodes], ids, identifiers)
    entries = [
        Entry(
            place,
            key,
            identifier,
            fields,
            _inner(definition, place, fields, CONFIG),
            _inner(definition, place, fields, BINDINGS),
            definition,
        )
        for (place, fields), key, identifier in zip(nodes, keys, ids, strict=True)
    ]
    known = frozenset(keys)
    return Entries(entries, known, _containers(entries, known))


def _identifier(definition: Evidence, place: int, fields: JsonObject) -> str | None:
    identifier = fields.get("id")
    if not isinstance(identifier, str):
        identifier = definition.item(NODES, place).identifier("id")
    return identifier or None


def _inner(definition: Evidence, place: int, fields: JsonObject, name: str) -> JsonObject:
    inner = fields.get(name)
    if isinstance(inner, dict):
        return inner
    if inner is not None:
        definition.item(NODES, place).object(name)
    return {}


def _keys(
    definition: Evidence,
    places: Sequence[int],
    ids: Sequence[str | None],
    identifiers: Collection[str],
) -> list[str]:
    """Return the id where it is there and the first of its kind, else `#<place in the vendor's list>`."""
    keys = [identifier for identifier in ids if identifier is not None]
    if len(identifiers) == len(ids) == len(keys):  # as nearly always: every node has an id of its own
        return keys
    taken: set[str] = set()
    keys.clear()
    for place, identifier in zip(places, ids, strict=True):
        if identifier is None or identifier in taken:
            _note_id(definition.item(NODES, place), identifier)
            key = _numbered(place, identifiers)
        else:
            key = identifier
        keys.append(key)
        taken.add(key)
    return keys


def _note_id(node: Evidence, identifier: str | None) -> None:
    if identifier is None:
        node.note(DiagnosticCode.MISSING_NODE_ID, "the node has no id", "id")
    else:
        node.note(DiagnosticCode.DUPLICATE_NODE_ID, f"another node has the id {identifier!r} too", "id")


def _numbered(place: int, identifiers: Collection[str]) -> str:
    key = f"#{place}"
    while key in identifiers:
        key += "#"
    return key


def _containers(entries: Sequence[Entry], keys: Collection[str]) -> dict[str, str]:
    """Return who lies in whom; parents that are not there, and nodes that lie in themselves, are noted."""
    parents: dict[str, str] = {}
    for entry in entries:
        parent: JsonValue = entry.fields.get(PARENT)
        if parent is None:
            continue
        if not isinstance(parent, str):
            parent = entry.evidence.identifier(PARENT)
        if parent in keys:
            parents[entry.key] = parent
        elif parent:
            message = f"the node lies in {parent!r}, which is not there"
            entry.evidence.note(DiagnosticCode.DANGLING_REFERENCE, message, PARENT)
    circular = _circular(parents)
    if not circular:
        return parents
    for entry in entries:
        if entry.key in circular:
            entry.evidence.note(DiagnosticCode.CONTRADICTION, "the node lies in itself", PARENT)
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
