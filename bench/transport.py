"""What a call to a vendor costs, by what lies beneath httpx: the comparison behind decision 0011."""

import asyncio
import contextlib
import importlib.util
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, Final

import httpx
import uvloop

from adapters.contract import CredentialPresentation, Vendor
from adapters.errors import VendorMessage
from adapters.pool import Pool
from adapters.transport import Transport
from bench.measuring import Row, Table, milliseconds, text

Get = Callable[[str], Awaitable[bytes]]
Candidate = Callable[[str], contextlib.AbstractAsyncContextManager[Get]]

AT_ONCE: Final = 32
CALLS: Final = 640
ROUNDS: Final = 15
PLAIN: Final = "httpx, one client"
BODY: Final = json.dumps({"nodes": [{"id": f"node-{n}", "text": "x" * 80} for n in range(180)]}).encode()


def measure() -> dict[str, Any]:
    """Return seconds by candidate for one call, of the clock and of the processor; None where one is absent."""
    with _process("serve", 0) as server:
        port = _line(server)
        with _process("compare", 1, port) as client:
            result: dict[str, Any] = json.loads(_line(client))
    return result


def shown(result: dict[str, Any]) -> str:
    """Return the result for a terminal."""
    return text(tables(result))


def tables(result: dict[str, Any]) -> list[Table]:
    """Return the result as one table."""
    plain = result["candidates"][PLAIN]["processor_seconds"]
    rows: list[Row] = [
        (name, "not installed", "", "")
        if one is None
        else (
            name,
            milliseconds(one["seconds"]),
            milliseconds(one["processor_seconds"]),
            f"{plain / one['processor_seconds']:.1f}",
        )
        for name, one in result["candidates"].items()
    ]
    title = f"One call of {AT_ONCE} at once, {result['bytes'] / 1000:.0f} KB"
    columns = ("", "clock", "processor", "calls a second of it, plain httpx is 1")
    return [Table(title, columns, tuple(rows))]


@contextlib.asynccontextmanager
async def plain(_: str) -> AsyncIterator[Get]:
    """Lend httpx as it comes, one client for all."""
    limits = httpx.Limits(max_connections=AT_ONCE, max_keepalive_connections=AT_ONCE)
    async with httpx.AsyncClient(limits=limits, trust_env=False) as client:
        yield _whole(client.get)


@contextlib.asynccontextmanager
async def apart(_: str) -> AsyncIterator[Get]:
    """Lend httpx with a client of one connection for every call at once."""
    async with contextlib.AsyncExitStack() as stack:
        clients = [
            await stack.enter_async_context(httpx.AsyncClient(trust_env=False, verify=False))
            for _ in range(AT_ONCE)
        ]

        async def get(url: str) -> bytes:
            client = clients.pop()
            response = await client.get(url)
            clients.append(client)
            return response.content

        yield get


@contextlib.asynccontextmanager
async def client_over_aiohttp(_: str) -> AsyncIterator[Get]:
    """Lend httpx's client over aiohttp."""
    from httpx_aiohttp import HttpxAiohttpClient  # noqa: PLC0415 - only where it is installed

    async with HttpxAiohttpClient(trust_env=False) as client:
        yield _whole(client.get)


@contextlib.asynccontextmanager
async def transport_over_aiohttp(_: str) -> AsyncIterator[Get]:
    """Lend httpx's transport API over aiohttp."""
    from httpx_aiohttp import AiohttpTransport  # noqa: PLC0415 - only where it is installed

    async with AiohttpTransport(verify=False) as transport:
        yield _direct(transport)


@contextlib.asynccontextmanager
async def lean_over_aiohttp(_: str) -> AsyncIterator[Get]:
    """Lend httpx's requests and answers over aiohttp with as little as possible between them."""
    import aiohttp  # noqa: PLC0415 - only where it is installed
    from yarl import URL  # noqa: PLC0415

    connector = aiohttp.TCPConnector(limit=AT_ONCE)
    async with aiohttp.ClientSession(connector=connector, auto_decompress=False) as session:

        class Lean(httpx.AsyncBaseTransport):
            async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
                target = URL(str(request.url), encoded=True)
                asked = session.request(
                    request.method, target, headers=request.headers, data=await request.aread() or None
                )
                async with asked as response:
                    content = await response.read()
                stream = httpx.ByteStream(content)
                return httpx.Response(response.status, headers=list(response.raw_headers), stream=stream)

        yield _direct(Lean())


@contextlib.asynccontextmanager
async def transport_over_pyqwest(_: str) -> AsyncIterator[Get]:
    """Lend httpx's transport API over pyqwest."""
    from pyqwest import HTTPTransport  # noqa: PLC0415 - only where it is installed
    from pyqwest.httpx import AsyncPyqwestTransport  # noqa: PLC0415

    async with HTTPTransport(enable_otel=False) as native:
        yield _direct(AsyncPyqwestTransport(native))


@contextlib.asynccontextmanager
async def aiohttp_itself(_: str) -> AsyncIterator[Get]:
    """Lend aiohttp without httpx."""
    import aiohttp  # noqa: PLC0415 - only where it is installed

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=AT_ONCE)) as session:

        async def get(url: str) -> bytes:
            async with session.get(url) as response:
                return await response.read()

        yield get


