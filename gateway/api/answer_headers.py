"""The headers of answers, as the OpenAPI document describes them. Each says when it is there."""

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any, Final


def _text(description: str, example: str) -> Mapping[str, Any]:
    return MappingProxyType({"description": description, "schema": {"type": "string"}, "example": example})


_OF_VENDOR_CALLS: Final = MappingProxyType(
    {
        "Preference-Applied": _text(
            "The `wait` that shortened the request's time, where a vendor was asked (RFC 7240).", "wait=5"
        ),
        "Server-Timing": _text(
            "Where the time went, in milliseconds, where a vendor was asked (https://www.w3.org/TR/server-timing/).",
            "vendor;dur=31.4, parse;dur=0.8, total;dur=33.1",
        ),
    }
)
_OF_READS: Final = MappingProxyType(
    {
        "Age": MappingProxyType(
            {
                "description": "Whole seconds since the vendor gave it (RFC 9111).",
                "schema": {"type": "integer", "minimum": 0},
                "example": 12,
            }
        ),
        "Cache-Status": _text(
            "What the caches did with the request (RFC 9211).", "workflow-gateway; hit; ttl=48"
        ),
        "ETag": _text(
            "Strong entity tag, for `If-None-Match` and `If-Match` (RFC 9110).",
            '"2c26b46b68ffc68ff99b453c1d304134-fcde2b2e"',
        ),
    }
)

COMPONENTS: Final[Mapping[str, Mapping[str, Any]]] = MappingProxyType({**_OF_READS, **_OF_VENDOR_CALLS})
"""OpenAPI header objects by name."""


def headers_of(status: str, asked: Collection[str]) -> tuple[str, ...]:
    """Return the names of the headers that an answer may have.

    Args:
        status: of the answer.
        asked: the names of the headers that the operation reads.
    """
    given = status in ("200", "304") and "If-None-Match" in asked
    return (*(_OF_READS if given else ()), *(_OF_VENDOR_CALLS if "Prefer" in asked else ()))
