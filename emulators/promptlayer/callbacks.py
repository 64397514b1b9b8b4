"""Delivers a run's results to its `callback_url`, on this machine only."""

import asyncio
import contextlib
import json
from urllib.parse import urlsplit

from emulators.promptlayer.records import Document

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
SECONDS = 5.0


def is_url(text: str) -> bool:
    """Say whether a text is an http or https URL with a host."""
    try:
        parts = urlsplit(text)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


async def deliver(url: str, document: Document) -> bool:
    """POST a document; returns whether it was taken with a 2xx.

    Only plain http to a loopback address is tried: an emulator must not reach out.
    """
    parts = urlsplit(url)
    if parts.scheme != "http" or parts.hostname not in LOOPBACK:
        return False
    body = json.dumps(document).encode()
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    head = (
        f"POST {target} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    try:
        async with asyncio.timeout(SECONDS):
            return await _exchange(parts.hostname, parts.port or 80, head.encode() + body)
    except (OSError, TimeoutError):
        return False


async def _exchange(host: str, port: int, request: bytes) -> bool:
    reader, writer = await asyncio.open_connection(host, port)
    try:
        writer.write(request)
        await writer.drain()
        status = (await reader.readline()).split(b" ")
        return len(status) > 1 and status[1].startswith(b"2")
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
