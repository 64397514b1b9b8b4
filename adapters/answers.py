"""What is made of a vendor's answer: a document, or one of our errors without our credential in it."""

import asyncio
import zlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from adapters.contract import Answer, Vendor
from adapters.errors import (
    DeadlineExceeded,
    FieldFault,
    VendorError,
    VendorMessage,
    VendorSurprise,
    VendorUnreachable,
    error_class,
)
from adapters.masking import Mask
from adapters.quota import wait_of
from schemas.base import JsonValue
from schemas.json_codec import InvalidJsonError, holds_more, loads

LARGE_BYTES: Final = 256 * 1024
"""From here on a body is read in a thread: handing it over costs more than reading a smaller one."""
MOST_SAID: Final = 500
"""Characters of one thing that a vendor says in an error."""
_MOST_FAULTS: Final = 100
_ERROR_OBJECTS: Final = 1000
"""JSON objects and arrays in an error; one with more is not read."""


class Answers:
    """Reads the answers of one connection's vendor."""

    def __init__(self, vendor: Vendor, hidden: Mask, most_objects: int, clock: Callable[[], float]) -> None:
        """Make a reader.

        Args:
            vendor: its title and error reader are used.
            hidden: the credential; never repeated.
            most_objects: JSON objects and arrays in one answer.
            clock: Unix seconds.
        """
        self._vendor = vendor
        self._hidden = hidden
        self._clock = clock
        self._most_objects = most_objects

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

    def packed_twice(self, status: int) -> VendorSurprise:
        """Return the error for a body of which every layer multiplies what one small chunk unpacks to."""
        message = f"{self._vendor.title} sent a body that is compressed more than once"
        return VendorSurprise(message, status=status)

    def error(self, status: int, headers: Mapping[str, str], payload: bytes) -> VendorError:
        """Return the error for an answer that is no success."""
        try:
            said = VendorMessage()
            if not holds_more(payload, _ERROR_OBJECTS):
                said = self._vendor.read_error(loads(payload))
        except InvalidJsonError:
            pass
        if said.request_id is None and "x-request-id" in headers:
            said = VendorMessage(said.message, said.code, said.faults, headers["x-request-id"][:200])
        said = _shortened(said.without(self._hidden))
        plain = f"{self._vendor.title} answered {status}"
        message = f"{plain}: {said.message}" if said.message else plain
        now = self._clock()
        wait = retry_after(headers.get("retry-after"), datetime.fromtimestamp(now, UTC))
        if wait is None and status == 429:
            wait = wait_of(headers, now)
        return error_class(status)(message, status=status, said=said, retry_after=wait, plain=plain)

    def _document(self, status: int, payload: bytes) -> JsonValue:
        if not payload:
            return None
        if holds_more(payload, self._most_objects):
            message = (
                f"{self._vendor.title} sent more than the {self._most_objects} JSON objects and arrays allowed "
                "for this connection (limits.objects)"
            )
            raise VendorSurprise(message, status=status)
        try:
            return loads(payload)
        except InvalidJsonError as error:
            start = "HTML" if payload.lstrip()[:1] == b"<" else "a body"
            message = f"{self._vendor.title} sent {start} where JSON was due ({str(error)[:200]})"
            raise VendorSurprise(message, status=status) from error


def too_late(title: str, *, never_left: bool) -> DeadlineExceeded:
    """Return the error for a request whose own time was over first; `never_left` when nothing was sent."""
    message = f"the time of this request was over before {title} had answered"
    return DeadlineExceeded(message, never_left=never_left)


def refused(title: str) -> VendorUnreachable:
    """Return the error for a vendor whose host leads to private addresses, which its connection may not call."""
    message = (
        f"{title} cannot be reached: the name of its host leads to a private address, which needs "
        "allow_private_addresses: true in the connection's configuration"
    )
    error = VendorUnreachable(message, never_left=True)
    # It stays so until the configuration changes.
    error.retryable = False
    return error


def _shortened(said: VendorMessage) -> VendorMessage:
    """Return as much of what the vendor said as can be told in an error of ours."""
    faults = tuple(
        FieldFault(fault.path[:MOST_SAID], fault.message[:MOST_SAID]) for fault in said.faults[:_MOST_FAULTS]
    )
    return VendorMessage(
        said.message and said.message[:MOST_SAID],
        said.code and said.code[:MOST_SAID],
        faults,
        said.request_id and said.request_id[:MOST_SAID],
    )


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
