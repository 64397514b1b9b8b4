"""Reads the error bodies of Aitronos: its own envelope, and FastAPI's list of faults that may stand in for it."""

from typing import Final

from adapters.errors import FieldFault, VendorMessage
from schemas.base import JsonObject, JsonValue

FAULT_LISTS: Final = ("errors", "fields")
"""Where the open `details` object of the envelope may hold a list of faults."""


def read_error(body: JsonValue) -> VendorMessage:
    """Return what an error body says; an empty message for a body of no shape we know. Never raises.

    Known are `{success, error: {code, message, system_message, type, status, trace_id, timestamp, details}}` and
    `{detail: [{loc, msg, type}]}`, where `detail` may be a text.
    """
    if not isinstance(body, dict):
        return VendorMessage()
    envelope = body.get("error")
    if isinstance(envelope, dict):
        return _read_envelope(envelope)
    detail = body.get("detail")
    faults = _faults(detail)
    message = _text(detail) or _text(envelope) or _text(body.get("message"))
    return VendorMessage(message=message or _summary(faults), code=_text(body.get("code")), faults=faults)


def _read_envelope(envelope: JsonObject) -> VendorMessage:
    message = _text(envelope.get("message")) or _text(envelope.get("system_message"))
    return VendorMessage(
        message=message,
        code=_text(envelope.get("code")),
        faults=_detail_faults(envelope.get("details"), message or ""),
        request_id=_text(envelope.get("trace_id")),
    )


def _detail_faults(details: JsonValue, message: str) -> tuple[FieldFault, ...]:
    if not isinstance(details, dict):
        return _faults(details)
    field = _text(details.get("field"))
    if field is not None:
        return (FieldFault(path=field, message=message),)
    return tuple(fault for name in FAULT_LISTS for fault in _faults(details.get(name)))


def _faults(values: JsonValue) -> tuple[FieldFault, ...]:
    if not isinstance(values, list):
        return ()
    return tuple(_fault(value) for value in values if isinstance(value, dict))


def _fault(value: JsonObject) -> FieldFault:
    location = value.get("loc")
    if isinstance(location, list):
        path = "/".join(str(part) for part in location if isinstance(part, str | int))
    else:
        path = _text(value.get("field")) or ""
    return FieldFault(path=path, message=_text(value.get("msg")) or _text(value.get("message")) or "")


def _summary(faults: tuple[FieldFault, ...]) -> str | None:
    return "; ".join(f"{fault.path}: {fault.message}" for fault in faults[:3]) or None


def _text(value: JsonValue) -> str | None:
    return value if isinstance(value, str) and value else None