@contextlib.asynccontextmanager
async def pyqwest_itself(_: str) -> AsyncIterator[Get]:
    """Lend pyqwest without httpx."""
    from pyqwest import Client, HTTPTransport  # noqa: PLC0415 - only where it is installed

    async with HTTPTransport(enable_otel=False) as native:
        client = Client(native)

        async def get(url: str) -> bytes:
            return bytes((await client.get(url)).content)

        yield get


@contextlib.asynccontextmanager
async def pool(url: str) -> AsyncIterator[Get]:
    """Lend httpx's transport API over our own pool."""
    async with Pool(httpx.URL(url), 3.0, httpx.create_ssl_context) as beneath:
        yield _direct(beneath)


@contextlib.asynccontextmanager
async def whole(url: str) -> AsyncIterator[Get]:
    """Lend the gateway's whole call: place, deadline, credential, limits, JSON read."""
    async with Transport(_vendor(), url, "secret-of-the-bench") as transport:

        async def get(_: str) -> bytes:
            return (await transport.get("v1", "workflows", "wf_2f7a9c")).body

        yield get


CANDIDATES: Final[dict[str, tuple[str, Candidate]]] = {
    PLAIN: ("httpx", plain),
    "httpx, a client for each call at once": ("httpx", apart),
    "httpx's client over aiohttp": ("httpx_aiohttp", client_over_aiohttp),
    "httpx's transport API over aiohttp": ("httpx_aiohttp", transport_over_aiohttp),
    "httpx's transport API over aiohttp, lean": ("aiohttp", lean_over_aiohttp),
    "httpx's transport API over pyqwest": ("pyqwest", transport_over_pyqwest),
    "aiohttp itself": ("aiohttp", aiohttp_itself),
    "pyqwest itself": ("pyqwest", pyqwest_itself),
    "httpx's transport API over our pool": ("httpx", pool),
    "the gateway's call, JSON read included": ("httpx", whole),
}


async def compare(port: int) -> dict[str, Any]:
    """Let the candidates take turns against the server on that port."""
    url = f"http://127.0.0.1:{port}"
    present = {name: made for name, (needs, made) in CANDIDATES.items() if importlib.util.find_spec(needs)}
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in present}
    async with contextlib.AsyncExitStack() as stack:
        ready = {name: await stack.enter_async_context(made(url)) for name, made in present.items()}
        for _ in range(ROUNDS + 1):
            for name, get in ready.items():
                taken[name].append(await _round(get, url + "/v1/workflows/wf_2f7a9c"))
    found: dict[str, Any] = dict.fromkeys(CANDIDATES)
    for name, rounds in taken.items():
        clock, processor = (statistics.median(column) for column in zip(*rounds[1:], strict=True))
        found[name] = {"seconds": clock, "processor_seconds": processor}
    return {"bytes": len(BODY), "candidates": found}


async def serve() -> None:
    """Answer every request with the same bytes, and say on which port."""
    answer = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
    whole_answer = answer % (len(BODY), BODY)

    class Constant(asyncio.Protocol):
        def connection_made(self, transport: Any) -> None:
            self.transport = transport

        def data_received(self, data: bytes) -> None:
            self.transport.write(whole_answer * data.count(b"\r\n\r\n"))

    server = await asyncio.get_running_loop().create_server(Constant, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


async def _round(get: Get, url: str) -> tuple[float, float]:
    async def some() -> None:
        for _ in range(CALLS // AT_ONCE):
            if len(await get(url)) != len(BODY):
                raise AssertionError("another body than the one sent")

    clock, processor = time.perf_counter(), time.process_time()
    await asyncio.gather(*(some() for _ in range(AT_ONCE)))
    return (time.perf_counter() - clock) / CALLS, (time.process_time() - processor) / CALLS


def _whole(ask: Callable[[str], Awaitable[httpx.Response]]) -> Get:
    async def get(url: str) -> bytes:
        return (await ask(url)).content

    return get


def _direct(transport: httpx.AsyncBaseTransport) -> Get:
    async def get(url: str) -> bytes:
        response = await transport.handle_async_request(httpx.Request("GET", url))
        try:
            return await response.aread()
        finally:
            await response.aclose()

    return get


def _vendor() -> Vendor:
    return Vendor(
        name="bench",
        title="Bench",
        docs_url="",
        base_url=None,
        credential=CredentialPresentation("Authorization", "Bearer "),
        max_page_size=10,
        support={},
        api=None,
        mapping=None,  # type: ignore[arg-type]
        read_error=lambda _: VendorMessage(),
    )


@contextlib.contextmanager
def _process(act: str, core: int, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Run a part of this file on a processor of its own, where there are several."""
    root = str(Path(__file__).resolve().parents[1])
    command = [sys.executable, "-m", "bench.transport", act, str(core), *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) as process:
        try:
            yield process
        finally:
            process.kill()


def _line(process: subprocess.Popen[str]) -> str:
    said = process.stdout.readline() if process.stdout else ""
    if not said:
        raise RuntimeError("a process of the comparison ended early")
    return said.strip()


def main(act: str, core: str, *arguments: str) -> None:
    """Be the server or the client of the comparison."""
    if hasattr(os, "sched_setaffinity") and (os.cpu_count() or 1) > 1:
        os.sched_setaffinity(0, {int(core)})
    if act == "serve":
        uvloop.run(serve())
    else:
        print(json.dumps(uvloop.run(compare(int(arguments[0])))), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
