"""Turns what a vendor's endpoint gave into what the cache keeps: ready bytes, canonical and native."""

import hashlib
from collections.abc import Sequence
from typing import Final

from pydantic import TypeAdapter

from adapters.contract import Fetched
from gateway.cache.store import Entry
from gateway.connections import Connection
from schemas.base import CanonicalModel
from schemas.digest import digest_of
from schemas.json_codec import dumps
from schemas.serialising import to_json
from schemas.workflow import Workflow

CANONICAL: Final = "canonical"
NATIVE: Final = "native"


def workflow_entry(
    connection: Connection,
    fetched: Fetched,
    fresh_seconds: float,
    *,
    pinned: bool = False,
    unasked: bool = False,
) -> Entry:
    """Return the entry of one workflow document.

    With `pinned`, one version was asked for: if the vendor promises never to change it, the connection's `pinned`
    time counts. With `unasked`, neither a version nor a label was: what the vendor then gives is the current version.

    Raises:
        VendorSurprise: the document is not a workflow at all.
    """
    draft = connection.vendor.mapping.draft(fetched, connection.name)
    draft["digest"] = digest_of(draft)
    version = draft.get("version")
    if unasked and version is not None and "current" not in version:
        draft["version"] = {**version, "current": True}
    if pinned and version is not None and not version["mutable"]:
        fresh_seconds = connection.settings.cache.pinned
    parts = {CANONICAL: dumps(draft), NATIVE: native_bytes(fetched)}
    return Entry(parts, connection.now().timestamp(), fresh_seconds, etag=entity_tag(parts[CANONICAL]))


def records_entry(connection: Connection, records: Sequence[CanonicalModel], fresh_seconds: float) -> Entry:
    """Return the entry of a list of canonical records."""
    body = b"[" + b",".join(to_json(record) for record in records) + b"]"
    return Entry({CANONICAL: body}, connection.now().timestamp(), fresh_seconds, etag=entity_tag(body))


def native_bytes(fetched: Fetched) -> bytes:
    """Return the vendor's document: the exact bytes of its answer, or else its JSON written again."""
    if fetched.version_document is not None:
        return dumps(fetched.version_document)
    return dumps(fetched.document) if fetched.body is None else fetched.body


def with_native(canonical: bytes, native: bytes) -> bytes:
    """Return the canonical JSON object with the native document as its last member."""
    return canonical[:-1] + b',"native":' + native + b"}"


def entity_tag(body: bytes) -> str:
    """Return a strong entity tag (RFC 9110 section 8.8.3) of a body, quotes included."""
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def read_workflow(entry: Entry) -> Workflow:
    """Return the canonical workflow kept in an entry."""
    return _WORKFLOW.validate_json(entry.parts[CANONICAL])


_WORKFLOW: Final = TypeAdapter(Workflow)
