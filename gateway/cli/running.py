"""`serve`."""

import asyncio
import socket
from pathlib import Path

import click
import structlog
import uvicorn

from gateway import main
from gateway.cli.failures import Failure
from gateway.cli.servers import address, listen, on_stop, start
from gateway.environment import config_path
from gateway.settings import ConfigInvalid


@click.command()
@click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="The configuration.  [env: WORKFLOW_GATEWAY_CONFIG]  [default: config/gateway.yaml]",
)
@click.option("--host", help="Listen here instead of where the configuration says.")
@click.option(
    "--port", type=click.IntRange(0, 65535), help="Listen on this port instead; 0 takes a free one."
)
def serve(config: Path | None, host: str | None, port: int | None) -> None:
    """Run the gateway until it is told to stop (SIGTERM or Ctrl-C)."""
    try:
        settings, vendors, secrets = main.prepare(config or config_path(), host=host, port=port)
    except ConfigInvalid as error:
        raise Failure(str(error)) from error
    own = settings.server
    listening = listen(own.host, own.port, "choose another with --port or server.port")
    running = main.server(main.build(settings, vendors, secrets), own.host, own.port)
    with asyncio.Runner(loop_factory=running.config.get_loop_factory()) as runner:
        runner.run(_run(running, listening))


async def _run(running: uvicorn.Server, listening: socket.socket) -> None:
    log = structlog.get_logger("gateway.server")
    # The second Ctrl-C does not wait for requests under way any more.
    on_stop(lambda number: running.handle_exit(number, None))
    task = await start(running, listening)
    log.info("listening", url=address(listening))
    await task
    log.info("stopped")
