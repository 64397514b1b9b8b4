"""What is made of a vendor's answer: a document, or one of our errors without our credential in it."""

import asyncio
import zlib
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from adapters.contract import Answer, Vendor
from adapters.errors import FieldFault, VendorError, VendorMessage, VendorSurprise, error_class
from schemas.base import JsonValue
from schemas.json_codec import InvalidJsonError, loads

MASK: Final = "********"
LARGE_BYTES: Final = 256 * 1024
"""From here on a body is read in a thread: handing it over costs more than reading a smaller one."""
MIN_MASKED_LENGTH: Final = 8
"""A shorter credential would be found in innocent words."""


class Answers:
    """Reads the answers of one connection's vendor."""

    def __init__(self, vendor: Vendor, secret: str) -> None:
        """Make a reader.

        Args:
            vendor: its title and error reader are used.
            secret: never repeated.
        """
        self._vendor = vendor
        self._secret = secret

    async def whole(self, status: int, headers: Mapping[str, str], payload: bytes) -> Answer:
        """Return a successful answer.

        Raises:
            VendorError: it is none, or not JSON.
        """
        if not 200 <= status <= 299:
            raise self.error(status, headers, payload)
        if len(payload) < LARGE_BYTES:
            return Answer(status, headers, payload, self._document(status, payload))
        # In a thread, so that others are answered meanwhile.
        return Answer(status, headers, payload, await asyncio.to_thread(self._document, status, payload))

    def too_large(self, status: int, limit: int) -> VendorSurprise:
        """Return the error for more bytes than there may be."""
        message = f"{self._vendor.title} sent more than the {limit} bytes allowed for this connection"
        return VendorSurprise(message, status=status)

    def error(self, status: int, headers: Mapping[str, str], payload: bytes) -> VendorError:
        """Return the error for an answer that is no success."""
        try:
            said = self._vendor.read_error(loads(payload))
        except InvalidJsonError:
            said = VendorMessage()
        if said.request_id is None and "x-request-id" in headers:
            said = VendorMessage(said.message, said.code, said.faults, headers["x-request-id"][:200])
        said = masked(said, self._secret)
        message = f"{self._vendor.title} answered {status}"
        if said.message:
            message += f": {said.message[:500]}"
        wait = retry_after(headers.get("retry-after"), datetime.now(UTC))
        return error_class(status)(message, status=status, said=said, retry_after=wait)

    def _document(self, status: int, payload: bytes) -> JsonValue:
        if not payload:
            return None
        try:
            return loads(payload)
        except InvalidJsonError as error:
            start = "HTML" if payload.lstrip()[:1] == b"<" else "a body"
            message = f"{self._vendor.title} sent {start} where JSON was due ({str(error)[:200]})"
            raise VendorSurprise(message, status=status) from error


def masked(said: VendorMessage, secret: str) -> VendorMessage:
    """Return what the vendor said without our credential, which some vendors repeat to tell that it is wrong."""
    if len(secret) < MIN_MASKED_LENGTH:
        return said

    def clean(text: str | None) -> str | None:
        return text and text.replace(secret, MASK)

    faults = tuple(
        FieldFault(fault.path.replace(secret, MASK), fault.message.replace(secret, MASK))
        for fault in said.faults
    )
    return VendorMessage(clean(said.message), clean(said.code), faults, clean(said.request_id))


def retry_after(value: str | None, now: datetime) -> float | None:
    """Return the seconds that a `Retry-After` header asks to wait (RFC 9110 section 10.2.3); None if unreadable."""
    if value is None:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())


def validators(headers: Mapping[str, str]) -> dict[str, str]:
    """Return what tells one state of a document from another (RFC 9110 section 8.8), as far as it was sent."""
    return {name: headers[name] for name in ("etag", "last-modified") if name in headers}


def conditions(known: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    """Return the headers that ask for an answer only if it is another than the one known (RFC 9110 section 13.1).

    The date is sent only where there is no tag: a server that knows tags has to ignore it (section 13.1.3).
    """
    for name, header in (("etag", b"If-None-Match"), ("last-modified", b"If-Modified-Since")):
        value = known.get(name, "")
        if value and value.isascii() and value.isprintable():
            return [(header, value.encode("ascii"))]
    return []


def declared(headers: Mapping[str, str]) -> int:
    """Return how long the head says that the body is; 0 where it does not say."""
    length = headers.get("content-length", "")
    return int(length) if length.isdigit() and len(length) < 20 else 0


def unpacked(packed: bytes, coding: str, most: int) -> bytes:
    """Return at most so many bytes of what a compressed body holds.

    Raises:
        zlib.error: it holds nothing of the kind, or breaks off.
    """
    # 47 reads zlib's and gzip's header, whichever stands there; some servers send deflate without either.
    for window in (47, -15) if coding == "deflate" else (47,):
        unpacker = zlib.decompressobj(window)
        try:
            unpacked = unpacker.decompress(packed, most)
        except zlib.error:
            continue
        if len(unpacked) == most or unpacker.eof:
            return unpacked
    raise zlib.error("the body is not what its content-encoding says")
