"""Connectors as ports. Variable connectors hold several named values: one port for each key."""

from collections.abc import Iterator, Sequence
from operator import itemgetter
from typing import Final

from adapters.evidence import Evidence
from adapters.noxus.entries import Entry
from schemas.base import JsonObject, JsonValue
from schemas.diagnostics import DiagnosticCode
from schemas.graph import Port, PortDirection

SIDES: Final = (("inputs", PortDirection.INPUT), ("outputs", PortDirection.OUTPUT))

ONE_VALUE: Final = (None,)
"""The keys of a connector that holds one value without a key."""

VARIABLE_KEYS: Final = "__var_keys"
"""The field of a v2 node's configuration that lists the keys of its variable connectors: `{connector: [key]}`."""

VARIABLE_OUTPUTS: Final = "outputs"
"""The variable connector that gives values rather than takes them, by the vendor's habit."""

KEY_SEPARATOR: Final = "__"
"""Between connector and key in the name of a v2 field."""

LIST_SUFFIX: Final = "[]"
"""Marks a connector's data type as a list of it."""


def read_ports(entry: Entry) -> tuple[Port, ...]:
    """Return the ports of a node: v1 connectors, or the v2 keys and bound fields."""
    return (*_connector_ports(entry.node), *_variable_ports(entry))


def split_field(field: str, config: JsonObject) -> tuple[str, str | None]:
    """Return connector and key of a v2 field; only declared connectors are split off."""
    declared = config.get(VARIABLE_KEYS)
    connector, separator, key = field.partition(KEY_SEPARATOR)
    if separator and key and isinstance(declared, dict) and connector in declared:
        return connector, key
    return field, None


def _connector_ports(node: Evidence) -> Iterator[Port]:
    """Yield the connectors of the catalogue's copy, then those that only the node's own short lists name."""
    catalogue = node.object("connector_config")
    for side, direction in SIDES:
        known: set[str] = set()
        for holder in (node,) if catalogue is None else (catalogue, node):
            for index, connector in enumerate(holder.array(side)):
                name = connector.get("name") if isinstance(connector, dict) else None
                if not isinstance(name, str):
                    holder.note(DiagnosticCode.UNREADABLE_PART, "the connector has no name", side, index)
                elif name not in known:
                    known.add(name)
                    yield from _ports(connector, direction, _keys(holder, connector, side, index))


def _keys(holder: Evidence, connector: JsonObject, *path: str | int) -> Sequence[str | None]:
    """Return the keys of a variable connector; a lone None for a connector that holds one value."""
    keys = connector.get("keys")
    if not keys:
        return ONE_VALUE
    texts = [key for key in keys if isinstance(key, str)] if isinstance(keys, list) else []
    if texts != keys:
        holder.note(DiagnosticCode.UNREADABLE_PART, "the connector's keys are not all texts", *path, "keys")
    return list(dict.fromkeys(texts)) or ONE_VALUE


def _ports(connector: JsonObject, direction: PortDirection, keys: Sequence[str | None]) -> Iterator[Port]:
    kind, optional, types = (connector.get(name) for name in ("type", "optional", "type_definitions"))
    for key in keys:
        own = types.get(key) if isinstance(types, dict) else None
        yield Port(
            direction=direction,
            name=connector["name"],
            key=key,
            native_kind=kind if isinstance(kind, str) else None,
            data_type=data_type(own or connector.get("definition")),
            required=not optional if isinstance(optional, bool) else None,
        )


def data_type(definition: JsonValue) -> str | None:
    """Return the type of a `{data_type, is_list}` definition, lists marked as in `str[]`."""
    if not isinstance(definition, dict) or not isinstance(definition.get("data_type"), str):
        return None
    word: str = definition["data_type"]
    return word + LIST_SUFFIX if definition.get("is_list") is True else word


def _variable_ports(entry: Entry) -> Iterator[Port]:
    config = entry.config.fields
    places = {
        (connector, key): PortDirection.OUTPUT if connector == VARIABLE_OUTPUTS else PortDirection.INPUT
        for connector, key in _declared_keys(config)
    }
    for field in sorted(entry.bindings.fields):
        places.setdefault(split_field(field, config), PortDirection.INPUT)
    return (Port(direction=direction, name=name, key=key) for (name, key), direction in places.items())


def _declared_keys(config: JsonObject) -> Iterator[tuple[str, str | None]]:
    declared = config.get(VARIABLE_KEYS)
    for connector, keys in sorted(declared.items(), key=itemgetter(0)) if isinstance(declared, dict) else ():
        for key in keys if isinstance(keys, list) else ():
            if isinstance(key, str):
                yield connector, key
