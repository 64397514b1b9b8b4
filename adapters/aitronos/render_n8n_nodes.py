"""Writes one node in the n8n-like shape."""

from collections.abc import Iterable
from types import MappingProxyType
from typing import Any, Final

from adapters.aitronos.n8n_nodes import KNOWN, NOISE
from adapters.aitronos.positions import written
from adapters.aitronos.render_nodes import NodeForm, extensions_writer, set_or_drop
from adapters.rendering import Writer, set_field
from schemas.base import JsonObject
from schemas.diagnostics import Loss
from schemas.graph import CredentialReference, Node, Position, RetryPolicy

CREDENTIALS: Final = "credentials"


def _blank(node: Node) -> JsonObject:
    return {
        "id": node.id or node.key,
        "name": node.name or node.key,
        "type": node.type or node.role.value,
        "typeVersion": 1,
        "position": [0, 0],
        "parameters": {},
    }


def _write_disabled(document: JsonObject, value: Any) -> Iterable[Loss]:
    return set_or_drop("disabled")(document, value or None)


def _write_position(document: JsonObject, value: Position | None) -> Iterable[Loss]:
    return set_or_drop("position")(
        document, [written(value.x), written(value.y)] if value is not None else None
    )


def _write_retry(document: JsonObject, value: RetryPolicy | None) -> Iterable[Loss]:
    policy = value or RetryPolicy()
    wait = policy.wait_seconds
    set_or_drop("retryOnFail")(document, policy.enabled)
    set_or_drop("maxTries")(document, policy.attempts)
    return set_or_drop("waitBetweenTries")(
        document, written(round(wait * 1000, 3)) if wait is not None else None
    )


def _write_credentials(document: JsonObject, value: tuple[CredentialReference, ...]) -> Iterable[Loss]:
    native = document.get(CREDENTIALS)
    entries = native if isinstance(native, dict) else {}
    changed = {reference.type: _credential(entries.get(reference.type), reference) for reference in value}
    changed.pop(None, None)
    return set_or_drop(CREDENTIALS)(document, changed or None)


def _credential(native: object, reference: CredentialReference) -> JsonObject:
    entry = dict(native) if isinstance(native, dict) else {}
    set_or_drop("id")(entry, reference.id)
    set_or_drop("name")(entry, reference.name)
    return entry


WRITERS: Final[MappingProxyType[str, Writer]] = MappingProxyType(
    {
        "id": set_or_drop("id"),
        "name": set_or_drop("name"),
        "type": set_or_drop("type"),
        "type_version": set_or_drop("typeVersion"),
        "config": set_field("parameters"),
        "credentials": _write_credentials,
        "disabled": _write_disabled,
        "retry": _write_retry,
        "on_error": set_or_drop("onError"),
        "position": _write_position,
        "notes": set_or_drop("notes"),
        "extensions": extensions_writer(KNOWN | NOISE),
    }
)

FORM: Final = NodeForm(address="name", writers=WRITERS, blank=_blank)
