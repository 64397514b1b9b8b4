"""Serves captures over a real socket, as the servers did: by path and query, and only to who has the key."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

from gateway import main
from gateway.edge.asgi import Application
from tests.described.captures import KEY, Capture, captures, described

HOST = "127.0.0.1"
KEPT_HEADERS = ("content-type", "etag", "last-modified")


def replay(vendor: str) -> Application:
    """Return an application that answers with the vendor's captures."""
    known = captures(vendor)
    presented = described()[vendor].credential
    refusals = [each for each in known if each.status in (401, 403) and "forbidden" not in each.name]

    async def application(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await receive()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
            return
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        key = headers.get(presented.header.lower())
        if key != presented.prefix + KEY:
            found = refusals[0 if key is None else 1]
        else:
            found = answer(known, scope["raw_path"].decode(), dict(parse_qsl(scope["query_string"].decode())))
        if found.status == 200 and headers.get("if-none-match") == found.headers.get("etag", ""):
            found = replace(found, status=304, body="")
        kept = [
            (name.encode(), found.headers[name].encode()) for name in KEPT_HEADERS if name in found.headers
        ]
        await send({"type": "http.response.start", "status": found.status, "headers": kept})
        await send({"type": "http.response.body", "body": found.content})

    return application


def answer(known: tuple[Capture, ...], path: str, query: dict[str, str]) -> Capture:
    """Return the capture of this path whose query is the most like the one asked; else the one of what is not there."""
    fitting = [
        each
        for each in known
        if each.path == path and each.status not in (401, 403) and each.query.items() <= query.items()
    ]
    absent = [each for each in known if each.status == 404]
    return max(fitting, key=lambda each: len(each.query)) if fitting else absent[-1]


@contextlib.contextmanager
def serving(application: Application) -> Iterator[str]:
    """Serve an application in a thread of its own; gives its address."""
    listening = socket.socket()
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    listening.bind((HOST, 0))
    server = main.server(application, HOST, 0)
    server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign, assignment]
    started = threading.Event()
    failures: list[BaseException] = []

    async def live() -> None:
        task = asyncio.create_task(server.serve(sockets=[listening]))
        while not server.started and not task.done():  # noqa: ASYNC110 - a flag, no event
            await asyncio.sleep(0.005)
        started.set()
        await task

    def run() -> None:
        try:
            asyncio.run(live())
        except BaseException as error:  # noqa: BLE001 - handed to the test
            failures.append(error)
        finally:
            started.set()

    thread = threading.Thread(target=run, name="replay", daemon=True)
    thread.start()
    started.wait(30)
    try:
        assert not failures, failures
        yield f"http://{HOST}:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(20)
    assert not failures, failures
