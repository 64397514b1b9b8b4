"""`demo`."""

import asyncio

import click

from gateway.demo import DEFAULT_PORT, run_demo


@click.command()
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=DEFAULT_PORT,
    envvar="PORT",
    show_default=True,
    help="The gateway's port; 0 takes a free one.  [env: PORT]",
)
def demo(port: int) -> None:
    """Run the gateway in front of an emulator of every vendor, all on this machine."""
    asyncio.run(run_demo(port))
