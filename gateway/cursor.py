"""Where a walk over a listing stands, as the opaque text that callers pass back."""

import base64
import binascii
import hashlib
from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gateway.errors import InvalidParameter
from schemas.json_codec import InvalidJsonError, dumps, loads


class Walk(BaseModel):
    """The state of a walk over several connections."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    question: str
    """Fingerprint of the filters that the walk began with."""
    size: int = Field(ge=1, le=1000)
    """How many items each connection is asked for at a time, the same for the whole walk."""
    open: dict[str, str | None]
    """Connections with more to give, each with its vendor's position; None at its start."""
    left_out: dict[str, str] = Field(default_factory=dict)
    """Connections that failed on an earlier page, each with the problem's code."""


def fingerprint(filters: Mapping[str, object]) -> str:
    """Return a short hash of a listing's filters."""
    return hashlib.sha256(dumps({k: str(v) for k, v in filters.items()}, sort_keys=True)).hexdigest()[:16]


def encode(walk: Walk) -> str:
    """Return the walk as opaque text, safe in a URL."""
    return base64.urlsafe_b64encode(dumps(walk.model_dump())).decode("ascii").rstrip("=")


def decode(text: str, question: str, connections: frozenset[str]) -> Walk:
    """Return the walk that a caller passed back.

    Raises:
        InvalidParameter: the text is none of ours, or from a listing with other filters.
    """
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        walk = Walk.model_validate(loads(base64.b64decode(padded, altchars=b"-_", validate=True)))
    except (ValueError, binascii.Error, InvalidJsonError, ValidationError) as error:
        raise InvalidParameter("cursor", "not a cursor of this listing; start again without one") from error
    if not walk.open or not walk.open.keys() <= connections:
        raise InvalidParameter("cursor", "not a cursor of this listing; start again without one")
    if walk.question != question:
        raise InvalidParameter("cursor", "from a listing with other filters; start again without one")
    return walk
