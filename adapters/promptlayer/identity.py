"""Where a PromptLayer document keeps a workflow's id, name and version number.

The detail answer documents `workflow_id`, `workflow_name` and `version`, yet its own example has `version_number`,
listings have `id` and `name`, and the vendor's Python SDK reads `workflow.id`: each fact has several places.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple, TypeVar

from adapters.evidence import Evidence
from schemas.base import JsonObject, JsonValue
from schemas.diagnostics import DiagnosticCode, Severity

Value = TypeVar("Value", str, int)

WRAPPER: Final = "workflow"
"""The object that some answers put beside, or instead of, the documented fields."""


class Place(NamedTuple):
    """A field at the top of the document, or inside its wrapper."""

    field: str
    wrapped: bool = False

    @property
    def parts(self) -> tuple[str, ...]:
        """Return the way to the field."""
        return (WRAPPER, self.field) if self.wrapped else (self.field,)


ID_PLACES: Final = (Place("workflow_id"), Place("id", wrapped=True), Place("id"))
NAME_PLACES: Final = (Place("workflow_name"), Place("name", wrapped=True), Place("name"))
NUMBER_PLACES: Final = (Place("version"), Place("version_number"))

ITEM_ID_PLACES: Final = (Place("id"), Place("workflow_id"))
ITEM_NAME_PLACES: Final = (Place("name"), Place("workflow_name"))

WRAPPED_FIELDS: Final = ("id", "name", "workspace_id", "is_deleted")
"""The wrapper's fields with a canonical place."""


@dataclass(frozen=True, slots=True)
class Source:
    """A document and its wrapper, where it has one."""

    document: Evidence
    wrapper: Evidence | None = None

    @classmethod
    def of(cls, document: Evidence) -> "Source":
        """Return the document with its wrapper looked up."""
        return cls(document, document.object(WRAPPER))

    def first(self, places: tuple[Place, ...], read: Callable[[Evidence, str], Value | None]) -> Value | None:
        """Return the value at the first place that has one; note other places and disagreement."""
        found: Value | None = None
        for place in places:
            holder = self.wrapper if place.wrapped else self.document
            value = None if holder is None else read(holder, place.field)
            if value is None:
                continue
            if found is None:
                found = value
                self._note_alternative(places[0], place)
            elif value != found:
                message = f"{place.field} disagrees with {places[0].field}"
                self.document.note(DiagnosticCode.CONTRADICTION, message, *place.parts)
        if found is None:
            self.document.raw(places[0].field, required=True)
        return found

    def either(self, field: str) -> Evidence:
        """Return the wrapper when only it has the field, else the document."""
        if self.wrapper is not None and self.wrapper.has(field) and not self.document.has(field):
            return self.wrapper
        return self.document

    def _note_alternative(self, documented: Place, place: Place) -> None:
        if place != documented:
            message = f"{documented.field} is not there; read from {'.'.join(place.parts)}"
            self.document.note(DiagnosticCode.CONTRADICTION, message, *place.parts, severity=Severity.INFO)


def read_id(holder: Evidence, field: str) -> str | None:
    """Return an id as text: documented as an integer; a text is kept and noted."""
    value = holder.fields.get(field)
    if isinstance(value, str) and value:
        message = f"{field} is a text, not an integer; kept as it is"
        holder.note(DiagnosticCode.WRONG_TYPE, message, field)
        return value
    number = holder.integer(field)
    return None if number is None else str(number)


def read_text(holder: Evidence, field: str) -> str | None:
    """Return a text."""
    return holder.text(field)


def read_integer(holder: Evidence, field: str) -> int | None:
    """Return an integer."""
    return holder.integer(field)


def write_places(document: JsonObject, places: tuple[Place, ...], value: JsonValue) -> None:
    """Put the value at every place that the document has, or at the documented one."""
    wrapper = document.get(WRAPPER)
    written = False
    for place in places:
        if place.wrapped and isinstance(wrapper, dict) and wrapper.get(place.field) is not None:
            document[WRAPPER] = {**wrapper, place.field: value}
            written = True
        elif not place.wrapped and document.get(place.field) is not None:
            document[place.field] = value
            written = True
    if not written:
        document[places[0].field] = value
