"""Connectors as ports. Variable connectors hold several named values: one port for each key."""

from collections.abc import Iterable, Iterator, Sequence
from operator import itemgetter
from typing import Final

from adapters.evidence import Evidence
from adapters.noxus.entries import Entry
from schemas.base import JsonObject, JsonValue
from schemas.diagnostics import DiagnosticCode
from schemas.drafts import PortDraft
from schemas.graph import PortDirection

SIDES: Final = (("inputs", PortDirection.INPUT), ("outputs", PortDirection.OUTPUT))

ONE_VALUE: Final = (None,)
"""The keys of a connector that holds one value without a key."""

VARIABLE_KEYS: Final = "__var_keys"
"""The field of a v2 node's configuration that lists the keys of its variable connectors: `{connector: [key]}`."""

VARIABLE_OUTPUTS: Final = "outputs"
"""The variable connector that gives values rather than takes them, by the vendor's habit."""

KEY_SEPARATOR: Final = "__"
"""Between connector and key in the name of a v2 field."""

CATALOGUE: Final = "connector_config"
"""What a node repeats of its type's catalogue entry about its connectors."""

LIST_SUFFIX: Final = "[]"
"""Marks a connector's data type as a list of it."""


Oddity = tuple[str, tuple[str | int, ...]]
"""A message about a list of connectors, and the way from the list to where it is odd."""


def read_ports(entry: Entry) -> Sequence[PortDraft]:
    """Return the ports of a node: v1 connectors, or the v2 keys and bound fields."""
    ports = _connector_ports(entry)
    if entry.bindings or VARIABLE_KEYS in entry.config:
        ports.extend(_variable_ports(entry))
    return ports


def split_field(field: str, config: JsonObject) -> tuple[str, str | None]:
    """Return connector and key of a v2 field; only declared connectors are split off."""
    declared = config.get(VARIABLE_KEYS)
    connector, separator, key = field.partition(KEY_SEPARATOR)
    if separator and key and isinstance(declared, dict) and connector in declared:
        return connector, key
    return field, None


def _connector_ports(entry: Entry) -> list[PortDraft]:
    """Return the connectors of the catalogue's copy, then those that only the node's own short lists name."""
    fields = entry.fields
    catalogue = fields.get(CATALOGUE)
    holders: tuple[JsonObject, ...] = (fields,)
    if isinstance(catalogue, dict):
        holders = (catalogue, fields)
    elif catalogue is not None:
        entry.evidence.object(CATALOGUE)
    ports: list[PortDraft] = []
    for side, direction in SIDES:
        named: set[str] = set()
        for holder in holders:
            connectors = holder.get(side)
            if not connectors and isinstance(connectors, list):
                continue
            if isinstance(connectors, list):
                if odd := _add_ports(ports, connectors, direction, named):
                    _note(_evidence(entry, holder), side, odd)
            elif connectors is not None:
                _evidence(entry, holder).array(side)
    return ports


def _add_ports(
    ports: list[PortDraft], connectors: Sequence[JsonValue], direction: PortDirection, named: set[str]
) -> list[Oddity]:
    """Add the ports of connectors whose names are new, and return what could not be read."""
    odd: list[Oddity] = []
    for index, connector in enumerate(connectors):
        name = connector.get("name") if isinstance(connector, dict) else None
        if not isinstance(name, str):
            odd.append(("the connector has no name", (index,)))
        elif name not in named:
            named.add(name)
            if not connector.get("keys"):
                ports.append(_port(connector, name, None, direction))
            else:
                texts = _texts(connector["keys"])
                ports += _keyed_ports(connector, name, texts, direction)
                if texts != connector["keys"]:
                    odd.append(("the connector's keys are not all texts", (index, "keys")))
    return odd


def _texts(keys: JsonValue) -> list[str]:
    return [key for key in keys if isinstance(key, str)] if isinstance(keys, list) else []


def _keyed_ports(
    connector: JsonObject, name: str, keys: Iterable[str], direction: PortDirection
) -> list[PortDraft]:
    """Return the ports of a variable connector, or the only one when it has no key that can be read."""
    wanted = dict.fromkeys(keys) or ONE_VALUE
    return [_port(connector, name, key, direction) for key in wanted]


def _note(holder: Evidence, side: str, odd: Iterable[Oddity]) -> None:
    for message, parts in odd:
        holder.note(DiagnosticCode.UNREADABLE_PART, message, side, *parts)


def _evidence(entry: Entry, holder: JsonObject) -> Evidence:
    """Return the evidence of the node, or of its copy of the catalogue."""
    node = entry.evidence
    return node if holder is entry.fields else Evidence(holder, node.findings, node, CATALOGUE)


def _port(connector: JsonObject, name: str, key: str | None, direction: PortDirection) -> PortDraft:
    kind, optional = connector.get("type"), connector.get("optional")
    types = connector.get("type_definitions") if key is not None else None
    own = types.get(key) if isinstance(types, dict) else None
    word = data_type(own or connector.get("definition"))
    port: PortDraft = {"direction": direction, "name": name}
    if key is not None:
        port["key"] = key
    if isinstance(kind, str):
        port["native_kind"] = kind
    if word is not None:
        port["data_type"] = word
    if isinstance(optional, bool):
        port["required"] = not optional
    return port


def data_type(definition: JsonValue) -> str | None:
    """Return the type of a `{data_type, is_list}` definition, lists marked as in `str[]`."""
    word = definition.get("data_type") if isinstance(definition, dict) else None
    if not isinstance(word, str):
        return None
    return word + LIST_SUFFIX if definition.get("is_list") is True else word


def _variable_ports(entry: Entry) -> list[PortDraft]:
    places = {
        (connector, key): PortDirection.OUTPUT if connector == VARIABLE_OUTPUTS else PortDirection.INPUT
        for connector, key in _declared_keys(entry.config)
    }
    for field in sorted(entry.bindings):
        places.setdefault(split_field(field, entry.config), PortDirection.INPUT)
    return [_variable_port(name, key, direction) for (name, key), direction in places.items()]


def _variable_port(name: str, key: str | None, direction: PortDirection) -> PortDraft:
    port: PortDraft = {"direction": direction, "name": name}
    if key is not None:
        port["key"] = key
    return port


def _declared_keys(config: JsonObject) -> Iterator[tuple[str, str | None]]:
    declared = config.get(VARIABLE_KEYS)
    for connector, keys in sorted(declared.items(), key=itemgetter(0)) if isinstance(declared, dict) else ():
        for key in keys if isinstance(keys, list) else ():
            if isinstance(key, str):
                yield connector, key
