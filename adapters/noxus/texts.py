"""The three forms in which Noxus gives a text: plain, `{text}`, or a list of `{text, definition}`."""

from typing import Any, Final

from adapters.evidence import Evidence
from schemas.base import JsonObject, JsonValue
from schemas.diagnostics import DiagnosticCode

EMPTY_RICH_TEXT: Final = (("type", "doc"), ("content", ()))
"""The rich text document without content that the vendor itself puts beside a plain text."""


def read_text(holder: Evidence, name: str) -> str | None:
    """Return the text of a field in any of its forms; parts of a list are joined as the vendor's SDK does."""
    value = holder.fields.get(name)
    if value is None or isinstance(value, str):
        return value or None
    if isinstance(value, dict):
        return _part(holder, value, name) or None
    if isinstance(value, list):
        return "".join(_part(holder, part, name, index) for index, part in enumerate(value)) or None
    return holder.text(name)


def write_text(holder: JsonObject, name: str, value: str | None) -> None:
    """Put a text in the form that the field has; rich formatting of the old text goes with the old text."""
    old = holder.get(name)
    if value is None or old is None or isinstance(old, str):
        holder[name] = value
    elif isinstance(old, dict):
        holder[name] = _with_text(old, value)
    else:
        first: JsonValue = old[0] if isinstance(old, list) and old else {"definition": None}
        holder[name] = [_with_text(first if isinstance(first, dict) else {}, value)]


def _part(holder: Evidence, part: JsonValue, *path: str | int) -> str:
    text = part.get("text") if isinstance(part, dict) else part
    if isinstance(text, str):
        return text
    if text is not None:
        holder.note(DiagnosticCode.UNREADABLE_PART, "a part of the text has no text; left out", *path)
    return ""


def _with_text(old: JsonObject, value: str) -> JsonObject:
    changed: dict[str, Any] = {**old, "text": value}
    if "definition" in old:
        changed["definition"] = {
            key: list(part) if key == "content" else part for key, part in EMPTY_RICH_TEXT
        }
    return changed
