"""The command that runs one emulator: `python -m emulators VENDOR`, and `workflow-gateway emulate VENDOR`."""

import asyncio
import contextlib
import signal
import socket

import click

from emulators.contract import Emulator, EmulatorOptions
from emulators.control import PREFIX, build
from emulators.registry import load, names
from emulators.server import server


class CannotListen(click.ClickException):
    """The address is taken, or not one of this machine's."""

    exit_code = 2


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("vendor", type=click.Choice(names()))
@click.option("--host", default="127.0.0.1", show_default=True, help="Listen here.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    help="Listen on this port; 0 takes a free one.  [default: the vendor's own]",
)
@click.option("--key", help="The only key accepted.  [default: the vendor's own]")
@click.option(
    "--variant", "variants", multiple=True, help="Switch on a documented contradiction; may be repeated."
)
@click.option("--empty", is_flag=True, help="Start without the seeded workflows.")
def emulate(
    vendor: str, host: str, port: int | None, key: str | None, *, variants: tuple[str, ...], empty: bool
) -> None:
    """Run a stand-in server that speaks a vendor's own API, until it is interrupted."""
    emulator = load(vendor)
    _check_variants(emulator, variants)
    options = EmulatorOptions(key or emulator.default_key, frozenset(variants), seeded=not empty)
    asyncio.run(_run(emulator, options, _listen(host, emulator.default_port if port is None else port)))


def _check_variants(emulator: Emulator, variants: tuple[str, ...]) -> None:
    unknown = sorted(set(variants) - set(emulator.every_variant))
    if unknown:
        known = "\n".join(f"  {name}: {sentence}" for name, sentence in emulator.every_variant.items())
        message = f"{emulator.title} has no variant {', '.join(unknown)}; there are:\n{known}"
        raise click.BadParameter(message, param_hint="--variant")


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family)
    except OSError as error:
        raise CannotListen(f"cannot listen on {host} port {port}: {error.strerror}") from error
    # asyncio leaves the delay of small writes (Nagle) on for a socket it did not make: 40 ms an answer.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


async def _run(emulator: Emulator, options: EmulatorOptions, listening: socket.socket) -> None:
    """Serve until told to stop; says where once requests are answered."""
    running = server(build(emulator, options))
    # The command ends with 0 when it is told to stop; uvicorn would pass the signal on and die of it.
    running.capture_signals = contextlib.nullcontext  # type: ignore[method-assign, assignment]
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, running.handle_exit, number, None)
    serving = asyncio.create_task(running.serve(sockets=[listening]))
    while not running.started and not serving.done():  # noqa: ASYNC110 - uvicorn has a flag, no event
        await asyncio.sleep(0.01)
    if running.started:
        address = _address(listening)
        click.echo(f"{emulator.title} emulator on {address}  key {options.api_key}")
        click.echo(f"faults and journal under {address}{PREFIX}/")
    await serving


def _address(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"
