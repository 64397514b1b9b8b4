"""Answers out of what is kept: the bytes and headers of each form, made once and given out by every way.

The edge and the framework's routes both answer from here, so that they answer the same.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, TypeAlias

from gateway.cache import policy
from gateway.cache.front import FrontStore
from gateway.cache.store import Entry
from gateway.codings import IDENTITY, OFFERED, SMALLEST_BYTES, compressed
from gateway.documents import CANONICAL
from gateway.forms import Form
from gateway.security_headers import SECURITY

RawHeader: TypeAlias = tuple[bytes, bytes]

LINK: Final = "link"
"""The part of an entry that holds the value of a `Link` header."""

VARY: Final = b"accept-encoding, authorization, x-api-key"
"""What an answer depends on besides its address (RFC 9110 section 12.5.5): the caller, and what it can decompress."""

MOST_VARIANTS: Final = 64
"""Of one entry; callers choose page sizes freely."""

_OVERHEAD_BYTES: Final = 2400
"""What a ready answer occupies beside its body."""

_KEPT_IN_304: Final = frozenset({b"etag", b"cache-control", b"vary", b"link"})
"""What a 304 repeats of the answer (RFC 9110 section 15.4.5)."""


@dataclass(frozen=True, slots=True)
class Ready:
    """An answer as it can be sent, but for what each request has of its own.

    Attributes:
        body: in its coding.
        etag: strong entity tag of these very bytes, quotes included.
        head: the headers that stay the same as long as the entry does.
        head_unchanged: those of them that a 304 has.
        written: `head` as it travels (RFC 9112 section 5).
        written_unchanged: likewise.
    """

    body: bytes
    etag: str
    head: tuple[RawHeader, ...]
    head_unchanged: tuple[RawHeader, ...]
    written: bytes
    written_unchanged: bytes


def written(headers: Iterable[RawHeader]) -> bytes:
    """Return headers as they travel (RFC 9112 section 5)."""
    return b"".join([b"%b: %b\r\n" % pair for pair in headers])


def variant_name(form: str, coding: str) -> str:
    """Return the name under which an entry keeps a form in a coding."""
    return f"{form};{coding}" if coding else form


async def ready(store: FrontStore, key: str, entry: Entry, form: Form, coding: str) -> Ready:
    """Return an entry in a form and a coding, made now unless it was before.

    Args:
        store: weighs what is made.
        key: the entry's.
        entry: what is given out; it need not be kept.
        form: what of it.
        coding: the content coding that the caller likes; small bodies are given as they are.

    Raises:
        InvalidParameter, VendorNotFound: see the form.
    """
    name = variant_name(form.name, coding)
    found = entry.variants.get(name)
    if isinstance(found, Ready):
        return found
    body = form.body(entry.parts)
    own = all(body is not part for part in entry.parts.values())
    if coding and len(body) < SMALLEST_BYTES:
        coding = IDENTITY
    tag = entity_tag(entry, form, body)
    if coding:
        body, own = await compressed(coding, body), True
    made = _ready(entry, form, body, coding, tag)
    size = _OVERHEAD_BYTES + len(name) + (len(body) if own else 0)
    if len(entry.variants) < MOST_VARIANTS and store.grow(key, entry, size):
        entry.variants[name] = made
    return made


def entity_tag(entry: Entry, form: Form, body: bytes) -> str:
    """Return the strong entity tag of a form, without quotes: for the canonical one the entry's, where it has one."""
    if entry.etag and form.name == CANONICAL:
        return entry.etag
    return hashlib.sha256(body).hexdigest()[:32]


def tags_of(made: Ready) -> tuple[str, ...]:
    """Return the entity tags of an answer in every coding, quotes included; the first is of the body as it is."""
    bare = made.etag.strip('"')
    for coding in OFFERED:
        bare = bare.removesuffix(f"-{coding}")
    return f'"{bare}"', *(f'"{bare}-{coding}"' for coding in OFFERED)


def _ready(entry: Entry, form: Form, body: bytes, coding: str, tag: str) -> Ready:
    # Each coding is another representation and has a tag of its own (RFC 9110 section 8.8.3.3).
    etag = f'"{tag}-{coding}"' if coding else f'"{tag}"'
    head: list[RawHeader] = [
        (b"content-type", form.media_type.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"etag", etag.encode()),
        (b"cache-control", policy.response_cache_control(entry, immutable=entry.immutable).encode()),
        (b"vary", b"accept, " + VARY if form.varies_by_accept else VARY),
    ]
    if coding:
        head.append((b"content-encoding", coding.encode()))
    if LINK in entry.parts:
        head.append((b"link", entry.parts[LINK]))
    unchanged = (*(pair for pair in head if pair[0] in _KEPT_IN_304), *SECURITY)
    head += SECURITY
    return Ready(body, etag, tuple(head), unchanged, written(head), written(unchanged))
