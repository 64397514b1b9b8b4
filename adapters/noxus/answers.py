"""What Noxus's answers are, before anything in them is read."""

from typing import Any, Final

from adapters.contract import Answer, Fetched
from adapters.errors import VendorSurprise
from schemas.base import JsonObject

VALIDATORS: Final = ("etag", "last-modified")


def json_object(answer: Answer, what: str) -> JsonObject:
    """Return the object that an answer holds.

    Raises:
        VendorSurprise: it holds something else.
    """
    document: Any = answer.document
    if not isinstance(document, dict):
        raise VendorSurprise(f"the vendor did not answer with {what}", status=answer.status)
    return document


def record(answer: Answer) -> Fetched:
    """Return the workflow record that an answer holds, with its bytes and validators.

    Raises:
        VendorSurprise: it holds something else.
    """
    validators = {name: answer.headers[name] for name in VALIDATORS if name in answer.headers}
    return Fetched(json_object(answer, "a workflow"), body=answer.body, validators=validators)
