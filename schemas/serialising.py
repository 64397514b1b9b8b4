"""Canonical models to JSON bytes. A field that is None is left out: absent means that the vendor does not say."""

from pydantic import BaseModel
from pydantic_core import PydanticSerializationError

from schemas.json_codec import dumps


def to_json(model: BaseModel, *, exclude: set[str] | None = None) -> bytes:
    """Return the model as compact JSON in UTF-8, without fields that are None.

    Nulls inside a vendor's own JSON (configurations, extensions) are kept.
    """
    try:
        return model.model_dump_json(exclude_none=True, exclude=exclude).encode()
    except PydanticSerializationError:  # lone surrogates, which the fast serialiser refuses
        return dumps(model.model_dump(mode="json", exclude_none=True, exclude=exclude))
