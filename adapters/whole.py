"""Bodies that are read whole, within a bound."""

from collections.abc import AsyncIterator, Mapping
from typing import Final

from adapters.answers import unpacked

_PACKED: Final = frozenset({"gzip", "x-gzip", "deflate"})


def declared(headers: Mapping[str, str]) -> int:
    """Return how long the head says that the body is; 0 where it does not say."""
    length = headers.get("content-length", "")
    return int(length) if length.isdigit() and len(length) < 20 else 0


async def read_whole(body: AsyncIterator[bytes], declared: int, coding: str, most: int) -> bytes | None:
    """Return a body, unpacked; None when it is larger than allowed.

    Args:
        body: its pieces as they came. Unpacking each of them would be done before anybody could count it.
        declared: how long the head says that it is; 0 where it does not say.
        coding: its content coding, in lower case; what is not known is left packed.
        most: the most bytes, packed and unpacked.

    Raises:
        zlib.error: it cannot be unpacked.
    """
    if declared > most:
        return None
    size = 0
    pieces: list[bytes] = []
    async for piece in body:
        size += len(piece)
        if size > most:
            return None
        pieces.append(piece)
    payload = b"".join(pieces)
    if payload and coding in _PACKED:
        payload = unpacked(payload, coding, most + 1)
    return payload if len(payload) <= most else None
