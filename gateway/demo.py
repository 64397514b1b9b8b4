"""The demo: an emulator of every vendor and the gateway in front of them, in one process on loopback."""

import asyncio
import contextlib
import signal
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import click
import uvicorn

from adapters.contract import Vendor
from adapters.registry import load_all
from emulators.control import build
from emulators.registry import load_all as load_emulators
from emulators.server import server as emulator_server
from gateway import main
from gateway.callers import hash_key
from gateway.environment import Secret
from gateway.settings import CallerSettings, ConnectionSettings, ServerSettings, Settings

DEFAULT_PORT: Final = 8080
DEMO_KEY: Final = "demo-key"
HOST: Final = "127.0.0.1"


class PortTaken(Exception):
    """Something else listens where the demo wants to."""


@dataclass(frozen=True, slots=True)
class DemoVendor:
    """One emulator at work, and the connection to it."""

    connection: str
    base_url: str
    secret: str
    running: uvicorn.Server


async def run_demo(port: int) -> None:
    """Run until interrupted; prints where things are once they answer.

    Raises:
        PortTaken: the gateway's port is in use.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    gateway_socket = _listen(port)
    async with contextlib.AsyncExitStack() as stack:
        vendors = load_all()
        started = [await _start_emulator(stack, name) for name in load_emulators() if name in vendors]
        settings = demo_settings(port, {emulator.connection: emulator for emulator in started}, vendors)
        secrets = {emulator.connection: Secret(emulator.secret) for emulator in started}
        gateway = main.server(main.build(settings, vendors, secrets), HOST, port)
        await _start(stack, gateway, gateway_socket)
        taken = gateway_socket.getsockname()[1]
        click.echo(welcome(f"http://{HOST}:{taken}", started))
        await stop.wait()
        click.echo("\nstopping")


def demo_settings(port: int, emulators: Mapping[str, DemoVendor], vendors: Mapping[str, Vendor]) -> Settings:
    """Return the settings that `config/demo.yaml` would give, with the ports that were free."""
    connections = {
        name: ConnectionSettings(
            vendor=name.removesuffix("-demo"),
            title=f"{vendors[name.removesuffix('-demo')].title} (emulated)",
            base_url=emulator.base_url,
            credential="env:DEMO",
        )
        for name, emulator in emulators.items()
    }
    return Settings(
        source=Path("demo"),
        server=ServerSettings(port=port, log_level="warning"),
        callers=(CallerSettings(name="demo", key_hashes=(hash_key(DEMO_KEY),)),),
        connections=connections,
    )


def welcome(url: str, started: list[DemoVendor]) -> str:
    """Return what a newcomer reads first."""
    ask = f"curl -s -H 'X-API-Key: {DEMO_KEY}'"
    pretty = "| python3 -m json.tool | head -60"
    lines = [
        f"workflow-gateway is on {url}  (key: {DEMO_KEY})",
        *(f"  {one.connection:<18} -> emulator on {one.base_url}  (key: {one.secret})" for one in started),
        "",
        "Try:",
        "  # every workflow of every vendor, one shape",
        f"  {ask} '{url}/v1/workflows?limit=6' {pretty}",
        "  # what each vendor can do, and why not",
        f"  {ask} {url}/v1/vendors {pretty}",
    ]
    lines += [
        "",
        f"The API's documentation: {url}/docs",
        "Ctrl-C stops everything.",
    ]
    return "\n".join(lines)


async def _start_emulator(stack: contextlib.AsyncExitStack, name: str) -> DemoVendor:
    emulator = load_emulators()[name]
    try:
        listening = _listen(emulator.default_port)
    except PortTaken:
        listening = _listen(0)
    running = emulator_server(build(emulator))
    await _start(stack, running, listening)
    base_url = f"http://{HOST}:{listening.getsockname()[1]}"
    return DemoVendor(f"{name}-demo", base_url, emulator.default_key, running)


async def _start(stack: contextlib.AsyncExitStack, server: uvicorn.Server, listening: socket.socket) -> None:
    # The demo stops all its servers itself; each of them catching Ctrl-C would leave the others behind.
    server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign, assignment]
    task = asyncio.create_task(server.serve(sockets=[listening]))

    async def stop() -> None:
        server.should_exit = True
        await task

    stack.push_async_callback(stop)
    while not server.started and not task.done():  # noqa: ASYNC110 - uvicorn has a flag, no event
        await asyncio.sleep(0.005)


def _listen(port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((HOST, port))
    except OSError as error:
        listening.close()
        raise PortTaken(f"port {port} on {HOST} is taken; choose another: PORT=8090 make demo") from error
    return listening
