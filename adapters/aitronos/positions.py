"""Where nodes are drawn."""

import math
from typing import Final

from adapters.evidence import Evidence
from schemas.base import JsonValue
from schemas.diagnostics import DiagnosticCode
from schemas.drafts import PositionDraft

NUMBERS: Final = frozenset({int, float})


def position_of(x: JsonValue, y: JsonValue) -> PositionDraft | None:
    """Return the position made of two coordinates; None when one is no number, or none that a float holds."""
    if type(x) not in NUMBERS or type(y) not in NUMBERS:
        return None
    try:
        return {"x": float(x), "y": float(y)}
    except OverflowError:
        return None


def position_in(drawn: JsonValue) -> PositionDraft | None:
    """Return the same of a pair of coordinates; None for whatever else stands there."""
    return position_of(*drawn) if isinstance(drawn, list) and len(drawn) == 2 else None


def note_odd_position(node: Evidence) -> None:
    """Say of a node that its position is left out."""
    node.note(DiagnosticCode.WRONG_TYPE, "position is not a pair of numbers; left out", "position")


def written(number: float) -> int | float:
    """Return a number as editors write it: whole ones without a fraction; 0 for what JSON cannot hold."""
    if not math.isfinite(number):
        return 0
    return int(number) if number.is_integer() else number
