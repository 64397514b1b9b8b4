"""The base of every canonical model, and the names for exact JSON and for times."""

from datetime import UTC, datetime
from typing import Annotated, Any, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from typing_extensions import override

from schemas.docstrings import sentences

JsonValue: TypeAlias = Any
"""Any JSON value, kept exactly: None, bool, int, float, str, list or dict with string keys."""

JsonObject: TypeAlias = dict[str, Any]
"""A JSON object, kept exactly."""


def to_utc(moment: datetime) -> datetime:
    """Return the same moment in UTC; a time without a zone is taken as UTC.

    Raises:
        ValueError: the moment lies before the year 1 or after the year 9999 in UTC.
    """
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("the time is out of range in UTC") from error


Moment = Annotated[datetime, AfterValidator(to_utc)]
"""A point in time in UTC, to the microsecond; RFC 3339 with `Z` in JSON."""


class CanonicalModel(BaseModel):
    """A frozen record of the canonical vocabulary; unknown fields are refused."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        ser_json_inf_nan="strings",
        validate_default=False,
        defer_build=True,
    )

    @classmethod
    @override
    def __get_pydantic_json_schema__(
        cls, core_schema: Any, handler: GetJsonSchemaHandler, /
    ) -> JsonSchemaValue:
        """Return the JSON Schema with the sentence under each field as its description."""
        schema = handler(core_schema)
        properties = handler.resolve_ref_schema(schema).get("properties", {})
        for name, sentence in sentences(cls).items():
            if name in properties:
                properties[name].setdefault("description", sentence)
        return schema
