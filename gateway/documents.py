"""Turns what a vendor's endpoint gave into what the cache keeps: ready bytes, canonical and native."""

import hashlib
from collections.abc import Sequence
from typing import Final

from adapters.contract import Fetched
from gateway.cache.keys import connection_tag, workflow_tag
from gateway.cache.lifetimes import Kind
from gateway.cache.store import Entry
from gateway.connections import Connection
from schemas.base import CanonicalModel
from schemas.digest import digest_of
from schemas.json_codec import dumps
from schemas.serialising import to_json

CANONICAL: Final = "canonical"
NATIVE: Final = "native"


def workflow_entry(
    connection: Connection,
    fetched: Fetched,
    kind: Kind,
    tags: tuple[str, ...] = (),
    *,
    unasked: bool = False,
) -> Entry:
    """Return the entry of one workflow document.

    Args:
        connection: it was read through.
        fetched: what the vendor gave.
        kind: what was asked for. A version that the vendor promises never to change is kept as `Kind.PINNED`.
        tags: beside those of the connection and of the workflow by the vendor's id.
        unasked: neither a version nor a label was asked for: what the vendor then gives is the current version.

    Raises:
        VendorSurprise: the document is not a workflow at all.
    """
    draft = connection.vendor.mapping.draft(fetched, connection.name)
    digest = draft["digest"] = digest_of(draft)
    version = draft.get("version")
    if unasked and version is not None and "current" not in version:
        draft["version"] = {**version, "current": True}
    pinned = kind is Kind.VERSION and version is not None and not version["mutable"]
    times = connection.lifetimes.of(Kind.PINNED if pinned else kind)
    own = (connection_tag(connection.name), workflow_tag(connection.name, draft["id"]))
    whole = fetched.body is not None and fetched.version_document is None
    body = dumps(draft)
    return Entry(
        {CANONICAL: body, NATIVE: native_bytes(fetched)},
        connection.now().timestamp(),
        times.fresh,
        stale_while_revalidate=times.stale_while_revalidate,
        stale_if_error=times.stale_if_error,
        etag=canonical_tag(digest, body),
        digest=digest,
        validators=fetched.validators if whole else {},
        tags=tuple(dict.fromkeys((*own, *tags))),
        immutable=pinned and times.fresh > 0,
        whole=whole,
    )


def records_entry(
    connection: Connection, records: Sequence[CanonicalModel], kind: Kind, tags: tuple[str, ...] = ()
) -> Entry:
    """Return the entry of a list of canonical records."""
    body = b"[" + b",".join(to_json(record) for record in records) + b"]"
    return canonical_entry(connection, body, kind, tags)


def canonical_entry(connection: Connection, body: bytes, kind: Kind, tags: tuple[str, ...] = ()) -> Entry:
    """Return the entry of something that has no native document of its own."""
    times = connection.lifetimes.of(kind)
    return Entry(
        {CANONICAL: body},
        connection.now().timestamp(),
        times.fresh,
        stale_while_revalidate=times.stale_while_revalidate,
        stale_if_error=times.stale_if_error,
        tags=(connection_tag(connection.name), *tags),
    )


def canonical_tag(digest: str, body: bytes) -> str:
    """Return the strong entity tag of a canonical workflow (RFC 9110 section 8.8.3), without quotes.

    It begins with the digest of what the workflow means: the part before the dash stays as long as the content does,
    even if a counter or a time beside it moves.
    """
    return f"{digest.rpartition(':')[2][:32]}-{hashlib.sha256(body).hexdigest()[:16]}"


def native_bytes(fetched: Fetched) -> bytes:
    """Return the vendor's document: the exact bytes of its answer, or else its JSON written again."""
    if fetched.version_document is not None:
        return dumps(fetched.version_document)
    return dumps(fetched.document) if fetched.body is None else fetched.body
