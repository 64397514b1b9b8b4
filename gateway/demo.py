"""The demo: an emulator of every vendor and the gateway in front of them, in one process on loopback."""

import asyncio
import contextlib
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import click
import uvicorn

from adapters.contract import Vendor
from adapters.registry import load_all
from emulators.control import build
from emulators.registry import load_all as load_emulators
from emulators.server import server as emulator_server
from gateway import main
from gateway.callers import hash_key
from gateway.cli.client import RemoteClient, read, target
from gateway.cli.servers import PortTaken, address, listen, on_stop, start
from gateway.environment import Secret
from gateway.settings import (
    CallerSettings,
    ConnectionSettings,
    PassthroughSettings,
    ServerSettings,
    Settings,
)
from gateway.settings.values import Right

DEFAULT_PORT: Final = 8080
DEMO_KEY: Final = "demo-key"
DEMO_RIGHTS: Final = (Right.READ, Right.WRITE, Right.RUN, Right.PASSTHROUGH)
HOST: Final = "127.0.0.1"
SEARCH: Final = "triage"
"""What the examples look for: every platform has a workflow that sorts something."""


@dataclass(frozen=True, slots=True)
class DemoVendor:
    """One emulator at work, and the connection to it."""

    vendor: str
    connection: str
    base_url: str
    secret: str


async def run_demo(port: int) -> None:
    """Run until told to stop; says where things are once they answer.

    Raises:
        PortTaken: the gateway's port is in use.
    """
    stop = asyncio.Event()
    on_stop(lambda _: stop.set())
    listening = listen(
        HOST, port, "choose another: `PORT=8090 make demo`, or `workflow-gateway demo --port 8090`"
    )
    async with contextlib.AsyncExitStack() as stack:
        vendors = load_all()
        started = [await _start_emulator(stack, name) for name in load_emulators() if name in vendors]
        settings = demo_settings(port, started, vendors)
        secrets = {emulator.connection: Secret(emulator.secret) for emulator in started}
        await _start(stack, main.server(main.build(settings, vendors, secrets), HOST, port), listening)
        url = address(listening)
        found = await asyncio.to_thread(_examples, url)
        click.echo(welcome(url, started, found))
        await stop.wait()
        click.echo("\nstopping")


def demo_settings(port: int, emulators: Sequence[DemoVendor], vendors: Mapping[str, Vendor]) -> Settings:
    """Return settings for the emulators that run; `config/demo.yaml` is for parts started one by one."""
    connections = {
        emulator.connection: ConnectionSettings(
            vendor=emulator.vendor,
            title=f"{vendors[emulator.vendor].title} (emulated)",
            base_url=emulator.base_url,
            credential="env:DEMO",
            passthrough=PassthroughSettings(enabled=True),
        )
        for emulator in emulators
    }
    return Settings(
        source=Path("demo"),
        server=ServerSettings(port=port, log_level="warning"),
        callers=(CallerSettings(name="demo", key_hashes=(hash_key(DEMO_KEY),), rights=DEMO_RIGHTS),),
        connections=connections,
    )


def welcome(url: str, started: Sequence[DemoVendor], found: Sequence[Mapping[str, Any]]) -> str:
    """Return what a newcomer reads first.

    Args:
        url: the gateway's.
        started: the emulators.
        found: workflows, in short, that the examples can show.
    """
    ask = f"curl -s -H 'X-API-Key: {DEMO_KEY}'"
    pretty = "| python3 -m json.tool"
    lines = [
        f"workflow-gateway is on {url}  (key: {DEMO_KEY})",
        *(f"  {one.connection:<18} -> emulator on {one.base_url}  (key: {one.secret})" for one in started),
        "",
        "Try:",
        "  # the workflows of every vendor, one shape",
        f"  {ask} '{url}/v1/workflows?text={SEARCH}' {pretty}",
    ]
    for one in found[:1]:
        path = target(("v1", "connections", one["connection"], "workflows", one["id"]), None)
        lines += ["  # one of them whole", f"  {ask} '{url}{path}' {pretty}"]
        lines += ["  # its graph as a Mermaid diagram", f"  {ask} '{url}{path}/graph?format=mermaid'"]
    lines += [
        "  # what a vendor can do, and why not",
        f"  {ask} '{url}/v1/vendors/{started[0].vendor}' {pretty}",
        "",
        f"The API's documentation: {url}/docs",
        "Ctrl-C stops everything.",
    ]
    return "\n".join(lines)


def _examples(url: str) -> list[dict[str, Any]]:
    """Ask the gateway as a caller would: what it answers is what the examples show."""
    items: list[dict[str, Any]] = read(
        RemoteClient(url, DEMO_KEY), "v1", "workflows", query={"text": SEARCH}
    )["items"]
    return items


async def _start_emulator(stack: contextlib.AsyncExitStack, name: str) -> DemoVendor:
    emulator = load_emulators()[name]
    try:
        listening = listen(HOST, emulator.default_port, "")
    except PortTaken:
        listening = listen(HOST, 0, "")
    await _start(stack, emulator_server(build(emulator)), listening)
    return DemoVendor(name, f"{name}-demo", address(listening), emulator.default_key)


async def _start(stack: contextlib.AsyncExitStack, server: uvicorn.Server, listening: socket.socket) -> None:
    task = await start(server, listening)

    async def stop() -> None:
        server.should_exit = True
        await task

    stack.push_async_callback(stop)
