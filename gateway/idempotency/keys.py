"""What a request's `Idempotency-Key` is, and what makes two requests the same one."""

import hashlib
import re
from typing import Final

from gateway.callers import Caller
from gateway.errors import InvalidHeader

HEADER: Final = "idempotency-key"

# A string as structured fields have it (RFC 9651 section 3.3.3), or bare, as many clients send it.
_QUOTED: Final = re.compile(r'"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\]){1,255})"')
_BARE: Final = re.compile(r"[\x21\x23-\x2b\x2d-\x3a\x3c-\x7e]{1,255}")
_ESCAPED: Final = re.compile(r"\\(.)")


def read_key(value: str) -> str:
    """Return the key that a header holds, quotes taken off.

    Raises:
        InvalidHeader: it holds none, or more than one.
    """
    text = value.strip(" \t")
    quoted = _QUOTED.fullmatch(text)
    if quoted:
        return _ESCAPED.sub(r"\1", quoted[1])
    if _BARE.fullmatch(text):
        return text
    raise InvalidHeader(HEADER, 'expected one key of 1 to 255 printable ASCII characters, as in "8e03978e"')


def record_name(caller: Caller, key: str) -> str:
    """Return the name under which a caller's key is remembered: no caller meets another's."""
    return _hashed(caller.name.encode(), key.encode())


def fingerprint(caller: Caller, method: str, target: bytes, body: bytes) -> str:
    """Return what two requests have in common if they are the same one.

    Args:
        caller: with other rights than before the same words are another request.
        method: of the request.
        target: path and query as they were sent.
        body: as it was sent.
    """
    return _hashed(caller.scope.encode(), method.encode(), target, body)


def _hashed(*parts: bytes) -> str:
    found = hashlib.sha256()
    for part in parts:
        found.update(b"%d:" % len(part))
        found.update(part)
    return found.hexdigest()
