"""What callers send, held against the models: strictly, and told by JSON Pointers."""

from collections.abc import Iterator
from typing import TypeVar

from pydantic import ValidationError

from adapters.evidence import pointer
from schemas.base import CanonicalModel, JsonObject
from schemas.json_codec import dumps

Model = TypeVar("Model", bound=CanonicalModel)


def validated(kind: type[Model], document: JsonObject) -> Model:
    """Return what a JSON object describes; no value is bent into another type.

    Raises:
        ValidationError: it is not what is wanted.
    """
    try:
        return kind.model_validate_json(dumps(document), strict=True)
    except ValidationError as error:
        if error.errors(include_url=False, include_input=False)[0]["type"] != "json_invalid":
            raise
    # The model's own parser of JSON refuses lone surrogates, which vendors send and we keep.
    return kind.model_validate(document)


def faults_of(error: ValidationError) -> Iterator[tuple[str, str]]:
    """Return what a model found wrong: JSON Pointer and sentence each."""
    for details in error.errors(include_url=False, include_input=False):
        sentences = {"extra_forbidden": "there is no such field", "missing": "is required"}
        yield pointer(*details["loc"]), sentences.get(details["type"], details["msg"])
