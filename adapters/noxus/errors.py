"""Reads Noxus's error bodies: FastAPI's `detail`, and the `message` and `error` that its SDK also looks for."""

from typing import Any, Final

from adapters.errors import FieldFault, VendorMessage
from schemas.base import JsonValue

MESSAGE_FIELDS: Final = ("detail", "message", "error", "msg")
"""Where a message may stand, in the order the vendor's SDK tries the first three."""


def read_error(body: JsonValue) -> VendorMessage:
    """Return what an error body says; never raises, whatever the JSON is.

    Noxus documents no machine codes; a `code` is passed on where one is there.
    """
    if isinstance(body, str):
        return VendorMessage(message=_text(body))
    if not isinstance(body, dict):
        return VendorMessage()
    faults = _faults(body.get("detail"))
    return VendorMessage(
        message=_joined(faults) or _message(body),
        code=_code(body),
        faults=faults,
        request_id=_text(body.get("request_id")),
    )


def _message(body: dict[str, Any]) -> str | None:
    for name in MESSAGE_FIELDS:
        value = body.get(name)
        found = _inner(value) if isinstance(value, dict) else _text(value)
        if found:
            return found
    return None


def _inner(value: dict[str, Any]) -> str | None:
    return next((found for name in MESSAGE_FIELDS if (found := _text(value.get(name)))), None)


def _code(body: dict[str, Any]) -> str | None:
    nested = (body.get(name) for name in ("detail", "error"))
    holders = (body, *(value for value in nested if isinstance(value, dict)))
    return next((found for holder in holders if (found := _text(holder.get("code")))), None)


def _faults(detail: JsonValue) -> tuple[FieldFault, ...]:
    """Return FastAPI's list of faults: `[{loc: [part, ...], msg, type}]`."""
    if not isinstance(detail, list):
        return ()
    return tuple(
        FieldFault(path=_path(item.get("loc")), message=_inner(item) or "invalid")
        for item in detail
        if isinstance(item, dict)
    )


def _path(location: JsonValue) -> str:
    parts = location if isinstance(location, list) else [location]
    return "/".join(str(part) for part in parts if isinstance(part, str | int))


def _joined(faults: tuple[FieldFault, ...]) -> str | None:
    return "; ".join(fault.message for fault in faults) or None


def _text(value: JsonValue) -> str | None:
    return value.strip() or None if isinstance(value, str) else None
