"""v2 data edges. Values do not travel on v2's edges: a node names what it needs inside its own configuration."""

import re
from collections.abc import Collection, Iterator
from operator import itemgetter
from typing import Final, NamedTuple

from adapters.noxus.edges import endpoint
from adapters.noxus.entries import BINDINGS, CONFIG, Entries, Entry
from adapters.noxus.ports import VARIABLE_KEYS, split_field
from schemas.base import JsonObject, JsonValue
from schemas.diagnostics import DiagnosticCode
from schemas.drafts import EdgeDraft
from schemas.graph import EdgeKind

VARIABLE_START: Final = ":var["
VARIABLE_KIND: Final = ":var"
"""The native kind of an edge read from a token; of one read from a binding it is the field's name."""

_TOKEN: Final = re.compile(r":var\[((?:[^\[\]]|\[[^\[\]]*+\])*+)\]")
"""`:var[<node>.<output>]`; an output may hold brackets of its own, as in `rows[0]`."""


class Use(NamedTuple):
    """One place where a node names another node's output."""

    reference: str
    """`<node>.<output>`, as written."""
    path: tuple[str | int, ...]
    """From the node's object to the text; the second part is the field that takes the value."""


def read_references(entries: Entries) -> Iterator[EdgeDraft]:
    """Yield one edge for each output that a field of a node names.

    In the order of nodes, then of the fields' names: the order of JSON keys means nothing.
    """
    for entry in entries.all:
        uses = dict.fromkeys((*_bindings(entry), *_tokens(entry)))
        for use in uses:
            if use.reference:
                yield _edge(entry, use, entries.keys)


def _bindings(entry: Entry) -> Iterator[Use]:
    for field, value in sorted(entry.bindings.items(), key=itemgetter(0)):
        if not isinstance(value, str):
            message = "the binding is no text"
            entry.evidence.note(DiagnosticCode.UNREADABLE_PART, message, BINDINGS, field)
        elif VARIABLE_START in value:
            yield from _found(value, (BINDINGS, field))
        else:
            yield Use(value.strip(), (BINDINGS, field))


def _tokens(entry: Entry) -> Iterator[Use]:
    """Yield every token in the texts of a configuration, however deep."""
    if not _holds_token(entry.config):
        return
    waiting: list[tuple[tuple[str | int, ...], JsonValue]] = [((CONFIG,), entry.config)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, str):
            if VARIABLE_START in value:
                yield from _found(value, path)
        elif isinstance(value, dict | list):
            waiting.extend(reversed([((*path, step), inner) for step, inner in _steps(value)]))


def _holds_token(config: JsonObject) -> bool:
    """Say whether there is any token: most configurations have none, and need no sorting and no paths."""
    waiting: list[JsonValue] = [config]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            if VARIABLE_START in value:
                return True
        elif isinstance(value, dict | list):
            waiting.extend(value.values() if isinstance(value, dict) else value)
    return False


def _steps(value: JsonValue) -> Iterator[tuple[str | int, JsonValue]]:
    if isinstance(value, list):
        return enumerate(value)
    return (
        (name, inner) for name, inner in sorted(value.items(), key=itemgetter(0)) if name != VARIABLE_KEYS
    )


def _found(text: str, path: tuple[str | int, ...]) -> Iterator[Use]:
    return (Use(match.group(1).strip(), path) for match in _TOKEN.finditer(text))


def _edge(entry: Entry, use: Use, keys: Collection[str]) -> EdgeDraft:
    source, output = _resolved(use.reference, keys)
    exists = source in keys
    if not exists:
        message = f"{use.reference!r} names a node that is not there"
        entry.evidence.note(DiagnosticCode.DANGLING_REFERENCE, message, *use.path)
    place, field, *inside = use.path
    port, key = split_field(str(field), entry.config)
    return {
        "kind": EdgeKind.DATA,
        "source": endpoint(source, output, None, exists=exists),
        "target": endpoint(entry.key, port, key or "/".join(map(str, inside)) or None, exists=True),
        "native_kind": BINDINGS if place == BINDINGS else VARIABLE_KIND,
        "derived": True,
        "extensions": {},
    }


def _resolved(reference: str, keys: Collection[str]) -> tuple[str, str | None]:
    """Return node and output. Either may hold dots: keys that are there decide, else the first dot."""
    node, _, output = reference.partition(".")
    if node not in keys:
        longest, _, rest = reference.rpartition(".")
        if longest in keys:
            return longest, rest or None
        if reference in keys:
            return reference, None
    return node, output or None
