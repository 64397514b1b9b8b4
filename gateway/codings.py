"""Content codings of answers: which one a caller can read, and bodies in it (RFC 9110 sections 8.4 and 12.5.3)."""

import asyncio
import sys
import zlib
from typing import Final

from gateway.quality import weight

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

IDENTITY: Final = ""
"""The body as it is."""

ZSTD: Final = "zstd"
GZIP: Final = "gzip"

OFFERED: Final = (ZSTD, GZIP)
"""In the order in which they are taken where the caller likes them alike."""

SMALLEST_BYTES: Final = 1024
"""A smaller body gains nothing that would be noticed on the way."""

LARGE_BYTES: Final = 128 * 1024
"""From here on a body is compressed beside the event loop."""

_GZIP_WINDOW: Final = 31
"""The largest window, in a gzip wrapper without name and time, so that equal bodies stay equal."""


def preferred(accept_encoding: str | None) -> str:
    """Return the coding to answer in; `IDENTITY` without the header, or where it names none of ours.

    A caller who refuses even the body as it is gets just that: it is better than nothing (RFC 9110 section 12.5.3
    allows to ignore the header).
    """
    if not accept_encoding:
        return IDENTITY
    weights = {coding: weight(accept_encoding, coding, "*") for coding in OFFERED}
    best = max(OFFERED, key=lambda coding: weights[coding])
    as_it_is = weight(accept_encoding, "identity")
    return best if weights[best] > 0 and weights[best] >= as_it_is else IDENTITY


async def compressed(coding: str, body: bytes) -> bytes:
    """Return the body in a coding; large ones are compressed in a thread, which holds up nobody."""
    if len(body) < LARGE_BYTES:
        return _compress(coding, body)
    return await asyncio.to_thread(_compress, coding, body)


def _compress(coding: str, body: bytes) -> bytes:
    if coding == ZSTD:
        return zstd.compress(body, level=3)
    return zlib.compress(body, level=6, wbits=_GZIP_WINDOW)
