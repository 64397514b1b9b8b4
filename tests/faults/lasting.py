"""An emulator in a process of its own that can be killed: what it changed is in a file, and made again at its start.

Run as `python -m tests.faults.lasting VENDOR PORT LEDGER`. A line is written before the answer is sent, so what was
acknowledged is in the ledger, and what is not in the ledger was not acknowledged.
"""

import asyncio
import base64
import json
import os
import socket
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from emulators.control import PREFIX, build
from emulators.registry import load
from emulators.server import server

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class Ledger:
    """An ASGI layer that notes every change that succeeded."""

    def __init__(self, inner: Any, path: Path) -> None:
        self._inner = inner
        # Appended by the system call itself: what is written outlives the process, whatever ends it.
        self._file = os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        changes = scope["type"] == "http" and scope["method"] not in ("GET", "HEAD")
        if not changes or scope["path"].startswith(PREFIX):
            await self._inner(scope, receive, send)
            return
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body", False):
                break
        await self._inner(scope, _replayed(body), self._noting(scope, body, send))

    def _noting(self, scope: Message, body: bytes, send: Send) -> Send:
        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] < 300:
                os.write(self._file, _line(scope, body))
            await send(message)

        return noting


def _line(scope: Message, body: bytes) -> bytes:
    headers = [[name.decode("latin-1"), value.decode("latin-1")] for name, value in scope["headers"]]
    told = {
        "method": scope["method"],
        "path": scope["raw_path"].decode("latin-1"),
        "query": scope["query_string"].decode("latin-1"),
        "headers": headers,
        "body": base64.b64encode(body).decode(),
    }
    return json.dumps(told).encode() + b"\n"


def _replayed(body: bytes) -> Receive:
    given = False

    async def receive() -> Message:
        nonlocal given
        if given:
            await asyncio.Event().wait()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


def entries(path: Path) -> list[dict[str, Any]]:
    """Return what a ledger holds; a last line that was cut is no entry."""
    lines = path.read_bytes().split(b"\n")[:-1] if path.exists() else []
    return [json.loads(line) for line in lines]


def bodies(path: Path) -> list[Any]:
    """Return the JSON of every change that was made."""
    return [json.loads(base64.b64decode(entry["body"]) or b"null") for entry in entries(path)]


async def _made_again(application: Any, ledger: Path) -> None:
    """Make every change of the ledger again; ids follow from their order."""

    async def ignore(_: Message) -> None:
        return

    for entry in entries(ledger):
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": entry["method"],
            "scheme": "http",
            "path": entry["path"],
            "raw_path": entry["path"].encode("latin-1"),
            "query_string": entry["query"].encode("latin-1"),
            "root_path": "",
            "headers": [
                (name.encode("latin-1"), value.encode("latin-1")) for name, value in entry["headers"]
            ],
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 1),
        }
        await application(scope, _replayed(base64.b64decode(entry["body"])), ignore)


async def _serve(vendor: str, port: int, ledger: Path) -> None:
    application = build(load(vendor))
    await _made_again(application, ledger)
    listening = socket.create_server(("127.0.0.1", port))
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    running = server(Ledger(application, ledger))
    serving = asyncio.create_task(running.serve(sockets=[listening]))
    while not running.started:  # noqa: ASYNC110 - a flag, no event
        await asyncio.sleep(0.005)
    print("serving", flush=True)  # noqa: T201 - whoever started it waits for this
    await serving


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])))
