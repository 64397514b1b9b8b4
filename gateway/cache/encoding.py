"""Entries as bytes, for stores outside this process.

Layout, integers big-endian: `wge` (3 bytes), the version (1 byte), the length of the metadata (4 bytes), a CRC-32 of
everything after it (4 bytes), the metadata as a JSON object, then the parts one after the other as they are.
"""

import struct
import zlib
from collections.abc import Mapping
from typing import Final

from gateway.cache.store import Entry
from schemas.base import JsonValue
from schemas.json_codec import dumps, loads

VERSION: Final = 3
"""Raised with every change of the layout or the metadata: instances of two versions may share one store."""

_HEADER: Final = struct.Struct(">3sBII")
_MAGIC: Final = b"wge"
_NUMBERS: Final = ("stored_at", "fresh_seconds", "stale_while_revalidate", "stale_if_error")


def encode(entry: Entry) -> bytes:
    """Return the entry as bytes.

    Raises:
        ValueError: a number in it is not finite, or a text cannot be written.
    """
    metadata = dumps(
        {
            **{name: getattr(entry, name) for name in _NUMBERS},
            "etag": entry.etag,
            "digest": entry.digest,
            "validators": dict(entry.validators),
            "tags": list(entry.tags),
            "absent": entry.absent,
            "immutable": entry.immutable,
            "whole": entry.whole,
            "parts": [[name, len(part)] for name, part in entry.parts.items()],
        }
    )
    pieces = (metadata, *entry.parts.values())
    checksum = 0
    for piece in pieces:
        checksum = zlib.crc32(piece, checksum)
    return b"".join((_HEADER.pack(_MAGIC, VERSION, len(metadata), checksum), *pieces))


def decode(data: bytes) -> Entry | None:
    """Return the entry; None when the bytes are cut off, altered, of another version or something else."""
    if len(data) < _HEADER.size:
        return None
    magic, version, length, checksum = _HEADER.unpack_from(data)
    content = memoryview(data)[_HEADER.size :]
    if (magic, version) != (_MAGIC, VERSION) or length > len(content) or zlib.crc32(content) != checksum:
        return None
    try:
        return _entry(loads(bytes(content[:length])), content[length:])
    except (ValueError, TypeError, OverflowError):
        return None


def _entry(metadata: JsonValue, content: memoryview) -> Entry:
    if not isinstance(metadata, dict):
        raise TypeError("metadata")
    stored_at, fresh, while_revalidating, on_error = (_number(metadata.get(name)) for name in _NUMBERS)
    absent = metadata.get("absent")
    return Entry(
        parts=_parts(metadata.get("parts"), content),
        stored_at=stored_at,
        fresh_seconds=fresh,
        etag=_text(metadata.get("etag")),
        stale_while_revalidate=while_revalidating,
        stale_if_error=on_error,
        digest=_text(metadata.get("digest")),
        validators=_texts_by_name(metadata.get("validators")),
        tags=tuple(_text(tag) for tag in _list(metadata.get("tags"))),
        absent=None if absent is None else _text(absent),
        immutable=_truth(metadata.get("immutable")),
        whole=_truth(metadata.get("whole")),
    )


def _parts(lengths: JsonValue, content: memoryview) -> Mapping[str, bytes]:
    parts: dict[str, bytes] = {}
    start = 0
    for pair in _list(lengths):
        name, length = _list(pair)
        if type(length) is not int or length < 0:
            raise ValueError("length")
        parts[_text(name)] = bytes(content[start : start + length])
        start += length
    if start != len(content):
        raise ValueError("parts")
    return parts


def _texts_by_name(value: JsonValue) -> Mapping[str, str]:
    if not isinstance(value, dict):
        raise TypeError("object")
    return {name: _text(text) for name, text in value.items()}


def _list(value: JsonValue) -> list[JsonValue]:
    if not isinstance(value, list):
        raise TypeError("list")
    return value


def _text(value: JsonValue) -> str:
    if not isinstance(value, str):
        raise TypeError("text")
    return value


def _truth(value: JsonValue) -> bool:
    if not isinstance(value, bool):
        raise TypeError("truth")
    return value


def _number(value: JsonValue) -> float:
    if type(value) not in (int, float):
        raise ValueError("number")
    return float(value)
