"""A request read whole, and the answer to it, so that handlers are plain functions."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn, TypeAlias

from emulators.aitronos.errors import Document, Issue, validation


@dataclass(frozen=True, slots=True)
class Call:
    """One authenticated request.

    Attributes:
        path: the decoded path parameters by name.
        query: the query parameters; of repeated ones the last.
        body: the raw bytes.
        content_type: the header's value, or nothing.
    """

    path: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes
    content_type: str

    def document(self) -> Document:
        """Return the JSON object in the body; an absent body counts as `{}`.

        Raises:
            Refusal: 422, it is not JSON, not an object, or holds what JSON text cannot.
        """
        if not self.body:
            return {}
        parsed = _parse(self.body) if _is_json(self.content_type) else None
        if not isinstance(parsed, dict):
            raise validation([Issue(("body",), "Input should be an object", "model_attributes_type")])
        return parsed


@dataclass(frozen=True, slots=True)
class Answer:
    """A status and a JSON body; None sends no body."""

    status: int = 200
    body: Document | None = None


Handler: TypeAlias = Callable[[Call], Answer]


def _is_json(content_type: str) -> bool:
    kind = content_type.partition(";")[0].strip().lower()
    return kind in {"", "application/json"} or kind.endswith("+json")


def _parse(body: bytes) -> Any:
    try:
        parsed = json.loads(body, parse_constant=_no_constant)
        json.dumps(parsed, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise validation([Issue(("body",), "JSON decode error", "json_invalid")]) from error
    return parsed


def _no_constant(word: str) -> NoReturn:
    raise ValueError(f"{word} is not JSON")
