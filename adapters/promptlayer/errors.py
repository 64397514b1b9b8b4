"""PromptLayer's error bodies, and answers that claim success by their status only.

Documented shapes: `{success, message}`, `{success, error}` on legacy endpoints, FastAPI's
`{detail: [{loc, msg, type}]}` for 422. There are neither error codes nor request ids.
"""

from adapters.errors import FieldFault, VendorMessage, VendorSurprise
from schemas.base import JsonObject, JsonValue


def read_error(body: JsonValue) -> VendorMessage:
    """Return what an error body says, whatever its shape. Never raises."""
    if isinstance(body, str):
        return VendorMessage(message=body or None)
    if not isinstance(body, dict):
        return VendorMessage()
    faults = _faults(body.get("detail"))
    message, error = _text(body.get("message")), _text(body.get("error"))
    said = message or error or _text(body.get("detail")) or "; ".join(fault.message for fault in faults)
    return VendorMessage(message=said or None, code=error if message else None, faults=faults)


def expect_object(document: JsonValue, status: int | None = None) -> JsonObject:
    """Return the document when it is a JSON object that does not say it failed.

    Raises:
        VendorSurprise: it is another JSON value, or `success` is false although the status was a success.
    """
    if not isinstance(document, dict):
        raise VendorSurprise("the answer is not a JSON object", status=status)
    if document.get("success") is False:
        said = read_error(document)
        plain = "the answer says it failed"
        message = f"{plain}: {said.message or 'no reason given'}"
        raise VendorSurprise(message, status=status, said=said, plain=plain)
    return document


def _faults(detail: JsonValue) -> tuple[FieldFault, ...]:
    if not isinstance(detail, list):
        return ()
    return tuple(_fault(item) for item in detail if isinstance(item, dict))


def _fault(item: JsonObject) -> FieldFault:
    where = item.get("loc")
    parts = where if isinstance(where, list) else ()
    path = "/".join(str(part) for part in parts if isinstance(part, str | int))
    return FieldFault(path=path, message=_text(item.get("msg")) or _text(item.get("type")) or "refused")


def _text(value: JsonValue) -> str | None:
    return value if isinstance(value, str) and value else None
