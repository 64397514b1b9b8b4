"""The servers that the gateway is compared with, each in a process of its own.

`raw` answers constant bytes with nothing but ASGI; `forward-httpx` and `forward-transport` hand a vendor's bytes on,
with one plain httpx client and with the gateway's own transport. The server is the gateway's, with the gateway's
settings, unless another one is asked for.
"""

import argparse
from collections.abc import Awaitable, Callable
from typing import Any, Final

import httpx

from adapters.limits import Limits
from adapters.registry import load_all
from adapters.transport import Transport
from gateway.main import server

Forward = Callable[[str], Awaitable[tuple[int, bytes]]]
TYPE: Final = (b"content-type", b"application/json")
PLACES: Final = 128
"""Calls and connections at once: more than there ever are."""


def raw(sizes: list[int]) -> Any:
    """Return an application that answers `/SIZE` with so many constant bytes, `/304` with a 304, all else with none."""
    bodies = {f"/{size}": b"x" * size for size in sizes}
    starts = {path: _start(200, len(body)) for path, body in bodies.items()}
    starts["/304"] = {"type": "http.response.start", "status": 304, "headers": [(b"etag", b'"constant"')]}
    empty = _start(200, 0)

    async def application(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        path = scope["path"]
        await send(starts.get(path, empty))
        await send({"type": "http.response.body", "body": bodies.get(path, b"")})

    return application


def forwarding(forward: Forward, close: Callable[[], Awaitable[None]]) -> Any:
    """Return an application that asks the vendor for the same path and hands on what it says."""

    async def application(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            await close()
            return
        path = scope["path"]
        status, body = (200, b"") if path == "/" else await forward(path)
        await send(_start(status, len(body)))
        await send({"type": "http.response.body", "body": body})

    return application


def by_httpx(upstream: str) -> Any:
    """Return a forwarder on one httpx client that keeps enough connections open."""
    limits = httpx.Limits(max_connections=PLACES, max_keepalive_connections=PLACES)
    client = httpx.AsyncClient(limits=limits, trust_env=False, verify=False)

    async def forward(path: str) -> tuple[int, bytes]:
        response = await client.get(upstream + path)
        return response.status_code, response.content

    return forwarding(forward, client.aclose)


def by_transport(upstream: str, vendor: str) -> Any:
    """Return a forwarder on the gateway's transport; an error of the vendor's is an error of the server."""
    transport = Transport(load_all()[vendor], upstream, "a-key-that-nobody-has", Limits(concurrency=PLACES))

    async def forward(path: str) -> tuple[int, bytes]:
        answer = await transport.get(*path.strip("/").split("/"))
        return answer.status, answer.body

    return forwarding(forward, transport.close)


async def _lifespan(receive: Any, send: Any) -> None:
    for name in ("startup", "shutdown"):
        await receive()
        if name == "startup":
            await send({"type": "lifespan.startup.complete"})
    await send({"type": "lifespan.shutdown.complete"})


def _start(status: int, length: int) -> dict[str, Any]:
    headers = [TYPE, (b"content-length", str(length).encode("ascii"))]
    return {"type": "http.response.start", "status": status, "headers": headers}


def _by_granian(sizes: list[int], port: int) -> None:
    """Serve the constant bytes with granian's embedded server, in one worker on the same event loop library."""
    import uvloop  # noqa: PLC0415
    from granian.constants import Interfaces  # noqa: PLC0415
    from granian.server.embed import Server  # noqa: PLC0415

    embedded = Server(
        raw(sizes), address="127.0.0.1", port=port, interface=Interfaces.ASGI, log_enabled=False
    )
    uvloop.run(embedded.serve())


def main() -> None:
    """Serve one of them until somebody ends the process."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("raw", "forward-httpx", "forward-transport"))
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--sizes", type=int, nargs="*", default=[], help="of raw, in bytes")
    parser.add_argument("--to", default="", help="the vendor's URL, of the forwarders")
    parser.add_argument("--vendor", default="", help="whose transport, of forward-transport")
    parser.add_argument("--server", choices=("uvicorn", "granian"), default="uvicorn")
    given = parser.parse_args()
    if given.server == "granian":
        _by_granian(given.sizes, given.port)
        return
    made = {
        "raw": lambda: raw(given.sizes),
        "forward-httpx": lambda: by_httpx(given.to),
        "forward-transport": lambda: by_transport(given.to, given.vendor),
    }
    server(made[given.what](), "127.0.0.1", given.port).run()


if __name__ == "__main__":
    main()
