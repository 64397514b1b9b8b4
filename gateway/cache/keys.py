"""Cache keys: two requests share an entry only if everything that could change the answer is equal."""

import hashlib
from collections.abc import Mapping
from typing import Final

from schemas.json_codec import dumps

SCHEMA_VERSION: Final = "2"
"""Raised with every change of the canonical model or a mapping, so that no old entry is read as new."""


def cache_key(
    connection: str,
    credential_fingerprint: str,
    operation: str,
    parameters: Mapping[str, str | int | None],
) -> str:
    """Return the key of an answer: readable up to the operation, hashed over the parameters.

    The credential itself is never part of it, only its fingerprint: another credential may see other things.
    """
    given = {name: value for name, value in parameters.items() if value is not None}
    hashed = hashlib.sha256(dumps(given, sort_keys=True)).hexdigest()
    return f"{SCHEMA_VERSION}:{connection}:{credential_fingerprint}:{operation}:{hashed}"


def connection_tag(connection: str) -> str:
    """Return the tag of everything read through a connection."""
    return f"connection:{connection}"


def listing_tag(connection: str) -> str:
    """Return the tag of every page that shows a connection's workflows."""
    return f"listing:{connection}"


def passthrough_tag(connection: str) -> str:
    """Return the tag of everything read with a vendor's own API: nobody knows which workflows it shows."""
    return f"passthrough:{connection}"


def workflow_tag(connection: str, workflow_id: str) -> str:
    """Return the tag of everything about one workflow, named as the caller or as the vendor names it."""
    return f"workflow:{connection}:{workflow_id}"


def assistant_tag(connection: str, assistant_id: str) -> str:
    """Return the tag of everything about one assistant."""
    return f"assistant:{connection}:{assistant_id}"
