"""Writes ports as v1 connectors; what the catalogue said about a connector that stays is kept."""

from collections.abc import Iterable
from typing import Any, Final

from adapters.noxus.ports import LIST_SUFFIX, SIDES, data_type
from adapters.noxus.rewriting import owned
from schemas.base import JsonObject, JsonValue
from schemas.graph import Port

PLAIN_KIND: Final = "connector"
KEYED_KIND: Final = "variable_connector"


def write_ports(native: JsonObject, ports: tuple[Port, ...]) -> None:
    """Write both sides of a node's ports."""
    catalogue = owned(native, "connector_config")
    for side, direction in SIDES:
        named = _by_name(port for port in ports if port.direction is direction)
        old_connectors, old_entries = _known(catalogue.get(side)), _known(native.get(side))
        catalogue[side] = [_connector(name, group, old_connectors.get(name)) for name, group in named.items()]
        native[side] = [
            old_entries.get(name) or {"node_id": native.get("id"), "name": name, "type": _kind(group)}
            for name, group in named.items()
        ]


def _by_name(ports: Iterable[Port]) -> dict[str, list[Port]]:
    named: dict[str, list[Port]] = {}
    for port in ports:
        if port.name is not None:
            named.setdefault(port.name, []).append(port)
    return named


def _known(entries: JsonValue) -> dict[str, JsonObject]:
    items = entries if isinstance(entries, list) else []
    return {
        item["name"]: item for item in items if isinstance(item, dict) and isinstance(item.get("name"), str)
    }


def _connector(name: str, group: list[Port], old: JsonObject | None) -> JsonObject:
    first = group[0]
    connector: JsonObject = dict(old) if old is not None else {"name": name}
    if connector.get("type") != _kind(group):
        connector["type"] = _kind(group)
    if first.required is not None and connector.get("optional") is not (not first.required):
        connector["optional"] = not first.required
    keys = [port.key for port in group if port.key is not None]
    if keys or "keys" in connector:
        _write_keys(connector, keys, group)
    elif first.data_type is not None and data_type(connector.get("definition")) != first.data_type:
        connector["definition"] = _definition(first.data_type)
    return connector


def _write_keys(connector: JsonObject, keys: list[str], group: list[Port]) -> None:
    connector["keys"] = keys
    old: Any = connector.get("type_definitions")
    types: dict[str, Any] = old if isinstance(old, dict) else {}
    typed = {port.key: port.data_type for port in group if port.key is not None and port.data_type}
    connector["type_definitions"] = {
        key: types[key] if data_type(types.get(key)) == word else _definition(word)
        for key, word in typed.items()
    }


def _definition(word: str) -> JsonObject:
    return {"data_type": word.removesuffix(LIST_SUFFIX), "is_list": word.endswith(LIST_SUFFIX)}


def _kind(group: list[Port]) -> str:
    keyed = any(port.key is not None for port in group)
    return group[0].native_kind or (KEYED_KIND if keyed else PLAIN_KIND)
