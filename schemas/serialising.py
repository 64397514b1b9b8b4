"""Canonical models to JSON bytes. A field that is None is left out: absent means that the vendor does not say."""

from pydantic import BaseModel

from schemas.json_codec import dumps


def to_json(model: BaseModel, *, exclude: set[str] | None = None) -> bytes:
    """Return the model as compact JSON in UTF-8, without fields that are None.

    Nulls inside a vendor's own JSON (configurations, extensions) are kept.
    """
    # Not pydantic's own JSON, which refuses lone surrogates in values and garbles them in keys; this is as fast.
    return dumps(model.model_dump(exclude_none=True, exclude=exclude))
