"""`serve`, `demo` and `emulate`."""

import asyncio
from pathlib import Path

import click

from emulators.__main__ import run
from emulators.contract import EmulatorOptions
from emulators.registry import load, names
from gateway import main
from gateway.cli.failures import Failure
from gateway.demo import DEFAULT_PORT, PortTaken, run_demo
from gateway.environment import config_path
from gateway.settings import ConfigInvalid


@click.command()
@click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="[default: config/gateway.yaml]",
)
@click.option("--host", help="Listen here instead of where the configuration says.")
@click.option("--port", type=click.IntRange(0, 65535), help="Listen on this port instead.")
def serve(config: Path | None, host: str | None, port: int | None) -> None:
    """Run the gateway."""
    try:
        settings, vendors, secrets = main.prepare(config or config_path(), host=host, port=port)
    except ConfigInvalid as error:
        raise Failure(str(error)) from error
    main.serve(settings, vendors, secrets)


@click.command()
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=DEFAULT_PORT,
    envvar="PORT",
    show_default=True,
    help="The gateway's port.  [env: PORT]",
)
def demo(port: int) -> None:
    """Run the gateway in front of an emulator of every vendor, all on this machine."""
    try:
        asyncio.run(run_demo(port))
    except PortTaken as error:
        raise Failure(str(error)) from error


@click.command()
@click.argument("vendor", type=click.Choice(names()))
@click.option("--host", default="127.0.0.1", show_default=True, help="Listen here.")
@click.option("--port", type=click.IntRange(0, 65535), help="Listen on this port; 0 takes a free one.")
@click.option("--key", help="The only key accepted.")
@click.option("--variant", multiple=True, help="Switch on a documented contradiction; may be repeated.")
@click.option("--empty", is_flag=True, help="Start without the seeded workflows.")
def emulate(
    vendor: str, host: str, port: int | None, key: str | None, *, variant: tuple[str, ...], empty: bool
) -> None:
    """Run a stand-in server that speaks a VENDOR's own API."""
    emulator = load(vendor)
    unknown = sorted(set(variant) - set(emulator.variants))
    if unknown:
        known = ", ".join(emulator.variants) or "none"
        raise click.BadParameter(f"unknown: {', '.join(unknown)}; there are: {known}", param_hint="--variant")
    options = EmulatorOptions(key or emulator.default_key, frozenset(variant), seeded=not empty)
    try:
        asyncio.run(run(emulator, options, host, emulator.default_port if port is None else port))
    except KeyboardInterrupt:
        return
