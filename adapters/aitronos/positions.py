"""Where nodes are drawn."""

import math

from adapters.evidence import Evidence
from schemas.base import JsonValue
from schemas.diagnostics import DiagnosticCode
from schemas.graph import Position


def read_position(fields: Evidence, x: JsonValue, y: JsonValue) -> Position | None:
    """Return the position made of two coordinates; None, and a diagnostic, when one is no number."""
    across, down = _coordinate(x), _coordinate(y)
    if across is None or down is None:
        fields.note(DiagnosticCode.WRONG_TYPE, "position is not a pair of numbers; left out", "position")
        return None
    return Position(x=across, y=down)


def written(number: float) -> int | float:
    """Return a number as editors write it: whole ones without a fraction; 0 for what JSON cannot hold."""
    if not math.isfinite(number):
        return 0
    return int(number) if number.is_integer() else number


def _coordinate(value: JsonValue) -> float | None:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    try:
        return float(value)
    except OverflowError:
        return None
