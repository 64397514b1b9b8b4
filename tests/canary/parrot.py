"""A vendor that repeats the credential it was shown in every way it can, and secrets of its own besides."""

import asyncio
import gzip
import json
import threading
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape
from typing import Any, Final
from urllib.parse import quote

from tests.canary.planted import Planted

HEADERS: Final = (
    "set-cookie",
    "authorization",
    "x-api-key",
    "www-authenticate",
    "x-secret",
    "link",
    "server",
    "via",
    "x-debug-token",
)
"""What no answer passes on."""

REPEATING: Final = (
    "x-request-id",
    "etag",
    "retry-after",
    "ratelimit-policy",
    "content-disposition",
    "warning",
    "x-ratelimit-limit-tokens",
)
"""What some answers pass on, as long as our credential is not in it."""

Build = Callable[["Parrot", str], bytes]


@dataclass
class Parrot:
    """The server; `way` says how it answers."""

    planted: Planted
    way: str = "refuses"
    url: str = ""
    calls: int = 0
    own: Mapping[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.own = {
            "message": self.planted("vendor's message"),
            "trace": self.planted("vendor's stack trace", 'File "/srv/app.py", line 7, in load {}'),
            "sql": self.planted("vendor's SQL", "SELECT * FROM tenants WHERE token = '{}'"),
        }

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            headers = {
                name.lower(): value
                for name, _, value in (line.partition(": ") for line in head.split("\r\n")[1:])
            }
            await reader.read(int(headers.get("content-length", "0")) and 65_536)
            self.calls += 1
            shown = next((value for name, value in headers.items() if name.endswith("api-key")), "nothing")
            for piece in self._pieces(WAYS[self.way](self, shown)):
                writer.write(piece)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # whoever asked has left
        finally:
            writer.close()

    def _pieces(self, answer: bytes) -> list[bytes]:
        if self.way != "in pieces":
            return [answer]
        return [answer[place : place + 7] for place in range(0, len(answer), 7)]

    def head(self, status: int, shown: str, *more: str, length: int | None = None) -> bytes:
        """Return a head: with headers that nobody passes on, and others in which the credential is repeated."""
        lines = [f"HTTP/1.1 {status} Said {shown}", "connection: close"]
        lines += [f"{name}: {self.planted(f'vendor header {name}')}; path=/" for name in HEADERS]
        lines += [f'{name}: "{shown}"' for name in REPEATING]
        lines += [
            f"x-seen: {b64encode(shown.encode()).decode()}",
            f"x-rate-limit-seen: {quote(shown, safe='')}",
        ]
        lines += more if length is None else [*more, f"content-length: {length}"]
        return "\r\n".join((*lines, "", "")).encode("latin-1")

    def whole(self, status: int, shown: str, body: bytes, *more: str) -> bytes:
        return self.head(status, shown, *more, length=len(body)) + body


def repeated(shown: str) -> str:
    """Return a text that holds a credential in every form."""
    basic = b64encode(f"user:{shown}".encode()).decode()
    forms = (
        shown,
        shown.upper(),
        quote(shown, safe=""),
        f"Basic {basic}",
        shown.encode().hex(),
        escape(shown),
    )
    return "you sent " + ", ".join(forms)


def error_body(parrot: Parrot, shown: str, form: str) -> bytes:
    """Return an error as the vendors write theirs, with what none of them documents beside it."""
    text = repeated(shown)
    fault = {"loc": ["body", shown], "msg": text, "type": shown, "field": shown, "message": text}
    said = f"{text} {parrot.own['message']}"
    body: dict[str, Any] = {
        "code": shown,
        "request_id": shown,
        "success": False,
        "trace": parrot.own["trace"],
        "debug": {"sql": parrot.own["sql"], "headers": {"authorization": shown}},
    }
    if form == "envelope":
        body["error"] = {"code": shown, "message": said, "trace_id": shown, "details": {"errors": [fault]}}
    elif form == "faults":
        body["detail"] = [fault]
    else:
        body |= {"detail": said, "message": said, "error": said}
    return json.dumps(body).encode()


def _error(status: int, form: str = "texts") -> Build:
    kind = "content-type: application/json"
    return lambda parrot, shown: parrot.whole(status, shown, error_body(parrot, shown, form), kind)


def _html(status: int) -> Build:
    def answer(parrot: Parrot, shown: str) -> bytes:
        page = f"<html><body>{parrot.own['trace']} {parrot.own['sql']} {repeated(shown)}</body></html>"
        return parrot.whole(status, shown, page.encode(), "content-type: text/html")

    return answer


def _squeezed(parrot: Parrot, shown: str) -> bytes:
    body = gzip.compress(error_body(parrot, shown, "texts"))
    return parrot.whole(401, shown, body, "content-encoding: gzip", "content-type: application/json")


def _redirect(parrot: Parrot, shown: str) -> bytes:
    elsewhere = f"location: http://elsewhere.example/{shown}/{parrot.planted('vendor header location')}"
    return parrot.whole(302, shown, b"", elsewhere)


def _home(parrot: Parrot, shown: str) -> bytes:
    """Return a redirect that stays at the vendor, with the credential in its query."""
    return parrot.whole(307, shown, b"", f"location: {parrot.url}/login?key={quote(shown, safe='')}")


def _half(parrot: Parrot, shown: str) -> bytes:
    body = error_body(parrot, shown, "texts")
    return parrot.head(200, shown, "content-type: application/json", length=len(body)) + body[:-9]


def _no_json(parrot: Parrot, shown: str) -> bytes:
    body = f'{{"{shown}": {parrot.own["sql"]}}}'.encode()
    return parrot.whole(200, shown, body, "content-type: application/json")


def _no_http(parrot: Parrot, shown: str) -> bytes:
    return f"HTTQ/9 {shown} {parrot.own['trace']}\r\n\r\n".encode()


def _headless(parrot: Parrot, shown: str) -> bytes:
    return f"HTTP/1.1 200 {shown}\r\nx-secret: {shown}".encode()


WAYS: Final[Mapping[str, Build]] = {
    "finds fault": _error(400, "faults"),
    "refuses": _error(401),
    "refuses in an envelope": _error(401, "envelope"),
    "in pieces": _error(401),
    "forbids": _error(403, "envelope"),
    "has no such thing": _error(404),
    "is in conflict": _error(409),
    "finds fault with fields": _error(422, "faults"),
    "finds fault in an envelope": _error(422, "envelope"),
    "has had enough": _error(429),
    "fails": _error(500),
    "rests": _error(503, "envelope"),
    "shows a page": _html(502),
    "shows a page as if all were well": _html(200),
    "fails as if all were well": _error(200),
    "compresses": _squeezed,
    "sends elsewhere": _redirect,
    "sends home": _home,
    "breaks off": _half,
    "is no JSON": _no_json,
    "is no HTTP": _no_http,
    "breaks off early": _headless,
}


@contextmanager
def perched(planted: Planted) -> Iterator[Parrot]:
    """Serve one in a thread of its own."""
    parrot = Parrot(planted)
    ready, over = threading.Event(), threading.Event()

    async def live() -> None:
        server = await asyncio.start_server(parrot.serve, "127.0.0.1", 0)
        parrot.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        ready.set()
        await asyncio.to_thread(over.wait)
        server.close()

    thread = threading.Thread(target=lambda: asyncio.run(live()), name="parrot", daemon=True)
    thread.start()
    try:
        assert ready.wait(30)
        yield parrot
    finally:
        over.set()
        thread.join(20)
