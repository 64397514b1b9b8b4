"""Faults on demand: an ASGI layer that spoils answers by rule.

Rules match by method and path pattern, apply to every request or to the next few, and are set over the
control routes (`emulators.control`). Faults below HTTP need the connection itself, which `emulators.server`
passes in the scope; in-process clients without a connection see them as an exception.
"""

import asyncio
import gzip
import json
import random
import socket
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from emulators.contract import Application, Message, Receive, Send

TRANSPORT = "emulator.transport"
"""Key in the ASGI scope's `extensions`; holds `{"connection": asyncio.Transport}` on a real server."""

FAULTS: Mapping[str, str] = {
    "latency": "wait `seconds`, then answer as usual",
    "status": "answer `status` with the vendor's own error body, and `Retry-After` if `retry_after` is given",
    "html": "answer `status` (default 502) with a page of HTML instead of JSON",
    "empty": "answer `status` (default 200) with no body at all",
    "wrong_shape": "answer 200 with JSON of another shape",
    "truncated": "announce the whole answer, send half of it and end the connection as if all were well",
    "invalid_json": "answer with the first half of the JSON and a matching length",
    "redirect": "answer 307 to `location`",
    "reset": "reset the connection before any answer",
    "reset_header": "reset the connection in the middle of the answer's header",
    "reset_body": "reset the connection in the middle of the answer's body",
    "drip": "send the answer in `chunk`-byte pieces with `seconds` between them",
    "huge": "answer 200 with a JSON string of `size` bytes",
    "bomb": "answer 200 with gzip that unpacks to `size` bytes",
    "hang": "never answer",
}


@dataclass(slots=True)
class Rule:
    """One fault and when it applies.

    Attributes:
        fault: a name of `FAULTS`.
        method: the HTTP method it applies to; None for all.
        path: a shell-style pattern over the decoded path.
        times: how many requests it still applies to; None for all.
        rate: the share of matching requests it applies to, 0 to 1.
        status: for `status`, `html` and `empty`.
        seconds: for `latency` and `drip`.
        retry_after: the header's value: seconds or an HTTP date.
        location: for `redirect`.
        size: bytes, for `huge` and `bomb`.
        chunk: bytes, for `drip`.
    """

    fault: str
    method: str | None = None
    path: str = "*"
    times: int | None = None
    rate: float = 1.0
    status: int | None = None
    seconds: float = 1.0
    retry_after: str | None = None
    location: str = "http://127.0.0.1:9/elsewhere"
    size: int = 64 * 1024 * 1024
    chunk: int = 16

    def __post_init__(self) -> None:
        if self.fault not in FAULTS:
            raise ValueError(f"fault must be one of {', '.join(FAULTS)}; got {self.fault!r}")
        for name, least in (("times", 0), ("status", 100), ("size", 0), ("chunk", 1)):
            value = getattr(self, name)
            if value is not None and (type(value) is not int or value < least):
                raise ValueError(f"{name} must be a whole number of at least {least}; got {value!r}")

    def matches(self, method: str, path: str) -> bool:
        """Say whether the rule applies to a request of this method and path."""
        return (
            (self.times is None or self.times > 0)
            and self.method in (None, method)
            and fnmatchcase(path, self.path)
        )


