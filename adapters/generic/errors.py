"""Reads error answers by the places of a description. Never raises."""

from collections.abc import Callable

from adapters.errors import FieldFault, VendorMessage
from adapters.generic.description import ErrorPlaces
from adapters.generic.expressions import Expression
from schemas.base import JsonValue


def error_reader(places: ErrorPlaces) -> Callable[[JsonValue], VendorMessage]:
    """Return the function that reads an error answer's JSON."""

    def read(body: JsonValue) -> VendorMessage:
        faults = _faults(body, places)
        joined = "; ".join(fault.message for fault in faults) or None
        return VendorMessage(
            message=_text(body, places.message) or joined,
            code=_text(body, places.code),
            faults=faults,
            request_id=_text(body, places.request_id),
        )

    return read


def _text(body: JsonValue, where: Expression | None) -> str | None:
    found = None if where is None else where.find(body)
    return found.strip() or None if isinstance(found, str) else None


def _faults(body: JsonValue, places: ErrorPlaces) -> tuple[FieldFault, ...]:
    found = None if places.faults is None else places.faults.find(body)
    return tuple(
        FieldFault(_path(places.fault_path.find(item)), _text(item, places.fault_message) or "invalid")
        for item in (found if isinstance(found, list) else ())
        if isinstance(item, dict)
    )


def _path(location: JsonValue) -> str:
    parts = location if isinstance(location, list) else [location]
    return "/".join(str(part) for part in parts if isinstance(part, str | int))
