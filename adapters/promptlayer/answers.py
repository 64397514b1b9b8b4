"""What PromptLayer's answers are, and the numbers that its calls are asked with, before anything in them is read."""

from collections.abc import Mapping
from typing import Final

from adapters.contract import Answer
from adapters.errors import InvalidRequest
from adapters.promptlayer.errors import expect_object
from schemas.base import JsonObject

VALIDATORS: Final = ("etag", "last-modified")
LONGEST_NUMBER: Final = 18


def json_object(answer: Answer) -> JsonObject:
    """Return the object that an answer holds.

    Raises:
        VendorSurprise: it is another JSON value, or says that it failed.
    """
    return expect_object(answer.document, answer.status)


def validators_of(answer: Answer) -> Mapping[str, str]:
    """Return the validators that an answer came with."""
    return {name: answer.headers[name] for name in VALIDATORS if name in answer.headers}


def is_positive(text: str, longest: int = LONGEST_NUMBER) -> bool:
    """Say whether a text is a positive whole number as the vendor writes it."""
    return text.isascii() and text.isdigit() and not text.startswith("0") and len(text) <= longest


def version_number(version: str) -> int:
    """Return the number of a version.

    Raises:
        InvalidRequest: it is none.
    """
    if not is_positive(version):
        raise InvalidRequest("a version of PromptLayer is a positive whole number", "version")
    return int(version)


def label_name(label: str) -> str:
    """Return a label's name, which is never empty: to the vendor that would mean the latest version.

    Raises:
        InvalidRequest: it is empty.
    """
    if not label:
        raise InvalidRequest("a label must not be empty", "label")
    return label
