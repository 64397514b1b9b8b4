"""The variant that every emulator has: GETs carry a strong `ETag` and honour `If-None-Match` (RFC 9110 section 13)."""

import hashlib

from emulators.contract import VALIDATORS, Application, Backend, Message, Receive, Send


class ValidatorLayer:
    """An ASGI layer over a vendor's own API; it does nothing while the variant is off."""

    def __init__(self, inner: Application, backend: Backend) -> None:
        self.inner = inner
        self.backend = backend

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Pass the request on; tag a JSON answer, or say that it is the one the client has."""
        if scope["type"] == "http" and scope["method"] == "GET" and VALIDATORS in self.backend.variants:
            known = [value.decode("latin-1") for name, value in scope["headers"] if name == b"if-none-match"]
            send = _Tagging(send, ",".join(known))
        await self.inner(scope, receive, send)


class _Tagging:
    """Sends on one answer: whole and tagged where it is JSON, anything else as it comes."""

    def __init__(self, send: Send, known: str) -> None:
        self._send = send
        self._known = known
        self._start: Message | None = None
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_json(message):
            self._start = message
        elif self._start is None:
            await self._send(message)
        else:
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._send_tagged(self._start)

    async def _send_tagged(self, start: Message) -> None:
        tag = f'"{hashlib.sha256(self._body).hexdigest()[:32]}"'
        headers = [*start["headers"], (b"etag", tag.encode("ascii"))]
        status, body = start["status"], self._body
        if matches(self._known, tag):
            headers = [(name, value) for name, value in headers if not name.lower().startswith(b"content-")]
            status, body = 304, b""
        await self._send({**start, "status": status, "headers": headers})
        await self._send({"type": "http.response.body", "body": body})


def matches(known: str, tag: str) -> bool:
    """Say whether an `If-None-Match` names a tag; weak tags count as strong ones (RFC 9110 section 13.1.2)."""
    names = [name.strip().removeprefix("W/") for name in known.split(",")]
    return tag in names or "*" in names


def _is_json(start: Message) -> bool:
    kind: bytes = dict(start.get("headers", ())).get(b"content-type", b"")
    return start["status"] == 200 and kind.startswith(b"application/json")