class FaultLayer:
    """The ASGI layer. `rules` may be replaced while it runs."""

    def __init__(self, inner: Application, error_body: Callable[[int], object], seed: int = 0) -> None:
        self.inner = inner
        self.error_body = error_body
        self._seed = seed
        self.reset()

    def reset(self) -> None:
        """Remove every rule and start the dice of `rate` again."""
        self.rules: list[Rule] = []
        self._random = random.Random(self._seed)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer, spoiled by the first rule that matches."""
        rule = self._take(scope) if scope["type"] == "http" else None
        if rule is None:
            await self.inner(scope, receive, send)
        elif rule.fault == "latency":
            # Read first: whoever gives up meanwhile has asked, and what was asked for is done all the same.
            replayed = await _read(receive)
            await asyncio.sleep(rule.seconds)
            await self.inner(scope, replayed, send)
        elif rule.fault == "hang":
            await _hang(receive)
        elif rule.fault == "reset":
            _abort(scope)
            await _hang(receive)
        elif rule.fault in _SPOILED:
            answer = await self._answer(scope, receive)
            await _SPOILED[rule.fault](scope, send, rule, answer)
            # Stay until the server knows of the cut, or it logs an answer it thinks we forgot to finish.
            await _hang(receive)
        else:
            await self._made_up(rule, send)

    def _take(self, scope: Message) -> Rule | None:
        for rule in self.rules:
            if rule.matches(scope["method"], scope["path"]) and self._random.random() < rule.rate:
                if rule.times is not None:
                    rule.times -= 1
                return rule
        return None

    async def _answer(self, scope: Message, receive: Receive) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
        status, headers, body = 500, [], b""

        async def keep(message: Message) -> None:
            nonlocal status, headers, body
            if message["type"] == "http.response.start":
                status, headers = message["status"], list(message.get("headers", []))
            elif message["type"] == "http.response.body":
                body += message.get("body", b"")

        await self.inner(scope, receive, keep)
        return status, headers, body

    async def _made_up(self, rule: Rule, send: Send) -> None:
        headers: list[tuple[bytes, bytes]] = [(b"content-type", b"application/json")]
        if rule.retry_after is not None:
            headers.append((b"retry-after", rule.retry_after.encode("latin-1")))
        status, body = rule.status or 200, b""
        if rule.fault == "status":
            status = rule.status or 500
            error = self.error_body(status)
            body = error.encode() if isinstance(error, str) else json.dumps(error).encode()
        elif rule.fault == "html":
            status, headers = rule.status or 502, [(b"content-type", b"text/html; charset=utf-8")]
            body = b"<!doctype html><html><body><h1>Bad gateway</h1></body></html>"
        elif rule.fault == "wrong_shape":
            body = b'["this", {"is": "valid JSON"}, "of another shape"]'
        elif rule.fault == "redirect":
            status, headers = 307, [(b"location", rule.location.encode("latin-1"))]
        elif rule.fault == "huge":
            body = b'"' + b"x" * max(0, rule.size - 2) + b'"'
        elif rule.fault == "bomb":
            headers.append((b"content-encoding", b"gzip"))
            body = gzip.compress(b'"' + b"0" * max(0, rule.size - 2) + b'"', compresslevel=9)
        await _reply(send, status, headers, body)


def _connection(scope: Message) -> asyncio.Transport | None:
    connection: asyncio.Transport | None = scope.get("extensions", {}).get(TRANSPORT, {}).get("connection")
    return connection


def _abort(scope: Message) -> None:
    """Reset the connection: the client's next read fails instead of meeting a quiet end."""
    transport = _connection(scope)
    if transport is None:
        raise ConnectionResetError("the emulator closed the connection (injected fault)")
    linger_not = struct.pack("ii", 1, 0)
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger_not)
    transport.abort()


def _close(scope: Message) -> None:
    """Close the connection in the ordinary way, whatever was announced."""
    transport = _connection(scope)
    if transport is None:
        raise ConnectionResetError("the emulator closed the connection (injected fault)")
    transport.close()


async def _hang(receive: Receive) -> None:
    """Stay silent until the client goes away."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _read(receive: Receive) -> Receive:
    """Take in a whole request; returns what gives it out again."""
    messages = [await receive()]
    while messages[-1].get("more_body", False):
        messages.append(await receive())

    async def replayed() -> Message:
        return messages.pop(0) if messages else await receive()

    return replayed


async def _reply(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    length = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers + length})
    await send({"type": "http.response.body", "body": body})


def _without_length(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    return [(name, value) for name, value in headers if name.lower() != b"content-length"]


Answer = tuple[int, list[tuple[bytes, bytes]], bytes]


async def _invalid_json(scope: Message, send: Send, rule: Rule, answer: Answer) -> None:
    status, headers, body = answer
    await _reply(send, status, _without_length(headers), body[: len(body) // 2])


async def _send_half(send: Send, answer: Answer) -> None:
    status, headers, body = answer
    length = [(b"content-length", str(len(body)).encode())]
    await send(
        {"type": "http.response.start", "status": status, "headers": _without_length(headers) + length}
    )
    await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})


async def _truncated(scope: Message, send: Send, rule: Rule, answer: Answer) -> None:
    await _send_half(send, answer)
    _close(scope)


async def _reset_body(scope: Message, send: Send, rule: Rule, answer: Answer) -> None:
    await _send_half(send, answer)
    await asyncio.sleep(0.01)
    _abort(scope)


async def _reset_header(scope: Message, send: Send, rule: Rule, answer: Answer) -> None:
    transport = _connection(scope)
    if transport is not None:
        transport.write(b"HTTP/1.1 200 OK\r\ncontent-type: applic")
        await asyncio.sleep(0.01)
    _abort(scope)


async def _drip(scope: Message, send: Send, rule: Rule, answer: Answer) -> None:
    status, headers, body = answer
    length = [(b"content-length", str(len(body)).encode())]
    await send(
        {"type": "http.response.start", "status": status, "headers": _without_length(headers) + length}
    )
    connection = _connection(scope)
    for start in range(0, len(body), rule.chunk):
        if connection is not None and connection.is_closing():
            return
        await send(
            {"type": "http.response.body", "body": body[start : start + rule.chunk], "more_body": True}
        )
        await asyncio.sleep(rule.seconds)
    await send({"type": "http.response.body", "body": b""})


_SPOILED: Mapping[str, Callable[[Message, Send, Rule, Answer], Any]] = {
    "invalid_json": _invalid_json,
    "truncated": _truncated,
    "reset_header": _reset_header,
    "reset_body": _reset_body,
    "drip": _drip,
}
