"""One node of the n8n-like shape."""

from typing import Any, Final

from adapters.aitronos.configuration import models_in, subworkflow_in
from adapters.aitronos.content import VENDOR_NAME
from adapters.aitronos.n8n_branches import read_branches
from adapters.aitronos.positions import read_position
from adapters.aitronos.roles import plain_type, role_of
from adapters.evidence import Evidence
from schemas.base import JsonObject
from schemas.graph import CredentialReference, Node, Port, PortDirection, Position, RetryPolicy

COMMON: Final = frozenset({"id", "name", "type", "typeVersion", "position", "parameters"})
"""The fields that every node has."""

RARE: Final = frozenset(
    {"credentials", "disabled", "notes", "onError", "retryOnFail", "maxTries", "waitBetweenTries"}
)

KNOWN: Final = COMMON | RARE
"""The fields of a node with a canonical place."""

NOISE: Final = frozenset({"notesInFlow", "color"})
"""How the editor draws a node."""


def read_node(fields: Evidence, key: str, connected: JsonObject) -> Node:
    """Return the node with its key; `connected` is what `connections` holds under its name."""
    parameters = fields.object("parameters") or Evidence({}, fields.findings)
    config = parameters.fields
    node_type = fields.text("type", required=True)
    plain = plain_type(node_type)
    role = role_of(plain)
    type_version = fields.fields.get("typeVersion")
    return Node(
        key=key,
        id=fields.identifier("id"),
        name=fields.text("name"),
        role=role,
        type=node_type,
        type_version=type_version,
        config=config,
        ports=_ports(connected),
        branches=read_branches(plain, parameters, type_version),
        models=models_in(role, config),
        subworkflow=subworkflow_in(role, config),
        position=_position(fields),
        **(_rare_fields(fields) if not COMMON.issuperset(fields.fields) else {}),
    )


def _rare_fields(fields: Evidence) -> dict[str, Any]:
    """Return what most nodes do not have."""
    return {
        "credentials": _credentials(fields),
        "disabled": fields.boolean("disabled") or False,
        "retry": _retry(fields),
        "on_error": fields.text("onError"),
        "notes": fields.text("notes"),
        "extensions": _extensions(fields.fields),
    }


def _ports(connected: JsonObject) -> tuple[Port, ...]:
    """Return one port for every slot, so that unused slots before, between and after used ones survive."""
    return tuple(
        Port(direction=PortDirection.OUTPUT, name=kind, index=index, native_kind=kind)
        for kind, slots in connected.items()
        if isinstance(slots, list)
        for index in range(len(slots))
    )


def _credentials(fields: Evidence) -> tuple[CredentialReference, ...]:
    credentials = fields.object("credentials")
    if credentials is None:
        return ()
    return tuple(_credential(credentials, name) for name in credentials.fields)


def _credential(credentials: Evidence, name: str) -> CredentialReference:
    value = credentials.fields[name]
    if value is None or isinstance(value, str):
        return CredentialReference(type=name, name=value)
    reference = credentials.object(name)
    if reference is None:
        return CredentialReference(type=name)
    return CredentialReference(type=name, id=reference.identifier("id"), name=reference.text("name"))


def _retry(fields: Evidence) -> RetryPolicy | None:
    enabled = fields.boolean("retryOnFail")
    attempts = fields.integer("maxTries")
    milliseconds = fields.number("waitBetweenTries")
    if enabled is None and attempts is None and milliseconds is None:
        return None
    wait = milliseconds / 1000 if milliseconds is not None else None
    return RetryPolicy(enabled=enabled, attempts=attempts, wait_seconds=wait)


def _position(fields: Evidence) -> Position | None:
    value = fields.fields.get("position")
    if value is None:
        return None
    x, y = value if isinstance(value, list) and len(value) == 2 else (None, None)
    return read_position(fields, x, y)


def _extensions(fields: JsonObject) -> dict[str, JsonObject]:
    rest = {name: value for name, value in fields.items() if name not in KNOWN and name not in NOISE}
    return {VENDOR_NAME: rest} if rest else {}
